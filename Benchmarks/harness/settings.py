"""What one run of the benchmarks is asked to do, from environment variables. `Benchmarks/bench --help` lists them."""
import os
from dataclasses import dataclass
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parent.parent
PROJECT = BENCHMARKS.parent
CORES = 2  # everything is pinned to this many, so that larger machines compare the same thing


def flag(name):
    return os.environ.get(name, "") not in ("", "0", "no")


def names(name):
    return tuple(part.strip().lower() for part in os.environ.get(name, "").split(",") if part.strip())


@dataclass(frozen=True)
class Settings:
    folder: Path        # data, compiled programs, the peers' venv, results
    programs: Path      # where mr-master and mr-worker are
    python: Path        # the interpreter that has the Python peers
    rounds: int
    quick: bool
    large: bool
    sections: tuple     # those asked for; empty: all
    peers: tuple        # those asked for; empty: all

    @staticmethod
    def from_environment():
        folder = Path(os.environ.get("BENCH_DIR") or PROJECT / ".build/bench").absolute()
        quick = flag("QUICK")
        return Settings(
            folder=folder,
            programs=Path(os.environ.get("BENCH_PROGRAMS") or PROJECT / ".build/release").absolute(),
            python=Path(os.environ.get("BENCH_PYTHON") or folder / "venv/bin/python").absolute(),
            rounds=int(os.environ.get("BENCH_ROUNDS") or (1 if quick else 3)),
            quick=quick, large=flag("BENCH_LARGE"),
            sections=names("BENCH_ONLY"), peers=names("BENCH_PEERS"))

    def wants(self, section):
        return not self.sections or section in self.sections
