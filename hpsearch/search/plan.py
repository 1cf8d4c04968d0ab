"""What a search means to do, and what it decides next, as data. No NumPy here: the command line reads this file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate, chain, repeat
from typing import TypeAlias

from hpsearch.search.halving import bracket_epochs
from hpsearch.trial import Trial

AS_PLANNED = "all trials are finished"
"""Why a search is over that had all its trials."""

EXHAUSTED = "every combination of values has been tried"
"""Why a search is over whose space holds no more trials."""

BEST_SHARE = 0.05
"""The share of the space that counts as its best."""

MOST_GROWTH = 4
"""How many times larger a search in stages can grow, and the stages of a new one be before a longer one takes their size."""


def chance_of_the_best(drawn: int) -> float:
    """Return the chance that n trials, drawn at random from the whole space, hold one of its best share: 1 - 0.95^n."""
    return 1 - (1 - BEST_SHARE) ** drawn


@dataclass(frozen=True)
class Start:
    """Start these trials and train them until an epoch; they make up a stage."""

    trials: tuple[Trial, ...]
    until_epoch: int


@dataclass(frozen=True)
class Promote:
    """Train these trials, by number, on until an epoch; the `stopped` ones of their stage end here."""

    trials: tuple[int, ...]
    stopped: tuple[int, ...]
    until_epoch: int


@dataclass(frozen=True)
class Wait:
    """Train what is waiting; there is nothing to decide before."""


@dataclass(frozen=True)
class Done:
    """The search is over, for this reason; the first `keep` trials by number are its trials.

    `by_the_clock` says that time decided it, and not the history.
    """

    reason: str
    keep: int
    by_the_clock: bool = False


@dataclass(frozen=True)
class Plan:
    """What a search means to do: trials in each stage, the epochs at each rung, and the factor between two rungs.

    The first `given` trials are the user's own, or a parent's best. They train to the end whatever they look like, beside
    the bracket of their stage: what a search begins with is there to be compared with.

    `coarse_rungs` are those of the first stage where it has others: a search that learns from stage to stage looks there
    whether early epochs tell. The stages `in_full` are those for which they do not: they have as many trials as can be
    trained to the end for the epochs of their brackets.
    """

    stages: tuple[int, ...]
    rungs: tuple[int, ...]
    reduction_factor: int = 3
    given: int = 0
    coarse_rungs: tuple[int, ...] = ()
    in_full: tuple[int, ...] = ()

    @property
    def asked(self) -> int:
        """The trials that were asked for."""
        return sum(self.stages)

    @property
    def trials(self) -> int:
        """The trials of all stages together: fewer than were asked for where some are trained in full."""
        return sum(self.sizes)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The trials of each stage."""
        return tuple(self._affordable(stage) if stage in self.in_full else size for stage, size in enumerate(self.stages))

    @property
    def epochs(self) -> int:
        """The epochs of all trials together, if none diverges."""
        return sum(map(self.stage_epochs, range(len(self.stages))))

    def stage_rungs(self, stage: int) -> tuple[int, ...]:
        """Return the epochs at each rung of a stage."""
        if stage in self.in_full:
            return self.rungs[-1:]
        return self._bracket_rungs(stage)

    def stage_epochs(self, stage: int) -> int:
        """Return the epochs of a stage, if no trial diverges."""
        return self._affordable(stage) * self.rungs[-1] if stage in self.in_full else self._bracket_epochs(stage)

    def _affordable(self, stage: int) -> int:
        return max(1, round(self._bracket_epochs(stage) / self.rungs[-1]))

    def _bracket_epochs(self, stage: int) -> int:
        """Return the epochs of a stage's bracket, and of the given trials beside it."""
        count = self.stages[stage]
        given = min(max(self.given - self._begins[stage], 0), count)
        return given * self.rungs[-1] + bracket_epochs(count - given, self._bracket_rungs(stage), self.reduction_factor)

    @cached_property
    def _begins(self) -> tuple[int, ...]:
        """How many trials were asked for before each stage."""
        return tuple(accumulate(self.stages, initial=0))

    def _bracket_rungs(self, stage: int) -> tuple[int, ...]:
        return self.rungs if stage else self.coarse_rungs or self.rungs

    def resized(self, trials: int, size: int) -> Plan:
        """Return the plan for so many trials: cut off there, or with further stages of a size."""
        stages: list[int] = []
        for count in chain(self.stages, repeat(size)):
            if trials <= 0:
                break
            stages.append(min(count, trials))
            trials -= count
        return replace(self, stages=tuple(stages))

    def stood_for(self, begun: int) -> int:
        """Return how many of the trials that were asked for the first so many stand for: a stage in full for all of its."""
        stages = zip(self.stages, self.sizes, accumulate(self.sizes, initial=0), strict=False)
        return begun + sum(asked - size for asked, size, first in stages if first < begun)

    def stage_at(self, number: int) -> tuple[int, range]:
        """Return the stage that a trial belongs to, and the numbers of its trials."""
        begin = 0
        for stage, count in enumerate(self.sizes):
            if number < begin + count:
                return stage, range(begin, begin + count)
            begin += count
        raise IndexError(number)


@dataclass(frozen=True)
class Replan:
    """Go on with another plan: what came of the stages before changes the next one."""

    plan: Plan


Decision: TypeAlias = Start | Promote | Wait | Done | Replan
