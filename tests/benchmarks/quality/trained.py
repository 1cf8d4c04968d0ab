"""Objectives in which an observation is a training: scikit-learn's models on small data sets, one random split each.

The spaces are written as a user would. An observation trains on one split, drawn from its luck, and gives the error of the
rows that are left for it. The value without noise is the mean error over 25 splits of its own, kept for each row so that
regrets are cheap; no optimum is known, and the one on record is the least that a long search has seen. A training takes 1 to
15 ms on one core, and a value 25 times as long: whoever needs many thousand values takes other objectives.

scikit-learn is only imported to train. `models.py` has the models.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypeAlias
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from hpsearch.space.parameters import Choice, Domain, Whole
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.trial import Params, Value
from quality.objectives import Array, Objective

Model: TypeAlias = Callable[[Params, int], Any]
"""Takes the params and a seed, and returns what has `fit` and `predict`."""

SPLITS = 25
WORST = 1.5
"""The error of a training that comes to nothing, or to something worse: that of guessing is below it."""


@dataclass(frozen=True)
class Data:
    """Inputs (n, F) and targets (n,), and how many rows of a split are trained on and judged on.

    Targets that are whole numbers are classes, whose error is the share told wrong. Others are numbers; their error is the
    root of the mean square over that of guessing the mean.
    """

    inputs: Array
    targets: NDArray[Any]
    trained: int
    judged: int

    @property
    def has_classes(self) -> bool:
        """Whether the targets are classes."""
        return np.issubdtype(self.targets.dtype, np.integer)

    def error(self, model: Any, rng: np.random.Generator) -> float:
        """Train a model on rows drawn by `rng` and return its error on others, WORST at most."""
        order = rng.permutation(len(self.targets))[: self.trained + self.judged]
        train, judge = order[: self.trained], order[self.trained :]
        told = model.fit(self.inputs[train], self.targets[train]).predict(self.inputs[judge])
        if self.has_classes:
            return float((told != self.targets[judge]).mean())
        error = math.sqrt(((told - self.targets[judge]) ** 2).mean()) / float(self.targets.std())
        return min(error, WORST) if math.isfinite(error) else WORST


class TrainedModel(Objective):
    """A model and the data that it is trained on, both made when they are first needed."""

    is_cheap = False

    def __init__(
        self, name: str, entries: Mapping[str, Entry], model: Model, data: Callable[[], Data], floor: float
    ) -> None:
        self.name, self.space, self.floor = name, SearchSpace(entries), floor
        self._model, self._make_data = model, data
        self.version = _version()
        self._known: dict[str, float] = {}

    @cached_property
    def data(self) -> Data:
        """The rows."""
        return self._make_data()

    def values(self, rows: Array) -> Array:
        return np.array([self._value(self.params(row)) for row in rows.tolist()])

    def observe(self, params: Params, seed: int, count: int) -> float:
        return self._train(params, self.luck(seed, count))

    def params(self, row: list[float]) -> Params:
        """Return the params of a row (d,)."""
        pairs = zip(self.space.parameters, row, strict=True)
        return {p.name: _chosen(p.domain, number) for p, number in pairs if not math.isnan(number)}

    def _value(self, params: Params) -> float:
        key = repr(sorted(params.items()))
        if key not in self._known:
            name = crc32(self.name.encode())
            errors = [self._train(params, np.random.default_rng([name, split])) for split in range(SPLITS)]
            self._known[key] = float(np.mean(errors))
        return self._known[key]

    def _train(self, params: Params, rng: np.random.Generator) -> float:
        """Train on the split that `rng` draws, with what else is random from it too."""
        return self.data.error(self._model(params, int(rng.integers(2**31))), rng)


def _version() -> str:
    """Return the version of scikit-learn: another one may train otherwise."""
    try:
        return f"scikit-learn {version('scikit-learn')}"
    except PackageNotFoundError:
        return ""


def _chosen(domain: Domain, number: float) -> Value:
    """Return the value that a row has as a number."""
    if isinstance(domain, Choice):
        return domain.options[int(number)]
    return int(number) if isinstance(domain, Whole) else number
