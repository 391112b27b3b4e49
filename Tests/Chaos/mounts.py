"""File systems of a trial's own: small ones that fill up, and one whose image can be copied as a power cut leaves it."""

import os
import shutil
import subprocess

from catalogue import Failed


def run(*command):
    """Fails the trial when the command does."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise Failed(f"the trial's own '{' '.join(map(str, command))}' failed: {done.stderr.strip()}")
    return done.stdout


def unmount(path):
    """May be called more than once."""
    subprocess.run(["umount", "-l", path], capture_output=True)


def tmpfs(trial, path, options):
    """A file system in memory, as 'size=1m' or 'nr_inodes=20' or 'ro'."""
    path.mkdir(exist_ok=True)
    run("mount", "-t", "tmpfs", "-o", options, "none", path)
    trial.at_end(lambda: unmount(path))


def fill(path):
    """Takes all room that is left; answers the file to remove."""
    filler = path / "filler"
    with open(filler, "wb", buffering=0) as file:
        for size in (1 << 16, 4096, 512, 1):
            try:
                while file.write(b"x" * size) == size:
                    pass
            except OSError:
                continue
    return filler


class PowerCut:
    """A disk in a file. A copy of the file is what a disk holds when the power goes: what was not synced is missing."""

    def __init__(self, trial, cluster, megabytes=48):
        self.image = cluster.folder / "disk"
        self.place = cluster.folder / "disk-mount"
        self.place.mkdir()
        with open(self.image, "wb") as file:
            file.truncate(megabytes << 20)
        run("mkfs.ext4", "-q", "-F", self.image)
        self.mount(self.image)
        trial.at_end(lambda: unmount(self.place))

    def mount(self, image):
        """In place of what was mounted before."""
        if os.path.ismount(self.place):
            run("umount", self.place)
        run("mount", "-o", "loop", image, self.place)

    def snapshot(self, path):
        """What the disk holds at this moment."""
        shutil.copyfile(self.image, path)
        return path
