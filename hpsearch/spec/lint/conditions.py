"""Lint of conditions and layers: what is ruled out by its own conditions, and conditions that decide nothing."""

from __future__ import annotations

import math

from hpsearch.errors import Problem
from hpsearch.prose import both, either
from hpsearch.space.conditions import conditions_of
from hpsearch.space.parameters import identity
from hpsearch.spec.lint.case import Case, Problems, as_written
from hpsearch.trial import Value


def on_conditions_that_never_hold(case: Case) -> Problems:
    """Find parameters, and values of `when`, that the conditions of the parents rule out."""
    dead = {name for name in case.entries if not all(conditions_of(name, case.entries).values())}
    for name, entry in case.entries.items():
        if name in dead and not dead & entry.when.keys():
            yield _never(case, name)
        if name not in dead:
            for parent, values in entry.when.items():
                yield from _never_with(case, name, parent, values)


def _never(case: Case, name: str) -> Problem:
    """Tell of a parameter that is in no trial: two of its conditions exclude each other."""
    when, option = case.entries[name].when, case.option(name)
    common = next(parent for parent, values in conditions_of(name, case.entries).items() if not values)
    asking = [parent for parent in when if parent != common and common in conditions_of(parent, case.entries)]
    if common not in when:
        dropped = asking[1:]
    else:  # what an option is of no use without stays
        dropped = asking if option and common in option.used_with else [common]
    rest = {parent: as_written(values) for parent, values in when.items() if parent not in dropped}
    own = f"it needs `{common}` to be {either(when[common])}, and " if common in when else ""
    message = f"`{name}` is in no trial: {own}{_needs(case, name, common)}"
    return case.at_key(("space", name, "when", dropped[0]), message, case.rewritten(name, when=rest))


def _never_with(case: Case, name: str, parent: str, values: tuple[Value, ...]) -> Problems:
    """Find values of a parent under which a parameter can't be active, though it is under others."""
    possible = conditions_of(name, case.entries)[parent]
    never = [index for index, value in enumerate(values) if value not in possible]
    if never:
        when = {**case.document.value(("space", name, "when")), parent: as_written(possible)}
        message = f"`{name}` is never drawn where `{parent}` is {either(values[index] for index in never)}"
        path = ("space", name, "when", parent, never[0])
        yield case.at(path, f"{message}: {_needs(case, name, parent)}", case.rewritten(name, when=when))


def _needs(case: Case, name: str, common: str) -> str:
    """Say what the parents of a parameter ask of another one."""
    above = [parent for parent in case.entries[name].when if parent != common]
    asked = {parent: conditions_of(parent, case.entries).get(common) for parent in above}
    return both(f"`{parent}` needs `{common}` to be {either(values)}" for parent, values in asked.items() if values)


def on_conditions_that_always_hold(case: Case) -> Problems:
    """Find conditions that name every value of a parent that is always there."""
    for name, entry in case.entries.items():
        for parent in entry.when:
            above, possible = case.entries[parent], conditions_of(name, case.entries)[parent]
            if above.when or len(set(map(identity, possible))) < (above.domain.levels or math.inf):
                continue
            rest = {other: as_written(some) for other, some in entry.when.items() if other != parent}
            message = f"the condition of `{name}` on `{parent}` holds in all trials: these are all its values"
            yield case.at_key(("space", name, "when", parent), message, case.rewritten(name, when=rest or None))


def on_single_layers(case: Case) -> Problems:
    """Find parameters that are drawn per layer where there is never a second one."""
    for name, entry in case.entries.items():
        if entry.layers == 1:
            message = f"`{name}` is drawn per layer, and no network has more than one hidden layer"
            hint = f"{case.rewritten(name, per=None)}, or search `hidden_layers` too"
            yield case.at(("space", name, "per"), message, hint)
