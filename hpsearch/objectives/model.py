"""The winner as something to use: what `model.json` says of a network, and the network that it is read back into.

`describe` writes for a reader without this package: the formulas it gives are those of this very network, as NumPy. `Model`
predicts with the same population that trained. Finding the files of a run is the study's.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.dataset import Dataset
from hpsearch.data.messages import named
from hpsearch.data.preprocessing import Preprocessing
from hpsearch.data.readers import read_table
from hpsearch.data.table import Table, number_text
from hpsearch.errors import DataError, RecordError, UsageError
from hpsearch.network.activations import LEAK
from hpsearch.network.layout import parameter_shapes
from hpsearch.network.losses import SoftmaxCrossEntropy, SquaredError
from hpsearch.network.population import Population
from hpsearch.network.settings import CURVES, NetworkSettings

Arrays: TypeAlias = "Mapping[str, NDArray[Any]]"

FORMAT = 2

_KIND = "batch-norm network"
_ROWS_AT_ONCE = 4
"""Rows that pass through the network at once, always as many.

BLAS rounds a row by the shape of the product and by the row's place in it. Four rows, filled up with zeros, are one shape
and one block of its innermost loop, in which all places are alike: so a row's answer has the same bits in any company.
"""
_ABOUT = (
    "NumPy, one row per example. a = the encoded inputs (n, F); then for each layer l = 1, 2, ... the lines of `layer`, "
    "then those of `output`. Names ending in _l are arrays of layer l, weights_out and bias_out those of the output. "
    "Dropout does nothing at test time."
)
_ACTIVATIONS = {
    "relu": "a = maximum(z, 0)",
    "leaky_relu": f"a = maximum(z, {LEAK} * z)",
    "tanh": "a = tanh(z)",
    "sigmoid": "a = tanh(z / 2) / 2 + 0.5",
}
_SOFTMAX = (
    "z = a @ weights_out + bias_out",
    "z = exp(z - z.max(axis=1, keepdims=True))",
    "probabilities = z / z.sum(axis=1, keepdims=True)",
    "predicted = labels[argmax(probabilities, axis=1)]",
)
_LINEAR = ("z = a @ weights_out + bias_out", "predicted = float64(z[:, 0]) * target_deviation + target_mean")


def describe(settings: NetworkSettings, data: Dataset) -> dict[str, Any]:
    """Return what, beside its arrays, is needed to use a network trained on a data set: plain data, fit for JSON."""
    answers: dict[str, Any]
    if data.task == "regression":
        answers = {"target_mean": data.target_mean, "target_deviation": data.target_deviation}
    else:
        answers = {"labels": list(data.labels)}
    return {
        "format": FORMAT,
        "kind": _KIND,
        "task": data.task,
        "target": data.target,
        **answers,
        "computation": {
            "about": _ABOUT,
            "layer": _layer(settings),
            "output": list(_LINEAR if data.task == "regression" else _SOFTMAX),
        },
        "settings": asdict(settings),
        "inputs": data.preprocessing.to_plain(),
    }


def _layer(settings: NetworkSettings) -> list[str]:
    """Return the formulas of a hidden layer at test time."""
    activation = _ACTIVATIONS[settings.activation]
    if settings.batch_norm == "before":
        return ["z = a @ weights_l", _normalised("z", settings), activation]
    biased = ["z = a @ weights_l + bias_l", activation]
    return [*biased, _normalised("a", settings)] if settings.batch_norm == "after" else biased


def _normalised(name: str, settings: NetworkSettings) -> str:
    deviation = f"sqrt(variance_l + {settings.batch_norm_epsilon!r})"
    return f"{name} = gamma_l * ({name} - mean_l) / {deviation} + beta_l"


@dataclass(frozen=True, eq=False)
class Model:
    """A trained network with its preprocessing, ready for rows as they come; `hpsearch.load_model` makes one.

    `labels` (C,) are the classes in the order of the probabilities: numbers where all are numbers, else texts; none in
    regression. `target` is the column that is predicted. Any number of threads may use a model at once.
    """

    run: str
    trial: int
    task: str
    target: str
    labels: NDArray[Any]
    settings: NetworkSettings = field(repr=False)
    preprocessing: Preprocessing = field(repr=False)
    arrays: Arrays = field(repr=False)
    target_mean: float = field(default=0.0, repr=False)
    target_deviation: float = field(default=1.0, repr=False)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any], arrays: Arrays) -> Model:
        """Build from what `describe` gave, with `run` and `trial`; raises RecordError when that is not whole."""
        if plain.get("format") != FORMAT:
            raise RecordError(f"a model of format {plain.get('format')!r}; this hpsearch reads format {FORMAT}")
        try:
            model = cls(
                run=str(plain.get("run", "")),
                trial=int(plain.get("trial", 0)),
                task=_task(plain["task"]),
                target=plain["target"],
                labels=_typed(plain.get("labels", [])),
                settings=_settings(plain["settings"]),
                preprocessing=Preprocessing.from_plain(plain["inputs"]),
                arrays=dict(arrays),
                target_mean=float(plain.get("target_mean", 0.0)),
                target_deviation=float(plain.get("target_deviation", 1.0)),
            )
            _check(arrays, model._shapes)
        except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError, DataError) as error:
            raise RecordError(f"the model is damaged, or of another version: {error!r}") from error
        return model

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns that a row needs, in the order that arrays are read in."""
        return self.preprocessing.columns

    @property
    def label_texts(self) -> tuple[str, ...]:
        """The labels (C,) as the training data spelled them."""
        return tuple(map(_text, self.labels.tolist()))

    def predict(self, rows: Any) -> NDArray[Any]:
        """Return the label, or in regression the value in the target's own unit, of each row (n,).

        `rows` may be an array (n, columns), or (columns,) for one row, in the order of `columns`; a mapping from column
        to values (one row when they are scalars); a sequence of such mappings, one per row; a data frame; or the path of a
        .csv, .csv.gz or .npz file. Columns that the model does not know are ignored. Warns of categories that the training
        data did not have. Raises DataError when a column that is needed is not there, or holds what is no number where the
        training data had numbers.
        """
        return self.answers(self.outputs(self._noted(self.table(rows))))

    def probabilities(self, rows: Any) -> NDArray[np.float32]:
        """Return the probability of each label for each row (n, C), in the order of `labels`; `rows` as in `predict`.

        Raises UsageError in regression.
        """
        if self.task == "regression":
            raise UsageError(f"{named(self.target)} is a quantity: the model predicts its value and no probabilities")
        return self.outputs(self._noted(self.table(rows)))

    def table(self, rows: Any) -> Table:
        """Return rows, given as in `predict`, as a table."""
        if isinstance(rows, (str, os.PathLike)):
            return read_table(os.fspath(rows), self.preprocessing.missing_texts)
        return self.preprocessing.table_of(rows)

    def outputs(self, table: Table) -> NDArray[np.float32]:
        """Return the network's outputs for each row of a table: probabilities (n, C), or standardised values (n, 1).

        A row's outputs have the same bits alone and among others. Raises DataError where `encode` of the preprocessing
        does, and at the first row with numbers so large that the network overflows.
        """
        inputs = self.preprocessing.encode(table)
        if not len(inputs):
            return np.empty((0, self._loss.outputs), np.float32)
        outputs = np.asarray(self._population().predict(_filled_up(inputs))[0, : len(inputs)], np.float32)
        sound = np.isfinite(outputs).all(axis=1)
        if not sound.all():
            message = "the network overflows: numbers are too far from those of the training rows"
            raise table.fault(message, row=int(np.argmin(sound)))
        return outputs

    def answers(self, outputs: NDArray[np.float32]) -> NDArray[Any]:
        """Return what the network's outputs mean: a label or a value per row (n,)."""
        if self.task == "regression":
            return outputs[:, 0].astype(np.float64) * self.target_deviation + self.target_mean
        return np.asarray(self.labels[outputs.argmax(axis=1)])

    def _noted(self, table: Table) -> Table:
        for text in self.preprocessing.unseen(table):
            warnings.warn(text, stacklevel=3)
        return table

    @property
    def _loss(self) -> SoftmaxCrossEntropy | SquaredError:
        return SquaredError(self.target_deviation) if self.task == "regression" else SoftmaxCrossEntropy(len(self.labels))

    @property
    def _shapes(self) -> dict[str, tuple[int, ...]]:
        """The shapes of the arrays, by name."""
        shapes = parameter_shapes(self.settings, len(self.preprocessing.feature_names), self._loss.outputs)
        statistics = () if self.settings.batch_norm == "off" else ("mean", "variance")
        widths = enumerate(self.settings.widths, start=1)
        return shapes | {f"{name}_{layer}": (width,) for layer, width in widths for name in statistics}

    def _population(self) -> Population:
        # One per call: a population computes in buffers of its own, which two threads cannot share.
        population = Population([self.settings], len(self.preprocessing.feature_names), self._loss, _ROWS_AT_ONCE)
        population.restore([self.arrays])
        return population


