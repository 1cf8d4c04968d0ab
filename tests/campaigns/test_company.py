"""Promise 4 on thousands of random populations: a network alone is the network in the crowd, bit for bit.

The shapes reach to where BLAS takes other kernels. Every other population is cut after its first epoch: each network then
goes on alone.
"""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest

from hpsearch.network.losses import Loss, SoftmaxCrossEntropy, SquaredError
from hpsearch.network.settings import Activation, BatchNorm, NetworkSettings, Optimizer, Schedule, Statistics
from hpsearch.network.training import Arrays, Examples, Member, Progress, Rows, advance
from hpsearch.seeds import Streams

CASES = 2000
EPOCHS = 3


def random_examples(draw: np.random.Generator) -> Examples:
    features, rows = int(draw.integers(1, 40)), int(draw.integers(8, 200))
    classes = int(draw.integers(2, 12)) if draw.random() < 0.7 else 0
    inputs = draw.standard_normal((rows, features)).astype(np.float32)
    targets = draw.integers(0, classes, rows) if classes else draw.standard_normal(rows).astype(np.float32)
    weights = draw.uniform(0.2, 1.8, rows).astype(np.float32) if draw.random() < 0.3 else None
    loss: Loss = SoftmaxCrossEntropy(classes) if classes else SquaredError(2.5)
    return Examples(Rows(inputs, targets, weights), Rows(inputs[: rows // 3], targets[: rows // 3]), loss)


def random_members(draw: np.random.Generator) -> list[Member]:
    """Return two to eight networks of one depth and batch size, some of them alike in shape and update."""
    depth, batch_size, networks = int(draw.integers(1, 4)), int(draw.integers(2, 131)), int(draw.integers(2, 9))
    largest = int(draw.choice([8, 40, 71]))

    def choose(*values: Any) -> Any:
        return values[draw.integers(len(values))]

    def kind() -> dict[str, Any]:
        return {
            "hidden_units": [int(width) for width in draw.integers(1, largest, depth)],
            "optimizer": choose(*get_args(Optimizer)),
            "batch_norm": choose(*get_args(BatchNorm)),
        }

    def settings(kind: dict[str, Any]) -> NetworkSettings:
        return NetworkSettings(
            epochs=EPOCHS,
            batch_size=batch_size,
            hidden_layers=depth,
            learning_rate=float(10 ** draw.uniform(-4, 1)),
            learning_rate_schedule=choose(*get_args(Schedule)),
            learning_rate_decay=choose(0.0, 0.1),
            warmup_epochs=choose(0, 0, 2),
            activation=choose(*get_args(Activation)),
            l2=choose(0.0, 1e-3),
            weight_decay=choose(0.0, 0.1),
            dropout=choose(0.0, 0.0, 0.3, 0.7),
            clip_norm=choose(0.0, 0.0, 0.01, 1.0),
            momentum=choose(0.5, 0.99),
            beta1=choose(0.9, 0.5),
            beta2=choose(0.999, 0.9),
            batch_norm_momentum=choose(0.0, 0.9, 0.99),
            batch_norm_statistics=choose(*get_args(Statistics)),
            **kind,
        )

    kinds = [kind() for _ in range(draw.integers(1, 5))]
    return [Member(settings(choose(*kinds)), key) for key in range(networks)]


def alone(member: Member, examples: Examples, streams: Streams, select_by: str, cut: Progress | None) -> Progress:
    """Train one network by itself, from the start or from where it was cut out of its company."""
    if cut is None:
        return advance([member], examples, streams, EPOCHS, select_by=select_by)[0]
    if cut.state is None:
        return cut
    member = Member(member.settings, member.key, cut.state)
    rest = advance([member], examples, streams, EPOCHS, select_by=select_by)[0]
    curves = {name: values + rest.curves[name] for name, values in cut.curves.items()}
    return Progress(rest.epochs_done, curves, rest.state, rest.diverged)


def bits(arrays: Arrays | None) -> dict[str, tuple[str, bytes]] | None:
    return None if arrays is None else {name: (str(array.dtype), array.tobytes()) for name, array in arrays.items()}


@pytest.mark.slow
def test_a_network_alone_is_the_network_in_the_crowd() -> None:
    draw = np.random.default_rng(1)
    survivors = 0
    for case in range(CASES):
        examples, members, streams = random_examples(draw), random_members(draw), Streams(case)
        select_by = str(draw.choice(examples.loss.curves))
        together = advance(members, examples, streams, EPOCHS, select_by=select_by)
        cuts = advance(members, examples, streams, 1, select_by=select_by) if case % 2 else [None] * len(members)
        for member, cut, result in zip(members, cuts, together, strict=True):
            found = alone(member, examples, streams, select_by, cut)
            assert (found.epochs_done, found.diverged) == (result.epochs_done, result.diverged), (case, member.settings)
            assert repr(found.curves) == repr(result.curves), (case, member.settings)
            assert bits(found.state) == bits(result.state), (case, member.settings)
            survivors += result.state is not None
    assert survivors > 2 * CASES
