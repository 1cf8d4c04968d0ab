"""What a search comes to: counts, leaders and scores, as tables and lines, from the numbers of `summary`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from hpsearch.objectives.metrics import Select
from hpsearch.prose import both, counted, percent
from hpsearch.search.plan import AS_PLANNED
from hpsearch.trial import Status
from hpsearch.views.format import duration, metric_value, number, ordinal, parameter, quantity, run_argument
from hpsearch.views.numbers.summary import ErrorScore, FitScore, Leader, Summary
from hpsearch.views.terminal.confirmation import confirmation_lines, fresh_cell, judged_cell

NAME_WIDTH, LEADER_WIDTH, CONFIRMED_WIDTH = 25, 15, 16
"""What a column of the leaderboard takes at most: the longest names and values; a mean with its error."""


def plain_table(first: str, *others: str, justify: Literal["left", "right"] = "right") -> Table:
    """Return an empty table with a line below its heading; `justify` is that of all columns but the first."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column(first, no_wrap=True)
    for other in others:
        table.add_column(other, justify=justify)
    return table


def leaderboard(
    leaders: Sequence[Leader],
    metric: str,
    select: Select,
    parameters: Sequence[str],
    averaging: Sequence[str],
    width: int,
) -> Table:
    """Return the leaders side by side, a row for each fact, as many as fit into `width` columns.

    Below the score stands what fresh seeds gave, and what the other `select` would have given. `parameters` gives the
    order of the hyperparameters, `averaging` those that are shown with their window.
    """
    seeds = next((leader.fresh.seeds for leader in leaders if leader.fresh), 0)
    fitting = leaders[: max(1, (width - NAME_WIDTH) // (CONFIRMED_WIDTH if seeds else LEADER_WIDTH))]
    table = plain_table("trial", *(str(leader.trial) for leader in fitting))
    table.add_row(metric, *(metric_value(metric, leader.score) for leader in fitting), style="bold")
    if seeds:
        table.add_row(f"confirmed ({counted(seeds, 'seed')})", *(fresh_cell(leader.fresh) for leader in fitting))
        table.add_row(f"mean of all {seeds + 1}", *(judged_cell(leader.fresh, metric) for leader in fitting))
    if select == "best_epoch":
        table.add_row("in epoch", *(str(leader.selected_epoch) for leader in fitting))
        table.add_row("its last", *(metric_value(metric, leader.last) for leader in fitting))
    elif any(leader.selected_epoch > 1 for leader in fitting):
        bests = (f"{metric_value(metric, leader.best)} ({leader.best_epoch})" for leader in fitting)
        table.add_row("its best (epoch)", *bests)
    for name in (name for name in parameters if any(name in leader.params for leader in fitting)):
        cells = [parameter(name, x.params[name], averaging) if name in x.params else "" for x in fitting]
        table.add_row(f"{name} (window)" if name in averaging else name, *cells)
    return table


def counts(summary: Summary) -> Text:
    """Return how many trials ended how."""
    order = [status.value for status in Status]
    parts = [f"{summary.counts[status]} {status}" for status in order if status in summary.counts]
    return Text(f"{counted(summary.trials, 'trial')}: {', '.join(parts) or 'none started'}")


def reasons(summary: Summary) -> Text:
    """Return why trials failed or diverged, the most frequent first."""
    ranked = sorted(summary.reasons.items(), key=lambda item: -item[1])[:5]
    return Text("\n".join(f"  {count} x {reason}" for reason, count in ranked), style="red")


def judged(metric: str, select: Select) -> str:
    """Return what a search judges its trials by."""
    return f"judged by {metric} of the {select.replace('_', ' ')}"


def test_line(test: ErrorScore | FitScore, metric: str) -> str:
    """Return the test score, an error with its interval; with macro F1 where a search is judged by it."""
    if isinstance(test, FitScore):
        return f"test rmse {quantity(test.rmse)} (r2 {number(test.r2)})"
    f1 = f"macro F1 {number(test.macro_f1)}, " if metric.endswith("macro_f1") else ""
    return (
        f"test {f1}error {percent(test.error, 3)} ({test.wrong} of {test.rows} rows; "
        f"95 % interval {percent(test.low)} to {percent(test.high)})"
    )


def end_line(summary: Summary) -> str:
    """Return what is not finished, or why a search ended before its last trial; else nothing."""
    if not summary.finished:
        what = "its leaders are being trained again" if summary.ended else "the search goes on"
        return f"not finished: {what}; the command that began it takes it up"
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


def run_screen(summary: Summary, width: int) -> Group:
    """Return a run as one screen: counts, leaders, what confirming them gave, and the winner's test score."""
    parts: list[RenderableType] = [counts(summary)]
    if summary.reasons:
        parts.append(reasons(summary))
    for line in (
        end_line(summary),
        clock_line(summary),
        lineage_line(summary),
        parent_line(summary),
        judged(summary.metric, summary.select),
    ):
        parts += [Text(line)] if line else []
    return Group(*parts, *_best(summary, width))


def confirmation_screen(summary: Summary, width: int) -> Group:
    """Return what confirming the leaders of a run gave: they, side by side, and the winner's test score."""
    leaders = "the best" if len(summary.leaders) == 1 else f"the {len(summary.leaders)} best"
    title = f"{summary.run}: {leaders} of {counted(summary.trials, 'trial')}, trained again with fresh seeds"
    return Group(Text(title), Text(judged(summary.metric, summary.select)), *_best(summary, width))


def _best(summary: Summary, width: int) -> Iterator[RenderableType]:
    if summary.leaders:
        facts = (summary.metric, summary.select, summary.parameters, summary.averaging)
        yield from (Text(), leaderboard(summary.leaders, *facts, width))
    if lines := confirmation_lines(summary):
        yield from (Text(), *map(Text, lines))
    if summary.test:
        yield from (Text(), Text(f"trial {summary.leaders[0].trial}, {test_line(summary.test, summary.metric)}"))
        if summary.tests > 1:
            yield Text(_tested_again(summary.tests))


def _tested_again(times: int) -> str:
    return f"the test part was scored for the {ordinal(times)} time in this lineage: it flatters more each time"


def result_line(summary: Summary, directory: Path) -> str:
    """Return a finished run in one line."""
    if not summary.leaders:
        return f"{directory}: no trial completed"
    best = summary.leaders[0]
    line = f"{directory}: trial {best.trial}, {summary.metric} {metric_value(summary.metric, best.score)}"
    if best.fresh:
        line += f", confirmed {fresh_cell(best.fresh)} ({counted(best.fresh.seeds, 'fresh seed')})"
    return line + (f", {test_line(summary.test, summary.metric)}" if summary.test else "")


def result_screen(summary: Summary, directory: Path, seconds: float, width: int) -> Group:
    """Return what a search ends with: the run, and where its files lie."""
    place = f"{counted(summary.epochs, 'epoch')} in {duration(seconds)}; files in {directory}/"
    return Group(Text(), run_screen(summary, width), Text(), Text(place))


def next_commands(summary: Summary, directory: Path) -> str:
    """Return what to type next; to be printed without a line break, so that it can be copied."""
    run, best = run_argument(directory), summary.leaders[0].trial
    other = "confirm" if summary.seeded and not summary.confirmed else "refine"
    return f"next: hpsearch show {run} {best}    or: hpsearch {other} {run}"
