"""What this machine is, and what versions take part."""
import os
import platform
import re
import subprocess

from .settings import CORES, PROJECT


def first_line(*command):
    try:
        answer = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT)
    except OSError:  # it is not installed
        return ""
    return (answer.stdout.strip().splitlines() or [""])[0]


def field(path, name):
    with open(path) as file:
        found = re.search(rf"^{name}\s*:\s*(.*)$", file.read(), re.M)
    return found[1].strip() if found else "unknown"


def commit():
    """The commit that is measured, with a word when the sources have changed since."""
    changed = subprocess.run(["git", "diff", "--quiet", "HEAD", "--", "Sources", "Package.swift"], cwd=PROJECT).returncode
    return (first_line("git", "rev-parse", "--short=10", "HEAD") or "unknown") + (" with changes" if changed else "")


def description():
    """Rows of name and value."""
    memory = int(field("/proc/meminfo", "MemTotal").split()[0]) / (1 << 20)
    swift = re.sub(r".*Swift version (\S+).*", r"\1", first_line("swift", "--version"))
    return [
        ("processor", f"{field('/proc/cpuinfo', 'model name')}; {CORES} of {os.cpu_count()} cores used"),
        ("memory", f"{memory:.0f} GiB"),
        ("system", f"{field_of_release()}, Linux {platform.release()}"),
        ("Swift", swift or "unknown"),
    ]


def field_of_release():
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "unknown")
    except OSError:  # there is no such file
        return "unknown"


def versions(installed):
    """Of the peers that are there."""
    found = [("mawk", first_line("mawk", "-W", "version")), ("GNU parallel", first_line("parallel", "--version")),
             ("coreutils", first_line("sort", "--version"))]
    numbers = [(name, re.search(r"\d[\w.]*", text)) for name, text in found]
    shown = [f"{name} {number[0]}" for name, number in numbers if number]
    for name, module in (("Polars", "polars"), ("DuckDB", "duckdb"), ("Dask", "distributed"), ("Ray", "ray"), ("Spark", "pyspark")):
        if version := installed.version(module):
            shown.append(f"{name} {version}")
    return ", ".join(shown)
