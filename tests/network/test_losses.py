from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from network_examples import DEVIATION, make_loss, random_targets, random_weights
from numpy.typing import NDArray
from textbook import cost, macro_f1, metrics, numerical_gradient, row_losses, softmax

from hpsearch.network.losses import SMALLEST_PROBABILITY, Loss, SoftmaxCrossEntropy, SquaredError
from hpsearch.network.settings import CURVES, HIGHER_IS_BETTER

Floats = NDArray[np.floating]

some = st.integers(1, 4), st.sampled_from([0, 2, 3, 6]), st.integers(2, 12), st.integers(0, 999)
"""Networks, classes (0 is a regression), rows, seed."""


def make_outputs(networks: int, classes: int, rows: int, seed: int) -> tuple[Loss, Floats, NDArray[Any]]:
    rng = np.random.default_rng(seed)
    outputs = rng.normal(0, 2, (networks, max(1, classes), rows))
    return make_loss(classes), outputs, random_targets(rng, rows, classes)


def spend(loss: Loss, outputs: Floats, targets: NDArray[Any]) -> tuple[Floats, Floats]:
    """Return the gradient of outputs (K, C, m) and what the loss keeps of them, as a step asks for them."""
    gradient = outputs.copy()
    kept = loss.backward(gradient, targets, loss.scratch(len(outputs), outputs.shape[2], outputs.dtype))
    return gradient, kept.copy()


def judge(loss: Loss, outputs: Floats, targets: NDArray[Any], cut: int = 0) -> dict[str, NDArray[np.float64]]:
    """Return the metrics of outputs (K, C, m), tallied in two chunks when there is a cut."""
    chunks = [slice(0, cut), slice(cut, None)] if cut else [slice(None)]
    totals = [loss.tally(outputs[:, :, chunk].copy(), targets[chunk]) for chunk in chunks]
    return loss.metrics(np.sum(totals, axis=0), targets)


@settings(max_examples=40)
@given(*some)
def test_the_gradient_is_the_slope_of_the_cost(networks: int, classes: int, rows: int, seed: int) -> None:
    loss, outputs, targets = make_outputs(networks, classes, rows, seed)
    gradient, _ = spend(loss, outputs, targets)
    for network in range(networks):
        slope = numerical_gradient(lambda arrays: cost(arrays["z"].T, targets), {"z": outputs[network]})
        np.testing.assert_allclose(gradient[network], slope["z"], atol=1e-8)


@settings(max_examples=40)
@given(*some, st.booleans())
def test_the_mean_of_what_is_kept_is_the_cost(networks: int, classes: int, rows: int, seed: int, weighted: bool) -> None:
    loss, outputs, targets = make_outputs(networks, classes, rows, seed)
    weights = random_weights(np.random.default_rng(seed), rows) if weighted else None
    _, kept = spend(loss, outputs, targets)
    assert kept.shape == (networks, rows)
    expected = [cost(outputs[network].T, targets, weights) for network in range(networks)]
    np.testing.assert_allclose(loss.mean(kept, weights), expected, rtol=1e-12)


def test_softmax_keeps_the_probability_of_the_truth_and_its_gradient_is_y_hat_less_y() -> None:
    loss, logits, targets = make_outputs(3, 4, 7, seed=0)
    gradient, kept = spend(loss, logits, targets)
    for network in range(3):
        y_hat = softmax(logits[network].T)
        np.testing.assert_allclose(kept[network], y_hat[np.arange(7), targets], rtol=1e-12)
        np.testing.assert_allclose(gradient[network].T, (y_hat - np.eye(4)[targets]) / 7, atol=1e-15)


@settings(max_examples=60)
@given(*some, st.integers(0, 11))
def test_the_metrics_are_the_textbooks_whole_or_in_chunks(
    networks: int, classes: int, rows: int, seed: int, cut: int
) -> None:
    loss, outputs, targets = make_outputs(networks, classes, rows, seed)
    found = judge(loss, outputs, targets, cut % rows)
    for network in range(networks):
        expected = metrics(outputs[network].T, targets, DEVIATION)
        assert found.keys() == expected.keys()
        for name, value in expected.items():
            assert found[name].dtype == np.float64
            assert found[name][network] == pytest.approx(value, rel=1e-10, abs=1e-12), name


@pytest.mark.parametrize("loss", [SoftmaxCrossEntropy(3), SquaredError(2.0)])
def test_the_curves_are_the_metrics_of_validation_and_the_training_loss(loss: Loss) -> None:
    assert loss.curves == CURVES["classification" if loss.outputs == 3 else "regression"]
    outputs = np.random.default_rng(0).standard_normal((2, loss.outputs, 5))
    targets = random_targets(np.random.default_rng(1), 5, 3 if loss.outputs == 3 else 0)
    assert {f"validation_{name}" for name in judge(loss, outputs, targets)} | {"train_loss"} == set(loss.curves)
    assert len(HIGHER_IS_BETTER & set(loss.curves)) == 1


