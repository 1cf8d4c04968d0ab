"""Between a layer's product z = a W and its activations: batch norm, the non-linearity, biases.

Neighbours that have batch norm in the same place and the same activation are a *section* of the wide arrays, with a forward
and a backward pass of its own; the matrix products do not care.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hpsearch.network.activations import ACTIVATIONS, ActivationRule
from hpsearch.network.batchnorm import BatchNorm, Statistics, column_sums
from hpsearch.network.layout import Layout, Parameters, Stack, columns_of
from hpsearch.network.workspace import SectionArrays

Array: TypeAlias = "NDArray[np.floating]"


class Section(Protocol):
    """One placement of batch norm with one activation, in one layer."""

    def forward(self, arrays: SectionArrays) -> None:
        """Turn z into a."""

    def backward(self, arrays: SectionArrays) -> None:
        """Turn d = dJ/da into dJ/dz, and leave the gradients of the section's rows."""

    def infer(self, arrays: SectionArrays, scale: Array, shift: Array) -> None:
        """Turn z into a at test time, when batch norm multiplies by `scale` (n,) and adds `shift` (n,)."""


class NormBefore:
    """a = g(gamma z_norm + beta)."""

    def __init__(self, norm: BatchNorm, rule: ActivationRule) -> None:
        self._norm, self._rule = norm, rule

    def forward(self, arrays: SectionArrays) -> None:
        """Turn z into a; z stays, centred."""
        self._norm.forward(arrays.z, arrays.z, arrays.a)
        self._rule.forward(arrays.a, arrays.d)

    def backward(self, arrays: SectionArrays) -> None:
        """Turn d = dJ/da into dJ/dz."""
        self._rule.backward(arrays.d, arrays.a)
        self._norm.backward(arrays.d, arrays.z, arrays.a)

    def infer(self, arrays: SectionArrays, scale: Array, shift: Array) -> None:
        """Turn z into a at test time."""
        np.multiply(arrays.z, scale, out=arrays.a)
        arrays.a += shift
        self._rule.forward(arrays.a, arrays.d)


class NormAfter:
    """a = gamma g(z + b)_norm + beta."""

    def __init__(self, norm: BatchNorm, rule: ActivationRule, bias: Array, gradient: Array) -> None:
        self._norm, self._rule, self._bias, self._bias_gradient = norm, rule, bias, gradient

    def forward(self, arrays: SectionArrays) -> None:
        """Turn z into a; z holds g(z + b) then."""
        arrays.z += self._bias
        self._rule.forward(arrays.z, arrays.d)
        self._norm.forward(arrays.z, arrays.centred, arrays.a)

    def backward(self, arrays: SectionArrays) -> None:
        """Turn d = dJ/da into dJ/dz."""
        self._norm.backward(arrays.d, arrays.centred, arrays.a)
        self._rule.backward(arrays.d, arrays.z)
        column_sums(arrays.d, self._bias_gradient)

    def infer(self, arrays: SectionArrays, scale: Array, shift: Array) -> None:
        """Turn z into a at test time."""
        np.add(arrays.z, self._bias, out=arrays.a)
        self._rule.forward(arrays.a, arrays.d)
        arrays.a *= scale
        arrays.a += shift


class NoNorm:
    """a = g(z + b)."""

    def __init__(self, rule: ActivationRule, bias: Array, gradient: Array) -> None:
        self._rule, self._bias, self._bias_gradient = rule, bias, gradient

    def forward(self, arrays: SectionArrays) -> None:
        """Turn z into a."""
        np.add(arrays.z, self._bias, out=arrays.a)
        self._rule.forward(arrays.a, arrays.d)

    def backward(self, arrays: SectionArrays) -> None:
        """Turn d = dJ/da into dJ/dz."""
        self._rule.backward(arrays.d, arrays.a)
        column_sums(arrays.d, self._bias_gradient)

    def infer(self, arrays: SectionArrays, scale: Array, shift: Array) -> None:
        """Turn z into a at test time: as in training."""
        self.forward(arrays)


def make_section(
    layout: Layout,
    stacks: Sequence[Stack],
    layer: int,
    theta: Parameters,
    gradient: Parameters,
    epsilon: Array,
    statistics: Statistics,
) -> Section:
    """Wire a section of a layer to its columns of the parameters, of their gradients, and of the batch's moments."""
    columns, settings = columns_of(stacks, layer), stacks[0].settings
    rule = ACTIVATIONS[settings.activation](layout.live[layer][columns].astype(epsilon.dtype))
    bias, bias_gradient = theta.biases[layer][columns], gradient.biases[layer][columns]
    if settings.batch_norm == "off":
        return NoNorm(rule, bias, bias_gradient)
    mean, variance = statistics.of_layer(statistics.latest, layer)
    norm = BatchNorm(
        epsilon[columns],
        (theta.gammas[layer][columns], theta.betas[layer][columns]),
        (gradient.gammas[layer][columns], gradient.betas[layer][columns]),
        (mean[columns], variance[columns]),
    )
    return NormBefore(norm, rule) if settings.batch_norm == "before" else NormAfter(norm, rule, bias, bias_gradient)
