"""The layers forward and backward, held against the textbook in float64."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from mini_batch import MiniBatch
from network_examples import ACTIVATION_NAMES, BATCH_NORM_NAMES, DEVIATION, make_population, trained
from textbook import exact_moments, forward, metrics, row_losses, softmax

from hpsearch.network.settings import Activation, BatchNorm, NetworkSettings

KINDS = [(activation, norm) for activation in ACTIVATION_NAMES for norm in BATCH_NORM_NAMES]

every_depth = pytest.mark.parametrize("depth", [1, 2, 3])
every_task = pytest.mark.parametrize("classes", [0, 4])


def random_network(
    rng: np.random.Generator, depth: int, activation: Activation, norm: BatchNorm, **others: Any
) -> NetworkSettings:
    return NetworkSettings(
        hidden_units=rng.integers(1, 6, depth).tolist(),
        hidden_layers=depth,
        activation=activation,
        batch_norm=norm,
        batch_norm_epsilon=float(rng.choice([1e-5, 1e-2])),
        batch_size=8,
        l2=0.5,
        **others,
    )


def mixed_crowd(depth: int, **others: Any) -> list[NetworkSettings]:
    """Return every kind of network, two of them of one shape, in an order that no population keeps inside."""
    rng = np.random.default_rng(depth)
    settings = [random_network(rng, depth, activation, norm, **others) for activation, norm in KINDS]
    settings.append(replace(settings[4], activation="tanh", batch_norm_epsilon=1e-3))
    return [settings[k] for k in rng.permutation(len(settings))]


@pytest.mark.parametrize(("classes", "weighted"), [(2, False), (5, True), (0, True)])
@every_depth
@pytest.mark.parametrize(("activation", "norm"), KINDS)
def test_every_gradient_is_the_slope_of_the_cost(
    activation: Activation, norm: BatchNorm, depth: int, classes: int, weighted: bool
) -> None:
    seed = 100 * depth + classes
    rng = np.random.default_rng(seed)
    network = random_network(rng, depth, activation, norm)
    MiniBatch([network], seed, classes, int(rng.integers(3, 12)), weighted).assert_costs_and_gradients_match()


@every_task
@every_depth
def test_every_gradient_is_right_in_a_mixed_crowd(depth: int, classes: int) -> None:
    MiniBatch(mixed_crowd(depth), depth, classes, rows=7, weighted=depth == 2).assert_costs_and_gradients_match()


@every_task
@pytest.mark.parametrize("width", [1, 2, 3])
def test_every_gradient_is_right_for_the_narrowest_layers(width: int, classes: int) -> None:
    settings = [
        NetworkSettings(hidden_units=width, activation="tanh", batch_norm=norm, batch_size=8) for norm in BATCH_NORM_NAMES
    ]
    MiniBatch(settings, seed=width, classes=classes, rows=8).assert_costs_and_gradients_match()


@every_task
@pytest.mark.parametrize("rows", [1, 2])
def test_every_gradient_is_right_for_the_smallest_mini_batches(rows: int, classes: int) -> None:
    settings = [
        NetworkSettings(hidden_units=[4, 3], activation="tanh", batch_norm=norm, batch_norm_epsilon=1e-2, batch_size=8)
        for norm in BATCH_NORM_NAMES
    ]
    MiniBatch(settings, seed=1, classes=classes, rows=rows).assert_costs_and_gradients_match()


def test_a_row_of_weight_0_teaches_nothing_but_what_batch_norm_sees() -> None:
    batch = MiniBatch([NetworkSettings(hidden_units=[4, 3], batch_norm="off", batch_size=8)], 1, 3, rows=8, weighted=True)
    assert batch.weights is not None
    batch.weights[batch.rows[0]] = 0
    batch.gradient()
    with_it = batch.population.gradients(0)
    batch.rows = batch.rows[1:]
    batch.gradient()
    for name, gradient in batch.population.gradients(0).items():
        np.testing.assert_allclose(with_it[name] * 8, gradient * 7, rtol=1e-10, atol=1e-15, err_msg=name)


def test_a_unit_that_never_fires_harms_nobody() -> None:
    settings = [NetworkSettings(hidden_units=[3, 4], batch_size=8)]
    batch = MiniBatch(settings, seed=4, classes=3, rows=8)
    state = batch.population.state(0)
    state["beta_1"][0] = -100  # the relu below hands batch norm a column of zeros
    state["weights_2"][1:, 2] = 0  # and this unit above sees nothing else
    batch.population.restore([state])
    batch.params = [trained(state)]
    batch.assert_costs_and_gradients_match()
    assert not batch.population.gradients(0)["weights_1"][:, 0].any()


@every_task
@every_depth
def test_a_step_sees_the_textbooks_losses_and_moments(depth: int, classes: int) -> None:
    batch = MiniBatch(mixed_crowd(depth), depth, classes, rows=8)
    kept = batch.step().copy()
    losses = [batch.population.mean_loss(kept[:, row : row + 1]) for row in range(8)]
    for network, (settings, params) in enumerate(zip(batch.settings, batch.params, strict=True)):
        expected = forward(settings, params, batch.x)
        of_rows = [loss[network] for loss in losses]
        np.testing.assert_allclose(of_rows, row_losses(expected.outputs, batch.y), rtol=1e-9, atol=1e-14)
        state = batch.population.state(network)
        assert {name for name in state if name.startswith(("mean", "variance"))} == set(expected.moments)
        assert len(expected.moments) == (0 if settings.batch_norm == "off" else 2 * depth)
        for name, moment in expected.moments.items():
            np.testing.assert_allclose(state[name], moment, atol=1e-12, err_msg=name)


@every_task
@every_depth
def test_at_test_time_each_row_is_the_textbooks_with_the_averages_of_training(depth: int, classes: int) -> None:
    batch = MiniBatch(mixed_crowd(depth), depth, classes, rows=8)
    batch.step()
    assert_judged_as_the_textbook(batch, classes)


def assert_judged_as_the_textbook(batch: MiniBatch, classes: int) -> None:
    """Hold predictions and metrics of all rows against the textbook with the parameters and moments of the states."""
    predicted = batch.population.predict(batch.inputs)
    judged = batch.population.evaluate(batch.inputs, batch.targets)
    for network, settings in enumerate(batch.settings):
        state = batch.population.state(network)
        outputs = forward(settings, trained(state), batch.inputs, moments=state).outputs
        np.testing.assert_allclose(predicted[network], softmax(outputs) if classes else outputs, rtol=1e-9)
        expected = metrics(outputs, batch.targets, DEVIATION)
        assert {name: values[network] for name, values in judged.items()} == pytest.approx(expected, rel=1e-9)


@every_task
@every_depth
def test_exact_statistics_are_the_moments_of_all_rows_layer_by_layer(depth: int, classes: int) -> None:
    batch = MiniBatch(mixed_crowd(depth, batch_norm_statistics="exact"), depth, classes, rows=8)
    batch.step()
    batch.population.take_exact_statistics(batch.inputs)
    for network, settings in enumerate(batch.settings):
        if settings.batch_norm != "off":
            state = batch.population.state(network)
            for name, moment in exact_moments(settings, trained(state), batch.inputs).items():
                np.testing.assert_allclose(state[name], moment, rtol=1e-9, atol=1e-12, err_msg=name)
    assert_judged_as_the_textbook(batch, classes)


def test_exact_statistics_and_averages_live_side_by_side() -> None:
    networks = [
        NetworkSettings(hidden_units=[3, 4], batch_norm=norm, batch_norm_statistics=kind, batch_size=8)
        for norm in BATCH_NORM_NAMES
        for kind in ("averages", "exact")
    ]
    batch = MiniBatch(networks, seed=6, classes=3, rows=8)
    batch.step()
    before = [batch.population.state(k) for k in range(6)]
    batch.population.take_exact_statistics(batch.inputs)
    for k, network in enumerate(networks):
        after = batch.population.state(k)
        changed = {name for name in after if not np.array_equal(after[name], before[k][name])}
        assert changed == ({name for name in after if name.startswith(("mean", "variance"))} if k % 2 else set())
        assert len(changed) == (4 if k % 2 and network.batch_norm != "off" else 0)


def test_a_bias_is_beta_without_the_norm() -> None:
    """Nets without batch norm have no gamma and no averages, and their layer is g(a W + b)."""
    settings = NetworkSettings(hidden_units=2, hidden_layers=1, batch_norm="off", activation="relu", batch_size=8)
    population = make_population([settings], seed=0, features=2, classes=2)
    state = population.state(0) | {
        "weights_1": np.array([[1.0, -1.0], [2.0, 1.0]]),
        "bias_1": np.array([0.5, -4.0]),
        "weights_out": np.array([[1.0, 0.0], [0.0, 1.0]]),
        "bias_out": np.array([0.0, 1.0]),
    }
    population.restore([state])
    # hidden: relu(1 + 2 + 0.5) = 3.5 and relu(-1 + 1 - 4) = 0; logits 3.5 and 1
    expected = 1 / (1 + np.exp(-2.5))
    np.testing.assert_allclose(population.predict(np.ones((1, 2)))[0, 0, 0], expected, rtol=1e-12)
    assert not any(name.startswith(("gamma", "mean", "variance")) for name in state)


def test_a_network_with_the_norm_ignores_the_scale_of_its_weights() -> None:
    """Batch norm takes a common factor out of a layer: the textbook's reason why it eases the choice of alpha."""
    settings = [NetworkSettings(hidden_units=4, activation="tanh", batch_size=8, batch_norm_epsilon=1e-12)]
    batch = MiniBatch(settings, seed=2, classes=3, rows=8)
    batch.gradient()
    before = batch.population.gradients(0)
    state = batch.population.state(0)
    state["weights_1"] *= 10
    batch.population.restore([state])
    batch.gradient()
    after = batch.population.gradients(0)
    np.testing.assert_allclose(after["weights_1"], before["weights_1"] / 10, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(after["weights_out"], before["weights_out"], rtol=1e-6, atol=1e-12)
