"""What a network is trained for: softmax with cross-entropy, or the squared error.

Outputs are class-major, (K, outputs, m): the vectorised passes then run along m. A loss keeps one number per row of a
mini-batch from its backward pass, from which `mean` makes the loss of an epoch; `tally` and `metrics` judge predictions.

Source: the course, week 3, "Softmax regression" and "Training a softmax classifier".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from hpsearch.network.settings import CURVES

Array: TypeAlias = "NDArray[np.floating]"
Totals: TypeAlias = "NDArray[np.float64]"

SMALLEST_PROBABILITY = float(np.finfo(np.float32).tiny)
"""A probability that underflowed counts as this in the training loss: 87.3 nats, not infinity."""


class Loss(Protocol):
    """A cost J, the mean over the rows of a mini-batch, and the metrics that go with it.

    `outputs` is the number of output units; `curves` names what is recorded of an epoch.
    """

    outputs: int
    curves: tuple[str, ...]

    def check(self, targets: NDArray[Any]) -> None:
        """Raise ValueError at targets that it cannot learn."""

    def scratch(self, networks: int, rows: int, dtype: DTypeLike) -> dict[str, NDArray[Any]]:
        """Return the scratch arrays that `backward` needs for mini-batches of so many rows."""

    def backward(self, outputs: Array, targets: NDArray[Any], scratch: Mapping[str, NDArray[Any]]) -> Array:
        """Turn outputs (K, outputs, m) into dJ/d(outputs), in place; return what is per_row of each row, (K, m)."""

    def mean(self, per_row: Array, weights: Array | None) -> Totals:
        """Return the mean loss (K,) of rows (K, n) that `backward` per_row, each times its weight (n,)."""

    def tally(self, outputs: Array, targets: NDArray[Any]) -> Totals:
        """Return the sums (K, T) over rows from which `metrics` follow; the outputs are spent."""

    def metrics(self, totals: Totals, targets: NDArray[Any]) -> dict[str, Totals]:
        """Return each metric (K,) from the tally of all rows, whose targets are given."""

    def predictions(self, outputs: Array) -> Array:
        """Return what the outputs (K, outputs, m) say, (K, m, outputs), in new memory."""


class SoftmaxCrossEntropy:
    """Softmax over C classes, J = -mean(log(probability of the true class)); targets are whole numbers from 0."""

    def __init__(self, classes: int) -> None:
        if classes < 2:
            raise ValueError(f"softmax needs 2 classes or more, not {classes}")
        self.outputs = classes
        self.curves = CURVES["classification"]

    def check(self, targets: NDArray[Any]) -> None:
        """Raise ValueError unless the targets are whole numbers from 0 to C - 1."""
        if targets.dtype.kind not in "iu" or targets.min() < 0 or targets.max() >= self.outputs:
            raise ValueError(f"targets of {self.outputs} classes are whole numbers from 0 to {self.outputs - 1}")

    def scratch(self, networks: int, rows: int, dtype: DTypeLike) -> dict[str, NDArray[Any]]:
        """Return the scratch arrays: two for each row, and where a row's class 0 lies in the flat outputs."""
        return {
            "of_all_classes": np.empty((networks, 1, rows), dtype),
            "per_row": np.empty((networks, rows), dtype),
            "truth": np.empty((networks, rows), np.intp),
            "first": np.arange(networks)[:, None] * self.outputs * rows + np.arange(rows),
        }

    def backward(self, outputs: Array, targets: NDArray[Any], scratch: Mapping[str, NDArray[Any]]) -> Array:
        """Turn logits into dJ/dz = (y_hat - y) / m; keep the probability given to the true class."""
        peak = total = scratch["of_all_classes"]
        per_row, truth = scratch["per_row"], scratch["truth"]
        rows = outputs.dtype.type(outputs.shape[-1])
        np.maximum.reduce(outputs, axis=1, out=peak, keepdims=True)
        outputs -= peak  # which leaves softmax as it is, and exp small
        np.exp(outputs, out=outputs)
        np.add.reduce(outputs, axis=1, out=total, keepdims=True)
        total *= rows
        outputs /= total  # y_hat / m: the mean over the batch rides on softmax's division
        np.add(scratch["first"], targets * outputs.shape[-1], out=truth)
        flat = outputs.reshape(-1)
        flat.take(truth, out=per_row, mode="clip")  # any other mode buffers
        flat[truth] = per_row - 1 / rows  # (y_hat - y) / m
        per_row *= rows
        return per_row

    def mean(self, per_row: Array, weights: Array | None) -> Totals:
        """Return the mean cross-entropy (K,)."""
        losses = np.log(np.maximum(per_row, SMALLEST_PROBABILITY))
        if weights is not None:
            losses *= weights
        return np.asarray(-losses.mean(axis=1, dtype=np.float64))

    def tally(self, outputs: Array, targets: NDArray[Any]) -> Totals:
        """Return the summed cross-entropy, and per class how often it was predicted rightly, and at all: (K, 1 + 2 C).

        A network whose logits are not finite has a loss that is not finite.
        """
        networks, classes, _ = outputs.shape
        predicted = outputs.argmax(axis=1) + np.arange(networks)[:, None] * classes
        right = predicted == targets + np.arange(networks)[:, None] * classes
        counts = [np.bincount(some, minlength=networks * classes) for some in (predicted[right], predicted.reshape(-1))]
        outputs -= outputs.max(axis=1, keepdims=True)
        truth = outputs[:, targets, np.arange(targets.size)]
        np.exp(outputs, out=outputs)
        losses = np.empty(truth.shape)  # in C order, whatever `truth` has: its rows are added up alike in any company
        np.subtract(np.log(outputs.sum(axis=1), dtype=np.float64), truth, out=losses)
        return np.concatenate([losses.sum(axis=1)[:, None], *(count.reshape(networks, -1) for count in counts)], axis=1)

    def metrics(self, totals: Totals, targets: NDArray[Any]) -> dict[str, Totals]:
        """Return the share of wrong rows, the mean cross-entropy, and macro F1.

        Macro F1 is the mean of F1 = 2 tp / (predicted + true) over the classes that occur, predicted or true.
        """
        right, predicted = totals[:, 1 : 1 + self.outputs], totals[:, 1 + self.outputs :]
        occurrences = predicted + np.bincount(targets, minlength=self.outputs)
        scores = np.divide(2 * right, occurrences, out=np.zeros_like(right), where=occurrences > 0)
        metrics = {
            "error": (len(targets) - right.sum(axis=1)) / len(targets),
            "loss": totals[:, 0] / len(targets),
            "macro_f1": scores.sum(axis=1) / (occurrences > 0).sum(axis=1),
        }
        # Logits that are no numbers predict class 0: a network that diverged has no metrics.
        return {name: np.where(np.isfinite(totals[:, 0]), values, np.nan) for name, values in metrics.items()}

    def predictions(self, outputs: Array) -> Array:
        """Return the probabilities (K, m, C)."""
        scores = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        return np.ascontiguousarray((scores / scores.sum(axis=1, keepdims=True)).transpose(0, 2, 1))


