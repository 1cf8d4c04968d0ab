"""The tables: who wins how often, and by how much.

A pair is one objective and one seed, searched by two methods. Equal regrets are half a win. Standard errors are those of
means over the pairs; `at least` is the lower end of a one-sided 95 % interval.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from quality.methods import MARKS, METHODS, Unit
from quality.objectives import Objective
from quality.results import Key, read

Regrets: TypeAlias = Mapping[Key, float]

ONE_SIDED = 1.645
OWN = {"trials": "coarse-to-fine", "trainings": "coarse-to-fine, stopping"}
HEADS = {"trials": "trials", "trainings": "full trainings' cost"}
MUST_HOLD: Mapping[tuple[str, int], str] = {
    ("tpe", 20): "44 %",
    ("tpe", 50): "53 %, and above 50 % for sure",
    ("tpe", 100): "57 %, and above 50 % for sure; regret / other's 0.85",
    ("tpe", 200): "51 %, and above 50 % for sure",
    ("random", 100): "regret / other's 0.45",
    ("tpe, 8 at once", 50): "65 %",
    ("tpe, 8 at once", 100): "65 %",
    **{("tpe + hyperband", mark): "58 %" for mark in MARKS["trainings"]},
}


@dataclass(frozen=True)
class Comparison:
    """Wins over the pairs, and the ratio of the mean regrets, each with its standard error."""

    pairs: int
    wins: float
    wins_error: float
    mean: float
    ratio: float
    ratio_error: float

    @property
    def at_least(self) -> float:
        """The lower end of a one-sided 95 % interval of the wins."""
        return self.wins - ONE_SIDED * self.wins_error


def own_versions(file: Path) -> list[str]:
    """Return the versions of the package's searches that are on file, in their order."""
    return list(dict.fromkeys(result.method_version for result in read(file) if METHODS[result.method].is_own))


def regrets(file: Path, objectives: Sequence[Objective], seeds: range, own_version: str) -> dict[Key, float]:
    """Return what is on file of these objectives and seeds, of this version of the package's searches."""
    versions = {objective.name: objective.version for objective in objectives}
    methods = {name: own_version if method.is_own else method.version() for name, method in METHODS.items()}
    return {
        result.key: result.regret
        for result in read(file)
        if versions.get(result.objective) == result.objective_version
        and methods.get(result.method) == result.method_version
        and result.seed in seeds
    }


def compare(found: Regrets, own: str, other: str, unit: Unit, mark: int) -> Comparison | None:
    """Compare two methods at a mark over the pairs that both have; None if there are fewer than two."""
    keys = [key for key in found if (key.method, key.unit, key.mark) == (own, unit, mark)]
    pairs = [(found[key], found[twin]) for key in keys if (twin := key._replace(method=other)) in found]
    if len(pairs) < 2:
        return None
    a, b = np.array(pairs).T
    wins, root = (a < b) + 0.5 * (a == b), math.sqrt(len(pairs))
    ratio = a.mean() / b.mean()
    ratio_error = (a - ratio * b).std(ddof=1) / root / b.mean()
    return Comparison(len(pairs), wins.mean(), wins.std(ddof=1) / root, a.mean(), ratio, ratio_error)


def tables(found: Regrets) -> list[list[list[str]]]:
    """Return the rows of a table for each unit of which there is something to compare."""
    made = [comparisons(found, unit) for unit in MARKS]
    return [rows for rows in made if len(rows) > 1]


def comparisons(found: Regrets, unit: Unit) -> list[list[str]]:
    """Return the rows of a table: the package's search against all others at each mark."""
    own = OWN[unit]
    rows = [[f"{own} against", HEADS[unit], "pairs", "wins %", "SE", "at least", "regret", "/ other's", "SE", "must hold"]]
    for other, method in METHODS.items():
        for mark in MARKS[unit]:
            if other == own or method.unit != unit or (one := compare(found, own, other, unit, mark)) is None:
                continue
            wins = (f"{100 * x:.1f}" for x in (one.wins, one.wins_error, one.at_least))
            means = (f"{x:.3f}" for x in (one.mean, one.ratio, one.ratio_error))
            rows.append([other, str(mark), str(one.pairs), *wins, *means, MUST_HOLD.get((other, mark), "")])
    return rows


def mean_regrets(found: Regrets, mark: int = 100) -> list[list[str]]:
    """Return the rows of a table: the mean regret of each method on each objective, of those that did `mark` trials."""
    keys = [key for key in found if key.mark == mark and key.unit == "trials"]
    methods = [name for name in METHODS if any(key.method == name for key in keys)]
    rows = [[f"mean regret after {mark} trials", *methods]]
    for objective in dict.fromkeys(key.objective for key in keys):
        cells = [[found[key] for key in keys if (key.objective, key.method) == (objective, name)] for name in methods]
        rows.append([objective, *(f"{np.mean(cell):.3f}" if cell else "" for cell in cells)])
    return rows
