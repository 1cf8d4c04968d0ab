"""Where each network's numbers lie in the arrays that a population shares.

One flat vector holds every parameter, network by network, so that an optimizer's pass is one NumPy call:

    [ network 0: W_1 .. W_L W_out gamma_1 beta_1 .. gamma_L beta_L b_out | network 1: ... | ... ]

Neighbours of one shape form a *stack*: their blocks lie at equal distances, so that NumPy sees each of their matrices as one
3-D array, and a product of the whole stack is one call. In the wide activations (m, S) a network owns a block of columns,
padded to a multiple of `PAD` columns that stay zero: BLAS treats blocks of one to three columns differently depending on
what lies beside them. The rows that scale and shift the wide activations are gathered from the vector; gradients and moments
use the same layout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise
from math import prod
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from hpsearch.network.settings import NetworkSettings

Array: TypeAlias = "NDArray[Any]"

PAD = 4
"""Columns of a network's block in the wide arrays, and numbers of an array in a block of the vector, come in fours."""

FEWEST_OUTPUTS = 2
"""A single output has a neighbour that stays 0: products with one column or row round differently depending on company."""


def padded(count: int) -> int:
    """Round up to a multiple of `PAD`."""
    return -(-count // PAD) * PAD


def parameter_shapes(settings: NetworkSettings, features: int, outputs: int) -> dict[str, tuple[int, ...]]:
    """Return the shapes of a network's parameters by name, the matrices first.

    `weights_l` (fan_in, width) from layer 1 and `weights_out`; `gamma_l`, `beta_l` with batch norm, `bias_l` unless that
    stands before the activation, where beta does the work of a bias; `bias_out`.
    """
    sizes = [features, *settings.widths]
    shapes: dict[str, tuple[int, ...]] = {f"weights_{layer}": shape for layer, shape in enumerate(pairwise(sizes), 1)}
    shapes["weights_out"] = (sizes[-1], outputs)
    for layer, width in enumerate(settings.widths, 1):
        if settings.batch_norm != "off":
            shapes |= {f"gamma_{layer}": (width,), f"beta_{layer}": (width,)}
        if settings.batch_norm != "before":
            shapes[f"bias_{layer}"] = (width,)
    return {**shapes, "bias_out": (outputs,)}


@dataclass(frozen=True)
class Stack:
    """Neighbouring networks of one shape, activation and optimizer.

    `networks` are their places in the population, `columns[l]` what they take of layer l's wide array. Their blocks begin at
    `start` in the flat vector and have `size` numbers each, of which the first `matrices` are those of the weights;
    `places` says where each parameter begins in a block, and its padded shape.
    """

    settings: NetworkSettings
    networks: slice
    columns: tuple[slice, ...]
    start: int
    size: int
    matrices: int
    places: dict[str, tuple[int, tuple[int, ...]]]

    @property
    def count(self) -> int:
        """The number of networks."""
        return int(self.networks.stop - self.networks.start)

    def blocks(self, flat: Array) -> Array:
        """Return the view (networks, size) of the stack's part of a vector."""
        return flat[self.start : self.start + self.count * self.size].reshape(self.count, self.size, copy=False)

    def view(self, flat: Array, name: str) -> Array:
        """Return the view (networks, *padded shape) of one parameter."""
        start, shape = self.places[name]
        return self.blocks(flat)[:, start : start + prod(shape)].reshape(self.count, *shape, copy=False)

    def of_layer(self, wide: Array, layer: int) -> Array:
        """Return the view (networks, m, width) of the stack's columns of a wide array (m, S) of a layer."""
        block = wide[:, self.columns[layer]]
        return block.reshape(len(wide), self.count, -1, copy=False).transpose(1, 0, 2)


class Layout:
    """The places of K networks' numbers; `settings` are in the order of the population.

    `columns[l][k]` is the slice that network k's units take in layer l's wide array, padding included; `spans[l]` is the
    width S of that array; `live[l]` (S,) is 1 on units and 0 on padding. `size` is the length of a
    flat vector, whose last number is nobody's.
    """

    def __init__(self, settings: Sequence[NetworkSettings], features: int, outputs: int) -> None:
        self.settings = tuple(settings)
        self.features, self.outputs, self.padded_outputs = features, outputs, max(outputs, FEWEST_OUTPUTS)
        self.networks, self.depth = len(self.settings), len(self.settings[0].widths)
        self.columns, self.live = [], []
        for layer in range(self.depth):
            widths = [s.widths[layer] for s in self.settings]
            edges = [0, *accumulate(map(padded, widths))]
            self.columns.append([slice(a, b) for a, b in pairwise(edges)])
            live = np.zeros(edges[-1], np.float32)
            for width, columns in zip(widths, self.columns[-1], strict=True):
                live[columns.start : columns.start + width] = 1
            self.live.append(live)
        self.spans = [live.size for live in self.live]
        self.stacks: list[Stack] = []
        for _, members in groupby(range(self.networks), key=lambda k: kind(self.settings[k])):
            self.stacks.append(self._stack(list(members)))
        self.size = self.stacks[-1].start + self.stacks[-1].count * self.stacks[-1].size + 1

    def _stack(self, members: Sequence[int]) -> Stack:
        settings = self.settings[members[0]]
        shapes = parameter_shapes(settings, self.features, self.outputs)
        places, end, matrices = {}, 0, 0
        for name, shape in shapes.items():
            places[name] = (end, self._padded(name, shape))
            end += padded(prod(places[name][1]))
            matrices = end if len(shape) == 2 else matrices
        before = self.stacks[-1] if self.stacks else None
        return Stack(
            settings,
            slice(members[0], members[-1] + 1),
            tuple(slice(row[members[0]].start, row[members[-1]].stop) for row in self.columns),
            before.start + before.count * before.size if before else 0,
            end,
            matrices,
            places,
        )

    def _padded(self, name: str, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Pad all that counts units; the inputs stay as they are."""
        if name == "bias_out":
            return (self.padded_outputs,)
        rows = () if len(shape) == 1 else (shape[0] if name == "weights_1" else padded(shape[0]),)
        return (*rows, self.padded_outputs if name == "weights_out" else padded(shape[-1]))

    def sections(self) -> list[list[Stack]]:
        """Return the stacks of each placement of batch norm and each activation: neighbours in every wide array."""
        return [list(stacks) for _, stacks in groupby(self.stacks, key=lambda stack: _section(stack.settings))]

    def spread(self, numbers: Array, layer: int) -> Array:
        """Return the row (S,) in which each network's number (K,) stands on each of its columns of a layer."""
        return np.repeat(numbers, [c.stop - c.start for c in self.columns[layer]])

    def stack_of(self, network: int) -> Stack:
        """Return the stack that a network belongs to."""
        return next(stack for stack in self.stacks if stack.networks.start <= network < stack.networks.stop)

    def named(self, flat: Array, network: int) -> dict[str, Array]:
        """Return views of one network's parameters by name, without padding."""
        stack = self.stack_of(network)
        shapes = parameter_shapes(self.settings[network], self.features, self.outputs)
        return {
            name: stack.view(flat, name)[(network - stack.networks.start, *map(slice, shape))]
            for name, shape in shapes.items()
        }


def kind(settings: NetworkSettings) -> tuple[Any, ...]:
    """Return what networks of one stack have in common, and what a population is ordered by."""
    return *_section(settings), settings.optimizer, tuple(map(padded, settings.widths))


def _section(settings: NetworkSettings) -> tuple[str, str]:
    return settings.batch_norm, settings.activation


def columns_of(stacks: Sequence[Stack], layer: int) -> slice:
    """Return the columns of neighbouring stacks in a layer's wide array."""
    return slice(stacks[0].columns[layer].start, stacks[-1].columns[layer].stop)


class Parameters:
    """The parameters of a population, or their gradients, in one vector `flat`, and the rows of units gathered from it.

    The rows lie across the networks, as the wide activations do: `gammas[l]`, `betas[l]` and `biases[l]` are (S,), 0 where a
    network has no such parameter; `output_bias` is (K, outputs), outputs padded.
    """

    def __init__(self, layout: Layout, dtype: DTypeLike) -> None:
        self.flat = np.zeros(layout.size, dtype)
        nowhere = layout.size - 1  # the last number of a vector is nobody's
        places = np.arange(layout.size)
        index: list[NDArray[np.intp]] = []
        for layer in range(layout.depth):
            for name in (f"gamma_{layer + 1}", f"beta_{layer + 1}", f"bias_{layer + 1}"):
                row = np.full(layout.spans[layer], nowhere)
                for stack in layout.stacks:
                    if name in stack.places:
                        row[stack.columns[layer]] = stack.view(places, name).reshape(-1)
                index.append(row)
        edges = list(accumulate((row.size for row in index), initial=0))
        index += [stack.view(places, "bias_out").reshape(-1) for stack in layout.stacks]
        self._index = np.concatenate(index)
        self._rows = np.zeros(self._index.size, dtype)
        rows = [self._rows[a:b] for a, b in pairwise(edges)]
        self.gammas, self.betas, self.biases = rows[0::3], rows[1::3], rows[2::3]
        self.output_bias = self._rows[edges[-1] :].reshape(layout.networks, layout.padded_outputs)

    def gather(self) -> None:
        """Take the rows out of the vector."""
        self.flat.take(self._index, out=self._rows, mode="clip")  # any other mode buffers

    def scatter(self) -> None:
        """Put the rows into the vector."""
        self.flat[self._index] = self._rows
