from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from textbook import cross_entropy, numerical_gradient, softmax

from hpsearch.network.losses import SMALLEST_PROBABILITY, score, softmax_cross_entropy

Floats = NDArray[np.floating]


def spend(logits: Floats, targets: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return the gradient and the true classes' probabilities of logits (K, C, m), as a step would ask for them."""
    networks, classes, rows = logits.shape
    truth = np.arange(networks)[:, None] * classes * rows + targets * rows + np.arange(rows)
    gradient, probability = logits.copy(), np.empty((networks, rows), logits.dtype)
    softmax_cross_entropy(gradient, truth, np.empty((networks, 1, rows), logits.dtype), probability)
    return gradient, probability


@settings(max_examples=30)
@given(st.integers(1, 4), st.integers(2, 6), st.integers(1, 9), st.integers(0, 999))
def test_probabilities_and_gradient_are_the_textbooks(networks: int, classes: int, rows: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    logits, targets = rng.normal(0, 2, (networks, classes, rows)), rng.integers(0, classes, rows)
    gradient, probability = spend(logits, targets)
    for network in range(networks):
        y_hat = softmax(logits[network].T)
        np.testing.assert_allclose(probability[network], y_hat[np.arange(rows), targets], rtol=1e-12)
        np.testing.assert_allclose(gradient[network].T, (y_hat - np.eye(classes)[targets]) / rows, atol=1e-15)


def test_the_gradient_is_the_slope_of_the_mean_cross_entropy() -> None:
    rng = np.random.default_rng(0)
    logits, targets = rng.standard_normal((1, 4, 5)), rng.integers(0, 4, 5)
    slope = numerical_gradient(lambda arrays: cross_entropy(arrays["z"].T, targets), {"z": logits[0]})
    np.testing.assert_allclose(spend(logits, targets)[0][0], slope["z"], atol=1e-9)


def test_extreme_logits_stay_finite() -> None:
    logits = np.array([[[1e38, -1e38, 1e4], [-1e38, -1e38, 0.0]]], np.float32)
    gradient, probability = spend(logits, np.array([0, 1, 1]))
    np.testing.assert_allclose(probability[0], [1, 0.5, 0])
    np.testing.assert_allclose(gradient[0], np.array([[0, 0.5, 1], [0, -0.5, -1]]) / 3, atol=1e-7)


def test_the_smallest_probability_counts_87_nats() -> None:
    assert -np.log(SMALLEST_PROBABILITY) == pytest.approx(87.3, abs=0.05)


@settings(max_examples=30)
@given(st.integers(1, 4), st.integers(2, 6), st.integers(1, 9), st.integers(0, 999))
def test_score_counts_wrong_answers_and_adds_up_losses(networks: int, classes: int, rows: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    logits, targets = rng.normal(0, 2, (networks, classes, rows)), rng.integers(0, classes, rows)
    wrong, losses = score(logits.copy(), targets)
    for network in range(networks):
        answers = [max(range(classes), key=lambda c: logits[network, c, row]) for row in range(rows)]
        assert wrong[network] == sum(a != t for a, t in zip(answers, targets, strict=True))
        assert losses[network] == pytest.approx(rows * cross_entropy(logits[network].T, targets), rel=1e-12)


def test_equal_logits_are_right_for_one_class_only() -> None:
    wrong, losses = score(np.zeros((2, 3, 6), np.float32), np.array([0, 1, 2, 0, 1, 2]))
    assert wrong.tolist() == [4, 4]
    np.testing.assert_allclose(losses, 6 * np.log(3), rtol=1e-6)


def test_extreme_logits_score_finite_losses() -> None:
    wrong, losses = score(np.array([[[1e30, -1e30], [-1e30, 1e30]]], np.float32), np.array([1, 1]))
    assert wrong.tolist() == [1]
    np.testing.assert_allclose(losses, 2e30, rtol=1e-6)


@pytest.mark.parametrize("spoilt", [np.nan, np.inf])
def test_a_network_without_finite_logits_has_no_finite_loss_and_its_neighbour_keeps_its_own(spoilt: float) -> None:
    logits = np.zeros((2, 2, 3))
    logits[0, 0, 1] = spoilt
    with np.errstate(invalid="ignore"):
        _, losses = score(logits, np.array([0, 1, 0]))
    assert not np.isfinite(losses[0])
    assert losses[1] == pytest.approx(3 * np.log(2))
