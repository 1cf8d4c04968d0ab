"""`hpsearch show RUN [TRIAL]`: look at a run, or at one of its trials."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hpsearch.cli.options import json_option, run_argument, runs_dir_option
from hpsearch.cli.recorded import recorded_run, recorded_study

if TYPE_CHECKING:
    from hpsearch.study.record import RunRecord
    from hpsearch.views.numbers.importance import Matters


@click.command("show")
@run_argument
@click.argument("trial", type=click.IntRange(min=0), required=False)
@click.option("--top", type=click.IntRange(min=1), default=5, show_default=True, help="How many leaders to show.")
@click.option("--importance", is_flag=True, help="Show how much each parameter matters; it takes a second or two.")
@json_option
@runs_dir_option
def show_command(run: str, trial: int | None, top: int, importance: bool, as_json: bool, runs_dir: Path) -> None:
    """Show RUN: how its trials ended, its leaders, its test score and its confusions; or one TRIAL with its curves.

    RUN is a directory, a name, the beginning of one, or `latest`.
    """
    from hpsearch.errors import UsageError

    if trial is not None and importance:
        raise UsageError("--importance is about the parameters of a run: leave the trial out")
    directory, record = recorded_run(run, runs_dir)
    if trial is None:
        _show_run(directory, record, top, importance, as_json)
    elif trial in record.history:
        _show_trial(record, trial, as_json)
    else:
        raise UsageError(f"{record.name} has no trial {trial}; it has {len(record.history)}, from 0")


def _show_run(directory: Path, record: RunRecord, top: int, importance: bool, as_json: bool) -> None:
    from hpsearch.study.confusion import read_confusions
    from hpsearch.study.lineage import lineage
    from hpsearch.views.export import importance_json, run_json
    from hpsearch.views.numbers.summary import summarise
    from hpsearch.views.terminal.confusion import confusion_screen
    from hpsearch.views.terminal.console import note, output, print_json
    from hpsearch.views.terminal.importance import importance_hint, importance_screen
    from hpsearch.views.terminal.tables import run_screen

    for text in record.start["data"]["notes"]:
        note(text)
    confusions = read_confusions(directory, record)
    matters = _what_matters(directory, record) if importance else None
    if as_json:
        told = {"importance": importance_json(matters) if matters else None} if importance else {}
        print_json({**run_json(directory, record, confusions), **told})
        return
    console = output()
    console.print(run_screen(summarise(record, top, lineage(record)), console.width))
    for part in list(confusions)[-1:]:  # the test part, or the validation part where there is no other
        console.print()
        console.print(confusion_screen(part, confusions[part], console.width))
    if matters:
        console.print()
        console.print(importance_screen(matters))
    elif not importance and (hint := importance_hint(record, directory)):
        console.print(f"\n{hint}", soft_wrap=True)


def _what_matters(directory: Path, record: RunRecord) -> Matters | None:
    """Return how much each parameter matters; None, with a note, where the run's space is not known any more."""
    from hpsearch.errors import HpsearchError
    from hpsearch.study.dispatch import one_blas_thread
    from hpsearch.views.numbers.importance import what_matters
    from hpsearch.views.terminal.console import note

    try:
        space = recorded_study(directory, record).space
    except HpsearchError as error:
        note(f"what matters cannot be told: {error}")
        return None
    with one_blas_thread():
        return what_matters(record, space)


def _show_trial(record: RunRecord, trial: int, as_json: bool) -> None:
    from hpsearch.views.export import trial_json
    from hpsearch.views.terminal.console import output, print_json
    from hpsearch.views.terminal.one_trial import trial_screen

    if as_json:
        print_json(trial_json(record, record.history[trial]))
    else:
        output().print(trial_screen(record, record.history[trial]))
