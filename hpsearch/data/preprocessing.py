"""From columns to features: what was learnt from the training part, and how any table is encoded with it.

Validation, test and new rows go through the numbers of the training part, never through their own. A missing number
becomes the training mean, and a 0/1 feature tells so where the training part had such rows. A category is one-hot over
the levels that the training part has at least twice, and `other` for all else. The plain form stands beside a model and
explains itself, so that the model can be used without this code.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.columns import LARGEST, MOST_LEVELS, InputKind, numbers_of
from hpsearch.data.in_memory import table_of
from hpsearch.data.messages import named, shown
from hpsearch.data.table import MISSING_TEXTS, Table, missing_texts, require_columns
from hpsearch.errors import DataError
from hpsearch.prose import first_of

Scaling: TypeAlias = Literal["standardise", "scale", "none"]

_FORMAT = 1
_RARE = 2  # fewer rows than this, and a level has no feature of its own
_MOST_NAMED = 5
_ABOUT = (
    "Each entry of `columns` turns one column of a table into features; in this order they are the network's inputs.",
    "Values are stripped of white space; those in `missing_texts` are missing. Compute in float64, then cast to float32.",
    "number: a missing x becomes `fill`; the feature is (x - subtract) / divide.",
    "number with `indicator`: a second feature is 1 where x was missing, else 0.",
    "category: a feature per entry of `levels`, 1 where x is that text, else 0; then, with `missing_level`, one for a "
    "missing x; the last one is 1 where none of the others is.",
)


@dataclass(frozen=True)
class NumberInput:
    """A column of numbers: (x - subtract) / divide, with `fill` for a missing x; then the indicator, if there is one."""

    column: str
    fill: float
    subtract: float
    divide: float
    indicator: bool

    @classmethod
    def fit(cls, train: Table, column: str, scaling: Scaling) -> NumberInput:
        """Learn the mean, and the deviation (of the population) or the range, from the training part."""
        values = numbers_of(train, column)
        present = values[~np.isnan(values)]
        low, high = float(present.min()), float(present.max())
        mean = float(np.clip(present.mean(), low, high))  # rounding may push the mean of equal numbers past them
        if scaling == "none":
            subtract, divide = 0.0, 1.0
        elif scaling == "scale":
            subtract, divide = low, high - low
        else:
            subtract, divide = mean, float(np.sqrt(np.mean((present - mean) ** 2)))
        return cls(column, mean, subtract, divide or 1.0, len(present) < len(values))

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of the features that the column gives."""
        return (self.column, f"{self.column}: missing") if self.indicator else (self.column,)

    def encode(self, table: Table) -> NDArray[np.float64]:
        """Return the column's features (n, 1 or 2); beyond float32 they stand at its ends."""
        values = numbers_of(table, self.column, fitted=True)
        missing = np.isnan(values)
        with np.errstate(over="ignore"):
            scaled = (np.where(missing, self.fill, values) - self.subtract) / self.divide
        bounded = np.clip(scaled, -LARGEST, LARGEST)
        return np.column_stack((bounded, missing) if self.indicator else (bounded,))


@dataclass(frozen=True)
class CategoryInput:
    """A column of texts, one-hot: the levels, then `missing` if the training part had such rows, then `other`."""

    column: str
    levels: tuple[str, ...]
    missing_level: bool

    @classmethod
    def fit(cls, train: Table, column: str) -> CategoryInput:
        """Take the training part's levels that are not rare, the most frequent first, ties by text, at most 50."""
        texts = train.columns[column].texts
        counted = zip((-texts.counts).tolist(), texts.levels.texts, strict=True)
        levels = [level for count, level in sorted(counted) if -count >= _RARE]
        return cls(column, tuple(levels[:MOST_LEVELS]), bool(texts.missing.any()))

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of the features that the column gives."""
        missing = (f"{self.column}: missing",) if self.missing_level else ()
        return (*(f"{self.column}={level}" for level in self.levels), *missing, f"{self.column}: other")

    def encode(self, table: Table) -> NDArray[np.float64]:
        """Return the column's features (n, levels + 1 or 2), one of them 1 in each row."""
        texts = table.columns[self.column].texts
        width = len(self.feature_names)
        position = {level: number for number, level in enumerate(self.levels)}
        places = [position.get(level, width - 1) for level in texts.levels.texts]
        places.append(len(self.levels))  # code -1: the missing level, or `other` where there is none
        return np.eye(width).take(np.array(places)[texts.codes], axis=0)

    def unseen(self, table: Table) -> str:
        """Return a note on the rows of a table that count as `other`; empty when there are none."""
        texts = table.columns[self.column].texts
        others = {text: count for text, count in zip(texts.levels.texts, texts.counts.tolist(), strict=True) if count}
        for level in self.levels:
            others.pop(level, None)
        absent = 0 if self.missing_level else int(texts.missing.sum())
        if not others and not absent:
            return ""
        reasons = [_unknown_values(others)] if others else []
        if absent:
            reasons.append(f"in {absent:,} no value, where every training row has one")
        rows = sum(others.values()) + absent
        return f"{named(self.column)}: {rows:,} of {len(table):,} rows count as `other`: {'; '.join(reasons)}"


