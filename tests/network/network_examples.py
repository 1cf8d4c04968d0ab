"""Seeded tasks, populations and hypothesis strategies that the tests of the network share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from hpsearch.network.population import Population
from hpsearch.network.settings import Activation, BatchNorm, NetworkSettings, Optimizer, Schedule
from hpsearch.network.training import METRICS, Examples, Progress, Rows
from hpsearch.seeds import Streams

ACTIVATION_NAMES: tuple[Activation, ...] = get_args(Activation)
BATCH_NORM_NAMES: tuple[BatchNorm, ...] = get_args(BatchNorm)
OPTIMIZER_NAMES: tuple[Optimizer, ...] = get_args(Optimizer)
SCHEDULE_NAMES: tuple[Schedule, ...] = get_args(Schedule)


def random_rows(rng: np.random.Generator, rows: int, features: int, classes: int) -> Rows:
    return Rows(rng.standard_normal((rows, features), dtype=np.float32), rng.integers(0, classes, rows))


def make_examples(seed: int, train: int = 40, validation: int = 23, features: int = 5, classes: int = 3) -> Examples:
    """Return examples whose classes follow the first inputs, with some noise, so that there is something to learn."""
    rng = np.random.default_rng(seed)
    parts = []
    for count in (train, validation):
        inputs = rng.standard_normal((count, features), dtype=np.float32)
        scores = inputs @ np.random.default_rng(seed + 1).standard_normal((features, classes), dtype=np.float32)
        parts.append(Rows(inputs, (scores + 0.3 * rng.standard_normal(scores.shape)).argmax(axis=1)))
    return Examples(parts[0], parts[1], classes)


def make_population(
    settings: Sequence[NetworkSettings], seed: int, features: int = 3, classes: int = 3, rows: int = 16
) -> Population:
    """Return a float64 population in which every parameter is random: no gamma is 1, no beta and no bias 0."""
    rng = np.random.default_rng(seed)
    population = Population(settings, features, classes, rows, dtype=np.float64)
    population.initialise(Streams(seed), range(len(settings)))
    states = [population.state(network) for network in range(len(settings))]
    for state in states:
        for name in trained(state):
            state[name] = rng.standard_normal(state[name].shape)
    population.restore(states)
    return population


def trained(state: dict[str, NDArray[np.floating]]) -> dict[str, NDArray[np.float64]]:
    """Pick the trained parameters out of a state."""
    parts = ("weights_", "gamma_", "beta_", "bias_")
    return {name: array.astype(np.float64) for name, array in state.items() if name.startswith(parts)}


def assert_same_progress(one: Progress, other: Progress) -> None:
    """Two results agree in every bit that counts."""
    assert (one.epochs_done, one.diverged) == (other.epochs_done, other.diverged)
    for metric in METRICS:
        np.testing.assert_array_equal(one.curves[metric], other.curves[metric], err_msg=metric)
    assert (one.state is None) == (other.state is None)
    if one.state is not None and other.state is not None:
        assert list(one.state) == list(other.state)
        for name, array in one.state.items():
            assert np.array_equal(array, other.state[name]), name


@st.composite
def networks(draw: st.DrawFn, depth: int, batch_size: int) -> NetworkSettings:
    """Any network that can stand in a population of that depth and batch size."""
    return NetworkSettings(
        learning_rate=draw(st.sampled_from([1e-3, 0.05, 1.0])),
        momentum=draw(st.sampled_from([0.0, 0.9, 0.99])),
        hidden_units=draw(st.lists(st.integers(1, 18), min_size=depth, max_size=depth)),
        batch_size=batch_size,
        hidden_layers=depth,
        learning_rate_schedule=draw(st.sampled_from(SCHEDULE_NAMES)),
        learning_rate_decay=draw(st.sampled_from([0.0, 0.5])),
        optimizer=draw(st.sampled_from(OPTIMIZER_NAMES)),
        activation=draw(st.sampled_from(ACTIVATION_NAMES)),
        batch_norm=draw(st.sampled_from(BATCH_NORM_NAMES)),
        l2=draw(st.sampled_from([0.0, 1e-3, 0.1])),
        beta1=draw(st.sampled_from([0.0, 0.9])),
        beta2=draw(st.sampled_from([0.9, 0.999])),
        epsilon=draw(st.sampled_from([1e-8, 1e-3])),
        batch_norm_momentum=draw(st.sampled_from([0.0, 0.9, 0.99])),
        batch_norm_epsilon=draw(st.sampled_from([1e-5, 1e-2])),
    )


@st.composite
def crowds(draw: st.DrawFn) -> tuple[list[NetworkSettings], Examples]:
    """Networks that can train side by side, with examples for them."""
    depth, batch_size = draw(st.integers(1, 3)), draw(st.integers(2, 24))
    examples = make_examples(
        seed=draw(st.integers(0, 1000)),
        train=draw(st.integers(1, 60)),
        validation=draw(st.integers(1, 40)),
        features=draw(st.integers(1, 9)),
        classes=draw(st.integers(2, 6)),
    )
    return draw(st.lists(networks(depth, batch_size), min_size=2, max_size=5)), examples
