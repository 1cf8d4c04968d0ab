"""The numbers of a run as plain data for `--json`. NaN and the infinities are null."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from hpsearch.objectives.metrics import METRICS
from hpsearch.study.derived import best_json
from hpsearch.study.line_file import plain
from hpsearch.study.replay import RunRecord
from hpsearch.trial import TrialRecord


def result_json(directory: Path, run: RunRecord, seconds: float) -> dict[str, Any]:
    """Return what `run` says at its end: the directory, `best`, `counts` by status, and `seconds`."""
    best = best_json(run, str(directory))
    return {
        "run": str(directory),
        "best": json.loads(best) if best else None,
        "counts": dict(Counter(record.status.value for record in run.history.values())),
        "seconds": round(seconds, 3),
    }


def run_json(directory: Path, run: RunRecord) -> dict[str, Any]:
    """Return a run with all its trials, curves apart."""
    best = best_json(run, str(directory))
    content = {
        "run": str(directory),
        "metric": run.start["metric"],
        "finished": run.finished or None,
        "counts": dict(Counter(record.status.value for record in run.history.values())),
        "best": json.loads(best) if best else None,
        "data": run.start["data"],
        "environment": run.start["environment"],
        "trials": [_trial(record) for record in run.history.values()],
    }
    return dict(plain(content))


def trial_json(record: TrialRecord) -> dict[str, Any]:
    """Return a trial with its curves."""
    return dict(plain({**_trial(record), "point": record.trial.point, "curves": record.curves}))


def list_row(directory: Path, run: RunRecord) -> dict[str, Any]:
    """Return a run as one row of `list`."""
    best, metric = run.incumbent, run.start["metric"]
    return {
        "run": directory.name,
        "state": "finished" if run.finished else "unfinished",
        "ended": sum(record.status.ended for record in run.history.values()),
        "planned": sum(run.plan.get("stages", [])),
        "metric": metric,
        "best": METRICS[metric].shown(best.value) if best else None,
        "test_error": run.test.get("error"),
        "started": run.start["at"],
    }


def winner_metrics(run: RunRecord) -> dict[str, float]:
    """Return the winner's metrics by the names that assertions use; those that were not measured are absent."""
    best = run.incumbent
    metrics = {name: best.last(name) for name in run.metrics} if best else {}
    metrics |= {f"test_{name}": run.test[name] for name in ("error", "loss") if name in run.test}
    errors = {name: value for name, value in metrics.items() if name.endswith("_error")}
    return metrics | {name.replace("_error", "_accuracy"): 1 - value for name, value in errors.items()}


def _trial(record: TrialRecord) -> dict[str, Any]:
    return {
        "trial": record.number,
        "stage": record.trial.stage,
        "status": record.status.value,
        "reason": record.reason or None,
        "value": record.value,
        "epochs": record.epochs_done,
        "params": dict(record.trial.params),
        "seconds": record.seconds,
    }
