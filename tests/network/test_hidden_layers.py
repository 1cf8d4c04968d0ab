"""The layers forward and backward, held against the textbook in float64."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from network_examples import ACTIVATION_NAMES, BATCH_NORM_NAMES, make_population, trained
from numpy.typing import NDArray
from textbook import Params, forward, loss, numerical_gradient, softmax

from hpsearch.network.settings import Activation, BatchNorm, NetworkSettings

KINDS = [(activation, norm) for activation in ACTIVATION_NAMES for norm in BATCH_NORM_NAMES]


class MiniBatch:
    """Random rows of a data set, and a crowd of networks with random parameters that looks at them."""

    def __init__(self, settings: list[NetworkSettings], seed: int, classes: int, rows: int) -> None:
        rng = np.random.default_rng(seed)
        features = int(rng.integers(1, 6))
        self.settings = settings
        self.inputs, self.targets = rng.standard_normal((20, features)), rng.integers(0, classes, 20)
        self.rows = rng.permutation(20)[:rows]
        self.x, self.y = self.inputs[self.rows], self.targets[self.rows]
        self.population = make_population(settings, seed, features, classes)
        self.params: list[Params] = [trained(self.population.state(k)) for k in range(len(settings))]

    def assert_gradients_match(self) -> None:
        self.population.gradient(self.inputs, self.targets, self.rows)
        for network, params in enumerate(self.params):
            self.assert_away_from_kinks(network)
            expected = numerical_gradient(partial(loss, self.settings[network], self.x, self.y), params)
            gradients = self.population.gradients(network)
            assert list(gradients) == list(expected)
            for name, gradient in gradients.items():
                np.testing.assert_allclose(gradient, expected[name], rtol=1e-5, atol=2e-8, err_msg=name)

    def assert_away_from_kinks(self, network: int) -> None:
        """A difference across a kink is no slope: the seeds are such that no unit stands on one."""
        if "relu" in self.settings[network].activation:
            before = forward(self.settings[network], self.params[network], self.x).before
            assert min(np.abs(y).min() for y in before) > 1e-5


def random_network(rng: np.random.Generator, depth: int, activation: Activation, norm: BatchNorm) -> NetworkSettings:
    return NetworkSettings(
        hidden_units=rng.integers(1, 8, depth).tolist(),
        hidden_layers=depth,
        activation=activation,
        batch_norm=norm,
        batch_norm_epsilon=float(rng.choice([1e-5, 1e-2])),
        batch_size=8,
        l2=0.5,
    )


@pytest.mark.parametrize("classes", [2, 5])
@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize(("activation", "norm"), KINDS)
def test_every_gradient_is_the_slope_of_the_loss(activation: Activation, norm: BatchNorm, depth: int, classes: int) -> None:
    seed = 100 * depth + classes
    rng = np.random.default_rng(seed)
    batch = MiniBatch([random_network(rng, depth, activation, norm)], seed, classes, rows=int(rng.integers(3, 12)))
    batch.assert_gradients_match()


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_every_gradient_is_right_in_a_mixed_crowd(depth: int) -> None:
    rng = np.random.default_rng(depth)
    settings = [random_network(rng, depth, activation, norm) for activation, norm in KINDS]
    MiniBatch([settings[k] for k in rng.permutation(8)], seed=depth, classes=3, rows=7).assert_gradients_match()


@pytest.mark.parametrize("width", [1, 2, 3])
def test_every_gradient_is_right_for_the_narrowest_layers(width: int) -> None:
    settings = [
        NetworkSettings(hidden_units=width, activation="tanh", batch_norm=norm, batch_size=8) for norm in BATCH_NORM_NAMES
    ]
    MiniBatch(settings, seed=width, classes=2, rows=8).assert_gradients_match()


@pytest.mark.parametrize("rows", [1, 2])
def test_every_gradient_is_right_for_the_smallest_mini_batches(rows: int) -> None:
    settings = [
        NetworkSettings(hidden_units=[4, 3], activation="tanh", batch_norm=norm, batch_norm_epsilon=1e-2, batch_size=8)
        for norm in BATCH_NORM_NAMES
    ]
    MiniBatch(settings, seed=1, classes=3, rows=rows).assert_gradients_match()


def test_a_unit_that_never_fires_harms_nobody() -> None:
    settings = [NetworkSettings(hidden_units=[3, 4], batch_size=8)]
    batch = MiniBatch(settings, seed=4, classes=3, rows=8)
    state = batch.population.state(0)
    state["beta_1"][0] = -100  # the relu below hands batch norm a column of zeros
    state["weights_2"][1:, 2] = 0  # and this unit above sees nothing else
    batch.population.restore([state])
    batch.params = [trained(state)]
    batch.assert_gradients_match()
    assert not batch.population.gradients(0)["weights_1"][:, 0].any()


def take_a_step(batch: MiniBatch) -> NDArray[np.floating]:
    return batch.population.step(batch.inputs, batch.targets, batch.rows, batch.population.rates(0, 1, 1)[0])


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_a_step_sees_the_textbooks_probabilities_and_moments(depth: int) -> None:
    rng = np.random.default_rng(depth)
    batch = MiniBatch([random_network(rng, depth, *kind) for kind in KINDS], seed=depth, classes=4, rows=8)
    probability = take_a_step(batch)
    for network, (settings, params) in enumerate(zip(batch.settings, batch.params, strict=True)):
        expected = forward(settings, params, batch.x)
        of_truth = softmax(expected.logits)[np.arange(8), batch.y]
        np.testing.assert_allclose(probability[network], of_truth, rtol=1e-10)
        if settings.batch_norm != "off":
            state = batch.population.state(network)
            for layer in range(depth):
                np.testing.assert_allclose(state[f"mean_{layer + 1}"], expected.means[layer], atol=1e-12)
                np.testing.assert_allclose(state[f"variance_{layer + 1}"], expected.variances[layer], atol=1e-12)


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_at_test_time_each_row_is_the_textbooks_with_the_averages_of_training(depth: int) -> None:
    rng = np.random.default_rng(depth)
    batch = MiniBatch([random_network(rng, depth, *kind) for kind in KINDS], seed=depth, classes=4, rows=8)
    take_a_step(batch)
    predicted = batch.population.probabilities(batch.inputs)
    for network, settings in enumerate(batch.settings):
        state = batch.population.state(network)
        expected = softmax(forward(settings, trained(state), batch.inputs, averages=state).logits)
        np.testing.assert_allclose(predicted[network], expected, rtol=1e-9)


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
    np.testing.assert_allclose(population.probabilities(np.ones((1, 2)))[0, 0, 0], expected, rtol=1e-12)
    assert not any(name.startswith(("gamma", "mean", "variance")) for name in state)


def test_a_network_with_the_norm_ignores_the_scale_of_its_weights() -> None:
    """Batch norm takes a common factor out of a layer: the textbook's reason why it eases the choice of alpha."""
    settings = [NetworkSettings(hidden_units=4, activation="tanh", batch_size=8, batch_norm_epsilon=1e-12)]
    batch = MiniBatch(settings, seed=2, classes=3, rows=8)
    batch.population.gradient(batch.inputs, batch.targets, batch.rows)
    before = batch.population.gradients(0)
    state = batch.population.state(0)
    state["weights_1"] *= 10
    batch.population.restore([state])
    batch.population.gradient(batch.inputs, batch.targets, batch.rows)
    after = batch.population.gradients(0)
    np.testing.assert_allclose(after["weights_1"], before["weights_1"] / 10, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(after["weights_out"], before["weights_out"], rtol=1e-6, atol=1e-12)
