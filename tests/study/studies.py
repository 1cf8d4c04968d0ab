"""Small studies that train in a blink, ways to run and to interrupt them, and readers of what a run left."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from hpsearch.data.settings import DataSettings
from hpsearch.errors import Interrupted
from hpsearch.network.settings import NetworkSettings
from hpsearch.objectives.settings import PythonSettings
from hpsearch.search.settings import SearchSettings
from hpsearch.space.parameters import Choice, Real, Whole
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.study import dispatch
from hpsearch.study.derived import TIMING_COLUMNS
from hpsearch.study.events import Event, Trained
from hpsearch.study.record import RunRecord
from hpsearch.study.session import run_study
from hpsearch.study.study_spec import StudySpec
from hpsearch.study.subject import subject_of
from hpsearch.study.verify import Verdict, Verifier

TEXTS = {"spec.yaml": "# as given\n", "resolved.yaml": "name: blobs\n"}

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
    return StudySpec("blobs", 0, data, fixed, space, SearchSettings(method="random", trials=trials), "validation_error")


def make_staged(folder: Path, trials: int = 12, **search: Any) -> StudySpec:
    """Return a study of the blobs, coarse to fine with a fine stage as large as the coarse one, in rungs of 1, 3 and 9."""
    settings = SearchSettings(trials=trials, **{"stages": 1, **search})
    return replace(make_study(folder, epochs=9), search=settings)


def make_function_study(function: str, trials: int = 12, epochs: int = 1, **search: Any) -> StudySpec:
    """Return a study of one of the `functions` with x between 0 and 1, by default at random."""
    objective = PythonSettings(f"functions:{function}", epochs, path=str(Path(__file__).parent))
    settings = SearchSettings(**{"method": "random", "trials": trials, **search})
    space = SearchSpace({"x": Entry(Real(0, 1, "linear"))})
    return StudySpec("blobs", 0, DataSettings(), NetworkSettings(), space, settings, "value", objective=objective)


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


def run(study: StudySpec, runs: Path, jobs: int = 1, listen: Any = None, **options: Any) -> Path:
    """Search, and return the run's directory."""
    return run_study(subject_of(study), TEXTS, runs, jobs, listen or Listener(), **options)[0]


def interrupted(study: StudySpec, runs: Path, at: int, jobs: int = 1, kind: type[Event] = Trained) -> Path:
    """Search until the listener raises as on Ctrl-C, and return the latest run's directory."""
    with pytest.raises(Interrupted):
        run(study, runs, jobs, Listener(at, kind))
    return max(runs.glob("*-*"))


def verify_trial(study: StudySpec, run: RunRecord, number: int) -> Verdict:
    """Train one trial again."""
    return Verifier(study, run).verify(number)


@contextmanager
def tasks_of(seconds: float) -> Iterator[None]:
    """Let every task come back after so many seconds: after one epoch, if they are negative."""
    with patch.object(dispatch, "TASK_SECONDS", seconds):
        yield


def lines(path: Path, kind: str = "") -> list[dict[str, Any]]:
    """Return the records of a file, or those of one type."""
    records: list[dict[str, Any]] = [json.loads(line) for line in path.read_text().splitlines()]
    return [record for record in records if not kind or record["type"] == kind]


def journal(directory: Path, kind: str = "") -> list[dict[str, Any]]:
    return lines(directory / "journal.jsonl", kind)


def finished(runs: Path) -> Path | None:
    """Return the run that has finished, if there is one: no command would go on with it."""
    return next((path for path in sorted(runs.glob("*-*")) if "finish" in [fact["type"] for fact in facts(path)]), None)


def facts(directory: Path) -> list[dict[str, Any]]:
    """Return the complete records of a journal whose last line may be torn."""
    path = directory / "journal.jsonl"
    return [json.loads(line) for line in path.read_text().split("\n")[:-1]] if path.exists() else []


def spans(directory: Path) -> list[tuple[int, int, int]]:
    """Return (trial, from, to) of every recorded block."""
    return [(block["trial"], block["from"], block["to"]) for block in journal(directory, "block")]


def states(directory: Path) -> set[str]:
    """Return the names of the files with states."""
    return {path.name for path in (directory / "checkpoints").iterdir()}


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
