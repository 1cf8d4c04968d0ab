"""The directories of runs: finding, reading and numbering them, and holding one for one process.

Beside the runs lies `.numbers/`, with the last number of each name, so that none is used twice, and the lock of the process
that is about to begin a run. What is in a run's directory is written by `run_dir`.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from hpsearch.data.messages import escaped, shown
from hpsearch.errors import RecordError, UsageError, reason_of
from hpsearch.objectives.metrics import METRICS
from hpsearch.prose import first_of, nearest
from hpsearch.study.entries import MALFORMED
from hpsearch.study.files import open_own, open_regular, write_whole
from hpsearch.study.line_file import read_lines
from hpsearch.study.record import RunRecord
from hpsearch.study.replay import replay

JOURNAL = "journal.jsonl"
CURVES = "curves.jsonl"
LOCK = "lock"
MODELS = "models"
NUMBERS = ".numbers"
RUNS_DIR = Path("runs")
RUNS_DIR_VARIABLE = "HPSEARCH_RUNS_DIR"

_START = {
    "identity": str,
    "select": str,
    "metrics": list,
    "parameters": list,
    "averaging": list,
    "at": str,
    "data": dict,
    "environment": dict,
}
_DATA = {"fingerprint": str, "sha256": str, "notes": list}
"""What a start record, and its `data`, must hold to be shown and gone on with, and of which kind each is."""


def runs_directory(given: str | os.PathLike[str] | None = None) -> Path:
    """Return the directory that holds the runs: the given one, else that of $HPSEARCH_RUNS_DIR, else `runs`."""
    return Path(given or os.environ.get(RUNS_DIR_VARIABLE) or RUNS_DIR)


def run_directories(runs_dir: Path) -> list[Path]:
    """Return the directories of all runs, by name and number."""
    if not runs_dir.is_dir():
        return []
    return sorted((path.parent for path in runs_dir.glob(f"*/{JOURNAL}")), key=_by_number)


def _by_number(directory: Path) -> list[tuple[int, str]]:
    """Return what sorts names as people do: s-999 before s-1000."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", directory.name)]


def find_run(name: str, runs_dir: Path) -> Path:
    """Return the directory of a run given as a directory, a name, a unique prefix of one, or `latest`."""
    with suppress(OSError):  # longer than a name can be
        if (Path(name) / JOURNAL).is_file():
            return Path(name)
    directories = run_directories(runs_dir)
    if not directories:
        raise UsageError(f"there are no runs in {runs_dir}; `hpsearch run CONFIG` makes one, --runs-dir names another place")
    if name == "latest":
        return max(directories, key=lambda path: (path / JOURNAL).stat().st_mtime_ns)
    exact = [path for path in directories if path.name == name]
    matches = exact or [path for path in directories if name and path.name.startswith(name)]
    if len(matches) == 1:
        return matches[0]
    names = [escaped(path.name) for path in matches or directories]
    listed = first_of(names[-8:] + names[:-8], 8)
    if matches:
        raise UsageError(f"{shown(name)} fits {len(matches)} runs: {listed}")
    near = nearest(name, [path.name for path in directories])
    meant = f"did you mean {escaped(near)}? " if near else ""
    raise UsageError(f"no run is called {shown(name)}", f"{meant}there are: {listed}")


def read_run(directory: Path) -> RunRecord:
    """Read a run's record; needs the journal and the curves only. Raises RecordError when it is damaged."""
    journal, notes = read_lines(directory / JOURNAL)
    if not journal or journal[0].get("type") != "start":
        raise RecordError(f"{directory / JOURNAL}: does not begin with a start record; this is not a run")
    check_start(directory, journal[0])
    curves, curve_notes = read_lines(directory / CURVES)
    try:
        run = replay(journal, curves)
    except MALFORMED as error:
        raise RecordError(f"{directory / JOURNAL}: a record lacks what it should hold: {error!r}") from error
    except RecordError as error:
        where = f" ({'; '.join(notes)})" if notes else ""
        todo = f"put the file back from a copy, or delete {directory} and search anew"
        raise RecordError(f"{directory / JOURNAL}: {error}{where}; {todo}") from error
    waiting, again = ([r for r in known.values() if not r.status.ended] for known in (run.history, run.repetitions))
    if run.lost or waiting or (notes and again):
        run.finished = ""  # what is lost is trained again
    run.start = {**run.start, "run": directory.name}  # it may have been renamed
    run.notes += notes + curve_notes
    if run.lost:
        trials = first_of(run.lost_trials)
        run.notes.append(
            f"{CURVES}: curves are missing or damaged; from there on they count as not trained: trials {trials}"
        )
    return run


