"""What a search costs besides its trainings: ten thousand trials of a function that takes next to no time.

Printed per trial: wall time of the whole command, its processor time, and what a bare `fsync` of as many bytes takes here,
of which the record needs two for each trial. Then the peak memory of the command beside that of reading its record alone,
and how long it takes to show it.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import click
from machine import describe, table

MODULE = "def quadratic(x, y, z, w):\n    return (x - 0.3) ** 2 + (y - 0.5) ** 2 + z * w\n"
SPEC = """\
name: many
objective: {{python: "function:quadratic"}}
space: {{x: {{range: [0.0, 1.0]}}, y: {{range: [0.0, 1.0]}}, z: {{range: [0.0, 1.0]}}, w: {{range: [0.0, 1.0]}}}}
search: {{method: {method}, trials: {trials}}}
"""
PROGRAM = "from hpsearch.cli.main import main; main()"
LINE_BYTES = 600


def command(folder: Path, *arguments: str) -> tuple[float, float, float]:
    """Run a command of the package; return its wall and processor seconds, and the peak memory of its own process in MB."""
    with (folder / "out.txt").open("wb") as out:
        begin = time.perf_counter()
        process = os.posix_spawn(
            sys.executable,
            [sys.executable, "-c", PROGRAM, *arguments],
            {**os.environ, "HPSEARCH_RUNS_DIR": str(folder / "runs")},
            file_actions=[(os.POSIX_SPAWN_DUP2, out.fileno(), 1), (os.POSIX_SPAWN_DUP2, out.fileno(), 2)],
        )
        _, status, used = os.wait4(process, 0)
    if status:
        raise SystemExit((folder / "out.txt").read_text())
    return time.perf_counter() - begin, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def synced(folder: Path, count: int = 300) -> float:
    """Return the median seconds of appending a line and syncing it."""
    times = []
    with (folder / "line").open("wb", buffering=0) as file:
        for _ in range(count):
            file.write(b"x" * LINE_BYTES)
            begin = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - begin)
    return statistics.median(times)


@click.command()
@click.option("--trials", default=10_000, show_default=True)
@click.option("--rounds", default=3, show_default=True)
@click.option("--methods", default="random, coarse-to-fine", show_default=True)
def main(trials: int, rounds: int, methods: str) -> None:
    """Print the medians of some rounds."""
    for name, fact in describe(["hpsearch", "numpy", "joblib"]).items():
        print(f"{name}: {fact}")
    rows = [["per trial", "wall", "processor", "two syncs", "peak memory", "reading the record", "show"]]
    for method in methods.split(", "):
        figures = []
        for _ in range(rounds):
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                (folder / "function.py").write_text(MODULE)
                (folder / "many.yaml").write_text(SPEC.format(method=method, trials=trials))
                os.chdir(folder)
                sync = synced(folder)
                wall, processor, memory = command(folder, "run", "many.yaml", "--jobs", "1", "--quiet")
                show, _, reading = command(folder, "show", "latest")
                figures.append((1e3 * wall / trials, 1e3 * processor / trials, 2e3 * sync, memory, reading, show))
                os.chdir("/")
        wall, processor, sync, memory, reading, show = map(statistics.median, zip(*figures, strict=True))
        rows.append(
            [
                f"{method}, {trials}",
                *(f"{milliseconds:.2f} ms" for milliseconds in (wall, processor, sync)),
                *(f"{megabytes:.0f} MB" for megabytes in (memory, reading)),
                f"{show:.2f} s",
            ]
        )
    print(table(rows))


if __name__ == "__main__":
    main()
