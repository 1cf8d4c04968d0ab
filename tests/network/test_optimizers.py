"""The update rule against its formulas, written out step by step in float64."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from network_examples import OPTIMIZER_NAMES, SCHEDULE_NAMES, make_population, trained
from textbook import ByHand

from hpsearch.network.layout import Layout, Parameters
from hpsearch.network.optimizers import UpdateRule
from hpsearch.network.population import Population
from hpsearch.network.settings import NetworkSettings, Optimizer, Schedule

PLAN = ((0, 2), (1, 2), (2, 1))
"""Epochs, and how many of their mini-batches are taken."""

every_optimizer = pytest.mark.parametrize("optimizer", OPTIMIZER_NAMES)


def take_five_steps(population: Population, by_hand: Sequence[ByHand]) -> None:
    """Let both take the same steps; the gradients come from the population, whose own tests vouch for them."""
    rng = np.random.default_rng(0)
    inputs, targets, t = rng.standard_normal((24, 3)), rng.integers(0, 3, 24), 1
    for epoch, steps in PLAN:
        for rate in population.rates(epoch, t, 2)[:steps]:
            rows = rng.permutation(24)[:9]
            population.gradient(inputs, targets, rows)
            for network, hand in enumerate(by_hand):
                hand.step(trained(population.gradients(network)), epoch)
            population.step(inputs, targets, rows, rate)
            t += 1


def assert_five_steps_match(settings: Sequence[NetworkSettings]) -> None:
    population = make_population(settings, seed=len(settings))
    by_hand = [ByHand(s, trained(population.state(network)), steps_per_epoch=2) for network, s in enumerate(settings)]
    take_five_steps(population, by_hand)
    for network, hand in enumerate(by_hand):
        state = population.state(network)
        for name, expected in hand.params.items():
            np.testing.assert_allclose(state[name], expected, rtol=1e-9, atol=1e-12, err_msg=f"{hand.settings}: {name}")


def make_settings(optimizer: Optimizer, **others: Any) -> NetworkSettings:
    settings = NetworkSettings(
        epochs=4,
        optimizer=optimizer,
        learning_rate=0.05,
        learning_rate_schedule="none",
        learning_rate_decay=0.7,
        momentum=0.9,
        beta1=0.8,
        beta2=0.95,
        epsilon=0.02,
        weight_decay=0.3,
        hidden_units=[2, 5],
        batch_size=8,
        activation="tanh",
    )
    return replace(settings, **others)


@pytest.mark.parametrize("warmup", [0, 1, 2])
@pytest.mark.parametrize("schedule", SCHEDULE_NAMES)
@every_optimizer
def test_five_steps_are_the_formulas(optimizer: Optimizer, schedule: Schedule, warmup: int) -> None:
    assert_five_steps_match([make_settings(optimizer, learning_rate_schedule=schedule, warmup_epochs=warmup)])


@pytest.mark.parametrize("clip_norm", [0.0, 0.1, 1e6])
@pytest.mark.parametrize("l2", [0.0, 0.3])
@every_optimizer
def test_five_steps_are_the_formulas_with_the_penalty_and_clipping(
    optimizer: Optimizer, l2: float, clip_norm: float
) -> None:
    assert_five_steps_match([make_settings(optimizer, l2=l2, clip_norm=clip_norm)])


def test_five_steps_are_the_formulas_in_a_mixed_crowd() -> None:
    kinds = product(OPTIMIZER_NAMES, SCHEDULE_NAMES, (0.0, 0.3))
    settings = [
        make_settings(
            optimizer,
            learning_rate_schedule=schedule,
            l2=l2,
            clip_norm=(0.0, 0.2, 0.5)[k % 3],
            warmup_epochs=k % 4 % 3,
            weight_decay=0.01 * k,
            learning_rate=0.01 * (k + 1),
            momentum=0.02 * k,
            beta1=0.02 * k,
            beta2=0.02 * k,
            hidden_units=[[2, 5], [4, 8], [9, 1]][k % 5 % 3],
            batch_norm=("before", "after", "off")[k % 7 % 3],
        )
        for k, (optimizer, schedule, l2) in enumerate(kinds)
    ]
    assert_five_steps_match([settings[k] for k in np.random.default_rng(0).permutation(len(settings))])


@pytest.mark.parametrize(
    "pair", [("sgd", "momentum"), ("sgd", "adam"), ("nesterov", "rmsprop"), ("rmsprop", "adamw"), ("adamw", "adam")]
)
def test_five_steps_are_the_formulas_for_two_of_a_kind(pair: tuple[Optimizer, Optimizer]) -> None:
    assert_five_steps_match([make_settings(pair[0], l2=0.1), make_settings(pair[1]), make_settings(pair[0])])


@every_optimizer
def test_the_moments_in_a_state_are_the_courses_averages_without_their_factor(optimizer: Optimizer) -> None:
    settings = make_settings(optimizer)
    population = make_population([settings], seed=5)
    hand = ByHand(settings, trained(population.state(0)), steps_per_epoch=2)
    take_five_steps(population, [hand])
    state = population.state(0)
    b1 = settings.beta1 if optimizer in ("adam", "adamw") else settings.momentum
    expected = {}
    for name in hand.params:
        if optimizer not in ("sgd", "rmsprop"):
            expected[f"training/gradient/{name}"] = hand.v[name] / (1 - b1)
        if optimizer in ("rmsprop", "adam", "adamw"):
            expected[f"training/square/{name}"] = hand.s[name] / (1 - settings.beta2)
    assert {name for name in state if name.startswith(("training/gradient", "training/square"))} == set(expected)
    for name, array in expected.items():
        np.testing.assert_allclose(state[name], array, rtol=1e-9, atol=1e-15)


def moved_by(settings: NetworkSettings, gradients: Sequence[float], begin: float = 0.0) -> dict[str, float]:
    """Return where parameters that all began at one number stand after steps with these gradients."""
    layout = Layout([settings], features=1, outputs=2)
    theta, gradient = Parameters(layout, np.float64), Parameters(layout, np.float64)
    theta.flat[:] = begin
    rule = UpdateRule(layout, theta, gradient)
    for g, rates in zip(gradients, rule.rates(0, 1, len(gradients)), strict=True):
        gradient.flat[:] = g
        rule.update(rates)
    named = layout.named(theta.flat, 0)
    assert all((array == array.flat[0]).all() for array in named.values())
    return {name: float(array.flat[0]) for name, array in named.items()}


def small(optimizer: Optimizer, **others: Any) -> NetworkSettings:
    return NetworkSettings(optimizer=optimizer, hidden_units=4, hidden_layers=1, **others)


ADAM = -0.1 * (1 / 2 + (11 / 7) / (math.sqrt(3) + 1) + (81 / 37) / (math.sqrt(45 / 7) + 1))
"""v = 1/4, 11/16, 81/64 and s = 1/2, 9/4, 45/8, corrected by 1 - (3/4)^t and 1 - (1/2)^t."""


@pytest.mark.parametrize(
    ("optimizer", "expected"),
    [
        ("sgd", -0.1 * (1 + 2 + 3)),
        ("momentum", -0.1 * (0.1 + 0.29 + 0.561)),  # v = 0.9 v + 0.1 g
        ("nesterov", -0.1 * (0.19 + 0.461 + 0.8049)),  # 0.9 v + 0.1 g with the same v
        ("rmsprop", -0.1 * (1 / (math.sqrt(0.5) + 1) + 2 / (1.5 + 1) + 3 / (math.sqrt(5.625) + 1))),  # s = s/2 + g^2/2
        ("adam", ADAM),
        ("adamw", ADAM),  # nothing decays but the weights
    ],
)
def test_three_steps_worked_in_numbers(optimizer: Optimizer, expected: float) -> None:
    settings = small(optimizer, learning_rate=0.1, momentum=0.9, beta1=0.75, beta2=0.5, epsilon=1.0, weight_decay=0.5)
    moved = moved_by(settings, [1.0, 2.0, 3.0])
    for name in ("gamma_1", "beta_1", "bias_out", *(["weights_1"] * (optimizer != "adamw"))):
        assert moved[name] == pytest.approx(expected, rel=1e-12), name


def test_nesterovs_parameters_stand_after_the_look_ahead() -> None:
    """Sutskever's equations 3 and 4, which take the gradient ahead of where they stand, on the bowl (x - 3)^2 / 2."""
    settings = small("nesterov", learning_rate=0.4, momentum=0.8)
    layout = Layout([settings], features=1, outputs=2)
    theta, gradient = Parameters(layout, np.float64), Parameters(layout, np.float64)
    rule, x, velocity = UpdateRule(layout, theta, gradient), 0.0, 0.0
    for rates in rule.rates(0, 1, 6):
        ahead = x + 0.8 * velocity
        velocity = 0.8 * velocity - 0.4 * (1 - 0.8) * (ahead - 3)
        x += velocity
        gradient.flat[:] = theta.flat - 3
        rule.update(rates)
        np.testing.assert_allclose(theta.flat[:-1], x + 0.8 * velocity, rtol=1e-12)


