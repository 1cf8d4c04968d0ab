"""The numbers of a run as plain data for `--json`. NaN and the infinities are null."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hpsearch.objectives.objective import Confusion
from hpsearch.study.derived import best_json
from hpsearch.study.line_file import plain
from hpsearch.study.replay import RunRecord
from hpsearch.trial import TrialRecord


def result_json(directory: Path, run: RunRecord, seconds: float) -> dict[str, Any]:
    """Return what `run` says at its end: the directory, `best`, `counts` by status, `seconds`, and `notes`."""
    best = best_json(run, str(directory))
    return {
        "run": str(directory),
        "best": json.loads(best) if best else None,
        "counts": dict(Counter(record.status.value for record in run.history.values())),
        "seconds": round(seconds, 3),
        "notes": _notes(run),
    }


def run_json(directory: Path, run: RunRecord, confusions: Mapping[str, Confusion]) -> dict[str, Any]:
    """Return a run with all its trials, curves apart; `confusions` are the winner's by part."""
    best = best_json(run, str(directory))
    content = {
        "run": str(directory),
        "metric": run.metric.name,
        "select": run.select,
        "finished": run.finished or None,
        "counts": dict(Counter(record.status.value for record in run.history.values())),
        "best": json.loads(best) if best else None,
        "confusion": {part: asdict(confusion) for part, confusion in confusions.items()},
        "data": run.start["data"],
        "environment": run.start["environment"],
        "notes": _notes(run),
        "trials": [_trial(record) for record in run.history.values()],
    }
    return dict(plain(content))


def trial_json(record: TrialRecord) -> dict[str, Any]:
    """Return a trial with its curves."""
    return dict(plain({**_trial(record), "point": record.trial.point, "curves": record.curves}))


def list_row(directory: Path, run: RunRecord) -> dict[str, Any]:
    """Return a run as one row of `list`."""
    best = run.incumbent
    return {
        "run": directory.name,
        "state": "finished" if run.finished else "unfinished",
        "ended": sum(record.status.ended for record in run.history.values()),
        "planned": sum(run.plan.get("stages", [])),
        "metric": run.metric.name,
        "best": run.metric.shown(best.value) if best else None,
        "test_error": run.test.get("error"),
        "test_rmse": run.test.get("rmse"),
        "started": run.start["at"],
    }


def damaged_row(directory: Path) -> dict[str, Any]:
    """Return a run whose record cannot be read as one row of `list`."""
    unknown = ("ended", "planned", "metric", "best", "test_error", "test_rmse", "started")
    return {"run": directory.name, "state": "damaged", **dict.fromkeys(unknown)}


def winner_metrics(run: RunRecord) -> dict[str, float]:
    """Return the winner's metrics, at the epoch that counts, by the names that assertions use, as far as measured."""
    best = run.incumbent
    metrics = {name: best.selected(name) for name in run.columns} if best else {}
    metrics |= {f"test_{name}": value for name, value in run.test.items() if name != "rows"}
    errors = {name: value for name, value in metrics.items() if name.endswith("_error")}
    return metrics | {name.replace("_error", "_accuracy"): 1 - value for name, value in errors.items()}


def _notes(run: RunRecord) -> list[str]:
    """Return what is worth knowing of the data and of the record."""
    return [*run.start["data"]["notes"], *run.notes]


def _trial(record: TrialRecord) -> dict[str, Any]:
    return {
        "trial": record.number,
        "stage": record.trial.stage,
        "status": record.status.value,
        "reason": record.reason or None,
        "value": record.value,
        "epoch": record.selected_epoch or None,
        "epochs": record.epochs_done,
        "params": dict(record.trial.params),
        "seconds": record.seconds,
    }
