"""The ways to train a batch-norm network that network_steps.py times side by side: relu, Adam, float32, one thread.

Each function returns a Contestant that counts steps of one network. Import this only after `machine.hold_one_thread`.

How the package is called stands in `hpsearch_networks` and nowhere else.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from machine import Contestant
from numpy.typing import NDArray

from hpsearch.network.losses import SoftmaxCrossEntropy
from hpsearch.network.population import Population, numpy_loops
from hpsearch.network.settings import NetworkSettings
from hpsearch.network.size import population_size
from hpsearch.network.training import mini_batches
from hpsearch.seeds import Purpose, Streams

if TYPE_CHECKING:
    import torch

Array: TypeAlias = "NDArray[np.float32]"

LEAST_ROWS = 2048


@dataclass(frozen=True)
class Problem:
    """Layer sizes, rows per mini-batch, and rows to learn: a whole number of mini-batches."""

    sizes: tuple[int, ...]
    batch_size: int
    inputs: Array
    targets: NDArray[np.int64]

    @classmethod
    def seeded(cls, sizes: Sequence[int], batch_size: int) -> Problem:
        """Draw rows whose classes follow the inputs, with noise."""
        rng = np.random.default_rng(0)
        rows = -(-LEAST_ROWS // batch_size) * batch_size
        inputs = rng.standard_normal((rows, sizes[0]), dtype=np.float32)
        scores = inputs @ rng.standard_normal((sizes[0], sizes[-1]), dtype=np.float32)
        scores += 0.5 * rng.standard_normal(scores.shape, dtype=np.float32)
        return cls(tuple(sizes), batch_size, inputs, scores.argmax(axis=1))

    @property
    def settings(self) -> NetworkSettings:
        """The settings of the shape's network."""
        widths = list(self.sizes[1:-1])
        return NetworkSettings(
            hidden_units=widths, hidden_layers=len(widths), batch_size=self.batch_size, optimizer="adam", activation="relu"
        )

    @property
    def steps(self) -> int:
        """The number of mini-batches of an epoch."""
        return len(self.inputs) // self.batch_size

    @property
    def picked(self) -> int:
        """The number of networks that the package puts side by side."""
        return population_size(self.settings, self.sizes[0], self.sizes[-1])


def alike(problem: Problem, networks: int) -> list[NetworkSettings]:
    """Return networks of the shape's own widths."""
    return [problem.settings] * networks


def of_random_widths(problem: Problem, networks: int, by_layer: bool = False) -> list[NetworkSettings]:
    """Return networks that are 0.5 to 1.5 times as wide as the shape: each as a whole, or each layer for itself."""
    rng = np.random.default_rng(networks)
    widths = np.array(problem.sizes[1:-1])
    factors = rng.uniform(0.5, 1.5, (networks, len(widths) if by_layer else 1))
    rows = np.maximum(1, np.rint(widths * factors).astype(int))
    return [replace(problem.settings, hidden_units=row.tolist()) for row in rows]


def as_in_a_search(settings: Sequence[NetworkSettings]) -> list[NetworkSettings]:
    """Give each network a learning rate and betas of its own."""
    rng = np.random.default_rng(len(settings))
    return [
        replace(
            s,
            learning_rate=float(10 ** rng.uniform(-4, -2)),
            beta1=float(rng.uniform(0.8, 0.98)),
            beta2=float(rng.uniform(0.98, 0.999)),
        )
        for s in settings
    ]


def hpsearch_networks(name: str, problem: Problem, settings: Sequence[NetworkSettings]) -> Contestant:
    """Train a population as the package does, epoch after epoch, its training losses included; nothing is judged."""
    inputs, targets = problem.inputs, problem.targets
    population = Population(settings, problem.sizes[0], SoftmaxCrossEntropy(problem.sizes[-1]), problem.batch_size)
    streams, keys = Streams(0), range(len(settings))
    population.initialise(streams, keys)
    per_row = np.empty((len(settings), len(targets)), np.float32)
    batches = mini_batches(len(targets), problem.batch_size)

    def steps() -> Iterator[None]:
        for epoch in itertools.count():
            order = streams.generator(Purpose.BATCHES, epoch).permutation(len(targets))
            rates = population.rates(epoch, epoch * len(batches) + 1, len(batches))
            population.start_epoch(streams, keys, epoch)
            for batch, rate in zip(batches, rates, strict=True):
                per_row[:, batch] = population.step(inputs, targets, order[batch], rate)
                yield
            population.mean_loss(per_row)

    endless = steps()

    def run(n: int) -> None:
        with numpy_loops():
            _take(endless, n)

    return Contestant(name, run, len(settings))


def one_after_another(name: str, problem: Problem, settings: Sequence[NetworkSettings]) -> Contestant:
    """Train the same networks as a population would, each by itself."""
    alone = [hpsearch_networks("", problem, [s]) for s in settings]

    def run(n: int) -> None:
        for network in alone:
            network.run(n)

    return Contestant(name, run, len(settings))


