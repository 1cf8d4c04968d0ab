"""The shared nouns: a trial, what training it gave, and what is known of it so far.

Everything here is frozen. The history of a study, the records of its trials in order of number, is its whole state: what
to do next is a function of it, and resuming is reading it back.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np

Value: TypeAlias = "bool | int | float | str | list[int]"
"""What a hyperparameter can be; a list holds the widths of the hidden layers."""

Params: TypeAlias = Mapping[str, Value]
"""The active hyperparameters of a trial, by name, in the order of the spec."""

Curves: TypeAlias = Mapping[str, tuple[float, ...]]
"""Per metric one number per epoch, from epoch 1 (or from where a block began)."""

HUGE = 1e100
"""A value that is larger, or less than its negative, counts as it: squares of more could not be computed with."""

ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
"""Where an object lies in memory, which is nothing to compare."""

State: TypeAlias = "Mapping[str, np.ndarray]"
"""Named arrays that hold all a trial needs to train on: parameters, moments, running averages.

What only further training needs has a name that begins with `TRAINING`.
"""

TRAINING = "training/"


def lasting(state: State) -> dict[str, np.ndarray]:
    """Return a state without what only further training needs."""
    return {name: array for name, array in state.items() if not name.startswith(TRAINING)}


def epochs_in(curves: Curves) -> int:
    """Return how many epochs curves cover."""
    return len(next(iter(curves.values()), ()))


class Status(StrEnum):
    """How a trial stands. Only a `complete` one can win; every other end keeps its reason."""

    WAITING = "waiting"
    COMPLETE = "complete"
    STOPPED = "stopped"
    DIVERGED = "diverged"
    FAILED = "failed"
    CRASHED = "crashed"
    TIMEOUT = "timeout"

    @property
    def ended(self) -> bool:
        """Whether nothing more is to come."""
        return self is not Status.WAITING

    @property
    def is_failure(self) -> bool:
        """Whether a trial went wrong, and is no result: not one that was stopped early, which is as good as it was then."""
        return self in (Status.DIVERGED, Status.FAILED, Status.CRASHED, Status.TIMEOUT)


@dataclass(frozen=True)
class Origin:
    """Where the point of a trial came from.

    `kind` is `drawn` (at random from the whole space), `explorer` (the same, in a later stage), `start` (given by the user),
    `grid`, `sobol`, `box` (drawn from the box round trial `elite`), or `elite`: a copy of trial `elite` in which the
    parameters `moved` were changed. `elite_run` names the run of that trial, unless it is the same.
    `improvement` is the expected improvement when it was chosen, in units of the loss, or of its logarithm where
    `logarithmic`; NaN where none was computed. `before` holds what those of the moved parameters that were active had been.
    """

    kind: str
    elite: int = -1
    elite_run: str = ""
    moved: tuple[str, ...] = ()
    improvement: float = math.nan
    logarithmic: bool = False
    before: Params = field(default_factory=dict, hash=False)


DRAWN = Origin("drawn")


@dataclass(frozen=True)
class Trial:
    """A point of the search space to be trained.

    `point` holds the coordinates in the unit cube, one per parameter (d,), inactive ones too; `params` the values.
    `stage` is the one that it was proposed in, 0 where no other trial had a say in that. `repetition` is 0 for the search's
    own training, and from 1 on the number of a training with fresh seeds that confirms it.
    """

    number: int
    stage: int
    point: tuple[float, ...]
    params: Params
    origin: Origin = DRAWN
    repetition: int = 0

    @property
    def key(self) -> tuple[int, int]:
        """What tells it from every other training of a study: its number and its repetition."""
        return self.number, self.repetition


@dataclass(frozen=True)
class Outcome:
    """What one call of an objective's `advance` gave for one trial.

    `epochs_done` counts from the trial's start; `curves` covers the epochs of this call only. `state` is None when the
    objective keeps none or the trial can't go on. `size` is the number of trained parameters. `seconds` is the trial's
    share of the call's time.
    """

    trial: int
    epochs_done: int
    curves: Curves
    state: State | None
    status: Status
    reason: str = ""
    size: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class TrialRecord:
    """All that is known of a started trial.

    `until_epoch` is how far it has been sent; `curves` holds epochs 1 to `epochs_done`. `values` holds, after each epoch,
    the metric's value, minimised, at the epoch that counts until then: the last, or the best so far; `value` is the last of
    them, `selected_epoch` (from 1) its epoch; NaN and 0 until there is one. `weights` is a hash of its parameters,
    `checkpoint` the file that holds its state. `seconds` are those of all its calls, `last_seconds` of the last; where it is
    `shared` they are in part its share of a population's; `alone` is one that is to be trained by itself, so that they are
    its own. Times are ISO 8601 in UTC; they and `worker` may differ between two runs of the same spec.
    """

    trial: Trial
    until_epoch: int
    status: Status = Status.WAITING
    reason: str = ""
    curves: Curves = field(default_factory=dict)
    values: tuple[float, ...] = ()
    selected_epoch: int = 0
    size: int = 0
    weights: str = ""
    checkpoint: str = ""
    seconds: float = 0.0
    last_seconds: float = 0.0
    shared: bool = False
    alone: bool = False
    started_at: str = ""
    finished_at: str = ""
    worker: str = ""

    @property
    def number(self) -> int:
        """The trial's number."""
        return self.trial.number

    @property
    def value(self) -> float:
        """The metric's value, minimised, at the epoch that counts; NaN until there is one."""
        return self.values[-1] if self.values else math.nan

    @property
    def epochs_done(self) -> int:
        """How many epochs are on record."""
        return epochs_in(self.curves)

    def at(self, metric: str, epoch: int) -> float:
        """Return a metric after an epoch (from 1); NaN where there is none."""
        curve = self.curves.get(metric, ())
        return curve[epoch - 1] if 0 < epoch <= len(curve) else math.nan

    def selected(self, metric: str) -> float:
        """Return a metric at the epoch that counts."""
        return self.at(metric, self.selected_epoch)


