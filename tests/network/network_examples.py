"""Seeded examples, populations and hypothesis strategies that the tests of the network share."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, get_args

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from hpsearch.network.losses import Loss, SoftmaxCrossEntropy, SquaredError
from hpsearch.network.population import Population
from hpsearch.network.settings import Activation, BatchNorm, NetworkSettings, Optimizer, Schedule, Statistics
from hpsearch.network.training import Arrays, Examples, Member, Progress, Rows
from hpsearch.seeds import Streams

ACTIVATION_NAMES: tuple[Activation, ...] = get_args(Activation)
BATCH_NORM_NAMES: tuple[BatchNorm, ...] = get_args(BatchNorm)
OPTIMIZER_NAMES: tuple[Optimizer, ...] = get_args(Optimizer)
SCHEDULE_NAMES: tuple[Schedule, ...] = get_args(Schedule)
STATISTICS_NAMES: tuple[Statistics, ...] = get_args(Statistics)

DEVIATION = 2.5
"""Of the target of every regression, in the target's own unit."""


def make_loss(classes: int) -> Loss:
    """Return the loss of so many classes; 0 classes are a regression."""
    return SoftmaxCrossEntropy(classes) if classes else SquaredError(DEVIATION)


def random_targets(rng: np.random.Generator, rows: int, classes: int) -> NDArray[Any]:
    return rng.integers(0, classes, rows) if classes else rng.standard_normal(rows)


def random_weights(rng: np.random.Generator, rows: int) -> NDArray[np.floating]:
    """Return weights of mean 1."""
    weights = rng.uniform(0.2, 2.0, rows)
    return np.asarray(weights / weights.mean())


def make_examples(
    seed: int, train: int = 40, validation: int = 23, features: int = 5, classes: int = 3, weighted: bool = False
) -> Examples:
    """Return examples whose targets follow the first inputs, with some noise, so that there is something to learn."""
    rng = np.random.default_rng(seed)
    rule = np.random.default_rng(seed + 1).standard_normal((features, max(classes, 1)), dtype=np.float32)
    parts = []
    for count in (train, validation):
        inputs = rng.standard_normal((count, features), dtype=np.float32)
        scores = inputs @ rule + 0.3 * rng.standard_normal((count, max(classes, 1)), dtype=np.float32)
        targets = scores.argmax(axis=1) if classes else scores[:, 0] / np.linalg.norm(rule)
        parts.append(Rows(inputs, targets))
    weights = random_weights(rng, train).astype(np.float32) if weighted else None
    return Examples(replace(parts[0], weights=weights), parts[1], make_loss(classes))


def make_population(
    settings: Sequence[NetworkSettings], seed: int, features: int = 3, classes: int = 3, rows: int = 16
) -> Population:
    """Return a float64 population in which every parameter is random: no gamma is 1, no beta and no bias 0."""
    rng = np.random.default_rng(seed)
    population = Population(settings, features, make_loss(classes), rows, dtype=np.float64)
    population.initialise(Streams(seed), range(len(settings)))
    states = [population.state(network) for network in range(len(settings))]
    for state in states:
        for name in trained(state):
            state[name] = rng.standard_normal(state[name].shape)
    population.restore(states)
    return population


def trained(state: Arrays) -> dict[str, NDArray[np.float64]]:
    """Pick the trained parameters out of a state."""
    parts = ("weights_", "gamma_", "beta_", "bias_")
    return {name: array.astype(np.float64) for name, array in state.items() if name.startswith(parts)}


def start(networks: Sequence[NetworkSettings]) -> list[Member]:
    return [Member(network, key) for key, network in enumerate(networks)]


def joined(blocks: Sequence[Progress]) -> Progress:
    """Put the blocks of one network together into what a single call would have given."""
    curves = {name: tuple(v for block in blocks for v in block.curves[name]) for name in blocks[0].curves}
    return replace(blocks[-1], curves=curves)


