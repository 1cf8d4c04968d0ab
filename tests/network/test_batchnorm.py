"""Batch norm seen through one unit: after the activation, with an output weight of 1, a prediction is what it gives."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from network_examples import make_population
from numpy.typing import NDArray
from textbook import activate

from hpsearch.network.population import Population
from hpsearch.network.settings import NetworkSettings

Array = NDArray[np.float64]
EPSILON = 1e-3

UNIT = NetworkSettings(
    hidden_units=1,
    hidden_layers=1,
    batch_norm="after",
    batch_norm_epsilon=EPSILON,
    batch_norm_statistics="exact",
    activation="leaky_relu",
    optimizer="sgd",
    batch_size=8,
)


def make_unit(gamma: float = 1.0, beta: float = 0.0, **others: Any) -> Population:
    """Return x -> leaky relu -> batch norm, between two wider neighbours."""
    neighbour = replace(UNIT, hidden_units=6)
    population = make_population([neighbour, replace(UNIT, **others), neighbour], seed=0, features=1, classes=0)
    state = population.state(1) | {
        "weights_1": np.ones((1, 1)),
        "bias_1": np.zeros(1),
        "gamma_1": np.full(1, gamma),
        "beta_1": np.full(1, beta),
        "weights_out": np.ones((1, 1)),
        "bias_out": np.zeros(1),
    }
    population.restore([population.state(0), state, population.state(2)])
    return population


def normalised(x: Array, population: Population) -> Array:
    """Let the unit measure x (m,) and return what it makes of it."""
    population.take_exact_statistics(x[:, None])
    return np.asarray(population.predict(x[:, None])[1, :, 0])


def random_inputs(rows: int, deviation: float = 3.0) -> Array:
    """Return inputs above 0, which the leaky relu leaves as they are."""
    x = np.random.default_rng(rows).normal(20.0, deviation, rows)
    assert (x > 0).all()
    return x


@pytest.mark.parametrize("rows", [2, 3, 10, 33])
def test_rows_come_out_with_mean_0_and_variance_1(rows: int) -> None:
    z_norm = normalised(random_inputs(rows), make_unit(batch_norm_epsilon=1e-12))
    assert z_norm.mean() == pytest.approx(0, abs=1e-10)
    assert z_norm.var() == pytest.approx(1, rel=1e-6)


def test_epsilon_is_added_to_the_variance_under_the_root() -> None:
    x = random_inputs(9, deviation=0.05)
    assert EPSILON / 10 < x.var() < 10 * EPSILON
    expected = (x - x.mean()) / np.sqrt(((x - x.mean()) ** 2).mean() + EPSILON)
    np.testing.assert_allclose(normalised(x, make_unit()), expected, rtol=1e-10, atol=1e-13)


def test_gamma_stretches_and_beta_shifts() -> None:
    x = random_inputs(12)
    z_norm = normalised(x, make_unit())
    np.testing.assert_allclose(normalised(x, make_unit(gamma=-2.5, beta=7.0)), 7 - 2.5 * z_norm, rtol=1e-10)


def test_after_the_activation_it_is_the_activation_that_is_normalised() -> None:
    x = np.random.default_rng(0).normal(0, 2, 20)
    a = activate("leaky_relu", x)
    expected = (a - a.mean()) / np.sqrt(a.var() + EPSILON)
    np.testing.assert_allclose(normalised(x, make_unit()), expected, rtol=1e-10, atol=1e-13)


def test_a_constant_column_becomes_beta_and_passes_no_gradient() -> None:
    population, x = make_unit(beta=0.75), np.full((8, 1), 7.25)
    np.testing.assert_allclose(normalised(x[:, 0], population), 0.75, rtol=1e-12)
    population.gradient(x, np.arange(8.0), np.arange(8))
    gradients = population.gradients(1)
    for name in ("weights_1", "bias_1", "gamma_1"):
        np.testing.assert_allclose(gradients[name], 0, atol=1e-12, err_msg=name)
    assert gradients["beta_1"][0] == pytest.approx(np.mean(0.75 - np.arange(8)))


def take_steps(population: Population, batches: list[Array]) -> None:
    inputs = np.concatenate(batches)[:, None]
    rows = np.split(np.arange(len(inputs)), np.cumsum([len(batch) for batch in batches])[:-1])
    for batch, rates in zip(rows, population.rates(0, 1, len(batches)), strict=True):
        population.step(inputs, np.zeros(len(inputs)), batch, rates)


def average_after(population: Population, batches: list[Array]) -> tuple[float, float]:
    """Return the unit's averages of mean and variance; its learning rate is too low to move it."""
    take_steps(population, batches)
    state = population.state(1)
    return float(state["mean_1"][0]), float(state["variance_1"][0])


def make_averaging(momentum: float) -> Population:
    return make_unit(batch_norm_momentum=momentum, batch_norm_statistics="averages", learning_rate=1e-300)


@pytest.mark.parametrize("momentum", [0.0, 0.9, 0.99, 0.9999])
@pytest.mark.parametrize("rows", [5, 8, 11])
def test_the_first_batch_is_the_average_after_one_step(momentum: float, rows: int) -> None:
    x = random_inputs(rows)
    found = average_after(make_averaging(momentum), [x])
    assert found == pytest.approx((x.mean(), x.var()), rel=1e-12)


@pytest.mark.parametrize("momentum", [0.0, 0.9, 0.99])
def test_the_averages_weigh_each_batch_by_its_rows_and_its_age(momentum: float) -> None:
    batches = [random_inputs(8) * k + 10 for k in (1, 2, 3)] + [random_inputs(11)]
    weights = [8 * momentum**3, 8 * momentum**2, 8 * momentum, 11]
    found = average_after(make_averaging(momentum), batches)
    expected = [np.average([moment(x) for x in batches], weights=weights) for moment in (np.mean, np.var)]
    assert found == pytest.approx(expected, rel=1e-12)


def test_momentum_0_remembers_the_latest_batch_only() -> None:
    batches = [random_inputs(8), random_inputs(5) + 10]
    assert average_after(make_averaging(0.0), batches) == pytest.approx((batches[1].mean(), batches[1].var()), rel=1e-12)


def test_before_the_first_step_the_averages_are_0() -> None:
    state = make_averaging(0.9).state(1)
    assert (state["mean_1"].tolist(), state["variance_1"].tolist()) == ([0], [0])


def test_exact_statistics_forget_the_mini_batches() -> None:
    population, x = make_unit(learning_rate=1e-300), random_inputs(30)
    take_steps(population, [x[:10] + 100, x[10:20] * 10])
    population.take_exact_statistics(x[:, None])
    state = population.state(1)
    assert state["mean_1"][0] == pytest.approx(x.mean(), rel=1e-12)
    assert state["variance_1"][0] == pytest.approx(x.var(), rel=1e-12)


def test_measuring_leaves_the_averages_alone() -> None:
    population = make_averaging(0.9)
    before = average_after(population, [random_inputs(8)])
    population.take_exact_statistics(random_inputs(30)[:, None])
    assert (population.state(1)["mean_1"][0], population.state(1)["variance_1"][0]) == before
