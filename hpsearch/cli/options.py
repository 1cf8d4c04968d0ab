"""Options and arguments that several commands share."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from hpsearch.cli.completion import complete_keys, complete_runs, files_ending
from hpsearch.cli.variables import Several
from hpsearch.study.runs import RUNS_DIR

if TYPE_CHECKING:
    from hpsearch.study.record import RunRecord
    from hpsearch.study.study_spec import StudySpec


class _Directory(click.Path):
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("an empty text is no directory; `.` is this one", param, ctx)
        return super().convert(value, param, ctx)


runs_dir_option = click.option(
    "--runs-dir",
    type=_Directory(path_type=Path, file_okay=False),
    default=RUNS_DIR,
    show_default=True,
    help="The directory that holds the runs.",
)

jobs_option = click.option(
    "--jobs", "-j", type=click.IntRange(min=1), help="Worker processes.  [default: the cores of this machine]"
)

fail_fast_option = click.option(
    "--fail-fast", is_flag=True, help="End with 1 at the first trial that fails; the same command without it goes on."
)

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON on standard output.")

set_option = click.option(
    "--set",
    "overrides",
    cls=Several,
    metavar="KEY=VALUE",
    shell_complete=complete_keys,
    help="Override a key of the spec: search.trials=20.",
)


def _print_schema(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        from hpsearch.spec.schema import schema_text

        click.echo(schema_text(), nl=False)
        context.exit()


schema_option = click.option(
    "--schema",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_schema,
    help="Print the JSON Schema of a spec, for editors, and exit.",
)

run_argument = click.argument("run", metavar="RUN", shell_complete=complete_runs)

config_argument = click.argument("config", metavar="CONFIG", shell_complete=files_ending(".yaml", ".yml"))


def given_again(*names: str) -> str:
    """Return those options of the present command that were typed, so that a command told to be typed next keeps them.

    Each has a space before it. What the environment says stays true by itself.
    """
    context = click.get_current_context()
    typed = [name for name in names if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    return "".join(f" --{name.replace('_', '-')} {shlex.quote(str(context.params[name]))}" for name in typed)


def recorded_study(directory: Path, run: RunRecord) -> StudySpec:
    """Return the study of a run, from the resolved spec kept with it; raises RecordError when that was changed.

    Its data may have moved together with the run.
    """
    from hpsearch.errors import RecordError
    from hpsearch.spec.load import read_spec
    from hpsearch.study.verify import found_again

    resolved = directory / "resolved.yaml"
    if not resolved.is_file():
        raise RecordError(f"{resolved} is missing: the run cannot be trained again without its spec")
    study = read_spec(resolved).study
    if study.identity(run.start["data"]["sha256"]) != run.start["identity"]:
        raise RecordError(f"{resolved} is not the spec that was run: it has been changed since")
    return replace(study, data=found_again(study.data, Path(str(run.start.get("directory", directory))), directory))


def recorded_run(name: str, runs_dir: Path) -> tuple[Path, RunRecord]:
    """Return the directory and the record of a run, with a note on standard error for each line that was skipped."""
    from hpsearch.study.runs import find_run, read_run
    from hpsearch.views.terminal.console import note

    directory = find_run(name, runs_dir)
    run = read_run(directory)
    for text in run.notes:
        note(text)
    return directory, run
