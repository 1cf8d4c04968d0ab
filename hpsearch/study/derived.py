"""The files for people and other programs, made from the record and never read back."""

from __future__ import annotations

import csv
import io
import json
import math
import shlex
from typing import Any

from hpsearch.study.line_file import plain
from hpsearch.study.replay import RunRecord
from hpsearch.trial import TrialRecord

TIMING_COLUMNS = ("seconds", "started_at", "finished_at", "worker")
"""The only columns in which two runs of one spec may differ."""


def trials_csv(run: RunRecord) -> str:
    """Return the table of all started trials: one row each, by number; floats by repr, lists as JSON, empty for none."""
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(
        ["trial", "stage", "rung", "status", "value", *run.columns, "epochs", "best_epoch", *run.parameters, *TIMING_COLUMNS]
    )
    rungs = run.plan.get("rungs", [])
    writer.writerows(_row(run, record, rungs) for _, record in sorted(run.history.items()))
    return output.getvalue()


def best_json(run: RunRecord, directory: str) -> str | None:
    """Return the incumbent with the command that trains it again, or None while there is none."""
    best = run.incumbent
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
        "test": {name: value for name, value in run.test.items() if name != "rows"} or None,
        "command": shlex.join(["hpsearch", "verify", directory, "--trial", str(best.number)]),
    }
    return json.dumps(plain(content), indent=2, ensure_ascii=False) + "\n"


def _row(run: RunRecord, record: TrialRecord, rungs: list[int]) -> list[str]:
    cells: list[Any] = [
        record.number,
        record.trial.stage,
        sum(rung <= record.epochs_done for rung in rungs) - 1 if rungs and record.epochs_done >= rungs[0] else None,
        record.status.value,
        record.value,
        *(record.selected(column) for column in run.columns),
        record.epochs_done,
        run.metric.best_epoch(record.curves.get(run.metric.column, ())),
        *(record.trial.params.get(name) for name in run.parameters),
        round(record.seconds, 3) if record.seconds else None,
        record.started_at,
        record.finished_at,
        record.worker,
    ]
    return [_cell(cell) for cell in cells]


def _cell(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value) if isinstance(value, list | bool) else str(value)