def test_adamw_shrinks_the_weights_and_nothing_else() -> None:
    settings = small("adamw", learning_rate=0.1, weight_decay=0.2)
    moved = moved_by(settings, [0.0, 0.0, 0.0], begin=5.0)
    shrunk = 5 * (1 - 0.1 * 0.2) ** 3
    assert moved == pytest.approx(
        {"weights_1": shrunk, "weights_out": shrunk, "gamma_1": 5, "beta_1": 5, "bias_out": 5}, rel=1e-14
    )


@pytest.mark.parametrize("optimizer", [name for name in OPTIMIZER_NAMES if name != "adamw"])
def test_weight_decay_is_adamws_alone(optimizer: Optimizer) -> None:
    with_decay, without = (small(optimizer, weight_decay=decay) for decay in (0.5, 0.0))
    assert moved_by(with_decay, [1.0, 2.0], begin=3.0) == moved_by(without, [1.0, 2.0], begin=3.0)


def test_without_decay_adamw_is_adam() -> None:
    assert moved_by(small("adamw", weight_decay=0.0), [1.0, 2.0], 3.0) == moved_by(small("adam"), [1.0, 2.0], 3.0)


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("optimizer", ["adam", "adamw"])
def test_adams_first_step_is_alpha_whatever_the_gradients_size(optimizer: Optimizer, size: float) -> None:
    settings = small(optimizer, learning_rate=0.1, epsilon=1e-15)
    assert moved_by(settings, [size])["weights_1"] == pytest.approx(-0.1, rel=1e-6)


