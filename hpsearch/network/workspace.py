"""Where a population's activations live: memory taken once, and the views of it that a mini-batch of m rows needs.

There is a `Workspace` for each number of rows, because the last mini-batch of an epoch and the chunks of an evaluation have
other sizes; all of them lie in the same `Memory`. The lists named `..._stacks` hold a view (networks, m, width) for each
stack of networks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from hpsearch.network.layout import Layout, Stack, columns_of
from hpsearch.network.losses import Loss

Array: TypeAlias = "NDArray[np.floating]"


class Memory:
    """The memory behind all workspaces of a population, for up to `rows` rows."""

    def __init__(self, layout: Layout, rows: int, dtype: DTypeLike) -> None:
        self.layout, self.rows, self.dtype = layout, rows, np.dtype(dtype)
        self.inputs = np.zeros(rows * layout.features, dtype)
        self.layers = [np.zeros((wide_arrays(layout), rows * span), dtype) for span in layout.spans]
        self.outputs = np.zeros(rows * layout.networks * layout.padded_outputs, dtype)
        self.after, self.drops = _needs(layout)
        if self.drops:
            for wide in self.layers:
                wide[-2] = 1  # networks without dropout keep all
        widest = max((max(s.widths) for s in layout.settings if s.dropout), default=0)
        self.draws = np.zeros(rows * widest, np.float32)


def wide_arrays(layout: Layout) -> int:
    """Return how many arrays (m, S) a layer of the population needs."""
    after, drops = _needs(layout)
    return 3 + after + 2 * drops


def _needs(layout: Layout) -> tuple[bool, bool]:
    """Return whether any network has batch norm after the activation, and whether any has dropout."""
    return any(s.batch_norm == "after" for s in layout.settings), any(s.dropout for s in layout.settings)


class LayerArrays:
    """One hidden layer's activations for m rows, each (m, S).

    z: what the product gave. a: the activations. d: the gradient with respect to a, then to z. centred: z, or what batch
    norm sees when it comes after the activation, less its mean. mask: what dropout multiplies a by, None without. out: what
    the next layer sees in training, a itself without dropout.
    """

    def __init__(self, memory: Memory, layer: int, rows: int) -> None:
        layout, span = memory.layout, memory.layout.spans[layer]
        wide = [flat[: rows * span].reshape(rows, span) for flat in memory.layers[layer]]
        self.z, self.a, self.d = wide[:3]
        self.centred = wide[3] if memory.after else self.z
        self.mask: Array | None = wide[-2] if memory.drops else None
        self.out = wide[-1] if memory.drops else self.a
        self.z_stacks, self.a_stacks, self.d_stacks, self.out_stacks = (
            [stack.of_layer(array, layer) for stack in layout.stacks] for array in (self.z, self.a, self.d, self.out)
        )
        self.out_transposed = [stack.transpose(0, 2, 1) for stack in self.out_stacks]
        self.a_transposed = [stack.transpose(0, 2, 1) for stack in self.a_stacks]
        self.sections = [SectionArrays(self, stacks, layer) for stacks in layout.sections()]


class SectionArrays:
    """The columns of a layer's arrays that belong to one section, (m, n) each."""

    def __init__(self, whole: LayerArrays, stacks: Sequence[Stack], layer: int) -> None:
        columns = columns_of(stacks, layer)
        self.z, self.a, self.d, self.centred = (wide[:, columns] for wide in (whole.z, whole.a, whole.d, whole.centred))


class Workspace:
    """All activations of a population for mini-batches of m rows.

    `padded_outputs` is (K, outputs, m), class-major, and `outputs` the part of it that is not padding.
    """

    def __init__(self, memory: Memory, loss: Loss, rows: int) -> None:
        layout = memory.layout
        networks, outputs = layout.networks, layout.padded_outputs
        self.rows = rows
        self.inputs = memory.inputs[: rows * layout.features].reshape(rows, -1)
        self.layers = [LayerArrays(memory, layer, rows) for layer in range(layout.depth)]
        self.padded_outputs = memory.outputs[: networks * outputs * rows].reshape(networks, outputs, rows)
        self.outputs = self.padded_outputs[:, : layout.outputs]
        self.output_stacks = [self.padded_outputs[stack.networks] for stack in layout.stacks]
        self.outputs_transposed = [stack.transpose(0, 2, 1) for stack in self.output_stacks]
        self.loss = loss.scratch(networks, rows, memory.dtype)
