"""`hpsearch init [DATA]`: a spec to begin with."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hpsearch.cli.completion import files_ending

if TYPE_CHECKING:
    from hpsearch.data.settings import Task


@click.command("init")
@click.argument("data", default="digits", metavar="[DATA]", shell_complete=files_ending(".csv", ".csv.gz", ".npz"))
@click.option("--target", metavar="COLUMN", help="The column to predict.  [default: the obvious one, or the last]")
@click.option("--task", type=click.Choice(["classification", "regression"]), help="Whether the target is classes.")
@click.option(
    "--missing", multiple=True, metavar="TEXT", help="A further text that means: no value. May be given several times."
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
    from hpsearch.views.console import messages, note

    path = out or Path(re.sub(r"(\.csv(\.gz)?|\.npz)?\Z", ".yaml", Path(data).name, count=1, flags=re.IGNORECASE))
    is_file = str(path) != "-"
    if is_file:
        _refuse_to_overwrite(path)
    made = starter(data, path.parent if is_file else Path(), target, task, trials, missing)
    for text in made.notes:
        note(text)
    if not is_file:
        click.echo(made.text, nl=False)
        return
    console, again = messages(), shlex.quote(str(path))
    console.print(f"wrote {' and '.join(map(str, _write(path, made.text)))}", soft_wrap=True)
    console.print(f"next: hpsearch check {again}\n      hpsearch run {again}", soft_wrap=True)


def _refuse_to_overwrite(path: Path) -> None:
    from hpsearch.errors import UsageError

    if path.exists() or path.is_symlink():
        raise UsageError(f"{path} is there already, and nothing is overwritten; give another file with --out")
    if not path.parent.is_dir():
        raise UsageError(f"there is no directory {path.parent}")


def _write(path: Path, text: str) -> list[Path]:
    """Write the spec, and beside it the schema that its first line names, unless there is one; return what was written."""
    import json

    from hpsearch.spec.schema import json_schema
    from hpsearch.spec.starter import SCHEMA_FILE

    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    schema = path.with_name(SCHEMA_FILE)
    try:
        with schema.open("x", encoding="utf-8") as file:
            file.write(json.dumps(json_schema(), indent=2) + "\n")
    except FileExistsError:
        return [path]
    return [path, schema]