@dataclass(frozen=True)
class PriorTrial:
    """A trial of another run as evidence.

    `point` (d,) is in the unit cube of this search's space, and may lie outside of it; `values` are the trial's after each
    epoch, with the same number of epochs to train. `kind` is that of its origin in its own run, empty where it is not known.
    """

    run: str
    number: int
    point: tuple[float, ...]
    values: tuple[float, ...]
    status: Status
    kind: str = ""

    @property
    def is_inside(self) -> bool:
        """Whether the point lies in this search's space."""
        return all(0 <= u <= 1 for u in self.point)


History: TypeAlias = Mapping[int, TrialRecord]
"""The records of a study's started trials, in order of their number."""


def headline(reason: str) -> str:
    """Return the last line of a reason, that of a traceback which says what was raised, so that equal reasons are alike."""
    *_, last = reason.strip().splitlines() or ["no reason on record"]
    return ADDRESS.sub("", last)


def leaders(records: Iterable[TrialRecord]) -> list[TrialRecord]:
    """Return the trials that can win, best first."""
    return best_first(filter(can_win, records))


def best_first(records: Iterable[TrialRecord]) -> list[TrialRecord]:
    """Return trials by rank, those that can win before all others."""
    return sorted(records, key=lambda record: (not can_win(record), rank(record)))


def incumbent(records: Iterable[TrialRecord]) -> TrialRecord | None:
    """Return the first of the leaders, or None."""
    return min(filter(can_win, records), key=rank, default=None)


def can_win(record: TrialRecord) -> bool:
    """Whether a trial reached the last epoch with a value that is a number."""
    return record.status is Status.COMPLETE and math.isfinite(record.value)


def rank(record: TrialRecord) -> tuple[float, float, int, int]:
    """Return what sorts trials, best first, by their value.

    Ties go to the lower validation loss at the epoch that counts, then to fewer trained parameters, then to the lower
    number.
    """
    value, loss = (math.inf if math.isnan(x) else x for x in (record.value, record.selected("validation_loss")))
    return value, loss, record.size, record.number
