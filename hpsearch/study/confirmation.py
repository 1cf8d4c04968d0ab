"""The honest number: what retraining the leaders with fresh seeds says of them. Pure.

The best of many looks better than it is: it was picked for a value that was partly luck. Fresh seeds draw other initial
weights, mini-batches and dropout on the same split, so they show how much of the value is the seed's; how much is the
split's they can't tell.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from hpsearch.trial import Status, TrialRecord

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

    A retraining that diverged or failed counts as infinitely bad.
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
        """The standard error of that mean; NaN with one seed."""
        n = len(self.fresh)
        if n < 2 or not math.isfinite(self.mean):
            return math.nan
        return math.sqrt(sum((value - self.mean) ** 2 for value in self.fresh) / (n - 1) / n)

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
    """Put together what retraining the leaders gave, with the seeds that all of them have seen."""
    fresh: dict[int, dict[int, float]] = {record.number: {} for record in leaders}
    for training in trainings:
        if training.number in fresh:
            good = training.status is Status.COMPLETE and math.isfinite(training.value)
            fresh[training.number][training.trial.repetition] = training.value if good else math.inf
    shared = sorted(set.intersection(*map(set, fresh.values())))
    return Confirmation(
        tuple(
            Confirmed(record.number, record.value, tuple(fresh[record.number][seed] for seed in shared), record.size)
            for record in leaders
        )
    )


def _are_alike(one: Confirmed, other: Confirmed) -> bool:
    if one.trial == other.trial:
        return True
    differences = [a - b for a, b in zip(one.fresh, other.fresh, strict=True)]
    n = len(differences)
    if n < 2 or not all(map(math.isfinite, differences)):
        return False
    mean = fmean(differences)
    error = math.sqrt(sum((difference - mean) ** 2 for difference in differences) / (n - 1) / n)
    return mean <= STANDARD_ERRORS * error  # better is alike: the winner is chosen by more than the fresh values
