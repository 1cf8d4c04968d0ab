"""How large a population may be, and what it takes: networks side by side, parameters, bytes."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from hpsearch.network.layout import Layout, kind, padded, parameter_shapes
from hpsearch.network.optimizers import WITH_AVERAGED_GRADIENT, WITH_AVERAGED_SQUARE
from hpsearch.network.settings import NetworkSettings
from hpsearch.network.workspace import wide_arrays

CACHE_BYTES = 256 * 1024
MOST_NETWORKS = 64
MOST_PARAMETERS = 400_000

PRODUCTS = 3
"""The matrix products of a layer in a step: forward, dJ/dW, dJ/da."""

PASS_PRICE = 2e5
"""What the passes over a layer cost a mini-batch, in multiplications: roughly those over 32 units and 32 rows."""

VIEWS_BYTES = 6_000
"""What Python keeps of one network's, or one stack's, part of a layer: views and small arrays, measured."""


def population_size(settings: NetworkSettings, features: int, outputs: int) -> int:
    """Return how many networks like this one train best side by side, measured.

    The wide array of a mini-batch should stay in the second-level cache, 256 KB / (batch x widest layer x 4 B), and the
    optimizer's five vectors of all networks in the third: 400,000 parameters are 8 MB. Between 1 and 64.
    """
    by_batch = CACHE_BYTES // (settings.batch_size * max(settings.widths) * 4)
    by_parameters = MOST_PARAMETERS // parameter_count(settings, features, outputs)
    return max(1, min(MOST_NETWORKS, by_batch, by_parameters))


def parameter_count(settings: NetworkSettings, features: int, outputs: int) -> int:
    """Return the number of trained parameters of one network."""
    return sum(map(prod, parameter_shapes(settings, features, outputs).values()))


def epoch_cost(settings: NetworkSettings, features: int, outputs: int, rows: int) -> float:
    """Return an epoch's multiplications over so many rows, with a fixed price per mini-batch and layer for the passes."""
    steps = rows / settings.batch_size
    return PRODUCTS * rows * parameter_count(settings, features, outputs) + PASS_PRICE * steps * len(settings.widths)


def population_bytes(
    settings: Sequence[NetworkSettings], features: int, outputs: int, batch_rows: int, epoch_rows: int, *, best: bool = False
) -> int:
    """Predict the memory of a population in bytes, training and copying its states out, in float32.

    `batch_rows` are those of the largest mini-batch, `epoch_rows` those of the training set; `best` says that the arrays of
    the best epoch are kept. Counted are five vectors of parameters (theta, gradient, two moments, scratch), the states that
    are given and those that are returned, the activations and the inputs per row of a mini-batch, the losses per row and the
    rates per step of an epoch, the passes of exact statistics, and what Python keeps of layers, stacks, networks.
    """
    layout = Layout(sorted(settings, key=kind), features, outputs)
    networks = len(settings)
    states = sum(stack.count * stack.size * _vectors_of_state(stack.settings, best) for stack in layout.stacks)
    per_row = features + wide_arrays(layout) * sum(layout.spans) + 2 * networks * layout.padded_outputs
    dropped = max((max(s.widths) for s in settings if s.dropout), default=0)
    exact = [max(s.widths) for s in settings if s.batch_norm_statistics == "exact"]
    passes = 4 * epoch_rows * padded(max(exact, default=0))
    steps = epoch_rows // settings[0].batch_size + 1
    per_step = 3 * networks + 56  # the rates, what they are made from, and Python's slice of the rows
    numbers = 5 * layout.size + 2 * states + batch_rows * (per_row + dropped) + passes
    numbers += 3 * networks * epoch_rows + per_step * steps
    return 4 * numbers + VIEWS_BYTES * layout.depth * (2 + len(layout.stacks) + networks)


def _vectors_of_state(settings: NetworkSettings, best: bool) -> int:
    """Return how many numbers a state has for each parameter."""
    return 1 + (settings.optimizer in WITH_AVERAGED_GRADIENT) + (settings.optimizer in WITH_AVERAGED_SQUARE) + best
