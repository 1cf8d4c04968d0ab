"""The leaders of a search under way: trial, metric, curve, and those of the parameters that there is room for."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from hpsearch.data.messages import escaped
from hpsearch.study.events import Started
from hpsearch.trial import Status, TrialRecord
from hpsearch.views.format import metric_value, parameter
from hpsearch.views.terminal.sparks import sparkline

GAP = 2
CURVE_WIDTHS = ((120, 20), (80, 14), (0, 10))
"""From so many columns on a curve has so many."""


def board(records: Sequence[TrialRecord], started: Started, width: int, *, blocks: bool) -> list[str]:
    """Return the heading and a row for each record, none wider than `width`.

    Columns that do not fit are left out; the metric and the curve stay longest, then the parameters in their order.
    """
    metric, length = started.metric, next(size for least, size in CURVE_WIDTHS if width >= least)
    columns = [
        ("trial", [str(record.number) for record in records]),
        (metric.name, [metric_value(metric.name, metric.shown(record.value)) for record in records]),
    ]
    if any(record.status is not Status.COMPLETE for record in records):
        columns.append(("epochs", [str(record.epochs_done) for record in records]))
    if any(record.epochs_done > 1 for record in records):
        columns.append(("curve", [_curve(record, started, length, blocks=blocks) for record in records]))
    for name in started.parameters:
        values = (record.trial.params.get(name) for record in records)
        cells = ["" if value is None else parameter(name, value, started.averaging) for value in values]
        if any(cells):
            columns.append((escaped(name), cells))
    return _joined([[title, *cells] for title, cells in columns], width)


def _curve(record: TrialRecord, started: Started, length: int, *, blocks: bool) -> str:
    metric = started.metric
    curve = [metric.shown(metric.value(recorded)) for recorded in record.curves.get(metric.column, ())]
    return sparkline(curve, length, blocks=blocks)


def _joined(columns: Sequence[Sequence[str]], width: int) -> list[str]:
    """Put columns side by side, the first two set to the right; those that do not fit are passed over."""
    lines, used = [""] * len(columns[0]), -GAP
    for place, column in enumerate(columns):
        room = max(map(cell_len, column))
        if used + GAP + room > width:
            continue
        gap = " " * (GAP if used >= 0 else 0)
        padded = [" " * (room - cell_len(cell)) for cell in column]
        cells = [pad + cell if place < 2 else cell + pad for pad, cell in zip(padded, column, strict=True)]
        lines = [line + gap + cell for line, cell in zip(lines, cells, strict=True)]
        used += GAP + room
    return [line.rstrip() for line in lines]
