"""A small recorded run, built as a journal would build it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hpsearch.objectives.objective import Confusion
from hpsearch.study.record import RunRecord
from hpsearch.study.replay import replay

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
    journal.append({"type": "end", "reason": "all trials are finished", "keep": len(trials)})
    journal.append({"type": "assess", "trial": 1, "validation": SCORES, "test": SCORES})
    journal.append({"type": "finish", "reason": "all trials are finished"})
    return replay(journal, curves)


def recorded_regression(rmse: float = 1.0) -> RunRecord:
    """The same trials as a regression, in a unit in which the rmse is so many times as large."""
    run = recorded_run(**REGRESSION)
    for number, record in run.history.items():
        curve = tuple(rmse * value for value in record.curves.get("validation_rmse", ()))
        curves = {**record.curves, "validation_rmse": curve} if curve else {}
        run.history[number] = replace(record, curves=curves, values=tuple(rmse * value for value in record.values))
    run.scores[1] = {"test": {"rmse": 0.0851234 * rmse, "loss": 0.3, "r2": 0.87, "rows": 200}}
    return run


FRESH: dict[int, Sequence[float]] = {3: (0.09, 0.1, 0.11), 0: (0.095, 0.085, 0.09)}
"""Validation errors of the leaders with fresh seeds; NaN for a training that diverged."""

_STAGES: list[list[dict[str, Any]]] = [
    [
        {"trial": 0, "params": {"learning_rate": 0.01, "optimizer": "adam", "hidden_units": 64}},
        {"trial": 1, "params": {"learning_rate": 0.5, "optimizer": "adam", "hidden_units": 20}},
        {"trial": 2, "params": {"learning_rate": 0.9, "optimizer": "momentum", "momentum": 0.9, "hidden_units": 16}},
    ],
    [
        {
            "trial": 3,
            "params": {"learning_rate": 0.0132, "optimizer": "momentum", "momentum": 0.95, "hidden_units": 64},
            "origin": {
                "kind": "elite",
                "elite": 0,
                "moved": ["learning_rate", "optimizer", "momentum"],
                "before": {"learning_rate": 0.01, "optimizer": "adam"},
                "improvement": 0.031,
                "log": True,
            },
        },
        {
            "trial": 4,
            "params": {"learning_rate": 0.2, "optimizer": "adam", "hidden_units": 30},
            "origin": {"kind": "explorer"},
        },
    ],
]
_CURVES = {0: (0.4, 0.2, 0.125), 1: (0.5,), 2: (0.6,), 3: (0.3, 0.1, 0.08), 4: (0.7,)}


def recorded_search(fresh: Mapping[int, Sequence[float]] | None = None, tests: int = 1, **start: Any) -> RunRecord:
    """Two stages with early stopping: a coarse one of three trials, a fine one of two; one of each comes to the end.

    Both are then trained again with fresh seeds, unless `fresh` is empty; trial 3 is the search's own pick.
    """
    return replay(*search_lines(fresh, tests, **start))


def search_lines(
    fresh: Mapping[int, Sequence[float]] | None = None, tests: int = 1, **start: Any
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the journal of such a search, and its curves."""
    fresh = FRESH if fresh is None else fresh
    journal: list[dict[str, Any]] = [
        {**START, "data": {**START["data"], "task": "classification"}, **start},
        {"type": "plan", "stages": [3, 2], "rungs": [1, 3], "factor": 3},
    ]
    curves: list[dict[str, Any]] = []

    def train(trial: int, repetition: int, begin: int, curve: Sequence[float], status: str) -> None:
        names = ("validation_error", "validation_loss", "validation_macro_f1", "train_loss")
        span = {"trial": trial, "repetition": repetition, "from": begin, "to": begin + len(curve)}
        curves.append({**span, "curves": {name: list(curve) for name in names}})
        journal.append({"type": "block", **span, "status": status, **_RESULT, "size": 1290 if trial == 0 else 17034})

    for stage, (trials, best) in enumerate(zip(_STAGES, (0, 3), strict=True)):
        entries = [{"point": [0.5] * 4, **trial} for trial in trials]
        journal.append({"type": "stage", "stage": stage, "until": 1, "trials": entries})
        numbers = [trial["trial"] for trial in trials]
        for number in numbers:
            train(number, 0, 0, _CURVES[number][:1], "waiting")
        stopped = [number for number in numbers if number != best]
        journal.append({"type": "promote", "trials": [best], "stopped": stopped, "until": 3})
        train(best, 0, 1, _CURVES[best][1:], "complete")
    journal.append({"type": "end", "reason": "all trials are finished", "keep": 5})
    if fresh:
        seeds = len(next(iter(fresh.values())))
        journal.append({"type": "confirm", "trials": list(fresh), "seeds": seeds, "until": 3})
    for number, values in fresh.items():
        for repetition, value in enumerate(values, 1):
            train(number, repetition, 0, (0.5, 0.4, value), "complete" if value == value else "diverged")
    journal += [{"type": "assess", "trial": k, "validation": SCORES, "test": SCORES} for k in (3, 0)[:tests]]
    journal.append({"type": "finish", "reason": "all trials are finished"})
    return journal, curves


_RESULT = {
    "reason": "",
    "weights": "abc",
    "checkpoint": "",
    "worker": "1",
    "seconds": 0.25,
    "started_at": "2026-11-21T10:00:00.000+00:00",
    "finished_at": "2026-11-21T10:00:01.000+00:00",
}
