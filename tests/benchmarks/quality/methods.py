"""The methods by name: whose they are, what their budget counts, and how to run one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import version as installed
from typing import Any, Literal, TypeAlias

from quality import own, rivals
from quality.curves import CurveSurface
from quality.objectives import Objective

Unit: TypeAlias = Literal["trials", "trainings"]
Run: TypeAlias = Callable[[Any, int, Sequence[int]], dict[int, float]]
"""Takes an objective, a seed and marks, and returns the regret at each mark."""

MARKS: dict[Unit, tuple[int, ...]] = {"trials": (20, 50, 100, 200), "trainings": (10, 20, 50)}


@dataclass(frozen=True)
class Method:
    """A way to search. `unit` says what a mark counts: trials, or the cost of full trainings where epochs are the budget.

    `is_own` says that its results change with the code of the package's searches and with their constants.
    """

    name: str
    unit: Unit
    run: Run
    code: Callable[[], str]
    is_own: bool = False

    def version(self, constants: Sequence[str] = ()) -> str:
        """Return what its results stand or fall with; `constants` of the package's searches were changed by hand."""
        return " ".join([self.code(), *sorted(constants)]) if self.is_own else self.code()

    def suits(self, objective: Objective) -> bool:
        """Whether it can search an objective."""
        return self.unit == "trials" or isinstance(objective, CurveSurface)


_own_version = cache(own.version)
_random_version = cache(own.version_of_random)


def _optuna_version() -> str:
    return f"optuna {installed('optuna')}"


def _own(name: str, unit: Unit, run: Run) -> Method:
    return Method(name, unit, run, _own_version, is_own=True)


def _rival(name: str, sampler: str, together: int = 1) -> Method:
    def run(objective: Objective, seed: int, marks: Sequence[int]) -> dict[int, float]:
        return rivals.by_trials(objective, sampler, seed, marks, together)

    return Method(name, "trials", run, _optuna_version)


def _rival_by_epochs(name: str, sampler: str, stopper: str) -> Method:
    return Method(name, "trainings", partial(_stopped, sampler=sampler, stopper=stopper), _optuna_version)


def _stopped(objective: CurveSurface, seed: int, marks: Sequence[int], sampler: str, stopper: str) -> dict[int, float]:
    return rivals.by_epochs(objective, sampler, seed, marks, stopper)


METHODS = {
    method.name: method
    for method in (
        _own("coarse-to-fine", "trials", partial(own.by_trials, method="coarse-to-fine")),
        _own("zoom", "trials", partial(own.by_trials, method="zoom")),
        Method("random", "trials", partial(own.by_trials, method="random"), _random_version),
        _rival("tpe", "tpe"),
        _rival("tpe, 8 at once", "tpe", 8),
        _rival("gp", "gp"),
        _rival("cma", "cma"),
        _own("coarse-to-fine, stopping", "trainings", partial(own.by_epochs, method="coarse-to-fine")),
        _own("coarse-to-fine, full trainings", "trainings", partial(own.by_trials, method="coarse-to-fine")),
        Method("random, full trainings", "trainings", partial(own.by_trials, method="random"), _random_version),
        _rival_by_epochs("tpe + hyperband", "tpe", "hyperband"),
        _rival_by_epochs("tpe + asha", "tpe", "asha"),
        _rival_by_epochs("random + hyperband", "random", "hyperband"),
    )
}