def _filled_up(inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return inputs (n, F) followed by rows of zeros, up to a whole number of passes."""
    return np.pad(inputs, ((0, -len(inputs) % _ROWS_AT_ONCE), (0, 0)))


def _check(arrays: Arrays, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Raise ValueError unless there is an array of numbers of each shape."""
    for name, shape in shapes.items():
        if name not in arrays or arrays[name].shape != shape or arrays[name].dtype.kind != "f":
            found = f"{arrays[name].dtype} {arrays[name].shape}" if name in arrays else "nothing"
            raise ValueError(f"the array {name} should be numbers of shape {shape}, and is {found}")


def _task(task: str) -> str:
    if task not in CURVES:
        raise ValueError(f"the task {task!r}")
    return task


def _settings(plain: Mapping[str, Any]) -> NetworkSettings:
    """Build settings of which none is left to a default."""
    lacking = [field.name for field in fields(NetworkSettings) if field.name not in plain]
    if lacking:
        raise ValueError(f"the settings lack {', '.join(lacking)}")
    return NetworkSettings(**plain)


def _typed(texts: list[str]) -> NDArray[Any]:
    """Return labels as numbers when each number spells its label again, else as texts."""
    given = np.array(texts, dtype=np.str_)
    for kind in (np.int64, np.float64):
        with suppress(ValueError, OverflowError):
            numbers = given.astype(kind)
            if [_text(number) for number in numbers.tolist()] == texts:
                return numbers
    return given


def _text(label: float | str) -> str:
    return label if isinstance(label, str) else number_text(label)
