from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from hpsearch.search.gaussian_process import (
    LENGTHSCALES,
    LOG_LENGTHSCALE,
    NOISES,
    GaussianProcess,
    expected_improvement,
    log_prior,
    matern,
)

Floats = NDArray[np.float64]


def examples(n: int, p: int, seed: int = 0) -> tuple[Floats, Floats]:
    """Features (n, p), and standardised targets that depend on the first feature above all."""
    rng = np.random.default_rng(seed)
    features = rng.random((n, p))
    targets = np.sin(5 * features[:, 0]) + features.sum(1) / p + 0.1 * rng.standard_normal(n)
    return features, (targets - targets.mean()) / (targets.std() or 1.0)


def correlation(a: Floats, b: Floats, lengthscales: Floats | float) -> Floats:
    """The kernel (n, m) by the definition, one difference at a time."""
    distance = np.sqrt((((a[:, None] - b[None]) / lengthscales) ** 2).sum(2))
    s = math.sqrt(5) * distance
    return np.asarray((1 + s + s**2 / 3) * np.exp(-s))


def dense(process: GaussianProcess, features: Floats, targets: Floats, candidates: Floats) -> tuple[Floats, Floats]:
    """Posterior mean (m,) and covariance (m, m) from the full covariance, with the process's hyperparameters."""
    scales = process.lengthscales
    within = process.amplitude * (correlation(features, features, scales) + process.noise * np.eye(len(features)))
    across = process.amplitude * correlation(candidates, features, scales)
    prior = process.amplitude * correlation(candidates, candidates, scales)
    return across @ np.linalg.solve(within, targets), prior - across @ np.linalg.solve(within, across.T)


def evidence(features: Floats, targets: Floats, lengthscales: Floats, noise: float, widths: tuple[int, ...] = ()) -> float:
    """The log density of the targets at the amplitude that makes it largest, found by trial, plus the log prior.

    `widths` says how many features share each lengthscale, one each if left out.
    """
    n = len(targets)
    kernel = correlation(features, features, np.repeat(lengthscales, widths or 1)) + noise * np.eye(n)
    quadratic = targets @ np.linalg.solve(kernel, targets)
    amplitudes = np.exp(np.linspace(-12, 12, 200_001))
    densities = -(n * np.log(amplitudes) + quadratic / amplitudes) / 2
    return float(densities.max() + n / 2 - np.linalg.slogdet(kernel)[1] / 2 + log_prior(lengthscales, noise))


