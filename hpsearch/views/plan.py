"""The plan before a search starts: what is searched, on which data, in which stages, and what ends it early."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from rich.table import Table

from hpsearch.search.halving import share_that_goes_on
from hpsearch.search.plan import Plan
from hpsearch.search.settings import SearchSettings, start_points
from hpsearch.views.format import beta, counted, listed, number, parameter, printable, quantity
from hpsearch.views.tables import plain_table


def space_table(space: Mapping[str, Any], averaging: Sequence[str]) -> Table:
    """Return the `space` section of a spec as a table: what is searched, on which scale, and when."""
    table = plain_table("parameter", "values", "scale", "when", justify="left")
    for name, entry in space.items():
        if not isinstance(entry, Mapping):
            entry = {"choices": entry}
        when = ", ".join(f"{parent}: {values}" for parent, values in entry.get("when", {}).items())
        per = " per layer" if "per" in entry else ""
        if "range" in entry:
            low, high = entry["range"]
            write = beta if name in averaging else number
            step = f" in steps of {number(entry['step'])}" if entry.get("step", 1) != 1 else ""
            table.add_row(name + per, f"{write(low)} to {write(high)}{step}", str(entry["scale"]), when)
        else:
            values = ", ".join(parameter(name, value, averaging) for value in entry["choices"])
            table.add_row(name + per, values, "choice", when)
    return table


def data_line(facts: Mapping[str, Any]) -> str:
    """Return what is searched on: inputs, target and rows of the data, or the function that stands in their place."""
    if "function" in facts:
        return f"objective: the Python function {printable(str(facts['function']))}"
    rows = ", ".join(f"{count} {name}" for name, count in facts["rows"].items())
    target = printable(str(facts["target"]))
    if facts.get("classes"):
        target += f" ({facts['classes']} classes)"
    elif "target_deviation" in facts:
        target += f" (deviation {quantity(facts['target_deviation'])})"
    return f"data: {counted(facts['features'], 'input')}, {facts['task']} of {target}; rows: {rows}"


def plan_lines(plan: Plan, settings: SearchSettings, leaders: int) -> list[str]:
    """Return the plan, then what is done with the `leaders`, what is known before, and what ends the search early.

    A plan of fewer trials than were asked for holds every combination of values that there is.
    """
    lines = [f"plan: {_trials(plan, settings)}"]
    if plan.asked < settings.trials:
        combinations, trials = counted(plan.asked, "combination"), counted(plan.asked, "trial")
        lines.append(f"{combinations} of values: {trials}, not {settings.trials}")
    if leaders:
        lines.append(_confirmation(leaders, settings.confirm.seeds, plan.rungs[-1]))
    if settings.prior is not None:
        lines.append(f"the trials of {printable(settings.prior.run)} count as evidence, and as none of these trials")
    if plan.coarse_rungs and len(plan.stages) > 1:
        lines.append(
            f"where trials get worse after epoch {plan.rungs[-2]}, a stage trains fewer, in full, for the same epochs"
        )
    if rules := list(_rules(settings)):
        lines.append(f"it ends before that {', or '.join(rules)}")
    return lines


def _trials(plan: Plan, settings: SearchSettings) -> str:
    trials, epochs = counted(plan.trials, "trial"), plan.rungs[-1]
    total = f"{counted(plan.epochs, 'epoch')} in total"
    given = min(len(start_points(settings)), plan.trials)
    if len(plan.stages) == len(plan.rungs) == 1:
        return f"{trials} of {counted(epochs, 'epoch')}{f' ({given} of them given)' if given else ''}, {total}"
    if len(plan.stages) > 1:
        trials += f": {_stages(plan.stages, given, settings)}"
    elif given:
        trials += f" ({given} of them given)"
    if len(plan.rungs) == 1:
        return f"{trials}; {counted(epochs, 'epoch')} each, {total}"
    full = f"{plan.epochs / epochs:.1f}".removesuffix(".0")
    return f"{trials}; {_rungs(plan)}; {total}, as many as {full} full training{'' if full == '1' else 's'}"


def _stages(stages: Sequence[int], given: int, settings: SearchSettings) -> str:
    """Return the stages, those of one size that follow each other together."""
    drawn = stages[0] - given
    first = [f"{given} given"] if given else []
    if drawn > 0:
        first.append(f"{drawn} drawn from the whole space")
    sizes = [(size, len(list(group))) for size, group in groupby(stages[1:])]
    rest = [f"{counted(count, 'stage') if place == 0 else count} of {size}" for place, (size, count) in enumerate(sizes)]
    box = ", each from a box half as wide round the best trial" if settings.method == "zoom" else ""
    return f"{listed(first)}, then {listed(rest)}{box}"


def _rungs(plan: Plan) -> str:
    *before, last = plan.rungs
    share = share_that_goes_on(plan.reduction_factor)
    epochs = f"{listed(before)} epoch{'' if before == [1] else 's'}"
    if plan.coarse_rungs not in ((), plan.rungs):
        epochs += f" ({listed(plan.coarse_rungs[:-1])} in the first stage)"
    stage, given = " of a stage" if len(plan.stages) > 1 else "", ", and what is given," if plan.given else ","
    return f"after {epochs} the best {share}{stage} goes on{given} to {last}"


def _confirmation(leaders: int, seeds: int, epochs: int) -> str:
    who = "the best is" if leaders == 1 else f"the {leaders} best are"
    return f"then {who} trained again with {counted(seeds, 'fresh seed')}: {counted(leaders * seeds * epochs, 'epoch')}"


def _rules(settings: SearchSettings) -> Iterator[str]:
    if settings.target is not None:
        yield f"when the target of {number(settings.target)} is reached"
    if settings.plateau is not None:
        yield f"after {counted(settings.plateau, 'trial')} without a better one"
    if settings.hours is not None:
        yield f"after {counted_hours(settings.hours)}"


def counted_hours(hours: float) -> str:
    """Return hours in words."""
    return f"{hours:g} hour{'' if hours == 1 else 's'}"
