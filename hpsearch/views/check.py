"""What a spec comes to before anything is trained: the space with its draws, the data, the plan and what it takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from textwrap import wrap
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from hpsearch.data.profile import ColumnProfile
from hpsearch.study.draws import Draws, Part
from hpsearch.study.line_file import plain
from hpsearch.study.preview import BEST_SHARE, Preview
from hpsearch.study.signs import size_text
from hpsearch.views.export import plan_json
from hpsearch.views.format import OF_CHOICE, counted, duration, parameters, percent, printable, value_text
from hpsearch.views.plan import data_line, plan_lines
from hpsearch.views.tables import judged, plain_table

FEW_DRAWS = 100
"""Fewer draws are counted, of more the shares are shown."""

MOST_LINES = 25
"""Lines of a table of the data; it says how many more there are."""

MOST_PARTS = 16
"""Values of a choice that are shown; a range has fewer parts."""

ALIKE = 3
"""More columns in a row than that, of one kind and without gaps, are one line."""

_BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True)
class Looked:
    """What the data hold: rows by class and part, the labels, and the columns where they were asked for."""

    labels: tuple[str, ...] = ()
    counts: Mapping[str, tuple[int, ...]] | None = None
    columns: tuple[ColumnProfile, ...] | None = None

    @property
    def by_class(self) -> dict[str, int]:
        """The rows of each class in all parts."""
        return dict(zip(self.labels, map(sum, zip(*(self.counts or {}).values(), strict=True)), strict=True))


@dataclass(frozen=True)
class _Flow:
    """Pieces of text that stay whole where the line breaks between them."""

    pieces: Sequence[str]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        whole = "  ".join(piece.replace(" ", "\xa0") for piece in self.pieces)
        yield Text("\n".join(wrap(whole, options.max_width)).replace("\xa0", " "))

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        lengths = [len(piece) for piece in self.pieces] or [0]
        return Measurement(max(lengths), sum(lengths) + 2 * len(lengths)).with_maximum(options.max_width)


def check_screen(ahead: Preview, looked: Looked) -> Group:
    """Return the space with its draws, then in a line or two each: the data, the plan, and what it takes."""
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for line in _lines(ahead, looked):
        label, _, text = line.partition(": ")
        table.add_row(f"{label}:" if label else "", Text(text))
    shown = [] if looked.columns is None else [*_data_tables(looked, looked.columns), Text()]
    return Group(_space(ahead), Text(), *shown, table)


def draw_lines(ahead: Preview, count: int) -> list[str]:
    """Return the first trials, as many as are asked for and known before any has been trained."""
    averaging = [draws.name for draws in ahead.draws if draws.is_beta]
    lines = [f"trial {trial.number}: {parameters(trial.params, averaging)}" for trial in ahead.first[:count]]
    if len(ahead.first) < min(count, ahead.plan.trials):
        later = ": those of later stages depend on results" if len(ahead.plan.stages) > 1 else ""
        lines.append(f"only the first {counted(len(ahead.first), 'trial')} can be told now{later}")
    return lines


def check_json(ahead: Preview, looked: Looked, findings: Sequence[Mapping[str, Any]], count: int) -> dict[str, Any]:
    """Return all that a check tells as plain data; `count` is the number of trials that are written out."""
    content = {
        **plan_json(ahead.subject.study, ahead.plan, ahead.subject.facts, ahead.confirm),
        "evidence": Counter(ahead.evidence),
        "space": {draws.name: _draws_json(draws) for draws in ahead.draws},
        "draws": {"counted": ahead.counted, "of": "the whole space" if ahead.is_sample else "the first stage"},
        "data": _data_json(ahead, looked),
        "groups": ahead.groups and {**asdict(ahead.groups), "mean": ahead.groups.mean},
        "jobs": ahead.jobs,
        "seconds": ahead.seconds,
        "memory_bytes": {"worker": ahead.memory or None, "available": ahead.available},
        "disk_bytes": {"record": ahead.record, "states": ahead.states},
        "drawn": ahead.drawn,
        "chance_of_the_best_5_percent": ahead.chance,
        "first_trials": [{"trial": trial.number, "params": trial.params} for trial in ahead.first[:count]],
        "findings": findings,
    }
    return dict(plain({**content, "notes": [*content["notes"], *ahead.notes]}))


def _draws_json(draws: Draws) -> dict[str, Any]:
    parts = [
        {"value": part.low, "count": part.count}
        if part.high is None
        else {"from": part.low, "to": part.high, "count": part.count}
        for part in draws.parts
    ]
    facts = {"kind": draws.kind, "scale": draws.scale or None, "is_beta": draws.is_beta, "layers": draws.layers}
    return {**facts, "when": draws.when, "active": draws.active, "draws": parts}


def _data_json(ahead: Preview, looked: Looked) -> dict[str, Any]:
    kept = ("task", "function", "target", "features", "rows", "target_deviation")
    facts = {name: ahead.subject.facts[name] for name in kept if name in ahead.subject.facts}
    classes = {part: dict(zip(looked.labels, counts, strict=True)) for part, counts in (looked.counts or {}).items()}
    columns = None if looked.columns is None else [asdict(column) for column in looked.columns]
    return {**facts, "classes": classes or None, **({} if columns is None else {"columns": columns})}


def _space(ahead: Preview) -> Table:
    """Return the entries of the space as a table, each with the parts of its range from the lower bound to the upper one."""
    first = "first " if ahead.counted < ahead.plan.trials else ""
    what = f"{ahead.counted:,} draws of the space" if ahead.is_sample else f"its {first}{counted(ahead.counted, 'trial')}"
    table = plain_table("parameter", "scale", what, justify="left")
    for draws in ahead.draws:
        name = printable(draws.name) + (" (window)" if draws.is_beta else "") + (" per layer" if draws.layers else "")
        table.add_row(name, _scale(draws), _Flow([*_pieces(draws, ahead.counted), *_when(draws)]))
    return table


def _scale(draws: Draws) -> str:
    return OF_CHOICE if draws.kind == "choice" else f"{draws.scale}, whole" if draws.kind == "whole" else draws.scale


def _when(draws: Draws) -> Iterator[str]:
    """Yield what an entry is conditional on, and in which share of the trials it is active."""
    asked = [f"{name}: {' or '.join(map(value_text, values))}" for name, values in draws.when.items()]
    if asked:
        yield f"if {' and '.join(asked)} ({percent(draws.active, 2)})"


def _pieces(draws: Draws, total: int) -> Iterator[str]:
    """Yield each part of the range, or value, with a bar and the number of its draws; the upper bound comes last."""
    among, most = sum(part.count for part in draws.parts), max(part.count for part in draws.parts)
    for part in draws.parts[:MOST_PARTS]:
        amount = str(part.count) if total < FEW_DRAWS else percent(part.count / among if among else 0, 2)
        yield f"{value_text(part.low, is_beta=draws.is_beta)} {_bar(part, most)}{amount}"
    last = draws.parts[-1].high
    if len(draws.parts) > MOST_PARTS:
        yield f"and {len(draws.parts) - MOST_PARTS} values more"
    if last is not None:
        yield value_text(last, is_beta=draws.is_beta)


def _bar(part: Part, most: int) -> str:
    return _BARS[-(-part.count * len(_BARS) // most) - 1] + " " if part.count else ""


def _lines(ahead: Preview, looked: Looked) -> Iterator[str]:
    """Yield lines `label: text`; without a label one goes on with what is above it."""
    study = ahead.subject.study
    settings = replace(study.search, confirm=ahead.confirm)
    yield data_line(ahead.subject.facts)
    if balance := _balance(looked.by_class):
        yield f": {balance}"
    first, *others = plan_lines(ahead.plan, settings, ahead.confirm.leaders or 0, Counter(ahead.evidence))
    yield first
    yield from (f": {line}" for line in (*others, judged(str(study.metric), study.select)))
    if ahead.drawn and study.search.method != "grid":
        yield f"chance: {_chance(ahead)}"
    if ahead.groups:
        yield f"groups: {_groups(ahead)}"
    yield f"time: {_time(ahead)}"
    if ahead.memory:
        short = f", and there are {size_text(ahead.available)} in all" if ahead.memory * ahead.jobs > ahead.available else ""
        yield f"memory: up to {size_text(ahead.memory)} a worker for networks and data{short}"
    states = f", and at most {size_text(ahead.states)} of states at a time" if ahead.states is not None else ""
    yield f"disk: about {size_text(ahead.record)} of record{states}"


def _chance(ahead: Preview) -> str:
    """Return what the trials that are drawn at random buy."""
    drawn = f"{counted(ahead.drawn, 'trial')} drawn from the whole space"
    best = f"one of its best {percent(BEST_SHARE)} (1 - {1 - BEST_SHARE:g}^{ahead.drawn})"
    return f"{percent(ahead.chance, 2)} that {drawn} hold{'s' * (ahead.drawn == 1)} {best}"


def _balance(by_class: Mapping[str, int]) -> str:
    """Return the rarest and the most frequent class."""
    if not by_class:
        return ""
    total = sum(by_class.values())
    rare, frequent = min(by_class, key=lambda label: by_class[label]), max(by_class, key=lambda label: by_class[label])
    shares = [f"{printable(label)} with {percent(by_class[label] / total, 2)} of the rows" for label in (frequent, rare)]
    return f"the most frequent class is {shares[0]}, the rarest {shares[1]}"


def _groups(ahead: Preview) -> str:
    assert ahead.groups is not None, "asked for where there are some"
    found = ahead.groups
    made = f"your choices make {counted(found.groups, 'group')} of {_mean(found.mean)} network{'s' * (found.mean != 1)}"
    trials = f"{found.networks} trials" if found.networks > 1 else "trial"
    first = f", in the first {trials}" if found.networks < ahead.plan.trials else ""
    side = f"with {counted(ahead.jobs, 'worker')} they train {_mean(found.population_mean)} at a time"
    return f"{made}, alike in depth and batch size{first}; {side}"


def _mean(count: float) -> str:
    return f"{count:.1f}".removesuffix(".0")


def _time(ahead: Preview) -> str:
    if ahead.seconds is not None:
        about = duration(float(f"{ahead.seconds:.2g}"))
        return f"about {about} with {counted(ahead.jobs, 'worker')}, from a short training measured just now"
    if ahead.groups is None:
        return "not estimated: how long a function takes is not known before it is called"
    return "not measured" if ahead.is_quick else "not measured: an epoch of the cheapest network takes seconds"


def _data_tables(looked: Looked, columns: Sequence[ColumnProfile]) -> Iterator[RenderableType]:
    """Yield the columns, of many alike in a row one line, and the rows of each class by part."""
    table, lines = plain_table("column", "taken for", "missing", "different values"), list(_column_lines(columns))
    for line in lines[:MOST_LINES]:
        table.add_row(*line)
    yield table
    if len(lines) > MOST_LINES:
        yield f"and {len(lines) - MOST_LINES} lines more: --json has them all"
    if looked.counts:
        yield Text()
        yield from _classes(looked.labels, looked.counts)


def _column_lines(columns: Sequence[ColumnProfile]) -> Iterator[tuple[str, str, str, str]]:
    for (role, missing), group in groupby(columns, lambda column: (column.role, column.missing)):
        alike = list(group)
        names, counts = [printable(column.name) for column in alike], [column.levels for column in alike]
        if len(alike) > ALIKE:
            most = f"{min(counts)} to {max(counts)}" if min(counts) < max(counts) else str(counts[0])
            yield f"{names[0]} to {names[-1]} ({len(names)} columns)", role, str(missing), most
        else:
            yield from ((name, role, str(missing), str(count)) for name, count in zip(names, counts, strict=True))


def _classes(labels: Sequence[str], counts: Mapping[str, Sequence[int]]) -> Iterator[RenderableType]:
    table = plain_table("class", *counts, "share")
    rows = list(zip(*counts.values(), strict=True))
    total = sum(map(sum, rows))
    for label, row in list(zip(labels, rows, strict=True))[:MOST_LINES]:
        table.add_row(printable(label), *map(str, row), percent(sum(row) / total, 2))
    yield table
    if len(labels) > MOST_LINES:
        yield f"and {len(labels) - MOST_LINES} more: --json has them all"
