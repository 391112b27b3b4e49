#!/usr/bin/env python3
"""Counts words for whoever serves register_worker, request_task and complete_task at port 8000, such as

    mr-master --no-auth input/*.txt
"""
import collections
import sys
import time
import xmlrpc.client


class Worker:
    def __init__(self, name, url="http://localhost:8000"):
        self.name = name
        self.server = xmlrpc.client.ServerProxy(url)

    def run(self):
        self.server.register_worker(self.name)
        while True:
            task_id, text = self.server.request_task(self.name)
            if task_id is None:  # nothing now
                time.sleep(0.2)
                continue
            counts = collections.Counter(text.split())
            self.server.complete_task(task_id, self.name, dict(counts))


if __name__ == "__main__":
    try:
        Worker("simple-worker", *sys.argv[1:]).run()
    except ConnectionError:
        print("the server is gone")
