"""What the benchmarks share: one thread on one core, what machine this is, and a fair clock.

Only the standard library is imported here: `hold_one_thread` has to run before NumPy, PyTorch and JAX are loaded.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

THREADS = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_PLATFORMS": "cpu",
}


@dataclass(frozen=True)
class Contestant:
    """Something to time.

    `run(n)` does n units of work; `per_unit` is how many things that are counted (steps of one network) a unit holds.
    """

    name: str
    run: Callable[[int], None]
    per_unit: float = 1


def hold_one_thread() -> None:
    """Tell BLAS, OpenMP and XLA to use one thread, and stay on one core where the system allows it."""
    if "numpy" in sys.modules:
        raise RuntimeError("NumPy is loaded already: its threads can no longer be set")
    os.environ.update(THREADS)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def describe(packages: Iterable[str]) -> dict[str, str]:
    """Return the processor, the versions, and the settings of threads, by name."""
    cores = f"{len(os.sched_getaffinity(0))} of " if hasattr(os, "sched_getaffinity") else ""
    found = {
        "processor": _processor(),
        "cores used": f"{cores}{os.cpu_count()}",
        "system": platform.platform(),
        "python": platform.python_version(),
    }
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found | {name: os.environ.get(name, "unset") for name in THREADS}


def alternate(contestants: Sequence[Contestant], rounds: int, seconds: float) -> dict[str, list[float]]:
    """Time all contestants in turn, round after round, every other round backwards.

    Returns the seconds per counted thing of each round. A measurement takes about `seconds`.
    """
    units = {contestant.name: _calibrated(contestant.run, seconds) for contestant in contestants}
    times: dict[str, list[float]] = {contestant.name: [] for contestant in contestants}
    for number in range(rounds):
        for contestant in contestants if number % 2 == 0 else reversed(contestants):
            n = units[contestant.name]
            times[contestant.name].append(_timed(contestant.run, n) / (n * contestant.per_unit))
    return times


def _calibrated(run: Callable[[int], None], seconds: float) -> int:
    """Warm up, and find how many units take about `seconds`."""
    run(2)
    n = 2
    while (elapsed := _timed(run, n)) < seconds / 4:
        n *= 4
    return max(1, round(n * seconds / elapsed))


def _timed(run: Callable[[int], None], n: int) -> float:
    begin = time.perf_counter()
    run(n)
    return time.perf_counter() - begin


def ratio(times: Mapping[str, Sequence[float]], slow: str, fast: str) -> tuple[float, float, float]:
    """Return how many times the time of `fast` is that of `slow`: the median over the rounds, the least, the most."""
    ratios = [a / b for a, b in zip(times[slow], times[fast], strict=True)]
    return statistics.median(ratios), min(ratios), max(ratios)


def table(rows: Sequence[Sequence[str]]) -> str:
    """Lay out rows of text: the first column to the left, the others to the right; the first row is the head."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))]).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "-" * (sum(widths) + 2 * len(widths) - 2), *lines[1:]])


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()
