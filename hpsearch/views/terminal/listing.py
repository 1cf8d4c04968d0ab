"""The runs on the terminal, one row each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.table import Table

from hpsearch.prose import percent
from hpsearch.views.format import metric_value, quantity
from hpsearch.views.terminal.console import fits
from hpsearch.views.terminal.tables import plain_table


def runs_table(rows: Sequence[Mapping[str, object]], width: int) -> Table:
    """Return the runs, one row each; the day when each was started where it fits into `width` columns."""
    table = _table(rows, with_day=True)
    return table if fits(table, width) else _table(rows, with_day=False)


def _table(rows: Sequence[Mapping[str, object]], *, with_day: bool) -> Table:
    table = plain_table("run", "state", "trials", "best", "test", *(["started"] if with_day else []))
    for row in rows:
        cells = [
            str(row["run"]),
            str(row["state"]),
            "" if row["ended"] is None else f"{row['ended']} of {row['planned']}",
            _best(row["metric"], row["best"]),
            _tested(row["test_error"], row["test_rmse"]),
        ]
        table.add_row(*cells, *([str(row["started"] or "")[:10]] if with_day else []))
    return table


def _best(metric: object, best: object) -> str:
    """Return the best score, without the prefix that all metrics of networks share."""
    if not isinstance(best, float):
        return ""
    return f"{str(metric).removeprefix('validation_')} {metric_value(str(metric), best)}"


def _tested(error: object, rmse: object) -> str:
    if isinstance(rmse, float):
        return f"rmse {quantity(rmse)}"
    return f"error {percent(error, 3)}" if isinstance(error, float) else ""
