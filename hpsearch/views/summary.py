"""Numbers from a run's record, before any look. Pure: no terminal, no file, no clock."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from hpsearch.objectives.metrics import Metric, Select
from hpsearch.objectives.objective import Confusion
from hpsearch.study.replay import RunRecord
from hpsearch.trial import Status, TrialRecord, Value, leaders

NORMAL_95 = 1.959963984540054
"""The 97.5 % quantile of the standard normal distribution."""


@dataclass(frozen=True)
class Leader:
    """A trial on the leaderboard, in the metric as it was asked for.

    `score` is the metric at the epoch that counts, `selected_epoch`; `last` at the last epoch; `best` the best it had, in
    `best_epoch`.
    """

    trial: int
    params: Mapping[str, Value]
    score: float
    selected_epoch: int
    last: float
    best: float
    best_epoch: int


@dataclass(frozen=True)
class ErrorScore:
    """A classifier on the test part: `wrong` of `rows`, the 95 % interval of the error, and macro F1; NaN in older runs."""

    error: float
    wrong: int
    rows: int
    low: float
    high: float
    macro_f1: float = math.nan


@dataclass(frozen=True)
class FitScore:
    """A regression on the test part: the root mean squared error in the target's unit, and the explained share r2."""

    rmse: float
    r2: float


@dataclass(frozen=True)
class Summary:
    """A run in numbers. `counts` by status; `reasons` are the last lines of what ended trials too early, with counts."""

    run: str
    metric: str
    select: Select
    parameters: tuple[str, ...]
    averaging: tuple[str, ...]
    trials: int
    epochs: int
    counts: Mapping[str, int]
    reasons: Mapping[str, int]
    leaders: tuple[Leader, ...]
    test: ErrorScore | FitScore | None


def summarise(run: RunRecord, top: int = 5) -> Summary:
    """Return a run in numbers, with its `top` leaders."""
    records = list(run.history.values())
    failed = (Status.DIVERGED, Status.FAILED, Status.CRASHED, Status.TIMEOUT)
    return Summary(
        run=run.name,
        metric=run.metric.name,
        select=run.select,
        parameters=tuple(run.parameters),
        averaging=tuple(run.start["averaging"]),
        trials=len(records),
        epochs=sum(record.epochs_done for record in records),
        counts=dict(Counter(record.status.value for record in records)),
        reasons=dict(Counter(_last_line(record.reason) for record in records if record.status in failed)),
        leaders=tuple(leader(record, run.metric) for record in leaders(records)[:top]),
        test=final_score(run.test),
    )


def _last_line(reason: str) -> str:
    lines = reason.strip().splitlines()
    return lines[-1] if lines else "no reason on record"


def leader(record: TrialRecord, metric: Metric) -> Leader:
    """Return a trial as a line of the leaderboard."""

    def shown(epoch: int) -> float:
        return metric.shown(metric.value(record.at(metric.column, epoch)))

    last = record.epochs_done
    best = metric.best_epoch(record.curves.get(metric.column, ())) or last
    score = metric.shown(record.value)
    return Leader(record.number, record.trial.params, score, record.selected_epoch, shown(last), shown(best), best)


def binomial_interval(wrong: int, rows: int) -> tuple[float, float]:
    """Return the 95 % interval of a share `wrong` / `rows`.

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference"; it stays within 0 and 1
    and is honest for small counts, where the usual p +- 1.96 sqrt(p (1 - p) / n) is not.
    """
    p, z2 = wrong / rows, NORMAL_95**2 / rows
    centre = (p + z2 / 2) / (1 + z2)
    half = math.sqrt(p * (1 - p) * z2 + z2**2 / 4) / (1 + z2)
    return max(0.0, centre - half), min(1.0, centre + half)


def final_score(test: Mapping[str, float]) -> ErrorScore | FitScore | None:
    """Return the score on the test part, an error with its interval; None if there is none."""
    if not test:
        return None
    if "rmse" in test:
        return FitScore(test["rmse"], test["r2"])
    rows = int(test["rows"])
    wrong = round(test["error"] * rows)
    return ErrorScore(test["error"], wrong, rows, *binomial_interval(wrong, rows), test.get("macro_f1", math.nan))


def most_confused(confusion: Confusion, top: int) -> list[tuple[str, str, int]]:
    """Return the most frequent confusions as (true class, the class it was taken for, rows), at most `top`."""
    labels = confusion.labels
    wrong = [
        (labels[true], labels[taken], count)
        for true, counts in enumerate(confusion.counts)
        for taken, count in enumerate(counts)
        if count and taken != true
    ]
    return sorted(wrong, key=lambda entry: -entry[2])[:top]
