"""Lint of the search as a whole: trials for the number of parameters, early stopping, conditions that decide nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from hpsearch.search.settings import EarlyStopping
from hpsearch.space.parameters import identity
from hpsearch.spec.document import KeyPath
from hpsearch.spec.draws import share_active
from hpsearch.spec.effects import conditions_of
from hpsearch.spec.notes import on_early_stopping, on_the_grid
from hpsearch.spec.remarks import Case, Remark, Remarks, percent, short
from hpsearch.spec.settings import OBJECTIVE
from hpsearch.spec.wording import both, either
from hpsearch.trial import Value

FEW_PER_PARAMETER, ENOUGH_PER_PARAMETER = 3, 5
BEST = 0.05
ENOUGH = 59
"""Trials of which one is among the best 5 % of the space with a chance of 95 %, however many parameters there are."""


def on_grids(case: Case) -> Remarks:
    """Remark on a grid that tries few values of each parameter."""
    for message in on_the_grid(case.study):
        yield Remark(("search", "method"), message, "write method: random, or coarse-to-fine")


def on_few_trials(case: Case) -> Remarks:
    """Remark on fewer than three trials for each parameter, unless they are all that there are or add to others.

    A parameter counts by the share of the trials in which it is active. Drawn at random, n trials hold one of the best 5 %
    of the space with the chance 1 - 0.95^n.
    """
    trials, space = case.plan.asked, case.study.space
    parameters = sum(share_active(parameter, space.entries) for parameter in space.parameters)
    is_enough = trials >= min(FEW_PER_PARAMETER * parameters, ENOUGH)
    if is_enough or case.is_refined or case.study.search.method == "grid" or _holds_no_more(case):
        return
    enough = min(math.ceil(ENOUGH_PER_PARAMETER * parameters), ENOUGH)
    average = "" if round(parameters, 3) == space.dimensions else " on average"
    message = (
        f"{trials} trial{'s' * (trials != 1)} of {short(parameters)} parameter{'s' * (parameters != 1)}{average}: "
        f"drawn at random, one of them is among the best 5 % with a chance of {_chance(trials)}"
    )
    is_given = case.is_given("search", "trials")
    path: KeyPath = ("search", "trials") if is_given else ("space",)
    hint = f"write trials: {enough} under `search` (a chance of {_chance(enough)}), or search fewer parameters"
    yield Remark(path, message, hint, at_key=not is_given)


def _holds_no_more(case: Case) -> bool:
    """Whether the trials are every combination of values."""
    space = case.study.space
    levels = [parameter.domain.levels or math.inf for parameter in space.parameters]
    return case.plan.asked < case.study.search.trials or math.prod(levels) <= case.plan.asked


def _chance(trials: int) -> str:
    return percent(1 - (1 - BEST) ** trials)


def on_trials_too_short(case: Case) -> Remarks:
    """Remark on early stopping that has nothing to compare."""
    stopping, path = case.study.search.early_stopping, ("search", "early_stopping")
    if not isinstance(stopping, EarlyStopping):
        return
    section, epochs = (OBJECTIVE if case.study.objective else "network"), case.study.epochs
    needed = f"epochs: {stopping.min_epochs * stopping.reduction_factor} under `{section}`"
    if first := epochs // stopping.reduction_factor:
        hint = f"write early_stopping: {{reduction_factor: {stopping.reduction_factor}, min_epochs: {first}}}, or {needed}"
    else:
        hint = f"write {needed}, or early_stopping: off"
    for message in on_early_stopping(case.study, is_given=case.document.value(path) is not None):
        yield Remark(path if case.is_given(*path) else (section, "epochs"), message, hint)


def on_conditions_that_never_hold(case: Case) -> Remarks:
    """Remark on parameters, and on values of `when`, that the conditions of the parents rule out."""
    dead = {name for name in case.entries if not all(conditions_of(name, case.entries).values())}
    for name, entry in case.entries.items():
        if name in dead and not dead & entry.when.keys():
            yield _never(case, name)
        if name not in dead:
            for parent, values in entry.when.items():
                yield from _never_with(case, name, parent, values)


def _never(case: Case, name: str) -> Remark:
    """Remark on a parameter that is in no trial: two of its conditions exclude each other."""
    when, option = case.entries[name].when, case.option(name)
    common = next(parent for parent, values in conditions_of(name, case.entries).items() if not values)
    asking = [parent for parent in when if parent != common and common in conditions_of(parent, case.entries)]
    if common not in when:
        dropped = asking[1:]
    else:  # what an option is of no use without stays
        dropped = asking if option and common in option.used_with else [common]
    rest = {parent: _written(values) for parent, values in when.items() if parent not in dropped}
    own = f"it needs `{common}` to be {either(when[common])}, and " if common in when else ""
    message = f"`{name}` is in no trial: {own}{_needs(case, name, common)}"
    return Remark(("space", name, "when", dropped[0]), message, case.rewritten(name, when=rest), at_key=True)


def _never_with(case: Case, name: str, parent: str, values: tuple[Value, ...]) -> Remarks:
    """Remark on values of a parent under which a parameter can't be active, though it is under others."""
    possible = conditions_of(name, case.entries)[parent]
    never = [index for index, value in enumerate(values) if value not in possible]
    if never:
        when = {**case.document.value(("space", name, "when")), parent: _written(possible)}
        message = f"`{name}` is never drawn where `{parent}` is {either(values[index] for index in never)}"
        path = ("space", name, "when", parent, never[0])
        yield Remark(path, f"{message}: {_needs(case, name, parent)}", case.rewritten(name, when=when))


def _needs(case: Case, name: str, common: str) -> str:
    """Say what the parents of a parameter ask of another one."""
    above = [parent for parent in case.entries[name].when if parent != common]
    asked = {parent: conditions_of(parent, case.entries).get(common) for parent in above}
    return both(f"`{parent}` needs `{common}` to be {either(values)}" for parent, values in asked.items() if values)


def on_conditions_that_always_hold(case: Case) -> Remarks:
    """Remark on conditions that name every value of a parent that is always there."""
    for name, entry in case.entries.items():
        for parent in entry.when:
            above, possible = case.entries[parent], conditions_of(name, case.entries)[parent]
            if above.when or len(set(map(identity, possible))) < (above.domain.levels or math.inf):
                continue
            rest = {other: _written(some) for other, some in entry.when.items() if other != parent}
            message = f"the condition of `{name}` on `{parent}` holds in all trials: these are all its values"
            yield Remark(("space", name, "when", parent), message, case.rewritten(name, when=rest or None), at_key=True)


def _written(values: Sequence[Value]) -> Any:
    """Return the values of a condition as one writes them: a single one by itself, unless it is a list."""
    return values[0] if len(values) == 1 and not isinstance(values[0], list) else list(values)
