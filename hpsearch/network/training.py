"""Epochs and mini-batches: `advance`, the resumable function that everything else rests on.

`advance` depends on nothing but its arguments: the mini-batch order of epoch e comes from the stream (seed, batches, e),
and the number of steps taken so far from the epochs done. So thirty epochs in one call, in three calls, or on another
machine of the same kind end in the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hpsearch.network.losses import Loss
from hpsearch.network.population import Population, numpy_loops
from hpsearch.network.settings import HIGHER_IS_BETTER, NetworkSettings
from hpsearch.seeds import Purpose, Streams

Arrays: TypeAlias = "Mapping[str, NDArray[np.floating]]"

BEST = "best/"
"""What the names of the arrays of the best epoch begin with, in a state."""

_AGE = "training/epochs"
_BEST_VALUE = "training/best_value"


@dataclass(frozen=True)
class Rows:
    """Rows with their targets.

    `inputs` (n, F) float32; `targets` (n,) classes as whole numbers from 0, or standardised values; `weights` (n,), of mean
    1, multiply the rows' losses in training, None for 1. Raises ValueError unless there are rows, and as many of each.
    """

    inputs: NDArray[np.floating]
    targets: NDArray[Any]
    weights: NDArray[np.floating] | None = None

    def __post_init__(self) -> None:
        given = (self.inputs, self.targets, *(() if self.weights is None else (self.weights,)))
        if self.inputs.ndim != 2 or not len(self.inputs) or {len(array) for array in given} != {len(self.inputs)}:
            shapes = ", ".join(str(array.shape) for array in given)
            raise ValueError(f"inputs (n, F), targets (n,) and weights (n,) of n > 0 rows are needed, not {shapes}")


@dataclass(frozen=True)
class Examples:
    """What a population learns: training rows, validation rows, and the loss."""

    train: Rows
    validation: Rows
    loss: Loss

    @property
    def features(self) -> int:
        """The number of inputs F."""
        return int(self.train.inputs.shape[1])


@dataclass(frozen=True)
class Member:
    """One network on its way: its settings, the key of its initial weights, and its state, None before epoch 1."""

    settings: NetworkSettings
    key: int
    state: Arrays | None = None


@dataclass(frozen=True)
class Progress:
    """What `advance` made of a member: the metrics of the epochs it trained, and where it stands.

    A `diverged` network stopped after the epoch in which its loss was no longer a finite number; it has no state.
    """

    epochs_done: int
    curves: Mapping[str, tuple[float, ...]]
    state: Arrays | None
    diverged: bool = False


def mini_batches(rows: int, batch_size: int) -> list[slice]:
    """Cut the rows of an epoch into mini-batches.

    The last one stands alone with at least half the batch size; a smaller one joins the one before, and so does a single
    row, which has no variance. A batch size above the rows is the rows.
    """
    starts = list(range(0, rows, batch_size))
    left = rows - starts[-1]
    if len(starts) > 1 and (2 * left < batch_size or left == 1):
        starts.pop()
    return [slice(a, b) for a, b in zip(starts, [*starts[1:], rows], strict=True)]


def largest_batch(rows: int, batch_size: int) -> int:
    """Return the rows of an epoch's largest mini-batch."""
    return max(int(batch.stop - batch.start) for batch in mini_batches(rows, batch_size))


def advance(
    members: Sequence[Member],
    examples: Examples,
    streams: Streams,
    until_epoch: int,
    deadline: Callable[[], bool] = lambda: False,
    select_by: str | None = None,
) -> list[Progress]:
    """Train networks of one depth, batch size and age until an epoch, and return what became of each.

    After each epoch `deadline` is asked; once it says yes the networks return as they are, at least one epoch older. With
    `select_by`, the name of a curve, a state also has the arrays of the epoch that was best by it: see `selected`. Raises
    ValueError when the members or their targets do not fit together.
    """
    for rows in (examples.train, examples.validation):
        examples.loss.check(rows.targets)
    company = _Company(members, examples, streams, select_by)
    with numpy_loops():
        for epoch in range(company.age, until_epoch):
            company.train(epoch)
            if not company.alive or deadline():
                break
    return company.progress()


def selected(state: Arrays) -> dict[str, NDArray[np.floating]]:
    """Return the parameters and statistics of a state's selected epoch: the best where that was kept, else the last."""
    best = {name.removeprefix(BEST): array for name, array in state.items() if name.startswith(BEST)}
    return best or {name: array for name, array in state.items() if not name.startswith("training/")}


