"""The trials of a run on the terminal, a row each; what does not fit beside each other is left out, and named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len
from rich.console import Group
from rich.text import Text

from hpsearch.prose import first_of
from hpsearch.study.record import RunRecord
from hpsearch.views.format import metric_value, number, parameter, printable
from hpsearch.views.numbers.conditions import Cell, is_missing
from hpsearch.views.numbers.trials import TRIAL, Trials

SPACE = "   "
"""Between two columns."""

_LAST = ("epochs", "stage", "rung", "value", "best_epoch", "seconds", "started_at", "finished_at", "worker")
"""The columns that say least, from the first to go without."""


def trials_screen(run: RunRecord, chosen: Trials, width: int, wanted: Sequence[str] = ()) -> Group:
    """Return the chosen trials as a table, and a line that names the columns for which there is no room in `width`.

    `wanted` are columns that stay as long as any. The winner is bold, what went wrong red.
    """
    columns = {name: _set_right([name, *(_text(run, name, cell) for cell in chosen.cells(name))]) for name in chosen.columns}
    widths = {name: cell_len(cells[0]) for name, cells in columns.items()}
    kept = _fitting(widths, [TRIAL, *wanted, *_by_weight(run, chosen.columns)], width)
    heading, *lines = map(SPACE.join, zip(*(cells for name, cells in columns.items() if name in kept), strict=True))
    parts = [_line(heading, "bold"), _line("─" * cell_len(heading)), *map(_line, lines, _styles(run, chosen))]
    if left := [name for name in chosen.columns if name not in kept]:
        parts.append(Text(f"no room for {first_of(left)}; --cols chooses, --csv has them all"))
    return Group(*parts)


def _set_right(cells: Sequence[str]) -> list[str]:
    """Return the cells of a column as wide as the widest of them."""
    width = max(map(cell_len, cells))
    return [" " * (width - cell_len(cell)) + cell for cell in cells]


def _line(text: str, style: str = "") -> Text:
    """Return a line of the table. A table of rich's measures and wraps each of its cells, which takes long for thousands."""
    return Text(text.rstrip(), style, no_wrap=True, overflow="ignore")


def _by_weight(run: RunRecord, names: Iterable[str]) -> list[str]:
    """Return columns, those first that say most: the metric, how it ended, the parameters, other metrics, the clock."""
    metric = run.metric.column
    first = [metric, "status", *run.parameters]
    others = [name for name in run.columns if name != metric]
    return [name for name in dict.fromkeys((*first, *others, *_LAST)) if name in names]


def _fitting(widths: dict[str, int], names: Iterable[str], width: int) -> set[str]:
    """Return the first of the named columns, as many as there is room for; a column that is too wide gives way to others."""
    kept: set[str] = set()
    room = width + len(SPACE)
    for name in dict.fromkeys(name for name in names if name in widths):
        if widths[name] + len(SPACE) <= room or not kept:
            kept.add(name)
            room -= widths[name] + len(SPACE)
    return kept


def _styles(run: RunRecord, chosen: Trials) -> Iterator[str]:
    winner = run.winner
    for cell in chosen.cells(TRIAL):
        status = run.history[int(str(cell))].status
        if winner and cell == winner.number:
            yield "bold"
        else:
            yield "red" if status.is_failure else ""


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
