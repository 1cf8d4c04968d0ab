"""Rows that are in memory already, in any of the usual shapes, to a table, for prediction.

A value means what the same value in a CSV file would mean. That takes care where a file was read by somebody else: in
memory `01`, `1.0` and `TRUE` have become 1, 1.0 and True, and how the file spelt them is gone. So a number or a boolean is
spelt like the level of the column that it equals; only then is it spelt as usual. Texts are taken as they are.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.messages import escaped, listed, named
from hpsearch.data.npz_reader import column_of
from hpsearch.data.table import MISSING_TEXTS, Column, Table, Texts, number_in, number_text, require_columns
from hpsearch.errors import DataError

_Values: TypeAlias = "NDArray[Any]"
"""The values (n,) of a column, as numbers, texts or objects."""

_SHAPES = "rows are an array (n, columns), a list of rows, one row, a mapping from column to values, or a data frame"
_NO_VALUE = ("<NA>", "NaT")  # what pandas puts for a missing value, besides None and NaN


def table_of(
    rows: Any,
    columns: Sequence[str],
    missing_texts: Collection[str] = MISSING_TEXTS,
    levels: Mapping[str, Collection[str]] | None = None,
) -> Table:
    """Return the table of some `columns` of rows; None and NaN are missing, and so is what `missing_texts` say.

    `rows` may be an array or a list of lists, or a single row, in the order of `columns`; a mapping from column to values,
    or to single values for one row; a list of such single rows; or a data frame. Where columns have names, others than
    `columns` are ignored. `levels` are the texts that are known of columns of categories: numbers and booleans are spelt
    like them. Raises DataError when a column is not there, when rows or columns differ in length, and at a value that is
    neither a number, a boolean nor a text.
    """
    given = _columns(rows, columns)
    lengths = {name: len(values) for name, values in given.items()}
    if len(set(lengths.values())) > 1:
        sizes = ", ".join(f"{named(name)} has {length}" for name, length in lengths.items())
        raise DataError(f"the columns differ in their number of rows: {sizes}")
    known = {} if levels is None else levels
    done = {name: _column(name, values, missing_texts, known.get(name)) for name, values in given.items()}
    return Table("", done, np.arange(max(lengths.values(), default=0)), False, "")


def _columns(rows: Any, columns: Sequence[str]) -> dict[str, _Values]:
    keys = _keys(rows)
    if keys is not None:
        require_columns(columns, keys, "")
        values = {name: rows[keys[name]] for name in columns}
        single = not any(map(_is_many, values.values()))
        return {name: _vector([value] if single else value, name) for name, value in values.items()}
    if hasattr(rows, "__array__"):
        rows = np.asarray(rows)
        if rows.ndim == 2:
            _check_width(0, rows.shape[1], columns)
            return {name: rows[:, position] for position, name in enumerate(columns)}
    if not _is_many(rows):
        raise DataError(f"these are no rows: {escaped(repr(rows))[:60]}", hint=_SHAPES)
    return _of_list(list(rows), columns)


def _keys(rows: Any) -> dict[str, Any] | None:
    """Return the keys of a mapping or a data frame by the names they spell; None for anything else."""
    if hasattr(rows, "columns") and hasattr(rows, "__getitem__"):
        return {str(key): key for key in rows.columns}
    return {str(key): key for key in rows.keys()} if hasattr(rows, "keys") else None  # noqa: SIM118  # a series gives values


def _is_many(value: Any) -> bool:
    return hasattr(value, "__len__") and not isinstance(value, (str, bytes)) and getattr(value, "shape", None) != ()


def _of_list(rows: list[Any], columns: Sequence[str]) -> dict[str, _Values]:
    """Return the columns of a list of mappings, a list of rows, or the values of one row."""
    keys = [_keys(row) for row in rows]
    if rows and None not in keys:
        return _of_mappings(rows, [of_row or {} for of_row in keys], columns)
    if rows and not any(map(_is_many, rows)):
        rows = [rows]
    for number, row in enumerate(rows):
        if not _is_many(row) or keys[number] is not None:
            raise DataError(f"row {number} (from 0) is no row like the others: {escaped(repr(row))[:60]}", hint=_SHAPES)
        _check_width(number, len(row), columns)
    return {name: _vector([row[position] for row in rows], name) for position, name in enumerate(columns)}


def _of_mappings(rows: list[Any], keys: list[dict[str, Any]], columns: Sequence[str]) -> dict[str, _Values]:
    require_columns(columns, dict.fromkeys(name for of_row in keys for name in of_row), "")
    for number, of_row in enumerate(keys):
        lacking = [name for name in columns if name not in of_row]
        if lacking:
            hint = f"there are: {listed(of_row)}; None stands for no value"
            raise DataError(f"row {number} (from 0) has no {listed(lacking)}", hint=hint)
    return {name: _vector([row[of_row[name]] for row, of_row in zip(rows, keys, strict=True)], name) for name in columns}


def _check_width(number: int, width: int, columns: Sequence[str]) -> None:
    if width != len(columns):
        hint = f"in this order: {listed(columns)}"
        raise DataError(f"row {number} (from 0): {width} values, where {len(columns)} are expected", hint=hint)


def _vector(values: Any, name: str) -> _Values:
    """Return the values of a column as an array (n,); those of a list keep their own types."""
    if hasattr(values, "__array__"):
        array = np.asarray(values)
    elif _is_many(values):
        array = np.fromiter(values, object, len(values))
    else:
        raise DataError(f"{named(name)} has one value, where other columns have several")
    if array.ndim != 1:
        raise DataError(f"{named(name)} holds an array of shape {array.shape}, where one value per row is expected")
    return array


def _column(name: str, values: _Values, missing: Collection[str], levels: Collection[str] | None) -> Column:
    if values.dtype.kind in "iuf" and levels is None:
        return column_of(values, missing)
    if values.dtype.kind not in "biufUO":
        message = f"{named(name)} holds neither numbers, booleans nor texts ({escaped(str(values.dtype))})"
        raise DataError(message, hint="give such values as texts, spelt as in the training data")
    spell = _speller((*(levels or ()), *missing))
    index: dict[str, int] = {}
    codes = np.empty(len(values), np.int32)
    for row, value in enumerate(values.tolist()):
        text = spell(value)
        if text is None:
            message = f"row {row} (from 0): {escaped(repr(value))[:60]} is neither a number, a boolean nor a text"
            raise DataError(f"{message}, in {named(name)}", hint="give such values as texts, spelt as in the training data")
        codes[row] = index.setdefault(text, len(index))
    return Texts.of(list(index), codes, {"", *missing})


def _speller(known: Sequence[str]) -> Callable[[Any], str | None]:
    """Return what spells a value as a CSV file would, where it can like one of the `known` texts; None if it cannot."""
    exact = frozenset(known)
    by_number = _first((number_in(text), text) for text in known)
    by_word = _first((text.lower(), text) for text in known)

    def spell(value: Any) -> str | None:
        if isinstance(value, str):
            return value
        if isinstance(value, (bool, np.bool_)):
            return by_word.get(str(value).lower(), str(value))
        if not isinstance(value, (numbers.Real, Decimal)):
            return "" if value is None or str(value) in _NO_VALUE else None
        number = int(value) if isinstance(value, numbers.Integral) else float(value)
        text = "" if isinstance(number, float) and math.isnan(number) else number_text(number)
        return text if text in exact else by_number.get(number, text)

    return spell


def _first(pairs: Iterable[tuple[Any, str]]) -> dict[Any, str]:
    """Return a mapping in which the first text of a key counts."""
    texts: dict[Any, str] = {}
    for key, text in pairs:
        texts.setdefault(key, text)
    return texts
