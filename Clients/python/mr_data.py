"""Computes on the data workers of swift-mapreduce: submit, map and gather with futures, and nothing but the standard library.

    from mr_data import Client
    client = Client("127.0.0.1:8787")                   # what mr-ctl center says
    total = client.submit("add", 1, 2)
    more = client.map("mul", range(10), [total] * 10)   # futures stand for their values, at any depth
    print(total.result(), client.gather(more))

A function is the name of one that is built in or of an uploaded program, FILE.py:FUNCTION of an uploaded file, or a Python function
of a module, whose file is uploaded. docs/data.md teaches the rest. This is more than 400 lines, because one file is what people can copy to where
they need it.
"""
import base64, collections, concurrent.futures, hashlib, http.client, numbers, os, re, socket, ssl, sys, threading, time, xmlrpc.client
from datetime import datetime

__all__ = ["Client", "Future", "as_completed", "wait", "ComputationError", "CenterError", "CancelledError"]

HELD_BACK = 20  # seconds that one answer is held back: a wait that is longer is several calls
ITEMS_MAX = 1_000  # computations of one call, so that workers begin while the rest is written
REQUEST_BYTES_MAX = 8 << 20
GATHERED_KEYS_MAX, GATHERED_BYTES_MAX, PIECE_BYTES = 2_000, 32 << 20, 4 << 20
POLLED_MAX = 20_000
PAUSES = (0, 0.1, 0.2, 0.5, 1, 2)  # seconds between tries while the center is away; the last one again and again
OVER = ("finished", "error", "cancelled", "unknown")

CancelledError = concurrent.futures.CancelledError
DoneAndNotDone = collections.namedtuple("DoneAndNotDone", "done not_done")


class ComputationError(RuntimeError):
    """A function failed: its text is the traceback, or what else the worker says."""


class CenterError(RuntimeError):
    """The center, or a worker, refuses a call. Its text says why."""


class Slow(Exception):
    """No answer in time, where that is no failure."""


