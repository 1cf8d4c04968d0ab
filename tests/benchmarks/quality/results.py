"""Regrets on file: one line of JSON each, so that none is computed twice.

A line is known by objective, method, seed and mark (trials, or full trainings), with the versions of objective and method.
Of several lines alike the last counts. Several processes may append to one file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple


class Key(NamedTuple):
    """Whose regret it is. `unit` says what the mark counts: `trials`, or `trainings` of epochs as budget."""

    objective: str
    method: str
    seed: int
    unit: str
    mark: int


@dataclass(frozen=True)
class Result:
    """A regret, and the seconds of the run that it came from."""

    objective: str
    method: str
    seed: int
    unit: str
    mark: int
    regret: float
    seconds: float
    objective_version: str
    method_version: str

    @property
    def key(self) -> Key:
        """The key."""
        return Key(self.objective, self.method, self.seed, self.unit, self.mark)


def append(file: Path, results: Iterable[Result]) -> None:
    """Write lines at the end of a file, all at once."""
    text = "".join(json.dumps(asdict(result)) + "\n" for result in results)
    with file.open("a") as stream:
        stream.write(text)


def read(file: Path) -> Iterator[Result]:
    """Yield what is on file, in its order."""
    if file.exists():
        for line in file.read_text().splitlines():
            yield Result(**json.loads(line))
