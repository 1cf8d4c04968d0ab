"""What the columns are: a number, a category, or left out.

A guess is made only where there is no doubt. A column of numbers with a few texts in it is an error that says how to
mend it: taken for a category it would spoil a model without a word. Kinds are read off the whole source; which columns
are worth keeping is judged on the training part.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.messages import named, shown, unknown, yaml_text
from hpsearch.data.settings import ColumnKind
from hpsearch.data.table import Levels, Numbers, Table, Texts

InputKind: TypeAlias = Literal["number", "category"]

LARGEST = float(np.finfo(np.float32).max)
"""The largest number that an input can hold."""

MOST_LEVELS = 50
"""How many levels of a category have a feature of their own."""

_MOSTLY = 0.9
_FEW_NUMBERS = 10
_MEND = "mend the file, or write"


def column_kinds(table: Table, declared: Mapping[str, ColumnKind], set_aside: Collection[str]) -> dict[str, InputKind]:
    """Return the kind of each input column, in the order of the table.

    `set_aside` are the columns that are no inputs: the target and the group. Raises DataError when a column is declared
    that is not there or set aside, at the first value of a number column that is none, and when an undeclared column
    holds mostly numbers.
    """
    for name in declared:
        if name not in table.columns:
            raise table.fault(f"there is no column {named(name)}", hint=unknown(name, table.columns))
        if name in set_aside:
            message = f"{named(name)} is the target or the group and no input: it has no place in `columns`"
            raise table.fault(message, hint="whether a target is classes or a quantity is said by `task`")
    kinds = {}
    for name in table.columns:
        kind = declared.get(name) or (_guess(table, name) if name not in set_aside else "ignore")
        if kind == "number":
            numbers_of(table, name)
        if kind != "ignore":
            kinds[name] = kind
    return kinds


def _guess(table: Table, name: str) -> InputKind:
    column = table.columns[name]
    if isinstance(column, Numbers) or not np.isnan(column.levels.numbers).any():
        return "number"
    odd = odd_among_numbers(name, column)
    if odd:
        hint = _ways_out(column.text(odd.row), f"columns: {{{yaml_text(name)}: category}}")
        raise table.fault(odd.message, row=odd.row, hint=hint)
    return "category"


@dataclass(frozen=True)
class Odd:
    """A text where numbers are expected: the first row that has one, and what is to be said of it."""

    row: int
    message: str


def odd_among_numbers(name: str, column: Texts) -> Odd | None:
    """Return the first text when at least nine in ten values are numbers, ten different ones or more, and some are not.

    A number may have a comma for its point: it counts as meant for one.
    """
    present = ~column.missing
    numbers = np.isfinite(column.numbers)
    with_points = Texts(Levels(tuple(text.replace(",", ".") for text in column.levels.texts)), column.codes).numbers
    meant = np.isfinite(with_points)
    if numbers.sum() == present.sum() or meant.sum() < _MOSTLY * present.sum():
        return None
    if len(np.unique(with_points[meant])) < _FEW_NUMBERS:
        return None
    row = int(np.argmax(present & ~numbers))
    if meant[row]:
        return Odd(row, f"{shown(column.text(row))} in {named(name)} is no number: it must have a point, and no comma")
    share = f"{meant.sum():,} of the {present.sum():,} values of {named(name)} are"
    return Odd(row, f"{shown(column.text(row))} is no number, but {share}")


def _ways_out(text: str, yaml: str, first: str = _MEND) -> str:
    ways = (yaml, f"missing: [{yaml_text(text)}]")
    return f"{first} one of these under `data:`" + "".join(f"\n        {way}" for way in ways)


def numbers_of(table: Table, name: str, *, fitted: bool = False) -> NDArray[np.float64]:
    """Return a number column (n,); NaN where a value is missing.

    Raises DataError at the first value that is no number, is infinite, or is beyond float32. `fitted` says that the kinds
    may be settled already, so that a declaration mends it only where training is yet to come.
    """
    column = table.columns[name]
    numbers = column.numbers
    bad = ~(np.abs(numbers) <= LARGEST) & ~column.missing
    if bad.any():
        row = int(np.argmax(bad))
        what = "is no number" if np.isnan(numbers[row]) else "is infinite or too large for float32"
        message = f"{shown(column.text(row))} {what}, and {named(name)} is a column of numbers"
        first = "mend it, leave it out, or train with" if fitted else _MEND
        hint = _ways_out(column.text(row), f"columns: {{{yaml_text(name)}: category}}", first)
        raise table.fault(message, row=row, hint=hint)
    return numbers


def worth_keeping(
    train: Table, kinds: Mapping[str, InputKind], declared: Collection[str]
) -> tuple[dict[str, InputKind], tuple[str, ...]]:
    """Return the kinds of the columns that can teach something, and a note on each that is left out.

    Left out are columns without any value in the training part, and undeclared texts of which nearly every row has its
    own. Raises DataError when no column is left.
    """
    reasons = {name: _worthless(train, name, kind, name in declared) for name, kind in kinds.items()}
    kept = {name: kind for name, kind in kinds.items() if not reasons[name]}
    if not kept:
        raise train.fault("no column is left to predict from", hint="; ".join(filter(None, reasons.values())))
    return kept, tuple(filter(None, reasons.values()))


def _worthless(train: Table, name: str, kind: InputKind, declared: bool) -> str:
    column = train.columns[name]
    if column.missing.all():
        return f"{named(name)} left out: it has no value in the training part"
    if kind == "number" or declared:
        return ""
    distinct = int((column.texts.counts > 0).sum())
    if distinct <= MOST_LEVELS or distinct <= len(train) / 2:
        return ""
    keep = f"columns: {{{yaml_text(name)}: category}}"
    return f"{named(name)} left out: {distinct:,} different texts in {len(train):,} training rows; `{keep}` keeps it"
