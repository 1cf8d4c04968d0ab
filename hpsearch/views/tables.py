"""Tables and texts for the terminal, from the numbers of `summary`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from hpsearch.objectives.metrics import Select
from hpsearch.objectives.objective import Confusion
from hpsearch.study.replay import RunRecord
from hpsearch.trial import Status, TrialRecord
from hpsearch.views.format import (
    beta,
    counted,
    duration,
    metric_value,
    number,
    parameter,
    percent,
    printable,
    quantity,
    run_argument,
)
from hpsearch.views.summary import ErrorScore, FitScore, Leader, Summary, most_confused

NAME_WIDTH = 25
LEADER_WIDTH = 15
WIDEST_MATRIX = 12
"""Classes; of more, or where they don't fit, the most frequent confusions are listed."""


def leaderboard(
    leaders: Sequence[Leader],
    metric: str,
    select: Select,
    parameters: Sequence[str],
    averaging: Sequence[str],
    width: int,
) -> Table:
    """Return the leaders side by side, a row for each fact, as many as fit into `width` columns.

    Below the score stands what the other `select` would have given. `parameters` gives the order of the hyperparameters,
    `averaging` those that are shown with their window.
    """
    fitting = leaders[: max(1, (width - NAME_WIDTH) // LEADER_WIDTH)]
    table = _table("trial", *(str(leader.trial) for leader in fitting))
    table.add_row(metric, *(metric_value(metric, leader.score) for leader in fitting), style="bold")
    if select == "best_epoch":
        table.add_row("in epoch", *(str(leader.selected_epoch) for leader in fitting))
        table.add_row("its last", *(metric_value(metric, leader.last) for leader in fitting))
    else:
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
    return Text("\n".join(f"  {count} x {printable(reason)}" for reason, count in ranked), style="red")


def judged(metric: str, select: Select) -> str:
    """Return what a search judges its trials by."""
    return f"judged by {metric} of the {select.replace('_', ' ')}"


def test_line(test: ErrorScore | FitScore, metric: str) -> str:
    """Return the test score, an error with its interval; with macro F1 where a search is judged by it."""
    if isinstance(test, FitScore):
        return f"test rmse {quantity(test.rmse)} (r2 {number(test.r2)})"
    f1 = f"macro F1 {number(test.macro_f1)}, " if metric.endswith("macro_f1") else ""
    return (
        f"test {f1}error {percent(test.error)} ({test.wrong} of {test.rows} rows; "
        f"95 % interval {percent(test.low, 2)} to {percent(test.high, 2)})"
    )


def run_screen(summary: Summary, width: int) -> Group:
    """Return a run as one screen: counts, leaders, and the winner's test score."""
    parts: list[RenderableType] = [counts(summary)]
    if summary.reasons:
        parts.append(reasons(summary))
    parts.append(Text(judged(summary.metric, summary.select)))
    if summary.leaders:
        facts = (summary.metric, summary.select, summary.parameters, summary.averaging)
        parts += [Text(), leaderboard(summary.leaders, *facts, width)]
    if summary.test:
        parts += [Text(), Text(f"trial {summary.leaders[0].trial}, {test_line(summary.test, summary.metric)}")]
    return Group(*parts)


def result_line(summary: Summary, directory: Path) -> str:
    """Return a finished run in one line."""
    if not summary.leaders:
        return f"{printable(str(directory))}: no trial completed"
    best = summary.leaders[0]
    line = f"{printable(str(directory))}: trial {best.trial}, {summary.metric} {metric_value(summary.metric, best.score)}"
    return line + (f", {test_line(summary.test, summary.metric)}" if summary.test else "")


def result_screen(summary: Summary, directory: Path, seconds: float, width: int) -> Group:
    """Return what a search ends with: the run, and where its files lie."""
    place = f"{counted(summary.epochs, 'epoch')} in {duration(seconds)}; files in {printable(str(directory))}/"
    return Group(Text(), run_screen(summary, width), Text(), Text(place))


def next_commands(summary: Summary, directory: Path) -> str:
    """Return what to type next; to be printed without a line break, so that it can be copied."""
    run, best = run_argument(directory), summary.leaders[0].trial
    return f"next: hpsearch show {run} {best}    or: hpsearch verify {run} --trial {best}"


def trial_screen(run: RunRecord, record: TrialRecord) -> Group:
    """Return one trial: its parameters, how it ended, and its curves, epoch by epoch."""
    metric = run.metric
    head = f"trial {record.number} of {printable(run.name)}: {record.status.value}, {counted(record.epochs_done, 'epoch')}"
    if record.status is Status.COMPLETE:
        head += f", {metric.name} {metric_value(metric.name, metric.shown(record.value))} in epoch {record.selected_epoch}"
    facts = Table.grid(padding=(0, 2))
    for name, value in record.trial.params.items():
        facts.add_row(f"  {printable(name)}", parameter(name, value, run.start["averaging"]))
    facts.add_row("  trained parameters", str(record.size))
    facts.add_row("  time", duration(record.seconds))
    curves = _table("epoch", *run.columns)
    for epoch in range(1, record.epochs_done + 1):
        cells = (metric_value(name, record.at(name, epoch)) for name in run.columns)
        curves.add_row(str(epoch), *cells, style="bold" if epoch == record.selected_epoch else None)
    parts: list[RenderableType] = [Text(head, style="bold"), facts]
    if record.reason:
        parts.append(Text(printable(record.reason), style="red"))
    return Group(*parts, Text(), curves)


def runs_table(rows: Sequence[Mapping[str, object]]) -> Table:
    """Return the runs, one row each."""
    table = _table("run", "state", "trials", "best", "test", "started")
    for row in rows:
        best = row["best"]
        table.add_row(
            printable(str(row["run"])),
            str(row["state"]),
            "" if row["ended"] is None else f"{row['ended']} of {row['planned']}",
            f"{row['metric']} {metric_value(str(row['metric']), best)}" if isinstance(best, float) else "",
            _tested(row["test_error"], row["test_rmse"]),
            printable(str(row["started"] or "")),
        )
    return table


def _tested(error: object, rmse: object) -> str:
    if isinstance(rmse, float):
        return f"rmse {quantity(rmse)}"
    return f"error {percent(error)}" if isinstance(error, float) else ""


def confusion_screen(part: str, confusion: Confusion, width: int) -> Group:
    """Return which classes were taken for which: the matrix where it fits, else the most frequent confusions."""
    labels = [printable(label) for label in confusion.labels]
    table = _table("true", *labels)
    for true, counts in enumerate(confusion.counts):
        table.add_row(labels[true], *(str(count) if count else "." for count in counts))
    if len(labels) <= WIDEST_MATRIX and Console(width=10**6).measure(table).maximum <= width:
        return Group(Text(f"{part} part: rows of each class (down) by the class they were taken for (across)"), table)
    worst = most_confused(confusion, WIDEST_MATRIX)
    lines = [f"  {printable(true)} taken for {printable(taken)}: {counted(rows, 'time')}" for true, taken, rows in worst]
    return Group(Text(f"{part} part, the most frequent confusions:"), Text("\n".join(lines or ["  none"])))


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
