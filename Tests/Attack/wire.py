"""Requests as bytes, as nobody's HTTP library would send them."""

import re
import select
import socket
import ssl
import time


class Door(int):
    """A port of 127.0.0.1, and how to speak there: with TLS where it has a context."""

    def __new__(cls, port, context=None):
        door = super().__new__(cls, port)
        door.context = context
        return door

    def url(self, token):
        """For Python's XML-RPC, which takes the context beside it."""
        return f"{'https' if self.context else 'http'}://mr:{token}@127.0.0.1:{int(self)}"


def careless():
    """TLS that looks at nobody's certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def connect(door, seconds=20.0):
    """A connection that is ready for requests."""
    connection = socket.create_connection(("127.0.0.1", int(door)), timeout=seconds)
    context = getattr(door, "context", None)
    if not context:
        return connection
    # Else the request waits until the end of the handshake has been acknowledged, which takes 40 ms.
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        return context.wrap_socket(connection, server_hostname="127.0.0.1")
    except BaseException:
        connection.close()
        raise


def exchange(door, data, seconds=20.0, rest=None, stubborn=True):
    """Sends bytes, and what `rest` yields after them, for as long as the other side takes them; answers what it sent back.

    stubborn: whether it goes on when the other side has answered.
    """
    received = b""
    with connect(door, seconds) as connection:
        try:
            connection.sendall(data)
            for piece in rest or ():
                if not stubborn and select.select([connection], [], [], 0)[0]:
                    break
                connection.sendall(piece)
        except OSError:
            pass  # It has refused, and reads no more: what it said is there to be read.
        end = time.monotonic() + seconds
        try:
            while time.monotonic() < end and (piece := connection.recv(65_536)):
                received += piece
                if is_whole(received):
                    break
        except OSError:
            pass  # A reset after the answer, or none in time: what came is the answer.
    return received


def is_whole(answer):
    """Whether a whole answer with a Content-Length has come."""
    head, found, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return bool(found and length and len(body) >= int(length.group(1)))


def status(answer):
    """The status of an answer; 0 where there was none, which is a closed connection."""
    match = re.match(rb"HTTP/1\.1 (\d{3}) ", answer)
    return int(match.group(1)) if match else 0


def request(method, target, token, body=b"", *headers):
    """A request; target and header lines may be any bytes."""
    lines = [b"%s %s HTTP/1.1" % (method, target), b"Host: localhost", *headers]
    if token:
        lines.append(b"Authorization: Bearer " + token.encode())
    if body or method in (b"POST", b"PUT"):
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def post(token, document, *headers):
    """A document for the methods."""
    return request(b"POST", b"/RPC2", token, document, b"Content-Type: text/xml", *headers)


def fault_code(answer):
    """The code of the fault in an answer; None where it is none."""
    match = re.search(rb"<name>faultCode</name><value><(?:int|i4)>(-?\d+)<", answer)
    return int(match.group(1)) if match else None


def call(method, *values):
    """A document that calls a method; each value is the inside of a <value>."""
    parameters = b"".join(b"<param><value>%s</value></param>" % value for value in values)
    return b"<?xml version='1.0'?><methodCall><methodName>%s</methodName><params>%s</params></methodCall>" % (
        method, parameters)


def string(data):
    """The bytes as a string's text, whatever they are: only what is markup is escaped."""
    return b"<string>%s</string>" % data.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")


def struct(members):
    """Members by name; each is the inside of a <value>."""
    rows = (b"<member><name>%s</name><value>%s</value></member>" % (name, value) for name, value in members.items())
    return b"<struct>%s</struct>" % b"".join(rows)


def array(*values):
    return b"<array><data>%s</data></array>" % b"".join(b"<value>%s</value>" % value for value in values)


def integer(number):
    return b"<int>%d</int>" % number
