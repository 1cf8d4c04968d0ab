"""`hpsearch export RUN`: take the results elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hpsearch.cli.options import out_option, run_argument, runs_dir_option
from hpsearch.cli.out_file import renew
from hpsearch.cli.recorded import recorded_run, recorded_study

if TYPE_CHECKING:
    from hpsearch.study.record import RunRecord

OPTUNA = "optuna:"
FORMATS = f"csv, jsonl, or {OPTUNA}FILE"


@click.command("export")
@run_argument
@click.option("--to", "target", required=True, metavar="FORMAT", help=FORMATS)
@out_option("The file to write csv or jsonl to.  [default: standard output]")
@runs_dir_option
def export_command(run: str, target: str, out: Path | None, runs_dir: Path) -> None:
    """Write the trials of RUN for other programs, at any time; again after it went on, to renew them.

    csv is a row for each trial, as in its trials.csv. jsonl is a JSON object on a line for each, with its parameters,
    metrics, curves, times and where its point came from. optuna:FILE adds RUN as a study to a file that Optuna and
    optuna-dashboard read; it may hold several runs. A file that something else has written is left alone.
    """
    from hpsearch.errors import UsageError

    if not target.startswith(OPTUNA):
        directory, record = recorded_run(run, runs_dir)
        _export_text(directory, record, target, out)
        return
    place = target.removeprefix(OPTUNA)
    if out:
        raise UsageError(f"--out is the file of csv and jsonl; {target} names its own")
    if not place or "://" in place:
        raise UsageError(f"{target!r} names no file: write {OPTUNA}study.journal, or another name")
    directory, record = recorded_run(run, runs_dir)
    _export_study(directory, record, Path(place))


def _export_text(directory: Path, record: RunRecord, target: str, out: Path | None) -> None:
    from hpsearch.errors import UsageError
    from hpsearch.study.derived import trials_csv
    from hpsearch.study.files import encoded
    from hpsearch.views.export import jsonl_begin, trials_jsonl
    from hpsearch.views.terminal.console import print_data

    if target not in ("csv", "jsonl"):
        raise UsageError(f"{target!r} is no format to export to; give {FORMATS}")
    text = trials_csv(record) if target == "csv" else trials_jsonl(record)
    if out is None:
        print_data(text)
        return
    begin = encoded(text.partition("\n")[0] if target == "csv" else jsonl_begin(record))
    renew(out, lambda: encoded(text), begin)
    _say(directory, record, out)


def _export_study(directory: Path, record: RunRecord, path: Path) -> None:
    from hpsearch.views.optuna_export import journal_with

    space = recorded_study(directory, record).space
    renew(path, lambda: journal_with(record, directory, space, path))
    _say(directory, record, path, "to look at it: pip install optuna-dashboard; optuna-dashboard")


def _say(directory: Path, record: RunRecord, path: Path, hint: str = "") -> None:
    import shlex

    from hpsearch.prose import counted
    from hpsearch.views.terminal.console import messages

    text = f"{counted(len(record.history), 'trial')} of {directory} in {path}"
    messages().print(f"{text}\n{hint} {shlex.quote(str(path))}" if hint else text, soft_wrap=True)
