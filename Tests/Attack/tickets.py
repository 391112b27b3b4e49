"""Tickets as the master makes them, by what it keeps for itself; nothing of the project's own code."""

import base64
import hashlib
import hmac
import time


def code(key, statement):
    """HMAC-SHA256 in base 32, as tickets and tokens end."""
    return base64.b32encode(hmac.new(key, statement.encode(), hashlib.sha256).digest()).decode().rstrip("=")


def session_key(access):
    """From the master's own file of whom it lets in."""
    line = next(line for line in access.read_text().splitlines() if line.startswith("session "))
    text = line.split()[1]
    return base64.b32decode(text + "=" * (-len(text) % 8))


def ticket_key(session, holder):
    """What the master and one holder share, by the holder's number."""
    return hmac.new(session, b"mr tickets 1 %d" % holder, hashlib.sha256).digest()


def ticket(key, reduce="1-reduce-0-1", fetcher=1, ends_in=3_600.0):
    """What a fetcher shows to a holder."""
    statement = f"{reduce}.{fetcher}.{int(time.time() + ends_in)}"
    return f"{statement}.{code(key, statement)}"


def token(session, worker):
    """What a worker shows to the master."""
    return f"w{worker}.{code(session, f'mr session 1 {worker}')}"
