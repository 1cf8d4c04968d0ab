"""Trials, where they come from, curves and scores as plain data of the journal, written and read back."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from hpsearch.trial import DRAWN, Curves, Origin, PriorTrial, Status, Trial

MALFORMED = (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)
"""What reading plain data raises that is not of the expected form."""


def described_trial(trial: Trial) -> dict[str, Any]:
    """Return a trial as an entry of its stage."""
    point, params = list(trial.point), dict(trial.params)
    return {"trial": trial.number, "point": point, "params": params, **_described_origin(trial.origin)}


def described_prior_trial(trial: PriorTrial) -> dict[str, Any]:
    """Return a trial of an earlier run as an entry."""
    return {
        "run": trial.run,
        "trial": trial.number,
        "point": list(trial.point),
        "values": list(trial.values),
        "status": trial.status.value,
        **({"kind": trial.kind} if trial.kind else {}),
    }


def _described_origin(origin: Origin) -> dict[str, Any]:
    """Return how a fact tells where a point came from; nothing of one that was drawn at random."""
    if origin == DRAWN:
        return {}
    facts: dict[str, Any] = {"kind": origin.kind}
    if origin.elite >= 0:
        facts |= {"elite": origin.elite}
    if origin.elite_run:
        facts |= {"run": origin.elite_run}
    if origin.moved:
        facts |= {"moved": list(origin.moved)}
    if origin.before:
        facts |= {"before": dict(origin.before)}
    if math.isfinite(origin.improvement):
        facts |= {"improvement": origin.improvement, "log": origin.logarithmic}
    return {"origin": facts}


def read_curves(curves: Mapping[str, Sequence[float | None]]) -> dict[str, tuple[float, ...]]:
    """Return curves as JSON holds them, with NaN where that has null."""
    return {metric: tuple(map(_number, values)) for metric, values in curves.items()}


def longer(curves: Curves, more: Curves) -> Curves:
    """Return curves with those of another block behind them; a block without epochs has none."""
    return {metric: (*curves.get(metric, ()), *values) for metric, values in more.items()} or curves


def read_trial(entry: Mapping[str, Any], stage: int) -> Trial:
    """Return a trial of a stage."""
    point, params = tuple(map(float, entry["point"])), dict(entry["params"])
    return Trial(int(entry["trial"]), stage, point, params, _read_origin(entry.get("origin")))


def _read_origin(entry: Mapping[str, Any] | None) -> Origin:
    if entry is None:
        return DRAWN
    moved, before = tuple(map(str, entry.get("moved", ()))), dict(entry.get("before", {}))
    elite, run, is_log = int(entry.get("elite", -1)), str(entry.get("run", "")), bool(entry.get("log", False))
    return Origin(str(entry["kind"]), elite, run, moved, _number(entry.get("improvement")), is_log, before)


def read_prior_trial(entry: Mapping[str, Any]) -> PriorTrial:
    """Return a trial of an earlier run."""
    values = tuple(map(_number, entry["values"]))
    point = tuple(map(float, entry["point"]))
    status, kind = Status(entry["status"]), str(entry.get("kind", ""))
    return PriorTrial(str(entry["run"]), int(entry["trial"]), point, values, status, kind)


def read_scores(metrics: Mapping[str, float | None]) -> dict[str, float]:
    """Return the metrics on a part; ValueError if the error is no share of its rows."""
    scores = _numbers(metrics)
    if "error" in scores and not (0 <= scores["error"] <= 1 and scores["rows"] >= 1):
        raise ValueError(f"an error of {scores['error']} in {scores['rows']} rows")
    return scores


def _numbers(metrics: Mapping[str, float | None]) -> dict[str, float]:
    return {name: _number(value) for name, value in metrics.items()}


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
