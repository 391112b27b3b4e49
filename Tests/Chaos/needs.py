"""What a fault needs of the machine, and whether it is there. Each probe answers None, or the reason why not."""

import functools
import os
import pathlib
import shutil
import subprocess

FAKETIME = next(iter(sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)


def _root():
    return None if os.geteuid() == 0 else "needs root"


def _program(name):
    return None if shutil.which(name) or pathlib.Path("/usr/sbin", name).exists() else f"{name} is not installed"


def _tries(*command):
    """Whether the command succeeds."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{command[0]}: {error}"
    return None if done.returncode == 0 else f"'{' '.join(command)}' does not work here"


def _tmpfs():
    return _root() or _tries("unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt")


def _loop():
    return _root() or _program("mkfs.ext4") or _tries("losetup", "-f")


def _strace():
    return _program("strace") or _tries("strace", "-f", "-b", "execve", "-e", "inject=fsync:error=EIO", "true")


def _faketime():
    return None if FAKETIME else "libfaketime is not installed"


def _namespace():
    return _root() or _tries(
        "unshare", "-m", "mount", "--bind", "/proc/sys/kernel/random/uuid", "/proc/sys/kernel/random/boot_id"
    )


def _iptables():
    return _root() or _program("iptables") or _tries("iptables", "-w", "-L", "-n")


def _cgroup():
    """Whether a group for processes can be made, and one for memory."""
    if _root():
        return _root()
    for name in ("pids", "memory"):
        if not os.access(f"/sys/fs/cgroup/{name}", os.W_OK):
            controllers = pathlib.Path("/sys/fs/cgroup/cgroup.subtree_control")
            if not (controllers.exists() and name in controllers.read_text()):
                return f"no control group for {name} can be made"
    return None


PROBES = {
    "cgroup": _cgroup,
    "root": _root,
    "strace": _strace,
    "tmpfs": _tmpfs,
    "loop": _loop,
    "faketime": _faketime,
    "namespace": _namespace,
    "iptables": _iptables,
}


@functools.cache
def missing(need):
    """Why that means is not to be had on this machine; None when it is."""
    return PROBES[need]()
