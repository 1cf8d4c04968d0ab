"""The winner's files, read back: `models/model.json` and the arrays beside it. Writing them is the run directory's."""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.errors import HpsearchError, NoTrialCompleted, RecordError, UsageError
from hpsearch.objectives.model import Model
from hpsearch.study.run_dir import find_run, read_run

_MODEL = Path("models") / "model.json"


def load_model(run: str | os.PathLike[str], runs_dir: str | os.PathLike[str] | None = None) -> Model:
    """Return the model of a run's winner.

    `run` is a run's directory, its `models` directory, a `model.json`, or, as on the command line, the name of a run in
    `runs_dir`, the beginning of one, or `latest`. Without `runs_dir` it is $HPSEARCH_RUNS_DIR, or `runs`.

    Raises UsageError when there is no such run or it has no model yet, NoTrialCompleted when it has no winner, and
    RecordError when a file is missing, damaged or of another format.
    """
    file = _model_file(Path(run), Path(runs_dir or os.environ.get("HPSEARCH_RUNS_DIR") or "runs"))
    plain = _read_json(file)
    arrays = _read_arrays(file.with_name(Path(str(plain.get("arrays"))).name))
    try:
        return Model.from_plain(plain, arrays)
    except RecordError as error:
        raise RecordError(f"{file}: {error}") from error


def _model_file(run: Path, runs_dir: Path) -> Path:
    for file in (run, run / _MODEL.name, run / _MODEL):
        if file.is_file():
            return file
    directory = find_run(str(run), runs_dir)
    if not (directory / _MODEL).is_file():
        raise _reason(directory)
    return directory / _MODEL


def _reason(directory: Path) -> HpsearchError:
    """Return why a run has no model."""
    run = read_run(directory)
    if not run.finished:
        return UsageError(
            f"{directory} has no model yet: its search has not finished; the command that began it goes on with it"
        )
    if run.incumbent is None:
        return NoTrialCompleted(f"{directory} has no model: none of its trials completed; `hpsearch show` tells why")
    return RecordError(f"{directory / _MODEL} is missing")


def _read_json(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_bytes())
    except OSError as error:
        raise RecordError(f"{file}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise RecordError(f"{file}: is not the JSON of a model: {error}") from error
    if not isinstance(content, dict):
        raise RecordError(f"{file}: is not the JSON of a model")
    return content


def _read_arrays(file: Path) -> dict[str, NDArray[Any]]:
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except OSError as error:
        raise RecordError(f"{file}: cannot be read: {error.strerror or error}") from error
    except (ValueError, EOFError, RuntimeError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise RecordError(f"{file}: the model's arrays are damaged: {error}") from error
