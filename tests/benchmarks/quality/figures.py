"""What is no contest: a search in pure noise, for an optimum in a corner, its own price, and what confirmation gains."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hpsearch.search.plan import Decision, Plan
from hpsearch.search.settings import EarlyStopping, SearchSettings
from hpsearch.search.strategy import Search, search
from hpsearch.seeds import Streams
from hpsearch.trial import History, Params, leaders
from quality import own
from quality.curves import EPOCHS
from quality.objectives import UNIT, Array, Classic, Objective, options, space_of

CONFIRMED = {
    "network",
    "network, six inert, noisy",
    "mlp segment",
    "mlp vehicle",
    "mlp kc1",
    "mlp australian",
    "fcnet protein_structure",
    "curves digits",
    "curves hard_digits",
}
"""The noisy ones of the tuned half."""

LEADERS, FRESH = 5, 3
FRESH_FROM = 1_000_000
"""The count of the first observation that confirms."""

UNIFORM_DEVIATION = math.sqrt(1 / 12)


@dataclass(frozen=True)
class Mean:
    """A mean and its standard error."""

    value: float
    error: float

    def __str__(self) -> str:
        return f"{self.value:.4f} +- {self.error:.4f}"


def mean_of(values: Sequence[float]) -> Mean:
    """Return the mean of values, two or more."""
    return Mean(float(np.mean(values)), float(np.std(values, ddof=1)) / math.sqrt(len(values)))


def nothing(x: Array) -> Array:
    """Nothing to find."""
    return np.zeros(len(x))


def corner(x: Array) -> Array:
    """The optimum in a corner of the first three coordinates; the others are inert."""
    found: Array = 2.2 * ((x[:, :3] - np.array([1.0, 0.0, 1.0])) ** 2).mean(axis=1)
    return found


def spread_in_noise(seeds: int) -> Mean:
    """Return the deviation of the last 30 of 100 trials in the continuous coordinates, that of uniform points being 1."""
    objective = Classic("noise", [*[UNIT] * 5, options(3)], nothing, noise=1.0)
    spreads = []
    for seed in range(seeds):
        history = own.history_of(objective, "coarse-to-fine", seed, 100)
        points = np.array([record.trial.point[:5] for record in history.values()])
        spreads.append(float(points[-30:].std(axis=0).mean() / UNIFORM_DEVIATION))
    return mean_of(spreads)


def median_in_corner(seeds: int) -> float:
    """Return the median, over seeds, of the value without noise after 60 trials with noise 0.1; the far corner has 2.2."""
    objective = Classic("corner", [UNIT] * 6, corner, noise=0.1)
    found = []
    for seed in range(seeds):
        best = leaders(own.history_of(objective, "coarse-to-fine", seed, 60).values())[0]
        found.append(objective.value(best.trial.params))
    return float(np.median(found))


def own_seconds(trials: int, stopping: bool) -> list[float]:
    """Return the seconds of each decision of a search of so many trials in 10 dimensions: 8 numbers, 2 choices."""
    space = space_of([*[UNIT] * 8, options(2), options(4)])
    settings = SearchSettings(trials=trials, early_stopping=EarlyStopping() if stopping else "off")
    epochs = EPOCHS if stopping else 1
    clocked = _Clocked(search(settings, space, Streams(0), epochs))

    def training(params: Params, _: int) -> list[float]:
        distance = sum((value - 0.3) ** 2 for value in params.values() if isinstance(value, float))
        return [1 + distance] * epochs

    own.drive(clocked, epochs, training)
    return clocked.seconds


class _Clocked:
    """A search with a clock round each question."""

    def __init__(self, asked: Search) -> None:
        self._asked = asked
        self.seconds: list[float] = []

    def replanned(self, plan: Plan) -> _Clocked:
        self._asked = self._asked.replanned(plan)
        return self

    def ask(self, history: History) -> Decision:
        begin = time.perf_counter()
        decision = self._asked.ask(history)
        self.seconds.append(time.perf_counter() - begin)
        return decision


def regret_among_leaders(objectives: Sequence[Objective], seeds: int) -> tuple[Mean, Mean]:
    """Return the regret of the pick against the best of the five leaders of 100 trials: before and after confirmation.

    The pick is that of the best mean, which includes the search's own value.
    """
    before, after = [], []
    for objective in objectives:
        for seed in range(seeds):
            first = leaders(own.history_of(objective, "coarse-to-fine", seed, 100).values())[:LEADERS]
            regrets = [objective.regret(record.trial.params) for record in first]
            means = [
                np.mean([record.value, *_fresh(objective, record.trial.params, seed, place)])
                for place, record in enumerate(first)
            ]
            before.append(regrets[0] - min(regrets))
            after.append(regrets[int(np.argmin(means))] - min(regrets))
    return mean_of(before), mean_of(after)


def _fresh(objective: Objective, params: Params, seed: int, place: int) -> list[float]:
    first = FRESH_FROM + place * FRESH
    return [objective.observe(params, seed, first + number) for number in range(FRESH)]
