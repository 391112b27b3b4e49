"""Launches workers beside a master of swift-mapreduce, with the functions of the workers API of CDSW and CML.

    import cdsw
    workers = cdsw.launch_workers(n=2, cpu=0.2, memory=0.5, script="worker.py")
    cdsw.await_workers(workers)

The master must run with --allow-launch. It is found by $MR_MASTER_URL, which launched workers have; else at $MR_MASTER
(HOST:PORT); else it is the only one of this user on this machine, or the one at 127.0.0.1:8000. Where it is on another
machine, $MR_TOKEN is its secret (mr-ctl token --role admin --secret) and $MR_MASTER_CA a file with its certificate
(mr-ctl token --cert).
"""
import atexit
import collections
import datetime
import http.client
import os
import re
import secrets
import ssl
import textwrap
import threading
import time
import xmlrpc.client

__all__ = [
    "launch_workers", "list_workers", "stop_workers", "await_workers", "send_message", "receive_message", "Message"]

Message = collections.namedtuple("Message", "sender value")
"""What receive_message returns: the id of a launched worker, or "master", and what it has sent."""

START_DELAY = 0.5
"""Seconds between launch_workers and the first line of a script. Engines take their time to start, and master scripts begin to
listen meanwhile; processes would be there at once."""

_HELD_BACK = 20
"""Seconds that one answer is held back: a wait that is longer is several calls."""


def launch_workers(
        n, cpu, memory, nvidia_gpu=0, kernel="", script="", code="", env=None, name="", accelerator_label_id=None,
        resource_profile_id=None, resource_group_id=None):
    """Runs a script n times side by side on the master's machine, and returns a list of dicts that describe the workers.

    cpu is in cores and memory in GiB, for each worker. script is a path, looked up in this process's working folder, and
    goes before code. The last three arguments say nothing here.
    """
    order = {
        "n": int(n), "cpu": float(cpu), "memory": float(memory), "nvidia_gpu": int(nvidia_gpu or 0),
        # A call that was answered to nobody is made again, and nothing is launched twice.
        "key": secrets.token_hex(8), "folder": os.getcwdb(), "start_delay": float(os.environ.get("MR_START_DELAY", START_DELAY))}
    if script:
        order["script"] = os.fsencode(script)
    else:
        order["code"] = _plain(code).encode()
    if kernel:
        order["kernel"] = str(kernel)
    if name:
        order["name"] = str(name)
    variables = {str(key): str(value) for key, value in dict(env or {}).items()}
    # So that workers find this module, as they find it in those products.
    own = os.path.dirname(os.path.abspath(__file__))
    paths = variables.get("PYTHONPATH", os.environ.get("PYTHONPATH", "")).split(os.pathsep)
    variables["PYTHONPATH"] = os.pathsep.join([path for path in paths if path and path != own] + [own])
    order["env"] = {key: os.fsencode(value) for key, value in variables.items()}
    return [_described(worker) for worker in _call("launch_workers", order)]


def list_workers():
    """Returns a list of dicts, one for each worker that was launched, in that order."""
    return [_described(worker) for worker in _call("list_workers")]


class _Stopped(dict):
    """As if a web server had answered for each."""
    status_code = 200


def stop_workers(*worker_id):
    """Ends the workers with these ids, or all where none is given."""
    return [_Stopped(_described(worker)) for worker in _call("stop_workers", *map(_named, worker_id))]


def await_workers(ids=(), wait_for_completion=True, timeout_seconds=60):
    """Waits until workers have succeeded, or, with wait_for_completion false, until they run.

    ids are ids or dicts as launch_workers returns them; none means all. With timeout_seconds 0 it waits for ever. Returns a
    dict: workers, those that have come so far, and failures, those that have not.
    """
    if isinstance(ids, (int, str, dict)):
        ids = [ids]
    names = [_named(one) for one in ids or [worker["id"] for worker in list_workers()]]
    if not names:
        return {"workers": [], "failures": []}
    end = time.monotonic() + float(timeout_seconds) if timeout_seconds else None
    while True:
        left = _HELD_BACK if end is None else min(_HELD_BACK, max(0.0, end - time.monotonic()))
        answer = _call("await_workers", names, bool(wait_for_completion), float(left), held_back=left)
        if not answer["timed_out"] or (end is not None and time.monotonic() >= end):
            return {
                "workers": [_described(worker) for worker in answer["workers"]],
                "failures": [_described(worker) for worker in answer["failures"]]}


def send_message(to, value):
    """Leaves a message for a launched worker (its id, or its dict), or for "master": whoever launches workers.

    The value is what XML-RPC has: None, bool, int, float, str, bytes, list, dict with names as keys.
    """
    with _sending:
        # A call that was answered to nobody is made again, and the message is kept once.
        _call("send_message", _named(to), value, dict(_self("from"), key=secrets.token_hex(8)))


def receive_message(timeout=None):
    """Returns the next Message for this worker (or for "master", in a script that the master has not launched), and waits for
    it, at most timeout seconds; None when that is over."""
    end = None if timeout is None else time.monotonic() + timeout
    with _receiving:
        while True:
            left = _HELD_BACK if end is None else min(_HELD_BACK, max(0.0, end - time.monotonic()))
            query = dict(_self("to"), timeout=float(left), acknowledge=_received["number"])
            answer = _call("receive_message", query, held_back=left)
            if answer:
                _received["number"] = answer["number"]
                return Message(answer["from"], answer["value"])
            if end is not None and time.monotonic() >= end:
                return None