@pytest.mark.parametrize(("n", "p"), [(1, 1), (2, 3), (30, 4), (90, 7)])
def test_mean_and_variance_are_those_of_the_full_covariance(n: int, p: int) -> None:
    features, targets = examples(n, p)
    targets = targets + 0.3
    candidates = np.vstack([np.random.default_rng(1).random((25, p)), features[:2]])
    process = GaussianProcess.fit(features, targets, p)
    posterior = process.posterior(candidates)
    mean, covariance = dense(process, features, targets, candidates)
    np.testing.assert_allclose(posterior.mean, mean, rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(process.mean(candidates), mean, rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(posterior.variance, np.diagonal(covariance), rtol=1e-8, atol=1e-10)


def test_observing_a_candidate_gives_the_variance_of_a_fit_with_that_row() -> None:
    features, targets = examples(6, 3)
    candidates = np.random.default_rng(2).random((20, 3))
    process = GaussianProcess.fit(features, targets, 3)
    posterior = process.posterior(candidates)
    mean = posterior.mean.copy()
    for index in [4, 19, 4, *range(12)]:  # more than there are rows, one of them three times
        posterior.observe(index)
        features = np.vstack([features, candidates[index]])
        expected = np.diagonal(dense(process, features, np.zeros(len(features)), candidates)[1])
        np.testing.assert_allclose(posterior.variance, expected, rtol=1e-7, atol=1e-11)
    np.testing.assert_array_equal(posterior.mean, mean)


@pytest.mark.parametrize("seed", range(4))
def test_the_combination_with_the_highest_evidence_is_taken(seed: int) -> None:
    features, targets = examples(25, 3, seed)
    combinations = list(product(LENGTHSCALES, NOISES))
    scores = [evidence(features, targets, np.full(3, scale), noise) for scale, noise in combinations]
    process = GaussianProcess.fit(features, targets, 3)
    assert (process.lengthscales[0], process.noise) == combinations[int(np.argmax(scores))]
    assert process.score == pytest.approx(max(scores), rel=1e-7)


def test_the_amplitude_is_the_most_likely_one() -> None:
    features, targets = examples(25, 3)
    process = GaussianProcess.fit(features, targets, 3)
    kernel = correlation(features, features, process.lengthscales) + process.noise * np.eye(25)
    assert process.amplitude == pytest.approx(targets @ np.linalg.solve(kernel, targets) / 25, rel=1e-9)


def test_a_wave_gets_the_shortest_lengthscale_a_slope_a_longer_one_and_noise_the_largest_noise() -> None:
    x = np.linspace(0, 1, 60)[:, None]
    noise = np.random.default_rng(0).standard_normal(60)
    assert GaussianProcess.fit(x, np.sin(25 * x[:, 0]), 1).lengthscales[0] == LENGTHSCALES[0]
    assert GaussianProcess.fit(x, 3 * x[:, 0] - 1.5 + 0.3 * noise, 1).lengthscales[0] > LENGTHSCALES[0]
    assert GaussianProcess.fit(x, noise, 1).noise == NOISES[-1]


def test_the_lengthscales_prior_counts_once_for_each_parameter() -> None:
    features, targets = examples(20, 4)
    four, two = (GaussianProcess.fit(features, targets, dimensions) for dimensions in (4, 2))
    mean, deviation = LOG_LENGTHSCALE
    once = ((math.log(four.lengthscales[0]) - mean) / deviation) ** 2 / 2
    assert four.lengthscales[0] == two.lengthscales[0]
    assert two.score - four.score == pytest.approx(2 * once, rel=1e-9)


@pytest.mark.parametrize(("n", "rounding"), [(1, 0.0), (2, 0.0), (50, 0.0), (50, 5e-17)])
def test_equal_targets_leave_the_mean_at_zero_and_the_variance_to_the_distance(n: int, rounding: float) -> None:
    features, _ = examples(n, 2)
    process = GaussianProcess.fit(features, np.full(n, rounding), 2)
    posterior = process.posterior(np.vstack([features, [[9.0, 9.0]]]))
    np.testing.assert_allclose(posterior.mean, 0, atol=1e-16)
    assert np.isfinite(posterior.variance).all()
    assert posterior.variance.argmax() == n
    assert posterior.variance[n] == pytest.approx(1, abs=1e-4)


def test_rows_that_are_all_the_same_are_averaged() -> None:
    process = GaussianProcess.fit(np.full((40, 3), 0.2), np.tile([1.0, 2.0], 20), 3)
    posterior = process.posterior(np.full((1, 3), 0.2))
    assert posterior.mean[0] == pytest.approx(1.5, rel=0.02)
    assert 0 <= posterior.variance[0] < 0.02 * process.amplitude
    posterior.observe(0)
    assert posterior.variance[0] >= 0


def test_four_hundred_rows_and_two_hundred_observations_agree_with_the_full_covariance() -> None:
    features, targets = examples(400, 6)
    candidates = np.random.default_rng(3).random((500, 6))
    process = GaussianProcess.fit(features, targets, 6)
    posterior = process.posterior(candidates)
    for index in range(200):
        posterior.observe(index)
    seen = np.vstack([features, candidates[:200]])
    expected = np.diagonal(dense(process, seen, np.zeros(600), candidates)[1])
    np.testing.assert_allclose(posterior.variance, expected, rtol=1e-6, atol=1e-10)


def test_the_same_rows_give_the_same_bits() -> None:
    features, targets = examples(120, 5)
    candidates = np.random.default_rng(4).random((60, 5))
    bits = []
    for _ in range(2):
        posterior = GaussianProcess.fit(features, targets, 5).posterior(candidates)
        posterior.observe(7)
        relevance = GaussianProcess.fit_relevance(features, targets, [slice(0, 2), slice(2, 5)])
        bits.append((posterior.mean.tobytes(), posterior.variance.tobytes(), relevance.mean(candidates).tobytes()))
    assert bits[0] == bits[1]


@given(arrays(np.float64, (12, 2), elements=st.sampled_from([0.0, 0.25, 1.0])), st.lists(st.integers(0, 11), max_size=12))
def test_variances_never_grow_and_never_fall_below_zero(features: Floats, order: list[int]) -> None:
    process = GaussianProcess.fit(features[:5], np.array([0.0, 1.0, -1.0, 1e6, 2.0]), 2)
    posterior = process.posterior(features)
    for index in order:
        before = posterior.variance
        posterior.observe(index)
        assert (posterior.variance <= before).all()
        assert (posterior.variance >= 0).all()


def test_relevance_ends_at_a_top_of_the_evidence() -> None:
    features, targets = examples(60, 4)
    process = GaussianProcess.fit_relevance(features, targets, [slice(0, 1), slice(1, 2), slice(2, 4)])
    top = np.log([*process.lengthscales[:3], process.noise])

    def at(logs: Floats) -> float:
        return evidence(features, targets, np.exp(logs[:3]), math.exp(logs[3]), (1, 1, 2))

    assert process.lengthscales[2] == process.lengthscales[3]
    assert process.score == pytest.approx(at(top), rel=1e-7)
    for setting, step in product(range(4), (-0.05, 0.05)):
        assert at(top + step * np.eye(4)[setting]) < at(top)


def test_what_does_not_matter_gets_a_long_lengthscale() -> None:
    rng = np.random.default_rng(0)
    features = rng.random((100, 4))
    targets = np.sin(6 * features[:, 2])
    process = GaussianProcess.fit_relevance(features, targets, [slice(j, j + 1) for j in range(4)])
    assert process.lengthscales.argmin() == 2
    assert np.delete(process.lengthscales, 2).min() > 5 * process.lengthscales[2]
    assert process.score > GaussianProcess.fit(features, targets, 4).score


@pytest.mark.parametrize(("mean", "deviation"), [(0.0, 1.0), (1.0, 0.3), (-0.5, 2.0), (-3.0, 0.1), (2.0, 1.5)])
def test_expected_improvement_is_the_integral(mean: float, deviation: float) -> None:
    best = 0.2
    values = np.linspace(mean - 10 * deviation, mean + 10 * deviation, 400_001)
    density = np.exp(-(((values - mean) / deviation) ** 2) / 2) / (deviation * math.sqrt(2 * math.pi))
    expected = np.trapezoid(np.maximum(best - values, 0) * density, values)
    got = expected_improvement(np.array([mean]), np.array([deviation**2]), best)[0]
    assert got == pytest.approx(expected, rel=1e-6, abs=1e-12)


def test_expected_improvement_without_variance_is_the_plain_gain() -> None:
    mean, variance = np.array([-1.0, 0.5, 2.0, -1.0, 2.0]), np.array([0.0, 0.0, 0.0, 1e-320, 1e-320])
    np.testing.assert_allclose(expected_improvement(mean, variance, 0.5), [1.5, 0, 0, 1.5, 0], rtol=1e-12)


def test_expected_improvement_is_never_negative_and_grows_with_the_variance() -> None:
    variance = np.geomspace(1e-6, 100, 200)
    for mean in (-1.0, 0.0, 5.0):
        improvement = expected_improvement(np.full(200, mean), variance, 0.0)
        assert (improvement >= 0).all()
        assert (np.diff(improvement) >= -1e-15).all()


def test_the_kernel_is_one_at_no_distance_and_falls() -> None:
    values = matern(np.linspace(0, 50, 100))
    assert values[0] == 1
    assert (np.diff(values) < 0).all()