def check_start(directory: Path, start: Mapping[str, Any]) -> None:
    """Raise RecordError unless a start record holds what everything else relies on."""
    wrong = [name for name, kind in _START.items() if not isinstance(start.get(name), kind)]
    if not wrong:
        wrong = [f"data.{name}" for name, kind in _DATA.items() if not isinstance(start["data"].get(name), kind)]
    if not isinstance(start.get("metric"), str) or not (start["metric"] in METRICS or start["data"].get("task") == "python"):
        wrong.append("metric")
    if wrong:
        raise RecordError(f"{directory / JOURNAL}: the start record holds nothing usable as {', '.join(wrong)}")


@contextmanager
def choosing(runs_dir: Path) -> Iterator[None]:
    """Let one process at a time look for a run and begin one, so that two never begin the same; waits for the other."""
    numbers = runs_dir / NUMBERS
    try:
        numbers.mkdir(parents=True, exist_ok=True)
        file = os.fdopen(open_own(numbers / ".lock"), "rb")
    except OSError as error:
        raise UsageError(f"{runs_dir}: runs cannot be kept here: {reason_of(error)}") from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def new_directory(runs_dir: Path, name: str) -> Path:
    """Create the next numbered directory of a name, while `choosing`.

    Numbers are never used twice, not even after a run was deleted.
    """
    pattern = re.compile(re.escape(name) + r"-([0-9]{1,9})")
    taken = [int(match[1]) for path in runs_dir.iterdir() if (match := pattern.fullmatch(path.name))]
    counter = runs_dir / NUMBERS / name
    number = max([0, *taken, _last_number(counter)]) + 1
    write_whole(counter, f"{number}\n")
    directory = runs_dir / f"{name}-{number:03d}"
    directory.mkdir()
    return directory


def _last_number(counter: Path) -> int:
    """Return the number in a file; 0 if there is none."""
    try:
        with open_regular(counter) as file:
            last = re.fullmatch(rb"\s*([0-9]{1,9})\s*", file.read(100))
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise UsageError(f"{counter}: cannot be read: {reason_of(error)}") from error
    return int(last[1]) if last else 0


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Hold a run for this process; the kernel lets go of it however the process ends."""
    try:
        descriptor = open_own(directory / LOCK)
    except OSError as error:
        raise RecordError(f"{directory / LOCK}: cannot be locked: {reason_of(error)}") from error
    with os.fdopen(descriptor, "r+b") as file:
        if not _is_locked(file):
            raise UsageError(f"{directory} is being searched by {_holder(file)}")
        file.truncate(0)
        file.write(f"process {os.getpid()} on {socket.gethostname()}\n".encode())
        file.flush()
        yield


def _is_locked(file: BinaryIO) -> bool:
    """Lock a file, and return whether that came about; a reader who looks whether it is locked holds it for an instant."""
    for _ in range(5):
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(0.002)
    return False


def driver_of(directory: Path) -> str | None:
    """Return which process works on a run now, as it says of itself, or None; raises OSError where that cannot be told.

    The lock is tried in the kind that readers share, and let go of at once.
    """
    try:
        with open_regular(directory / LOCK) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return _holder(file)
    except FileNotFoundError:
        pass
    return None


def _holder(lock: BinaryIO) -> str:
    return escaped(lock.read(1000).decode(errors="replace").strip()) or "another process"


def remove_unbegun(directory: Path) -> None:
    """Delete a directory in which no run began."""
    if not (directory / JOURNAL).exists():
        shutil.rmtree(directory, ignore_errors=True)
