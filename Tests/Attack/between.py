"""Ways between a worker and whom it takes for its master: one that writes down what passes, others that are no master."""

import socket
import ssl
import threading


class Listener:
    """Serves each connection at a free port of 127.0.0.1 on a thread of its own."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        connection.settimeout(20)
        with connection:
            try:
                self.serve(connection)
            except OSError:
                pass  # The other side has gone, and what it sent is kept.

    def close(self):
        self._listener.close()


class Recorder(Listener):
    """Hands connections on, and keeps what passes: `sent` and `received` of each, in the order in which they came."""

    def __init__(self, target_port):
        self.target_port = int(target_port)
        self.conversations = []
        super().__init__()

    def serve(self, client):
        sent, received = bytearray(), bytearray()
        self.conversations.append((sent, received))
        with socket.create_connection(("127.0.0.1", self.target_port), timeout=60) as server:
            back = threading.Thread(target=self._hand_on, args=(server, client, received), daemon=True)
            back.start()
            self._hand_on(client, server, sent)
            back.join(60)

    def _hand_on(self, source, goal, record):
        try:
            while piece := source.recv(65_536):
                record += piece
                goal.sendall(piece)
            goal.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # One of both has gone: the other is told by the end of this connection.

    @property
    def record(self):
        """All that passed, both ways."""
        return b"".join(bytes(part) for conversation in self.conversations for part in conversation)


class PlainServer(Listener):
    """Answers whatever comes in plain HTTP. `received` is what came."""

    def __init__(self, answer):
        self.answer = answer
        self.received = bytearray()
        super().__init__()

    def serve(self, connection):
        self.received += connection.recv(65_536)
        connection.sendall(self.answer)
        connection.shutdown(socket.SHUT_WR)
        while piece := connection.recv(65_536):
            self.received += piece


class MiddleMan(Listener):
    """Speaks TLS with a key of its own. `received` is what came in confidence, `count` how many came."""

    def __init__(self, certificate, key):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.received = bytearray()
        self.count = 0
        super().__init__()

    def serve(self, connection):
        self.count += 1
        with self.context.wrap_socket(connection, server_side=True) as confidant:
            confidant.settimeout(20)
            while piece := confidant.recv(65_536):
                self.received += piece
