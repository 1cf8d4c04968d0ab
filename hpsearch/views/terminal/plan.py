"""The plan before a search starts: what is searched, on which data, in which stages, and what ends it early."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from types import MappingProxyType
from typing import Any

from rich.table import Table

from hpsearch.prose import both, counted
from hpsearch.search.halving import share_that_goes_on
from hpsearch.search.plan import Plan
from hpsearch.search.settings import SearchSettings, is_staged
from hpsearch.study.outlook import Outlook
from hpsearch.views.format import domain_text, duration, number, quantity, scale_text
from hpsearch.views.terminal.tables import plain_table
from hpsearch.views.words import evidence_text, judged

NO_EVIDENCE: Mapping[str, int] = MappingProxyType({})


def space_table(space: Mapping[str, Any], averaging: Sequence[str]) -> Table:
    """Return the `space` section of a spec as a table: what is searched, on which scale, and when."""
    table = plain_table("parameter", "values", "scale", "when", justify="left")
    for name, entry in space.items():
        if not isinstance(entry, Mapping):
            entry = {"choices": entry}
        when = ", ".join(f"{parent}: {values}" for parent, values in entry.get("when", {}).items())
        per = " per layer" if "per" in entry else ""
        table.add_row(name + per, domain_text(entry, is_beta=name in averaging), scale_text(entry), when)
    return table


def data_line(facts: Mapping[str, Any]) -> str:
    """Return what is searched on: inputs, target and rows of the data, or the function that stands in their place."""
    if "function" in facts:
        return f"objective: the Python function {facts['function']}"
    rows = ", ".join(f"{count} {name}" for name, count in facts["rows"].items())
    target = str(facts["target"])
    if facts.get("classes"):
        target += f" ({facts['classes']} classes)"
    elif "target_deviation" in facts:
        target += f" (deviation {quantity(facts['target_deviation'])})"
    return f"data: {counted(facts['features'], 'input')}, {facts['task']} of {target}; rows: {rows}"


def outlook_lines(ahead: Outlook) -> Iterator[str]:
    """Yield on which data a search goes, which run it goes on with, if any, its plan, and what judges its trials."""
    study, run = ahead.subject.study, ahead.run
    settings = replace(study.search, confirm=ahead.confirm)
    yield data_line(ahead.subject.facts)
    if run and not ahead.is_over:
        yield f"goes on with {ahead.directory}: {ahead.ended} of its trials have ended"
    if run and run.plan and run.plan != ahead.plan:
        yield f"recorded {plan_line(run.plan, settings)}"
    evidence = Counter(trial.run for trial in ahead.prior)
    yield from plan_lines(ahead.plan, settings, ahead.confirm.leaders or 0, evidence)
    yield judged(str(study.metric), study.select)


def plan_line(plan: Plan, settings: SearchSettings) -> str:
    """Return the trials, stages and rungs of a plan, and the epochs that it takes."""
    return f"plan: {_trials(plan, settings)}"


def plan_lines(plan: Plan, settings: SearchSettings, leaders: int, evidence: Mapping[str, int] = NO_EVIDENCE) -> list[str]:
    """Return the plan, then what is done with the `leaders`, what is known before, and what ends the search early.

    `evidence` counts the trials of earlier runs, by run. A plan of fewer trials than were asked for holds every combination
    of values that there is.
    """
    lines = [plan_line(plan, settings)]
    if plan.asked < settings.trials:
        combinations, trials = counted(plan.asked, "combination"), counted(plan.asked, "trial")
        lines.append(f"{combinations} of values: {trials}, not {settings.trials}")
    if leaders:
        lines.append(_confirmation(leaders, settings.confirm.seeds, plan.rungs[-1]))
    if evidence:
        lines.append(f"{evidence_text(evidence)}, and as none of these trials")
    if plan.coarse_rungs and len(plan.stages) > 1:
        lines.append(
            f"if trials get worse after epoch {plan.rungs[-2]}, a stage takes fewer of them, all to {plan.rungs[-1]}, "
            "for the same epochs in total"
        )
    if rules := list(_rules(settings)):
        lines.append(f"it ends before that {', or '.join(rules)}")
    if settings.trial_seconds is not None:
        lines.append(f"a trial that has trained for {duration(settings.trial_seconds)} ends with its epoch")
    return lines


def _trials(plan: Plan, settings: SearchSettings) -> str:
    trials, epochs = counted(plan.trials, "trial"), plan.rungs[-1]
    total = f"{counted(plan.epochs, 'epoch')} in total"
    given = min(plan.given, plan.trials)
    if len(plan.stages) == len(plan.rungs) == 1:
        return f"{trials} of {counted(epochs, 'epoch')}{f' ({given} of them given)' if given else ''}, {total}"
    if is_staged(settings.method) and len(plan.stages) > 1:
        trials += f": {_stages(plan.sizes, given, settings)}"
    else:
        trials += f" in {_of_sizes(plan.stages, 'bracket')}" if len(plan.stages) > 1 else ""
        trials += f" ({given} of them given)" if given else ""
    if len(plan.rungs) == 1:
        return f"{trials}; {counted(epochs, 'epoch')} each, {total}"
    full = f"{plan.epochs / epochs:.1f}".removesuffix(".0")
    return f"{trials}; {_rungs(plan)}; {total}, as many as {full} full training{'' if full == '1' else 's'}"


def _stages(stages: Sequence[int], given: int, settings: SearchSettings) -> str:
    """Return what the first stage tries, and the stages that follow."""
    drawn = stages[0] - given
    first = [f"{given} given"] if given else []
    if drawn > 0:
        first.append(f"{drawn} drawn from the whole space")
    box = ", each from a box half as wide round the best trial" if settings.method == "zoom" else ""
    return f"{both(first)}, then {_of_sizes(stages[1:], 'stage')}{box}"


def _of_sizes(sizes: Sequence[int], noun: str) -> str:
    """Return how many there are of each size, those of one size that follow each other together."""
    runs = [(size, len(list(group))) for size, group in groupby(sizes)]
    return both(f"{counted(count, noun) if place == 0 else count} of {size}" for place, (size, count) in enumerate(runs))


def _rungs(plan: Plan) -> str:
    *before, last = plan.rungs
    share = share_that_goes_on(plan.reduction_factor)
    epochs = f"{both(before)} epoch{'' if before == [1] else 's'}"
    if plan.coarse_rungs not in ((), plan.rungs):
        epochs += f" ({both(plan.coarse_rungs[:-1])} in the first stage)"
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
