"""A data port that answers what it likes."""

import http.server
import ssl
import threading

ANSWERS = ("empty", "short", "garbage", "endless", "cut", "redirect", "error", "damaged", "huge length", "no HTTP")


class EvilData:
    """Serves each request with that kind of answer. `seen` has the paths and headers that came.

    identity: certificate and key, as files, where it speaks TLS.
    """

    def __init__(self, kind, identity=None):
        self.seen = []
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                owner.seen.append((self.path, dict(self.headers)))
                self.close_connection = True
                try:
                    getattr(self, kind.replace(" ", "_"))()
                except OSError:
                    pass  # The reader has had enough.

            def head(self, status, *headers):
                lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
                self.wfile.write(f"HTTP/1.1 {status} X\r\nConnection: close\r\n{lines}\r\n".encode())

            def empty(self):
                self.head(200, ("Content-Length", 0))

            def short(self):
                self.head(200, ("Content-Length", 5))
                self.wfile.write(b"short")

            def garbage(self):
                self.head(200, ("Content-Length", 65_536))
                self.wfile.write(bytes(range(256)) * 256)

            def endless(self):
                self.head(200, ("Transfer-Encoding", "chunked"))
                while True:
                    self.wfile.write(b"10000\r\n" + b"\0" * 65_536 + b"\r\n")

            def cut(self):
                self.head(200, ("Content-Length", 1_000))
                self.wfile.write(b"x" * 10)

            def redirect(self):
                self.head(302, ("Location", "file:///etc/passwd"), ("Content-Length", 0))

            def error(self):
                self.head(500, ("Content-Length", 6))
                self.wfile.write(b"\x1b[2Jno")

            def damaged(self):
                self.head(410, ("Content-Length", 0))

            def huge_length(self):
                self.head(200, ("Content-Length", 1 << 62))
                self.wfile.write(b"x" * 100_000)

            def no_HTTP(self):
                self.wfile.write(b"\x16\x03\x01\x02\x00" * 100)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        # Whoever sees that it is the wrong server goes, and that is no error here.
        self._server.handle_error = lambda *_: None
        if identity:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*identity)
            # Whoever goes away in the middle of a handshake does so in its own thread.
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def end(self):
        self._server.shutdown()
        self._server.server_close()