class Client:
    """Speaks to a center. Threads may share it.

    address is HOST:PORT, or a join line (mr1.PIN.SECRET@HOST:PORT). The secret of a center of the same user on this machine is found
    in the state folder. While the center is away, calls are tried again for patience seconds.
    """

    def __init__(self, address="127.0.0.1:8787", token=None, patience=60):
        _refuse_while_loaded()
        self._place, self.patience = _Place(address, token), patience
        self.address = self._place.address
        self._connections = threading.local()
        self._files = {}  # what this client has uploaded: a digest by name

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Closes this thread's connections. What was submitted goes on."""
        for address in list(self._connections.__dict__):
            self._forget(address)

    def submit(self, function, *args, key=None, pure=True, **kwargs):
        """Has function(*args, **kwargs) computed, and returns its Future at once.

        Its key is made of the function and the arguments, so that the same computation runs once; pure=False makes one of its own.
        """
        future, item = self._order(self._named(function), args, kwargs, key, pure)
        self._send("submit_many", _array([item]), reads=False)
        return future

    def map(self, function, *iterables, pure=True, **kwargs):
        """Submits function for each item of the iterables, in few calls, and returns a list of Futures."""
        function, futures = self._named(function), []

        def items():
            for args in zip(*iterables):
                future, item = self._order(function, args, kwargs, None, pure)
                futures.append(future)
                yield item

        for batch in _batches(items()):
            self._send("submit_many", _array(batch), reads=False)
        return futures

    def gather(self, futures):
        """Waits for a Future, or for all in lists, tuples and dicts of any depth, and returns the same with values in their place."""
        wanted, values = {}, {}
        _visit(futures, lambda future: wanted.setdefault(_key_bytes(future.key), future))
        unique = list(wanted.values())
        for start in range(0, len(unique), GATHERED_KEYS_MAX):
            values.update(self._values(unique[start:start + GATHERED_KEYS_MAX]))
        return _visit(futures, lambda future: values[_key_bytes(future.key)])

    def scatter(self, data, broadcast=False):
        """Spreads values over workers, or gives each of them all with broadcast. Returns Futures: as data, a dict, a list or one."""
        if not isinstance(data, (dict, list, tuple)):
            return self.scatter([data], broadcast)[0]
        items = list(data.items()) if isinstance(data, dict) else [("data-" + _digest(_xml(value)), value) for value in data]
        futures = [Future(self, key, {"status": "finished"}) for key, _ in items]
        for batch in _batches(_array([_key_xml(key), _xml(value)]) for key, value in items):
            self._send("scatter", _array(batch))
        if broadcast:
            self._send("replicate", _keys_xml(futures), _xml(len(self.call("ncores"))))
        return dict(zip(data, futures)) if isinstance(data, dict) else futures

    def who_has(self, futures=None):
        """Which workers hold the values of these, or all that anybody holds: a dict of lists of addresses by key."""
        return dict(self._send("who_has", *([] if futures is None else [_keys_xml(futures)])))

    def upload_file(self, path, content=None):
        """Gives workers a file, or content (bytes) under the name path. FILE is a program then, and FILE.py:FUNCTION a function."""
        if content is None:
            with open(path, "rb") as file:
                content = file.read()
        name = os.path.basename(path)
        self._send("upload_file", _xml(name), _xml(bytes(content)))
        self._files[name] = _digest(content)
        return name

    def wait(self, futures, timeout=None):
        return wait(futures, timeout)

    def cancel(self, futures):
        """What has not ended is not run, or killed. Returns how many of them that were."""
        return self._send("cancel", _keys_xml(futures))

    def release(self, futures):
        """Forgets values and computations; what others that are still to run need of them goes when these have had it."""
        for future in _flat(futures):
            if isinstance(future, Future):
                future._state = {"status": "unknown"}
        return self._send("delete_data", _keys_xml(futures))

    def call(self, method, *parameters):
        """Any method of the center: call("has_what"), call("ncores"), call("broadcast", "functions", [])."""
        return self._send(method, *map(_xml, parameters))

    # Computations

    def _order(self, function, args, kwargs, key, pure):
        """A Future, and its computation as submit_many takes it."""
        name, own = function
        parts = _member("function", _xml(name)) + _member("args", _array([_argument(value, True) for value in args]))
        if kwargs:
            parts += _member("kwargs", _struct([_member(word, _argument(kwargs[word], True)) for word in sorted(kwargs)]))
        if key is None:
            key = f"{name.rpartition(':')[2][:100]}-{_digest(own + parts) if pure else os.urandom(16).hex()}"
        return Future(self, key), _struct([parts, _member("key", _key_xml(key))])

    def _named(self, function):
        """A function's name at the workers, and what else its results depend on."""
        if isinstance(function, str):
            return function, self._files.get(function.rpartition(":")[0] or function, "")
        name = getattr(function, "__name__", "")
        if getattr(function, "__module__", None) in ("builtins", "_operator") and name in BUILT_IN:
            return {"truediv": "div"}.get(name, name), ""
        path = _source_path(function)
        with open(path, "rb") as file:
            content = file.read()
        stem = re.sub("[^A-Za-z0-9_]", "_", os.path.splitext(os.path.basename(path))[0])[:80]
        file_name = f"{stem}_{_digest(content)[:16]}.py"
        if file_name not in self._files:
            self.upload_file(file_name, content)
        return f"{file_name}:{name}", ""

    def _values(self, futures):
        """Values by their keys' bytes."""
        if len(futures) > 1:
            try:
                return self._gathered(futures, HELD_BACK)
            except (Slow, CenterError):
                # It takes long, one has failed, or there are more bytes than one answer has: how they stand says which.
                pass
        for future in futures:
            future._state = {}
        wait(futures)
        values, group, size = {}, [], 0
        for future in futures:
            future._refuse_failed()
            count, holders = future._state.get("nbytes", 0), future._state.get("holders")
            if count > GATHERED_BYTES_MAX and holders:
                values[_key_bytes(future.key)] = self._pieces(future, holders)
                continue
            if group and size + count > GATHERED_BYTES_MAX:
                values.update(self._gathered(group))
                group, size = [], 0
            group.append(future)
            size += count
        values.update(self._gathered(group))
        return values

    def _gathered(self, futures, patience=None):
        if not futures:
            return {}
        answer = dict(self._send("gather", _keys_xml(futures), patience=patience))
        for future in futures:
            future._state = {"status": "finished"}
        return {_key_bytes(key): value for key, value in answer.items()}

    def _pieces(self, future, holders):
        """A large value, from one of those who hold it."""
        for number, address in enumerate(holders, 1):
            try:
                holder = self._worker(address)
                about, = dict(self._send("describe", _keys_xml(future), place=holder)).values()
                path, count = f"/objects/{_key_bytes(future.key).hex()}?from=%d&to=%d", int(about["nbytes"])
                content = b"".join(
                    self._request("GET", path % (start, min(count, start + PIECE_BYTES)), place=holder)
                    for start in range(0, count, PIECE_BYTES))
                return content if about["tag"] == "bytes" else _decoded(content)
            except (CenterError, OSError):
                if number == len(holders):
                    raise

    def _worker(self, address):
        """A worker as the center knows it."""
        certificate, token = self.call("get_worker_certificates", [address])[address], self.call("get_worker_secret")["secret"]
        if not certificate:
            return _Place(address, token)
        return _Place(f"mr1.{_pin(ssl.PEM_cert_to_DER_cert(certificate))}.{token}@{address}", None)

    def _poll(self, futures, seconds, count=None):
        """Asks how futures stand when all (or count) of them are over, or seconds have passed."""
        parameters = [_keys_xml(futures), _xml(float(seconds))] + ([] if count is None else [_xml(count)])
        answer = dict(self._send("wait", *parameters, held_back=seconds))
        states = {_key_bytes(key): state for key, state in answer.items()}
        for future in futures:
            future._state = states[_key_bytes(future.key)]

    # Calls

    def _send(self, method, *parameters, place=None, held_back=0, patience=None, reads=True):
        """The answer of one call, whose parameters are XML already."""
        document = f"<?xml version='1.0'?><methodCall><methodName>{method}</methodName><params>" + "".join(
            [f"<param>{parameter}</param>" for parameter in parameters]) + "</params></methodCall>"
        answer = self._request("POST", "/RPC2", document.encode(), place, 60 + held_back, patience)
        return _decoded(answer) if reads or b"<fault>" in answer[:200] else None

    def _request(self, verb, path, body=None, place=None, timeout=60, patience=None):
        """Tried again while nobody answers, so a call may be made twice. With a patience, Slow when that is over."""
        place, end, tries = place or self._place, None, 0
        while True:
            try:
                connection = self._connections.__dict__.get(place.address)
                if connection is None:
                    connection = self._connections.__dict__[place.address] = place.connect()
                connection.timeout = patience or timeout
                if connection.sock is not None:
                    connection.sock.settimeout(connection.timeout)
                token = place.token
                connection.request(verb, path, body, {"Authorization": "Bearer " + token} if token else {})
                answer = connection.getresponse()
                content = answer.read()
                if answer.status in (200, 201, 204):
                    return content
                trouble = f"{answer.status} {content[:500].decode('utf-8', 'replace').strip()}"
                if answer.status == 401:
                    trouble = f"{place.address} refuses {'this secret' if token else 'calls without a secret'}: give Client a token, or a join line"
                    # A center that has started again has another one.
                    if not place.look():
                        raise PermissionError(trouble)
                elif answer.status != 503:
                    raise CenterError(f"{place.address} answers {trouble}")
            except (PermissionError, ssl.SSLCertVerificationError):
                self._forget(place.address)
                raise
            except (OSError, http.client.HTTPException) as problem:
                self._forget(place.address)
                if patience is not None and isinstance(problem, socket.timeout):
                    raise Slow from None
                trouble = f"{type(problem).__name__} {problem}"
            end = end or time.monotonic() + self.patience
            if time.monotonic() >= end or (place is not self._place and tries == 2):
                raise ConnectionError(f"no answer from {place.address}: {trouble}")
            time.sleep(PAUSES[min(tries, len(PAUSES) - 1)])
            tries += 1

    def _forget(self, address):
        connection = self._connections.__dict__.pop(address, None)
        if connection is not None:
            connection.close()


