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
        ["trial", "stage", "rung", "status", "value", *run.metrics, "epochs", "best_epoch", *run.parameters, *TIMING_COLUMNS]
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
        "metric": run.start["metric"],
        "params": dict(best.trial.params),
        "epochs": best.epochs_done,
        "test": {name: run.test[name] for name in ("error", "loss")} if run.test else None,
        "command": shlex.join(["hpsearch", "verify", directory, "--trial", str(best.number)]),
    }
    return json.dumps(plain(content), indent=2, ensure_ascii=False) + "\n"


def best_epoch(record: TrialRecord, metric: str) -> int | None:
    """Return the epoch (from 1) in which a metric was lowest, the first of equals; None without a finite one."""
    finite = [(value, epoch) for epoch, value in enumerate(record.curves.get(metric, ()), 1) if math.isfinite(value)]
    return min(finite)[1] if finite else None


def _row(run: RunRecord, record: TrialRecord, rungs: list[int]) -> list[str]:
    cells: list[Any] = [
        record.number,
        record.trial.stage,
        sum(rung <= record.epochs_done for rung in rungs) - 1 if rungs and record.epochs_done >= rungs[0] else None,
        record.status.value,
        record.value,
        *(record.last(metric) for metric in run.metrics),
        record.epochs_done,
        best_epoch(record, run.start["column"]),
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
