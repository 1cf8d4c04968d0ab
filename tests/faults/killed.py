"""Commands that are killed while they search, and how to tell that it made no difference."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpsearch.study.derived import TIMING_COLUMNS

SPEC = """\
name: faults
data: {source: digits}
network: {epochs: 9, hidden_layers: 1, hidden_units: 16}
space:
  learning_rate: {range: [1e-4, 1]}
  optimizer: [adam, momentum, sgd]
  momentum: {range: [0.8, 0.999], when: {optimizer: momentum}}
  activation: [relu, tanh]
search: {trials: 24, confirm: {leaders: 2, seeds: 2}}
"""
"""Stages, rungs and a confirmation, in a second or two."""

SMALL = """\
name: faults
network: {epochs: 2, hidden_layers: 1, hidden_units: 8}
space: {learning_rate: {range: [1e-3, 1e-1]}}
search: {method: random, trials: 6}
"""

PATIENCE = 120.0
"""Seconds after which a command that should have ended counts as hung."""


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, and what it wrote."""

    code: int
    out: str
    err: str


PROGRAM = "import sys; from hpsearch.cli.main import main; sys.argv[0] = 'hpsearch'; main()"


class Command:
    """`hpsearch run` on the spec in a folder, in a process group of its own.

    It starts with some Python statements `before`, in a `shell` command where `"$@"` stands for it, and writes its messages
    to `stderr`.
    """

    def __init__(
        self, folder: Path, *options: str, spec: str = SPEC, before: str = "", shell: str = "", stderr: int = subprocess.PIPE
    ) -> None:
        folder.mkdir(exist_ok=True)
        (folder / "faults.yaml").write_text(spec)
        self.folder = folder
        command = [sys.executable, "-c", before + PROGRAM, "run", "faults.yaml", *options]
        self._process = subprocess.Popen(
            ["sh", "-c", shell, "sh", *command] if shell else command,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """The number of the driver's process, or of the shell that started it."""
        return self._process.pid

    def reached(self, lines: int) -> bool:
        """Wait until the run's journal has so many lines; return whether it has, and the command goes on."""
        return self.came_to(lambda: len(journal(self.folder)) >= lines)

    def came_to(self, happened: Callable[[], bool]) -> bool:
        """Wait until something has happened; return whether it has, and the command goes on."""
        deadline = time.monotonic() + PATIENCE
        while self._process.poll() is None and time.monotonic() < deadline:
            if happened():
                return True
            self.lasted(0.002)
        return False

    def lasted(self, seconds: float) -> bool:
        """Wait; return whether the command still goes on afterwards."""
        try:
            self._process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            return True
        return False

    def send(self, number: signal.Signals) -> None:
        """Send the driver a signal."""
        self._process.send_signal(number)

    def kill_worker(self, draw: Callable[[Sequence[int]], int]) -> bool:
        """Kill a worker process; return whether there was one."""
        workers = [pid for pid, command in self._group() if "popen_loky" in command]
        if workers:
            os.kill(draw(workers), signal.SIGKILL)
        return bool(workers)

    def end(self) -> Ended:
        """Wait for the command's end; `err` is empty where its messages went elsewhere."""
        out, err = self._process.communicate(timeout=PATIENCE)
        return Ended(self._process.returncode, out, err or "")

    def orphans(self, seconds: float = 2.0) -> list[str]:
        """Return which processes of an ended command are still there after so long."""
        deadline = time.monotonic() + seconds
        while (left := self._group()) and time.monotonic() < deadline:
            pass
        return [command for _, command in left]

    def _group(self) -> list[tuple[int, str]]:
        listed = subprocess.run(["ps", "-axwwo", "pid=,pgid=,stat=,command="], capture_output=True, text=True, check=True)
        rows = (line.split(None, 3) for line in listed.stdout.splitlines())
        return [
            (int(row[0]), row[3])
            for row in rows
            if len(row) == 4 and int(row[1]) == self._process.pid and int(row[0]) != self._process.pid and "Z" not in row[2]
        ]


def run(folder: Path, *options: str, spec: str = SPEC, before: str = "", shell: str = "") -> Ended:
    """Run the command to its end."""
    return Command(folder, *options, spec=spec, before=before, shell=shell).end()


def directory(folder: Path) -> Path:
    """Return the only run in a folder."""
    (found,) = (folder / "runs").glob("faults-*")
    return found


def journal(folder: Path, kind: str = "") -> list[dict[str, Any]]:
    """Return the complete lines of the run's journal, those of one kind if it is named; none before it has begun."""
    found = min((folder / "runs").glob("faults-*/journal.jsonl"), default=None)
    if found is None:
        return []
    *whole, _ = found.read_bytes().split(b"\n")
    records = [json.loads(line) for line in whole]
    return [record for record in records if not kind or record["type"] == kind]


def results(folder: Path) -> tuple[list[dict[str, str]], dict[str, Any]]:
    """Return what a run came to but for its timing: the table of its trials, and the winner."""
    found = directory(folder)
    with (found / "trials.csv").open(newline="") as file:
        rows = [{name: cell for name, cell in row.items() if name not in TIMING_COLUMNS} for row in csv.DictReader(file)]
    best = json.loads((found / "best.json").read_text())
    return rows, {name: value for name, value in best.items() if name != "command"}


def trained(folder: Path) -> list[tuple[int, int, int]]:
    """Return (trial, repetition, first epoch) of every recorded block."""
    return [(block["trial"], block.get("repetition", 0), block["from"]) for block in journal(folder, "block")]


def assert_same(folder: Path, whole: Path) -> None:
    """Check that a run that was killed came to what the uninterrupted one did, and trained nothing twice on record."""
    assert results(folder) == results(whole)
    assert len(set(trained(folder))) == len(trained(folder))
