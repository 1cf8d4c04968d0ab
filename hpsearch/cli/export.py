"""`hpsearch export RUN`: take the results elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hpsearch.cli.options import out_option, run_argument, runs_dir_option
from hpsearch.cli.out_file import out_file
from hpsearch.cli.recorded import recorded_run, recorded_study

if TYPE_CHECKING:
    from hpsearch.study.record import RunRecord

OPTUNA = "optuna:"
FORMATS = f"csv, jsonl, or {OPTUNA}FILE"


@click.command("export")
@run_argument
@click.option("--to", "form", required=True, metavar="FORMAT", help=FORMATS)
@out_option("The file to write csv or jsonl to.  [default: standard output]")
@runs_dir_option
def export_command(run: str, form: str, out: Path | None, runs_dir: Path) -> None:
    """Write the trials of RUN for other programs, at any time; again after it went on, to renew them.

    csv is a row for each trial, as in its trials.csv, which is a little behind while a run goes on. jsonl is a JSON
    object on a line for each, with its parameters, metrics, curves, times and where its point came from. optuna:FILE
    adds RUN as a study to a file that Optuna and optuna-dashboard read; it may hold several runs. A file that holds
    something else is left alone, be it another run's export.
    """
    from hpsearch.errors import UsageError

    if form in ("csv", "jsonl"):
        _export_text(run, runs_dir, form, out)
        return
    if not form.startswith(OPTUNA):
        raise UsageError(f"{form!r} is no format to export to; give {FORMATS}")
    path = form.removeprefix(OPTUNA)
    if out:
        raise UsageError(f"--out is the file of csv and jsonl; {form} names its own")
    if not path or "://" in path:
        raise UsageError(f"{form!r} names no file: write {OPTUNA}study.journal, or another name")
    _export_study(run, runs_dir, Path(path))


def _export_text(run: str, runs_dir: Path, form: str, out: Path | None) -> None:
    from hpsearch.study.derived import trials_csv
    from hpsearch.study.files import encoded
    from hpsearch.views.terminal.console import print_data
    from hpsearch.views.trials_export import is_csv_of, is_jsonl_of, trials_jsonl

    target = out_file(out) if out else None
    write, is_of = (trials_csv, is_csv_of) if form == "csv" else (trials_jsonl, is_jsonl_of)
    directory, record = recorded_run(run, runs_dir)
    if target is None:
        print_data(write(record))
        return
    target.require(lambda held: is_of(record, held), f"an older {form} of {record.name}")
    target.write(encoded(write(record)))
    _say(directory, record, target.path)


def _export_study(run: str, runs_dir: Path, path: Path) -> None:
    from hpsearch.views.optuna_export import is_journal, journal_with

    target = out_file(path)
    target.require(is_journal, "exports for Optuna")
    directory, record = recorded_run(run, runs_dir)
    space = recorded_study(directory, record).space
    target.write(journal_with(record, space, target.held or b""))
    _say(directory, record, path, "to look at it: pip install optuna-dashboard; optuna-dashboard")


def _say(directory: Path, record: RunRecord, path: Path, hint: str = "") -> None:
    import shlex

    from hpsearch.prose import counted
    from hpsearch.views.terminal.console import messages

    text = f"{counted(len(record.history), 'trial')} of {directory} in {path}"
    messages().print(f"{text}\n{hint} {shlex.quote(str(path))}" if hint else text, soft_wrap=True)
