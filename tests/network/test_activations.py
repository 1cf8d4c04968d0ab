from __future__ import annotations

import numpy as np
import pytest
from network_examples import ACTIVATION_NAMES
from textbook import activate

from hpsearch.network.activations import ACTIVATIONS
from hpsearch.network.settings import Activation

every_activation = pytest.mark.parametrize("kind", ACTIVATION_NAMES)

INPUTS = np.array([[-3.0, -0.7, -0.01, 0.01], [0.4, 1.0, 2.5, 6.0]])


def test_every_activation_that_can_be_named_has_a_rule() -> None:
    assert set(ACTIVATIONS) == set(ACTIVATION_NAMES)


@every_activation
def test_an_activation_has_the_value_of_its_formula(kind: Activation) -> None:
    y = INPUTS.copy()
    ACTIVATIONS[kind].forward(y, np.ones(4), np.empty_like(y))
    np.testing.assert_allclose(y, activate(kind, INPUTS), rtol=1e-14)


@every_activation
def test_the_way_back_multiplies_by_the_slope(kind: Activation) -> None:
    a, d = activate(kind, INPUTS), np.random.default_rng(0).standard_normal(INPUTS.shape)
    slope = (activate(kind, INPUTS + 1e-6) - activate(kind, INPUTS - 1e-6)) / 2e-6
    expected = d * slope
    ACTIVATIONS[kind].backward(d, a, np.empty(a.shape, np.bool_))
    np.testing.assert_allclose(d, expected, atol=1e-9)


@every_activation
def test_an_activation_works_on_some_columns_of_a_wide_array(kind: Activation) -> None:
    wide, scratch, mask = np.zeros((2, 12)), np.empty((2, 12)), np.empty((2, 12), np.bool_)
    wide[:, 4:8] = INPUTS
    d = np.ones((2, 12))
    block = slice(4, 8)
    ACTIVATIONS[kind].forward(wide[:, block], np.ones(4), scratch[:, block])
    np.testing.assert_allclose(wide[:, block], activate(kind, INPUTS), rtol=1e-14)
    ACTIVATIONS[kind].backward(d[:, block], wide[:, block], mask[:, block])
    outside = np.r_[0:4, 8:12]
    assert not wide[:, outside].any()
    assert (d[:, outside] == 1).all()


@every_activation
def test_padding_stays_zero(kind: Activation) -> None:
    y, live = np.array([[0.5, 0.0], [-0.5, 0.0]]), np.array([1.0, 0.0])
    ACTIVATIONS[kind].forward(y, live, np.empty_like(y))
    assert (y[:, 1] == 0).all()
    np.testing.assert_allclose(y[:, 0], activate(kind, np.array([0.5, -0.5])), rtol=1e-14)
    d = np.array([[1.0, 0.0], [1.0, 0.0]])
    ACTIVATIONS[kind].backward(d, y, np.empty(y.shape, np.bool_))
    assert (d[:, 1] == 0).all()


@every_activation
def test_extreme_inputs_overflow_nowhere(kind: Activation) -> None:
    y = np.array([[-1e30, -1e4, 1e4, 1e30]], np.float32)
    ACTIVATIONS[kind].forward(y, np.ones(4, np.float32), np.empty_like(y))
    limits: dict[str, list[float]] = {
        "relu": [0, 0, 1e4, 1e30],
        "leaky_relu": [-1e28, -100, 1e4, 1e30],
        "tanh": [-1, -1, 1, 1],
        "sigmoid": [0, 0, 1, 1],
    }
    np.testing.assert_allclose(y[0], limits[kind], rtol=1e-6)


@pytest.mark.parametrize(("kind", "slope"), [("relu", 0.0), ("leaky_relu", 0.01)])
def test_the_slope_at_zero_is_the_one_below_zero(kind: Activation, slope: float) -> None:
    d = np.ones((1, 1))
    ACTIVATIONS[kind].backward(d, np.zeros((1, 1)), np.empty((1, 1), np.bool_))
    assert d[0, 0] == slope
