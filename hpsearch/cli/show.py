"""`hpsearch show RUN [TRIAL]`: look at a run, or at one of its trials."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from hpsearch.cli.options import json_option, run_argument, runs_dir_option
from hpsearch.cli.recorded import recorded_run, recorded_study
from hpsearch.cli.show_plot import show_plot
from hpsearch.cli.show_trials import Choosing, read_conditions, read_names, show_trials
from hpsearch.cli.variables import Several

if TYPE_CHECKING:
    from hpsearch.study.record import RunRecord
    from hpsearch.views.numbers.importance import Matters


_ABOUT = {
    "trials as rows": "--where, --sort, --cols and the like are about the trials",
    "a plot": "--plot is about the trials",
    "importance": "--importance is about the parameters",
}


@click.command("show")
@run_argument
@click.argument("trial", type=click.IntRange(min=0), required=False)
@click.option("--top", type=click.IntRange(min=1), default=5, show_default=True, help="How many leaders, or rows, to show.")
@click.option(
    "--where",
    cls=Several,
    metavar="COMPARISON",
    callback=read_conditions,
    help="Trials for which it holds: 'learning_rate < 0.1'.",
)
@click.option("--sort", metavar="COL", default="", help="Trials by a column of trials.csv, `-COL` from the highest.")
@click.option("--reverse", is_flag=True, help="Trials in the opposite order.")
@click.option("--cols", cls=Several, metavar="A,B", callback=read_names, help="These columns; `*` stands for any letters.")
@click.option("--skip-unchanged", is_flag=True, help="Leave out columns that are the same in all rows.")
@click.option("--csv", "as_csv", is_flag=True, help="Print the trials as CSV, with all digits.")
@click.option(
    "--plot", cls=Several, metavar="A[,B]", callback=read_names, help="Draw a parameter, or two; `progress`; `workers`."
)
@click.option("--importance", is_flag=True, help="Show how much each parameter matters; it takes a second or two.")
@json_option
@runs_dir_option
def show_command(
    run: str,
    trial: int | None,
    top: int,
    plot: tuple[str, ...],
    importance: bool,
    as_csv: bool,
    as_json: bool,
    runs_dir: Path,
    **chosen: Any,
) -> None:
    """Show RUN: how its trials ended, its leaders, its test score and its confusions; or one TRIAL with its curves.

    With --where, --sort, --reverse, --cols, --skip-unchanged or --csv the trials are shown as rows, the best first, with the
    columns of trials.csv.

    RUN is a directory, a name, the beginning of one, or `latest`.
    """
    from hpsearch.errors import UsageError
    from hpsearch.prose import both

    as_rows = as_csv or any(chosen.values())
    asked = [what for what, is_asked in zip(_ABOUT, (as_rows, plot, importance), strict=True) if is_asked]
    if trial is not None and asked:
        raise UsageError(f"{_ABOUT[asked[0]]} of a run: leave the trial out")
    if len(asked) > 1 or (as_csv and as_json):
        raise UsageError(f"one at a time: {both(asked) if asked[1:] else '--csv or --json'}")
    directory, record = recorded_run(run, runs_dir)
    if as_rows:
        show_trials(record, Choosing(top=top if _is_given("top") else None, **chosen), as_json=as_json, as_csv=as_csv)
    elif plot:
        show_plot(directory, record, plot, as_json=as_json)
    elif trial is None:
        _show_run(directory, record, top, importance, as_json)
    elif trial in record.history:
        _show_trial(directory, record, trial, as_json)
    else:
        raise UsageError(f"{record.name} has no trial {trial}; it has {len(record.history)}, from 0")


def _is_given(name: str) -> bool:
    return click.get_current_context().get_parameter_source(name) is not ParameterSource.DEFAULT


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


def _show_trial(directory: Path, record: RunRecord, trial: int, as_json: bool) -> None:
    from hpsearch.study.derived import reproducing
    from hpsearch.views.export import trial_json
    from hpsearch.views.numbers.events import events
    from hpsearch.views.terminal.console import output, print_json
    from hpsearch.views.terminal.one_trial import trial_screen
    from hpsearch.views.terminal.plots import drawn_curve

    known = record.history[trial]
    command = reproducing(record, known, str(directory))
    if as_json:
        happened = [asdict(event) for event in events(record, known)]
        print_json({**trial_json(record, known), "events": happened, "command": command})
        return
    console = output()
    curve = drawn_curve(record, known, console.width)
    console.print(trial_screen(record, known, curve))
    if command:
        console.print(f"\ntrain it again, alone, and compare every bit: {command}", soft_wrap=True)