@dataclass(frozen=True)
class Preprocessing:
    """How a table becomes inputs: one entry per column, in order, and the texts that mean `no value`."""

    inputs: tuple[NumberInput | CategoryInput, ...]
    missing_texts: tuple[str, ...] = MISSING_TEXTS

    @classmethod
    def fit(
        cls, train: Table, kinds: Mapping[str, InputKind], scaling: Scaling, missing: Collection[str] = ()
    ) -> Preprocessing:
        """Learn from the training part; each column of `kinds` needs a value there."""
        inputs = tuple(
            NumberInput.fit(train, name, scaling) if kind == "number" else CategoryInput.fit(train, name)
            for name, kind in kinds.items()
        )
        return cls(inputs, missing_texts(missing))

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns that a table needs, in order."""
        return tuple(entry.column for entry in self.inputs)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names (F,) of the features, in order."""
        return tuple(name for entry in self.inputs for name in entry.feature_names)

    def encode(self, table: Table) -> NDArray[np.float32]:
        """Return the inputs (n, F), row by row in memory, without NaN or infinity.

        Columns are found by name; further ones are ignored. Raises DataError when one is not there, and at the first
        value of a number column that is no number.
        """
        require_columns(self.columns, table.columns, table.file)
        encoded = np.empty((len(table), len(self.feature_names)), np.float32)
        start = 0
        for entry in self.inputs:
            features = entry.encode(table)
            encoded[:, start : start + features.shape[1]] = features
            start += features.shape[1]
        return encoded

    def table_of(self, rows: Any) -> Table:
        """Return rows that are in memory as a table; see `in_memory.table_of`, to which it tells columns and levels."""
        levels = {entry.column: entry.levels for entry in self.inputs if isinstance(entry, CategoryInput)}
        return table_of(rows, self.columns, self.missing_texts, levels)

    def unseen(self, table: Table) -> tuple[str, ...]:
        """Return a note per category column of a table that has rows which count as `other`, and which values they are.

        Such a value was never seen in training, or too rarely to have a feature of its own. Raises DataError when a
        column is not there.
        """
        require_columns(self.columns, table.columns, table.file)
        notes = (entry.unseen(table) for entry in self.inputs if isinstance(entry, CategoryInput))
        return tuple(filter(None, notes))

    def to_plain(self) -> dict[str, Any]:
        """Return what JSON can hold and a reader can follow; `from_plain` gives an equal object."""
        columns = [
            {"kind": "number" if isinstance(entry, NumberInput) else "category", **asdict(entry)} for entry in self.inputs
        ]
        return {
            "format": _FORMAT,
            "about": list(_ABOUT),
            "missing_texts": list(self.missing_texts),
            "columns": [{name: _listed(value) for name, value in column.items()} for column in columns],
            "features": list(self.feature_names),
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Preprocessing:
        """Build from the plain form; raises DataError when it is of another format."""
        if plain.get("format") != _FORMAT:
            raise DataError(f"preprocessing of format {plain.get('format')!r}; this version reads {_FORMAT}")
        return cls(tuple(map(_input_from_plain, plain["columns"])), tuple(plain["missing_texts"]))


def _unknown_values(rows_of: Mapping[str, int]) -> str:
    """Return what is to be said of values without a feature, given how many rows have each."""
    told = first_of(map(shown, rows_of), _MOST_NAMED)
    return f"in {sum(rows_of.values()):,} a value never seen in training, or too rare there: {told}"


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _input_from_plain(column: Mapping[str, Any]) -> NumberInput | CategoryInput:
    fields = {name: value for name, value in column.items() if name != "kind"}
    if column["kind"] == "number":
        return NumberInput(**fields)
    return CategoryInput(**{**fields, "levels": tuple(fields["levels"])})
