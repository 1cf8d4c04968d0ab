"""`hpsearch show RUN [TRIAL]`: look at a run, or at one of its trials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from hpsearch.cli.options import json_option, run_argument, runs_dir_option
from hpsearch.cli.recorded import recorded_run, recorded_space
from hpsearch.cli.show_plot import show_plot
from hpsearch.cli.show_trials import Choosing, read_conditions, read_names, show_trials
from hpsearch.cli.variables import Several

if TYPE_CHECKING:
    from hpsearch.space.search_space import SearchSpace
    from hpsearch.study.record import RunRecord
    from hpsearch.views.numbers.conditions import Condition
    from hpsearch.views.numbers.importance import Matters


class Look(Enum):
    """What is shown of a run, and the parameters of the command that are about it alone."""

    TRIAL = ("trial",)
    ROWS = ("where", "sort", "cols", "skip_unchanged", "as_csv")
    PLOT = ("plot",)
    RUN = ("importance",)


@click.command("show")
@run_argument
@click.argument("trial", type=click.IntRange(min=0), required=False)
@click.option("--top", type=click.IntRange(min=1), default=5, show_default=True, help="How many leaders, or rows, to show.")
@click.option(
    "--where",
    cls=Several,
    metavar="COMPARISON",
    callback=read_conditions,
    help="Trials for which it holds: 'learning_rate < 0.1'; a text that looks like a number is quoted.",
)
@click.option(
    "--sort", metavar="COL", help="Trials by a column of trials.csv, `-COL` from the highest; the last given counts."
)
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
    where: tuple[Condition, ...],
    sort: str | None,
    cols: tuple[str, ...],
    skip_unchanged: bool,
    as_csv: bool,
    plot: tuple[str, ...],
    importance: bool,
    as_json: bool,
    runs_dir: Path,
) -> None:
    """Show RUN: how its trials ended, its leaders, its test score and its confusions; or one TRIAL with its curves.

    With --where, --sort, --cols, --skip-unchanged or --csv the trials are shown as rows, the best first, with the columns of
    trials.csv.

    RUN is a directory, a name, the beginning of one, or `latest`.
    """
    typed = _typed()
    look = _look(typed, as_json=as_json)
    directory, record = recorded_run(run, runs_dir)
    match look:
        case Look.ROWS:
            choosing = Choosing(where, sort, cols, skip_unchanged, top if "top" in typed else None)
            show_trials(record, choosing, as_json=as_json and not as_csv, as_csv=as_csv)
        case Look.PLOT:
            show_plot(directory, record, plot, as_json=as_json)
        case Look.TRIAL if trial is not None:
            _show_trial(directory, record, trial, as_json)
        case Look.RUN:
            _show_run(directory, record, top, importance, as_json)


def _typed() -> dict[str, str]:
    """Return how those parameters are called that were typed, by their name."""
    context = click.get_current_context()
    typed = [p for p in context.command.params if context.get_parameter_source(str(p.name)) is ParameterSource.COMMANDLINE]
    return {str(p.name): p.opts[0] if isinstance(p, click.Option) else str(p.name).upper() for p in typed}


def _look(typed: Mapping[str, str], *, as_json: bool) -> Look:
    """Return what is to be shown; raises UsageError where something that was typed would have no effect."""
    from hpsearch.errors import UsageError
    from hpsearch.prose import both

    asked = {look: [typed[name] for name in look.value if name in typed] for look in Look}
    first = [names[0] for names in asked.values() if names]
    if len(first) > 1 or {"as_csv", "as_json"} <= typed.keys():
        raise UsageError(f"one at a time: {both(first if first[1:] else ('--csv', '--json'))}")
    look = next((look for look, names in asked.items() if names), Look.RUN)
    whole = {Look.TRIAL: "one trial", Look.PLOT: "a plot", Look.RUN: "--json of a run (as rows, with --cols '*', it counts)"}
    if "top" in typed and look in whole and (as_json or look is not Look.RUN):
        raise UsageError(f"--top counts leaders or rows, and has no effect on {whole[look]}")
    return look


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
    space, why = recorded_space(directory, record)
    matters = _what_matters(record, space, why) if importance else None
    if as_json:
        told = {"importance": importance_json(matters) if matters else None} if importance else {}
        print_json({**run_json(directory, record, confusions, space), **told})
        return
    console = output()
    console.print(run_screen(summarise(record, space, top=top, ancestors=lineage(record)), console.width))
    for part in list(confusions)[-1:]:  # the test part, or the validation part where there is no other
        console.print()
        console.print(confusion_screen(part, confusions[part], console.width))
    if matters:
        console.print()
        console.print(importance_screen(matters))
    elif not importance and (hint := importance_hint(record, directory)):
        console.print(f"\n{hint}", soft_wrap=True)


def _what_matters(record: RunRecord, space: SearchSpace | None, why: str) -> Matters | None:
    """Return how much each parameter matters; None, with a note, where the run's space is not known any more."""
    from hpsearch.study.dispatch import one_blas_thread
    from hpsearch.views.numbers.importance import what_matters
    from hpsearch.views.terminal.console import note

    if space is None:
        note(f"what matters cannot be told: {why}")
        return None
    with one_blas_thread():
        return what_matters(record, space)


def _show_trial(directory: Path, record: RunRecord, trial: int, as_json: bool) -> None:
    from hpsearch.errors import UsageError
    from hpsearch.study.derived import reproducing
    from hpsearch.views.export import trial_json
    from hpsearch.views.numbers.events import events
    from hpsearch.views.terminal.console import output, print_json
    from hpsearch.views.terminal.one_trial import trial_screen
    from hpsearch.views.terminal.plots import drawn_curve

    if trial not in record.history:
        raise UsageError(f"{record.name} has no trial {trial}; it has {len(record.history)}, from 0")
    known = record.history[trial]
    command = reproducing(record, known, str(directory))
    if as_json:
        happened = [asdict(event) for event in events(record, known)]
        print_json({"run": str(directory), **trial_json(record, known), "events": happened, "command": command})
        return
    console = output()
    curve = drawn_curve(record, known, console.width)
    console.print(trial_screen(record, known, curve))
    if command:
        console.print(f"\ntrain it again, alone, and compare every bit: {command}", soft_wrap=True)
