"""What is ahead of a search as plain data for `--json`: its plan, its draws, and the space that a refinement proposes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from hpsearch.search.advice import Advice
from hpsearch.search.plan import Plan
from hpsearch.search.refinement import Refinement
from hpsearch.search.settings import Confirm
from hpsearch.study.histograms import Bin, Histogram
from hpsearch.study.line_file import plain
from hpsearch.study.outlook import Outlook
from hpsearch.study.preview import Preview
from hpsearch.study.study_spec import StudySpec
from hpsearch.views.numbers.looked import Looked


def plan_json(study: StudySpec, plan: Plan, facts: Mapping[str, Any], confirm: Confirm) -> dict[str, Any]:
    """Return what a search means to do: the study, the rows of its data, the stages, the epochs, and the confirmation."""
    trainings = (confirm.leaders or 0) * confirm.seeds
    content = {
        "study": study.resolved(),
        "rows": facts.get("rows"),
        "n_trials": plan.trials,
        "stages": plan.stages,
        "rungs": plan.rungs,
        "coarse_rungs": plan.coarse_rungs or plan.rungs,
        "epochs": plan.epochs,
        "confirm": {**asdict(confirm), "epochs": trainings * plan.rungs[-1]} if trainings else None,
    }
    return dict(plain(content))


def outlook_json(ahead: Outlook) -> dict[str, Any]:
    """Return what a search is about to do: its plan, the run that it goes on with, and the trials that count as evidence."""
    run = ahead.run
    begun = run and {"run": str(ahead.directory), "ended": ahead.ended, "planned": run.plan.trials if run.plan else None}
    content = plan_json(ahead.subject.study, ahead.plan, ahead.subject.facts, ahead.confirm)
    return {**content, "goes_on_with": begun, "evidence": Counter(trial.run for trial in ahead.prior)}


def check_json(ahead: Preview, looked: Looked, count: int) -> dict[str, Any]:
    """Return what a search comes to as plain data; `count` is the number of trials that are written out."""
    content = {
        **outlook_json(ahead.outlook),
        "space": {histogram.name: _histogram_json(histogram) for histogram in ahead.histograms},
        "draws": {"counted": ahead.counted, "of": ahead.source},
        "data": _data_json(ahead, looked),
        "groups": ahead.groups and {**asdict(ahead.groups), "mean": ahead.groups.mean},
        "jobs": ahead.jobs,
        "seconds": ahead.seconds and ahead.seconds.mean,
        "seconds_if_the_costliest_are_best": ahead.seconds and ahead.seconds.costliest,
        "memory_bytes": ahead.memory and {**asdict(ahead.memory), "needed": ahead.memory.needed(ahead.jobs)},
        "disk_bytes": asdict(ahead.disk),
        "drawn": ahead.drawn,
        "chance_of_the_best_5_percent": ahead.chance,
        "first_trials": [{"trial": trial.number, "params": trial.params} for trial in ahead.first[:count]],
    }
    return dict(plain(content))


def refine_json(refinement: Refinement) -> dict[str, Any]:
    """Return the proposal as plain data."""
    content = {
        "n_trials": refinement.trials,
        "found": refinement.found,
        "finding": refinement.finding,
        "round": refinement.round_one or "the elites",
        "parameters": {advice.name: _advice_json(advice) for advice in refinement.advice},
    }
    return dict(plain(content))


def _histogram_json(histogram: Histogram) -> dict[str, Any]:
    facts = {name: getattr(histogram, name) for name in ("kind", "is_beta", "layers", "when", "active")}
    draws = [_bin_json(part, is_beta=histogram.is_beta) for part in histogram.bins]
    return {**facts, "scale": histogram.scale or None, "draws": draws}


def _bin_json(part: Bin, *, is_beta: bool) -> dict[str, Any]:
    """Return a part of a range, or a value, with the number of its draws; of a beta with its averaging window, in steps."""
    ends = {"value": part.low} if part.high is None else {"from": part.low, "to": part.high}
    windows = {f"window_{name}": 1 / (1 - end) for name, end in ends.items() if isinstance(end, float) and end < 1}
    return {**ends, **(windows if is_beta else {}), "count": part.count}


def _data_json(ahead: Preview, looked: Looked) -> dict[str, Any]:
    kept = ("task", "function", "target", "features", "rows", "target_deviation")
    facts = {name: ahead.outlook.subject.facts[name] for name in kept if name in ahead.outlook.subject.facts}
    classes = {part: dict(zip(looked.labels, counts, strict=True)) for part, counts in (looked.counts or {}).items()}
    columns = None if looked.columns is None else [asdict(column) for column in looked.columns]
    return {**facts, "classes": classes or None, **({} if columns is None else {"columns": columns})}


def _advice_json(advice: Advice) -> dict[str, Any]:
    return {
        "verdict": advice.verdict,
        "why": advice.why,
        "old": advice.old.describe(),
        "new": advice.new.describe() if advice.new is not None else None,
        "fixed": advice.fixed,
        "elites": list(advice.span),
        "leaders_inside": advice.inside,
        "leaders": advice.leaders,
        "edges": list(advice.edges),
        "importance": advice.importance,
    }
