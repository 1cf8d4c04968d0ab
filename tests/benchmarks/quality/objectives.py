"""Objectives of the search: what each offers, and the ones that are formulas.

An objective is minimised. It has a space like any study's, a noise-free value, by which a search is judged, and noisy
observations, which are all that a search sees. The noise of an observation belongs to objective, seed and count, not to the
point, so that methods with one seed meet the same luck.

Formulas take rows (n, d): a number as it is, the index of an option, NaN where a parameter is inactive. They need NumPy
only. Where optimum and median come from: see `make_references.py`.
"""

from __future__ import annotations

import json
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TypeAlias
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from hpsearch.space.parameters import Choice, Domain, Real, Whole
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.trial import Params

Array: TypeAlias = "NDArray[np.float64]"
Formula: TypeAlias = Callable[[Array], Array]

REFERENCES = Path(__file__).with_name("references.json")
UNIT = Real(0, 1)


def levels(count: int) -> Whole:
    """Return the domain of `count` levels in order, from 0."""
    return Whole(0, count - 1)


def options(count: int) -> Choice:
    """Return the domain of `count` options without an order."""
    return Choice([f"option {index}" for index in range(count)])


def space_of(domains: Sequence[Domain]) -> SearchSpace:
    """Return the space of the parameters x0, x1, ..., all active."""
    return SearchSpace({f"x{index}": Entry(domain) for index, domain in enumerate(domains)})


class Objective(ABC):
    """Something to minimise.

    `version` changes when its values do; `floor` is the least value that can be told from 0; `is_cheap` says whether many
    thousand values without noise are quickly computed.
    """

    name: str
    space: SearchSpace
    version: str = ""
    floor: float = 0.0
    is_cheap: bool = True

    @abstractmethod
    def values(self, rows: Array) -> Array:
        """Return the values (n,) without noise of rows (n, d)."""

    def deviations(self, values: Array) -> Array:
        """Return the standard deviations (n,) of the noise where the values are `values`; none unless overridden."""
        return np.zeros_like(values)

    @property
    def optimum(self) -> float:
        """The least value without noise."""
        return _references()[self.name]["optimum"]

    @property
    def median(self) -> float:
        """The median value without noise of points drawn from the whole space."""
        return _references()[self.name]["median"]

    def row(self, params: Params) -> list[float]:
        """Return params as numbers (d,)."""
        parameters = self.space.parameters
        return [_number(p.domain, params[p.name]) if p.name in params else math.nan for p in parameters]

    def rows(self, points: Array) -> Array:
        """Return points (n, d) of the unit cube as rows."""
        return np.array([self.row(self.space.decode(point)) for point in points.tolist()])

    def value(self, params: Params) -> float:
        """Return the value without noise."""
        return float(self.values(np.array([self.row(params)]))[0])

    def regret(self, params: Params) -> float:
        """Return how far a value without noise is from the optimum; 1 is a random point's median."""
        return (self.value(params) - self.optimum) / (self.median - self.optimum)

    def observe(self, params: Params, seed: int, count: int) -> float:
        """Return the noisy value that observation number `count` of a search with this seed sees."""
        value = self.values(np.array([self.row(params)]))
        return float(value[0] + self.deviations(value)[0] * self.luck(seed, count).standard_normal())

    def luck(self, seed: int, count: int) -> np.random.Generator:
        """Return the stream of an observation's noise."""
        return np.random.default_rng([crc32(self.name.encode()), seed, count])


def _number(domain: Domain, value: object) -> float:
    if isinstance(domain, Choice):
        return float(domain.options.index(value))
    assert isinstance(value, (int, float))
    return float(value)


@cache
def _references() -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = json.loads(REFERENCES.read_text())
    return found


class Classic(Objective):
    """A formula on the unit cube, with noise of one deviation."""

    def __init__(self, name: str, domains: Sequence[Domain], formula: Formula, noise: float = 0.0) -> None:
        self.name, self.space, self._formula, self._noise = name, space_of(domains), formula, noise

    def values(self, rows: Array) -> Array:
        return self._formula(rows)

    def deviations(self, values: Array) -> Array:
        return np.full_like(values, self._noise)


def branin(x: Array) -> Array:
    """Dixon and Szegö 1978, on [-5, 10] x [0, 15]; least 0.397887."""
    a, b = 15 * x[:, 0] - 5, 15 * x[:, 1]
    valley = b - 5.1 / (4 * math.pi**2) * a**2 + 5 / math.pi * a - 6
    return valley**2 + 10 * (1 - 1 / (8 * math.pi)) * np.cos(a) + 10


