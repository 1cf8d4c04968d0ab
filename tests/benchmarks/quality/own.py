"""The package's own searches, through the door that a study uses: asked, told, asked again.

NumPy and the package are all that is needed. The sources have a version, so that regrets on file are told from those of
other code.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol, TypeAlias

from hpsearch.search.plan import Decision, Done, Plan, Promote, Replan, Start
from hpsearch.search.settings import Method, SearchSettings
from hpsearch.search.strategy import make_plan, search
from hpsearch.seeds import Streams
from hpsearch.trial import History, Params, Status, TrialRecord, incumbent
from quality.curves import EPOCHS, CurveSurface
from quality.objectives import UNIT, Objective, levels, options, space_of

Training: TypeAlias = Callable[[Params, int], Sequence[float]]
"""Takes a trial's params and number and returns its value after each epoch, of which a search sees what it asks for."""


def version() -> str:
    """Return a hash of the code of the searches, comments and docstrings apart: of what they import of hpsearch/search."""
    found = hashlib.sha256()
    modules = {name: module for name, module in sys.modules.items() if name.startswith("hpsearch.search.")}
    for _, module in sorted(modules.items()):
        tree = ast.parse(inspect.getsource(module))
        for node in ast.walk(tree):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                node.value.value = ""
        found.update(ast.dump(tree).encode())
    return found.hexdigest()[:8]


def version_of_random() -> str:
    """Return a hash of the points that random search draws: its results outlive changes of the other searches."""
    space = space_of([UNIT, levels(7), options(3)])
    asked = search(SearchSettings(method="random", trials=20, early_stopping="off"), space, Streams(0), 1)
    points = [record.trial.point for record in drive(asked, 1, lambda _params, _number: [0.0]).values()]
    return f"random {hashlib.sha256(repr(points).encode()).hexdigest()[:8]}"


class Asked(Protocol):
    """What answers what to do next."""

    def ask(self, history: History) -> Decision:
        """Return a decision."""

    def replanned(self, plan: Plan) -> Asked:
        """Return what answers when another plan is gone on with."""


def drive(asked: Asked, epochs: int, training: Training) -> dict[int, TrialRecord]:
    """Do what a search decides until it is done, and return its records by number."""
    history: dict[int, TrialRecord] = {}
    curves: dict[int, tuple[float, ...]] = {}
    while True:
        decision = asked.ask(history)
        match decision:
            case Start(trials, until):
                for trial in trials:
                    curves[trial.number] = tuple(training(trial.params, trial.number))
                    history[trial.number] = _trained(TrialRecord(trial, until), curves[trial.number], epochs)
            case Promote(promoted, stopped, until):
                for number in promoted:
                    record = replace(history[number], until_epoch=until)
                    history[number] = _trained(record, curves[number], epochs)
                for number in stopped:
                    history[number] = replace(history[number], status=Status.STOPPED)
            case Replan(plan):
                asked = asked.replanned(plan)
            case Done():
                return history
            case _:
                raise AssertionError(f"nothing is waiting, and the search answers {decision}")


def _trained(record: TrialRecord, curve: tuple[float, ...], epochs: int) -> TrialRecord:
    """Return a record with its curve until the epoch that it was sent to."""
    values = curve[: record.until_epoch]
    status = Status.COMPLETE if len(values) == epochs else Status.WAITING
    if not all(map(math.isfinite, values)):
        status = Status.DIVERGED
    return replace(record, curves={"value": values}, values=values, selected_epoch=len(values), status=status)


def history_of(objective: Objective, method: Method, seed: int, trials: int) -> dict[int, TrialRecord]:
    """Return the records of a search in which a trial is one observation, without early stopping."""

    def training(params: Params, number: int) -> tuple[float]:
        return (objective.observe(params, seed, number),)

    settings = SearchSettings(method=method, trials=trials, early_stopping="off")
    return drive(search(settings, objective.space, Streams(seed), 1, floor=objective.floor), 1, training)


def by_trials(objective: Objective, seed: int, marks: Sequence[int], method: Method) -> dict[int, float]:
    """Return the regret of a search of `marks` trials: of each mark its own, since its plan depends on it."""
    return {mark: _regret(objective, history_of(objective, method, seed, mark)) for mark in marks}


def by_epochs(objective: CurveSurface, seed: int, marks: Sequence[int], method: Method) -> dict[int, float]:
    """Return the regret of a search with early stopping as shipped, at the cost of `marks` full trainings at most."""

    def training(params: Params, number: int) -> list[float]:
        curve: list[float] = objective.observe_curve(params, seed, number).tolist()
        return curve

    found = {}
    for mark in marks:
        settings = SearchSettings(method=method, trials=most_trials(method, EPOCHS, mark * EPOCHS))
        asked = search(settings, objective.space, Streams(seed), EPOCHS, floor=objective.floor)
        found[mark] = _regret(objective, drive(asked, EPOCHS, training))
    return found


def _regret(objective: Objective, history: dict[int, TrialRecord]) -> float:
    """Return the regret of the best trial; of a random point, 1, if none is complete."""
    best = incumbent(history.values())
    return objective.regret(best.trial.params) if best else 1.0


def most_trials(method: Method, epochs: int, budget: int) -> int:
    """Return the most trials that a search with early stopping as shipped can start at the cost of `budget` epochs."""
    trials = 1
    while make_plan(SearchSettings(method=method, trials=trials + 1).settled(), epochs).epochs <= budget:
        trials += 1
    return trials
