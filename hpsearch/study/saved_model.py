"""The winner's files, read back: `models/model.json` and the arrays beside it. Writing them is the run directory's."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from hpsearch.errors import HpsearchError, NoTrialCompleted, RecordError, UsageError, reason_of
from hpsearch.objectives.model import Model
from hpsearch.study.checkpoint import read_arrays
from hpsearch.study.files import open_regular
from hpsearch.study.runs import JOURNAL, MODELS, find_run, read_run, runs_directory

_MODEL = Path(MODELS) / "model.json"


def load_model(run: str | os.PathLike[str], runs_dir: str | os.PathLike[str] | None = None) -> Model:
    """Return the model of a run's winner.

    `run` is a run's directory, its `models` directory, a `model.json`, or, as on the command line, the name of a run in
    `runs_dir`, the beginning of one, or `latest`. Without `runs_dir` it is $HPSEARCH_RUNS_DIR, or `runs`.

    Raises UsageError when there is no such run or it has no model yet, NoTrialCompleted when it has no winner, and
    RecordError when a file is missing, damaged or of another format.
    """
    return read_model(model_file(run, runs_dir))


def read_model(file: Path) -> Model:
    """Return the model of a `model.json`, with the arrays beside it; raises RecordError as `load_model` does."""
    plain = _read_json(file)
    arrays = _read_arrays(file.with_name(Path(str(plain.get("arrays"))).name), plain.get("arrays_sha256"))
    try:
        return Model.from_plain(plain, arrays)
    except RecordError as error:
        raise RecordError(f"{file}: {error}") from error


def model_file(run: str | os.PathLike[str], runs_dir: str | os.PathLike[str] | None = None) -> Path:
    """Return the `model.json` that `load_model` would read."""
    given = Path(run)
    for file in (given, given / _MODEL.name, given / _MODEL):
        if file.is_file():
            return file
    directory = find_run(str(run), runs_directory(runs_dir))
    if not (directory / _MODEL).is_file():
        raise _reason(directory)
    return directory / _MODEL


def goes_on(file: Path) -> bool:
    """Whether the search that a model is of has not finished: a better trial may yet take its place."""
    directory = file.absolute().parent.parent
    try:
        return (directory / JOURNAL).is_file() and not read_run(directory).finished
    except RecordError:  # what is left of the record does not say
        return False


def _reason(directory: Path) -> HpsearchError:
    """Return why a run has no model."""
    run = read_run(directory)
    if not run.finished:
        return UsageError(
            f"{directory} has no model yet: its search has not finished; the command that began it goes on with it"
        )
    if run.winner is None:
        return NoTrialCompleted(f"{directory} has no model: none of its trials completed; `hpsearch show` tells why")
    if run.is_of_function:
        return UsageError(f"{directory} has no model: it searched a Python function")
    return RecordError(f"{directory / _MODEL} is missing")


def _read_json(file: Path) -> dict[str, Any]:
    try:
        with open_regular(file) as opened:
            content = json.load(opened)
    except OSError as error:
        raise RecordError(f"{file}: cannot be read: {reason_of(error)}") from error
    except (ValueError, RecursionError) as error:
        raise RecordError(f"{file}: is not the JSON of a model: {error}") from error
    if not isinstance(content, dict):
        raise RecordError(f"{file}: is not the JSON of a model")
    return content


def _read_arrays(file: Path, sha256: object) -> dict[str, NDArray[Any]]:
    """Return the arrays of a file with this hash: a crash may have left the text of one winner beside those of the next."""
    try:
        with open_regular(file) as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
    except (OSError, ValueError) as error:
        raise RecordError(f"{file}: cannot be read: {reason_of(error)}") from error
    if digest != sha256:
        raise RecordError(f"{file}: not the arrays that {_MODEL.name} describes; was the search cut off? then go on with it")
    return read_arrays(file)
