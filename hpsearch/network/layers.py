"""The layers of a population: K networks' layers of one depth, side by side.

A layer owns views of parameters and gradients; the activations live in a `Workspace`, one per number of rows, because the
last mini-batch of an epoch and the chunks of an evaluation have other sizes. Nothing here allocates more than rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from hpsearch.network.activations import ACTIVATIONS, ActivationRule
from hpsearch.network.batchnorm import BatchNorm, RunningAverages, column_sums
from hpsearch.network.layout import Layout, Vector
from hpsearch.network.losses import softmax_cross_entropy
from hpsearch.network.settings import NetworkSettings

Array: TypeAlias = "NDArray[np.floating]"


def products(lefts: Sequence[Array], rights: Sequence[Array], results: Sequence[Array]) -> None:
    """Multiply matrices network by network, into place."""
    for left, right, result in zip(lefts, rights, results, strict=True):
        np.matmul(left, right, out=result)


class Memory:
    """The memory behind all workspaces of a population, for up to `rows` rows."""

    def __init__(self, layout: Layout, rows: int, dtype: DTypeLike) -> None:
        self.layout, self.rows, self.dtype = layout, rows, np.dtype(dtype)
        self.inputs = np.zeros(rows * layout.features, dtype)
        self.layers = [np.zeros((3, rows * span), dtype) for span in layout.spans]
        self.masks = [np.zeros(rows * span, np.bool_) for span in layout.spans]
        self.logits = np.zeros(rows * layout.networks * layout.classes, dtype)


class LayerSpace:
    """One hidden layer's activations for m rows, each (m, S), with the networks' blocks of columns.

    z: the pre-activations, centred under batch norm. a: the activations. d: the gradient with respect to a, then y, then z.
    """

    def __init__(self, memory: Memory, layer: int, rows: int) -> None:
        span, columns = memory.layout.spans[layer], memory.layout.columns[layer]
        self.z, self.a, self.d = (flat[: rows * span].reshape(rows, span) for flat in memory.layers[layer])
        self.mask = memory.masks[layer][: rows * span].reshape(rows, span)
        self.z_blocks, self.a_blocks, self.d_blocks = ([wide[:, c] for c in columns] for wide in (self.z, self.a, self.d))
        self.a_transposed = [block.T for block in self.a_blocks]


class Workspace:
    """All activations of a population for mini-batches of m rows."""

    def __init__(self, memory: Memory, rows: int) -> None:
        networks, classes = memory.layout.networks, memory.layout.classes
        self.rows = rows
        self.ones = np.ones((1, rows), memory.dtype)
        self.averaging = np.full((1, rows), 1 / rows, memory.dtype)
        self.inputs = memory.inputs[: rows * memory.layout.features].reshape(rows, -1)
        self.layers = [LayerSpace(memory, layer, rows) for layer in range(memory.layout.depth)]
        self.logits = memory.logits[: networks * classes * rows].reshape(networks, classes, rows)
        self.logit_blocks = list(self.logits)
        self.logits_transposed = [block.T for block in self.logits]
        self.peak = np.empty((networks, 1, rows), memory.dtype)
        self.probability = np.empty((networks, rows), memory.dtype)
        self.truth_base = np.arange(networks)[:, None] * classes * rows + np.arange(rows)


class HiddenLayer:
    """z = a W, batch norm or a bias, activation, for K networks.

    The networks are ordered so that those with batch norm come first and equal activations are neighbours.
    """

    def __init__(
        self,
        settings: Sequence[NetworkSettings],
        layout: Layout,
        index: int,
        theta: Vector,
        gradient: Vector,
        averages: RunningAverages,
    ) -> None:
        columns = layout.columns[index]
        self.weights, self.weight_gradients = theta.matrices[index], gradient.matrices[index]
        self.weights_transposed = [w.T for w in self.weights]
        self.gamma, self.beta = theta.gammas[index], theta.betas[index]
        self.gamma_gradient, self.beta_gradient = gradient.gammas[index], gradient.betas[index]
        self.beta_blocks = [self.beta_gradient[None, c] for c in columns]
        self.gamma_blocks = [self.gamma_gradient[None, c] for c in columns]
        self.live = layout.live[index].astype(theta.flat.dtype)
        self.scale = np.ones_like(self.live)
        self.runs = _activation_runs(settings, columns)
        normalised = sum(s.batch_norm != "off" for s in settings)
        self.epsilon = np.repeat(
            np.array([s.batch_norm_epsilon for s in settings], theta.flat.dtype), [c.stop - c.start for c in columns]
        )
        self.norm: BatchNorm | None = None
        if normalised:
            span = columns[normalised - 1].stop
            mean, variance = averages.rows(averages.latest, index)
            self.norm = BatchNorm(columns[:normalised], self.epsilon[:span], mean[:span], variance[:span])
        self._index, self._averages = index, averages

    def forward(self, inputs: Sequence[Array], work: Workspace) -> None:
        """Compute the activations of a mini-batch from the blocks of the layer below."""
        space, norm = work.layers[self._index], self.norm
        products(inputs, self.weights, space.z_blocks)
        if norm is None:
            np.add(space.z, self.beta, out=space.a)
        else:
            columns, first = norm.span, norm.networks
            squares = space.a  # free until the activations are written
            norm.forward(
                work.averaging, space.z[:, columns], space.z_blocks[:first], squares[:, columns], space.a_blocks[:first]
            )
            np.multiply(norm.inverse, self.gamma[columns], out=self.scale[columns])
            np.multiply(space.z, self.scale, out=space.a)  # z_tilde = gamma z_norm + beta
            space.a += self.beta
        self._activate(space)

    def backward(self, inputs_transposed: Sequence[Array], work: Workspace, below: Sequence[Array] | None) -> None:
        """Turn dJ/da in the layer's d into the gradients of its parameters, and into dJ/da of the layer below."""
        space, norm = work.layers[self._index], self.norm
        for rule, columns in self.runs:
            rule.backward(space.d[:, columns], space.a[:, columns], space.mask[:, columns])
        column_sums(work.ones, space.d_blocks, self.beta_blocks)
        if norm is not None:
            columns, first = norm.span, norm.networks
            d, z, products_dz = space.d[:, columns], space.z[:, columns], space.a[:, columns]
            np.multiply(d, z, out=products_dz)
            column_sums(work.ones, space.a_blocks[:first], self.gamma_blocks[:first])
            norm.backward(d, z, self.beta_gradient[columns], self.gamma_gradient[columns], self.scale[columns])
        products(inputs_transposed, space.d_blocks, self.weight_gradients)
        if below is not None:
            products(space.d_blocks, self.weights_transposed, below)

    def test_time_rows(self, averages: Array) -> tuple[Array, Array]:
        """Return the rows (S,) that batch norm is at test time: z_tilde = z * scale + shift."""
        scale, shift = np.ones_like(self.beta), self.beta.copy()
        if self.norm is not None:
            columns = self.norm.span
            mean, variance = (row[columns] for row in self._averages.rows(averages, self._index))
            scale[columns] = self.gamma[columns] / np.sqrt(variance + self.epsilon[columns])
            shift[columns] -= mean * scale[columns]
        return scale, shift

    def infer(self, inputs: Sequence[Array], work: Workspace, rows: tuple[Array, Array]) -> None:
        """Compute the activations at test time, each row by itself."""
        space = work.layers[self._index]
        products(inputs, self.weights, space.a_blocks)
        space.a *= rows[0]
        space.a += rows[1]
        self._activate(space)

    def _activate(self, space: LayerSpace) -> None:
        for rule, columns in self.runs:
            rule.forward(space.a[:, columns], self.live[columns], space.d[:, columns])


