"""Options and arguments that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from hpsearch.study.replay import RunRecord
    from hpsearch.study.study_spec import StudySpec

runs_dir_option = click.option(
    "--runs-dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("runs"),
    envvar="HPSEARCH_RUNS_DIR",
    show_default=True,
    show_envvar=True,
    help="The directory that holds the runs.",
)

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON on standard output.")

run_argument = click.argument("run", metavar="RUN")


def recorded_study(directory: Path, run: RunRecord) -> StudySpec:
    """Return the study of a run, from the resolved spec kept with it; raises RecordError when that was changed."""
    from hpsearch.errors import RecordError
    from hpsearch.spec.load import read_spec

    resolved = directory / "resolved.yaml"
    if not resolved.is_file():
        raise RecordError(f"{resolved} is missing: the run cannot be trained again without its spec")
    study = read_spec(resolved).study
    if study.identity(run.start["data"]["sha256"]) != run.start["identity"]:
        raise RecordError(f"{resolved} is not the spec that was run: it has been changed since")
    return study


def recorded_run(name: str, runs_dir: Path) -> tuple[Path, RunRecord]:
    """Return the directory and the record of a run, with a note on standard error for each line that was skipped."""
    from hpsearch.study.run_dir import find_run, read_run
    from hpsearch.views.console import messages

    directory = find_run(name, runs_dir)
    run = read_run(directory)
    for note in run.notes:
        messages().print(f"note: {note}")
    return directory, run
