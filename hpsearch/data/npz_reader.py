"""NumPy's `.npz` archive to a table: each array is a column, or several when it has more than one dimension.

Pickled objects are never loaded. All arrays must have one value (or sub-array) per row.
"""

from __future__ import annotations

import io
import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.messages import escaped, named
from hpsearch.data.table import MAX_BYTES, MOST_COLUMNS, Column, Numbers, Table, Texts, exact_number, number_in
from hpsearch.errors import DataError


def read_npz(data: bytes, file: str, sha256: str, missing: Collection[str]) -> Table:
    """Read the arrays of an archive.

    An array `x` (n,) is the column `x`; one of shape (n, ...) the columns `x[0]`, `x[1]`, ... of its flattened rows.
    Booleans are the texts `true` and `false`. Raises DataError.
    """
    arrays = _arrays(data, file)
    length = _length(arrays, file)
    width = sum(array.size // length for array in arrays.values())
    if width > MOST_COLUMNS:
        raise DataError(f"the arrays give {width:,} columns; at most {MOST_COLUMNS:,} can be read", file=escaped(file))
    columns: dict[str, Column] = {}
    for name, array in arrays.items():
        for column_name, values in _flattened(name, array):
            if column_name in columns:
                raise DataError(f"two arrays give a column {named(column_name)}", file=escaped(file))
            columns[column_name] = column_of(values, missing)
    return Table(file, columns, np.arange(length, dtype=np.int64), False, sha256)


def _arrays(data: bytes, file: str) -> dict[str, NDArray[Any]]:
    if not data.startswith(b"PK"):
        raise DataError("this is not an .npz archive", file=escaped(file), hint="write it with numpy.savez")
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            size = sum(entry.file_size for entry in archive.zip.infolist())
            if size > MAX_BYTES:
                raise ValueError(f"its arrays unpack to {size:,} bytes, of which at most {MAX_BYTES:,} can be read")
            arrays = {name: archive[name] for name in archive.files}
            if len(arrays) < len(archive.files):
                raise ValueError("two of its arrays have one name")
    except Exception as error:  # a header is parsed as Python code, which fails in every way that code can
        reason = escaped(str(error).partition("\n")[0]) or type(error).__name__
        raise DataError(f"cannot be read as .npz: {reason}", file=escaped(file)) from error
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray) or array.dtype.kind not in "biufU":
            kind = array.dtype if isinstance(array, np.ndarray) else "no array"
            message = f"{named(name)} holds neither numbers, booleans nor texts ({escaped(str(kind))})"
            raise DataError(message, file=escaped(file))
    return arrays


def _length(arrays: Mapping[str, NDArray[Any]], file: str) -> int:
    """Return the first dimension that all arrays share."""
    lengths = {name: array.shape[0] if array.ndim else 0 for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        sizes = ", ".join(f"{named(name)} has {length}" for name, length in lengths.items())
        raise DataError(f"the arrays differ in their number of rows: {sizes}", file=escaped(file))
    length = max(lengths.values(), default=0)
    if not length:
        raise DataError("there are no rows", file=escaped(file))
    return length


def _flattened(name: str, array: NDArray[Any]) -> Iterator[tuple[str, NDArray[Any]]]:
    if array.ndim == 1:
        yield name, array
    else:
        flat = array.reshape(len(array), -1)
        yield from ((f"{name}[{j}]", flat[:, j]) for j in range(flat.shape[1]))


def column_of(values: NDArray[Any], missing: Collection[str]) -> Column:
    """Return the column of an array (n,) of numbers, booleans or texts."""
    if values.dtype.kind in "bU":
        index: defaultdict[str, int] = defaultdict(count().__next__)
        texts = values if values.dtype.kind == "U" else np.where(values, "true", "false")
        codes = np.fromiter(map(index.__getitem__, texts.tolist()), np.int32, len(values))
        return Texts.of(list(index), codes, missing)
    return Numbers(values, np.isnan(values) | np.isin(values, _numbers_in(missing, values.dtype)))


def _numbers_in(texts: Collection[str], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return the numbers that texts spell, of those only that a type of numbers can hold; whole ones in full."""
    spelt = [text for text in texts if not math.isnan(number_in(text))]
    if dtype.kind == "f":
        return np.array([number_in(text) for text in spelt], np.float64)
    ends = np.iinfo(dtype)
    exact = [number for number in map(exact_number, spelt) if ends.min <= number <= ends.max]
    return np.array([int(number) for number in exact if number == int(number)], dtype)