class OutputLayer:
    """logits = W^T a + b, class-major, with softmax and cross-entropy."""

    def __init__(self, theta: Vector, gradient: Vector) -> None:
        weights, self.weight_gradients = theta.matrices[-1], gradient.matrices[-1]
        self.weights_transposed = [w.T for w in weights]
        self.bias, self.bias_gradient = theta.bias, gradient.bias

    def forward(self, work: Workspace) -> None:
        """Compute the logits (K, C, m)."""
        products(self.weights_transposed, work.layers[-1].a_transposed, work.logit_blocks)
        np.add(work.logits, self.bias[:, :, None], out=work.logits)

    def backward(self, targets: NDArray[np.int64], work: Workspace) -> None:
        """Turn the logits into their gradient, and that into those of W, b and the last hidden layer.

        The probability of the true class is left in `work.probability`.
        """
        truth = work.truth_base + targets * work.rows
        softmax_cross_entropy(work.logits, truth, work.peak, work.probability)
        np.add.reduce(work.logits, axis=2, out=self.bias_gradient)
        last = work.layers[-1]
        products(last.a_transposed, work.logits_transposed, self.weight_gradients)
        products(work.logits_transposed, self.weights_transposed, last.d_blocks)


def _activation_runs(settings: Sequence[NetworkSettings], columns: Sequence[slice]) -> list[tuple[ActivationRule, slice]]:
    """Join neighbours that share an activation: each pass is then one call per run."""
    runs = []
    for kind, members in groupby(zip(settings, columns, strict=True), key=lambda pair: pair[0].activation):
        places = [place for _, place in members]
        runs.append((ACTIVATIONS[kind], slice(places[0].start, places[-1].stop)))
    return runs
