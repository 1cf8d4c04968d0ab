"""The contract of an objective. It is pickled to workers, so it holds settings and hashes, never data."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from hpsearch.trial import Outcome, Params, State, Trial

Deadline: TypeAlias = Callable[[], bool]
"""Asked at the end of each epoch; once it says yes, trials return as they are."""


@dataclass(frozen=True)
class Confusion:
    """Which classes were taken for which: `counts[t][p]` rows of the class `labels[t]` were taken for `labels[p]`."""

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Assessment:
    """How a trained trial does on one part of the data: metrics without a prefix, the part's rows, and its confusions.

    `confusion` is None where there are no classes.
    """

    metrics: Mapping[str, float]
    rows: int
    confusion: Confusion | None = None


class Objective(Protocol):
    """What can be searched."""

    @property
    def metrics(self) -> tuple[str, ...]:
        """The names of the curves it records, in the order of their columns."""

    @property
    def is_seeded(self) -> bool:
        """Whether a repetition has fresh seeds; otherwise it is the same again."""

    @property
    def resumable(self) -> bool:
        """Whether trials that come back early go on from there; otherwise they would begin again."""

    def group_key(self, params: Params) -> Hashable:
        """Return what trials must have in common to be advanced in one call."""

    def population_size(self, params: Params) -> int:
        """Return how many trials like this one are best advanced in one call."""

    def cost(self, params: Params) -> float:
        """Return the predicted cost of one epoch, in any unit that is the same for all trials."""

    def memory(self, trials: Sequence[Trial]) -> int:
        """Return the predicted bytes that one call needs for these trials, the data apart."""

    def advance(
        self, trials: Sequence[Trial], states: Sequence[State | None], until_epoch: int, deadline: Deadline
    ) -> list[Outcome]:
        """Train trials of one group until an epoch, from their states, or from the start where that is None.

        All states are of one age, all trials of one repetition. The outcomes are in the order of the trials, and depend on
        each trial's own arguments only: not on its company, nor on how many calls it took.
        """

    def assess(self, params: Params, state: State) -> Mapping[str, Assessment]:
        """Judge a trained trial, at the epoch that counts, on the parts `validation` and, where there is one, `test`.

        Empty where there is no data.
        """

    def model(self, params: Params, state: State) -> tuple[Mapping[str, Any], State] | None:
        """Return a trained trial, at the epoch that counts, as a plain description and named arrays; None if it is none."""
