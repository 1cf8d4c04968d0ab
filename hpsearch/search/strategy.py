"""What a strategy answers, and the simplest one: random search.

The decisions are data. The study writes each one down before it acts on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from hpsearch.search.samplers import random_point
from hpsearch.search.settings import SearchSettings
from hpsearch.seeds import Streams
from hpsearch.space.search_space import SearchSpace
from hpsearch.trial import History, Status, Trial


@dataclass(frozen=True)
class Start:
    """Start these trials and train them until an epoch; they make up a stage or the rest of one."""

    trials: tuple[Trial, ...]
    until_epoch: int


@dataclass(frozen=True)
class Promote:
    """Train these trials, by number, on until an epoch."""

    trials: tuple[int, ...]
    until_epoch: int


@dataclass(frozen=True)
class Wait:
    """Train what is waiting; there is nothing to decide before."""


@dataclass(frozen=True)
class Done:
    """The search is over, for this reason."""

    reason: str


Decision: TypeAlias = Start | Promote | Wait | Done


@dataclass(frozen=True)
class Plan:
    """What a strategy means to do, known before it starts: trials in each stage, and the epochs at each rung."""

    stages: tuple[int, ...]
    rungs: tuple[int, ...]

    @property
    def epochs(self) -> int:
        """The epochs of all trials together, if none ends early."""
        return sum(self.stages) * self.rungs[-1]


class Strategy(Protocol):
    """A way to search."""

    def plan(self) -> Plan:
        """Return the plan."""

    def ask(self, history: History) -> Decision:
        """Return what to do next; a function of the history and of nothing else."""


@dataclass(frozen=True)
class RandomSearch:
    """Every trial drawn from the whole space, every parameter on its own scale.

    Source: Bergstra and Bengio 2012, "Random search for hyper-parameter optimization": n trials try n values of the
    parameter that matters, where a grid tries few.
    """

    space: SearchSpace
    streams: Streams
    trials: int
    epochs: int

    def plan(self) -> Plan:
        """Return one stage with one rung."""
        return Plan((self.trials,), (self.epochs,))

    def ask(self, history: History) -> Decision:
        """Start all trials at once: none depends on another."""
        if len(history) < self.trials:
            return Start(tuple(self._trial(number) for number in range(len(history), self.trials)), self.epochs)
        if any(record.status is Status.WAITING for record in history.values()):
            return Wait()
        return Done("all trials are finished")

    def _trial(self, number: int) -> Trial:
        point = random_point(self.streams, 0, number, self.space.dimensions)
        return Trial(number, 0, point, self.space.decode(point))


def strategy(settings: SearchSettings, space: SearchSpace, streams: Streams, epochs: int) -> Strategy:
    """Return the strategy that the settings name."""
    match settings.method:
        case "random":
            return RandomSearch(space, streams, settings.trials, epochs)
