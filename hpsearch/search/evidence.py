"""What a search knows: the points that were tried, and a loss for each that makes them comparable.

Trials that trained to the end, trials that were stopped early, those that diverged, and those of an earlier run stand side
by side here, so that whatever learns from them need not tell them apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hpsearch.trial import History, PriorTrial, Status

Floats = NDArray[np.float64]

HUGE = 1e100
"""A loss from here on has squares that cannot be computed with, and counts as no number."""


@dataclass(frozen=True)
class Evidence:
    """Tried points (n, d) and their losses (n,), those of earlier runs first, then by number.

    A loss is the logarithm of a trial's value at its last epoch where `is_log`, else the value; of a trial that was stopped
    early, what it would probably have come to; infinite where there is no number. `trials` names each as (run, number), the
    run empty for this one. `early_epochs_tell` is false where training on after the last comparison made most trials worse.
    """

    points: Floats
    losses: Floats
    trials: tuple[tuple[str, int], ...]
    is_log: bool
    early_epochs_tell: bool = True

    @cached_property
    def inside(self) -> NDArray[np.bool_]:
        """Which points lie in the unit cube (n,)."""
        return np.asarray(((self.points >= 0) & (self.points <= 1)).all(axis=1), np.bool_)

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """The trials from the best to the worst (n,); the first of equals first."""
        return np.argsort(self.losses, kind="stable")

    @property
    def is_empty(self) -> bool:
        """Whether no trial that lies in the space has a number for its loss."""
        return not np.isfinite(self.losses[self.inside]).any()


def gather(history: History, prior: Sequence[PriorTrial] = (), floor: float = 0.0, *, logarithmic: bool = True) -> Evidence:
    """Return what the ended trials and those of earlier runs say.

    `floor` is the least value that can be told from 0; values below it count as it. One transform serves all: where
    `logarithmic`, and if every value that is a number is positive, the logarithm; else none. A stopped trial gets the median
    change, over the trials that were trained to the end, from its last epoch to theirs, but is never taken for better than
    the best of them; nor than the worst, where early epochs do not tell.
    """
    ended = [record for record in history.values() if record.status.ended]
    points = [trial.point for trial in prior] + [record.trial.point for record in ended]
    statuses = [trial.status for trial in prior] + [record.status for record in ended]
    curves = [trial.values for trial in prior] + [record.values for record in ended]
    trials = [(trial.run, trial.number) for trial in prior] + [("", record.number) for record in ended]

    is_log = logarithmic and all(max(value, floor) > 0 for value in _numbers(curves))
    known = [_transformed(values, floor, is_log) for values in curves]
    dimensions = len(points[0]) if points else 0
    losses, early_epochs_tell = _losses(statuses, known)
    return Evidence(
        np.array(points).reshape(len(points), dimensions), np.array(losses), tuple(trials), is_log, early_epochs_tell
    )


def _losses(statuses: Sequence[Status], known: Sequence[Sequence[float]]) -> tuple[list[float], bool]:
    """Return what each trial came to, or would probably have come to, and whether early epochs tell that.

    `known` are the transformed values of each. Where trials memorise, those that learn fast lead early and lose later.
    """
    last = [t[-1] if t else math.inf for t in known]
    ends = list(zip(statuses, known, last, strict=True))
    finished = [t for status, t, end in ends if status is Status.COMPLETE and math.isfinite(end)]
    changes = {epochs: _median_change(finished, epochs) for epochs in set(map(len, known))}
    compared = max((len(t) for status, t, _ in ends if status is Status.STOPPED), default=0)
    early_epochs_tell = changes.get(compared, 0.0) <= 0
    bound = (min if early_epochs_tell else max)((t[-1] for t in finished), default=-math.inf)
    losses = []
    for status, t, end in ends:
        if status is Status.COMPLETE:
            losses.append(end)
        elif status is Status.STOPPED:
            losses.append(max(end + changes[len(t)], bound))
        else:
            losses.append(math.inf)
    return losses, early_epochs_tell


@dataclass(frozen=True)
class Sources:
    """What evidence comes from besides a search's own history, and how it is compared: the arguments of `gather`."""

    prior: Sequence[PriorTrial] = ()
    floor: float = 0.0
    logarithmic: bool = True

    def evidence(self, history: History) -> Evidence:
        """Return what a history and these say."""
        return gather(history, self.prior, self.floor, logarithmic=self.logarithmic)


HISTORY_ALONE = Sources()


def _numbers(curves: Iterable[Sequence[float]]) -> Iterable[float]:
    return (value for values in curves for value in values if math.isfinite(value))


def _transformed(values: Sequence[float], floor: float, is_log: bool) -> list[float]:
    if is_log:
        return [math.log(max(value, floor)) if math.isfinite(value) else math.inf for value in values]
    return [value if abs(value) < HUGE else math.inf for value in values]


def _median_change(finished: Sequence[Sequence[float]], epochs: int) -> float:
    """Return the median change of the loss from an epoch to the last one; 0 where none is known."""
    changes = [t[-1] - t[epochs - 1] for t in finished if 0 < epochs <= len(t) and math.isfinite(t[epochs - 1])]
    return float(np.median(changes)) if changes else 0.0
