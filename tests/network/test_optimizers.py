"""The update rule against the course's formulas, written out step by step in float64."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest
from network_examples import OPTIMIZER_NAMES, SCHEDULE_NAMES, make_population, trained
from textbook import ByHand

from hpsearch.network.layout import Layout
from hpsearch.network.optimizers import UpdateRule
from hpsearch.network.population import Population
from hpsearch.network.settings import NetworkSettings, Optimizer, Schedule

EPOCHS = (0, 0, 1)
"""The epoch of each of the three steps."""


def take_three_steps(population: Population, by_hand: Sequence[ByHand]) -> None:
    """Let both take the same steps; the gradients come from the population, whose own tests vouch for them."""
    rng = np.random.default_rng(0)
    inputs, targets = rng.standard_normal((24, 3)), rng.integers(0, 3, 24)
    rates = [*population.rates(0, 1, 2), *population.rates(1, 3, 1)]
    batches = np.split(np.arange(24), [8, 20])
    for epoch, rate, rows in zip(EPOCHS, rates, batches, strict=True):
        population.gradient(inputs, targets, rows)
        for network, hand in enumerate(by_hand):
            hand.step(trained(population.gradients(network)), epoch)
        population.step(inputs, targets, rows, rate)


def assert_three_steps_match(settings: Sequence[NetworkSettings]) -> None:
    population = make_population(settings, seed=len(settings))
    by_hand = [ByHand(s, trained(population.state(network))) for network, s in enumerate(settings)]
    take_three_steps(population, by_hand)
    for network, hand in enumerate(by_hand):
        state = population.state(network)
        for name, expected in hand.params.items():
            np.testing.assert_allclose(state[name], expected, rtol=1e-9, atol=1e-12, err_msg=f"{hand.settings}: {name}")


def make_settings(optimizer: Optimizer, schedule: Schedule = "none", l2: float = 0.0, **others: float) -> NetworkSettings:
    return NetworkSettings(
        optimizer=optimizer,
        learning_rate=others.get("learning_rate", 0.05),
        learning_rate_schedule=schedule,
        learning_rate_decay=0.7,
        l2=l2,
        momentum=others.get("momentum", 0.9),
        beta1=others.get("beta1", 0.8),
        beta2=others.get("beta2", 0.95),
        epsilon=others.get("epsilon", 0.02),
        hidden_units=[2, 5],
        batch_size=8,
        activation="tanh",
    )


@pytest.mark.parametrize("l2", [0.0, 0.3])
@pytest.mark.parametrize("schedule", SCHEDULE_NAMES)
@pytest.mark.parametrize("optimizer", OPTIMIZER_NAMES)
def test_three_steps_are_the_formulas(optimizer: Optimizer, schedule: Schedule, l2: float) -> None:
    assert_three_steps_match([make_settings(optimizer, schedule, l2)])


def test_three_steps_are_the_formulas_in_a_mixed_crowd() -> None:
    kinds = product(OPTIMIZER_NAMES, SCHEDULE_NAMES, (0.0, 0.3))
    settings = [
        make_settings(
            optimizer, schedule, l2, learning_rate=0.01 * (k + 1), momentum=0.03 * k, beta1=0.04 * k, beta2=0.02 * k
        )
        for k, (optimizer, schedule, l2) in enumerate(kinds)
    ]
    assert_three_steps_match([settings[k] for k in np.random.default_rng(0).permutation(len(settings))])


@pytest.mark.parametrize("pair", [("sgd", "momentum"), ("sgd", "adam"), ("momentum", "rmsprop"), ("rmsprop", "adam")])
def test_three_steps_are_the_formulas_for_two_of_a_kind(pair: tuple[Optimizer, Optimizer]) -> None:
    assert_three_steps_match([make_settings(pair[0], l2=0.1), make_settings(pair[1]), make_settings(pair[0])])


@pytest.mark.parametrize("optimizer", OPTIMIZER_NAMES)
def test_the_moments_in_a_state_are_the_courses_averages_without_their_factor(optimizer: Optimizer) -> None:
    settings = make_settings(optimizer)
    population = make_population([settings], seed=5)
    hand = ByHand(settings, trained(population.state(0)))
    take_three_steps(population, [hand])
    state = population.state(0)
    b1 = settings.beta1 if optimizer == "adam" else settings.momentum
    for name in hand.params:
        if optimizer in ("momentum", "adam"):
            np.testing.assert_allclose((1 - b1) * state[f"training/gradient/{name}"], hand.v[name], rtol=1e-9, atol=1e-15)
        if optimizer in ("rmsprop", "adam"):
            np.testing.assert_allclose(
                (1 - settings.beta2) * state[f"training/square/{name}"], hand.s[name], rtol=1e-9, atol=1e-15
            )


def moved_by(settings: NetworkSettings, gradients: Sequence[float]) -> float:
    """Return where a parameter that began at 0 stands after steps with these gradients."""
    layout = Layout([settings.widths], features=1, classes=2)
    rule, theta, gradient = UpdateRule([settings], layout, np.float64), layout.vector(np.float64), layout.vector(np.float64)
    steps, epsilons = rule.rates(0, 1, len(gradients))
    for g, step, epsilon in zip(gradients, steps, epsilons, strict=True):
        gradient.flat[:] = g
        rule.update(theta, gradient, step, epsilon)
    assert (theta.flat == theta.flat[0]).all()
    return float(theta.flat[0])


@pytest.mark.parametrize(
    ("optimizer", "expected"),
    [
        ("sgd", -0.1 * (1 + 2 + 3)),
        ("momentum", -0.1 * (0.1 + 0.29 + 0.561)),  # v = 0.9 v + 0.1 g
        ("rmsprop", -0.1 * (1 / (math.sqrt(0.5) + 1) + 2 / (1.5 + 1) + 3 / (math.sqrt(5.625) + 1))),  # s = s/2 + g^2/2
        # v = 1/4, 11/16, 81/64 and s = 1/2, 9/4, 45/8, corrected by 1 - (3/4)^t and 1 - (1/2)^t
        (
            "adam",
            -0.1 * (1 / 2 + (11 / 7) / (math.sqrt(3) + 1) + (81 / 37) / (math.sqrt(45 / 7) + 1)),
        ),
    ],
)
def test_three_steps_worked_in_numbers(optimizer: Optimizer, expected: float) -> None:
    settings = NetworkSettings(
        optimizer=optimizer,
        learning_rate=0.1,
        momentum=0.9,
        beta1=0.75,
        beta2=0.5,
        epsilon=1.0,
        hidden_units=4,
        hidden_layers=1,
    )
    assert moved_by(settings, [1.0, 2.0, 3.0]) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6])
def test_adams_first_step_is_alpha_whatever_the_gradients_size(size: float) -> None:
    settings = NetworkSettings(optimizer="adam", learning_rate=0.1, epsilon=1e-15, hidden_units=4, hidden_layers=1)
    assert moved_by(settings, [size]) == pytest.approx(-0.1, rel=1e-6)


@pytest.mark.parametrize("optimizer", OPTIMIZER_NAMES)
def test_no_gradient_moves_nothing(optimizer: Optimizer) -> None:
    assert moved_by(NetworkSettings(optimizer=optimizer, hidden_units=4, hidden_layers=1), [0.0, 0.0]) == 0


@pytest.mark.parametrize("optimizer", OPTIMIZER_NAMES)
def test_the_rates_of_an_epoch_go_on_where_the_last_one_ended(optimizer: Optimizer) -> None:
    population = make_population([make_settings(optimizer, "exponential")], seed=0)
    together = population.rates(2, 5, 3)
    one_by_one = [population.rates(2, t, 1)[0] for t in (5, 6, 7)]
    assert np.array_equal(together, one_by_one)
