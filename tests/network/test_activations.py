from __future__ import annotations

import numpy as np
import pytest
from network_examples import ACTIVATION_NAMES
from numpy.typing import NDArray
from textbook import activate

from hpsearch.network.activations import ACTIVATIONS
from hpsearch.network.settings import Activation

every_activation = pytest.mark.parametrize("kind", ACTIVATION_NAMES)

INPUTS = np.array([[-3.0, -0.7, -0.01, 0.01], [0.4, 1.0, 2.5, 6.0]])


def apply(kind: Activation, y: NDArray[np.floating], live: list[float]) -> None:
    """Turn y into g(y), in place."""
    ACTIVATIONS[kind](np.array(live, y.dtype)).forward(y, np.empty(y.shape, y.dtype))


def go_back(kind: Activation, d: NDArray[np.floating], a: NDArray[np.floating]) -> None:
    """Turn dJ/da into dJ/dy, in place."""
    ACTIVATIONS[kind](np.ones(d.shape[1], d.dtype)).backward(d, a)


def test_every_activation_that_can_be_named_has_a_rule() -> None:
    assert set(ACTIVATIONS) == set(ACTIVATION_NAMES)


@every_activation
def test_an_activation_has_the_value_of_its_formula(kind: Activation) -> None:
    y = INPUTS.copy()
    apply(kind, y, [1] * 4)
    np.testing.assert_allclose(y, activate(kind, INPUTS), rtol=1e-14)


@every_activation
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_way_back_multiplies_by_the_slope(kind: Activation, dtype: type[np.floating]) -> None:
    d = np.random.default_rng(0).standard_normal(INPUTS.shape).astype(dtype)
    slope = (activate(kind, INPUTS + 1e-6) - activate(kind, INPUTS - 1e-6)) / 2e-6
    expected = d * slope
    go_back(kind, d, activate(kind, INPUTS).astype(dtype))
    assert d.dtype == dtype
    np.testing.assert_allclose(d, expected, atol=1e-9 if dtype == np.float64 else 1e-6)


@every_activation
def test_an_activation_works_on_some_columns_of_a_wide_array(kind: Activation) -> None:
    wide, d, block = np.zeros((2, 12)), np.ones((2, 12)), slice(4, 8)
    wide[:, block] = INPUTS
    apply(kind, wide[:, block], [1] * 4)
    np.testing.assert_allclose(wide[:, block], activate(kind, INPUTS), rtol=1e-14)
    go_back(kind, d[:, block], wide[:, block])
    outside = np.r_[0:4, 8:12]
    assert not wide[:, outside].any()
    assert (d[:, outside] == 1).all()
    assert (d[:, block] != 1).any()


@every_activation
def test_padding_stays_zero(kind: Activation) -> None:
    y = np.array([[0.5, 0.0], [-0.5, 0.0]])
    apply(kind, y, [1.0, 0.0])
    assert (y[:, 1] == 0).all()
    np.testing.assert_allclose(y[:, 0], activate(kind, np.array([0.5, -0.5])), rtol=1e-14)
    d = np.array([[1.0, 0.0], [1.0, 0.0]])
    go_back(kind, d, y)
    assert (d[:, 1] == 0).all()


@every_activation
def test_extreme_inputs_overflow_nowhere(kind: Activation) -> None:
    y = np.array([[-1e30, -1e4, 1e4, 1e30]], np.float32)
    apply(kind, y, [1] * 4)
    limits: dict[str, list[float]] = {
        "relu": [0, 0, 1e4, 1e30],
        "leaky_relu": [-1e28, -100, 1e4, 1e30],
        "tanh": [-1, -1, 1, 1],
        "sigmoid": [0, 0, 1, 1],
    }
    np.testing.assert_allclose(y[0], limits[kind], rtol=1e-6)


@pytest.mark.parametrize("zero", [0.0, -0.0])
@pytest.mark.parametrize(("kind", "slope"), [("relu", 0.0), ("leaky_relu", 0.01)])
def test_the_slope_at_zero_is_the_one_below_zero(kind: Activation, slope: float, zero: float) -> None:
    y, d = np.full((3, 7), zero, np.float32), np.ones((3, 7), np.float32)
    apply(kind, y, [1] * 7)
    assert (y == 0).all()
    go_back(kind, d, y)
    np.testing.assert_allclose(d, slope, rtol=1e-6)


def test_the_slope_of_relu_is_1_for_the_smallest_and_the_largest_numbers() -> None:
    numbers = np.array([[1e-45, 1e-38, 1.0, 3e38, np.inf]], np.float32)
    d = np.full_like(numbers, -0.7)
    expected = d.copy()
    go_back("relu", d, numbers)
    assert np.array_equal(d, expected)
