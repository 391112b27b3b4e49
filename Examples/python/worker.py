#!/usr/bin/env python3
"""A word count worker with nothing but the standard library: python3 worker.py http://mr:TOKEN@127.0.0.1:8000"""
import collections, sys, time, xmlrpc.client

master = xmlrpc.client.ServerProxy(sys.argv[1])
name = master.register_worker("python-worker")
try:
    while True:
        task, text = master.request_task(name)
        if task is None:
            time.sleep(0.1)
        else:
            master.complete_task(task, name, dict(collections.Counter(text.split())))
except ConnectionError:
    print("the master is gone: the job is over")