class Future:
    """A value that is computed, or will be. As an argument of other computations it stands for its value."""

    def __init__(self, client, key, state=None):
        self.key, self._client, self._state = key, client, state or {}

    def __repr__(self):
        return f"<Future: {self._state.get('status', 'pending')}, key: {self.key}>"

    def __eq__(self, other):
        return isinstance(other, Future) and _key_bytes(self.key) == _key_bytes(other.key)

    def __hash__(self):
        return hash(_key_bytes(self.key))

    @property
    def status(self):
        """pending, running, finished, error, cancelled, or unknown to the center."""
        if self._state.get("status") not in OVER[:3]:
            self._client._poll([self], 0)
        return self._state["status"]

    def done(self):
        """Whether it has finished, failed or been cancelled."""
        return self.status in OVER

    def result(self, timeout=None):
        """Waits for its value, at most timeout seconds (TimeoutError). A function that failed raises ComputationError."""
        if timeout is not None:
            self._await(timeout)
        return self._client.gather(self)

    def exception(self, timeout=None):
        """Waits for its end, and returns what result would raise; None where it has a value."""
        self._await(timeout)
        try:
            self._refuse_failed()
        except (ComputationError, CenterError, CancelledError) as error:
            return error

    def cancel(self):
        """Returns whether it had not ended."""
        return self._client.cancel(self) > 0

    def release(self):
        self._client.release(self)

    def add_done_callback(self, callback):
        """Calls callback(future) in a thread of its own when it is done."""
        threading.Thread(target=lambda: wait(self) and callback(self), daemon=True).start()

    def _is_over(self):
        return self._state.get("status") in OVER

    def _await(self, timeout):
        if not wait(self, timeout).done:
            raise TimeoutError(f"{self.key} is {self._state['status']} after {timeout} s")

    def _refuse_failed(self):
        status = self._state["status"]
        if status == "cancelled":
            raise CancelledError(str(self.key))
        if status == "error":
            raise ComputationError(self._state.get("message", ""))
        if status == "unknown":
            raise CenterError(f"the center knows no computation and no value {self.key!r}; submit it again")


