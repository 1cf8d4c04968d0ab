"""Runs side by side: their winners and what sets these apart, then what each searched and what it came to.

The pictures are of plain characters, so that every terminal has them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from string import ascii_uppercase
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from hpsearch.prose import both, counted, percent
from hpsearch.trial import Status, Value
from hpsearch.views.confirmation import fresh_cell
from hpsearch.views.format import domain_text, duration, metric_value, metric_values, told_apart, value_text, value_texts
from hpsearch.views.numbers.axis import ScoreAxis
from hpsearch.views.numbers.comparison import SHARES, Comparison, Reached, Side
from hpsearch.views.numbers.slices import BEST
from hpsearch.views.numbers.spaces import Held, Moved, Placed, Row, Searched
from hpsearch.views.numbers.summary import ErrorScore, FitScore
from hpsearch.views.terminal.tables import plain_table
from hpsearch.views.terminal.verdict import verdicts
from hpsearch.views.words import end_line, judged, lineage_line

NAMES, LONGEST_VALUE = 24, 40
"""What the names of rows may take of the width, and a value of the spec."""

FEWEST_FOR_BOX = 5
NARROWEST_BOX, WIDEST_BOX = 20, 72


def comparison_screen(comparison: Comparison, width: int) -> Group:
    """Return runs side by side, in columns of a window so wide."""
    labels = _labels(comparison.sides, width)
    blocks: list[RenderableType] = []
    for block in (
        _verdict(comparison, labels),
        _facts(comparison, labels),
        _winners_table(comparison, labels),
        _space_table(comparison, labels),
        _settings_table(comparison, labels),
        _moved_table(comparison, labels, width),
        *([] if comparison.unlike else _scores_side_by_side(comparison, labels, width)),
    ):
        blocks += [Text(), block] if block else []
    return Group(*map(Text, _heading(comparison, labels)), *blocks)


def _verdict(comparison: Comparison, labels: Sequence[str]) -> RenderableType:
    """Return what the answer is, which stands out, with what is to be known of it."""
    lines = [Text(f"not to be compared: {line}", "bold red") for line in comparison.unlike]
    for first, *more in verdicts(comparison, labels):
        lines += [Text(first, "bold"), *map(Text, more)]
    return Group(*lines) if lines else ""


def _scores_side_by_side(comparison: Comparison, labels: Sequence[str], width: int) -> Iterator[RenderableType]:
    yield _quantiles_table(comparison, labels)
    yield _boxes(comparison, labels, width)
    yield _reached_table(comparison, labels)


def _labels(sides: Sequence[Side], width: int) -> list[str]:
    """Return the heading of each run's column: its name, where there is room for it, else a letter."""
    names = [side.summary.run for side in sides]
    room = (width - NAMES) // len(names) - 2
    is_told = len(set(names)) == len(names) and max(map(len, names)) <= room
    return names if is_told else list(ascii_uppercase[: len(names)])


def _heading(comparison: Comparison, labels: Sequence[str]) -> Iterator[str]:
    sides = list(zip(comparison.sides, labels, strict=True))
    lettered = any(side.summary.run != label for side, label in sides)
    on = f" on the same {comparison.rows:,} rows" if comparison.rows else ""
    yield f"{'runs' if lettered else both(labels)}, {judged(comparison.metric, comparison.sides[0].summary.select)}{on}"
    if lettered:
        yield from (f"  {label}  {side.directory}" for side, label in sides)
    for side, label in sides:
        cost = "; what those cost is not counted here" if side.summary.evidence else ""
        for line in (end_line(side.summary), f"{lineage_line(side.summary)}{cost}"):
            yield from ([f"{label}: {line}"] if line else [])


def _facts(comparison: Comparison, labels: Sequence[str]) -> Table:
    sides, best = comparison.sides, [side.best for side in comparison.sides]
    fresh, counts = [one.fresh if one else None for one in best], [side.summary.counts for side in sides]
    table = plain_table("", *labels)
    texts = iter(metric_values(comparison.metric, [one.score for one in best if one]))
    scores = (next(texts) if one else "none" for one in best)
    table.add_row(comparison.metric, *scores, style="bold")
    rows = [
        ("with fresh seeds", map(fresh_cell, fresh)),
        ("  seeds", (str(one.seeds) if one else "" for one in fresh)),
        ("test part", (_test(side.summary.test) for side in sides)),
        ("trial", (str(one.trial) if one else "" for one in best)),
        ("method", (side.method for side in sides)),
        ("trials", (str(side.summary.trials) for side in sides)),
        *((f"  {status.value}", [str(count.get(status.value, "")) for count in counts]) for status in Status),
        ("epochs", (f"{side.epochs:,}" for side in sides)),
        ("time", (duration(side.seconds) for side in sides)),
    ]
    for name, told in rows:
        if any(cells := list(told)):
            table.add_row(name, *cells)
    return table


