"""States on disk: one .npz per finished task, arrays named <trial>/<name>, written beside and renamed."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.errors import RecordError, reason_of
from hpsearch.study.files import open_regular, write_whole
from hpsearch.trial import State, lasting

LOST = "the same command, given again, trains its trials anew"
"""What to do about states that are gone: they are the result of a pure function."""


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> str:
    """Write named arrays as an .npz file; return the SHA-256 of its bytes."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **dict(arrays))
    write_whole(path, buffer.getvalue())
    return hashlib.sha256(buffer.getvalue()).hexdigest()


def write_states(path: Path, states: Mapping[int, State]) -> None:
    """Write the states of trials."""
    write_arrays(path, {f"{trial}/{name}": array for trial, state in states.items() for name, array in state.items()})


def read_state(path: Path, trial: int) -> dict[str, NDArray[Any]]:
    """Return the state of one trial; raises RecordError when the file does not hold it."""
    try:
        state = read_arrays(path, f"{trial}/")
    except RecordError as error:
        raise RecordError(f"{error}; {LOST}") from error
    if not state:
        raise RecordError(f"{path}: holds no state of trial {trial}; {LOST}")
    return state


def read_arrays(path: Path, prefix: str = "") -> dict[str, NDArray[Any]]:
    """Return the arrays of a file whose names begin with a prefix, by what follows it; raises RecordError."""
    try:
        with open_regular(path) as file, np.load(file, allow_pickle=False) as arrays:
            if sum(entry.file_size for entry in arrays.zip.infolist()) > os.fstat(file.fileno()).st_size:
                raise ValueError("its arrays are packed, and may unpack to any size")
            return {name.removeprefix(prefix): arrays[name] for name in arrays.files if name.startswith(prefix)}
    except Exception as error:  # a header is parsed as Python code, which fails in every way that code can
        raise RecordError(f"{path}: cannot be read: {reason_of(error)}") from error


def weights_hash(state: State) -> str:
    """Return the SHA-256 of a state's lasting arrays, with their names, shapes and types."""
    digest = hashlib.sha256()
    for name, array in sorted(lasting(state).items()):
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
