"""What is to be said of a run, in sentences that every look shares; numbers come from `numbers`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from hpsearch.data.messages import escaped
from hpsearch.objectives.metrics import Select
from hpsearch.prose import both, counted, first_of, percent
from hpsearch.search.plan import AS_PLANNED
from hpsearch.views.format import metric_values, number, ordinal, parameter, quantity, run_argument, share
from hpsearch.views.numbers.importance import FEWEST_NAMED, FEWEST_TOLD, Matters
from hpsearch.views.numbers.progress import Milestone
from hpsearch.views.numbers.slices import Crowded
from hpsearch.views.numbers.summary import ErrorScore, FitScore, Summary

STALE = 0.25
"""A search may still be improving if it found its best among that share of its trials, the last ones."""


def judged(metric: str, select: Select) -> str:
    """Return what a search judges its trials by."""
    return f"judged by {metric} of the {select.replace('_', ' ')}"


def test_score(test: ErrorScore | FitScore, metric: str) -> tuple[str, str]:
    """Return the test score, with macro F1 where a search is judged by it, and what comes with it: an error's interval."""
    if isinstance(test, FitScore):
        return f"rmse {quantity(test.rmse)}", f"r2 {number(test.r2)}"
    f1 = f"macro F1 {number(test.macro_f1)}, " if metric.endswith("macro_f1") else ""
    interval = f"95 % interval {percent(test.low)} to {percent(test.high)}"
    return f"{f1}error {percent(test.error, 3)}", f"{test.wrong} of {test.rows} rows; {interval}"


def test_line(test: ErrorScore | FitScore, metric: str) -> str:
    """Return the test score in a line, with what comes with it."""
    score, more = test_score(test, metric)
    return f"test {score} ({more})"


def improvement_line(metric: str, ended: Sequence[Milestone]) -> str:
    """Return when a search last found a better trial, and how many have ended since; nothing before there is a best."""
    better = [one for one in ended if one.is_better]
    if not better:
        return ""
    last, since = better[-1], len(ended) - better[-1].n_trials
    told = metric_values(metric, [one.best for one in better[-2:]])
    before = f" from {told[0]}" if len(told) > 1 else ""
    which = f"the {ordinal(last.n_trials)} of {counted(len(ended), 'trial')}"
    came = f"{metric} came{before} to {told[-1]} with {which}"
    if since < STALE * len(ended):
        return f"{came}: it may still be improving"
    return f"{came}: no better one among the {since:,} since"


def reason_line(reason: str, numbers: Sequence[int]) -> str:
    """Return why some trials failed, by number."""
    named = f"trial {numbers[0]}" if len(numbers) == 1 else f"{len(numbers)} trials ({first_of(numbers, 8)})"
    return f"{named}: {reason}"


def end_line(summary: Summary) -> str:
    """Return what is not finished, or why a search ended before its last trial; else nothing."""
    if not summary.finished:
        return "not finished; the command that began it goes on with it"
    if summary.ended != AS_PLANNED:
        return f"ended with {summary.trials} of {summary.planned} trials: {summary.ended}"
    if summary.planned < summary.asked:
        why = "trials got worse in later epochs, so stages took fewer of them, all to the end"
        return f"{summary.planned} trials for the epochs of {summary.asked}: {why}"
    return ""


def clock_line(summary: Summary) -> str:
    """Return what a run has come to by the clock, and not by its spec; nothing where that had no say."""
    decided = ", ".join("its end" if name == "hours" else f"{n} {name}" for name, n in summary.by_the_clock.items())
    return f"decided by the clock: {decided}; another run of this spec may come out otherwise" if decided else ""


def lineage_line(summary: Summary) -> str:
    """Return what a run was refined from, and whose trials count as evidence; nothing for a run of its own."""
    parent = f"refined from {summary.parent}" if summary.parent else ""
    return "; ".join(filter(None, (parent, evidence_text(summary.evidence))))


def evidence_text(evidence: Mapping[str, int]) -> str:
    """Return whose trials count as evidence, from their number by run; nothing without any."""
    known = [f"{counted(count, 'trial')} of {run}" for run, count in evidence.items()]
    return f"{both(known)} {'counts' if sum(evidence.values()) == 1 else 'count'} as evidence" if known else ""


def parent_line(summary: Summary) -> str:
    """Return that a search is no better than its parent, or than what it was given, or was not compared; else nothing."""
    parent = summary.parent.partition(",")[0]
    if not summary.ended or summary.beaten:
        return ""
    if not parent:
        return "" if summary.beaten is None else "nothing better than what it was given to begin with was found"
    if summary.beaten is None:
        return f"whether it is better than {parent} is not known: the best of that was not trained to the end here"
    return f"nothing better than {parent} was found: its best, given to this search, is the best here too"


def tested_again(times: int) -> str:
    """Return what it means that the test part was scored so many times."""
    return f"the test part was scored for the {ordinal(times)} time in this lineage: it flatters more each time"


def importance_line(matters: Matters) -> str:
    """Return what can be said of the importance of parameters where there are no numbers."""
    trials = counted(matters.trials, "trial")
    if matters.trials < FEWEST_NAMED:
        return f"importance: {trials} with a number say nothing; from {FEWEST_NAMED} on they may"
    if not matters.parameters:
        return f"importance: no parameter stands out among {trials}: shuffled values might look the same"
    return f"{matters.parameters[0].name} probably matters most; from {FEWEST_TOLD} trials on there are numbers"


def top_line(matters: Matters) -> str:
    """Return what matters most, in numbers where the trials allow it."""
    if matters.trials < FEWEST_TOLD or not matters.parameters:
        return importance_line(matters)
    top = matters.parameters[0]
    main, near = share(top.main_effect, top.main_error), share(top.local, top.local_error)
    return f"{escaped(top.name)} matters most: main effect {main}, near the best {near}"


def edge_line(edge: Crowded, averaging: Collection[str]) -> str:
    """Return that the best trials crowd an end of a range."""
    many = "all" if edge.count == edge.best else edge.count
    place = f"its {edge.end} end, {parameter(edge.name, edge.bound, averaging)}"
    return f"{escaped(edge.name)}: {many} of the best {edge.best} are at {place}; better ones may lie beyond"


def importance_notes(matters: Matters) -> list[str]:
    """Return what the numbers of importance mean."""
    notes = [
        "main effect: the share of the spread of scores, by rank, that the parameter explains on its own",
        "near the best: its share of what a good point loses on average when one parameter is drawn anew",
        "±: the standard error, how far a share would typically move had other trials been seen",
    ]
    if matters.zoomed:
        notes.append("later trials lie near the good ones: what was settled early matters more than these numbers say")
    return notes


def next_commands(summary: Summary, directory: Path) -> str:
    """Return what to type next; to be printed without a line break, so that it can be copied."""
    run, best = run_argument(directory), summary.leaders[0].trial
    other = "confirm" if summary.seeded and not summary.confirmed else "refine"
    return f"next: hpsearch show {run} {best}    or: hpsearch {other} {run}"
