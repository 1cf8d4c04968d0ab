"""`hpsearch init [DATA]`: a spec to begin with."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import get_args

import click

from hpsearch.cli.completion import files_ending
from hpsearch.cli.variables import Several
from hpsearch.data.settings import ENDINGS, Task


@click.command("init")
@click.argument("data", default="digits", metavar="[DATA]", shell_complete=files_ending(*ENDINGS))
@click.option("--target", metavar="COLUMN", help="The column to predict.  [default: the obvious one, or the last]")
@click.option("--task", type=click.Choice(get_args(Task)), help="Whether the target is classes.")
@click.option(
    "--missing",
    cls=Several,
    metavar="TEXT",
    envvar="HPSEARCH_MISSING",
    show_envvar=True,
    help="A further text that means: no value. May be given several times.",
)
@click.option("--trials", type=click.IntRange(min=1), help="Trials in total.  [default: what a minute or two allows]")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where to write; - for standard output.  [default: DATA's name .yaml]",
)
def init_command(
    data: str, target: str | None, task: Task | None, missing: tuple[str, ...], trials: int | None, out: Path | None
) -> None:
    """Write a commented spec for DATA, a .csv, .csv.gz or .npz file, or for the embedded digits.

    It runs as it is. A file that is there already is never overwritten.
    """
    from hpsearch.spec.starter import starter
    from hpsearch.views.terminal.console import messages, note

    path = out or Path(f"{_stem(Path(data).name)}.yaml")
    is_file = str(path) != "-"
    if is_file:
        _refuse_to_overwrite(path)
    made = starter(data, path.parent if is_file else Path(), target, task, trials, missing)
    for text in made.notes:
        note(text)
    if not is_file:
        click.echo(made.text, nl=False)
        return
    console = messages()
    console.print(f"wrote {' and '.join(map(str, _write(path, made.text)))}", soft_wrap=True)
    for begin, line in zip(("next:", "", ""), _following(path), strict=True):
        console.print(f"{begin:<5} {line}", soft_wrap=True)


def _stem(name: str) -> str:
    """Return the name of a data file without its ending."""
    return next((name[: -len(ending)] for ending in ENDINGS if name.lower().endswith(ending)), name)


def _following(path: Path) -> list[str]:
    """Return the commands that come after this one, with what they do."""
    config = shlex.quote(str(path))
    commands = {
        f"hpsearch check {config}": "tells what it will do, and starts nothing",
        f"hpsearch run {config}": "searches; the same command again goes on where it was interrupted",
        "hpsearch refine latest": "then searches once more, around what worked",
    }
    width = max(map(len, commands))
    return [f"{command:<{width}}  # {does}" for command, does in commands.items()]


def _refuse_to_overwrite(path: Path) -> None:
    from hpsearch.errors import UsageError

    if path.exists() or path.is_symlink():
        raise UsageError(
            f"{path} is there already, and nothing is overwritten",
            f"use it (hpsearch check {shlex.quote(str(path))}), or write another file with --out",
        )
    if not path.parent.is_dir():
        raise UsageError(f"there is no directory {path.parent}")


def _write(path: Path, text: str) -> list[Path]:
    """Write the spec, and beside it the schema that its first line names, unless there is one; return what was written."""
    from hpsearch.spec.schema import schema_text
    from hpsearch.spec.starter import SCHEMA_FILE

    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    schema = path.with_name(SCHEMA_FILE)
    try:
        with schema.open("x", encoding="utf-8") as file:
            file.write(schema_text())
    except FileExistsError:
        return [path]
    return [path, schema]
