"""A proxy between workers and a master that does to their conversations what networks do."""

import random
import selectors
import socket
import threading
import time


class Proxy:
    """Listens at a free port of 127.0.0.1 and hands on to another. Its mode may be changed at any time.

    mode: pass; blackhole (nothing passes, nobody is told); refuse (connections are reset); deaf (answers don't pass);
    mute (requests don't pass). delay: seconds that each piece waits. rate: bytes a second of the line, of all connections
    together; the delay is then that of whatever follows a silence. cut_after: bytes of an answer after which the
    connection is reset. drop_answers: so many answers are thrown away, and their connections closed. reset_chance: of
    each piece.
    """

    def __init__(self, target_port, seed=0):
        self.target_port = target_port
        self.mode, self.delay, self.cut_after, self.drop_answers, self.reset_chance = "pass", 0.0, None, 0, 0.0
        self.rate, self.free_at, self.line = None, 0.0, threading.Lock()
        self.dropped = self.resets = 0
        self.random = random.Random(seed)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.is_open = True
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.is_open = False
        self.listener.close()

    def _accept(self):
        while self.is_open:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client):
        if self.mode == "refuse":
            return reset(client)
        while self.mode == "blackhole" and self.is_open:
            time.sleep(0.05)
        try:
            server = socket.create_connection(("127.0.0.1", self.target_port))
        except OSError:
            return reset(client)
        carried = 0
        with selectors.DefaultSelector() as selector:
            selector.register(client, selectors.EVENT_READ, server)
            selector.register(server, selectors.EVENT_READ, client)
            while self.is_open:
                for key, _ in selector.select(0.05):
                    is_answer = key.fileobj is server
                    if self._holds(is_answer):
                        time.sleep(0.02)
                        continue
                    try:
                        data = key.fileobj.recv(4096 if self.rate else 65536)
                    except OSError:
                        data = b""
                    carried += len(data) if is_answer else 0
                    if not data or not self._hand_on(data, key.data, is_answer, carried):
                        return end(client, server)
                if self.mode == "refuse":
                    return end(client, server)
        end(client, server)

    def _holds(self, is_answer):
        """Whether bytes in that direction stay where they are."""
        return self.mode == "blackhole" or self.mode == ("deaf" if is_answer else "mute")

    def _hand_on(self, data, to, is_answer, carried):
        """False when the connection is to be cut."""
        if is_answer and self.drop_answers > 0:
            self.drop_answers -= 1
            self.dropped += 1
            return False
        if self.random.random() < self.reset_chance:
            self.resets += 1
            return False
        if self.delay and (not self.rate or len(data) < 4096):
            time.sleep(self.delay)
        self._take_turn(len(data))
        if is_answer and self.cut_after is not None and carried > self.cut_after:
            self.resets += 1
            return False
        try:
            to.sendall(data)
        except OSError:
            return False
        return True


    def _take_turn(self, byte_count):
        """Waits until the line has carried so many bytes more."""
        if not self.rate:
            return
        with self.line:
            self.free_at = max(self.free_at, time.monotonic()) + byte_count / self.rate
            wait = self.free_at - time.monotonic()
        time.sleep(max(0, wait))


def reset(connection):
    """Closes it without a goodbye."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    connection.close()


def end(*connections):
    for connection in connections:
        try:
            reset(connection)
        except OSError:
            pass  # It is closed already.