HARTMANN = np.array([1.0, 1.2, 3.0, 3.2])
HARTMANN6_A = np.array(
    [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
)
HARTMANN6_P = np.array(
    [
        [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
        [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
        [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650],
        [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
    ]
)
HARTMANN3_A = np.array([[3.0, 10, 30], [0.1, 10, 35], [3.0, 10, 30], [0.1, 10, 35]])
HARTMANN3_P = np.array(
    [[0.3689, 0.1170, 0.2673], [0.4699, 0.4387, 0.7470], [0.1091, 0.8732, 0.5547], [0.0381, 0.5743, 0.8828]]
)


def hartmann6(x: Array) -> Array:
    """Hartmann 1973, six dimensions; least -3.32237."""
    return _hartmann(x, HARTMANN6_A, HARTMANN6_P)


def hartmann3_among_ten(x: Array) -> Array:
    """Hartmann's function of three dimensions, the other seven inert; least -3.86278."""
    return _hartmann(x[:, [1, 4, 8]], HARTMANN3_A, HARTMANN3_P)


def _hartmann(x: Array, a: Array, p: Array) -> Array:
    found: Array = -(HARTMANN * np.exp(-(a * (x[:, None] - p) ** 2).sum(axis=2))).sum(axis=1)
    return found


ACKLEY_CENTRE = np.array([0.31, 0.72, 0.55, 0.18, 0.83])


def ackley5(x: Array) -> Array:
    """Ackley 1987 on a cube of edge 20, its least value 0 away from the middle."""
    z = 20 * (x - ACKLEY_CENTRE)
    bowl = -20 * np.exp(-0.2 * np.sqrt((z**2).mean(axis=1)))
    found: Array = 20 + math.e + bowl - np.exp(np.cos(2 * math.pi * z).mean(axis=1))
    return found


def rosenbrock4(x: Array) -> Array:
    """The logarithm of 1 + Rosenbrock's valley 1960, on [-2, 2]^4; least 0."""
    z = 4 * x - 2
    steps = 100 * (z[:, 1:] - z[:, :-1] ** 2) ** 2 + (1 - z[:, :-1]) ** 2
    found: Array = np.log1p(steps.sum(axis=1))
    return found


def levy8(x: Array) -> Array:
    """Levy's function (Laguna and Martí 2005) on [-10, 10]^8; least 0."""
    w = 1 + (20 * x - 11) / 4
    first, body, last = w[:, 0], w[:, :-1], w[:, -1]
    middle = ((body - 1) ** 2 * (1 + 10 * np.sin(math.pi * body + 1) ** 2)).sum(axis=1)
    found: Array = np.sin(math.pi * first) ** 2 + middle + (last - 1) ** 2 * (1 + np.sin(2 * math.pi * last) ** 2)
    return found


def michalewicz5(x: Array) -> Array:
    """Michalewicz 1992 with steepness 10 on [0, pi]^5; least -4.687658."""
    z = math.pi * x
    found: Array = -(np.sin(z) * np.sin(np.arange(1, 6) * z**2 / math.pi) ** 20).sum(axis=1)
    return found


class MlpSurface(Objective):
    """A formula shaped like the validation error of a small network.

    The rate that counts grows with the momentum and falls with the batch size; the best one depends on depth and width.
    Too low a rate underfits, too high a rate diverges; l2 and dropout regularise together. Parameters: log rate, averaging
    window of the momentum, batch size (6 levels), width (60), depth (4), log l2, dropout, activation (3); and inert ones.
    With `edge` the best rate lies at the end of its range; with `two_basins` one activation has a basin of its own.
    """

    def __init__(
        self,
        name: str,
        noise: tuple[float, float] = (0.003, 0.05),
        inert: Sequence[Domain] = (),
        *,
        edge: bool = False,
        two_basins: bool = False,
    ) -> None:
        self.name, self._noise, self._edge, self._two_basins = name, noise, edge, two_basins
        self.space = space_of([UNIT, UNIT, levels(6), levels(60), levels(4), UNIT, UNIT, options(3), *inert])

    def values(self, rows: Array) -> Array:
        activation = rows[:, 7].astype(int)
        window, batch = 0.3 + 2.7 * rows[:, 1], 4 + rows[:, 2]
        width, depth = 3 + (4 if self._edge else 6) * rows[:, 3] / 59, 1 + rows[:, 4]
        size = width + 1.2 * depth
        under, over = self._off_the_best_rate(rows, window, batch, width, depth)
        error = 0.03 + 0.05 * under**1.5 + 0.15 * over**2 + 0.1 * np.exp(-0.45 * (size - 5))
        penalty = np.log10(10 ** (-6 + 5 * rows[:, 5]) + 10 ** (-5 + 6 * 0.6 * rows[:, 6]))
        error += 0.010 * (penalty - (-4 + 0.35 * (size - 8))) ** 2
        error += 0.02 * np.maximum(window - 2.2, 0) ** 2 + 0.002 * (batch - 5) ** 2
        error += np.array([0, 0.008, 0.003])[activation]
        if self._two_basins:
            elsewhere = (activation != 1) & (under + over < 1)
            error += np.where(activation != 1, 0.03 * np.abs(rows[:, 1] - 0.25) / 0.25 - 0.02, 0) * elsewhere
        error += 0.9 / (1 + np.exp(-8 * (over - 1.5)))
        found: Array = 0.9 * (1 - np.exp(-error / 0.9))
        return found

    def _off_the_best_rate(
        self, rows: Array, window: Array, batch: Array, width: Array, depth: Array
    ) -> tuple[Array, Array]:
        """Return by how many powers of ten the rate that counts is too low, and too high."""
        low, high = (-5, -1.6) if self._edge else (-5, 0.5)
        rate = low + (high - low) * rows[:, 0] + 0.6 * window - 0.15 * (batch - 6)
        best = -0.3 - 0.15 * (depth - 1) - 0.1 * (width - 6)
        if self._two_basins:
            best = best + np.where(rows[:, 7] == 1, -1.2, 0)
        return np.maximum(best - rate, 0), np.maximum(rate - best, 0)

    def deviations(self, values: Array) -> Array:
        return self._noise[0] + self._noise[1] * np.clip(values, 0, 0.4)


class ValleySurface(Objective):
    """A network's error again, from other formulas: a narrow valley in three of nine parameters, the optimum off centre.

    What counts is the rate together with the decay, the penalty that the width asks for, and one option of four; two
    parameters count a little, and the others not at all.
    """

    name = "valley"
    space = space_of([UNIT, UNIT, UNIT, levels(8), options(4), UNIT, levels(12), UNIT, options(2)])

    def values(self, rows: Array) -> Array:
        rate, decay, penalty, width, option = rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3] / 7, rows[:, 4].astype(int)
        along, across = rate - 0.6 * decay - 0.15, penalty - 0.9 + 0.5 * width
        error = 0.04 + 0.5 * (1 - np.exp(-((along / 0.15) ** 2))) + 0.2 * np.abs(across) ** 1.5
        error += 0.06 * (decay - 0.7) ** 2 + 0.04 * (1 - width) ** 2 + np.array([0.03, 0, 0.015, 0.06])[option]
        return error + 0.01 * (rows[:, 5] - 0.2) ** 2

    def deviations(self, values: Array) -> Array:
        return 0.004 + 0.04 * np.clip(values, 0, 0.4)


class ConditionalSurface(Objective):
    """A mixed space with conditions: what counts depends on optimizer, schedule and the number of layers."""

    name = "conditional"
    space = SearchSpace(
        {
            "optimizer": Entry(Choice(["sgd", "momentum", "adam"])),
            "learning_rate": Entry(Real(1e-5, 1, "log")),
            "momentum": Entry(Real(0.5, 0.999, "1-beta"), when={"optimizer": ("momentum",)}),
            "beta2": Entry(Real(0.9, 0.9999, "1-beta"), when={"optimizer": ("adam",)}),
            "schedule": Entry(Choice(["none", "cosine", "inverse_time"])),
            "decay": Entry(UNIT, when={"schedule": ("inverse_time",)}),
            "hidden_layers": Entry(Whole(1, 3)),
            "hidden_units": Entry(Whole(8, 256, "log"), layers=3),
            "dropout": Entry(Real(0, 0.6)),
        }
    )

    def values(self, rows: Array) -> Array:
        optimizer, schedule, layers, dropout = rows[:, 0].astype(int), rows[:, 4].astype(int), rows[:, 6], rows[:, 10]
        with np.errstate(invalid="ignore"):
            window = np.where(optimizer == 1, -np.log10(1 - rows[:, 2]), 0.0)
            forgetting = np.where(optimizer == 2, (np.log10(1 - rows[:, 3]) + 2.6) ** 2, 0.0)
            decay = np.where(schedule == 2, rows[:, 5], 0.0)
        best = np.array([-0.8, -0.6, -2.4])[optimizer] - 0.7 * window + 0.5 * decay + 0.3 * (schedule == 1)
        off = np.log10(rows[:, 1]) - best
        error = 0.03 + 0.3 * (1 - np.exp(-(off**2) / np.where(off > 0, 1.5, 5.0)))
        error += np.array([0.03, 0.008, 0.0])[optimizer] + 0.01 * forgetting + 0.01 * (window - 1) ** 2 * (optimizer == 1)
        error += np.array([0.015, 0.0, 0.02])[schedule] + np.where(schedule == 2, 0.04 * (decay - 0.4) ** 2, 0.0)
        widths = np.nan_to_num(np.log2(rows[:, 7:10]))
        error += 0.06 * np.exp(-(widths.sum(axis=1) - 4) / 4) + 0.006 * (layers - 2) ** 2
        error += 0.15 * (dropout - 0.02 * np.maximum(widths.max(axis=1) - 4, 0) * layers) ** 2
        found: Array = error
        return found

    def deviations(self, values: Array) -> Array:
        return 0.004 + 0.04 * np.clip(values, 0, 0.4)
