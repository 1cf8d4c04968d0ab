"""CSV text to a table, row by row, with the line of every mistake.

The delimiter is the one that cuts the header into most fields. Rows are read in blocks and each column's texts are
replaced by codes at once, so that a text which repeats is kept once. `csv` does the quoting; what it cannot know
(which row was meant to be longer) is an error here, never a guess.
"""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, count, islice
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.messages import escaped, listed
from hpsearch.data.table import MOST_COLUMNS, Table, Texts
from hpsearch.errors import DataError

_Row: TypeAlias = tuple[int, list[str]]
"""A line, from 1, and the fields of the row that begins on it."""

_ROW_NAMES = ("the first column has no name: taken for names of the rows, and left out",)
_DELIMITERS = (",", ";", "\t")
_BLOCK = 4096
_HEADER_BYTES = 10_000_000
"""As much of a file as tells its delimiter."""

_FOREIGN = {
    b"\x1f\x8b": "this is gzip data: name the file .csv.gz",
    b"PK\x03\x04": "this is a zip archive or a spreadsheet: export it as CSV",
    b"\xff\xfe": "this is UTF-16: save the file as UTF-8",
    b"\xfe\xff": "this is UTF-16: save the file as UTF-8",
}


def read_csv(data: bytes, file: str, sha256: str, missing: Collection[str]) -> Table:
    """Read CSV bytes; the first row that is not blank is the header. Raises DataError.

    A first column without a name, or one more field in every row than in the header, is taken for names of the rows and
    left out with a note.
    """
    _check_text(data, file)
    rows = _rows(data, _delimiter(data, file), file)
    line, header = next(((line, row) for line, row in rows if not _blank(row)), (1, []))
    names = [name.strip() for name in header]
    _check_names(names, file, line)
    if len(names) > 1:  # in a file of one column an empty field is a missing value
        rows = ((line, row) for line, row in rows if not _blank(row))
    first = next(rows, None)
    if first is None:
        raise DataError("there are no rows, only a header", file=escaped(file))
    row_names = len(first[1]) == len(names) + 1 and bool(names[0])
    if row_names:
        names.insert(0, "")
    columns, lines = _columns(_even(chain([first], rows), len(names), row_names, file), len(names))
    if row_names and not any(text.strip() for text in columns[-1].index):
        raise DataError("every row ends with a delimiter that the header lacks", file=escaped(file), line=lines[0])
    done = {name: column.finish(missing) for name, column in zip(names, columns, strict=True) if name}
    return Table(file, done, np.array(lines, np.int64), True, sha256, _ROW_NAMES if "" in names else ())


def _columns(rows: Iterator[_Row], width: int) -> tuple[list[_ColumnInProgress], list[int]]:
    """Return the columns, and the line of each row."""
    columns = [_ColumnInProgress() for _ in range(width)]
    lines: list[int] = []
    while block := list(islice(rows, _BLOCK)):
        lines += [line for line, _ in block]
        for column, texts in zip(columns, zip(*(row for _, row in block), strict=True), strict=True):
            column.add(texts)
    return columns, lines


class _ColumnInProgress:
    """The codes of a column so far; `index` numbers its distinct texts as they come."""

    def __init__(self) -> None:
        self.index: defaultdict[str, int] = defaultdict(count().__next__)
        self._codes: list[NDArray[np.int32]] = []

    def add(self, texts: Sequence[str]) -> None:
        self._codes.append(np.fromiter(map(self.index.__getitem__, texts), np.int32, len(texts)))

    def finish(self, missing: Collection[str]) -> Texts:
        return Texts.of(list(self.index), np.concatenate(self._codes), missing)


def _check_text(data: bytes, file: str) -> None:
    """Raise DataError unless the bytes are UTF-8 text."""
    for magic, advice in _FOREIGN.items():
        if data.startswith(magic):
            raise DataError("this is not CSV text", file=escaped(file), hint=advice)
    if not data or data.isspace():
        raise DataError("the file is empty", file=escaped(file))
    nul = data.find(b"\0")
    if nul >= 0:
        raise DataError("a NUL byte, which no text has", file=escaped(file), line=_line_at(data, nul))
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            f"byte {error.start} of the file, 0x{data[error.start]:02x}, is not UTF-8",
            file=escaped(file),
            line=_line_at(data, error.start),
            hint="save the file as UTF-8",
        ) from error


def _line_at(data: bytes, offset: int) -> int:
    return len((data[:offset] + b".").splitlines())


def _lines(data: bytes) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(data), encoding="utf-8-sig", newline="")


def _delimiter(data: bytes, file: str) -> str:
    """Return the delimiter that cuts the header into most fields; the first of them when several do.

    Raises DataError when it cuts it into more than can be columns.
    """
    begin = data[:_HEADER_BYTES].decode(errors="ignore").encode()  # may be cut in the middle of a letter

    def fields(delimiter: str) -> int:
        reader = csv.reader(_lines(begin), delimiter=delimiter, skipinitialspace=True)
        try:
            return len(next((row for row in reader if row and not _blank(row)), []))
        except csv.Error:
            return 0

    most, delimiter = max(((fields(delimiter), delimiter) for delimiter in _DELIMITERS), key=lambda found: found[0])
    if most > MOST_COLUMNS:
        message = f"the header has {most:,} columns or more; at most {MOST_COLUMNS:,} can be read"
        raise DataError(message, file=escaped(file))
    return delimiter


def _rows(data: bytes, delimiter: str, file: str) -> Iterator[_Row]:
    """Yield the rows of lines that are not empty, each with the line it begins on."""
    reader = csv.reader(_lines(data), delimiter=delimiter, skipinitialspace=True, strict=True)
    line = 1
    try:
        for row in reader:
            if row:
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        advice = "a quote that opens in this row may not be closed, or not be doubled within the field"
        what = f"cannot be read as CSV: {error}"
        if "field limit" in str(error):
            what = f"a field of more than {csv.field_size_limit():,} characters, which is no value to learn from"
            advice += "; a column of such long texts must be taken out of the file"
        raise DataError(what, file=escaped(file), line=line, hint=advice) from error


def _check_names(names: Sequence[str], file: str, line: int) -> None:
    """Raise DataError for a name that is empty, but for the first, or that stands twice."""
    twice = [name for name, times in Counter(names).items() if times > 1 and name]
    if twice:
        message, hint = (
            f"names that stand twice in the header: {listed(twice)}",
            "if this is a row of data, write one of names above it",
        )
        raise DataError(message, file=escaped(file), line=line, hint=hint)
    if "" in names[1:]:
        position = names.index("", 1) + 1
        raise DataError(f"field {position} of the header has no name", file=escaped(file), line=line)


def _even(rows: Iterable[_Row], width: int, row_names: bool, file: str) -> Iterator[_Row]:
    """Yield the rows; raise DataError at one that is not `width` fields wide."""
    hint = "the first row has one field more than the header, as if it began with a name" if row_names else ""
    for line, row in rows:
        if len(row) != width:
            raise DataError(f"{len(row)} fields, where {width} are expected", file=escaped(file), line=line, hint=hint)
        yield line, row


def _blank(row: Sequence[str]) -> bool:
    return len(row) == 1 and not row[0].strip()
