"""What the columns are: a number, a category, or left out.

A guess is made only where there is no doubt. A column of numbers with a few texts in it is an error that says how to
mend it: taken for a category it would spoil a model without a word. Kinds are read off the whole source; which columns
are worth keeping is judged on the training part.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.messages import named, shown, unknown, yaml_text
from hpsearch.data.settings import ColumnKind
from hpsearch.data.table import Levels, Numbers, Table, Texts
from hpsearch.errors import DataError, Mistake, SettingError

InputKind: TypeAlias = Literal["number", "category"]

LARGEST = float(np.finfo(np.float32).max)
"""The largest number that an input can hold."""

MOST_LEVELS = 50
"""How many levels of a category have a feature of their own."""

_MOSTLY = 0.9
_FEW_NUMBERS = 10
_MEND = "mend the file, or write"
_DRESSED = re.compile(
    r"(?P<sign>[+-]?)(?P<before>[$€£¥]?)\s*(?P<number>[+-]?[0-9][0-9.,]*(?:e[+-]?[0-9]+)?)\s*(?P<behind>[^0-9\s.,+-]{0,8})",
    re.IGNORECASE,
)
"""A number, and what stands around it."""

_THOUSANDS = re.compile(r",(?=[0-9]{3}(?![0-9]))")


def unfit_columns(table: Table, declared: Mapping[str, ColumnKind], set_aside: Collection[str]) -> Iterator[Mistake]:
    """Yield each declared column that is not there, is no input, or is to be of numbers and holds something else."""
    for name, kind in declared.items():
        setting = ("data", "columns", name)
        if name in set_aside:
            message = f"{named(name)} is the target or the group and no input: it has no place in `columns`"
            yield Mistake(setting, message, "whether a target is classes or a quantity is said by `task`", of_key=True)
        elif name not in table.columns:
            message = f"there is no column {named(name)} in {table.name}"
            yield Mistake(setting, message, unknown(name, table.columns), of_key=True)
        elif kind == "number":
            try:
                numbers_of(table, name)
            except DataError as error:
                yield Mistake.told_by(error, *setting)


def column_kinds(table: Table, declared: Mapping[str, ColumnKind], set_aside: Collection[str]) -> dict[str, InputKind]:
    """Return the kind of each input column, in the order of the table.

    `set_aside` are the columns that are no inputs: the target and the group. Raises DataError at the first value of a
    number column that is none, and when an undeclared column holds mostly numbers.
    """
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
        raise table.fault(odd.message, row=odd.row, hint=_ways_out(name, "" if odd.is_meant else column.text(odd.row)))
    return "category"


@dataclass(frozen=True)
class Odd:
    """A text where numbers are expected: the first row that has one, and what is to be said of it.

    `is_meant` says that it is a number all the same, but for commas or a sign or unit around it, such as `$` or `kg`;
    `is_dressed` that most of the column's numbers have such a sign or unit.
    """

    row: int
    message: str
    is_meant: bool
    is_dressed: bool


def odd_among_numbers(name: str, column: Texts) -> Odd | None:
    """Return the first text when at least nine in ten values are numbers, ten different ones or more, and some are not.

    A number with commas counts as meant for one, and so does one with a sign or a unit that is the same for all.
    """
    present = ~column.missing
    numbers = np.isfinite(column.numbers)
    if numbers.sum() == present.sum():
        return None
    bare, dress, is_dressed = _bare(column.levels)
    undressed = Texts(Levels(bare), column.codes).numbers
    meant = np.isfinite(undressed)
    if meant.sum() < _MOSTLY * present.sum() or len(np.unique(undressed[meant])) < _FEW_NUMBERS:
        return None
    row = int(np.argmax(present & ~numbers))
    text = column.text(row)
    if not meant[row]:
        share = f"{meant.sum():,} of the {present.sum():,} values of {named(name)} are"
        return Odd(row, f"{shown(text)} is no number, but {share}", False, is_dressed)
    musts = [f"stand without {shown(dress)}"] * bool(dress) + ["have a point, and no comma"] * ("," in text)
    return Odd(row, f"{shown(text)} in {named(name)} is no number: it must {', '.join(musts)}", True, is_dressed)


def _bare(levels: Levels) -> tuple[tuple[str, ...], str, bool]:
    """Return the texts, those meant for numbers bare and with a point; the usual dress; and whether most wear it."""
    matches = [_DRESSED.fullmatch(text) for text in levels.texts]
    dresses = [match["before"] + match["behind"] if match else None for match in matches]
    worn = Counter(dress for dress in dresses if dress)
    usual, times = worn.most_common(1)[0] if worn else ("", 0)
    bare = (
        match["sign"] + _with_point(match["number"]) if match and dress in ("", usual) else text
        for text, match, dress in zip(levels.texts, matches, dresses, strict=True)
    )
    return tuple(bare), usual, times > dresses.count("")


def _with_point(number: str) -> str:
    """Return a number that may have commas as one with a point: 1,234.50 and 1.234,50 are 1234.50."""
    if number.rfind(",") > number.rfind(".") >= 0:
        number = number.replace(".", "")
    return _THOUSANDS.sub("", number).replace(",", ".")


def _ways_out(name: str, text: str, first: str = _MEND) -> str:
    """Return what can be done about a column of numbers with a text that is none, or that is one in disguise (empty)."""
    ways = (
        f"columns: {{{yaml_text(name)}: category}}",
        f"missing: [{yaml_text(text)}]" if text else f"columns: {{{yaml_text(name)}: ignore}}",
    )
    return f"{first} one of these under `data:`" + "".join(f"\n  {way}" for way in ways)


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
        raise table.fault(message, row=row, hint=_ways_out(name, column.text(row), first))
    return numbers


def worth_keeping(
    train: Table, kinds: Mapping[str, InputKind], declared: Collection[str]
) -> tuple[dict[str, InputKind], tuple[str, ...]]:
    """Return the kinds of the columns that can teach something, and a note on each that is left out.

    Left out are columns without any value in the training part, and undeclared texts of which nearly every row has its
    own. Raises SettingError when no column is left.
    """
    reasons = {name: _worthless(train, name, kind, name in declared) for name, kind in kinds.items()}
    kept = {name: kind for name, kind in kinds.items() if not reasons[name]}
    if not kept:
        why = "; ".join(filter(None, reasons.values())) or "all others are set to ignore"
        raise SettingError(Mistake(("data", "columns"), "no column is left to predict from", why))
    return kept, tuple(filter(None, reasons.values()))


def _worthless(train: Table, name: str, kind: InputKind, declared: bool) -> str:
    column = train.columns[name]
    if column.missing.all():
        return f"{named(name)} left out: it has no value in the training part"
    if kind == "number" or declared:
        return ""
    distinct = column.distinct
    if distinct <= MOST_LEVELS or distinct <= len(train) / 2:
        return ""
    keep = f"columns: {{{yaml_text(name)}: category}}"
    return f"{named(name)} left out: {distinct:,} different texts in {len(train):,} training rows; `{keep}` keeps it"
