"""Surfaces fitted to real trainings, with a learning curve of 27 epochs at every point.

A surface is the mean of Gaussian processes, one for each principal component of the logits of the validation error over the
epochs. Its noise is that of trainings repeated with other seeds: a part that a training keeps, and one that moves on from
epoch to epoch, both in logits. `make_curves.py` trains, fits and writes the files; this file only reads them.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from hpsearch.space.parameters import Choice
from hpsearch.trial import Params
from quality.objectives import UNIT, Array, Objective, levels, options, space_of

HERE = Path(__file__).parent
EPOCHS = 27
ROWS_JUDGED = {"tumours": 369} | dict.fromkeys(("digits", "hard_digits", "parity", "spirals", "rare"), 719)
"""How many rows the errors of each data set are counted on."""

BATCH_SIZES = (16, 32, 64, 128, 256)
LAYERS = 4
OPTIMIZERS = ("momentum", "adam")
ACTIVATIONS = ("relu", "tanh", "leaky_relu")
OPTION = 0.7
"""The coordinate of a chosen option: two options lie nearly as far apart as the ends of a range."""

SPACE = space_of(
    [
        UNIT,
        UNIT,
        levels(len(BATCH_SIZES)),
        UNIT,
        levels(LAYERS),
        *[UNIT] * 4,
        options(len(OPTIMIZERS)),
        options(len(ACTIVATIONS)),
    ]
)
"""Learning rate, weight of the averaged gradient, batch size, width, depth, l2, dropout, decay, batch norm's momentum,
optimizer, activation: all as shares of their ranges, on their scales."""


def logit(errors: Array) -> Array:
    """Return log(e / (1 - e))."""
    found: Array = np.log(errors / (1 - errors))
    return found


def error_of(logits: Array) -> Array:
    """Return the inverse of the logit."""
    found: Array = 1 / (1 + np.exp(-logits))
    return found


def features(rows: Array) -> Array:
    """Return rows (n, 11) as coordinates (n, p) of about one length: levels at the middle of their part, options one-hot."""
    columns = []
    for values, parameter in zip(rows.T, SPACE.parameters, strict=True):
        count = parameter.domain.levels
        if count is None:
            columns.append(values[:, None])
        elif isinstance(parameter.domain, Choice):
            columns.append(OPTION * np.eye(count)[values.astype(int)])
        else:
            columns.append(((values + 0.5) / count)[:, None])
    return np.hstack(columns)


def matern(a: Array, b: Array, lengths: Array) -> Array:
    """Return the Matérn 5/2 kernel (n, m) of a (n, p) and b (m, p) with a lengthscale for each coordinate (p,)."""
    a, b = a / lengths, b / lengths
    squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T
    r = np.sqrt(5 * np.maximum(squares, 0))
    found: Array = (1 + r + r**2 / 3) * np.exp(-r)
    return found


class CurveSurface(Objective):
    """The validation error of batch-norm networks on a set of rows, as made by `make_curves.py`."""

    space = SPACE

    def __init__(self, dataset: str) -> None:
        file = HERE / f"curves_{dataset}.npz"
        self.name = f"curves {dataset}"
        self.floor = 0.5 / ROWS_JUDGED[dataset]
        self.version = hashlib.sha256(file.read_bytes()).hexdigest()[:8]
        with np.load(file) as arrays:
            self._fit = {name: arrays[name].astype(float) for name in arrays.files}
        self._features = features(self._fit["rows"])

    def curves(self, rows: Array) -> Array:
        """Return the validation errors without noise (n, 27) of rows (n, 11)."""
        return error_of(self._logits(rows))

    def values(self, rows: Array) -> Array:
        return self.curves(rows)[:, -1]

    def observe_curve(self, params: Params, seed: int, count: int) -> Array:
        """Return the validation error after each epoch (27,) of a training."""
        logits = self._logits(np.array([self.row(params)]))[0]
        return error_of(logits + self._fit["deviations"] * self._noise(self.luck(seed, count)))

    def observe(self, params: Params, seed: int, count: int) -> float:
        return float(self.observe_curve(params, seed, count)[-1])

    def _logits(self, rows: Array) -> Array:
        fit, at = self._fit, features(rows)
        found = np.repeat(fit["mean"][None], len(rows), axis=0)
        for lengths, weights, component in zip(fit["lengths"], fit["weights"], fit["components"], strict=True):
            found += np.outer(matern(at, self._features, lengths) @ weights, component)
        return found

    def _noise(self, luck: np.random.Generator) -> Array:
        """Return the noise of a training (27,) in units of its deviation at each epoch."""
        kept, persistence = float(self._fit["kept"]), float(self._fit["persistence"])
        whole, steps = luck.standard_normal(), luck.standard_normal(EPOCHS)
        moving = np.empty(EPOCHS)
        for epoch, step in enumerate(steps):
            moving[epoch] = step if epoch == 0 else persistence * moving[epoch - 1] + np.sqrt(1 - persistence**2) * step
        found: Array = np.sqrt(kept) * whole + np.sqrt(1 - kept) * moving
        return found
