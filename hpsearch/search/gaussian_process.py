"""A small Gaussian process: what to expect of a point, and how little is known there.

Arrays in, arrays out: it knows no space and no trials. Targets come standardised, and the prior mean is 0. The kernel is
Matern 5/2 times an amplitude; the noise variance is counted in amplitudes, so that the amplitude of the highest likelihood
has a closed form and drops out. `fit` tries a few values of one lengthscale and of the noise; `fit_relevance` climbs from
there to one lengthscale per parameter, which tells how much each matters. Written for hundreds of rows: one Cholesky factor
per combination, the distances shared.

Source: Rasmussen and Williams 2006, "Gaussian processes for machine learning", chapters 2, 4 and 5.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.int64]

LENGTHSCALES = (0.3, 0.8, 2.0)
NOISES = (math.exp(-10), math.exp(-6), math.exp(-3), math.exp(-1))
"""What `fit` tries; the noise is a variance in amplitudes."""

LOG_LENGTHSCALE, LOG_NOISE = (0.3, 1.0), (-4.0, 2.0)
"""The normal priors of the logarithms: mean and standard deviation."""

ROUNDING = 1e-24
"""A mean square of standardised targets below which they are 0 but for rounding."""

STEPS = 40
SMALLEST, LARGEST = -3.0, 4.0
QUIETEST, NOISIEST = -10.0, 1.0
"""How far `fit_relevance` climbs, and its bounds for the log of a lengthscale and of the noise."""


def log_prior(lengthscales: Floats, noise: float) -> float:
    """Return the log prior density of one lengthscale per parameter (d,) and of the noise, up to a constant."""
    off = (np.log(lengthscales) - LOG_LENGTHSCALE[0]) / LOG_LENGTHSCALE[1]
    return -float(off @ off) / 2 - ((math.log(noise) - LOG_NOISE[0]) / LOG_NOISE[1]) ** 2 / 2


@dataclass(frozen=True, eq=False)
class GaussianProcess:
    """A posterior over functions, given n rows.

    `rows` (n, p) are the features divided by `lengthscales` (p,); `factor` (n, n) is the lower Cholesky factor of the
    rows' covariance with the noise, in amplitudes, and `weights` (n,) are its inverse times the targets. `score` is the
    log marginal likelihood plus the log prior, up to constants.
    """

    rows: Floats
    lengthscales: Floats
    noise: float
    amplitude: float
    factor: Floats
    weights: Floats
    score: float

    @classmethod
    def fit(cls, features: Floats, targets: Floats, dimensions: int) -> GaussianProcess:
        """Fit one lengthscale for all features (n, p) and the noise to targets (n,).

        Of LENGTHSCALES by NOISES the combination with the highest score is taken, the first of equals. The lengthscale's
        prior counts once for each of the `dimensions`, which are the parameters that the features stand for. n is 1 or more.
        """
        distances = squared_distances(features, features)
        fits = [
            _Fit.of(kernel, noise, targets, np.full(dimensions, lengthscale))
            for lengthscale in LENGTHSCALES
            for kernel in [matern(distances / lengthscale**2)]
            for noise in NOISES
        ]
        best = max(fits, key=lambda fit: fit.score)
        return best.process(features, np.full(features.shape[1], best.lengthscales[0]))

    @classmethod
    def fit_relevance(
        cls, features: Floats, targets: Floats, columns: Sequence[slice], steps: int = STEPS, most_rows: int | None = None
    ) -> GaussianProcess:
        """Fit one lengthscale per parameter, and the noise, to features (n, p) and targets (n,).

        `columns` names the features of each parameter. It starts where `fit` ends and climbs the score along its
        gradient for `steps` steps; of more than `most_rows` rows it is that of as many, evenly spaced. n is 1 or more.
        """
        told = evenly(len(targets), most_rows or len(targets))
        start = cls.fit(features[told], targets[told], len(columns))
        settings = np.log([*[start.lengthscales[0]] * len(columns), start.noise])
        distances = np.stack([squared_distances(features[:, c], features[:, c]) for c in columns])
        best = _climb(distances[:, told[:, None], told], targets[told], settings, steps)
        if len(told) < len(targets):
            kernel = matern(np.tensordot(best.lengthscales**-2, distances, 1))
            best = _Fit.of(kernel, best.noise, targets, best.lengthscales)
        lengthscales = np.empty(features.shape[1])
        for column, lengthscale in zip(columns, best.lengthscales, strict=True):
            lengthscales[column] = lengthscale
        return best.process(features, lengthscales)

    def mean(self, features: Floats) -> Floats:
        """Return the posterior mean (m,) at features (m, p)."""
        return self.kernel(features) @ self.weights

    def kernel(self, features: Floats) -> Floats:
        """Return the correlation (m, n) of features (m, p) with the rows."""
        return self._kernel(features / self.lengthscales)

    def weights_without(self, rows: Indices) -> Floats:
        """Return the weights (n,) that there would be without some of the rows (m,): theirs are 0, and all else is kept.

        With P the inverse of the covariance, and S the rows: weights - P[:, S] P[S, S]^-1 weights[S].
        """
        unit = np.eye(len(self.weights))[:, rows]
        columns = np.asarray(np.linalg.solve(self.factor.T, solve_lower(self.factor, unit)), np.float64)
        without: Floats = self.weights - columns @ np.linalg.solve(columns[rows], self.weights[rows])
        without[rows] = 0
        return without

    def posterior(self, features: Floats) -> Posterior:
        """Return mean and variance at candidates (m, p)."""
        return Posterior(self, features)

    def _kernel(self, scaled: Floats) -> Floats:
        """Return the kernel (m, n) between scaled features (m, p) and the rows."""
        return matern(squared_distances(scaled, self.rows))


class Posterior:
    """What a process says of m candidates: the `mean` (m,) and the `variance` (m,) of the function, without noise.

    `observe` brings the variance up to date for an observation that is still to come: a variance does not depend on what
    will be seen. The covariance of all candidates is never built: what explains a candidate's variance away is kept as
    a column of numbers whose squares add up, one number for each row and each observed candidate.
    """

    def __init__(self, process: GaussianProcess, features: Floats) -> None:
        self._process = process
        self._candidates = features / process.lengthscales
        kernel = process._kernel(self._candidates)
        self.mean: Floats = kernel @ process.weights
        self._columns = solve_lower(process.factor, kernel.T)
        self._used = len(self._columns)
        self.variance: Floats = process.amplitude * np.maximum(1 - np.einsum("nm,nm->m", self._columns, self._columns), 0)

    def observe(self, index: int) -> None:
        """Update the variances as if candidate `index` had been observed, with the process's noise; the mean is kept."""
        process, known = self._process, self._columns[: self._used]
        candidate = self._candidates[index : index + 1]
        covariance = matern(squared_distances(self._candidates, candidate))[:, 0] - known[:, index] @ known
        explained = covariance / math.sqrt(max(covariance[index], 0) + process.noise)
        self.variance = np.maximum(self.variance - process.amplitude * explained**2, 0)
        if self._used == len(self._columns):
            self._columns = np.concatenate([self._columns, np.empty_like(self._columns)])
        self._columns[self._used] = explained
        self._used += 1


