"""K networks trained side by side: a step, predictions, and their states in and out.

A population is the only implementation of the network. Its members share depth, batch size, inputs and classes; all else
may differ. A member's state has neither padding nor traces of its company: it can go on in any other population.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from hpsearch.network.batchnorm import RunningAverages
from hpsearch.network.initializers import hidden_weights, output_weights
from hpsearch.network.layers import HiddenLayer, Memory, OutputLayer, Workspace
from hpsearch.network.layout import Layout, Vector
from hpsearch.network.losses import score
from hpsearch.network.optimizers import WITH_AVERAGED_GRADIENT, WITH_AVERAGED_SQUARE, UpdateRule
from hpsearch.network.settings import NetworkSettings
from hpsearch.seeds import Streams

Array: TypeAlias = "NDArray[np.floating]"
Arrays: TypeAlias = "Mapping[str, NDArray[np.floating]]"

CACHE_BYTES = 256 * 1024
LARGEST = 64

VIEWS_BYTES = 30_000
"""What the views and small arrays of one network take in Python, measured."""


def population_size(settings: NetworkSettings) -> int:
    """Return how many networks like this one train best side by side.

    The wide array of a mini-batch should stay in the second-level cache: K = 256 KB / (batch x widest layer x 4 B),
    between 1 and 64, was the fastest on every shape measured.
    """
    return max(1, min(LARGEST, CACHE_BYTES // (settings.batch_size * max(settings.widths) * 4)))


def parameter_count(settings: NetworkSettings, features: int, classes: int) -> int:
    """Return the number of trained parameters of one network."""
    sizes = [features, *settings.widths, classes]
    weights = sum(a * b for a, b in pairwise(sizes))
    vectors = 1 if settings.batch_norm == "off" else 2
    return weights + vectors * sum(settings.widths) + classes


def population_bytes(
    settings: Sequence[NetworkSettings], features: int, classes: int, batch_rows: int, epoch_rows: int
) -> int:
    """Predict the memory of a population in bytes, training and copying its states out, in float32.

    `batch_rows` are those of the largest mini-batch, `epoch_rows` those of the training set. Counted are eight vectors of
    parameters (theta, gradient, two moments, scratch, and three in the states), three activations, a mask and the inputs
    per row of a mini-batch, a probability per row of an epoch, and the views that Python keeps of each network.
    """
    layout = Layout([s.widths for s in settings], features, classes)
    networks, units = len(settings), sum(layout.spans)
    per_row = 4 * (features + 3 * units + 2 * networks * classes) + units
    return 4 * 8 * layout.size + batch_rows * per_row + 12 * networks * epoch_rows + VIEWS_BYTES * networks


class Population:
    """K networks of one depth and batch size; `settings` in the caller's order, which results keep.

    `rows` is the largest number of rows of a mini-batch.
    """

    def __init__(
        self,
        settings: Sequence[NetworkSettings],
        features: int,
        classes: int,
        rows: int,
        dtype: DTypeLike = np.float32,
    ) -> None:
        if len({(len(s.widths), s.batch_size) for s in settings}) != 1:
            raise ValueError("the networks of a population share their depth and their batch size")
        self.settings = tuple(settings)
        # Batch norm first and equal activations side by side: each kind is then one slice of columns.
        self._order = sorted(
            range(len(settings)),
            key=lambda k: (settings[k].batch_norm == "off", settings[k].activation),
        )
        self._place = np.argsort(self._order)
        ordered = [settings[k] for k in self._order]
        self.layout = Layout([s.widths for s in ordered], features, classes)
        self._theta, self._gradient = self.layout.vector(dtype), self.layout.vector(dtype)
        self._averages = RunningAverages(ordered, self.layout, dtype)
        self._layers = [
            HiddenLayer(ordered, self.layout, index, self._theta, self._gradient, self._averages)
            for index in range(self.layout.depth)
        ]
        self._output = OutputLayer(self._theta, self._gradient)
        self._rule = UpdateRule(ordered, self.layout, dtype)
        self._memory = Memory(self.layout, rows, dtype)
        self._workspaces: dict[int, Workspace] = {}

    def initialise(self, streams: Streams, keys: Sequence[int]) -> None:
        """Draw the initial weights of each network from the stream (weights, its key, layer); all else starts neutral."""
        for network, key in enumerate(keys):
            place = int(self._place[network])
            sizes = [self.layout.features, *self.layout.widths[place], self.layout.classes]
            for layer, shape in enumerate(pairwise(sizes)):
                draw = output_weights if layer == self.layout.depth else hidden_weights
                self._theta.matrices[layer][place][: shape[0], : shape[1]] = draw(streams, key, layer, shape)
        for gamma, live in zip(self._theta.gammas, self.layout.live, strict=True):
            gamma[:] = live

    def step(self, inputs: Array, targets: NDArray[np.int64], rows: NDArray[np.intp], rates: tuple[Array, Array]) -> Array:
        """Train on one mini-batch; return the probability given to the true class, (K, m).

        `inputs` (n, F) and `targets` (n,) are the training set, `rows` (m,) the mini-batch's rows; `rates` are the (K,)
        vectors that `rates` of this class gives for the step.
        """
        self.gradient(inputs, targets, rows)
        self._averages.update(len(rows) / self.settings[0].batch_size)
        self._rule.update(self._theta, self._gradient, *rates)
        return self._workspace(len(rows)).probability[self._place]

    def gradient(self, inputs: Array, targets: NDArray[np.int64], rows: NDArray[np.intp]) -> None:
        """Run one mini-batch forward and backward: leaves the gradient of the mean cross-entropy, without the l2 term."""
        work = self._workspace(len(rows))
        np.take(inputs, rows, axis=0, out=work.inputs, mode="clip")
        below: Sequence[Array] = [work.inputs] * self.layout.networks
        for layer, space in zip(self._layers, work.layers, strict=True):
            layer.forward(below, work)
            below = space.a_blocks
        self._output.forward(work)
        self._output.backward(targets[rows], work)
        for index in reversed(range(1, self.layout.depth)):
            under = work.layers[index - 1]
            self._layers[index].backward(under.a_transposed, work, under.d_blocks)
        self._layers[0].backward([work.inputs.T] * self.layout.networks, work, None)

    def rates(self, epoch: int, first_step: int, steps: int) -> list[tuple[Array, Array]]:
        """Return the update rule's numbers for the steps of an epoch; `epoch` counts from 0, `first_step` from 1."""
        return list(zip(*self._rule.rates(epoch, first_step, steps), strict=True))

    def evaluate(self, inputs: Array, targets: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the share of wrong answers and the mean cross-entropy of each network, (K,) each, at test time."""
        wrong = np.zeros(self.layout.networks)
        losses = np.zeros(self.layout.networks)
        for start, logits in self._infer(inputs):
            chunk_wrong, chunk_losses = score(logits, targets[start : start + logits.shape[2]])
            wrong += chunk_wrong
            losses += chunk_losses
        return (wrong / len(targets))[self._place], (losses / len(targets))[self._place]

    def probabilities(self, inputs: Array) -> Array:
        """Return the softmax outputs at test time, (K, n, C)."""
        chunks = []
        for _, logits in self._infer(inputs):
            scores = np.exp(logits - logits.max(axis=1, keepdims=True))
            chunks.append((scores / scores.sum(axis=1, keepdims=True)).transpose(0, 2, 1))
        return np.concatenate(chunks, axis=1)[self._place]

    def state(self, network: int) -> dict[str, NDArray[np.floating]]:
        """Return a copy of all that a network needs to train on or to predict, by name, without padding.

        `weights_l` (fan_in, width), `gamma_l`, `beta_l` (with batch norm) or `bias_l`, from layer 1; `weights_out`,
        `bias_out`; `mean_l`, `variance_l` the corrected averages; and, under `training/`, the moments and running sums.
        """
        place = int(self._place[network])
        state = self._named(self._theta, place)
        settings = self.settings[network]
        if settings.batch_norm != "off":
            for name, array in (("", self._averages.averages()), ("training/", self._averages.sums)):
                for layer in range(self.layout.depth):
                    mean, variance = self._averages.rows(array, layer)
                    state[f"{name}mean_{layer + 1}"] = self._units(mean, layer, place)
                    state[f"{name}variance_{layer + 1}"] = self._units(variance, layer, place)
            state["training/weight"] = self._averages.weights[place : place + 1]
        for moment, vector, users in self._moments():
            if settings.optimizer in users:
                state |= {f"training/{moment}/{name}": array for name, array in self._named(vector, place).items()}
        return {name: array.copy() for name, array in state.items()}

    def restore(self, states: Sequence[Arrays]) -> None:
        """Put each network into a state that `state` gave; one without its `training/` arrays can predict, not train on."""
        for network, state in zip(range(self.layout.networks), states, strict=True):
            place = int(self._place[network])
            settings = self.settings[network]
            for name, view in self._named(self._theta, place).items():
                view[...] = state[name]
            if settings.batch_norm != "off":
                self._restore_averages(place, state)
            for moment, vector, users in self._moments():
                if settings.optimizer in users and f"training/{moment}/bias_out" in state:
                    for name, view in self._named(vector, place).items():
                        view[...] = state[f"training/{moment}/{name}"]

    def _restore_averages(self, place: int, state: Arrays) -> None:
        trainable = "training/weight" in state
        for layer in range(self.layout.depth):
            rows = self._averages.rows(self._averages.sums, layer)
            for row, name in zip(rows, ("mean", "variance"), strict=True):
                self._units(row, layer, place)[...] = state[f"{'training/' if trainable else ''}{name}_{layer + 1}"]
        self._averages.weights[place] = state["training/weight"][0] if trainable else 1.0

    def gradients(self, network: int) -> dict[str, Array]:
        """Return copies of the gradients that the last `gradient` left, named as in `state`."""
        return {name: view.copy() for name, view in self._named(self._gradient, int(self._place[network])).items()}

    def _moments(self) -> tuple[tuple[str, Vector, frozenset[str]], ...]:
        return (
            ("gradient", self._rule.first, WITH_AVERAGED_GRADIENT),
            ("square", self._rule.second, WITH_AVERAGED_SQUARE),
        )

    def _named(self, vector: Vector, place: int) -> dict[str, Array]:
        """Return views of one network's numbers in a parameter-like vector, by name, without padding."""
        sizes = [self.layout.features, *self.layout.widths[place], self.layout.classes]
        norm = self.settings[self._order[place]].batch_norm != "off"
        views: dict[str, Array] = {}
        for layer in range(self.layout.depth):
            suffix = layer + 1
            views[f"weights_{suffix}"] = vector.matrices[layer][place][: sizes[layer], : sizes[layer + 1]]
            if norm:
                views[f"gamma_{suffix}"] = self._units(vector.gammas[layer], layer, place)
            views[f"beta_{suffix}" if norm else f"bias_{suffix}"] = self._units(vector.betas[layer], layer, place)
        views["weights_out"] = vector.matrices[-1][place][: sizes[-2]]
        views["bias_out"] = vector.bias[place]
        return views

    def _units(self, row: Array, layer: int, place: int) -> Array:
        start = self.layout.columns[layer][place].start
        return row[start : start + self.layout.widths[place][layer]]

    def _workspace(self, rows: int) -> Workspace:
        if rows not in self._workspaces:
            self._workspaces[rows] = Workspace(self._memory, rows)
        return self._workspaces[rows]

    def _infer(self, inputs: Array) -> Iterator[tuple[int, Array]]:
        """Yield (first row, logits (K, C, rows)) in chunks of the memory's rows; the logits are the caller's to spend."""
        averages = self._averages.averages()
        rows_of = [layer.test_time_rows(averages) for layer in self._layers]
        for start in range(0, len(inputs), self._memory.rows):
            chunk = inputs[start : start + self._memory.rows]
            work = self._workspace(len(chunk))
            below: Sequence[Array] = [chunk] * self.layout.networks
            for layer, space, rows in zip(self._layers, work.layers, rows_of, strict=True):
                layer.infer(below, work, rows)
                below = space.a_blocks
            self._output.forward(work)
            yield start, work.logits
