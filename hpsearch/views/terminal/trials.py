"""The trials of a run on the terminal, a row each; what does not fit beside each other is left out, and named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.text import Text

from hpsearch.study.record import RunRecord
from hpsearch.trial import Status
from hpsearch.views.format import metric_value, number, parameter, printable
from hpsearch.views.numbers.conditions import Cell, is_missing
from hpsearch.views.numbers.trials import TRIAL, Trials
from hpsearch.views.terminal.tables import plain_table

GAP = 3
"""Between two columns of a table."""

_LAST = ("epochs", "stage", "rung", "value", "best_epoch", "seconds", "started_at", "finished_at", "worker")
"""The columns that say least, from the first to go without."""


def trials_screen(run: RunRecord, chosen: Trials, width: int, wanted: Sequence[str] = ()) -> Group:
    """Return the chosen trials as a table, and a line that names the columns for which there is no room in `width`.

    `wanted` are columns that stay as long as any. The winner is bold, what went wrong red.
    """
    texts = {name: [_text(run, name, cell) for cell in chosen.cells(name)] for name in chosen.columns}
    widths = {name: max(map(cell_len, (name, *cells))) for name, cells in texts.items()}
    kept = _fitting(widths, [TRIAL, *wanted, *_by_weight(run, chosen.columns)], width)
    table = plain_table(*(name for name in chosen.columns if name in kept))
    table.columns[0].justify = "right"
    for column in table.columns:
        column.no_wrap = True
    for place, style in enumerate(_styles(run, chosen)):
        table.add_row(*(texts[name][place] for name in chosen.columns if name in kept), style=style)
    parts: list[RenderableType] = [table]
    if left := [name for name in chosen.columns if name not in kept]:
        parts.append(Text(f"no room for {', '.join(left)}; --cols chooses, --csv has them all"))
    return Group(*parts)


def _by_weight(run: RunRecord, names: Iterable[str]) -> list[str]:
    """Return columns, those first that say most: the metric, how it ended, the parameters, other metrics, the clock."""
    metric = run.metric.column
    first = [metric, "status", *run.parameters]
    others = [name for name in run.columns if name != metric]
    return [name for name in dict.fromkeys((*first, *others, *_LAST)) if name in names]


def _fitting(widths: dict[str, int], names: Iterable[str], width: int) -> set[str]:
    """Return the first of the named columns, as many as there is room for; a column that is too wide gives way to others."""
    kept: set[str] = set()
    room = width + GAP
    for name in dict.fromkeys(name for name in names if name in widths):
        if widths[name] + GAP <= room or not kept:
            kept.add(name)
            room -= widths[name] + GAP
    return kept


def _styles(run: RunRecord, chosen: Trials) -> Iterator[str | None]:
    winner = run.winner
    for cell in chosen.cells(TRIAL):
        status = run.history[int(str(cell))].status
        if winner and cell == winner.number:
            yield "bold"
        else:
            yield None if status in (Status.COMPLETE, Status.STOPPED, Status.WAITING) else "red"


def _text(run: RunRecord, name: str, cell: Cell) -> str:
    """Return a cell as people read it: three digits, betas with their window, times without their fractions."""
    if cell is None or is_missing(cell):
        return ""
    if name.endswith("_at"):
        return str(cell)[:19].replace("T", " ")
    if name in run.columns and isinstance(cell, float):
        return metric_value(name, cell)
    if name in run.parameters:
        return parameter(name, cell, run.averaging)
    return number(cell) if isinstance(cell, float) else printable(str(cell))