@dataclass(frozen=True, eq=False)
class _Fit:
    """Hyperparameters and how well they explain the targets: lengthscales (d,), one per parameter."""

    lengthscales: Floats
    noise: float
    factor: Floats
    whitened: Floats
    amplitude: float
    score: float

    @classmethod
    def of(cls, kernel: Floats, noise: float, targets: Floats, lengthscales: Floats) -> _Fit:
        """Factorise kernel (n, n) + noise and judge it by the targets (n,)."""
        factor, whitened = _factorise(kernel, noise, targets)
        # The likelihood is highest at amplitude = targets' K^-1 targets / n. Equal targets do not tell it: then 1.
        mean_square = float(whitened @ whitened) / len(targets)
        amplitude = mean_square if mean_square > ROUNDING else 1.0
        likelihood = -len(targets) / 2 * math.log(amplitude) - float(np.log(np.diagonal(factor)).sum())
        return cls(lengthscales, noise, factor, whitened, amplitude, likelihood + log_prior(lengthscales, noise))

    def process(self, features: Floats, lengthscales: Floats) -> GaussianProcess:
        """Return the process on features (n, p) with these lengthscales (p,) of the features."""
        weights = np.asarray(np.linalg.solve(self.factor.T, self.whitened), np.float64)
        scaled = features / lengthscales
        return GaussianProcess(scaled, lengthscales, self.noise, self.amplitude, self.factor, weights, self.score)


def _factorise(kernel: Floats, noise: float, targets: Floats) -> tuple[Floats, Floats]:
    """Return the lower factor L (n, n) of kernel + noise, and L^-1 targets (n,).

    The second is the last row of the factor of a matrix that has the targets as one more row, so no solve is needed. Its
    corner only has to be large enough.
    """
    n = len(targets)
    bordered = np.empty((n + 1, n + 1))
    bordered[:n, :n] = kernel
    bordered[n, :n] = bordered[:n, n] = targets
    bordered[n, n] = targets @ targets / noise + 1
    bordered[range(n), range(n)] += noise
    factor = np.asarray(np.linalg.cholesky(bordered), np.float64)
    return factor[:n, :n], factor[n, :n]