def assert_same_progress(one: Progress, other: Progress) -> None:
    """Two results agree in every bit that counts."""
    assert (one.epochs_done, one.diverged) == (other.epochs_done, other.diverged)
    assert list(one.curves) == list(other.curves)
    for name, curve in one.curves.items():
        np.testing.assert_array_equal(curve, other.curves[name], err_msg=name)
    assert (one.state is None) == (other.state is None)
    if one.state is not None and other.state is not None:
        assert_same_arrays(one.state, other.state)


def assert_same_arrays(one: Arrays, other: Arrays) -> None:
    assert list(one) == list(other)
    for name, array in one.items():
        assert (array.dtype, array.shape) == (other[name].dtype, other[name].shape), name
        assert array.tobytes() == other[name].tobytes(), name


def through_a_file(state: Arrays | None) -> Arrays:
    """Save a state's arrays, and load them."""
    assert state is not None
    file = io.BytesIO()
    np.savez(file, **state)  # type: ignore[arg-type]  # the stub lets a name stand for allow_pickle
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        return dict(arrays)


@st.composite
def networks(draw: st.DrawFn, depth: int, batch_size: int) -> NetworkSettings:
    """Any network that can stand in a population of that depth and batch size."""
    return NetworkSettings(
        epochs=draw(st.integers(1, 6)),
        hidden_units=draw(st.lists(st.integers(1, 18), min_size=depth, max_size=depth)),
        batch_size=batch_size,
        hidden_layers=depth,
        optimizer=draw(st.sampled_from(OPTIMIZER_NAMES)),
        activation=draw(st.sampled_from(ACTIVATION_NAMES)),
        batch_norm=draw(st.sampled_from(BATCH_NORM_NAMES)),
    )


@st.composite
def varied(draw: st.DrawFn, network: NetworkSettings) -> NetworkSettings:
    """A network of the same shape and kind, with other numbers in it."""
    return replace(
        network,
        learning_rate=draw(st.sampled_from([1e-3, 0.05, 1.0])),
        momentum=draw(st.sampled_from([0.0, 0.9, 0.99])),
        learning_rate_schedule=draw(st.sampled_from(SCHEDULE_NAMES)),
        learning_rate_decay=draw(st.sampled_from([0.0, 0.5])),
        warmup_epochs=draw(st.sampled_from([0, 0, 1, 3])),
        l2=draw(st.sampled_from([0.0, 1e-3, 0.1])),
        weight_decay=draw(st.sampled_from([0.0, 0.1])),
        dropout=draw(st.sampled_from([0.0, 0.0, 0.3, 0.9])),
        clip_norm=draw(st.sampled_from([0.0, 0.0, 1e-2, 1.0])),
        beta1=draw(st.sampled_from([0.0, 0.9])),
        beta2=draw(st.sampled_from([0.9, 0.999])),
        epsilon=draw(st.sampled_from([1e-8, 1e-3])),
        batch_norm_momentum=draw(st.sampled_from([0.0, 0.9, 0.99])),
        batch_norm_epsilon=draw(st.sampled_from([1e-5, 1e-2])),
        batch_norm_statistics=draw(st.sampled_from(STATISTICS_NAMES)),
    )


@st.composite
def crowds(draw: st.DrawFn) -> tuple[list[NetworkSettings], Examples]:
    """Networks that can train side by side, some of them alike in shape and update, with examples for them."""
    depth, batch_size = draw(st.integers(1, 3)), draw(st.integers(2, 40))
    examples = make_examples(
        seed=draw(st.integers(0, 1000)),
        train=draw(st.integers(1, 90)),
        validation=draw(st.integers(1, 60)),
        features=draw(st.integers(1, 9)),
        classes=draw(st.sampled_from([0, 2, 3, 4, 5])),
        weighted=draw(st.booleans()),
    )
    kinds = draw(st.lists(networks(depth, batch_size), min_size=1, max_size=4))
    members = draw(st.lists(st.sampled_from(kinds).flatmap(varied), min_size=2, max_size=7))
    return members, examples
