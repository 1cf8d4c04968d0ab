"""A small recorded run, built as a journal would build it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hpsearch.objectives.objective import Confusion
from hpsearch.study.replay import RunRecord, replay

START: dict[str, Any] = {
    "type": "start",
    "run": "digits-001",
    "metric": "validation_error",
    "column": "validation_error",
    "select": "last_epoch",
    "metrics": ["validation_error", "validation_loss", "validation_macro_f1", "train_loss"],
    "parameters": ["learning_rate", "optimizer", "momentum", "hidden_units"],
    "averaging": ["momentum"],
    "epochs": 3,
    "at": "2026-11-21T10:00:00+00:00",
    "data": {"rows": {"train": 600, "validation": 200, "test": 200}, "notes": []},
    "environment": {"numpy": "2.4.6"},
}
PARAMS: list[dict[str, Any]] = [
    {"learning_rate": 0.0064919, "optimizer": "adam", "hidden_units": 224},
    {"learning_rate": 0.3699, "optimizer": "momentum", "momentum": 0.99872, "hidden_units": [64, 32]},
    {"learning_rate": 0.9, "optimizer": "momentum", "momentum": 0.9, "hidden_units": 16},
    {"learning_rate": 0.01, "optimizer": "adam", "hidden_units": 20},
]
CURVES = [[0.4, 0.1, 0.125], [0.3, 0.2, 0.08], [0.7, float("nan")], []]
ENDS = [
    ("complete", ""),
    ("complete", ""),
    ("diverged", "the loss was no longer a finite number in epoch 2"),
    ("failed", "trace\nValueError: bad"),
]


SCORES = {"error": 0.085, "loss": 0.3, "macro_f1": 0.9, "rows": 200}
CONFUSION = Confusion(("4", "7", "9"), ((60, 1, 3), (0, 66, 7), (3, 3, 57)))
REGRESSION: dict[str, Any] = {
    "run": "houses-001",
    "metric": "validation_rmse",
    "column": "validation_rmse",
    "metrics": ["validation_rmse", "validation_loss", "validation_r2", "train_loss"],
}


def recorded_run(best_epochs: bool = False, **start: Any) -> RunRecord:
    """Four trials: two complete, one diverged, one failed; the winner scored on the test part.

    With `best_epochs` the best epoch of each counts.
    """
    start["select"] = "best_epoch" if best_epochs else "last_epoch"
    journal: list[dict[str, Any]] = [{**START, **start}, {"type": "plan", "stages": [4], "rungs": [3]}]
    trials = [{"trial": k, "point": [0.5] * 4, "params": params} for k, params in enumerate(PARAMS)]
    journal.append({"type": "stage", "stage": 0, "until": 3, "trials": trials})
    curves = []
    for number, (curve, (status, reason)) in enumerate(zip(CURVES, ENDS, strict=True)):
        finite = curve and curve[-1] == curve[-1]
        block = {"type": "block", "trial": number, "from": 0, "to": len(curve), "status": status, "reason": reason}
        timing = {
            "seconds": 0.25,
            "started_at": "2026-11-21T10:00:00.000+00:00",
            "finished_at": "2026-11-21T10:00:01.000+00:00",
        }
        epoch = curve.index(min(curve)) + 1 if finite and best_epochs else len(curve)
        judged = {"value": curve[epoch - 1] if finite else None, "selected": epoch}
        result = {"size": 100, "weights": "abc", "checkpoint": "", "worker": "1"}
        journal.append({**block, **judged, **timing, **result})
        losses, scores = [2 * value for value in curve], [1 - value for value in curve]
        metrics = dict(zip(journal[0]["metrics"], (curve, losses, scores, losses), strict=True))
        curves.append({"trial": number, "from": 0, "to": len(curve), "curves": metrics})
    journal.append({"type": "assess", "trial": 1, "validation": SCORES, "test": SCORES})
    journal.append({"type": "finish", "reason": "all trials are finished"})
    return replay(journal, curves)


def recorded_regression(rmse: float = 1.0) -> RunRecord:
    """The same trials as a regression, in a unit in which the rmse is so many times as large."""
    run = recorded_run(**REGRESSION)
    for number, record in run.history.items():
        curve = tuple(rmse * value for value in record.curves.get("validation_rmse", ()))
        curves = {**record.curves, "validation_rmse": curve} if curve else {}
        run.history[number] = replace(record, curves=curves, value=rmse * record.value)
    run.scores[1] = {"test": {"rmse": 0.0851234 * rmse, "loss": 0.3, "r2": 0.87, "rows": 200}}
    return run
