"""Batch norm: each unit's numbers to mean 0 and variance 1 over the mini-batch, then to beta and gamma.

    mu = mean(z)                               sigma2  = mean((z - mu)^2)
    z_norm = (z - mu) / sqrt(sigma2 + eps)     z_tilde = gamma z_norm + beta

z_norm is never stored: the centred z is kept, and one row `scale = gamma / sqrt(sigma2 + eps)` does the rest, forward and
backward.

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

Array: TypeAlias = "NDArray[np.floating]"


def column_sums(weights: Array, stacks: Sequence[Array], sums: Sequence[Array]) -> None:
    """Add up each network's columns as a product with a row (1, m): ones, or 1 / m for means.

    `stacks` are (networks, m, width) views, `sums` (networks, 1, width). Network by network, because one product over the
    whole width rounds differently depending on the company.
    """
    for stack, total in zip(stacks, sums, strict=True):
        np.matmul(weights, stack, out=total)


class BatchNorm:
    """Batch norm of neighbouring columns of one layer, n columns in all.

    All arguments but the last are rows (n,): `parameters` gamma and beta, `gradients` take theirs, `moments` the mean and
    the variance of the latest mini-batch. `widths` holds (networks, width) of each stack.
    """

    def __init__(
        self,
        epsilon: Array,
        parameters: tuple[Array, Array],
        gradients: tuple[Array, Array],
        moments: tuple[Array, Array],
        widths: Sequence[tuple[int, int]],
    ) -> None:
        self._epsilon, (self._gamma, self._beta) = epsilon, parameters
        self._gamma_gradient, self._beta_gradient = gradients
        self._mean, self._variance = moments
        self._inverse, self._scale, self._row = (np.empty_like(epsilon) for _ in range(3))
        self._gamma_sums, self._beta_sums = (stacked(row, widths) for row in gradients)
        self._means, self._variances = (stacked(row, widths) for row in moments)

    def forward(
        self, averaging: Array, z: Array, z_stacks: Sequence[Array], centred: Array, out: Array, out_stacks: Sequence[Array]
    ) -> None:
        """Turn z (m, n) into z_tilde, in `out`, and keep z - mu in `centred`, which may be z itself.

        `averaging` is the row (1, m) of 1 / m.
        """
        column_sums(averaging, z_stacks, self._means)
        np.subtract(z, self._mean, out=centred)
        np.multiply(centred, centred, out=out)
        column_sums(averaging, out_stacks, self._variances)
        np.add(self._variance, self._epsilon, out=self._inverse)
        np.sqrt(self._inverse, out=self._inverse)
        np.reciprocal(self._inverse, out=self._inverse)
        np.multiply(self._inverse, self._gamma, out=self._scale)
        np.multiply(centred, self._scale, out=out)
        out += self._beta

    def backward(
        self,
        ones: Array,
        d: Array,
        d_stacks: Sequence[Array],
        centred: Array,
        products: Array,
        product_stacks: Sequence[Array],
    ) -> None:
        """Turn d = dJ/dz_tilde (m, n) into dJ/dz, in place, and leave dJ/dgamma and dJ/dbeta; `centred` is spent.

        `ones` is the row (1, m), `products` scratch of d's shape. The three terms of dJ/dz are the paper's dl/dx_i with the
        sums over the batch written out.
        """
        rows = d.dtype.type(len(d))
        column_sums(ones, d_stacks, self._beta_sums)  # dJ/dbeta = sum(d)
        np.multiply(d, centred, out=products)
        column_sums(ones, product_stacks, self._gamma_sums)
        self._gamma_gradient *= self._inverse  # dJ/dgamma = sum(d z_norm)
        np.multiply(self._gamma_gradient, self._inverse, out=self._row)
        self._row /= rows
        centred *= self._row
        d -= centred
        np.divide(self._beta_gradient, rows, out=self._row)
        d -= self._row
        d *= self._scale


def stacked(row: Array, widths: Sequence[tuple[int, int]]) -> list[Array]:
    """Return the views (networks, 1, width) of each stack's part of a row (n,)."""
    edges = accumulate((networks * width for networks, width in widths), initial=0)
    return [row[a:b].reshape(count, 1, width) for (a, b), (count, width) in zip(pairwise(edges), widths, strict=True)]


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
        self._momentum = np.array([s.batch_norm_momentum for s in settings])
        self._needed = any(s.batch_norm != "off" for s in settings)
        owners = [layout.spread(np.arange(layout.networks), layer) for layer in range(layout.depth) for _ in "mv"]
        self._owners = np.concatenate(owners)
        self._momentum_row = self._momentum[self._owners].astype(dtype)
        self._is_exact = np.array([s.batch_norm_statistics == "exact" for s in settings])[self._owners]
        edges = accumulate((span for span in layout.spans for _ in "mv"), initial=0)
        self._rows = [slice(a, b) for a, b in pairwise(edges)]

    def rows(self, vector: Array, layer: int) -> tuple[Array, Array]:
        """Return the views of a layer's means and variances in one of the vectors."""
        return vector[self._rows[2 * layer]], vector[self._rows[2 * layer + 1]]

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
