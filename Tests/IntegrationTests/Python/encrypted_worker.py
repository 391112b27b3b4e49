"""Counts the words of some tasks over TLS, with nothing but Python's standard library."""
import ssl, sys, urllib.parse, xmlrpc.client

url, certificate = sys.argv[1:]
context = ssl.create_default_context(cafile=certificate)
master = xmlrpc.client.ServerProxy(url, context=context)
assert master.register_worker("snake") == "snake"
task, text = master.request_task("snake")
assert master.complete_task(task, "snake", {word: text.split().count(word) for word in set(text.split())}) is True

parts = urllib.parse.urlsplit(url)
try:
    wrong = xmlrpc.client.ServerProxy(f"https://mr:wrong@{parts.hostname}:{parts.port}", context=context)
    wrong.register_worker("stranger")
    raise AssertionError("a wrong secret was taken")
except xmlrpc.client.ProtocolError as error:
    assert error.errcode == 401, error
try:
    xmlrpc.client.ServerProxy(url, context=ssl.create_default_context()).register_worker("trusting")
    raise AssertionError("a certificate that nobody vouches for was taken")
except ssl.SSLCertVerificationError:
    pass