_sending = threading.Lock()
_receiving = threading.Lock()
_received = {"number": 0}


@atexit.register
def _acknowledge():
    """So that the next who receives in this name begins after the last message."""
    if _received["number"]:
        try:
            _call("receive_message", dict(_self("to"), timeout=0.0, acknowledge=_received["number"]))
        except Exception:  # The master is gone, and its mailboxes with it.
            pass


def _self(member):
    """In whose name this script speaks, where its secret does not say so."""
    worker = os.environ.get("MR_WORKER_ID")
    return {member: int(worker)} if worker else {}


def _named(worker):
    return worker["id"] if isinstance(worker, dict) else worker


def _described(worker):
    """The members under the names that those products have for them, too."""
    worker = dict(worker, engineId=worker["engine_id"])
    worker["output"] = worker["output"].decode("utf-8", "replace")
    if "running_at" in worker:
        begun = _time(worker["running_at"])
        ended = _time(worker["finished_at"]) if "finished_at" in worker else datetime.datetime.now(datetime.timezone.utc)
        worker["duration"] = max(0, int((ended - begun).total_seconds()))
    return worker


def _time(text):
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z")


def _plain(code):
    """Code of a notebook's cell as Python: lines that begin with ! are for the shell, and all may be indented."""
    code = textwrap.dedent(code)
    if code.startswith("#!"):
        return code
    try:
        compile(code, "code", "exec")
        return code
    except SyntaxError:
        return re.sub(
            r"^([ \t]*)!(.*)$", lambda line: f"{line[1]}__import__('subprocess').run({line[2]!r}, shell=True)", code,
            flags=re.M)


class _Headers(xmlrpc.client.Transport):
    """Reads bytes as bytes, and waits no longer than it should for an answer."""

    def __init__(self, token, context):
        super().__init__(
            use_builtin_types=True, headers=[("Authorization", "Bearer " + token)] if token else [])
        self._context = context
        self.timeout = 60

    def make_connection(self, host):
        if self._connection and host == self._connection[0]:
            return self._connection[1]
        plain, self._extra_headers, _ = self.get_host_info(host)
        connection = (
            http.client.HTTPSConnection(plain, context=self._context, timeout=self.timeout) if self._context
            else http.client.HTTPConnection(plain, timeout=self.timeout))
        self._connection = host, connection
        return connection


def _call(method, *parameters, held_back=0):
    proxy = getattr(_connections, "proxy", None)
    if proxy is None:
        proxy = _connections.proxy = _connect()
    transport = proxy("transport")
    transport.timeout = 60 + held_back
    if transport._connection[1] is not None and transport._connection[1].sock is not None:
        transport._connection[1].sock.settimeout(transport.timeout)
    return getattr(proxy, method)(*parameters)


# A thread that waits for a message must not keep another from sending one.
_connections = threading.local()


def _connect():
    url, token, authority = os.environ.get("MR_MASTER_URL"), os.environ.get("MR_TOKEN"), os.environ.get("MR_MASTER_CA")
    if not url:
        url, token, authority = _left_word()
    context = None
    if url.startswith("https:"):
        context = ssl.create_default_context(cafile=authority)
    return xmlrpc.client.ServerProxy(url, transport=_Headers(token, context), allow_none=True)


def _left_word():
    """What a master of the same user has left in its state folder: where it is, its secret, and a file with its certificate."""
    folder = os.environ.get("MR_STATE_DIR") or os.path.join(
        os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state"), "swift-mapreduce")
    wanted = os.environ.get("MR_MASTER")
    try:
        names = os.listdir(folder)
    except OSError:
        names = []
    masters = {}
    for name in names:
        host, dash, port = name.rpartition("-")
        lines = _record(os.path.join(folder, name)) if dash and port.isdigit() else {}
        # A master that was killed leaves its word behind, and a stranger may listen where it did.
        if lines and os.path.exists(f"/proc/{lines.get('process')}"):
            masters[(f"[{host}]" if ":" in host else host) + ":" + port] = lines
    if wanted is None:
        wanted = next(iter(masters)) if len(masters) == 1 else "127.0.0.1:8000"
    host, _, port = wanted.rpartition(":")
    everywhere = [f"0.0.0.0:{port}", f"[::]:{port}"]
    lines = next((masters[place] for place in [wanted, *everywhere] if place in masters), None)
    if lines is None:
        known = f"; those that have left word: {', '.join(sorted(masters))}" if masters else ""
        raise ConnectionError(
            f"no master of this user listens on {wanted}: start one with mr-master --serve --allow-launch, or name it with $MR_MASTER{known}")
    if host in ("0.0.0.0", "[::]"):
        host = "127.0.0.1"
    # The certificate that the master gave itself; one of its user's own is for $MR_MASTER_CA, or the system's authorities.
    made = os.path.join(folder, "tls", "cert.pem")
    authority = os.environ.get("MR_MASTER_CA") or (made if os.path.exists(made) else None)
    return f"{'https' if 'tls' in lines else 'http'}://{host}:{port}/RPC2", lines.get("token"), authority


def _record(path):
    """The lines of what a master has left there; none where it is not for this user alone, or gone meanwhile."""
    try:
        with open(path) as record:
            status = os.fstat(record.fileno())
            if status.st_uid != os.geteuid() or status.st_mode & 0o077:
                return {}
            return dict(line.partition(" ")[::2] for line in record.read(4096).splitlines())
    except OSError:
        return {}
