"""From a path to a table: finds the file, takes its bytes, and hands them to the reader of its format.

The bytes are read once, so that the hash is that of what was used. The formats are `.csv`, `.csv.gz` and `.npz`; the
embedded `digits` goes the same way. What columns mean is decided elsewhere.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import stat
import zlib
from collections.abc import Collection
from importlib import resources
from pathlib import Path

from hpsearch.data.csv_reader import read_csv
from hpsearch.data.messages import escaped
from hpsearch.data.npz_reader import read_npz
from hpsearch.data.settings import ENDINGS
from hpsearch.data.table import MAX_BYTES, Table, missing_texts
from hpsearch.errors import DataError, reason_of
from hpsearch.prose import nearest_file

DIGITS = "digits"
_AT_MOST = f"at most {MAX_BYTES:,} can be read"
_LESS = "take fewer rows, or leave out columns"
_FORMATS = "hpsearch reads .csv (with commas, semicolons or tabs), .csv.gz and .npz"


def read_table(source: str, missing: Collection[str] = ()) -> Table:
    """Read a file, or the embedded `digits`.

    `missing` are texts that mean `no value`, besides the usual ones. Raises DataError when there is no such file, or it
    cannot be read as what its name says.
    """
    data = _digits() if source == DIGITS else _bytes_of(Path(source))
    sha256 = hashlib.sha256(data).hexdigest()
    absent = frozenset(missing_texts(missing))
    name = source.lower()
    if name.endswith(".npz"):
        return read_npz(data, source, sha256, absent)
    text = data if name.endswith(".csv") else _unzipped(data, source)
    return read_csv(text, source, sha256, absent)


def _digits() -> bytes:
    return (resources.files("hpsearch.data") / "digits.csv.gz").read_bytes()


def _bytes_of(path: Path) -> bytes:
    file = escaped(str(path))
    try:
        with open(path, "rb", opener=_not_waiting) as stream:  # a Path has no opener
            about = os.fstat(stream.fileno())
            if not stat.S_ISREG(about.st_mode):
                message = "this is a pipe or a device, and data are read more than once"
                raise DataError(message, file=file, hint="write them to a file first")
            if not path.name.lower().endswith(ENDINGS):
                raise DataError("the file's ending tells no format", file=file, hint=_FORMATS)
            if about.st_size > MAX_BYTES:
                raise DataError(f"the file has {about.st_size:,} bytes; {_AT_MOST}", file=file, hint=_LESS)
            return stream.read()
    except FileNotFoundError as error:
        raise DataError("there is no such file", file=escaped(str(path.absolute())), hint=_near(path)) from error
    except IsADirectoryError as error:
        raise DataError("this is a directory, not a data file", file=file, hint=_FORMATS) from error
    except (OSError, ValueError) as error:
        raise DataError(f"cannot be read: {reason_of(error)}", file=file) from error


def _not_waiting(path: str, flags: int) -> int:
    """Open a file, or a pipe without waiting for its writer."""
    return os.open(path, flags | os.O_NONBLOCK)


def _near(path: Path) -> str:
    """Return what the writer of a path that leads nowhere may have meant."""
    folder = path.absolute().parent
    if not folder.is_dir():
        return f"nor is there a directory {escaped(str(folder))}"
    try:
        there = [DIGITS, *sorted(entry.name for entry in folder.iterdir() if entry.name.lower().endswith(ENDINGS))]
    except PermissionError:
        return ""
    near = nearest_file(path.name, there)
    return f"did you mean {escaped(near)}?" if near else ""


def _unzipped(data: bytes, file: str) -> bytes:
    try:
        with gzip.open(io.BytesIO(data)) as stream:
            text = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"cannot be unpacked as gzip: {error}", file=escaped(file)) from error
    if len(text) > MAX_BYTES:
        raise DataError(f"its {len(data):,} bytes unpack to more than {MAX_BYTES:,}", file=escaped(file), hint=_LESS)
    return text
