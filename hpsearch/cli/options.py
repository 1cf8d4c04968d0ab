"""Options and arguments that several commands share."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from hpsearch.cli.completion import complete_keys, complete_runs, files_ending
from hpsearch.cli.variables import Several
from hpsearch.study.runs import RUNS_DIR, RUNS_DIR_VARIABLE

Decorated = TypeVar("Decorated", bound=Callable[..., Any] | click.Command)


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
    envvar=RUNS_DIR_VARIABLE,
    show_envvar=True,
    help="The directory that holds the runs.",
)

jobs_option = click.option(
    "--jobs",
    "-j",
    type=click.IntRange(min=1),
    envvar="HPSEARCH_JOBS",
    show_envvar=True,
    show_default="the cores of this machine",
    help="Worker processes.",
)

fail_fast_option = click.option(
    "--fail-fast",
    is_flag=True,
    envvar="HPSEARCH_FAIL_FAST",
    show_envvar=True,
    help="End with 1 at the first trial that fails; the same command without it goes on.",
)

quiet_option = click.option(
    "--quiet",
    "-q",
    is_flag=True,
    envvar="HPSEARCH_QUIET",
    show_envvar=True,
    help="Say less: no progress, one line at the end, and notes.",
)


def out_option(help_text: str) -> Callable[[Decorated], Decorated]:
    """Return the option that names the file a command writes; whether it can be is told by `out_file`."""
    return click.option("--out", "-o", type=click.Path(path_type=Path, readable=False), metavar="FILE", help=help_text)


json_option = click.option(
    "--json", "as_json", is_flag=True, envvar="HPSEARCH_JSON", show_envvar=True, help="Print JSON on standard output."
)

set_option = click.option(
    "--set",
    "overrides",
    cls=Several,
    metavar="KEY=VALUE",
    envvar="HPSEARCH_SET",
    show_envvar=True,
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
