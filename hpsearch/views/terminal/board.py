"""The leaders of a search under way: trial, metric, curve, and those of the parameters that there is room for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from hpsearch.data.messages import escaped
from hpsearch.study.events import Started
from hpsearch.trial import Status, TrialRecord
from hpsearch.views.format import metric_value, parameter
from hpsearch.views.terminal.sparks import sparkline

GAP = 2
CURVE_WIDTHS = ((120, 20), (80, 14), (0, 10))
"""From so many columns on a curve has so many."""


class Board:
    """A calm table: in a window of one width no column gets narrower, and none goes because its cells are empty."""

    def __init__(self) -> None:
        self._window, self._widths = 0, dict[str, int]()

    def lines(self, records: Sequence[TrialRecord], started: Started, parameters: Sequence[str], width: int) -> list[str]:
        """Return the heading and a row for each record, none wider than `width`.

        Columns that do not fit are left out; the metric and the curve stay longest, then the `parameters` in their order.
        """
        if width != self._window:
            self._window, self._widths = width, {}
        columns = [[title, *cells] for title, cells in self._columns(records, started, parameters, width)]
        for title, *cells in columns:
            self._widths[title] = max(self._widths.get(title, 0), *map(cell_len, (title, *cells)))
        return self._joined(columns, width)

    def _columns(
        self, records: Sequence[TrialRecord], started: Started, parameters: Sequence[str], width: int
    ) -> Iterator[tuple[str, list[str]]]:
        metric, length = started.metric, next(size for least, size in CURVE_WIDTHS if width >= least)
        yield "trial", [str(record.number) for record in records]
        yield metric.name, [metric_value(metric.name, metric.shown(record.value)) for record in records]
        if any(record.status is not Status.COMPLETE for record in records):
            yield "epochs", [str(record.epochs_done) for record in records]
        if any(record.epochs_done > 1 for record in records):
            yield "curve", [_curve(record, started, length) for record in records]
        for name in parameters:
            values = (record.trial.params.get(name) for record in records)
            cells = ["" if value is None else parameter(name, value, started.averaging) for value in values]
            if any(cells) or escaped(name) in self._widths:
                yield escaped(name), cells

    def _joined(self, columns: Sequence[Sequence[str]], width: int) -> list[str]:
        """Put columns side by side, the first two set to the right; those that do not fit are passed over."""
        lines, used = [""] * len(columns[0]), -GAP
        for place, column in enumerate(columns):
            room = self._widths[column[0]]
            if used + GAP + room > width:
                continue
            gap = " " * (GAP if used >= 0 else 0)
            padded = [" " * (room - cell_len(cell)) for cell in column]
            cells = [pad + cell if place < 2 else cell + pad for pad, cell in zip(padded, column, strict=True)]
            lines = [line + gap + cell for line, cell in zip(lines, cells, strict=True)]
            used += GAP + room
        return [line.rstrip() for line in lines]


def _curve(record: TrialRecord, started: Started, length: int) -> str:
    metric = started.metric
    curve = [metric.shown(metric.value(recorded)) for recorded in record.curves.get(metric.column, ())]
    return sparkline(curve, length)
