"""A table: named columns of raw values, and for each row the line it came from.

A column of texts is kept as its distinct texts (levels) and one code per row, so that whatever must look at a text,
to strip it or to read it as a number, looks at each distinct text once. A column from a NumPy array keeps its numbers.
Nothing here decides what a column means.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.messages import escaped, listed
from hpsearch.errors import DataError

Rows: TypeAlias = "NDArray[np.int64]"
"""Indices of rows, from 0."""

MAX_BYTES = 1_000_000_000
"""The size of a data file, unpacked; reading one takes several times as much memory."""

MOST_COLUMNS = 100_000
"""What a person can have meant as columns: each takes arrays and a name, and becomes an input of every network."""

MISSING_TEXTS = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?")
"""What means `no value`, after white space around it is gone."""

_MANY = 1e15  # from here on a whole float is written with an exponent


def missing_texts(further: Iterable[str]) -> tuple[str, ...]:
    """Return the texts that mean `no value`, the usual and further ones, stripped as the values are."""
    return tuple(dict.fromkeys((*MISSING_TEXTS, *map(str.strip, further))))


def number_in(text: str) -> float:
    """Return the number that a text spells, infinite ones too; NaN when it spells none."""
    try:
        return math.nan if "_" in text else float(text)
    except ValueError:
        return math.nan


def exact_number(text: str) -> int | float:
    """Return the number that a text spells, in full when it is whole: float64 would merge long identifiers."""
    try:
        return int(text)
    except ValueError:
        return float(text)


def number_text(number: float) -> str:
    """Return the shortest text of a number; whole ones have no point."""
    if isinstance(number, int):
        return str(number)
    return str(int(number)) if number.is_integer() and abs(number) < _MANY else repr(float(number))


@dataclass(frozen=True, eq=False)
class Levels:
    """The distinct texts (L,) of a column."""

    texts: tuple[str, ...]

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """The numbers (L,) that the texts spell; NaN where they spell none."""
        return np.fromiter(map(number_in, self.texts), np.float64, len(self.texts))


@dataclass(frozen=True, eq=False)
class Texts:
    """A column of texts: `codes` (n,) point into the levels, -1 where a value is missing."""

    levels: Levels
    codes: NDArray[np.int32]

    @classmethod
    def of(cls, raw: Sequence[str], codes: NDArray[np.int32], missing: Collection[str]) -> Texts:
        """Build a column from its texts as read: strip them, merge those that become equal, drop the missing ones."""
        index: dict[str, int] = {}
        merged = [-1 if text in missing else index.setdefault(text, len(index)) for text in map(str.strip, raw)]
        return cls(Levels(tuple(index)), np.array(merged, np.int32)[codes])

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Where (n,) no value is."""
        return self.codes < 0

    @property
    def numbers(self) -> NDArray[np.float64]:
        """The values (n,) as numbers; NaN where one is missing or spells no number."""
        return np.append(self.levels.numbers, math.nan)[self.codes]

    @property
    def texts(self) -> Texts:
        """The column as texts: itself."""
        return self

    @property
    def distinct(self) -> int:
        """How many different values there are; texts that spell one number are one where all are numbers."""
        numbers = self.numbers[~self.missing]
        if np.isnan(numbers).any():
            return int((self.counts > 0).sum())
        return len(np.unique(numbers))

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many rows (L,) have each level."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.levels.texts))

    def text(self, row: int) -> str:
        """Return the text of a row that has one."""
        return self.levels.texts[int(self.codes[row])]

    def take(self, rows: Rows) -> Texts:
        """Return the column of some rows."""
        return replace(self, codes=self.codes[rows])


@dataclass(frozen=True, eq=False)
class Numbers:
    """A column of numbers (n,), whole or floating, in full; `missing` (n,) tells where no value is."""

    values: NDArray[np.integer | np.floating]
    missing: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.values)

    @property
    def numbers(self) -> NDArray[np.float64]:
        """The values (n,) in float64; NaN where one is missing."""
        return np.where(self.missing, math.nan, self.values.astype(np.float64))

    @property
    def distinct(self) -> int:
        """How many different values there are."""
        return len(np.unique(self.values[~self.missing]))

    @property
    def texts(self) -> Texts:
        """The column as texts: the shortest that spells each number."""
        present = ~self.missing
        numbers, codes = np.unique(self.values[present], return_inverse=True)
        places = np.full(len(self), len(numbers), np.int32)  # the place of no text, after all others
        places[present] = codes
        return Texts.of([*map(number_text, numbers.tolist()), ""], places, {""})

    def text(self, row: int) -> str:
        """Return the text of a row's number."""
        return number_text(self.values[row].item())

    def take(self, rows: Rows) -> Numbers:
        """Return the column of some rows."""
        return Numbers(self.values[rows], self.missing[rows])


Column: TypeAlias = "Texts | Numbers"


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of one length by name, and where their rows stand in the file.

    `lines` (n,) is the line a row begins on, from 1; where a file has no lines (`has_lines` false), its index from 0.
    `sha256` is the hash of the file's bytes. `notes` tell what was left out.
    """

    file: str
    columns: Mapping[str, Column]
    lines: Rows
    has_lines: bool
    sha256: str
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def name(self) -> str:
        """What the file is called in a message that needs no path."""
        return escaped(Path(self.file).name)

    def take(self, rows: Rows) -> Table:
        """Return the table of some rows."""
        columns = {name: column.take(rows) for name, column in self.columns.items()}
        return replace(self, columns=columns, lines=self.lines[rows])

    def has_same_rows(self, other: Table) -> bool:
        """Whether another table has the same columns of the same values, row by row, whatever file they came from."""
        return self.columns.keys() == other.columns.keys() and all(
            _equal(column, other.columns[name]) for name, column in self.columns.items()
        )

    def fault(self, message: str, *, row: int | None = None, hint: str = "") -> DataError:
        """Return the error that a message at a row (or about the whole file) makes."""
        if row is not None and not self.has_lines:
            message = f"row {self.lines[row]} (from 0): {message}"
        line = int(self.lines[row]) if row is not None and self.has_lines else None
        return DataError(message, file=escaped(self.file), line=line, hint=hint)


def _equal(column: Column, other: Column) -> bool:
    if isinstance(column, Texts) and isinstance(other, Texts):
        return column.levels.texts == other.levels.texts and np.array_equal(column.codes, other.codes)
    if isinstance(column, Numbers) and isinstance(other, Numbers) and np.array_equal(column.missing, other.missing):
        return np.array_equal(column.values[~column.missing], other.values[~other.missing])
    return False


def require_columns(needed: Iterable[str], there: Collection[str], file: str) -> None:
    """Raise DataError when columns that a model needs are not among those of a file, or of rows in memory (no file)."""
    lacking = [name for name in needed if name not in there]
    if lacking:
        message = f"columns that the model was trained on are not there: {listed(lacking)}"
        raise DataError(message, file=escaped(file), hint=f"there are: {listed(there)}")
