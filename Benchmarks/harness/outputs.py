"""What a program has written, as a digest that can be compared."""
import hashlib
import os
import shutil
import subprocess


def digest(path, is_sorted_again, environment):
    """The SHA-256 of a file, or of the parts in a folder one after the other; None when there is nothing.

    `is_sorted_again`: each part is sorted, all of them together are not, so their lines are put in order first.
    """
    if path.is_dir():
        files = sorted(path.glob("part-*"))
    else:
        files = [path] if path.exists() else []
    if not files:
        return None
    found = hashlib.sha256()
    # bytes.sort would need all lines in memory; `sort` sees bytes under LC_ALL=C.
    sort = f"cat \"$@\" | sort -S 512M -T '{path.parent}'" if is_sorted_again else "cat \"$@\""
    with subprocess.Popen(["sh", "-c", sort, "sh", *files], stdout=subprocess.PIPE, env=environment) as lines:
        while block := lines.stdout.read(1 << 20):
            found.update(block)
    return found.hexdigest() if lines.returncode == 0 else None


def remove(path):
    if path.is_dir():
        shutil.rmtree(path)
    elif path.exists():
        os.remove(path)
