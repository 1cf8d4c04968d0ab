"""Random rows and a crowd of networks that looks at them, with what the textbook says about both."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import pytest
from network_examples import make_population, random_targets, random_weights, trained
from numpy.typing import NDArray
from textbook import Params, cost, forward, numerical_gradient

from hpsearch.network.settings import NetworkSettings
from hpsearch.seeds import Purpose, Streams

STREAMS = Streams(21)
EPOCH = 3
"""Counted from 0; it is part of the name of dropout's streams."""


class MiniBatch:
    """Some of the 20 rows of a data set, and networks with random parameters, whose keys count from 5.

    `classes` is 0 for a regression.
    """

    def __init__(
        self, settings: Sequence[NetworkSettings], seed: int, classes: int, rows: int, weighted: bool = False
    ) -> None:
        rng = np.random.default_rng(seed)
        features = int(rng.integers(1, 6))
        self.settings = settings
        self.inputs, self.targets = rng.standard_normal((20, features)), random_targets(rng, 20, classes)
        self.weights = random_weights(rng, 20) if weighted else None
        self.rows = rng.permutation(20)[:rows]
        self.x, self.y = self.inputs[self.rows], self.targets[self.rows]
        self.population = make_population(settings, seed, features, classes)
        self.params: list[Params] = [trained(self.population.state(k)) for k in range(len(settings))]

    @property
    def row_weights(self) -> NDArray[np.floating] | None:
        """The weights of the mini-batch's rows."""
        return None if self.weights is None else self.weights[self.rows]

    def gradient(self) -> NDArray[np.floating]:
        """Run the mini-batch forward and backward as the first one of its epoch; return what the loss keeps."""
        self._start_epoch()
        return self.population.gradient(self.inputs, self.targets, self.rows, self.weights)

    def step(self) -> NDArray[np.floating]:
        """Take a step, the first one of the epoch; return what the loss keeps."""
        self._start_epoch()
        rates = self.population.rates(0, 1, 1)[0]
        return self.population.step(self.inputs, self.targets, self.rows, rates, self.weights)

    def _start_epoch(self) -> None:
        self.population.start_epoch(STREAMS, range(5, 5 + len(self.settings)), EPOCH)

    def kept(self, network: int) -> list[NDArray[np.bool_]]:
        """Return what dropout spares of each layer of a network in the epoch's first mini-batch."""
        settings = self.settings[network]
        return [
            STREAMS.generator(Purpose.DROPOUT, 5 + network, EPOCH, layer).random((len(self.rows), width), dtype=np.float32)
            >= settings.dropout
            for layer, width in enumerate(settings.widths)
        ]

    def cost(self, network: int, params: Params) -> float:
        """Return the textbook's cost of one network with other parameters."""
        outputs = forward(self.settings[network], params, self.x, kept=self.kept(network)).outputs
        return cost(outputs, self.y, self.row_weights)

    def assert_costs_and_gradients_match(self) -> None:
        """Hold the population against the textbook's costs and their central differences."""
        losses = self.population.mean_loss(self.gradient(), self.row_weights)
        for network, params in enumerate(self.params):
            self._assert_away_from_kinks(network)
            assert losses[network] == pytest.approx(self.cost(network, params), rel=1e-10)
            expected = numerical_gradient(partial(self.cost, network), params)
            gradients = self.population.gradients(network)
            assert list(gradients) == list(expected)
            for name, gradient in gradients.items():
                np.testing.assert_allclose(gradient, expected[name], rtol=1e-5, atol=1e-7, err_msg=name)

    def _assert_away_from_kinks(self, network: int) -> None:
        """A difference across a kink is no slope: the seeds are such that no unit stands on one."""
        if "relu" in self.settings[network].activation:
            before = forward(self.settings[network], self.params[network], self.x, kept=self.kept(network)).before
            assert min(np.abs(y).min() for y in before) > 1e-5
