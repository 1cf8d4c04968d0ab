"""What a training step and a whole population take in memory; NumPy reports its arrays to tracemalloc."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from network_examples import ACTIVATION_NAMES, BATCH_NORM_NAMES, OPTIMIZER_NAMES, make_examples, start

from hpsearch.network.population import Population, numpy_loops
from hpsearch.network.settings import BatchNorm, NetworkSettings
from hpsearch.network.size import population_bytes
from hpsearch.network.training import Examples, Member, advance, largest_batch
from hpsearch.seeds import Streams

STREAMS = Streams(0)
NETWORKS, ROWS, WIDTH = 8, 64, 128
BLOCK = 4 * ROWS * WIDTH
"""Bytes of one network's activations in one layer; a wide array has eight such blocks."""

VECTORS = 2 * (4 * NETWORKS * ROWS) + 4 * NETWORKS * WIDTH
"""Two vectors (K, m) and one (S,), a quarter of a block: a step may take so much, besides NumPy's own buffers."""

KINDS: list[list[BatchNorm]] = [["before"], ["after"], ["off"], list(BATCH_NORM_NAMES)]

every_placement = pytest.mark.parametrize("norms", KINDS, ids="+".join)


def peak(action: Callable[[], object]) -> int:
    """Return how many bytes above those of its start an action takes at most."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        action()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def peak_of_steps(networks: Sequence[NetworkSettings], examples: Examples) -> int:
    """Return what ten steps take after a warm-up of as many, on mini-batches of two sizes."""
    population = Population(networks, examples.features, examples.loss, ROWS)
    population.initialise(STREAMS, range(len(networks)))
    population.start_epoch(STREAMS, range(len(networks)), 0)
    train, batches = examples.train, [np.arange(ROWS), np.arange(40)] * 5
    rates = population.rates(0, 1, 10)

    def steps() -> None:
        for rows, rate in zip(batches, rates, strict=True):
            population.step(train.inputs, train.targets, rows, rate, train.weights)

    with numpy_loops():
        steps()
        return peak(steps)


def allowed() -> int:
    """Return what a step may take: some vectors, and a buffer for each operand of a ufunc, whatever the shapes."""
    with numpy_loops():
        return VECTORS + 3 * 4 * np.getbufsize()


def make_networks(norms: Sequence[BatchNorm], networks: int = NETWORKS, **others: Any) -> list[NetworkSettings]:
    """Return networks of two shapes and of every activation and optimizer."""
    return [
        NetworkSettings(
            hidden_units=[WIDTH, WIDTH - k % 8 // 4],
            batch_size=ROWS,
            batch_norm=norms[k % len(norms)],
            activation=ACTIVATION_NAMES[k % 4],
            optimizer=OPTIMIZER_NAMES[k % 6],
            **others,
        )
        for k in range(networks)
    ]


def examples_of(classes: int, weighted: bool = False) -> Examples:
    return make_examples(0, train=100, features=20, classes=classes, weighted=weighted)


def test_the_measure_sees_a_single_networks_activations() -> None:
    assert peak(lambda: np.ones((ROWS, WIDTH), np.float32) * np.float32(2)) >= 2 * BLOCK > 2 * allowed()


@every_placement
@pytest.mark.parametrize("classes", [0, 10])
@pytest.mark.parametrize(
    "others", [{}, {"l2": 0.1, "clip_norm": 0.1}, {"dropout": 0.3}], ids=["plain", "l2 and clipping", "dropout"]
)
def test_a_step_takes_memory_for_some_vectors_only(classes: int, norms: list[BatchNorm], others: dict[str, Any]) -> None:
    assert peak_of_steps(make_networks(norms, **others), examples_of(classes)) < allowed()


@pytest.mark.parametrize("classes", [0, 3])
def test_a_step_with_weighted_rows_takes_memory_for_some_vectors_only(classes: int) -> None:
    assert peak_of_steps(make_networks(BATCH_NORM_NAMES), examples_of(classes, weighted=True)) < allowed()


PLAIN = NetworkSettings(hidden_units=64)
ROWS_OF_AN_EPOCH = 700


def mixed(networks: int) -> list[NetworkSettings]:
    rng = np.random.default_rng(0)
    return [
        NetworkSettings(
            hidden_units=rng.integers(16, 100, 2).tolist(),
            batch_norm=BATCH_NORM_NAMES[k % 3],
            optimizer=OPTIMIZER_NAMES[k % 6],
            activation=ACTIVATION_NAMES[k % 4],
            dropout=0.2 * (k % 2),
        )
        for k in range(networks)
    ]


SHAPES = {
    "one": [PLAIN],
    "sixteen": [PLAIN] * 16,
    "ten different ones": mixed(10),
    "dropout": [replace(PLAIN, dropout=0.3)] * 8,
    "batch norm after": [replace(PLAIN, batch_norm="after")] * 8,
    "no moments": [replace(PLAIN, optimizer="sgd", batch_norm="off", hidden_units=256)] * 4,
    "exact": [replace(PLAIN, batch_norm_statistics="exact")] * 4,
    "one exact": [replace(PLAIN, batch_norm_statistics="exact", batch_size=32)],
    "wide": [replace(PLAIN, hidden_units=400)] * 2,
    "large batches": [replace(PLAIN, batch_size=1000)] * 4,
    "small": [replace(PLAIN, hidden_units=8, batch_size=32)] * 24,
    "deep": [replace(PLAIN, hidden_units=8, hidden_layers=12)] * 2,
}


@pytest.mark.parametrize(("classes", "best"), [(10, False), (0, True)])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_memory_of_an_epoch_is_predicted(shape: str, classes: int, best: bool) -> None:
    """From scratch, and from states that are still held when the new ones are copied out: within 0.8 to 1.6 times."""
    networks = SHAPES[shape]
    examples = make_examples(0, train=ROWS_OF_AN_EPOCH, validation=300, features=64, classes=classes)
    largest = largest_batch(ROWS_OF_AN_EPOCH, networks[0].batch_size)
    predicted = population_bytes(networks, 64, examples.loss.outputs, largest, ROWS_OF_AN_EPOCH, best=best)
    found: list[list[Member]] = [start(networks)]

    def train(epoch: int) -> None:
        select_by = "train_loss" if best else None  # it falls, so that the best changes
        progress = advance(found[-1], examples, STREAMS, epoch + 1, select_by=select_by)
        found.append([replace(member, state=p.state) for member, p in zip(found[-1], progress, strict=True)])

    peaks = []
    peaks.append(peak(lambda: train(0)))
    given = sum(a.nbytes for member in found[-1] for a in (member.state or {}).values())
    peaks.append(peak(lambda: train(1)) + given)
    assert all(0.8 <= predicted / measured <= 1.6 for measured in peaks), [round(predicted / p, 2) for p in peaks]
