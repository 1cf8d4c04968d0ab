"""The layers of a population: K networks' layers of one depth, side by side.

A layer owns views of parameters and gradients; the activations live in a `Workspace`. Nothing here allocates more than rows
in a training step.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hpsearch.network.activations import ACTIVATIONS
from hpsearch.network.batchnorm import Statistics
from hpsearch.network.layout import Layout, Parameters, columns_of
from hpsearch.network.losses import Loss
from hpsearch.network.sections import make_section
from hpsearch.network.workspace import Workspace

Array: TypeAlias = "NDArray[np.floating]"

SMALL_MATRIX = 12_000
"""Up to so many weights a transposed copy and a product beat the product with a transposed view, measured."""


def products(lefts: Sequence[Array], rights: Sequence[Array], results: Sequence[Array]) -> None:
    """Multiply stacks of matrices, network by network, into place."""
    for _ in map(np.matmul, lefts, rights, results):  # the loop runs in C: networks of random widths feel it
        pass


class Transposed:
    """The transposes (networks, fan_out, fan_in) of a stack of weights."""

    def __init__(self, weights: Array) -> None:
        self._view = weights.transpose(0, 2, 1)
        self._copy = np.empty(self._view.shape, weights.dtype) if weights[0].size <= SMALL_MATRIX else None

    def latest(self) -> Array:
        """Return the transposes of the weights as they are now."""
        if self._copy is None:
            return self._view
        np.copyto(self._copy, self._view)
        return self._copy


class HiddenLayer:
    """z = a W, then the sections, then dropout, for K networks.

    `theta` are the parameters, `gradient` takes theirs.
    """

    def __init__(self, layout: Layout, index: int, theta: Parameters, gradient: Parameters, statistics: Statistics) -> None:
        self._layout, self._index, self._theta, self._statistics = layout, index, theta, statistics
        self._weights, self._weight_gradients = (
            [stack.view(vector.flat, f"weights_{index + 1}") for stack in layout.stacks] for vector in (theta, gradient)
        )
        self._transposed = [Transposed(weights) for weights in self._weights] if index else []
        epsilon = np.array([s.batch_norm_epsilon for s in layout.settings], theta.flat.dtype)
        self._epsilon = layout.spread(epsilon, index)
        self._sections = [
            (columns_of(stacks, index), make_section(layout, stacks, index, theta, gradient, self._epsilon, statistics))
            for stacks in layout.sections()
        ]

    def forward(self, inputs: Sequence[Array], work: Workspace) -> None:
        """Compute the activations of a mini-batch from those of the layer below, (networks, m, fan_in) for each stack."""
        arrays = work.layers[self._index]
        products(inputs, self._weights, arrays.z_stacks)
        for (_, section), part in zip(self._sections, arrays.sections, strict=True):
            section.forward(part)
        if arrays.mask is not None:
            np.multiply(arrays.a, arrays.mask, out=arrays.out)

    def backward(self, inputs_transposed: Sequence[Array], work: Workspace, below: Sequence[Array] | None) -> None:
        """Turn dJ/da in the layer's d into the gradients of its parameters, and into dJ/da of the layer below."""
        arrays = work.layers[self._index]
        if arrays.mask is not None:
            arrays.d *= arrays.mask
        for (_, section), part in zip(self._sections, arrays.sections, strict=True):
            section.backward(part)
        products(inputs_transposed, arrays.d_stacks, self._weight_gradients)
        if below is not None:
            products(arrays.d_stacks, [weights.latest() for weights in self._transposed], below)

    def scale_and_shift(self, moments: Array) -> tuple[Array, Array]:
        """Return the rows (S,) that batch norm is at test time, z_tilde = z * scale + shift; 0 where there is none."""
        mean, variance = self._statistics.of_layer(moments, self._index)
        scale = self._theta.gammas[self._index] / np.sqrt(variance + self._epsilon)
        return scale, self._theta.betas[self._index] - mean * scale

    def infer(self, inputs: Sequence[Array], work: Workspace, scale: Array, shift: Array) -> None:
        """Compute the activations at test time, each row by itself, with the rows that `scale_and_shift` gives."""
        arrays = work.layers[self._index]
        products(inputs, self._weights, arrays.z_stacks)
        for (columns, section), part in zip(self._sections, arrays.sections, strict=True):
            section.infer(part, scale[columns], shift[columns])

    def take_exact_statistics(self, network: int, inputs: Array) -> Array:
        """Run rows (n, fan_in) through one network's layer at test time, with their own moments, which become its `exact`.

        With the whole training set for rows these are the statistics of the population, in the paper's sense. In memory it
        takes a few arrays (n, width).
        """
        index, columns, stack = self._index, self._layout.columns[self._index][network], self._layout.stack_of(network)
        weights = stack.view(self._theta.flat, f"weights_{index + 1}")[network - stack.networks.start]
        z: Array = inputs @ weights
        settings = self._layout.settings[network]
        rule = ACTIVATIONS[settings.activation](self._layout.live[index][columns].astype(z.dtype))
        if settings.batch_norm == "after":
            z += self._theta.biases[index][columns]
            rule.forward(z, np.empty_like(z))
        mean, variance = (row[columns] for row in self._statistics.of_layer(self._statistics.exact, index))
        mean[...] = z.mean(axis=0, dtype=np.float64)
        variance[...] = np.square(z - mean).mean(axis=0, dtype=np.float64)
        scale, shift = (row[columns] for row in self.scale_and_shift(self._statistics.exact))
        z *= scale
        z += shift
        if settings.batch_norm == "before":
            rule.forward(z, np.empty_like(z))
        return z


class OutputLayer:
    """outputs = W^T a + b, class-major, and the loss."""

    def __init__(self, layout: Layout, theta: Parameters, gradient: Parameters, loss: Loss) -> None:
        weights, self._weight_gradients = (
            [stack.view(vector.flat, "weights_out") for stack in layout.stacks] for vector in (theta, gradient)
        )
        self._weights_transposed = [w.transpose(0, 2, 1) for w in weights]
        self._transposed = [Transposed(w) for w in weights]
        self._bias, self._bias_gradient = theta.output_bias[:, :, None], gradient.output_bias
        self._loss = loss

    def forward(self, inputs_transposed: Sequence[Array], work: Workspace) -> None:
        """Compute the outputs (K, outputs, m) from the last layer's activations, (networks, width, m) for each stack."""
        products(self._weights_transposed, inputs_transposed, work.output_stacks)
        work.padded_outputs += self._bias

    def backward(self, targets: NDArray[Any], weights: Array | None, work: Workspace) -> Array:
        """Turn the outputs into their gradient, and that into those of W, b and the last hidden layer.

        `weights` (m,) multiply the rows' losses. Returns what the loss keeps of each row, (K, m).
        """
        per_row = self._loss.backward(work.outputs, targets, work.loss)
        if weights is not None:
            work.outputs *= weights
        np.add.reduce(work.padded_outputs, axis=2, out=self._bias_gradient)
        last = work.layers[-1]
        products(last.out_transposed, work.outputs_transposed, self._weight_gradients)
        products(work.outputs_transposed, [weights.latest() for weights in self._transposed], last.d_stacks)
        return per_row
