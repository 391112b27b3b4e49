"""Thousands of idle workers in one process: each holds a connection of its own and polls as an mr-worker would."""

import asyncio
import base64
import random
import resource
import time
import xmlrpc.client

BACKOFF_BASE, BACKOFF_CAP = 0.05, 5.0
"""Seconds: the limits of an mr-worker's waits between two tries, full jitter below them."""


def descriptors_missing(count):
    """Raises the limit of this process to what it may have; answers why the crowd can't be so large, or None."""
    needed = count + 500
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < needed:
        return f"{hard} descriptors are allowed, and {needed} are needed"
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return None


class Crowd:
    """Runs until every member was told to stop."""

    def __init__(self, cluster, count):
        self.cluster, self.count = cluster, count
        self.token = None
        self.start = 0
        """The number of the master's start, which the caller counts."""
        self.start_of = {}
        """By member: the start in which its last poll was answered."""
        self.stopped = 0
        self.refused = []
        self.polls = 0

    def back(self):
        """How many have been answered since the newest start of the master."""
        return sum(start == self.start for start in self.start_of.values())

    async def run(self):
        await asyncio.gather(*(self._member(number) for number in range(self.count)))

    async def until_back(self, seconds):
        """Waits until all have been answered by the newest master; answers how long that took."""
        begin = time.monotonic()
        while self.back() < self.count and time.monotonic() - begin < seconds:
            await asyncio.sleep(0.05)
        return time.monotonic() - begin

    async def _member(self, number):
        limit = BACKOFF_BASE
        while True:
            try:
                if await self._session(number):
                    self.stopped += 1
                    return
                limit = BACKOFF_BASE
            except (OSError, asyncio.IncompleteReadError, EOFError):
                await asyncio.sleep(random.uniform(0.1, 1) * limit)
                limit = min(limit * 2, BACKOFF_CAP)

    async def _session(self, number):
        """One connection's life. Answers whether the master has told this member to stop."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.cluster.port)
        try:
            answer = await self._call(reader, writer, "worker.register", {
                "version": 2, "name": f"idle-{number}", "slots": 1, "applications": ["wordcount"], "host": "",
                "scratch": xmlrpc.client.Binary(b"/nowhere"), "address": "127.0.0.1:1"})
            sequence, wait = 0, answer["heartbeat_seconds"]
            while True:
                sequence += 1
                poll = await self._call(reader, writer, "worker.poll", {
                    "worker": answer["worker"], "instance": answer["instance"], "sequence": sequence, "reports": [],
                    "running": [], "capacity": 0, "wait_seconds": 0.0 if sequence == 1 else wait})
                self.polls += 1
                self.start_of[number] = self.start
                if poll.get("stop"):
                    return True
        finally:
            writer.close()

    async def _call(self, reader, writer, method, parameters):
        body = xmlrpc.client.dumps((parameters,), method).encode()
        credential = base64.b64encode(f"mr:{self.token}".encode()).decode()
        writer.write((
            f"POST /RPC2 HTTP/1.1\r\nHost: 127.0.0.1:{self.cluster.port}\r\nAuthorization: Basic {credential}\r\n"
            f"Content-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n").encode() + body)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        answer = await reader.readexactly(length)
        if b" 200 " not in head.split(b"\r\n", 1)[0]:
            self.refused.append(head.split(b"\r\n", 1)[0].decode())
            raise EOFError
        try:
            return xmlrpc.client.loads(answer)[0][0]
        except xmlrpc.client.Fault as fault:
            self.refused.append(fault.faultString)
            raise EOFError from fault
