"""Between a layer's product z = a W and its activations: batch norm, the non-linearity, biases.

Networks stand in the order batch norm before the activation, after it, none. Each of the three is a *section* of the wide
arrays with a forward and a backward pass of its own; the matrix products do not care.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from hpsearch.network.activations import ACTIVATIONS, ActivationRule
from hpsearch.network.batchnorm import BatchNorm, Statistics, column_sums, stacked
from hpsearch.network.layout import Layout, Stack, WideRows, columns_of
from hpsearch.network.settings import BatchNorm as Placement
from hpsearch.network.workspace import SectionSpace, Workspace

Array: TypeAlias = "NDArray[np.floating]"

PLACEMENTS: tuple[Placement, ...] = ("before", "after", "off")
"""The order of the sections."""


class Section(Protocol):
    """One placement of batch norm in one layer."""

    def forward(self, space: SectionSpace, work: Workspace) -> None:
        """Turn z into a."""

    def backward(self, space: SectionSpace, work: Workspace) -> None:
        """Turn d = dJ/da into dJ/dz, and leave the gradients of the section's rows."""

    def infer(self, space: SectionSpace, scale: Array, shift: Array) -> None:
        """Turn z into a at test time, when batch norm multiplies by `scale` (n,) and adds `shift` (n,)."""


class Activations:
    """The non-linearities of neighbouring columns: each pass is one call per kind."""

    def __init__(self, layout: Layout, stacks: Sequence[Stack], layer: int, dtype: DTypeLike) -> None:
        first = columns_of(stacks, layer).start
        networks = range(stacks[0].networks.start, stacks[-1].networks.stop)
        self._runs: list[tuple[ActivationRule, slice]] = []
        for kind, members in groupby(networks, key=lambda k: layout.settings[k].activation):
            places = [layout.columns[layer][k] for k in members]
            live = layout.live[layer][places[0].start : places[-1].stop].astype(dtype)
            self._runs.append((ACTIVATIONS[kind](live), slice(places[0].start - first, places[-1].stop - first)))

    def forward(self, y: Array, scratch: Array) -> None:
        """Turn y (m, n) into g(y)."""
        for rule, columns in self._runs:
            rule.forward(y[:, columns], scratch[:, columns])

    def backward(self, d: Array, a: Array) -> None:
        """Turn dJ/da (m, n) into dJ/dy; `a` is spent."""
        for rule, columns in self._runs:
            rule.backward(d[:, columns], a[:, columns])


class Bias:
    """The biases (n,) of neighbouring columns."""

    def __init__(self, row: Array, gradient: Array, widths: Sequence[tuple[int, int]]) -> None:
        self.row, self._sums = row, stacked(gradient, widths)

    def backward(self, ones: Array, d_stacks: Sequence[Array]) -> None:
        """Leave dJ/db = sum(d)."""
        column_sums(ones, d_stacks, self._sums)


class NormBefore:
    """a = g(gamma z_norm + beta)."""

    def __init__(self, norm: BatchNorm, activations: Activations) -> None:
        self._norm, self._activations = norm, activations

    def forward(self, space: SectionSpace, work: Workspace) -> None:
        """Turn z into a; z stays, centred."""
        self._norm.forward(work.averaging, space.z, space.z_stacks, space.z, space.a, space.a_stacks)
        self._activations.forward(space.a, space.d)

    def backward(self, space: SectionSpace, work: Workspace) -> None:
        """Turn d = dJ/da into dJ/dz."""
        self._activations.backward(space.d, space.a)
        self._norm.backward(work.ones, space.d, space.d_stacks, space.z, space.a, space.a_stacks)

    def infer(self, space: SectionSpace, scale: Array, shift: Array) -> None:
        """Turn z into a at test time."""
        np.multiply(space.z, scale, out=space.a)
        space.a += shift
        self._activations.forward(space.a, space.d)


class NormAfter:
    """a = gamma g(z + b)_norm + beta."""

    def __init__(self, norm: BatchNorm, activations: Activations, bias: Bias) -> None:
        self._norm, self._activations, self._bias = norm, activations, bias

    def forward(self, space: SectionSpace, work: Workspace) -> None:
        """Turn z into a; z holds g(z + b) then."""
        space.z += self._bias.row
        self._activations.forward(space.z, space.d)
        self._norm.forward(work.averaging, space.z, space.z_stacks, space.centred, space.a, space.a_stacks)

    def backward(self, space: SectionSpace, work: Workspace) -> None:
        """Turn d = dJ/da into dJ/dz."""
        self._norm.backward(work.ones, space.d, space.d_stacks, space.centred, space.a, space.a_stacks)
        self._activations.backward(space.d, space.z)
        self._bias.backward(work.ones, space.d_stacks)

    def infer(self, space: SectionSpace, scale: Array, shift: Array) -> None:
        """Turn z into a at test time."""
        np.add(space.z, self._bias.row, out=space.a)
        self._activations.forward(space.a, space.d)
        space.a *= scale
        space.a += shift


class NoNorm:
    """a = g(z + b)."""

    def __init__(self, activations: Activations, bias: Bias) -> None:
        self._activations, self._bias = activations, bias

    def forward(self, space: SectionSpace, work: Workspace) -> None:
        """Turn z into a."""
        np.add(space.z, self._bias.row, out=space.a)
        self._activations.forward(space.a, space.d)

    def backward(self, space: SectionSpace, work: Workspace) -> None:
        """Turn d = dJ/da into dJ/dz."""
        self._activations.backward(space.d, space.a)
        self._bias.backward(work.ones, space.d_stacks)

    def infer(self, space: SectionSpace, scale: Array, shift: Array) -> None:
        """Turn z into a at test time: as in training."""
        np.add(space.z, self._bias.row, out=space.a)
        self._activations.forward(space.a, space.d)


def make_section(
    layout: Layout,
    stacks: Sequence[Stack],
    layer: int,
    rows: WideRows,
    gradients: WideRows,
    epsilon: Array,
    statistics: Statistics,
) -> Section:
    """Wire a section of a layer to its columns of the layer's rows, of their gradients, and of the batch's moments."""
    columns = columns_of(stacks, layer)
    widths = [(stack.count, stack.width(layer)) for stack in stacks]
    activations = Activations(layout, stacks, layer, epsilon.dtype)
    bias = Bias(rows.biases[layer][columns], gradients.biases[layer][columns], widths)
    placement = stacks[0].settings.batch_norm
    if placement == "off":
        return NoNorm(activations, bias)
    mean, variance = statistics.rows(statistics.latest, layer)
    norm = BatchNorm(
        epsilon[columns],
        (rows.gammas[layer][columns], rows.betas[layer][columns]),
        (gradients.gammas[layer][columns], gradients.betas[layer][columns]),
        (mean[columns], variance[columns]),
        widths,
    )
    return NormBefore(norm, activations) if placement == "before" else NormAfter(norm, activations, bias)