def wait(futures, timeout=None, return_when="ALL_COMPLETED"):
    """Waits until all futures are over (or one, with FIRST_COMPLETED), or for timeout seconds. Returns two sets: done, not_done."""
    futures, end = _flat(futures), None if timeout is None else time.monotonic() + timeout
    count, is_asked = 1 if return_when == "FIRST_COMPLETED" else None, False
    while True:
        left = [future for future in futures if not future._is_over()]
        seconds = HELD_BACK if end is None else min(HELD_BACK, max(0, end - time.monotonic()))
        if not left or (count and len(left) < len(futures)) or (is_asked and seconds == 0):
            return DoneAndNotDone(set(futures) - set(left), set(left))
        left[0]._client._poll(left[:POLLED_MAX], seconds, count)
        is_asked = True


def as_completed(futures):
    """Yields futures as they end, also those that fail."""
    left = _flat(futures)
    while left:
        over, left = [future for future in left if future._is_over()], [future for future in left if not future._is_over()]
        yield from over
        if left and not over:
            asked, left = left[:POLLED_MAX], left[POLLED_MAX:] + left[:POLLED_MAX]
            # Of many a few at a time: each question names all that are left.
            count = 1 + len(asked) // 50
            asked[0]._client._poll(asked, HELD_BACK if count == 1 else 0.5, count)


def _flat(futures):
    return [futures] if isinstance(futures, (Future, str, bytes)) else list(futures)


def _visit(value, change):
    """The value with change(future) in place of each Future in it."""
    if isinstance(value, Future):
        return change(value)
    if isinstance(value, dict):
        return {name: _visit(item, change) for name, item in value.items()}
    return type(value)([_visit(item, change) for item in value]) if isinstance(value, (list, tuple, set)) else value


