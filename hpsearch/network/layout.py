"""Where each network's numbers lie in the arrays that a population shares.

One flat vector holds every parameter, so that an optimizer's pass is one NumPy call for all K networks:

    [ network 0: W_1 .. W_L, W_out | network 1: ... | ... ]  [ gamma_1 | beta_1 | ... | gamma_L | beta_L | b_out ]
      matrices, network by network                            vectors, layer by layer, all networks side by side

The second part lies layer by layer because the wide activations (m, S) do: `gamma * z` is then one call. Gradients and
moments use the same layout. Each network's block of columns is padded to a multiple of `PAD` columns that stay zero:
BLAS treats blocks of one to three columns differently depending on what lies beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array: TypeAlias = "NDArray[np.floating]"

PAD = 4
ALIGNMENT = 16
"""Matrices begin at multiples of 16 numbers (64 bytes in float32)."""


def padded(count: int, multiple: int = PAD) -> int:
    """Round up to a multiple."""
    return -(-count // multiple) * multiple


class Layout:
    """The places of K networks' parameters.

    `widths` holds the hidden widths of each network, (K, L); F inputs, C outputs. `columns[l][k]` is the slice that
    network k's units take in layer l's wide array, padding included, `spans[l]` the width S of that array; `live[l]` (S,)
    is 1 on units and 0 on padding.
    """

    def __init__(self, widths: Sequence[Sequence[int]], features: int, classes: int) -> None:
        self.widths = [tuple(row) for row in widths]
        self.features, self.classes = features, classes
        self.networks, self.depth = len(self.widths), len(self.widths[0])
        blocks = [[padded(width) for width in row] for row in self.widths]
        self.columns: list[list[slice]] = []
        self.live: list[NDArray[np.float32]] = []
        for layer in range(self.depth):
            edges = [0, *accumulate(row[layer] for row in blocks)]
            self.columns.append([slice(a, b) for a, b in pairwise(edges)])
            live = np.zeros(edges[-1], np.float32)
            for row, columns in zip(self.widths, self.columns[-1], strict=True):
                live[columns.start : columns.start + row[layer]] = 1
            self.live.append(live)
        self.spans = [live.size for live in self.live]

        self.shapes = [list(zip([features, *row], [*row, classes], strict=True)) for row in blocks]
        sizes = [[padded(rows * columns, ALIGNMENT) for rows, columns in shapes] for shapes in self.shapes]
        edges = [0, *accumulate(sum(row) for row in sizes)]
        self.network_slices = [slice(a, b) for a, b in pairwise(edges)]
        self._starts = [
            list(accumulate(row[:-1], initial=place.start)) for row, place in zip(sizes, self.network_slices, strict=True)
        ]
        self.shared = edges[-1]
        self.size = self.shared + 2 * sum(self.spans) + self.networks * classes

    def vector(self, dtype: DTypeLike) -> Vector:
        """Return a new vector of zeros."""
        return Vector(self, np.zeros(self.size, dtype))

    def matrix(self, flat: Array, layer: int, network: int) -> Array:
        """Return the view of one matrix (fan_in, fan_out), padded; layer L is the output layer."""
        rows, columns = self.shapes[network][layer]
        start = self._starts[network][layer]
        return flat[start : start + rows * columns].reshape(rows, columns)

    def owners(self) -> NDArray[np.intp]:
        """Return which network each number of the second part belongs to."""
        owner_rows = []
        for columns in self.columns:
            row = np.repeat(np.arange(self.networks), [c.stop - c.start for c in columns])
            owner_rows += [row, row]
        return np.concatenate([*owner_rows, np.repeat(np.arange(self.networks), self.classes)])


class Vector:
    """A vector of parameters, gradients or moments, with views of its parts.

    `matrices[l][k]` are (fan_in, fan_out) views, l = L for the output layer; `gammas[l]` and `betas[l]` (S,) rows;
    `bias` (K, C).
    """

    def __init__(self, layout: Layout, flat: Array) -> None:
        self.flat = flat
        self.parts = [flat[place] for place in layout.network_slices]
        self.shared = flat[layout.shared :]
        networks = range(layout.networks)
        self.matrices = [[layout.matrix(flat, layer, k) for k in networks] for layer in range(layout.depth + 1)]
        edges = list(accumulate((span for span in layout.spans for _ in "gb"), initial=layout.shared))
        rows = [flat[a:b] for a, b in pairwise(edges)]
        self.gammas, self.betas = rows[0::2], rows[1::2]
        self.bias = flat[edges[-1] :].reshape(layout.networks, layout.classes)


class PerNetwork:
    """One number per network, applied to every parameter it owns: `vector * number` and the like.

    When all K agree that is one call; otherwise one call for each network's matrices and one for the shared rows. Both
    give the same bits.
    """

    def __init__(self, layout: Layout, dtype: DTypeLike) -> None:
        self._owners = layout.owners()
        self._row = np.empty(self._owners.size, dtype)

    def apply(self, operation: Callable[..., Any], vector: Vector, numbers: Array, result: Vector) -> None:
        """Do `result = operation(vector, number of its network)`; `numbers` is (K,), `result` may be `vector`."""
        first = numbers[0]
        if (numbers == first).all():
            operation(vector.flat, first, out=result.flat)
            return
        for part, number, target in zip(vector.parts, numbers, result.parts, strict=True):
            operation(part, number, out=target)
        np.take(numbers, self._owners, out=self._row, mode="clip")
        operation(vector.shared, self._row, out=result.shared)
