"""All trials as a table: numbers as people read them, with all their digits in the title of the cell."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from hpsearch.study.record import RunRecord
from hpsearch.trial import TrialRecord, Value, best_first, headline
from hpsearch.views.format import metric_value, printable, value_text
from hpsearch.views.page.elements import Html, element, text

SHOWN = 300
"""Rows that are shown before all are asked for, so that the page opens fast."""

PRINTED_ROWS, PRINTED_COLUMNS = 100, 14
"""Rows and columns that are printed: a sheet is no wider."""

FIRST_PARAMETER = 5
"""The place of its column."""

LONGEST = 120
"""Letters of a reason."""

Cell = tuple[str, Any]
"""What is read, and the value in full; None for none."""


def trial_table(run: RunRecord) -> Html:
    """Return the table of all trials, the best first."""
    records = best_first(run.history.values())
    rows = [_cells(run, record) for record in records]
    best = run.winner.number if run.winner else None
    columns = list(zip(*rows, strict=True)) or [()] * len(_names(run))
    words = [any(_is_words(full) for _, full in column) for column in columns]
    texts = [
        f'<tr id="t{record.number}"{" class=best" if record.number == best else ""}>{"".join(map(_cell, cells, words))}</tr>'
        for record, cells in zip(records, rows, strict=True)
    ]
    heads = [_head(*told, run) for told in zip(_names(run), columns, words, strict=True)]
    head, body = element("thead", element("tr", *heads)), element("tbody", Html("\n" + "\n".join(texts)))
    return element("table", element("caption", "All trials"), head, body, id="trials")


def limits() -> str:
    """Return the style that holds the table to what is shown at first, and to what is printed."""
    rows = "#trials tbody{} tr:nth-child(n+{} of :not(.out))"
    columns = f"#trials :is(td, th):nth-child(n+{PRINTED_COLUMNS + 1})"
    return (
        f"{rows.format(':not(.all)', SHOWN + 1)} {{ display: none }}\n"
        f"@media print {{ {rows.format('', PRINTED_ROWS + 1)}, {columns} {{ display: none }} }}"
    )


def left_out_in_print(run: RunRecord) -> str:
    """Return that the table is not printed whole; nothing where it is."""
    if len(run.history) <= PRINTED_ROWS and len(_names(run)) <= PRINTED_COLUMNS:
        return ""
    return f"At most {PRINTED_ROWS} rows and {PRINTED_COLUMNS} columns are printed; all are on screen and in trials.csv."


def _head(name: str, cells: Sequence[Cell], words: bool, run: RunRecord) -> Html:
    """Return a heading; that of the metric sorts the best first, and says so where the rows stand like that."""
    order, higher = None, run.metric.higher_is_better
    if name == run.metric.name:
        order = "descending" if higher else "ascending"
    full = [math.nan if value is None else -value if higher else value for _, value in cells] if order else []
    is_sorted = all(one <= after or math.isnan(after) for one, after in pairwise(full))
    button = element("button", Html(text(name).replace("_", "_<wbr>")), type="button")
    sort = {"data_first": order, "aria_sort": order if is_sorted else None}
    return element("th", button, scope="col", class_="w" if words else None, **sort)


def _cell(cell: Cell, words: bool) -> str:
    read, full = cell
    whole = (
        "" if full is None else full if isinstance(full, str) else json.dumps(full) if isinstance(full, list) else repr(full)
    )
    title = f' title="{text(whole)}"' if whole != read else ""
    return f"<td{' class=w' if words else ''}{title}>{text(read)}</td>"


def _is_words(full: Any) -> bool:
    return isinstance(full, str | list | bool)


def _names(run: RunRecord) -> list[str]:
    parameters = map(printable, run.parameters)
    return ["trial", "stage", "status", run.metric.name, "epochs", *parameters, *_others(run), "seconds", "reason"]


def _others(run: RunRecord) -> list[str]:
    """Return the columns on record that are not the metric itself."""
    return [name for name in run.columns if name not in (run.metric.name, "value")]


def _cells(run: RunRecord, record: TrialRecord) -> list[Cell]:
    trial = record.trial
    return [
        (str(trial.number), trial.number),
        (str(trial.stage), trial.stage),
        (record.status.value, record.status.value),
        _score(run.metric.name, run.metric.shown(record.value)),
        (str(record.epochs_done), record.epochs_done),
        *(_parameter(trial.params.get(name), name in run.averaging) for name in run.parameters),
        *(_score(name, record.selected(name)) for name in _others(run)),
        _score("seconds", round(record.seconds, 3) if record.seconds else math.nan),
        _reason(record.reason),
    ]


def _score(name: str, value: float) -> Cell:
    return ("", None) if math.isnan(value) else (metric_value(name, value), value)


def _parameter(value: Value | None, is_beta: bool) -> Cell:
    return ("", None) if value is None else (value_text(value, is_beta=is_beta), value)


def _reason(reason: str) -> Cell:
    if not reason:
        return "", None
    line = printable(headline(reason))
    return (line, line) if len(line) <= LONGEST else (line[:LONGEST] + " ...", line[: 4 * LONGEST])