class _Company:
    """The members of a call and the population they train in, which shrinks when some diverge."""

    def __init__(self, members: Sequence[Member], examples: Examples, streams: Streams, select_by: str | None) -> None:
        ages = {_age(member.state) for member in members}
        if len(ages) != 1:
            raise ValueError(f"the members of a call, one or more, are of one age, not of {sorted(ages)} epochs")
        if select_by is not None and select_by not in examples.loss.curves:
            raise ValueError(f"select_by is one of {', '.join(examples.loss.curves)}, not {select_by!r}")
        self.age = ages.pop()
        self.alive = list(range(len(members)))
        self._members, self._examples, self._streams = members, examples, streams
        self._select_by, self._sign = select_by, -1.0 if select_by in HIGHER_IS_BETTER else 1.0
        self._curves: list[dict[str, list[float]]] = [{name: [] for name in examples.loss.curves} for _ in members]
        self._best = [_best_of(member.state) for member in members]
        self._population = _population(members, examples, streams)

    def train(self, epoch: int) -> None:
        """Train one epoch, counted from 0, and part with those whose losses are no longer finite."""
        keys = [self._members[k].key for k in self.alive]
        metrics = _train_epoch(self._population, keys, self._examples, self._streams, epoch)
        for place, member in enumerate(self.alive):
            for name, values in metrics.items():
                self._curves[member][name].append(float(values[place]))
            self._keep_best(place, member)
        sound = np.isfinite(metrics["train_loss"]) & np.isfinite(metrics["validation_loss"])
        if not sound.all():
            self._regroup(np.flatnonzero(sound).tolist())

    def progress(self) -> list[Progress]:
        """Return what became of each member."""
        states = {member: self._state(place) for place, member in enumerate(self.alive)}
        return [
            Progress(
                self._age_of(member),
                {name: tuple(values) for name, values in curves.items()},
                states.get(member),
                diverged=member not in states,
            )
            for member, curves in enumerate(self._curves)
        ]

    def _age_of(self, member: int) -> int:
        return self.age + len(self._curves[member]["train_loss"])

    def _state(self, place: int) -> dict[str, NDArray[Any]]:
        member = self.alive[place]
        age = {_AGE: np.array([self._age_of(member)])}
        return {**self._population.state(place), **age, **self._best[member]}

    def _keep_best(self, place: int, member: int) -> None:
        if self._select_by is None:
            return
        value = self._curves[member][self._select_by][-1]
        best = self._best[member]
        if not best or self._sign * value < self._sign * float(best[_BEST_VALUE][0]):
            arrays = self._population.model(place)
            self._best[member] = {f"{BEST}{name}": array for name, array in arrays.items()} | {
                _BEST_VALUE: np.array([value])
            }

    def _regroup(self, survivors: Sequence[int]) -> None:
        """Go on with the networks at these places of the population."""
        members = [replace(self._members[self.alive[place]], state=self._state(place)) for place in survivors]
        self.alive = [self.alive[place] for place in survivors]
        del self._population  # before there is another one
        if members:
            self._population = _population(members, self._examples, self._streams)


def _age(state: Arrays | None) -> int:
    if state is not None and _AGE not in state:
        raise ValueError(f"a state without {_AGE} can predict, not train on")
    return int(state[_AGE][0]) if state is not None else 0


def _best_of(state: Arrays | None) -> dict[str, NDArray[Any]]:
    return {name: array for name, array in (state or {}).items() if name.startswith(BEST) or name == _BEST_VALUE}


def _population(members: Sequence[Member], examples: Examples, streams: Streams) -> Population:
    largest = largest_batch(len(examples.train.targets), members[0].settings.batch_size)
    population = Population([m.settings for m in members], examples.features, examples.loss, largest)
    states = [m.state for m in members if m.state is not None]
    if states:
        population.restore(states)
    else:
        population.initialise(streams, [m.key for m in members])
    return population


def _train_epoch(
    population: Population, keys: Sequence[int], examples: Examples, streams: Streams, epoch: int
) -> dict[str, NDArray[np.float64]]:
    """Train one epoch, counted from 0, and judge it; return one number per network and curve."""
    train, validation = examples.train, examples.validation
    count = len(train.targets)
    batches = mini_batches(count, population.settings[0].batch_size)
    order = streams.generator(Purpose.BATCHES, epoch).permutation(count)
    rates = population.rates(epoch, epoch * len(batches) + 1, len(batches))
    per_row = np.empty((len(population.settings), count), train.inputs.dtype)
    population.start_epoch(streams, keys, epoch)
    for batch, rate in zip(batches, rates, strict=True):
        per_row[:, batch] = population.step(train.inputs, train.targets, order[batch], rate, train.weights)
    population.take_exact_statistics(train.inputs)
    metrics = population.evaluate(validation.inputs, validation.targets)
    weights = None if train.weights is None else train.weights[order]
    # The training loss is the mean over the epoch's mini-batches, each judged before its own update.
    found = {f"validation_{name}": values for name, values in metrics.items()}
    found["train_loss"] = population.mean_loss(per_row, weights)
    return {name: found[name] for name in examples.loss.curves}
