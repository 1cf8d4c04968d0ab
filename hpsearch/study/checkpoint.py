"""States on disk: one .npz per finished task, arrays named <trial>/<name>, written beside and renamed."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.errors import RecordError
from hpsearch.study.line_file import write_whole
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
    prefix = f"{trial}/"
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            state = {name.removeprefix(prefix): arrays[name] for name in arrays.files if name.startswith(prefix)}
    except (OSError, ValueError, EOFError, RuntimeError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise RecordError(f"{path}: cannot be read: {error}; {LOST}") from error
    if not state:
        raise RecordError(f"{path}: holds no state of trial {trial}; {LOST}")
    return state


def weights_hash(state: State) -> str:
    """Return the SHA-256 of a state's lasting arrays, with their names, shapes and types."""
    digest = hashlib.sha256()
    for name, array in sorted(lasting(state).items()):
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
