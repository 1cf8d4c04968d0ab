"""K networks trained side by side: a step, predictions, and their states in and out.

A population is the only implementation of the network. Its members share depth, batch size, inputs and loss; all else may
differ. A member's state has neither padding nor traces of its company: it can go on in any other population.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from hpsearch.network.batchnorm import Statistics
from hpsearch.network.initializers import hidden_weights, output_weights
from hpsearch.network.layers import HiddenLayer, OutputLayer
from hpsearch.network.layout import Layout, Parameters, kind
from hpsearch.network.losses import Loss
from hpsearch.network.optimizers import WITH_AVERAGED_GRADIENT, WITH_AVERAGED_SQUARE, UpdateRule
from hpsearch.network.settings import NetworkSettings
from hpsearch.network.workspace import Memory, Workspace
from hpsearch.seeds import Purpose, Streams

Array: TypeAlias = "NDArray[np.floating]"
Arrays: TypeAlias = "Mapping[str, NDArray[np.floating]]"

BUFFER_NUMBERS = 1024


@contextmanager
def numpy_loops() -> Iterator[None]:
    """Set NumPy up for training: no warnings, because a network that diverges is a result, and small buffers.

    NumPy gathers rows that are shorter than its buffers before it works on them. That helps rows of a few dozen numbers, and
    makes passes over wide column slices four times slower: with the usual 8,192 numbers most of ours would be gathered.
    """
    with np.errstate(all="ignore"):  # restores the buffers' size as well
        np.setbufsize(BUFFER_NUMBERS)
        yield


class Population:
    """K networks of one depth and batch size; `settings` in the caller's order, which results keep.

    `features` is the number F of inputs, `rows` the largest number of rows of a mini-batch.
    """

    def __init__(
        self,
        settings: Sequence[NetworkSettings],
        features: int,
        loss: Loss,
        rows: int,
        dtype: DTypeLike = np.float32,
    ) -> None:
        if len({(len(s.widths), s.batch_size) for s in settings}) != 1:
            raise ValueError("the networks of a population share their depth and their batch size")
        self.settings, self.loss = tuple(settings), loss
        order = sorted(range(len(settings)), key=lambda k: kind(settings[k]))
        self._place: list[int] = np.argsort(order).tolist()
        self.layout = layout = Layout([settings[k] for k in order], features, loss.outputs)
        self._theta, self._gradient = theta, gradient = Parameters(layout, dtype), Parameters(layout, dtype)
        self._statistics = Statistics(layout, dtype)
        self._layers = [HiddenLayer(layout, index, theta, gradient, self._statistics) for index in range(layout.depth)]
        self._output = OutputLayer(layout, theta, gradient, loss)
        self._rule = UpdateRule(layout, theta, gradient)
        self._memory = Memory(layout, rows, dtype)
        self._workspaces: dict[int, Workspace] = {}
        self._dropout: list[tuple[int, int, np.random.Generator]] = []

    def initialise(self, streams: Streams, keys: Sequence[int]) -> None:
        """Draw the initial weights of each network from the stream (weights, its key, layer); all else starts neutral."""
        for network, key in enumerate(keys):
            arrays = self.layout.named(self._theta.flat, self._place[network])
            for layer in range(self.layout.depth):
                weights = arrays[f"weights_{layer + 1}"]
                weights[...] = hidden_weights(streams, key, layer, weights.shape)
                if f"gamma_{layer + 1}" in arrays:
                    arrays[f"gamma_{layer + 1}"][...] = 1
            weights = arrays["weights_out"]
            weights[...] = output_weights(streams, key, self.layout.depth, weights.shape)

    def start_epoch(self, streams: Streams, keys: Sequence[int], epoch: int) -> None:
        """Set up the dropout of an epoch, counted from 0, from the streams (dropout, key, epoch, layer)."""
        self._dropout = [
            (layer, self._place[network], streams.generator(Purpose.DROPOUT, key, epoch, layer))
            for network, key in enumerate(keys)
            if self.settings[network].dropout
            for layer in range(self.layout.depth)
        ]

    def rates(self, epoch: int, first_step: int, steps: int) -> Array:
        """Return the update rule's numbers for the steps of an epoch; `epoch` counts from 0, `first_step` from 1."""
        return self._rule.rates(epoch, first_step, steps)

    def step(
        self,
        inputs: Array,
        targets: NDArray[Any],
        rows: NDArray[np.intp],
        rates: Array,
        weights: Array | None = None,
    ) -> Array:
        """Train on one mini-batch; return what the loss keeps of each row, (K, m), for `mean_loss`.

        It is in the population's own order, and valid until the next step.

        `inputs` (n, F) and `targets` (n,) are the training set, `weights` (n,) multiply the rows' losses, `rows` (m,) are
        the mini-batch's; `rates` is one of those that the method of that name gives.
        """
        per_row = self.gradient(inputs, targets, rows, weights)
        self._statistics.update(len(rows) / self.settings[0].batch_size)
        self._rule.update(rates)
        return per_row

    def gradient(self, inputs: Array, targets: NDArray[Any], rows: NDArray[np.intp], weights: Array | None = None) -> Array:
        """Run one mini-batch forward and backward: leaves the gradient of the mean loss, without the l2 term."""
        work = self._workspace(len(rows))
        self._theta.gather()
        inputs.take(rows, axis=0, out=work.inputs, mode="clip")  # any other mode buffers
        self._draw_dropout(work)
        below: Sequence[Array] = [work.inputs] * len(self.layout.stacks)
        for layer, arrays in zip(self._layers, work.layers, strict=True):
            layer.forward(below, work)
            below = arrays.out_stacks
        self._output.forward(work.layers[-1].out_transposed, work)
        per_row = self._output.backward(targets[rows], None if weights is None else weights[rows], work)
        for index in reversed(range(1, self.layout.depth)):
            under = work.layers[index - 1]
            self._layers[index].backward(under.out_transposed, work, under.d_stacks)
        self._layers[0].backward([work.inputs.T] * len(self.layout.stacks), work, None)
        self._gradient.scatter()
        return per_row

    def mean_loss(self, per_row: Array, weights: Array | None = None) -> NDArray[np.float64]:
        """Return the mean loss (K,) of rows (K, n), from what `step` returned, each times its weight (n,)."""
        return self.loss.mean(per_row, weights)[self._place]

    def take_exact_statistics(self, inputs: Array) -> None:
        """Take the exact statistics of the networks that want them: one pass of the training set `inputs` (n, F)."""
        self._theta.gather()
        for network, settings in enumerate(self.layout.settings):
            if settings.batch_norm != "off" and settings.batch_norm_statistics == "exact":
                below = inputs
                for layer in self._layers:
                    below = layer.take_exact_statistics(network, below)

    def evaluate(self, inputs: Array, targets: NDArray[Any]) -> dict[str, NDArray[np.float64]]:
        """Return the loss's metrics at test time, each (K,)."""
        totals = np.zeros(1)
        with numpy_loops():
            for start, outputs in self._infer(inputs):
                totals = totals + self.loss.tally(outputs, targets[start : start + outputs.shape[2]])
        return {name: values[self._place] for name, values in self.loss.metrics(totals, targets).items()}

    def predict(self, inputs: Array) -> Array:
        """Return what the networks say at test time, (K, n, outputs): probabilities, or standardised values."""
        answers = np.empty((self.layout.networks, len(inputs), self.layout.outputs), self._theta.flat.dtype)
        with numpy_loops():
            for start, outputs in self._infer(inputs):
                answers[:, start : start + outputs.shape[2]] = self.loss.predictions(outputs)
        return answers[self._place]

    def state(self, network: int) -> dict[str, NDArray[np.floating]]:
        """Return a copy of all that a network needs to train on or to predict, by name, without padding.

        The parameters as `layout.parameter_shapes` names them; `mean_l`, `variance_l` of batch norm at test time; and, under
        `training/`, the running sums and the optimizer's moments.
        """
        training = {name: array.copy() for name, array in self._training(network).items()}
        return self.model(network) | training

    def model(self, network: int) -> dict[str, NDArray[np.floating]]:
        """Return a copy of what a network needs to predict: its state without what is under `training/`."""
        views = self.layout.named(self._theta.flat, self._place[network])
        views |= self._moments(network, self._statistics.at_test_time())
        return {name: array.copy() for name, array in views.items()}

    def restore(self, states: Sequence[Arrays]) -> None:
        """Put each network into a state that `state` gave, or `model`, after which it can predict, not train on.

        Raises ValueError when a state is that of another network.
        """
        for network, (place, state) in enumerate(zip(self._place, states, strict=True)):
            views = self.layout.named(self._theta.flat, place)
            views |= self._moments(network, self._statistics.exact)
            training = self._training(network)
            if any(name.startswith("training/") for name in state):
                views |= training
            else:
                self._statistics.weights[place] = 1
                for name, view in self._moments(network, self._statistics.sums).items():
                    view[...] = state[name]
            for name, view in views.items():
                if name not in state or state[name].shape != view.shape:
                    found = state[name].shape if name in state else "nothing"
                    raise ValueError(f"network {network}: its state should hold {name} of shape {view.shape}, not {found}")
                view[...] = state[name]

    def gradients(self, network: int) -> dict[str, Array]:
        """Return copies of the gradients that the last `gradient` left, named as in `state`."""
        views = self.layout.named(self._gradient.flat, self._place[network])
        return {name: view.copy() for name, view in views.items()}

    def _training(self, network: int) -> dict[str, Array]:
        """Return views of what a network needs to train on, besides its parameters."""
        place, optimizer = self._place[network], self.settings[network].optimizer
        views = {f"training/{name}": view for name, view in self._moments(network, self._statistics.sums).items()}
        if views:
            views["training/weight"] = self._statistics.weights[place : place + 1]
        for moment, vector, users in (
            ("gradient", self._rule.first, WITH_AVERAGED_GRADIENT),
            ("square", self._rule.second, WITH_AVERAGED_SQUARE),
        ):
            if optimizer in users:
                views |= {f"training/{moment}/{name}": v for name, v in self.layout.named(vector, place).items()}
        return views

    def _moments(self, network: int, vector: Array) -> dict[str, Array]:
        """Return views of one network's means and variances in a vector of the statistics; none without batch norm."""
        views: dict[str, Array] = {}
        if self.settings[network].batch_norm == "off":
            return views
        for layer, width in enumerate(self.settings[network].widths):
            start = self.layout.columns[layer][self._place[network]].start
            for name, row in zip(("mean", "variance"), self._statistics.of_layer(vector, layer), strict=True):
                views[f"{name}_{layer + 1}"] = row[start : start + width]
        return views

    def _draw_dropout(self, work: Workspace) -> None:
        """Draw which activations the mini-batch keeps; those are scaled up, so that their sum is expected to stay.

        Source: Srivastava et al. 2014, "Dropout", section 4; the course, week 1, "Dropout regularization", for inverting it:
        the scaling in training, none at test time.
        """
        for layer, place, generator in self._dropout:
            columns, settings = self.layout.columns[layer][place], self.layout.settings[place]
            mask = work.layers[layer].mask
            assert mask is not None
            width = settings.widths[layer]
            draws = self._memory.draws[: work.rows * width].reshape(work.rows, width)
            generator.random(out=draws, dtype=np.float32)
            own = mask[:, columns.start : columns.start + width]
            np.greater_equal(draws, settings.dropout, out=own)
            own *= mask.dtype.type(1 / (1 - settings.dropout))

    def _workspace(self, rows: int) -> Workspace:
        if rows not in self._workspaces:
            self._workspaces[rows] = Workspace(self._memory, self.loss, rows)
        return self._workspaces[rows]

    def _infer(self, inputs: Array) -> Iterator[tuple[int, Array]]:
        """Yield (first row, outputs (K, outputs, rows)) in chunks of the memory's rows; the outputs may be spent."""
        self._theta.gather()
        moments = self._statistics.at_test_time()
        rows = [layer.scale_and_shift(moments) for layer in self._layers]
        for start in range(0, len(inputs), self._memory.rows):
            chunk = inputs[start : start + self._memory.rows]
            work = self._workspace(len(chunk))
            below: Sequence[Array] = [chunk] * len(self.layout.stacks)
            for layer, arrays, (scale, shift) in zip(self._layers, work.layers, rows, strict=True):
                layer.infer(below, work, scale, shift)
                below = arrays.a_stacks
            self._output.forward(work.layers[-1].a_transposed, work)
            yield start, work.outputs
