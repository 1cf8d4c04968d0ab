"""The files for people and other programs, made from the record and never read back."""

from __future__ import annotations

import csv
import io
import json
import math
import shlex
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any

from hpsearch.study.confirmation import Confirmation
from hpsearch.study.line_file import plain
from hpsearch.study.record import RunRecord
from hpsearch.trial import TrialRecord

TIMING_COLUMNS = ("seconds", "started_at", "finished_at", "worker")
"""The only columns in which two runs of one spec may differ."""


COLUMNS = ("trial", "stage", "rung", "status", "value")
RESERVED = (*COLUMNS[:-1], "epochs", "best_epoch", *TIMING_COLUMNS)
"""The columns that no metric and no parameter may be called."""


def derived_files(run: RunRecord, directory: Path) -> dict[str, str]:
    """Return what is made from the record of a run in a directory, by file name."""
    best = best_json(run, str(directory))
    return {"trials.csv": trials_csv(run), **({"best.json": best} if best is not None else {})}


def trials_csv(run: RunRecord) -> str:
    """Return the table of all started trials: one row each, by number; floats by repr, lists as JSON, empty for none."""
    return csv_text(columns(run), (row(run, record) for _, record in sorted(run.history.items())))


def csv_text(names: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """Return rows of cells as CSV under the names of their columns."""
    return "".join(map(_csv_line, chain([names], rows)))


def _csv_line(cells: Iterable[Any]) -> str:
    """Return a line; Python quotes those ends of a line that it writes itself, so it is told of both."""
    output = io.StringIO()
    csv.writer(output, lineterminator="\r\n").writerow(map(cell_text, cells))
    return output.getvalue().removesuffix("\r\n") + "\n"


def columns(run: RunRecord) -> list[str]:
    """Return the names of the columns of trials.csv."""
    return [*COLUMNS, *_metrics(run), "epochs", "best_epoch", *run.parameters, *TIMING_COLUMNS]


def best_json(run: RunRecord, directory: str) -> str | None:
    """Return the winner with the command that trains it again, if one can, or None while there is no winner."""
    best, confirmation = run.winner, run.confirmation
    if best is None:
        return None
    content = {
        "trial": best.number,
        "value": best.value,
        "metric": run.metric.name,
        "select": run.select,
        "epoch": best.selected_epoch,
        "params": dict(best.trial.params),
        "epochs": best.epochs_done,
        "confirmed": _confirmed(confirmation) if confirmation else None,
        "test": {name: value for name, value in run.test.items() if name != "rows"} or None,
        "command": reproducing(run, best, directory),
    }
    return json.dumps(plain(content), indent=2, ensure_ascii=False) + "\n"


def reproducing(run: RunRecord, record: TrialRecord, directory: str) -> str | None:
    """Return the command that trains a trial again; None where no command can, or there is nothing to compare with."""
    if run.is_of_program or not record.epochs_done:
        return None
    return shlex.join(["hpsearch", "verify", directory, "--trial", str(record.number)])


def _metrics(run: RunRecord) -> list[str]:
    """Return the columns of the metrics; of a function that gives nothing but its value there is none."""
    return [name for name in run.columns if name != "value"]


def _confirmed(confirmation: Confirmation) -> dict[str, Any]:
    winner = confirmation.winner
    return {
        "mean": winner.mean,
        "standard_error": winner.error,
        "values": list(winner.fresh),
        "pick": {
            "trial": confirmation.leaders[0].trial,
            "picked": confirmation.leaders[0].picked,
            "mean": confirmation.leaders[0].mean,
            "optimism": confirmation.optimism,
        },
        "alike": [leader.trial for leader in confirmation.alike],
        "cheapest": confirmation.cheapest.trial,
    }


def row(run: RunRecord, record: TrialRecord) -> list[Any]:
    """Return a trial as the cells of these columns: numbers, texts and lists; None or NaN for what there is not."""
    rungs = run.plan.rungs if run.plan else ()
    return [
        record.number,
        record.trial.stage,
        sum(rung <= record.epochs_done for rung in rungs) - 1 if rungs and record.epochs_done >= rungs[0] else None,
        record.status.value,
        record.value,
        *(record.selected(column) for column in _metrics(run)),
        record.epochs_done,
        run.metric.best_epoch(record.curves.get(run.metric.column, ())),
        *(record.trial.params.get(name) for name in run.parameters),
        round(record.seconds, 3) if record.seconds else None,
        record.started_at or None,
        record.finished_at or None,
        record.worker or None,
    ]


def cell_text(value: Any) -> str:
    """Return a cell as it is written: floats by repr, lists and truth values as JSON, nothing for none."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value) if isinstance(value, list | bool) else str(value)
