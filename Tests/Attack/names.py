"""Fifty names that no file should come to."""

CANARY = b"mr-canary"
"""In the last component of every name that is a path: a file of such a name anywhere is one that an attack made."""


def hostile(folder):
    """The names, as bytes; some lead into the folder, where nothing must appear."""
    inside = str(folder).encode() + b"/input/" + CANARY
    up = b"../" * 12
    paths = [
        up + b"etc/" + CANARY, up + inside.lstrip(b"/"), b"../" + CANARY, b"../../out/" + CANARY, b"/etc/" + CANARY,
        inside, b"//" + inside, b"./" + CANARY, b"..\\..\\" + CANARY, b"C:\\" + CANARY, b"\\\\host\\" + CANARY,
        b"%2e%2e%2f%2e%2e%2f" + CANARY, b"%2e%2e/%2e%2e/" + CANARY, b"..%2f..%2f" + CANARY, b"%252e%252e%252f" + CANARY,
        b"..%c0%af..%c0%af" + CANARY, b"%c0%ae%c0%ae/" + CANARY, b"file://" + inside, b"~/" + CANARY, b"$HOME/" + CANARY,
        b"`touch " + inside + b"`", b"$(touch " + inside + b")", b"; touch " + inside, b"| touch " + inside,
        inside + b"\0.txt", inside + b"%00.txt", b"1-map-0-1/../" + CANARY, b"1-map-0-1%2f..%2f" + CANARY,
        b"1-map-0-1\0" + CANARY,
    ]
    numbers = [
        b"1-map--1-1", b"1-map-0-0", b"1-map-00-1", b"1-map-0-+1", b"1-map-0x0-1", b"1-map-999999999999999999999-1",
        b"1-map-0-1 ", b" 1-map-0-1", b"1-MAP-0-1", "1-map-\u0660-1".encode(), b"-1-map-0-1", b"1-reduce-0-1-1",
    ]
    texts = [
        b"", b".", b"..", b"\x1b[2J\x1b[31mred", b"one\nmr-master: all is well\n", b"\r\nX-Injected: 1\r\n\r\n",
        "\u202etxt.exe\u2028".encode(), b"\xff\xfe\x80", b"a" * 70_000,
    ]
    names = paths + numbers + texts
    assert len(names) == 50
    return names
