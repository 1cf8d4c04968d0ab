"""Batch norm: each unit's pre-activations to mean 0 and variance 1 over the mini-batch, then to beta and gamma.

    mu = mean(z)                               sigma2  = mean((z - mu)^2)
    z_norm = (z - mu) / sqrt(sigma2 + eps)     z_tilde = gamma z_norm + beta

z_norm is never stored: z is centred in place, and one row `scale = gamma / sqrt(sigma2 + eps)` does the rest, forward
and backward. Networks without batch norm stand at the right end of the wide array, outside the slice that this works on:
for them the scale is 1 and beta is the bias.

Source: Ioffe and Szegedy 2015, "Batch normalization", algorithm 1 and the gradients of section 3; the course, week 3, for
the averages at test time, which take sigma2 as it is, without the factor m / (m - 1) of the paper's algorithm 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from hpsearch.network.layout import Layout
from hpsearch.network.settings import NetworkSettings

Array: TypeAlias = "NDArray[np.floating]"


def column_sums(weights: Array, blocks: Sequence[Array], sums: Sequence[Array]) -> None:
    """Add up each block's columns (m, n) into (1, n) as a product with a row (1, m): ones, or 1 / m for means.

    Block by block, because one product over the whole width rounds differently depending on the company.
    """
    for block, total in zip(blocks, sums, strict=True):
        np.matmul(weights, block, out=total)


class BatchNorm:
    """Batch norm of one hidden layer for the first `networks` networks of a population.

    `mean` and `variance` are rows (n,) that each `forward` fills; `inverse` is 1 / sqrt(sigma2 + eps).
    """

    def __init__(self, columns: Sequence[slice], epsilon: Array, mean: Array, variance: Array) -> None:
        self.networks = len(columns)
        self.span = slice(0, columns[-1].stop)
        self.mean, self.variance, self._epsilon = mean, variance, epsilon
        self.inverse, self._row = np.empty_like(mean), np.empty_like(mean)
        self._mean_blocks = [mean[None, c] for c in columns]
        self._variance_blocks = [variance[None, c] for c in columns]

    def forward(
        self, averaging: Array, z: Array, z_blocks: Sequence[Array], squares: Array, square_blocks: Sequence[Array]
    ) -> None:
        """Centre z (m, n) in place and take its moments.

        `averaging` is the row (1, m) of 1 / m; `squares` is scratch of z's shape. The blocks are the networks' columns.
        """
        column_sums(averaging, z_blocks, self._mean_blocks)
        z -= self.mean
        np.multiply(z, z, out=squares)
        column_sums(averaging, square_blocks, self._variance_blocks)
        np.add(self.variance, self._epsilon, out=self.inverse)
        np.sqrt(self.inverse, out=self.inverse)
        np.reciprocal(self.inverse, out=self.inverse)

    def backward(self, d: Array, z: Array, sum_d: Array, sum_dz: Array, scale: Array) -> None:
        """Turn d = dJ/dz_tilde (m, n) into dJ/dz, in place, and sum_dz into dJ/dgamma; the centred z is spent.

        `sum_d` (n,) is the batch sum of d, which is dJ/dbeta; `sum_dz` that of d z; `scale` is gamma / sqrt(sigma2 + eps).
        The three terms are the paper's dl/dx_i with the sums over the batch written out.
        """
        rows = z.dtype.type(z.shape[0])
        sum_dz *= self.inverse  # dJ/dgamma = sum(d z_norm)
        np.multiply(sum_dz, self.inverse, out=self._row)
        self._row /= rows
        z *= self._row
        d -= z
        np.divide(sum_d, rows, out=self._row)
        d -= self._row
        d *= scale


class RunningAverages:
    """Exponentially weighted averages of mu and sigma2 for test time, of all layers of a population.

    They start at 0 and are bias-corrected: the sum of the batches' moments, each weighted by its rows and by
    momentum^(steps since), divided by the sum of those weights. Without the correction the first epochs would be judged by
    averages that are still near their start.
    """

    def __init__(self, settings: Sequence[NetworkSettings], layout: Layout, dtype: DTypeLike) -> None:
        self.latest = np.zeros(2 * sum(layout.spans), dtype)
        self.sums = np.zeros_like(self.latest)
        self.weights = np.zeros(layout.networks, np.float64)
        self._momentum = np.array([s.batch_norm_momentum for s in settings])
        owners = layout.owners()[: self.latest.size]
        self._momentum_row = self._momentum[owners].astype(dtype)
        self._owners = owners
        edges = accumulate((span for span in layout.spans for _ in range(2)), initial=0)
        self._rows = [slice(a, b) for a, b in pairwise(edges)]

    def rows(self, vector: Array, layer: int) -> tuple[Array, Array]:
        """Return the views of a layer's mean and variance (S,) in `latest` or `sums`."""
        return vector[self._rows[2 * layer]], vector[self._rows[2 * layer + 1]]

    def update(self, relative_rows: float) -> None:
        """Take in the latest mini-batch; `relative_rows` is its rows as a share of the batch size."""
        self.sums *= self._momentum_row
        if relative_rows != 1:
            self.latest *= self.latest.dtype.type(relative_rows)
        self.sums += self.latest
        self.weights *= self._momentum
        self.weights += relative_rows

    def averages(self) -> Array:
        """Return the corrected averages of all layers, laid out as `latest`; zeros before the first step."""
        weights = np.where(self.weights > 0, self.weights, 1.0)
        corrected: Array = self.sums / weights[self._owners].astype(self.sums.dtype)
        return corrected
