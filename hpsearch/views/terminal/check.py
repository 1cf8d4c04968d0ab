"""What a spec comes to before anything is trained: the space with its draws, the data, the plan and what it takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from textwrap import wrap

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from hpsearch.data.profile import ColumnProfile
from hpsearch.prose import counted, percent, size_text
from hpsearch.search.plan import BEST_SHARE
from hpsearch.study.estimate import Disk
from hpsearch.study.histograms import Bin, Histogram
from hpsearch.study.preview import Groups, Memory, Preview
from hpsearch.views.format import OF_CHOICE, duration, parameters, value_text
from hpsearch.views.numbers.looked import Looked
from hpsearch.views.terminal.plan import outlook_lines
from hpsearch.views.terminal.tables import plain_table

FEW_DRAWS = 100
"""Fewer draws are counted, of more the shares are shown."""

MOST_LINES = 25
"""Lines of a table of the data; it says how many more there are."""

MOST_BINS = 16
"""Values of a choice that are shown; a range has fewer parts."""

ALIKE = 3
"""More columns in a row than that, of one kind and without gaps, are one line."""

FAR = 1.5
"""How much longer a search may take than on average before that is told."""

_BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True)
class _Flow:
    """Pieces of text that stay whole where the line breaks between them."""

    pieces: Sequence[str]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        width = options.max_width
        whole = "  ".join(piece if len(piece) > width else piece.replace(" ", "\xa0") for piece in self.pieces)
        yield Text("\n".join(wrap(whole, width)).replace("\xa0", " "))

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
    averaging = [histogram.name for histogram in ahead.histograms if histogram.is_beta]
    lines = [f"trial {trial.number}: {parameters(trial.params, averaging)}" for trial in ahead.first[:count]]
    if len(ahead.first) < min(count, ahead.outlook.plan.trials):
        later = ": those of later stages depend on results" if len(ahead.outlook.plan.stages) > 1 else ""
        lines.append(f"only the first {counted(len(ahead.first), 'trial')} can be told now{later}")
    return lines


def _space(ahead: Preview) -> Table:
    """Return the entries of the space as a table, each with the parts of its range from the lower bound to the upper one."""
    first = "first " if ahead.counted < ahead.outlook.plan.trials else ""
    what = f"its {first}{counted(ahead.counted, 'trial')}" if ahead.source == "the first stage" else _drawn(ahead)
    table = plain_table("parameter", "scale", what, justify="left")
    for own in ahead.histograms:
        name = own.name + (" (window)" if own.is_beta else "") + (" per layer" if own.layers else "")
        table.add_row(name, _scale(own), _Flow([*_pieces(own, ahead.counted), *_when(own)]))
    return table


def _drawn(ahead: Preview) -> str:
    return f"{ahead.counted:,} draws of {ahead.source}"


def _scale(own: Histogram) -> str:
    return OF_CHOICE if own.kind == "choice" else f"{own.scale}, whole" if own.kind == "whole" else own.scale


def _when(own: Histogram) -> Iterator[str]:
    """Yield what an entry is conditional on, and in which share of the trials it is active."""
    asked = [f"{name}: {' or '.join(map(value_text, values))}" for name, values in own.when.items()]
    if asked:
        yield f"if {' and '.join(asked)} ({percent(own.active)})".replace(" %", "\xa0%")


def _pieces(own: Histogram, total: int) -> Iterator[str]:
    """Yield each part of the range, or value, with a bar and the number of its draws; the upper bound comes last."""
    among, most = sum(part.count for part in own.bins), max(part.count for part in own.bins)
    for part in own.bins[:MOST_BINS]:
        amount = str(part.count) if total < FEW_DRAWS else percent(part.count / among if among else 0)
        yield f"{value_text(part.low, is_beta=own.is_beta)} {_bar(part, most)}{amount}"
    last = own.bins[-1].high
    if len(own.bins) > MOST_BINS:
        yield f"and {len(own.bins) - MOST_BINS} values more"
    if last is not None:
        yield value_text(last, is_beta=own.is_beta)


def _bar(part: Bin, most: int) -> str:
    return _BARS[-(-part.count * len(_BARS) // most) - 1] + " " if part.count else ""


def _lines(ahead: Preview, looked: Looked) -> Iterator[str]:
    """Yield lines `label: text`; without a label one goes on with what is above it."""
    data, plan, *others = outlook_lines(ahead.outlook)
    yield data
    if balance := _balance(looked.by_class):
        yield f": {balance}"
    yield plan
    yield from (f": {line}" for line in others)
    if ahead.drawn and ahead.outlook.subject.study.search.method != "grid":
        yield f"chance: {_chance(ahead)}"
    if ahead.groups:
        yield f"groups: {_groups(ahead, ahead.groups)}"
    yield f"time: {_time(ahead)}"
    if ahead.memory:
        yield f"memory: {_memory(ahead.memory, ahead.jobs)}"
    yield f"disk: {_disk(ahead.disk)}"


def _chance(ahead: Preview) -> str:
    """Return what the trials that are drawn at random buy."""
    drawn = f"{counted(ahead.drawn, 'trial')} drawn from the whole space"
    best = f"one of its best {percent(BEST_SHARE)} (1 - {1 - BEST_SHARE:g}^{ahead.drawn})"
    return f"{percent(ahead.chance)} that {drawn} hold{'s' * (ahead.drawn == 1)} {best}"


def _balance(by_class: Mapping[str, int]) -> str:
    """Return the rarest and the most frequent class."""
    if not by_class:
        return ""
    total = sum(by_class.values())
    rare, frequent = min(by_class, key=lambda label: by_class[label]), max(by_class, key=lambda label: by_class[label])
    shares = [f"{label} with {percent(by_class[label] / total)} of the rows" for label in (frequent, rare)]
    return f"the most frequent class is {shares[0]}, the rarest {shares[1]}"


def _groups(ahead: Preview, found: Groups) -> str:
    made = f"your choices make {counted(found.groups, 'group')} of {_mean(found.mean)} network{'s' * (found.mean != 1)}"
    first = f", in the first {found.networks} trials" if found.networks > 1 else ", in the first trial"
    where = f", in {_drawn(ahead)}" if ahead.source == "the whole grid" else first
    which = where if found.networks < ahead.outlook.plan.trials else ""
    side = f"with {counted(ahead.jobs, 'worker')} they train {_mean(found.population_mean)} at a time"
    return f"{made}, alike in depth and batch size{which}; {side}"


def _memory(memory: Memory, jobs: int) -> str:
    in_all = f", {size_text(memory.needed(jobs), 2)} in all" if jobs > 1 else ""
    return f"up to {size_text(memory.worker, 2)} a worker, with the data{in_all}"


def _disk(disk: Disk) -> str:
    if disk.model is None or disk.states is None:
        return f"about {size_text(disk.record, 2)} of record"
    kept = f"about {size_text(disk.record, 2)} of record and {size_text(disk.model, 2)} of model"
    return f"{kept}, and at most {size_text(disk.states, 2)} of states at a time"


def _mean(count: float) -> str:
    return f"{count:.1f}".removesuffix(".0")


def _time(ahead: Preview) -> str:
    if ahead.seconds is not None:
        mean, most = ahead.seconds.mean, ahead.seconds.costliest
        told, worst = (duration(float(f"{seconds:.2g}")) for seconds in (mean, most))
        more = f", or {worst} if the costliest networks turn out best" if most > FAR * mean else ""
        return f"about {told} with {counted(ahead.jobs, 'worker')}{more}, from a short training measured just now"
    if ahead.groups is None:
        return "not estimated: how long a function takes is not known before it is called"
    if ahead.is_quick:
        return "not measured"
    is_short = ahead.memory is not None and not ahead.memory.room(1)
    return f"not measured: {'there is too little memory' if is_short else 'an epoch of the cheapest network takes seconds'}"


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
        names, counts = [column.name for column in alike], [column.levels for column in alike]
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
        table.add_row(label, *map(str, row), percent(sum(row) / total))
    yield table
    if len(labels) > MOST_LINES:
        yield f"and {len(labels) - MOST_LINES} more: --json has them all"