def _test(test: ErrorScore | FitScore | None) -> str:
    if isinstance(test, FitScore):
        return f"rmse {metric_value('rmse', test.rmse)}"
    return f"error {percent(test.error, 3)}" if test else ""


def _space_table(comparison: Comparison, labels: Sequence[str]) -> RenderableType:
    return _folded("space", comparison.spaces, labels, _searched, _betas(comparison))


def _folded(
    title: str, rows: Sequence[Row], labels: Sequence[str], write: Callable[..., str], betas: Collection[str]
) -> RenderableType:
    """Return a table of the rows that differ, and below it the names of those that say the same of all runs."""
    if not rows:
        return ""
    same, table = [row.name for row in rows if row.is_same], plain_table(title, *labels, justify="left")
    for row in rows:
        if not row.is_same:
            table.add_row(row.name, *told_apart(row.cells, partial(write, is_beta=row.name in betas)))
    told = f"the same in {'both' if len(labels) == 2 else 'all'}: {', '.join(same)}"
    if not table.rows:
        return Text(f"{title}, {told}")
    return Group(table, *([Text(told)] if same else []))


def _searched(cell: Searched, more: int, *, is_beta: bool) -> str:
    if cell.domain is None:
        return "not searched" if cell.fixed is None else f"fixed at {value_text(cell.fixed, is_beta=is_beta, more=more)}"
    parts = [domain_text(cell.domain, is_beta=is_beta, more=more), str(cell.domain.get("scale", ""))]
    parts += ["whole numbers"] if all(isinstance(bound, int) for bound in cell.domain.get("range", [0.0])) else []
    parts += ["per layer"] if "per" in cell.domain else []
    when = [f"{parent} is {_value(values)}" for parent, values in cell.domain.get("when", {}).items()]
    return ", ".join(filter(None, parts)) + (f", if {' and '.join(when)}" if when else "")


def _settings_table(comparison: Comparison, labels: Sequence[str]) -> RenderableType:
    if not comparison.settings:
        return ""
    table = plain_table("other settings", *labels, justify="left")
    for row in comparison.settings:
        table.add_row(row.name, *told_apart(row.cells, _setting))
    return table


def _setting(value: Any, more: int) -> str:
    """Return a value of a spec in a line, cut where that is long."""
    text, longest = "not given" if value is None else _value(value, more), (1 + more) * LONGEST_VALUE
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def _value(value: Any, more: int = 0) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_value(item, more)}" for key, item in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(_value(item, more) for item in value) or "none"
    return value_text(value, more=more)


def _winners_table(comparison: Comparison, labels: Sequence[str]) -> RenderableType:
    if sum(side.best is not None for side in comparison.sides) < 2:
        return ""
    return _folded("the winners' params", comparison.winners, labels, _held, _betas(comparison))


def _held(cell: Held | None, more: int, *, is_beta: bool) -> str:
    return f"{value_text(cell.value, is_beta=is_beta, more=more)}{' (fixed)' if cell.fixed else ''}" if cell else ""


def _betas(comparison: Comparison) -> set[str]:
    return {name for side in comparison.sides for name in side.summary.averaging}


