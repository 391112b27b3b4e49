"""Thousands of idle workers in one process: each holds a connection of its own and polls as an mr-worker would.

Their documents are made and read as text, not by xmlrpc.client: ten thousand of them would keep this process too busy to
tell anything of the master's speed.
"""

import asyncio
import random
import re
import resource
import time

BACKOFF_BASE, BACKOFF_CAP = 0.05, 5.0
"""Seconds: the limits of an mr-worker's waits between two tries, full jitter below them."""
ANSWER_MAX = 10.0
"""Seconds that an mr-worker waits for an answer beyond what it said that it may be held back."""

CALL = "<?xml version='1.0'?><methodCall><methodName>{}</methodName><params><param><value><struct>{}</struct></value></param></params></methodCall>"
NOTHING = "<array><data></data></array>"


def members(**values):
    return "".join(f"<member><name>{name}</name><value>{value}</value></member>" for name, value in values.items())


def register_call(name):
    return CALL.format("worker.register", members(
        version="<int>7</int>", name=f"<string>{name}</string>", slots="<int>1</int>",
        applications="<array><data><value><string>streaming</string></value></data></array>", host="<string></string>",
        scratch="<base64>L25vd2hlcmU=</base64>", address="<string>127.0.0.1:1</string>"))


def poll_call(worker, instance, sequence, wait):
    return CALL.format("worker.poll", members(
        worker=f"<int>{worker}</int>", instance=f"<string>{instance}</string>", sequence=f"<int>{sequence}</int>",
        reports=NOTHING, running=NOTHING, capacity="<int>0</int>", wait_seconds=f"<double>{wait}</double>"))


def member(answer, name):
    """The text of one member of an answered struct."""
    found = re.search(rf"<name>{name}</name><value><\w+>([^<]*)<".encode(), answer)
    return found.group(1).decode() if found else None


def descriptors_missing(count):
    """Raises the limit of this process to what it may have; answers why the crowd can't be so large, or None."""
    needed = count + 500
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < needed:
        return f"{hard} descriptors are allowed, and {needed} are needed"
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return None


class Unknown(Exception):
    """The master wants the worker to register again."""


class Session:
    """What a member knows of its master."""

    def __init__(self, worker, instance, wait):
        self.worker, self.instance, self.wait, self.sequence = worker, instance, wait, 0


class Crowd:
    """Runs until every member was told to stop."""

    def __init__(self, port, token, count):
        self.port, self.count = port, count
        self.head = (
            f"POST /RPC2 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
            "Content-Type: text/xml\r\nContent-Length: ")
        self.start = 0
        """The number of the master's start, which the caller counts."""
        self.start_of = {}
        """By member: the start in which its last poll was answered."""
        self.stopped = self.refusals = self.tries = 0
        self.is_over = False
        """Whether the master has taken its token file along, from which mr-workers learn it that were not told."""
        self.silences = []
        """What was not answered in time."""

    def back(self):
        """How many have been answered since the newest start of the master."""
        return sum(start == self.start for start in self.start_of.values())

    async def run(self):
        await asyncio.gather(*(self._member(number) for number in range(self.count)))

    async def until_back(self, seconds):
        """Waits until all have been answered by the newest master; answers how long that took."""
        begin = time.monotonic()
        while self.back() < self.count and time.monotonic() - begin < seconds:
            await asyncio.sleep(0.2)
        return time.monotonic() - begin

    async def _member(self, number):
        limit, session = BACKOFF_BASE, None
        while True:
            self.tries += 1
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                try:
                    # A master that was started again knows its workers.
                    session = session or await self._registered(reader, writer, number)
                    await self._poll(reader, writer, number, session)
                    self.stopped += 1
                    return
                finally:
                    writer.close()
            except Unknown:
                session = None
            except (OSError, asyncio.IncompleteReadError, EOFError, TimeoutError):
                if self.is_over:
                    return
                if self.start_of.get(number) == self.start:
                    limit = BACKOFF_BASE
                await asyncio.sleep(random.uniform(0.1, 1) * limit)
                limit = min(limit * 2, BACKOFF_CAP)

    async def _registered(self, reader, writer, number):
        answer = await self._call(reader, writer, register_call(f"idle-{number}"), 0)
        return Session(member(answer, "worker"), member(answer, "instance"), float(member(answer, "heartbeat_seconds")))

    async def _poll(self, reader, writer, number, session):
        """Returns when the master says so."""
        while True:
            session.sequence += 1
            wait = session.wait if self.start_of.get(number) == self.start else 0
            body = poll_call(session.worker, session.instance, session.sequence, wait)
            answer = await self._call(reader, writer, body, wait)
            self.start_of[number] = self.start
            if member(answer, "stop") is not None:
                return

    async def _call(self, reader, writer, body, held_back):
        writer.write(f"{self.head}{len(body)}\r\n\r\n{body}".encode())
        try:
            async with asyncio.timeout(ANSWER_MAX + held_back):
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
                answer = await reader.readexactly(length)
        except TimeoutError:
            self.silences.append(writer.get_extra_info("sockname"))
            raise
        if b" 200 " in head[:16] and b"<fault>" not in answer:
            return answer
        self.refusals += 1
        raise Unknown if b"<int>100</int>" in answer else EOFError
