"""Promise 4 on thousands of random populations: a network alone is the network in the crowd, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest

from hpsearch.network.settings import NetworkSettings
from hpsearch.network.training import Examples, Member, Rows, advance
from hpsearch.seeds import Streams

CASES = 2000
EPOCHS = 3


def random_examples(draw: np.random.Generator) -> Examples:
    features, classes, rows = (int(draw.integers(*bounds)) for bounds in ((1, 40), (2, 12), (8, 150)))
    inputs = draw.standard_normal((rows, features)).astype(np.float32)
    targets = draw.integers(0, classes, rows)
    return Examples(Rows(inputs, targets), Rows(inputs[: rows // 3], targets[: rows // 3]), classes)


def random_members(draw: np.random.Generator) -> list[Member]:
    depth, batch_size, networks = int(draw.integers(1, 4)), int(draw.integers(2, 100)), int(draw.integers(2, 9))
    largest = int(draw.choice([8, 40, 150]))

    def settings() -> NetworkSettings:
        choose = draw.choice
        return NetworkSettings(
            learning_rate=float(10 ** draw.uniform(-4, 1)),
            batch_size=batch_size,
            hidden_layers=depth,
            hidden_units=[int(width) for width in draw.integers(1, largest, depth)],
            optimizer=choose(np.array(["sgd", "momentum", "rmsprop", "adam"], dtype=object)),
            activation=choose(np.array(["relu", "leaky_relu", "tanh", "sigmoid"], dtype=object)),
            batch_norm=choose(np.array(["before", "off"], dtype=object)),
            l2=float(choose([0.0, 1e-3])),
            momentum=float(choose([0.5, 0.99])),
            beta1=float(choose([0.9, 0.5])),
            beta2=float(choose([0.999, 0.9])),
            batch_norm_momentum=float(choose([0.0, 0.9, 0.99])),
            learning_rate_decay=float(choose([0.0, 0.1])),
        )

    return [Member(settings(), key) for key in range(networks)]


@pytest.mark.slow
def test_a_network_alone_is_the_network_in_the_crowd() -> None:
    draw = np.random.default_rng(1)
    for case in range(CASES):
        examples, members = random_examples(draw), random_members(draw)
        together = advance(members, examples, Streams(case), 0, EPOCHS)
        for member, result in zip(members, together, strict=True):
            (alone,) = advance([member], examples, Streams(case), 0, EPOCHS)
            assert repr(alone.curves) == repr(result.curves), (case, member.settings)
            assert (alone.state is None) == (result.state is None)
            for name, array in (alone.state or {}).items():
                assert np.array_equal(array, (result.state or {})[name]), (case, name, member.settings)
