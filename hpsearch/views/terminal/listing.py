"""The runs on the terminal, one row each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from rich.console import Group
from rich.table import Table

from hpsearch.prose import percent
from hpsearch.views.format import metric_value, quantity
from hpsearch.views.terminal.tables import narrowed, plain_table

DISPENSABLE = ("started", "state", "test", "trials")
"""The columns that are left out one after the other where a window is narrow."""


def runs_table(rows: Sequence[Mapping[str, object]], width: int) -> Group:
    """Return the runs, one row each, with as many columns as fit into `width`, and a line that names those left out."""
    return narrowed(lambda without: _table(rows, without), DISPENSABLE, width)


def _table(rows: Sequence[Mapping[str, object]], without: Collection[str]) -> Table:
    cells = [_cells(row) for row in rows]
    names = [name for name in cells[0] if name not in without]
    table = plain_table(*names)
    for row in cells:
        table.add_row(*(row[name] for name in names))
    return table


def _cells(row: Mapping[str, object]) -> dict[str, str]:
    """Return what a row shows, by column."""
    return {
        "run": Path(str(row["run"])).name,
        "state": str(row["state"]),
        "trials": "" if row["ended"] is None else f"{row['ended']} of {row['planned']}",
        "best": _best(row["metric"], row["score"]),
        "test": _tested(row["test_error"], row["test_rmse"]),
        "started": str(row["started"] or "")[:10],
    }


def _best(metric: object, score: object) -> str:
    """Return the best score, without the prefix that all metrics of networks share."""
    if not isinstance(score, float):
        return ""
    return f"{str(metric).removeprefix('validation_')} {metric_value(str(metric), score)}"


def _tested(error: object, rmse: object) -> str:
    if isinstance(rmse, float):
        return f"rmse {quantity(rmse)}"
    return f"error {percent(error, 3)}" if isinstance(error, float) else ""
