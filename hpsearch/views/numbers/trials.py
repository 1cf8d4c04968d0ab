"""The trials of a run as a table: the columns of trials.csv, of which rows and columns can be chosen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from hpsearch.data.messages import escaped, shown, unknown
from hpsearch.errors import UsageError
from hpsearch.prose import either, first_of
from hpsearch.study.derived import cell_text, columns, row
from hpsearch.study.record import RunRecord
from hpsearch.trial import Status, best_first
from hpsearch.views.numbers.conditions import ORDERED, Cell, Condition, as_typed, is_missing, is_number, kind_of, order

TRIAL = "trial"
"""The column that is always there, and first: which trial a row is."""


@dataclass(frozen=True)
class Trials:
    """Rows of cells under the names of their columns, of which the first is the trial's number."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def cells(self, column: str) -> list[Cell]:
        """Return the cells of a column; raises UsageError for one that is not there."""
        place = self.columns.index(known(column, self.columns))
        return [cells[place] for cells in self.rows]

    def where(self, *conditions: Condition) -> Trials:
        """Return the rows that fulfil all conditions; raises UsageError for one that makes no sense."""
        for condition in conditions:
            _check(condition, self.cells(condition.column))
        places = [self.columns.index(condition.column) for condition in conditions]
        asked = list(zip(places, conditions, strict=True))
        rows = (cells for cells in self.rows if all(condition.holds(cells[place]) for place, condition in asked))
        return Trials(self.columns, tuple(rows))

    def sorted_by(self, column: str, *, descending: bool = False) -> Trials:
        """Return the rows in the order of a column; those without a value there come last."""
        place = self.columns.index(known(column, self.columns))
        missing = [cells for cells in self.rows if is_missing(cells[place])]
        there = [cells for cells in self.rows if not is_missing(cells[place])]
        there.sort(key=lambda cells: order(cells[place]), reverse=descending)
        return Trials(self.columns, (*there, *missing))

    def only(self, patterns: Sequence[str]) -> Trials:
        """Return these columns behind the trial's number, each by its name or a pattern such as `validation_*`."""
        named = [name for pattern in patterns for name in _matching(pattern, self.columns)]
        return self._with(dict.fromkeys((TRIAL, *named)))

    def first(self, count: int) -> Trials:
        """Return the first rows."""
        return Trials(self.columns, self.rows[:count])

    def changing(self) -> Trials:
        """Return the columns in which rows differ; of a single row all."""
        if len(self.rows) < 2:
            return self
        differing = (name for name in self.columns if len(set(map(as_typed, self.cells(name)))) > 1)
        return self._with(dict.fromkeys((TRIAL, *differing)))

    def _with(self, names: Iterable[str]) -> Trials:
        names = list(names)
        places = [self.columns.index(name) for name in names]
        return Trials(tuple(names), tuple(tuple(cells[place] for place in places) for cells in self.rows))


def trials(run: RunRecord) -> Trials:
    """Return all started trials, best first: those that came to the end by rank, then the others by value."""
    return Trials(tuple(columns(run)), tuple(tuple(row(run, record)) for record in best_first(run.history.values())))


def known(column: str, names: Sequence[str]) -> str:
    """Return the name of a column; raises UsageError, with the nearest one there is, for another."""
    if column not in names:
        raise UsageError(f"there is no column {shown(column)}\n      {unknown(column, names)}")
    return column


def _matching(pattern: str, names: Sequence[str]) -> list[str]:
    return [name for name in names if fnmatchcase(name, pattern)] or [known(pattern, names)]


def _check(condition: Condition, cells: Sequence[Cell]) -> None:
    """Raise UsageError for a comparison that makes no sense in a column."""
    column, operand = condition.column, escaped(condition.operand)
    told = f"the comparison {column} {condition.comparison} {operand}".rstrip()
    if condition.orders and not operand:
        raise UsageError(f"{told}: what to compare with is missing")
    if column == "status" and not condition.orders and condition.meant.get("text") not in list(Status):
        raise UsageError(f"{told}: that is no status\n      {unknown(condition.operand, list(Status))}")
    meant, there = set(condition.meant), {kind_of(cell) for cell in cells if not is_missing(cell)}
    if condition.orders and not all(kinds.intersection(ORDERED) for kinds in (meant, there) if kinds):
        raise UsageError(f"{told}: a {either((meant | there).difference(ORDERED))} is neither more nor less than another")
    if operand and len(there) == 1 and not meant & there:  # a column of several kinds is a choice, which may hold others
        hint = f"\n      a text is written in quotes: {column}{condition.comparison}'{operand}'" if "text" in there else ""
        raise UsageError(f"{told}: {column} holds {there.pop()}s, and that is a {next(iter(condition.meant))}{hint}")


def values_of(cells: Iterable[Cell]) -> str:
    """Return what a column holds, in short: from the least to the most, or the values there are."""
    there = sorted((cell for cell in cells if not is_missing(cell)), key=order)
    if there and all(map(is_number, there)):
        return f"from {cell_text(there[0])} to {cell_text(there[-1])}"
    return first_of(dict.fromkeys(map(as_typed, there))) or "nothing"
