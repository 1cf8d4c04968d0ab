"""A small recorded run, built as a journal would build it."""

from __future__ import annotations

from typing import Any

from hpsearch.study.replay import RunRecord, replay

START: dict[str, Any] = {
    "type": "start",
    "run": "digits-001",
    "metric": "validation_error",
    "column": "validation_error",
    "metrics": ["validation_error", "validation_loss", "train_loss"],
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


def recorded_run(**start: Any) -> RunRecord:
    """Four trials: two complete, one diverged, one failed; the winner scored on the test part."""
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
        result = {"value": curve[-1] if finite else None, "size": 100, "weights": "abc", "checkpoint": "", "worker": "1"}
        journal.append({**block, **timing, **result})
        losses = [2 * value for value in curve]
        metrics = {"validation_error": curve, "validation_loss": losses, "train_loss": losses}
        curves.append({"trial": number, "from": 0, "to": len(curve), "curves": metrics})
    journal.append({"type": "test", "trial": 1, "error": 0.085, "loss": 0.3, "rows": 200})
    journal.append({"type": "finish", "reason": "all trials are finished"})
    return replay(journal, curves)
