"""The incumbent as a search went on: over the trials that had ended, the epochs spent, and the seconds worked."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

from hpsearch.study.record import RunRecord
from hpsearch.trial import History, TrialRecord, can_win, rank


@dataclass(frozen=True)
class Milestone:
    """A trial at its end, and the search then.

    `score` is its metric as it was asked for, NaN where there is none; `incumbent` and `best` are the best trial and its
    score at that time, None and NaN before there is one. `n_trials` have ended, this one among them, `epochs` are those that
    they had, and `seconds` those that the search was worked on, pauses left out. It `is_better` where the best score is its
    own and better than the one before; a trial that only wins a tie is the incumbent and no better.
    """

    trial: int
    score: float
    incumbent: int | None
    best: float
    n_trials: int
    epochs: int
    seconds: float
    is_better: bool


def progress(run: RunRecord) -> tuple[Milestone, ...]:
    """Return the trials in the order in which they ended; those that ended at one time by their number."""
    return tuple(_progress(run))


def _progress(run: RunRecord) -> Iterator[Milestone]:
    epochs, clock, least = 0, Clock(run.sessions), math.inf
    for count, (record, best) in enumerate(incumbents(run.history), 1):
        epochs += record.epochs_done
        yield Milestone(
            trial=record.number,
            score=run.metric.shown(record.value),
            incumbent=best.number if best else None,
            best=run.metric.shown(best.value) if best else math.nan,
            n_trials=count,
            epochs=epochs,
            seconds=clock.worked_until(record.finished_at),
            is_better=best is not None and best.value < least,
        )
        least = best.value if best else least


def incumbents(history: History) -> Iterator[tuple[TrialRecord, TrialRecord | None]]:
    """Yield the trials in the order in which they ended, each with the best one then; None before there is one."""
    best: TrialRecord | None = None
    ended = (record for record in history.values() if record.status.ended)
    for record in sorted(ended, key=lambda record: (record.finished_at, record.number)):
        if can_win(record) and (best is None or rank(record) < rank(best)):
            best = record
        yield record, best


class Clock:
    """The seconds that a search was worked on, from the times at which its sessions began and how long each took."""

    def __init__(self, sessions: Sequence[tuple[str, float]]) -> None:
        self._begins = [datetime.fromisoformat(at) for at, _ in sessions]
        self._before = list(accumulate((seconds for _, seconds in sessions), initial=0.0))

    def worked_until(self, at: str) -> float:
        """Return the seconds worked until a time, ISO 8601; NaN for none, or one that lies in no session."""
        if not at:
            return math.nan
        then = datetime.fromisoformat(at)
        session = bisect_right(self._begins, then) - 1
        if session < 0:
            return math.nan
        since = (then - self._begins[session]).total_seconds()
        return min(self._before[session] + since, self._before[session + 1])