class SquaredError:
    """J = mean((y_hat - y)^2) / 2 on standardised targets; `deviation` is one unit of theirs in the target's own unit."""

    def __init__(self, deviation: float = 1.0) -> None:
        self.outputs = 1
        self.curves = CURVES["regression"]
        self._deviation = deviation

    def check(self, targets: NDArray[Any]) -> None:
        """Raise ValueError unless the targets are finite floating numbers."""
        if targets.dtype.kind != "f" or not np.isfinite(targets).all():
            raise ValueError("targets of regression are finite floating numbers")

    def scratch(self, networks: int, rows: int, dtype: DTypeLike) -> dict[str, NDArray[Any]]:
        """Return the scratch array, one number for each row."""
        return {"per_row": np.empty((networks, rows), dtype)}

    def backward(self, outputs: Array, targets: NDArray[Any], scratch: Mapping[str, NDArray[Any]]) -> Array:
        """Turn predictions into dJ/dz = (y_hat - y) / m; keep (y_hat - y)^2 / 2."""
        errors, per_row = outputs[:, 0], scratch["per_row"]
        errors -= targets
        np.multiply(errors, errors, out=per_row)
        per_row *= per_row.dtype.type(0.5)
        errors /= errors.dtype.type(errors.shape[-1])
        return per_row

    def mean(self, per_row: Array, weights: Array | None) -> Totals:
        """Return half the mean squared error (K,)."""
        losses = per_row if weights is None else per_row * weights
        return np.asarray(losses.mean(axis=1, dtype=np.float64))

    def tally(self, outputs: Array, targets: NDArray[Any]) -> Totals:
        """Return the sum of squared errors, (K, 1)."""
        return np.asarray(np.square(outputs[:, 0] - targets, dtype=np.float64).sum(axis=1, keepdims=True))

    def metrics(self, totals: Totals, targets: NDArray[Any]) -> dict[str, Totals]:
        """Return the root of the mean squared error in the target's unit, the loss J, and r2 = 1 - SSE / SST.

        SST is taken about the mean of the judged rows; without any spread there r2 is 1 for a perfect prediction, else 0.
        """
        squares = totals[:, 0]
        spread = float(np.square(targets - targets.mean(dtype=np.float64), dtype=np.float64).sum())
        explained = 1 - squares / spread if spread else (squares == 0).astype(np.float64)
        mean = squares / len(targets)
        return {"rmse": np.sqrt(mean) * self._deviation, "loss": mean / 2, "r2": explained}

    def predictions(self, outputs: Array) -> Array:
        """Return the standardised predictions (K, m, 1)."""
        return outputs.transpose(0, 2, 1).copy()
