"""What a data file shows before anybody has said a word about it: the target, the task, and the columns to leave out.

Each choice comes with its reason, so that whoever reads the spec made from it can judge. Where there is none that a person
would nod at, it is asked for. What a number or a category is, and every mistake in the file, is the data part's business.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from hpsearch.data.columns import MOST_LEVELS, odd_among_numbers
from hpsearch.data.dataset import Dataset
from hpsearch.data.messages import listed, named
from hpsearch.data.readers import read_table
from hpsearch.data.settings import ColumnKind, DataSettings, Task
from hpsearch.data.table import Column, Numbers, Table, Texts
from hpsearch.data.target import find_task, require, require_values
from hpsearch.errors import DataError, UsageError
from hpsearch.objectives.network_objective import dataset

USUAL_TARGETS = ("target", "label", "class", "y")
"""What a column is called that is to be predicted."""

FEW, MANY = 500, 50_000
"""Rows below which larger shares are held out, and from which smaller ones tell as much."""

UNBALANCED = 0.25
"""The share of an equal part below which a class is rare."""

_MOST_ODD = 3
_CALLED_ID = re.compile(r"(.*[_ .-])?(id|uuid|index|key)", re.IGNORECASE)
_DATE = re.compile(r"[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4}")
_CALLED_GROUP = re.compile(r"(.*[_ .-])(id|key)|patient|subject|user|customer|session|group", re.IGNORECASE)


@dataclass(frozen=True)
class FirstLook:
    """A data set with settings that it can be searched with, and the reasons for them.

    `ignored` are the columns that are left out, by reason; `constant` those that could be. `group` is a column whose rows
    may belong together, if there is one. `smallest` is the number of training rows of the rarest class, 0 in regression.
    """

    settings: DataSettings
    data: Dataset
    why_target: str
    ignored: Mapping[str, tuple[str, ...]]
    constant: tuple[str, ...]
    group: str | None
    smallest: int

    @property
    def rows(self) -> Mapping[str, int]:
        """The rows of each part."""
        return self.data.rows

    @property
    def is_unbalanced(self) -> bool:
        """Whether a class is so rare that a model may do without it."""
        return self.smallest * self.data.classes < UNBALANCED * self.rows["train"] if self.data.classes else False


def look_at(source: str, target: str | None = None, task: Task | None = None, missing: Sequence[str] = ()) -> FirstLook:
    """Return what a data file shows; `target`, `task` and the texts `missing` are what has been said of it.

    Raises DataError when the file cannot be read, and UsageError when the target or the task must be said.
    """
    table = read_table(source, missing)
    if found := _texts_for_no_value(table):
        missing = [*missing, *found]
        table = read_table(source, missing)
    target, why_target = (target, "as asked for") if target else _target(table)
    require(table, target, "target")
    require_values(table, target, "target")
    task = task or _task(table, target)
    constant = tuple(name for name in table.columns if name != target and _is_constant(table, name))
    ignored = _useless_inputs(table, {target, *constant})
    share = 0.3 if len(table) < FEW else 0.1 if len(table) >= MANY else 0.2
    settings = DataSettings(source, target, task, validation=share, test=min(share, 0.2), missing=[*missing])
    settings = replace(settings, columns=_as_columns(ignored))
    data = dataset(settings)
    if gone := [name for name in table.columns if name not in (target, *ignored, *data.preprocessing.columns)]:
        ignored |= dict.fromkeys(gone, "texts that are nearly all different")
        settings = replace(settings, columns=_as_columns(ignored))
        data = dataset(settings)
    by_reason = {reason: tuple(name for name in ignored if ignored[name] == reason) for reason in ignored.values()}
    smallest = min(Counter(data.train.targets.tolist()).values()) if data.classes else 0
    return FirstLook(settings, data, why_target, by_reason, constant, _group(table, data), smallest)


def _useless_inputs(table: Table, others: Collection[str]) -> dict[str, str]:
    """Return the inputs that teach nothing, with the reason; none of them where nothing else but `others` would be left."""
    inputs = [name for name in table.columns if name not in others]
    reasons = {name: reason for name in inputs if (reason := useless(table, name))}
    return reasons if len(reasons) < len(inputs) else {}


def _as_columns(ignored: Mapping[str, str]) -> dict[str, ColumnKind]:
    return dict.fromkeys(ignored, "ignore")


def _texts_for_no_value(table: Table) -> list[str]:
    """Return the few texts without a digit, like `-`, that stand between numbers."""
    found: dict[str, None] = {}
    for name, column in table.columns.items():
        if isinstance(column, Texts) and odd_among_numbers(name, column):
            pairs = zip(column.levels.texts, column.levels.numbers.tolist(), strict=True)
            odd = [text for text, number in pairs if number != number]
            if len(odd) <= _MOST_ODD and not any(letter.isdigit() for letter in "".join(odd)):
                found |= dict.fromkeys(odd)
    return list(found)


def _target(table: Table) -> tuple[str, str]:
    """Return the column that is to be predicted, as far as that can be known, and how it is known."""
    names = list(table.columns)
    called = [name for name in names if name.lower() in USUAL_TARGETS]
    there = f"say it with --target; there are: {listed(names)}"
    if len(called) == 1:
        return called[0], "the column with that name"
    if len(called) > 1:
        raise table.fault(f"which of {listed(called)} is to be predicted?", hint=there)
    if not table.has_lines:  # the arrays of an archive have no order
        raise table.fault("which array is to be predicted?", hint=there)
    if reason := useless(table, names[-1]) or "the same in all rows" * _is_constant(table, names[-1]):
        raise table.fault(f"which column is to be predicted? Not the last, {named(names[-1])}: {reason}", hint=there)
    return names[-1], "the last column"


def _task(table: Table, target: str) -> Task:
    try:
        return find_task(table, target, None)
    except DataError as error:
        ways = "here that is: --task classification, or --task regression"
        raise UsageError(f"{error}\n      {ways}") from None


def useless(table: Table, name: str) -> str:
    """Return why a column teaches nothing; an empty text when it may."""
    column = table.columns[name]
    if column.missing.all():
        return "without any value"
    if isinstance(column, Texts) and all(map(_DATE.match, column.levels.texts)):
        return "dates, whose month or weekday may teach something in a column of its own"
    present, distinct = int((~column.missing).sum()), _distinct(column)
    if distinct < present or present < 2:
        return ""
    numbers = column.numbers[~column.missing]
    if isinstance(column, Texts) and (numbers != numbers).any():
        if odd_among_numbers(name, column):  # a mistake, for which the data part has the words
            return ""
        return "texts that are all different" if distinct > MOST_LEVELS or distinct == len(table) else ""
    if (numbers[1:] - numbers[:-1] == 1).all():
        return "numbers that count the rows"
    is_id = _CALLED_ID.fullmatch(name) and (numbers == numbers.round()).all()
    return "numbers that are all different, by its name an id" if is_id else ""


def _is_constant(table: Table, name: str) -> bool:
    column = table.columns[name]
    return _distinct(column) == 1 and not column.missing.any()


def _distinct(column: Column) -> int:
    if isinstance(column, Numbers):
        values = column.values[~column.missing]
        values.sort()
        return int((values[1:] != values[:-1]).sum()) + 1
    return len(column.levels.texts)


def _group(table: Table, data: Dataset) -> str | None:
    """Return the first input whose name and repeated values look like those of a group."""
    return next(_groups(table, data), None)


def _groups(table: Table, data: Dataset) -> Iterator[str]:
    for name in data.preprocessing.columns:
        if _CALLED_GROUP.fullmatch(name) and MOST_LEVELS // 5 <= _distinct(table.columns[name]) <= len(table) / 2:
            yield name
