"""Runs side by side: what each spent and came to, and how sure it is that one winner is better than another.

The numbers of one run are those of `summary` and `progress`; what is here is what takes two.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count, takewhile
from pathlib import Path
from statistics import quantiles
from typing import Literal

from hpsearch.study.record import RunRecord
from hpsearch.trial import Status, can_win
from hpsearch.views.numbers.axis import ScoreAxis, score_axis
from hpsearch.views.numbers.chance import Interval, best_of, rows_allow, welch
from hpsearch.views.numbers.progress import Milestone, progress
from hpsearch.views.numbers.spaces import Moved, Row, settings, spaces, where_the_best_lie, winners_params
from hpsearch.views.numbers.summary import Leader, Summary, summarise

SHARES = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)
"""The shares of the complete trials that are at least so good as their quantiles."""

Unknown = Literal["", "unfinished", "no seed", "no fresh seeds", "one fresh seed", "failed again", "function of a program"]
"""Why the winner of a run has no two values with fresh seeds; empty where it has."""


@dataclass(frozen=True)
class Side:
    """One of the runs; its metric is as it was asked for.

    `summary` holds the winner as its first leader. `complete` counts the trials with a number at their end; `epochs` and
    `seconds` are those of the search and of all commands. `scores` are the quantiles at `SHARES` of the complete trials,
    from the best to the worst; empty without any. `drawn` says whether its trials learnt nothing from one another, so that n
    of them are as good as any other n. `unknown` says why fresh seeds tell nothing of the winner; `repicked` that they, too,
    chose it among the leaders.
    """

    directory: str
    method: str
    summary: Summary
    complete: int
    epochs: int
    seconds: float
    scores: tuple[float, ...]
    drawn: bool
    unknown: Unknown
    repicked: bool

    @property
    def best(self) -> Leader | None:
        """The winner."""
        return self.summary.leaders[0] if self.summary.leaders else None


@dataclass(frozen=True)
class Reached:
    """What each run had come to after so many trials, or epochs: its metric, NaN where there was none."""

    spent: int
    scores: tuple[float, ...]


@dataclass(frozen=True)
class Difference:
    """The winner of a run against that of the first; `other` is its index in `sides`, 1 for the second run.

    `search` is its score in the search less that of the first. `fresh` is the same of the means with fresh seeds, with its
    95 % interval, None where one of them has none; `repeats` says that neither run has a seed to vary. `rows` are the
    validation rows, where the metric is the share of them that are wrong, or right, else 0; `rows_allow` is an upper bound
    of what may be due to them, NaN elsewhere.
    """

    other: int
    search: float
    fresh: Interval | None
    repeats: bool
    rows: int
    rows_allow: float


@dataclass(frozen=True)
class Comparison:
    """Runs side by side, the first of them the one that the others are held against.

    `unlike` says why their numbers cannot be compared, a line each; then there are no `differences`. All are judged on the
    same validation `rows`, 0 where there are none. `axis` is one for the scores of all their complete trials, None without
    any. `shares` are those of the quantiles.
    """

    metric: str
    higher_is_better: bool
    rows: int
    unlike: tuple[str, ...]
    sides: tuple[Side, ...]
    differences: tuple[Difference, ...]
    spaces: tuple[Row, ...]
    settings: tuple[Row, ...]
    winners: tuple[Row, ...]
    moved: tuple[Moved, ...]
    after_trials: tuple[Reached, ...]
    after_epochs: tuple[Reached, ...]
    axis: ScoreAxis | None
    shares: tuple[float, ...] = SHARES


def compare(runs: Mapping[Path, RunRecord]) -> Comparison:
    """Return runs side by side, two or more that are judged by one metric, by their directories."""
    records = list(runs.values())
    unlike = tuple(text for other in records[1:] for text in _unlike(records[0], other))
    others = [] if unlike else range(1, len(records))
    metric = records[0].metric
    scores = [metric.shown(value) for run in records for value in _complete(run)]
    return Comparison(
        metric=metric.name,
        higher_is_better=metric.higher_is_better,
        rows=0 if unlike else records[0].start["data"].get("rows", {}).get("validation", 0),
        unlike=unlike,
        sides=tuple(_side(directory, run) for directory, run in runs.items()),
        differences=tuple(found for other in others if (found := _difference(records, other))),
        spaces=spaces(records),
        settings=settings(records),
        winners=winners_params(records),
        moved=where_the_best_lie(records),
        after_trials=_after_trials(records),
        after_epochs=_after_epochs(records),
        axis=score_axis(scores, higher_is_better=metric.higher_is_better),
    )


def _unlike(one: RunRecord, other: RunRecord) -> list[str]:
    """Return why the numbers of two runs cannot be compared."""
    was, now = one.start["data"], other.start["data"]
    found, both = [], f"{one.name} and {other.name}"
    if one.is_of_function or other.is_of_function:
        if was.get("function") != now.get("function"):
            found.append(f"{both} search different functions, or not both one")
        elif was["fingerprint"] != now["fingerprint"]:
            found.append(f"the source of the function, or what that uses, has changed between {both}")
    elif was.get("target") != now.get("target") or was.get("split_sha256") != now.get("split_sha256"):
        found.append(f"{both} are judged on different rows: other data, or another split of them")
    if one.select != other.select:
        found.append(f"{both} judge by different epochs, the last and the best: the best of several looks better")
    return found


def _side(directory: Path, run: RunRecord) -> Side:
    values = sorted(_complete(run))
    return Side(
        directory=str(directory),
        method=run.method,
        summary=summarise(run, top=1),
        complete=len(values),
        epochs=sum(record.epochs_done for record in run.history.values()),
        seconds=run.seconds,
        scores=tuple(map(run.metric.shown, _at_shares(values))) if values else (),
        drawn=_is_drawn(run),
        unknown=_unknown(run),
        repicked=run.confirmation is not None and run.confirmation.winner.trial != run.confirmation.leaders[0].trial,
    )


def _complete(run: RunRecord) -> list[float]:
    return [record.value for record in run.history.values() if can_win(record)]


def _at_shares(ranked: Sequence[float]) -> list[float]:
    """Return the quantiles of ranked values at `SHARES`, linear between two neighbours."""
    if len(ranked) == 1:
        return [ranked[0]] * len(SHARES)
    between = quantiles(ranked, n=20, method="inclusive")
    return [ranked[0], *(between[round(20 * share) - 1] for share in SHARES[1:-1]), ranked[-1]]


def _is_drawn(run: RunRecord) -> bool:
    return all(
        record.trial.origin.kind in ("drawn", "grid", "sobol") and record.status is not Status.STOPPED
        for record in run.history.values()
    )


def _unknown(run: RunRecord) -> Unknown:
    if not run.start.get("seeded", True):
        return "no seed"
    if not run.ended:
        return "unfinished"
    if run.confirmation is None:
        return "function of a program" if run.is_of_program else "no fresh seeds"
    fresh = run.confirmation.winner.fresh
    if not all(map(math.isfinite, fresh)):
        return "failed again"
    return "one fresh seed" if len(fresh) == 1 else ""


def _difference(runs: Sequence[RunRecord], other: int) -> Difference | None:
    pair = runs[0], runs[other]
    metric, (one, two) = pair[0].metric, (run.winner for run in pair)
    if one is None or two is None:
        return None
    fresh, is_error = None, metric.column == "validation_error"
    if not any(map(_unknown, pair)):
        fresh = welch(
            *([metric.shown(value) for value in run.confirmation.winner.fresh] for run in pair if run.confirmation)
        )
    rows = pair[0].start["data"].get("rows", {}).get("validation", 0) if is_error else 0
    return Difference(
        other=other,
        search=metric.shown(two.value) - metric.shown(one.value),
        fresh=fresh,
        repeats=all(_unknown(run) == "no seed" for run in pair),
        rows=rows,
        rows_allow=rows_allow(one.value, two.value, rows) if rows else math.nan,
    )


def _after_trials(runs: Sequence[RunRecord]) -> tuple[Reached, ...]:
    """Return what each run had come to after 1, 2, 5, 10 trials and so on, up to as many as all have."""
    ended = [progress(run) for run in runs]
    return tuple(
        Reached(n, tuple(_reached(run, own, n) for run, own in zip(runs, ended, strict=True)))
        for n in _series(1, min(map(len, ended)))
    )


def _after_epochs(runs: Sequence[RunRecord]) -> tuple[Reached, ...]:
    """Return the same for the epochs spent, from those of one whole trial on; nothing where each trial is one epoch."""
    ended = [progress(run) for run in runs]
    most = [own[-1].epochs if own else 0 for own in ended]
    whole = max((record.until_epoch for run in runs for record in run.history.values() if can_win(record)), default=0)
    if whole <= 1:
        return ()
    return tuple(
        Reached(
            epochs, tuple(_reached(run, own, _trials_in(epochs, run, own)) for run, own in zip(runs, ended, strict=True))
        )
        for epochs in _series(whole, min(most))
    )


def _series(first: int, most: int) -> list[int]:
    """Return 1, 2, 5, 10, 20 and so on times the first, up to the most, and that itself."""
    steps = (first * step * 10**power for power in count() for step in (1, 2, 5))
    below = list(takewhile(lambda step: step < most, steps))
    return [*below, most] if most > 0 else []


def _trials_in(epochs: int, run: RunRecord, ended: Sequence[Milestone]) -> int:
    """Return how many trials had ended after so many epochs; of drawn ones in the mean of all orders."""
    if _is_drawn(run):
        return epochs * len(ended) // ended[-1].epochs
    return bisect_right([trial.epochs for trial in ended], epochs)


def _reached(run: RunRecord, ended: Sequence[Milestone], trials: int) -> float:
    """Return the score after so many trials: of drawn ones the median over all orders, else in the order of their ends."""
    if not trials:
        return math.nan
    if not _is_drawn(run):
        return ended[trials - 1].best
    numbers = {trial.trial for trial in ended}
    values = [r.value if can_win(r) else math.inf for r in run.history.values() if r.number in numbers]
    best = best_of(values, trials)
    return run.metric.shown(best) if math.isfinite(best) else math.nan
