"""What a search comes to: counts, leaders and scores, as tables and lines, from the numbers of `summary`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Literal

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from hpsearch.objectives.metrics import Select
from hpsearch.prose import counted
from hpsearch.trial import Status
from hpsearch.views.confirmation import confirmation_lines, fresh_cell, judged_cell
from hpsearch.views.format import duration, metric_value, parameter
from hpsearch.views.numbers.summary import Leader, Summary
from hpsearch.views.terminal.console import fits
from hpsearch.views.words import (
    clock_line,
    edge_line,
    end_line,
    judged,
    lineage_line,
    parent_line,
    reason_line,
    test_line,
    tested_again,
)

NAME_WIDTH, LEADER_WIDTH, CONFIRMED_WIDTH = 25, 15, 16
"""What a column of the leaderboard takes at most: the longest names and values; a mean with its error."""

MOST_REASONS = 5
"""So many reasons of failures are told; the rest is counted."""


def plain_table(first: str, *others: str, justify: Literal["left", "right"] = "right") -> Table:
    """Return an empty table with a line below its heading; `justify` is that of all columns but the first."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column(first, no_wrap=True)
    for other in others:
        table.add_column(other, justify=justify, overflow="fold")
    return table


def narrowed(make: Callable[[Collection[str]], Table], order: Sequence[str], width: int, *, folded: bool = False) -> Group:
    """Return a table that fits, made without as few columns as that takes, the first of `order` first; a line names them."""
    for count in range(len(order) + 1):
        table = make(order[:count])
        if fits(table, width, folded=folded):
            break
    return Group(table, Text(f"no room for {', '.join(order[:count])}")) if count else Group(table)


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
    most = min((width - NAME_WIDTH) // (CONFIRMED_WIDTH if seeds else LEADER_WIDTH), len(leaders))
    for count in range(max(1, most), 0, -1):
        table = _beside(leaders[:count], metric, select, parameters, averaging)
        if fits(table, width):
            break
    return table


def _beside(
    fitting: Sequence[Leader], metric: str, select: Select, parameters: Sequence[str], averaging: Sequence[str]
) -> Table:
    """Return leaders side by side."""
    seeds = next((leader.fresh.seeds for leader in fitting if leader.fresh), 0)
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
    """Return why trials failed, the most frequent reasons first."""
    lines = [reason_line(reason, numbers) for reason, numbers in summary.reasons.items()]
    more = [f"and {counted(len(lines) - MOST_REASONS, 'more reason')}"] if len(lines) > MOST_REASONS else []
    return Text("\n".join(f"  {line}" for line in (*lines[:MOST_REASONS], *more)), style="red")


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
            yield Text(tested_again(summary.tests))
    if summary.crowded:
        yield Text()
        yield from (Text(edge_line(one, summary.averaging), "yellow") for one in summary.crowded)


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