def _batches(items):
    """Lists of texts, none of them too long for one call."""
    batch, size = [], 0
    for item in items:
        if batch and (len(batch) == ITEMS_MAX or size + len(item) > REQUEST_BYTES_MAX):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += len(item)
    if batch:
        yield batch


# Python functions

BUILT_IN = {"abs", "add", "floordiv", "len", "max", "min", "mod", "mul", "neg", "pow", "sorted", "sub", "sum", "truediv"}


def _source_path(function):
    """The file of a function that its module's file defines."""
    name, module = getattr(function, "__name__", None), sys.modules.get(getattr(function, "__module__", None))
    if not callable(function) or name is None:
        raise TypeError(f"{function!r} is no function; submit the name of one, or a function of a module")
    path = getattr(module, "__file__", None) or ""
    if not path.endswith(".py") or not os.path.isfile(path):
        raise ValueError(f"{name} stands in no Python file, which workers could be given; put it into one, and import it")
    if getattr(module, name, None) is not function:
        raise ValueError(f"{function.__qualname__} is not what {module.__name__} calls {name}; workers find what a module has by name")
    return path


def _refuse_while_loaded():
    """A script that is uploaded for one of its functions would submit itself again, and for ever, when a worker loads it."""
    own, frame = os.environ.get("MR_FUNCTION", "").rpartition(":")[0], sys._getframe(1)
    while own and frame is not None:
        if frame.f_code.co_name == "<module>" and os.path.basename(frame.f_code.co_filename) == own:
            raise RuntimeError(f"{own} makes a Client while a worker loads it; put that under: if __name__ == \"__main__\":")
        frame = frame.f_back


# Values as XML

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
QUOTED = (str, bytes, bytearray, memoryview)


def _text(text):
    if NOT_XML.search(text):
        raise ValueError(f"{text[:80]!r} has a character that XML forbids; send text.encode()")
    # A parser reads a plain carriage return as a line feed.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def _member(name, value):
    if not isinstance(name, str):
        raise TypeError(f"XML-RPC has dicts with text as keys only, and no {name!r}")
    return f"<member><name>{_text(name)}</name>{value}</member>"


def _struct(members):
    return f"<value><struct>{''.join(members)}</struct></value>"


def _array(items):
    return f"<value><array><data>{''.join(items)}</data></array></value>"


def _base64(content):
    return f"<value><base64>{base64.b64encode(content).decode()}</base64></value>"


def _xml(value):
    """A value that is what it is."""
    if isinstance(value, bool):
        return f"<value><boolean>{value:d}</boolean></value>"
    if isinstance(value, numbers.Integral) and -2**63 <= value < 2**63:
        tag = "int" if -2**31 <= value < 2**31 else "i8"
        return f"<value><{tag}>{int(value)}</{tag}></value>"
    if isinstance(value, numbers.Real) and not isinstance(value, numbers.Integral) and value - value == 0:
        return f"<value><double>{float(value)!r}</double></value>"
    if isinstance(value, str):
        return f"<value><string>{_text(value)}</string></value>"
    if isinstance(value, QUOTED):
        return _base64(value)
    if isinstance(value, (list, tuple)):
        return _array([_xml(item) for item in value])
    if isinstance(value, dict):
        return _struct([_member(name, _xml(item)) for name, item in value.items()])
    if isinstance(value, datetime) and not value.tzinfo and not value.microsecond:
        return f"<value><dateTime.iso8601>{value:%Y%m%dT%H:%M:%S}</dateTime.iso8601></value>"
    raise TypeError(f"XML-RPC has no form for the {type(value).__name__} {repr(value)[:80]}; send text, bytes, finite numbers of at most 64 bits, "
                    "and lists and dicts of them; a Future only as an argument, and not in a dict of 'key' or 'value' alone")


