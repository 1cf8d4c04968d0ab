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

from hpsearch.search.gaussian_process import Floats, Indices, evenly
from hpsearch.trial import HUGE, History, PriorTrial, Status

LARGEST_MODEL = 400
"""Trials that a model sees: half of them the best, half spread evenly over the ranks of the rest."""


@dataclass(frozen=True)
class Evidence:
    """Tried points (n, d) and their losses (n,), those of earlier runs first, then by number.

    A loss is the logarithm of a trial's value at its last epoch where `is_log`, else the value; of a trial that was stopped
    early, what it would probably have come to; infinite where there is no number. `trials` names each as (run, number), the
    run empty for this one; `kinds` are those of their origins, empty where they are not known. `early_epochs_tell` is false
    where training on after the last comparison made most trials worse.
    """

    points: Floats
    losses: Floats
    trials: tuple[tuple[str, int], ...]
    kinds: tuple[str, ...]
    is_log: bool
    early_epochs_tell: bool = True

    @cached_property
    def inside(self) -> NDArray[np.bool_]:
        """Which points lie in the unit cube (n,)."""
        return np.asarray(((self.points >= 0) & (self.points <= 1)).all(axis=1), np.bool_)

    @cached_property
    def order(self) -> Indices:
        """The trials from the best to the worst (n,); the first of equals first."""
        return np.argsort(self.losses, kind="stable")

    @cached_property
    def ranked(self) -> Indices:
        """Those that lie in the space and have a number for their loss, from the best to the worst."""
        return self.order[self.inside[self.order] & np.isfinite(self.losses[self.order])]

    @property
    def is_empty(self) -> bool:
        """Whether no trial that lies in the space has a number for its loss."""
        return not len(self.ranked)


@dataclass(frozen=True)
class Sources:
    """What evidence is made of besides a search's own history, and how values are compared.

    `floor` is the least value that can be told from 0; values below it count as it. One transform serves all: where
    `logarithmic`, and if every value that is a number is positive, the logarithm; else none.
    """

    prior: Sequence[PriorTrial] = ()
    floor: float = 0.0
    logarithmic: bool = True

    def evidence(self, history: History) -> Evidence:
        """Return what the ended trials of a history and those of earlier runs say.

        A stopped trial gets the median change, over the trials that were trained to the end, from its last epoch to theirs,
        but is never taken for better than the best of them; nor than the worst, where early epochs do not tell.
        """
        prior, ended = self.prior, [record for record in history.values() if record.status.ended]
        points = [trial.point for trial in prior] + [record.trial.point for record in ended]
        statuses = [trial.status for trial in prior] + [record.status for record in ended]
        curves = [trial.values for trial in prior] + [record.values for record in ended]
        trials = [(trial.run, trial.number) for trial in prior] + [("", record.number) for record in ended]
        kinds = [trial.kind for trial in prior] + [record.trial.origin.kind for record in ended]

        is_log = self.logarithmic and all(max(value, self.floor) > 0 for value in _numbers(curves))
        losses, early_epochs_tell = _losses(statuses, [_transformed(values, self.floor, is_log) for values in curves])
        coordinates = np.array(points).reshape(len(points), len(points[0]) if points else 0)
        return Evidence(coordinates, np.array(losses), tuple(trials), tuple(kinds), is_log, early_epochs_tell)


HISTORY_ALONE = Sources()


def thinned(order: Indices, largest: int = LARGEST_MODEL) -> Indices:
    """Return at most so many of ranked trials: the best half, and the other half evenly from the ranks of the rest."""
    if len(order) <= largest:
        return order
    best, rest = np.split(order, [largest // 2])
    return np.concatenate([best, rest[evenly(len(rest), largest - len(best))]])


def standardised(losses: Floats) -> tuple[Floats, float]:
    """Return losses (n,) as a model takes them, clipped, with mean 0 and deviation 1, and what was their deviation.

    Equal ones, and those whose differences have no squares, count as having a deviation of 1.
    """
    losses = clipped(losses)
    deviation = (float(losses.std()) if np.ptp(losses) else 0.0) or 1.0
    return (losses - losses.mean()) / deviation, deviation


def clipped(losses: Floats) -> Floats:
    """Return losses with none above median + (median - least), so that the worst, and the infinite, do no harm.

    Where half or more have no number, the worst that has one stands for the median. Where the least is the median, the
    range of the numbers, or 1, stands for their difference, so that what is infinite never looks like the best.
    """
    finite = losses[np.isfinite(losses)]
    least, worst = float(finite.min()), float(finite.max())
    median = min(float(np.median(losses)), worst)
    return np.minimum(losses, median + ((median - least) or (worst - least) or 1.0))


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


def _numbers(curves: Iterable[Sequence[float]]) -> Iterable[float]:
    return (value for values in curves for value in values if math.isfinite(value))


def _transformed(values: Sequence[float], floor: float, is_log: bool) -> list[float]:
    if is_log:
        return [math.log(max(value, floor)) if math.isfinite(value) else math.inf for value in values]
    return [min(max(value, -HUGE), HUGE) if math.isfinite(value) else math.inf for value in values]


def _median_change(finished: Sequence[Sequence[float]], epochs: int) -> float:
    """Return the median change of the loss from an epoch to the last one; 0 where none is known."""
    changes = [t[-1] - t[epochs - 1] for t in finished if 0 < epochs <= len(t) and math.isfinite(t[epochs - 1])]
    return float(np.median(changes)) if changes else 0.0
