"""The honest number: what retraining the leaders with fresh seeds says of them. Pure.

The best of many looks better than it is: it was picked for a value that was partly luck. Fresh seeds draw other initial
weights, mini-batches and dropout on the same split, so they show how much of the value is the seed's; how much is the
split's they can't tell.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from hpsearch.trial import HUGE, TrialRecord, can_win

STANDARD_ERRORS = 2.0
"""Leaders whose means are within so many standard errors of the difference can't be told apart."""


@dataclass(frozen=True)
class Retraining:
    """Leaders to be trained again, best first, with so many fresh seeds each."""

    trials: tuple[int, ...]
    seeds: int

    @property
    def keys(self) -> list[tuple[int, int]]:
        """The trainings that it takes: trial and repetition."""
        return [(trial, repetition) for trial in self.trials for repetition in range(1, self.seeds + 1)]


@dataclass(frozen=True)
class Confirmed:
    """A leader and its retrainings: `picked` is its value in the search, `fresh` those with fresh seeds.

    A retraining that diverged or failed counts as infinitely bad, and so does one whose value is huge.
    """

    trial: int
    picked: float
    fresh: tuple[float, ...]
    size: int

    @property
    def mean(self) -> float:
        """The mean of the fresh values."""
        return fmean(self.fresh)

    @property
    def error(self) -> float:
        """The standard error of that mean; NaN with one seed, or where one of them is infinite."""
        return _standard_error(self.fresh)

    @property
    def judged(self) -> float:
        """What it is judged by: the mean of all its values, the search's own included."""
        return fmean((self.picked, *self.fresh))


@dataclass(frozen=True)
class Confirmation:
    """The retrained leaders, in the order in which the search ranked them."""

    leaders: tuple[Confirmed, ...]

    @property
    def seeds(self) -> int:
        """How many fresh seeds each leader has seen."""
        return len(self.winner.fresh)

    @property
    def winner(self) -> Confirmed:
        """The leader with the best mean of all its values; the first of equals."""
        return min(self.leaders, key=lambda leader: leader.judged)

    @property
    def optimism(self) -> float:
        """By how much the search's pick looked too good: the mean of its fresh values less the picked one."""
        return self.leaders[0].mean - self.leaders[0].picked

    @property
    def alike(self) -> tuple[Confirmed, ...]:
        """The leaders that can't be told from the winner, it included.

        The seeds are the same for all, so what counts are the differences seed by seed.
        """
        return tuple(leader for leader in self.leaders if _are_alike(leader, self.winner))

    @property
    def cheapest(self) -> Confirmed:
        """Of those the one with the fewest trained parameters; the winner among equals."""
        return min(self.alike, key=lambda leader: (leader.size, leader is not self.winner))


def confirmation(leaders: Sequence[TrialRecord], trainings: Sequence[TrialRecord]) -> Confirmation:
    """Put together what retraining the leaders gave: `trainings` are those of each with the same fresh seeds, all ended."""
    return Confirmation(tuple(_confirmed(leader, trainings) for leader in leaders))


def _confirmed(leader: TrialRecord, trainings: Sequence[TrialRecord]) -> Confirmed:
    own = sorted((one for one in trainings if one.number == leader.number), key=lambda one: one.trial.repetition)
    fresh = tuple(max(one.value, -HUGE) if can_win(one) and one.value < HUGE else math.inf for one in own)
    return Confirmed(leader.number, leader.value, fresh, leader.size)


def _are_alike(one: Confirmed, winner: Confirmed) -> bool:
    if not math.isfinite(one.judged) or not math.isfinite(winner.judged):
        return math.isfinite(one.judged) == math.isfinite(winner.judged)
    differences = [a - b for a, b in zip(one.fresh, winner.fresh, strict=True)]
    mean, error = fmean(differences), _standard_error(differences)
    # Better is alike: the winner is chosen by more than the fresh values.
    return one.trial == winner.trial or mean <= STANDARD_ERRORS * error


def _standard_error(values: Sequence[float]) -> float:
    """Return the standard error of the mean of values; NaN of fewer than two, or where one is infinite."""
    n = len(values)
    if n < 2 or not all(map(math.isfinite, values)):
        return math.nan
    return stdev(values) / math.sqrt(n)
