"""Batch norm: each unit's numbers to mean 0 and variance 1 over the mini-batch, then to beta and gamma.

    mu = mean(z)                               sigma2  = mean((z - mu)^2)
    z_norm = (z - mu) / sqrt(sigma2 + eps)     z_tilde = gamma z_norm + beta

z_norm is never stored: the centred z is kept, and one row `scale = gamma / sqrt(sigma2 + eps)` does the rest, forward and
backward.

Source: Ioffe and Szegedy 2015, "Batch normalization", algorithm 1 and the gradients of section 3; the course, week 3, for
the averages at test time, which take sigma2 as it is, without the factor m / (m - 1) of the paper's algorithm 2.
"""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from hpsearch.network.layout import Layout

Array: TypeAlias = "NDArray[np.floating]"


def column_sums(wide: Array, sums: Array) -> None:
    """Add up the columns of (m, n) into (n,), row by row: each column's sum is the same in any company.

    Not as a product with a row of ones: over the whole width that rounds differently depending on the company.
    """
    np.add.reduce(wide, axis=0, out=sums)


class BatchNorm:
    """Batch norm of neighbouring columns of one layer, n columns in all.

    All arguments are rows (n,): `parameters` gamma and beta, `gradients` take theirs, `moments` the mean and the variance of
    the latest mini-batch.
    """

    def __init__(
        self,
        epsilon: Array,
        parameters: tuple[Array, Array],
        gradients: tuple[Array, Array],
        moments: tuple[Array, Array],
    ) -> None:
        self._epsilon, (self._gamma, self._beta) = epsilon, parameters
        self._gamma_gradient, self._beta_gradient = gradients
        self._mean, self._variance = moments
        self._inverse, self._scale, self._row = (np.empty_like(epsilon) for _ in range(3))

    def forward(self, z: Array, centred: Array, out: Array) -> None:
        """Turn z (m, n) into z_tilde, in `out`, and keep z - mu in `centred`, which may be z itself."""
        share = z.dtype.type(1 / len(z))
        column_sums(z, self._mean)
        self._mean *= share  # mu = sum(z) / m
        np.subtract(z, self._mean, out=centred)
        np.multiply(centred, centred, out=out)
        column_sums(out, self._variance)
        self._variance *= share  # sigma2 = sum((z - mu)^2) / m
        np.add(self._variance, self._epsilon, out=self._inverse)
        np.sqrt(self._inverse, out=self._inverse)
        np.reciprocal(self._inverse, out=self._inverse)  # 1 / sqrt(sigma2 + eps)
        np.multiply(self._inverse, self._gamma, out=self._scale)
        np.multiply(centred, self._scale, out=out)
        out += self._beta  # z_tilde = gamma (z - mu) / sqrt(sigma2 + eps) + beta

    def backward(self, d: Array, centred: Array, scratch: Array) -> None:
        """Turn d = dJ/dz_tilde (m, n) into dJ/dz, in place, and leave dJ/dgamma and dJ/dbeta; `centred` is spent.

            dJ/dz = gamma / sqrt(sigma2 + eps) * (d - mean(d) - z_norm mean(d z_norm))

        which is the paper's dl/dx_i with the sums over the batch written out. `scratch` is of d's shape.
        """
        share = d.dtype.type(1 / len(d))
        column_sums(d, self._beta_gradient)  # dJ/dbeta = sum(d)
        np.multiply(d, centred, out=scratch)
        column_sums(scratch, self._gamma_gradient)
        self._gamma_gradient *= self._inverse  # dJ/dgamma = sum(d z_norm)
        np.multiply(self._gamma_gradient, self._inverse, out=self._row)
        self._row *= share
        centred *= self._row  # z_norm mean(d z_norm)
        d -= centred
        np.multiply(self._beta_gradient, share, out=self._row)
        d -= self._row  # mean(d)
        d *= self._scale


class Statistics:
    """What stands for mu and sigma2 at test time, of all layers of a population.

    By default exponentially weighted averages. They start at 0 and are bias-corrected: the sum of the batches' moments, each
    weighted by its rows and by momentum^(steps since), divided by the sum of those weights. Without the correction the first
    epochs would be judged by averages that are still near their start. Networks whose statistics are `exact` have theirs
    from the vector `exact`: the moments of the whole training set.

    The vectors hold, layer by layer, the means (S,) and then the variances (S,), 0 without batch norm.
    """

    def __init__(self, layout: Layout, dtype: DTypeLike) -> None:
        settings = layout.settings
        self.latest = np.zeros(2 * sum(layout.spans), dtype)
        self.sums, self.exact = np.zeros_like(self.latest), np.zeros_like(self.latest)
        self.weights = np.zeros(layout.networks, np.float64)
        momentum = np.array([s.batch_norm_momentum for s in settings], dtype)  # both sums decay by the rounded weight
        self._momentum = momentum.astype(np.float64)
        self._needed = any(s.batch_norm != "off" for s in settings)
        owners = [np.tile(layout.spread(np.arange(layout.networks), layer), 2) for layer in range(layout.depth)]
        self._owners = np.concatenate(owners)
        self._momentum_row = momentum[self._owners]
        self._is_exact = np.array([s.batch_norm_statistics == "exact" for s in settings])[self._owners]
        edges = accumulate((2 * span for span in layout.spans), initial=0)
        self._layers = [slice(a, b) for a, b in pairwise(edges)]

    def of_layer(self, vector: Array, layer: int) -> tuple[Array, Array]:
        """Return the views of a layer's means and variances in one of the vectors."""
        mean, variance = vector[self._layers[layer]].reshape(2, -1, copy=False)
        return mean, variance

    def update(self, relative_rows: float) -> None:
        """Take in the latest mini-batch; `relative_rows` is its rows as a share of the batch size."""
        if not self._needed:
            return
        self.sums *= self._momentum_row
        if relative_rows != 1:
            self.latest *= self.latest.dtype.type(relative_rows)
        self.sums += self.latest
        self.weights *= self._momentum
        self.weights += relative_rows

    def at_test_time(self) -> Array:
        """Return the moments to be used at test time, as one vector; zeros before the first step."""
        weights = np.where(self.weights > 0, self.weights, 1.0)
        averages = self.sums / weights[self._owners].astype(self.sums.dtype)
        return np.where(self._is_exact, self.exact, averages)