def test_macro_f1_worked_in_numbers() -> None:
    """Truth 0 0 0 1 2, answers 0 0 1 1 3: F1 is 2 * 2 / 5, 2 * 1 / 3, 0, and 0 for a class that was never true."""
    targets, answers = np.array([0, 0, 0, 1, 2]), [0, 0, 1, 1, 3]
    logits = np.eye(5)[answers].T[None]  # five classes: the last is neither true nor predicted
    expected = (4 / 5 + 2 / 3 + 0 + 0) / 4
    assert judge(SoftmaxCrossEntropy(5), logits, targets)["macro_f1"] == pytest.approx(expected, rel=1e-14)
    assert macro_f1(answers, targets.tolist()) == pytest.approx(expected, rel=1e-14)


def test_squared_errors_worked_in_numbers() -> None:
    """Errors 1, 0, -2 and a spread of 8 about the mean 2; the deviation is 3 of the target's own units."""
    found = judge(SquaredError(3.0), np.array([[[1.0, 2.0, 2.0]]]), np.array([0.0, 2.0, 4.0]))
    assert found["rmse"] == pytest.approx(3 * np.sqrt(5 / 3))
    assert found["loss"] == pytest.approx(5 / 6)
    assert found["r2"] == pytest.approx(1 - 5 / 8)


def test_targets_without_spread_are_explained_by_a_perfect_prediction_only() -> None:
    targets = np.full(3, 0.5)
    found = judge(SquaredError(), np.array([[[0.5] * 3], [[0.5, 0.5, 0.6]]]), targets)
    assert found["r2"].tolist() == [1, 0]


def test_the_deviation_changes_the_unit_of_rmse_alone() -> None:
    _, outputs, targets = make_outputs(2, 0, 9, seed=3)
    one, ten = judge(SquaredError(1.0), outputs, targets), judge(SquaredError(10.0), outputs, targets)
    np.testing.assert_allclose(ten["rmse"], 10 * one["rmse"], rtol=1e-14)
    for name in ("loss", "r2"):
        assert np.array_equal(one[name], ten[name])


def test_predictions_are_probabilities_or_the_outputs_themselves() -> None:
    loss, outputs, _ = make_outputs(2, 3, 5, seed=1)
    for probabilities, logits in zip(loss.predictions(outputs), outputs, strict=True):
        np.testing.assert_allclose(probabilities, softmax(logits.T), rtol=1e-12)
    loss, outputs, _ = make_outputs(2, 0, 5, seed=1)
    assert np.array_equal(loss.predictions(outputs), outputs.transpose(0, 2, 1))


def test_extreme_logits_stay_finite() -> None:
    logits = np.array([[[1e38, -1e38, 1e4], [-1e38, -1e38, 0.0]]], np.float32)
    gradient, kept = spend(SoftmaxCrossEntropy(2), logits, np.array([0, 1, 1]))
    np.testing.assert_allclose(kept[0], [1, 0.5, 0])
    np.testing.assert_allclose(gradient[0], np.array([[0, 0.5, 1], [0, -0.5, -1]]) / 3, atol=1e-7)


def test_a_probability_that_underflowed_counts_87_nats() -> None:
    assert SoftmaxCrossEntropy(2).mean(np.zeros((1, 3), np.float32), None) == pytest.approx(87.3, abs=0.05)
    assert -np.log(SMALLEST_PROBABILITY) == pytest.approx(87.3, abs=0.05)


def test_equal_logits_are_right_for_one_class_only() -> None:
    targets = np.array([0, 1, 2, 0, 1, 2])
    found = judge(SoftmaxCrossEntropy(3), np.zeros((2, 3, 6), np.float32), targets)
    np.testing.assert_allclose(found["error"], 4 / 6)
    np.testing.assert_allclose(found["loss"], np.log(3), rtol=1e-6)
    np.testing.assert_allclose(found["macro_f1"], (2 * 2 / 8) / 3)


def test_extreme_logits_score_finite_losses() -> None:
    logits = np.array([[[1e30, -1e30], [-1e30, 1e30]]], np.float32)
    found = judge(SoftmaxCrossEntropy(2), logits, np.array([1, 1]))
    assert found["error"].tolist() == [0.5]
    np.testing.assert_allclose(found["loss"], 1e30, rtol=1e-6)


@pytest.mark.parametrize("spoilt", [np.nan, np.inf])
@pytest.mark.parametrize("classes", [0, 2])
def test_a_network_without_finite_outputs_has_no_finite_metric_and_its_neighbour_keeps_its_own(
    spoilt: float, classes: int
) -> None:
    outputs, targets = np.zeros((2, max(classes, 1), 3)), np.array([0, 1, 0])
    outputs[0, 0, 1] = spoilt
    with np.errstate(invalid="ignore"):
        metrics = judge(make_loss(classes), outputs, targets)
    assert not any(np.isfinite(values[0]) for values in metrics.values())
    assert all(np.isfinite(values[1]) for values in metrics.values())
    assert metrics["loss"][1] == pytest.approx(row_losses(np.zeros((3, 2)), targets).mean() if classes else 1 / 6)
