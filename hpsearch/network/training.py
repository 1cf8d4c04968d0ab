"""Epochs and mini-batches: `advance`, the resumable function that everything else rests on.

`advance` depends on nothing but its arguments: the mini-batch order of epoch e comes from the stream (seed, batches, e),
and the number of steps taken so far from the epochs done. So thirty epochs in one call, in three calls, or on another
machine of the same kind end in the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from hpsearch.network.losses import SMALLEST_PROBABILITY
from hpsearch.network.population import Population
from hpsearch.network.settings import NetworkSettings
from hpsearch.seeds import Purpose, Streams

Arrays: TypeAlias = "Mapping[str, NDArray[np.floating]]"

METRICS = ("validation_error", "validation_loss", "train_loss")


@dataclass(frozen=True)
class Rows:
    """Rows with their classes: `inputs` (n, F) float32, `targets` (n,) whole numbers from 0."""

    inputs: NDArray[np.floating]
    targets: NDArray[np.int64]


@dataclass(frozen=True)
class Examples:
    """What a population learns: training rows, validation rows, and the number of classes."""

    train: Rows
    validation: Rows
    classes: int

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
    epochs_done: int,
    until_epoch: int,
    deadline: Callable[[], bool] = lambda: False,
) -> list[Progress]:
    """Train networks of one depth and batch size, all `epochs_done` old, until an epoch, and return what became of each.

    After each epoch `deadline` is asked; once it says yes the networks return as they are, at least one epoch older.
    """
    curves: list[dict[str, list[float]]] = [{metric: [] for metric in METRICS} for _ in members]
    finished: dict[int, Progress] = {}
    alive = list(range(len(members)))
    population = _population(members, examples, streams)
    with np.errstate(all="ignore"):  # overflow and NaN are results here: the network has diverged
        for epoch in range(epochs_done, until_epoch):
            metrics = _train_epoch(population, examples, streams, epoch)
            for place, member in enumerate(alive):
                for metric, values in metrics.items():
                    curves[member][metric].append(float(values[place]))
            sound = np.isfinite(metrics["train_loss"]) & np.isfinite(metrics["validation_loss"])
            for place in np.flatnonzero(~sound).tolist():
                finished[alive[place]] = Progress(epoch + 1, _frozen(curves[alive[place]]), None, diverged=True)
            if not sound.all():
                kept = np.flatnonzero(sound).tolist()
                alive = [alive[place] for place in kept]
                if not alive:
                    break
                states = [population.state(place) for place in kept]
                survivors = [Member(members[k].settings, members[k].key, s) for k, s in zip(alive, states, strict=True)]
                population = _population(survivors, examples, streams)
            if deadline():
                break
    for place, member in enumerate(alive):
        done = epochs_done + len(curves[member]["train_loss"])
        finished[member] = Progress(done, _frozen(curves[member]), population.state(place))
    return [finished[member] for member in range(len(members))]


def _population(members: Sequence[Member], examples: Examples, streams: Streams) -> Population:
    largest = largest_batch(len(examples.train.targets), members[0].settings.batch_size)
    population = Population([m.settings for m in members], examples.features, examples.classes, largest)
    states = [m.state for m in members if m.state is not None]
    if not states:
        population.initialise(streams, [m.key for m in members])
    else:
        population.restore(states)
    return population


def _train_epoch(population: Population, examples: Examples, streams: Streams, epoch: int) -> dict[str, NDArray[np.float64]]:
    """Train one epoch, counted from 0, and judge it; return one number per network and metric."""
    train = examples.train
    count = len(train.targets)
    batches = mini_batches(count, population.settings[0].batch_size)
    order = streams.generator(Purpose.BATCHES, epoch).permutation(count)
    rates = population.rates(epoch, epoch * len(batches) + 1, len(batches))
    probability = np.empty((len(population.settings), count), train.inputs.dtype)
    for batch, rate in zip(batches, rates, strict=True):
        probability[:, batch] = population.step(train.inputs, train.targets, order[batch], rate)
    # The mean over the epoch's mini-batches, each judged before its own update.
    train_loss = -np.log(np.maximum(probability, SMALLEST_PROBABILITY)).mean(axis=1, dtype=np.float64)
    errors, losses = population.evaluate(examples.validation.inputs, examples.validation.targets)
    return {"validation_error": errors, "validation_loss": losses, "train_loss": train_loss}


def _frozen(curves: Mapping[str, Sequence[float]]) -> dict[str, tuple[float, ...]]:
    return {metric: tuple(values) for metric, values in curves.items()}
