"""Tables and texts for the terminal, from the numbers of `summary`."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from hpsearch.objectives.metrics import METRICS
from hpsearch.study.replay import RunRecord
from hpsearch.trial import Status, TrialRecord
from hpsearch.views.format import beta, counted, duration, number, parameter, percent, printable
from hpsearch.views.summary import FinalScore, Leader, Summary

NAME_WIDTH = 25
LEADER_WIDTH = 15


def leaderboard(
    leaders: Sequence[Leader], metric: str, parameters: Sequence[str], averaging: Sequence[str], width: int
) -> Table:
    """Return the leaders side by side, a row for each fact, as many as fit into `width` columns.

    `parameters` gives the order of the hyperparameters, `averaging` those that are shown with their window.
    """
    fitting = leaders[: max(1, (width - NAME_WIDTH) // LEADER_WIDTH)]
    table = _table("trial", *(str(leader.trial) for leader in fitting))
    table.add_row(metric, *(number(leader.last) for leader in fitting), style="bold")
    table.add_row("its best (epoch)", *(f"{number(leader.best)} ({leader.best_epoch})" for leader in fitting))
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
    """Return why trials failed, the most frequent first."""
    ranked = sorted(summary.reasons.items(), key=lambda item: -item[1])[:5]
    return Text("\n".join(f"  {count} x {printable(reason)}" for reason, count in ranked), style="red")


def test_line(test: FinalScore) -> str:
    """Return the test score with its interval."""
    return (
        f"test error {percent(test.error)} ({test.wrong} of {test.rows} rows; "
        f"95 % interval {percent(test.low, 2)} to {percent(test.high, 2)})"
    )


def run_screen(summary: Summary, width: int) -> Group:
    """Return a run as one screen: counts, leaders, and the winner's test score."""
    parts: list[RenderableType] = [counts(summary)]
    if summary.reasons:
        parts.append(reasons(summary))
    if summary.leaders:
        parts += [Text(), leaderboard(summary.leaders, summary.metric, summary.parameters, summary.averaging, width)]
    if summary.test:
        parts += [Text(), Text(f"trial {summary.leaders[0].trial}, {test_line(summary.test)}")]
    return Group(*parts)


def result_line(summary: Summary, directory: Path) -> str:
    """Return a finished run in one line."""
    if not summary.leaders:
        return f"{directory}: no trial completed"
    best = summary.leaders[0]
    line = f"{directory}: trial {best.trial}, {summary.metric} {number(best.last)}"
    return line + (f", {test_line(summary.test)}" if summary.test else "")


def result_screen(summary: Summary, directory: Path, seconds: float, width: int) -> Group:
    """Return what a search ends with: the run, where its files lie, and what to type next."""
    parts: list[RenderableType] = [Text(), run_screen(summary, width), Text()]
    parts.append(Text(f"{summary.epochs} epochs in {duration(seconds)}; files in {directory}/"))
    if summary.leaders:
        best = summary.leaders[0].trial
        run = shlex.quote(summary.run if directory.parent == Path("runs") else str(directory))
        parts.append(Text(f"next: hpsearch show {run} {best}    or: hpsearch verify {run} --trial {best}"))
    return Group(*parts)


def trial_screen(run: RunRecord, record: TrialRecord) -> Group:
    """Return one trial: its parameters, how it ended, and its curves, epoch by epoch."""
    metric = run.start["metric"]
    head = f"trial {record.number} of {run.name}: {record.status.value}, {counted(record.epochs_done, 'epoch')}"
    if record.status is Status.COMPLETE:
        head += f", {metric} {number(METRICS[metric].shown(record.value))}"
    facts = Table.grid(padding=(0, 2))
    for name, value in record.trial.params.items():
        facts.add_row(f"  {name}", parameter(name, value, run.start["averaging"]))
    facts.add_row("  trained parameters", str(record.size))
    facts.add_row("  time", duration(record.seconds))
    curves = _table("epoch", *run.metrics)
    for epoch in range(1, record.epochs_done + 1):
        curves.add_row(str(epoch), *(number(record.at(name, epoch)) for name in run.metrics))
    parts: list[RenderableType] = [Text(head, style="bold"), facts]
    if record.reason:
        parts.append(Text(printable(record.reason), style="red"))
    return Group(*parts, Text(), curves)


def runs_table(rows: Sequence[Mapping[str, object]]) -> Table:
    """Return the runs, one row each."""
    table = _table("run", "state", "trials", "best", "test error", "started")
    for row in rows:
        best, test = row["best"], row["test_error"]
        table.add_row(
            printable(str(row["run"])),
            str(row["state"]),
            f"{row['ended']} of {row['planned']}",
            f"{row['metric']} {number(best)}" if isinstance(best, float) else "",
            percent(test) if isinstance(test, float) else "",
            str(row["started"]),
        )
    return table


def space_table(space: Mapping[str, Any], averaging: Sequence[str]) -> Table:
    """Return the `space` section of a spec as a table: what is searched, on which scale, and when."""
    table = _table("parameter", "values", "scale", "when", justify="left")
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


def _table(first: str, *others: str, justify: str = "right") -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column(first, no_wrap=True)
    for other in others:
        table.add_column(other, justify="left" if justify == "left" else "right")
    return table
