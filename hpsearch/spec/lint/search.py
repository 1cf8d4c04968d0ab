"""Lint of the search as a whole: trials for the number of parameters, early stopping, and what is to end it."""

from __future__ import annotations

import math

from hpsearch.objectives.metrics import METRICS, Metric
from hpsearch.prose import both, counted, percent
from hpsearch.search.halving import rungs
from hpsearch.search.plan import BEST_SHARE, chance_of_the_best
from hpsearch.search.samplers import Drawn, Grid
from hpsearch.search.settings import EarlyStopping, start_points
from hpsearch.seeds import Streams
from hpsearch.space.conditions import share_active
from hpsearch.space.parameters import identity
from hpsearch.spec.lint.case import Case, Problems

FEW_PER_PARAMETER, ENOUGH_PER_PARAMETER = 3, 5
ENOUGH = 59
"""Trials of which one is among the best 5 % of the space with a chance of 95 %, however many parameters there are."""


def on_grids(case: Case) -> Problems:
    """Find grids that try few values of a parameter."""
    sampler, trials, few = case.search.sampler, case.search.plan.trials, dict[int, list[str]]()
    if not isinstance(sampler, Grid):
        return
    counts = sampler.values
    for parameter, count in zip(case.study.space.parameters, counts, strict=True):
        if count < min(parameter.domain.levels or trials, trials):
            few.setdefault(count, []).append(parameter.name)
    names = {count: "each parameter" if len(named) == len(counts) > 1 else both(named) for count, named in few.items()}
    tried = [f"{counted(count, 'value')} of {names[count]}" for count in sorted(few, reverse=True)]
    if tried:
        message = f"a grid: {trials} trials try {', '.join(tried)}; at random they would try {trials}"
        yield case.at(("search", "method"), message, "write method: random, or coarse-to-fine")


def on_few_trials(case: Case) -> Problems:
    """Find fewer than three trials for each parameter, unless they are all that there are or add to others.

    A parameter counts by the share of the trials in which it is active.
    """
    trials, space = case.search.plan.asked, case.study.space
    parameters = round(sum(share_active(parameter, space.entries) for parameter in space.parameters), 3)
    is_enough = trials >= min(FEW_PER_PARAMETER * parameters, ENOUGH)
    if is_enough or case.is_refined or case.study.search.method == "grid" or _holds_no_more(case):
        return
    enough = min(math.ceil(ENOUGH_PER_PARAMETER * parameters), ENOUGH)
    average = "" if parameters == space.dimensions else " on average"
    message = (
        f"{counted(trials, 'trial')} of {counted(parameters, 'parameter')}{average}: drawn at random, "
        f"one of them is among the best {percent(BEST_SHARE)} with a chance of {_chance(trials)}"
    )
    hint = f"write trials: {enough} under `search` (a chance of {_chance(enough)}), or search fewer parameters"
    yield case.at(("search", "trials"), message, hint)


def _holds_no_more(case: Case) -> bool:
    """Whether the trials are every combination of values."""
    asked = case.search.plan.asked
    levels = [parameter.domain.levels or math.inf for parameter in case.study.space.parameters]
    return asked < case.study.search.trials or math.prod(levels) <= asked


def _chance(trials: int) -> str:
    return percent(chance_of_the_best(trials))


def on_trials_too_short(case: Case) -> Problems:
    """Find early stopping that has nothing to compare; a single epoch is no surprise where nobody asked."""
    stopping, epochs, path = case.study.search.early_stopping, case.study.epochs, ("search", "early_stopping")
    is_given = case.document.value(path) is not None
    if not isinstance(stopping, EarlyStopping) or (epochs == 1 and not is_given):
        return
    factor = stopping.reduction_factor
    if len(rungs(epochs, stopping.min_epochs, factor)) == 1:
        needed = stopping.min_epochs * factor
        message = f"early stopping cannot act: it needs trials of at least {needed} epochs, and they have {epochs}"
        longer = f"epochs: {needed} under `{case.epochs_section}`"
        if first := epochs // factor:
            hint = f"write early_stopping: {{reduction_factor: {factor}, min_epochs: {first}}}, or {longer}"
        else:
            hint = f"write {longer}, or early_stopping: off"
        yield case.at(path if is_given else (case.epochs_section, "epochs"), message, hint)


def on_limits_of_single_epochs(case: Case) -> Problems:
    """Find limits on the seconds of a trial that are never looked at."""
    if case.study.search.trial_seconds is not None and case.study.epochs == 1:
        message = "`trial_seconds` ends no trial: it is looked at between two epochs, and a trial has one"
        hint = f"take it away, or write epochs: 2 or more under `{case.epochs_section}`"
        yield case.at(("search", "trial_seconds"), message, hint)


def on_equal_starts(case: Case) -> Problems:
    """Find points to begin with that are the same trial, what they leave to be drawn included."""
    study, first = case.study, dict[object, int]()
    points = start_points(study.search)
    for trial in Drawn(study.space, Streams(study.seed), points).given(range(len(points))):
        same = first.setdefault(tuple((name, identity(value)) for name, value in trial.params.items()), trial.number)
        if same != trial.number:
            place = case.document.place(("search", "start", same))
            message = f"this start point is the same as the one on line {place.line}, column {place.column}"
            yield case.at(("search", "start", trial.number), message, "take it away: twice the same tells nothing new")


def on_targets(case: Case) -> Problems:
    """Find targets that can't be reached, and those that a guess which looks at no input reaches; of functions none."""
    target, metric = case.study.search.target, METRICS.get(str(case.study.metric))
    if target is None or metric is None or case.study.objective:
        return
    blind, beyond = _blind(case, metric), "above" if metric.higher_is_better else "below"
    told, value, guess = metric.name.removeprefix("validation_"), metric.shown(target), metric.shown(blind)
    if value < 0:
        message = f"no trial reaches a target of {target:g}: the {told} is never {beyond} {metric.shown(0):g}"
    elif value >= blind:
        message = f"a target of {target:g} ends the search at once: a guess that looks at no input has {told} {guess:.3g}"
    else:
        return
    likely = target / 100 if target > 1 else 1 - target if target > 0 else -target
    is_likely = metric.is_share and 0 < metric.shown(likely) < blind
    hint = f"write target: {likely:.6g} if that is meant, or take it away" if is_likely else "take it away, or write another"
    yield case.at(("search", "target"), message, hint)


def _blind(case: Case, metric: Metric) -> float:
    """Return the value, minimised, that a guess has which looks at no input.

    One that names the most frequent of C classes is wrong for at most a share of 1 - 1 / C, one that gives all the same
    probability has the loss log C; one that names the mean of a quantity has its deviation as its rmse, and r2 = 0.
    """
    classes, deviation = case.facts.get("classes"), float(case.facts.get("target_deviation", math.inf))
    values = {"validation_rmse": deviation, "validation_r2": 1.0, "validation_macro_f1": 1.0}
    if classes:
        values |= {"validation_error": 1 - 1 / classes, "validation_loss": math.log(classes)}
    return values.get(metric.column, math.inf)


def on_long_plateaus(case: Case) -> Problems:
    """Find plateaus that are longer than the search."""
    plateau, trials = case.study.search.plateau, case.search.plan.asked
    if plateau is not None and plateau >= trials:
        message = f"a plateau of {counted(plateau, 'trial')} never ends a search of {trials}"
        shorter = trials // 2
        hint = f"write plateau: {shorter}, or take it away" if shorter else "take it away"
        yield case.at(("search", "plateau"), message, hint)
