"""Another user of the machine listens where a master has been, or is to come."""

import shutil
import signal
import sys
import time

from catalogue import Skipped, expect, fault
from cluster import PROGRAMS

NOBODY = 65_534
STRANGER = r"""
import socket, sys, threading
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=100)
print("listening", file=sys.stderr, flush=True)
def take(connection):
    while data := connection.recv(65536):
        print("got", data[:200], file=sys.stderr, flush=True)
while True:
    threading.Thread(target=take, args=(listener.accept()[0],), daemon=True).start()
"""


def stranger(cluster, port):
    """Keeps all that is sent to the port in its log."""
    if not shutil.which("setpriv"):
        raise Skipped("setpriv is not installed")
    child = cluster.start("stranger", [
        "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", sys.executable, "-c", STRANGER, str(port)])
    child.wait_for("listening")
    return child


@fault("H20", "another user listens where a master was killed: its workers and mr-ctl show him nothing", needs=["root"], short=True)
def takes_over(trial):
    cluster = trial.cluster(lines=240)
    cluster.hold("before-map-0")
    options = ["--reduces", "2", "--split-size", "1500", *cluster.step_options()]
    cluster.master(*options)
    cluster.master_child.wait_for("listening on")
    worker = cluster.worker("good")
    cluster.until_event("before", "map", 0)
    cluster.master_child.process.send_signal(signal.SIGKILL)
    cluster.master_child.wait(10)
    thief = stranger(cluster, cluster.port)
    cluster.let_go("before-map-0")
    late = cluster.worker("late")
    late.wait_for("another user's program listens")
    # The other one polls on.
    worker.wait_for("no answer from the master")
    # That nothing is sent is no event: both try several times meanwhile.
    time.sleep(2)
    for words in (["status"], ["cancel"], ["call", f"http://127.0.0.1:{cluster.port}/RPC2", "job.status"]):
        place = [] if words[0] == "call" else ["--master", f"127.0.0.1:{cluster.port}"]
        control = cluster.start("mr-ctl-" + words[0], [str(PROGRAMS / "mr-ctl"), *words, *place])
        expect(control.wait(20) == 1 and "another user's program listens" in control.log, f"mr-ctl {words[0]}: {control.log[-300:]}")
    expect("got" not in thief.log, f"the stranger was told {thief.log[-500:]}")
    thief.process.kill()
    thief.wait(10)
    cluster.master(*options)
    trial.finish(cluster)


@fault("H20a", "another user listens where no master has left word: a worker that waits for one does not speak to him", needs=["root"])
def waits_there(trial):
    cluster = trial.cluster(lines=20)
    thief = stranger(cluster, cluster.port)
    early = cluster.worker("early")
    early.wait_for("no master of this user has left word")
    # As above.
    time.sleep(2)
    control = cluster.start("mr-ctl", [str(PROGRAMS / "mr-ctl"), "status", "--master", f"127.0.0.1:{cluster.port}"])
    expect(control.wait(20) == 1, f"mr-ctl ended well: {control.log[-300:]}")
    expect("got" not in thief.log, f"the stranger was told {thief.log[-500:]}")
    thief.process.kill()
    thief.wait(10)
    cluster.master("--reduces", "2")
    trial.finish(cluster)