@every_optimizer
def test_no_gradient_moves_nothing(optimizer: Optimizer) -> None:
    assert set(moved_by(small(optimizer, clip_norm=1.0), [0.0, 0.0]).values()) == {0.0}


def test_a_long_gradient_is_shortened_to_the_longest_norm_and_keeps_its_direction() -> None:
    settings = [make_settings("sgd", learning_rate=1.0, clip_norm=length) for length in (0.0, 0.01, 1e3)]
    population = make_population(settings * 2, seed=0)
    population.restore([population.state(0)] * 6)
    rng = np.random.default_rng(0)
    inputs, targets = rng.standard_normal((9, 3)), rng.integers(0, 3, 9)
    before = trained(population.state(0))
    population.step(inputs, targets, np.arange(9), population.rates(0, 1, 1)[0])
    moves = [{name: a - before[name] for name, a in trained(population.state(k)).items()} for k in range(6)]
    free, short, hardly = (np.concatenate([a.ravel() for a in move.values()]) for move in moves[:3])
    assert np.linalg.norm(free) > 0.02
    assert np.linalg.norm(short) == pytest.approx(0.01, rel=1e-9)
    np.testing.assert_allclose(short, free * (0.01 / np.linalg.norm(free)), rtol=1e-9, atol=1e-15)
    assert np.array_equal(hardly, free)


@every_optimizer
def test_the_rates_of_an_epoch_go_on_where_the_last_one_ended(optimizer: Optimizer) -> None:
    population = make_population([make_settings(optimizer, learning_rate_schedule="exponential")], seed=0)
    together = population.rates(2, 5, 3)
    one_by_one = [population.rates(2, t, 1)[0] for t in (5, 6, 7)]
    assert np.array_equal(together, one_by_one)