def _moved_table(comparison: Comparison, labels: Sequence[str], width: int) -> RenderableType:
    if not comparison.moved:
        return ""
    table = plain_table(f"where the best {BEST} lie", *labels, justify="left")
    strip = min(max((width - NAMES) // len(labels) - 5, 8), 30)
    for parameter in comparison.moved:
        betas = [parameter.name in side.summary.averaging for side in comparison.sides]
        cells = (_lying(parameter, own, strip, is_beta=beta) for own, beta in zip(parameter.sides, betas, strict=True))
        table.add_row(parameter.name, *cells)
    moved = [parameter.name for parameter in comparison.moved if parameter.has_moved]
    pictures = [Text("[...o...] from the lowest value that one of the runs could draw to the highest")]
    told = Text(f"moved, as the best {BEST} have nothing in common: {', '.join(moved)}" if moved else "")
    return Group(table, *(pictures if any(p.scale for p in comparison.moved) else []), *([told] if moved else []))


def _lying(parameter: Moved, own: Placed, width: int, *, is_beta: bool) -> str:
    if not own.values:
        return ""
    if not parameter.scale:
        return ", ".join(f"{value_text(v, is_beta=is_beta)} ({n})" for v, n in _counted(own.values))
    ends = dict.fromkeys(value_texts((own.values[0], own.values[-1]), is_beta=is_beta))
    marks = ["."] * width
    for place in own.places:
        marks[min(int(place * width), width - 1)] = "o"
    few = f", {len(own.values)} of {BEST}" if len(own.values) < BEST else ""
    return f"{' to '.join(ends)}{few}\n[{''.join(marks)}]"


def _counted(values: Sequence[Value]) -> list[tuple[Value, int]]:
    """Return the different values with their numbers; lists among them are equal by what they hold."""
    counts = Counter(map(repr, values))
    return [({repr(v): v for v in values}[text], n) for text, n in counts.items()]


def _quantiles_table(comparison: Comparison, labels: Sequence[str]) -> RenderableType:
    sides = comparison.sides
    if not any(side.scores for side in sides):
        return ""
    table = plain_table("complete trials", *labels)
    names = {0.0: "best", 0.5: "median", 1.0: "worst"}
    for place, share in enumerate(SHARES):
        cells = (metric_value(comparison.metric, side.scores[place]) if side.scores else "" for side in sides)
        table.add_row(names.get(share, f"best {percent(share)}"), *cells)
    return table


def _boxes(comparison: Comparison, labels: Sequence[str], width: int) -> RenderableType:
    """Return a box for each run from the best to the worst trial, with the middle half and the median, on one axis.

    The best end of the axis is on the left; what lies beyond the other stands at it.
    """
    drawn = [(side, label) for side, label in zip(comparison.sides, labels, strict=True) if side.complete >= FEWEST_FOR_BOX]
    axis = comparison.axis
    room = max((len(label) for _, label in drawn), default=0) + 2
    length = min(width - room, WIDEST_BOX)
    if not drawn or axis is None or length < NARROWEST_BOX:
        return ""
    ends = metric_values(comparison.metric, (axis.low, axis.high))[:: -1 if comparison.higher_is_better else 1]
    scale = "log scale" if axis.scale == "log" else ""
    below = f"{ends[0]}{scale:^{length - len(ends[0]) - len(ends[1])}}{ends[1]}"
    lines = [
        f"{label:{room}}{_box([_along(score, comparison, axis) for score in side.scores], length)}" for side, label in drawn
    ]
    key = ["[=#=] the middle half with the median, |--| all from the best to the worst"]
    key += [f"{counted(axis.beyond, 'trial')} beyond the axis at >"] if axis.beyond else []
    few = [label for side, label in zip(comparison.sides, labels, strict=True) if side.complete < FEWEST_FOR_BOX]
    key += [f"{both(few)}: a box takes {FEWEST_FOR_BOX} complete trials"] if few else []
    return Text("\n".join([*lines, f"{'':{room}}{below}", *key]))


def _along(score: float, comparison: Comparison, axis: ScoreAxis) -> float:
    """Return where a score lies from the best end of the axis, at 0, to the worst, at 1; above that beyond it."""
    if not axis.low <= score <= axis.high:
        return math.inf
    return 1 - axis.place(score) if comparison.higher_is_better else axis.place(score)


def _box(shares: Sequence[float], length: int) -> str:
    best, _, first, median, third, worst = (round(min(share, 1) * (length - 1)) for share in shares)
    marks = [" "] * length
    marks[best : worst + 1] = "-" * (worst + 1 - best)
    marks[first : third + 1] = "=" * (third + 1 - first)
    end = ">" if math.isinf(shares[-1]) else "|"
    for place, mark in ((best, "|"), (worst, end), (first, "["), (third, "]"), (median, "#")):
        marks[place] = mark
    return "".join(marks).rstrip()


def _reached_table(comparison: Comparison, labels: Sequence[str]) -> RenderableType:
    if len(comparison.after_trials) < 2:
        return ""
    table = plain_table("the best after", *labels)
    for rows, noun in ((comparison.after_trials, "trial"), (comparison.after_epochs, "epoch")):
        for row in rows:
            table.add_row(counted(row.spent, noun), *_scores(row, comparison.metric))
    drawn, other = (
        [label for label, side in zip(labels, comparison.sides, strict=True) if side.drawn is is_drawn]
        for is_drawn in (True, False)
    )
    told = [f"{both(drawn)}: the median over all orders, as no trial learnt from another"] if drawn else []
    told += [f"{both(other)}: in the order in which the trials ended"] if other else []
    return Group(table, *map(Text, told))


def _scores(row: Reached, metric: str) -> list[str]:
    return ["-" if math.isnan(score) else metric_value(metric, score) for score in row.scores]
