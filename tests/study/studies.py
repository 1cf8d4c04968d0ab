"""Small studies that train in a blink, a listener that remembers and interrupts, and readers of what a run left."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from hpsearch.data.settings import DataSettings
from hpsearch.errors import Interrupted
from hpsearch.network.settings import NetworkSettings
from hpsearch.search.settings import SearchSettings
from hpsearch.space.parameters import Choice, Real, Whole
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.study.derived import TIMING_COLUMNS
from hpsearch.study.events import Event, Trained
from hpsearch.study.study_spec import StudySpec

SPACE = SearchSpace(
    {
        "learning_rate": Entry(Real(1e-3, 1, "log")),
        "optimizer": Entry(Choice(["adam", "momentum"])),
        "momentum": Entry(Real(0.5, 0.99, "1-beta"), when={"optimizer": ("momentum",)}),
        "hidden_layers": Entry(Whole(1, 2)),
    }
)
DIVERGING = SearchSpace({"learning_rate": Entry(Choice([0.05, 1e30]))})
"""With plain gradient descent and without batch norm the second choice diverges."""


def blobs(folder: Path, rows: int = 90) -> Path:
    """Write clouds of points in three classes to `blobs.npz`."""
    rng = np.random.default_rng(0)
    y = np.arange(rows) % 3
    path = folder / "blobs.npz"
    np.savez(path, x=(rng.standard_normal((rows, 4)) + y[:, None]).astype(np.float32), y=y)
    return path


def make_study(folder: Path, trials: int = 6, space: SearchSpace = SPACE, **network: Any) -> StudySpec:
    """Return a study of the blobs; the data are written first where they are not there yet."""
    path = folder / "blobs.npz"
    data = DataSettings(source=str(path if path.exists() else blobs(folder)))
    fixed = NetworkSettings(**{"epochs": 3, "hidden_units": 6, "batch_size": 16, **network})
    return StudySpec("blobs", 0, data, fixed, space, SearchSettings(trials=trials), "validation_error")


class Listener:
    """Remembers every event, and raises at the one with a number when told to: 1 is the first `Trained`."""

    def __init__(self, interrupt_at: int = 0, kind: type[Event] = Trained) -> None:
        self.events: list[Event] = []
        self._left, self._kind = interrupt_at, kind

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, self._kind):
            self._left -= 1
            if self._left == 0:
                raise Interrupted(2)


def lines(path: Path, kind: str = "") -> list[dict[str, Any]]:
    """Return the records of a file, or those of one type."""
    records: list[dict[str, Any]] = [json.loads(line) for line in path.read_text().splitlines()]
    return [record for record in records if not kind or record["type"] == kind]


def journal(directory: Path, kind: str = "") -> list[dict[str, Any]]:
    return lines(directory / "journal.jsonl", kind)


def spans(directory: Path) -> list[tuple[int, int, int]]:
    """Return (trial, from, to) of every recorded block."""
    return [(block["trial"], block["from"], block["to"]) for block in journal(directory, "block")]


def table(directory: Path) -> list[dict[str, str]]:
    """Return trials.csv without the columns that may differ between two runs."""
    with (directory / "trials.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return [{name: cell for name, cell in row.items() if name not in TIMING_COLUMNS} for row in rows]


def best(directory: Path) -> dict[str, Any]:
    """Return best.json without the command, which names the directory."""
    content: dict[str, Any] = json.loads((directory / "best.json").read_text())
    del content["command"]
    return content


def failing_at(call: int, function: Callable[..., Any], error: BaseException) -> Callable[..., Any]:
    """Return a function that does as the given one until a call, and from then on raises."""
    count = 0

    def replacement(*arguments: Any) -> Any:
        nonlocal count
        count += 1
        if count >= call:
            raise error
        return function(*arguments)

    return replacement
