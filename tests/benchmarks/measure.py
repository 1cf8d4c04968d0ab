"""The price of a command from outside: wall time, processor time, and the peak memory of its process tree."""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SAMPLE_SECONDS = 0.05
ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER of Linux's prctl
SHOWN_CHARACTERS = 3000


@dataclass(frozen=True)
class Price:
    """Wall and processor seconds of a command with all its descendants."""

    wall: float
    cpu: float


def timed(command: Sequence[str], directory: Path) -> Price:
    """Run a command to its end, its start included, in an empty directory, which then holds its `output.txt`.

    Raises CalledProcessError when it fails, and prints the end of its output.

    On Linux orphans of its workers come to this process, so that their processor time is counted as well; they are waited
    for after the clock of the wall has stopped.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(ADOPT_ORPHANS, 1, 0, 0, 0)
    used, begin = _cpu_of_children(), time.perf_counter()
    with _running(command, directory) as process:
        process.wait()
    wall = time.perf_counter() - begin
    while _reap():
        time.sleep(SAMPLE_SECONDS)
    return Price(wall, _cpu_of_children() - used)


def peak_memory(command: Sequence[str], directory: Path) -> dict[str, float]:
    """Run a command and return the peaks in MB, over time, of sums over its process tree, sampled every 50 ms.

    `pss` shares a page among the processes that map it, `uss` counts pages that no other process maps, `rss` counts shared
    pages in each. Reading them costs the machine something: this run is not one to time. Fails as `timed` does.
    """
    peaks = {"pss": 0.0, "uss": 0.0, "rss": 0.0}
    with _running(command, directory) as process:
        while process.poll() is None:
            for kind, value in _memory_of_tree(process.pid).items():
                peaks[kind] = max(peaks[kind], value)
            time.sleep(SAMPLE_SECONDS)
    return peaks


def _memory_of_tree(root: int) -> dict[str, float]:
    import psutil

    sums = {"pss": 0.0, "uss": 0.0, "rss": 0.0}
    try:
        tree = [psutil.Process(root), *psutil.Process(root).children(recursive=True)]
    except psutil.Error:
        return sums
    for process in tree:
        try:
            memory: Any = process.memory_full_info()
        except psutil.Error:  # it ended meanwhile
            continue
        for kind in sums:
            sums[kind] += getattr(memory, kind, 0) / 1e6
    return sums


@contextmanager
def _running(command: Sequence[str], directory: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start a command for a block that waits for its end; when it failed, show the end of what it wrote."""
    output = directory / "output.txt"
    with output.open("wb") as file:
        process = subprocess.Popen(command, cwd=directory, stdout=file, stderr=subprocess.STDOUT)
    yield process
    if process.returncode != 0:
        print(output.read_text(errors="replace")[-SHOWN_CHARACTERS:], file=sys.stderr)
        raise subprocess.CalledProcessError(process.returncode, process.args)


def _cpu_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _reap() -> bool:
    """Collect orphans that have ended; return whether some are still there."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True
