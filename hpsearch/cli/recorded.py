"""A run that a command is about: its record, and the study that was searched in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hpsearch.space.search_space import SearchSpace
    from hpsearch.study.record import RunRecord
    from hpsearch.study.study_spec import StudySpec


def recorded_study(directory: Path, run: RunRecord) -> StudySpec:
    """Return the study of a run, from the resolved spec kept with it; raises RecordError when that was changed.

    Its data may have moved together with the run.
    """
    from hpsearch.errors import RecordError, SpecError
    from hpsearch.spec.load import read_spec
    from hpsearch.study.verify import found_again

    resolved = directory / "resolved.yaml"
    if not resolved.is_file():
        raise RecordError(f"{resolved} is missing: the run cannot be trained again without its spec")
    try:
        study = read_spec(resolved).study
    except SpecError as error:
        raise RecordError(f"{resolved} cannot be read as a spec", str(error)) from None
    if study.identity(run.start["data"]["sha256"]) != run.start["identity"]:
        raise RecordError(f"{resolved} is not the spec that was run: it has been changed since")
    return replace(study, data=found_again(study.data, Path(str(run.start.get("directory", directory))), directory))


def recorded_space(directory: Path, run: RunRecord) -> tuple[SearchSpace | None, str]:
    """Return the space of a run; None, with the reason, where it is not known any more."""
    from hpsearch.errors import HpsearchError

    try:
        return recorded_study(directory, run).space, ""
    except HpsearchError as error:
        return None, str(error)


def recorded_run(name: str, runs_dir: Path) -> tuple[Path, RunRecord]:
    """Return the directory and the record of a run, with a note on standard error for each line that was skipped."""
    from hpsearch.study.runs import find_run, read_run
    from hpsearch.views.terminal.console import note

    directory = find_run(name, runs_dir)
    run = read_run(directory)
    for text in run.notes:
        note(text)
    return directory, run