def _climb(distances: Floats, targets: Floats, settings: Floats, count: int) -> _Fit:
    """Return the best fit met in `count` steps up from settings (d + 1,): the logs of the lengthscales and of the noise.

    Each setting has a step of its own, longer while its slope keeps its sign and halved where that changes.
    Source: Igel and Huesken 2003, "Empirical evaluation of the improved Rprop learning algorithm", iRprop-.
    """
    low, high = np.full(len(settings), SMALLEST), np.full(len(settings), LARGEST)
    low[-1], high[-1] = QUIETEST, NOISIEST
    steps, before, best = np.full(len(settings), 0.3), np.zeros(len(settings)), None
    for _ in range(count):
        fit, slope = _slope(distances, targets, settings)
        best = fit if best is None or fit.score > best.score else best
        agreement = slope * before
        steps = np.clip(steps * np.where(agreement > 0, 1.2, np.where(agreement < 0, 0.5, 1.0)), 1e-4, 1.0)
        before = np.where(agreement < 0, 0, slope)
        settings = np.clip(settings + steps * np.sign(before), low, high)
    assert best is not None
    return best


def _slope(distances: Floats, targets: Floats, settings: Floats) -> tuple[_Fit, Floats]:
    """Return the fit at settings (d + 1,) and the gradient of its score there (d + 1,)."""
    shares = np.exp(-2 * settings[:-1])
    squares = np.tensordot(shares, distances, 1)
    fit = _Fit.of(matern(squares), math.exp(settings[-1]), targets, np.exp(settings[:-1]))
    # With A = alpha alpha' / amplitude - K^-1, dE/dt = sum(A * dK/dt) / 2; Rasmussen and Williams 2006, equation 5.9.
    inverse_factor = solve_lower(fit.factor, np.eye(len(targets)))
    alpha = fit.whitened @ inverse_factor
    a = np.outer(alpha, alpha / fit.amplitude) - inverse_factor.T @ inverse_factor
    # dK/d(log l_j) = 5/3 (1 + s) exp(-s) distance_j / l_j^2, with s as in `matern`
    s = np.sqrt(5 * squares)
    by_lengthscale = shares * np.tensordot(distances, a * (1 + s) * np.exp(-s), 2) * 5 / 6
    by_noise = fit.noise * np.trace(a) / 2
    pull = (settings[:-1] - LOG_LENGTHSCALE[0]) / LOG_LENGTHSCALE[1] ** 2, (settings[-1] - LOG_NOISE[0]) / LOG_NOISE[1] ** 2
    return fit, np.append(by_lengthscale - pull[0], by_noise - pull[1])


def evenly(count: int, most: int) -> Indices:
    """Return at most so many of the numbers below `count`, evenly spaced, the first and the last of them included."""
    return np.linspace(0, count - 1, min(count, most)).round().astype(int)


def squared_distances(a: Floats, b: Floats) -> Floats:
    """Return the squared distances (n, m) between rows of a (n, p) and of b (m, p)."""
    squares: Floats = (a * a).sum(1)[:, None] + (b * b).sum(1) - 2 * (a @ b.T)
    return np.maximum(squares, 0, out=squares)


def matern(squares: Floats) -> Floats:
    """Return the Matern 5/2 correlation at squared distances in lengthscales; same shape.

    With s = sqrt(5) distance: (1 + s + s^2 / 3) exp(-s). Source: Rasmussen and Williams 2006, equation 4.17.
    """
    s = np.sqrt(5 * squares)
    correlation: Floats = (1 + s + s * s / 3) * np.exp(-s)
    return correlation


def solve_lower(factor: Floats, right: Floats) -> Floats:
    """Return factor^-1 right (n, m) for a lower factor (n, n).

    Read backwards it is an upper one, for which NumPy's general solver has nothing to eliminate.
    """
    return np.asarray(np.linalg.solve(factor[::-1, ::-1], right[::-1])[::-1], np.float64)


def expected_improvement(mean: Floats, variance: Floats, best: float) -> Floats:
    """Return by how much candidates (m,) are expected to fall below `best`; never negative.

    With z = (best - mean) / deviation: deviation (z Phi(z) + phi(z)). Where nothing is unknown it is max(best - mean, 0).
    Source: Jones, Schonlau and Welch 1998, "Efficient global optimization of expensive black-box functions", equation 15.
    """
    deviation = np.sqrt(variance)
    gain = best - mean
    z = np.clip(np.divide(gain, deviation, out=np.zeros_like(gain), where=deviation > 0), -38, 38)  # beyond, all is 0 or 1
    below = np.array([math.erfc(x) for x in (-z / math.sqrt(2)).tolist()]) / 2
    density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return np.where(deviation > 0, np.maximum(gain * below + deviation * density, 0), np.maximum(gain, 0))