def _argument(value, is_top=False):
    """A value that may hold Futures. What a worker might take for a key is quoted."""
    if type(value) is int and -2**31 <= value < 2**31:
        return f"<value><int>{value}</int></value>"
    if isinstance(value, Future):
        return _struct([_member("key", _key_xml(value.key))])
    if isinstance(value, (list, tuple)):
        return _array([_argument(item) for item in value])
    if isinstance(value, dict) and not (len(value) == 1 and ("key" in value or "value" in value)):
        return _struct([_member(name, _argument(item)) for name, item in value.items()])
    is_quoted = isinstance(value, dict) or (is_top and isinstance(value, QUOTED))
    return _struct([_member("value", _xml(value))]) if is_quoted else _xml(value)


def _key_xml(key):
    is_text = isinstance(key, str) and not NOT_XML.search(key) and "\r" not in key
    return f"<value><string>{_text(key)}</string></value>" if is_text else _base64(_key_bytes(key))


def _keys_xml(futures):
    return _array([_key_xml(getattr(future, "key", future)) for future in _flat(futures)])


def _key_bytes(key):
    return key.encode() if isinstance(key, str) else bytes(key)


def _digest(content):
    return hashlib.blake2b(_key_bytes(content), digest_size=16).hexdigest()


def _decoded(document):
    parser, target = xmlrpc.client.getparser(use_builtin_types=True)
    parser.feed(document)
    parser.close()
    try:
        return target.close()[0]
    except xmlrpc.client.Fault as fault:
        raise CenterError(fault.faultString) from None


# Where a center is

class _PinnedConnection(http.client.HTTPSConnection):
    """Says nothing before it knows whom it speaks to: the pin says more than any certificate."""

    def __init__(self, place, pin):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        super().__init__(place, context=context)
        self._pin = pin.upper()

    def connect(self):
        super().connect()
        if _pin(self.sock.getpeercert(binary_form=True)) != self._pin:
            self.close()
            raise ssl.SSLCertVerificationError(f"{self.host}:{self.port} is not who is meant: its key is another")


def _pin(certificate):
    """Of the key of a certificate in DER: a digest of the SubjectPublicKeyInfo, the seventh field of its first part."""
    def content(at):
        length, begin = certificate[at + 1], at + 2
        if length >= 0x80:
            begin += length - 0x80
            length = int.from_bytes(certificate[at + 2:begin], "big")
        return begin, begin + length
    at = content(content(0)[0])[0]
    for _ in range(6):  # version, serial number, algorithm, issuer, validity, subject
        at = content(at)[1]
    return base64.b32encode(hashlib.sha256(certificate[at:content(at)[1]]).digest()[:20]).decode()


class _Place:
    """The address of a center or a worker, and what lets in there."""

    def __init__(self, address, token):
        self.token, self.pin, self._is_given = token, None, token is not None
        address = address.strip()
        if address.startswith("mr1."):
            line, _, address = address.rpartition("@")
            self._is_given, (_, self.pin, self.token) = True, line.split(".")
        if not re.fullmatch(r"[^@/]+:\d+", address):
            raise ValueError("a center's address is HOST:PORT, like 127.0.0.1:8787, or a join line")
        self.address = address
        self.look()

    def look(self):
        """Reads what a center of this user has left in the state folder. Whether that is something new."""
        known, (host, _, port) = (self.token, self.pin), self.address.rpartition(":")
        folder = os.environ.get("MR_STATE_DIR") or os.path.join(
            os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state"), "swift-mapreduce")
        for name in () if self._is_given else (host.strip("[]"), "0.0.0.0", "::"):
            lines = _record(os.path.join(folder, f"{name}-{port}"))
            if lines:
                self.token, self.pin = lines.get("token"), lines.get("tls")
                break
        return (self.token, self.pin) != known

    def connect(self):
        if self.pin and self.pin.lower() == "ca":
            return http.client.HTTPSConnection(self.address, context=ssl.create_default_context())
        return _PinnedConnection(self.address, self.pin) if self.pin else http.client.HTTPConnection(self.address)


def _record(path):
    """The lines of a file there; none where it is not for this user alone, or gone meanwhile."""
    try:
        with open(path) as record:
            status = os.fstat(record.fileno())
            is_own = status.st_uid == os.geteuid() and not status.st_mode & 0o077
            return dict(line.partition(" ")[::2] for line in record.read(4096).splitlines()) if is_own else {}
    except OSError:
        return {}