def matrix_products(name: str, problem: Problem, settings: Sequence[NetworkSettings]) -> Contestant:
    """Multiply the matrices of a step and do nothing else, network after network.

    Forward, the gradients of the weights, and those of the activations below all layers but the first.
    """
    rng, m = np.random.default_rng(0), problem.batch_size
    triples: list[tuple[Array, Array, Array]] = []
    for s in settings:
        sizes = (problem.sizes[0], *s.widths, problem.sizes[-1])
        a = [rng.standard_normal((m, width), dtype=np.float32) for width in sizes]
        d = [rng.standard_normal((m, width), dtype=np.float32) for width in sizes]
        w = [rng.standard_normal(shape, dtype=np.float32) * np.float32(0.01) for shape in pairwise(sizes)]
        gradients = [np.empty_like(matrix) for matrix in w]
        layers = range(len(w))
        triples += [(a[layer], w[layer], a[layer + 1]) for layer in layers]
        for layer in reversed(layers):
            triples.append((a[layer].T, d[layer + 1], gradients[layer]))
            if layer:
                triples.append((d[layer + 1], w[layer].T, d[layer]))

    return Contestant(name, lambda n: _multiply(triples, n), len(settings))


def stacked_products(name: str, problem: Problem, networks: int) -> Contestant:
    """The same products for networks of equal widths, one call for all networks."""
    rng, m, sizes = np.random.default_rng(0), problem.batch_size, problem.sizes
    x = rng.standard_normal((m, sizes[0]), dtype=np.float32)
    a = [x, *(rng.standard_normal((networks, m, width), dtype=np.float32) for width in sizes[1:])]
    d = [np.empty_like(activations) for activations in a]
    w = [rng.standard_normal((networks, *shape), dtype=np.float32) * np.float32(0.01) for shape in pairwise(sizes)]
    gradients = [np.empty_like(matrices) for matrices in w]
    d[-1] = a[-1].copy()
    triples = [(a[layer], w[layer], a[layer + 1]) for layer in range(len(w))]
    for layer in reversed(range(len(w))):
        triples.append((a[layer].swapaxes(-1, -2), d[layer + 1], gradients[layer]))
        if layer:
            triples.append((d[layer + 1], w[layer].swapaxes(-1, -2), d[layer]))
    return Contestant(name, lambda n: _multiply(triples, n), networks)


def pytorch_usual(name: str, problem: Problem) -> Contestant:
    """The loop of the tutorials: a DataLoader that shuffles, Adam as it comes, the loss read at every step."""
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    model, loss_function = pytorch_network(problem.sizes), torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters())
    rows = TensorDataset(torch.from_numpy(problem.inputs), torch.from_numpy(problem.targets))
    loader = DataLoader(rows, batch_size=problem.batch_size, shuffle=True)

    def steps() -> Iterator[None]:
        total = 0.0
        for inputs, targets in itertools.chain.from_iterable(itertools.repeat(loader)):
            optimizer.zero_grad()
            loss = loss_function(model(inputs), targets)
            loss.backward()
            optimizer.step()
            total += loss.item()
            yield

    endless = steps()
    return Contestant(name, lambda n: _take(endless, n))


def pytorch_fast(name: str, problem: Problem) -> Contestant:
    """What somebody writes who knows PyTorch: fused Adam, mini-batches taken by index, no loss read."""
    import torch

    model, loss_function = pytorch_network(problem.sizes), torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    inputs, targets = torch.from_numpy(problem.inputs), torch.from_numpy(problem.targets)

    def steps() -> Iterator[None]:
        while True:
            for rows in torch.randperm(len(targets)).split(problem.batch_size):
                optimizer.zero_grad()
                loss_function(model(inputs[rows]), targets[rows]).backward()
                optimizer.step()
                yield

    endless = steps()
    return Contestant(name, lambda n: _take(endless, n))


def pytorch_network(sizes: Sequence[int]) -> torch.nn.Sequential:
    """Return the network as PyTorch modules, on one thread."""
    import torch

    torch.set_num_threads(1)
    modules: list[torch.nn.Module] = []
    for fan_in, width in pairwise(sizes[:-1]):
        modules += [torch.nn.Linear(fan_in, width, bias=False), torch.nn.BatchNorm1d(width), torch.nn.ReLU()]
    return torch.nn.Sequential(*modules, torch.nn.Linear(sizes[-2], sizes[-1]))


def scikit_learn(name: str, problem: Problem) -> Contestant:
    """MLPClassifier, which has no batch norm: the same layers with biases, so it does less."""
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier(problem.sizes[1:-1], batch_size=problem.batch_size, alpha=0.0, random_state=0)
    model.partial_fit(problem.inputs, problem.targets, classes=range(problem.sizes[-1]))

    def run(n: int) -> None:
        for _ in range(n):
            model.partial_fit(problem.inputs, problem.targets)

    return Contestant(name, run, problem.steps)


def jax_population(name: str, problem: Problem, networks: int) -> Contestant:
    """Compile an epoch of steps with XLA, vectorised over the networks, each with its own learning rate and betas."""
    from jax_network import trainer

    rng = np.random.default_rng(0)
    hyperparameters = [(s.learning_rate, s.beta1, s.beta2) for s in as_in_a_search(alike(problem, networks))]
    train = trainer(problem.sizes, problem.inputs, problem.targets, np.array(hyperparameters, np.float32))

    def run(n: int) -> None:
        for _ in range(n):
            train(rng.permutation(len(problem.targets)).reshape(problem.steps, problem.batch_size))

    return Contestant(name, run, networks * problem.steps)


def _multiply(triples: Sequence[tuple[Array, Array, Array]], n: int) -> None:
    for _ in range(n):
        for left, right, result in triples:
            np.matmul(left, right, out=result)


def _take(steps: Iterator[None], n: int) -> None:
    for _ in itertools.islice(steps, n):
        pass
