"""`hpsearch run CONFIG`: search."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hpsearch.cli.assertion import Assertion, check_measured, read_assertions
from hpsearch.cli.dry_run import show_plan
from hpsearch.cli.options import (
    config_argument,
    fail_fast_option,
    given_again,
    jobs_option,
    json_option,
    recorded_study,
    runs_dir_option,
    set_option,
)
from hpsearch.cli.variables import Several

if TYPE_CHECKING:
    from hpsearch.spec.load import LoadedSpec
    from hpsearch.study.lineage import Inherited
    from hpsearch.study.parent import Parent
    from hpsearch.study.record import RunRecord
    from hpsearch.study.subject import Subject


@click.command("run")
@config_argument
@set_option
@jobs_option
@click.option("--dry-run", is_flag=True, help="Read the spec and the data, show the plan, and start nothing.")
@click.option(
    "--assert",
    "assertions",
    cls=Several,
    callback=read_assertions,
    metavar="CLAIM",
    help="Exit with 1 unless the winner fulfils it: 'validation_error <= 0.10'.",
)
@click.option("--new", is_flag=True, help="Begin another run, though one of this spec has finished.")
@fail_fast_option
@click.option("--quiet", "-q", is_flag=True, help="No progress; one line at the end, and notes.")
@json_option
@runs_dir_option
def run_command(
    config: str,
    overrides: tuple[str, ...],
    jobs: int | None,
    dry_run: bool,
    assertions: tuple[Assertion, ...],
    new: bool,
    fail_fast: bool,
    quiet: bool,
    as_json: bool,
    runs_dir: Path,
) -> None:
    """Search the hyperparameters of CONFIG, a YAML file (- for standard input).

    The results are kept in a new directory under runs/. An interrupted search goes on when the same command is given again,
    and one that has finished is shown.
    """
    from hpsearch.spec.load import read_spec
    from hpsearch.study.outlook import outlook
    from hpsearch.study.resources import cores

    loaded, subject = prepared(read_spec(config, overrides), assertions)
    if dry_run:
        with loaded.placing():
            told, parent = before_a_search(loaded, subject, runs_dir)
            ahead = outlook(subject, runs_dir, parent, new=new)
        show_plan(ahead, told, as_json)
        return
    resume = _resume_command(config)
    directory, run = search(loaded, subject, runs_dir, jobs or cores(), quiet, resume, new=new, fail_fast=fail_fast)
    show_result(directory, run, run.seconds, quiet, as_json)
    judge(directory, run, assertions)


def prepared(loaded: LoadedSpec, assertions: tuple[Assertion, ...] = ()) -> tuple[LoadedSpec, Subject]:
    """Return a spec with its metric named, and its subject; what does not go with its data or its function is told there."""
    from hpsearch.study.subject import subject_of

    with loaded.placing():
        subject = subject_of(loaded.study)
    if subject.study.objective is None:
        check_measured(assertions, subject.facts["task"])
    return replace(loaded, study=subject.study), subject


def before_a_search(loaded: LoadedSpec, subject: Subject, runs_dir: Path) -> tuple[tuple[str, ...], Parent | None]:
    """Return notes on the spec, the data and the run that a study was refined from; and that run."""
    from hpsearch.spec.lint import notes

    inheritance = inheritance_of(subject, runs_dir)
    return (*notes(loaded, subject.facts), *subject.facts["notes"], *inheritance.notes), inheritance.parent


def search(
    loaded: LoadedSpec,
    subject: Subject,
    runs_dir: Path,
    jobs: int,
    quiet: bool,
    resume: str,
    *,
    new: bool = False,
    fail_fast: bool = False,
) -> tuple[Path, RunRecord]:
    """Search, showing progress unless `quiet`; return the run's directory and record. `resume` is the command to go on."""
    from hpsearch.errors import CheckFailed, Interrupted
    from hpsearch.study.session import run_study
    from hpsearch.views.terminal.console import messages, note
    from hpsearch.views.terminal.live import interrupt, watching

    texts = {"spec.yaml": loaded.given, "resolved.yaml": loaded.resolved}
    console = messages()
    with loaded.placing():
        told, parent = before_a_search(loaded, subject, runs_dir)
    for text in told:
        note(text)
    try:
        with loaded.placing(), watching(console, quiet, interrupt) as listen:
            return run_study(subject, texts, runs_dir, jobs, listen, parent, new=new, fail_fast=fail_fast)
    except CheckFailed as error:
        raise CheckFailed(
            f"{error}\n      the search ended there for --fail-fast; without it the same command goes on"
        ) from None
    except Interrupted:
        console.print(f"interrupted; what has finished is on record. To go on: {resume}", soft_wrap=True)
        raise


def inheritance_of(subject: Subject, runs_dir: Path) -> Inherited:
    """Return what a study takes over from the run that it was refined from."""
    from hpsearch.study.lineage import inherited

    return inherited(subject, runs_dir, recorded_study)


def show_result(directory: Path, run: RunRecord, seconds: float, quiet: bool, as_json: bool) -> None:
    """Print how a search ended."""
    from hpsearch.views.export import result_json
    from hpsearch.views.numbers.summary import summarise
    from hpsearch.views.terminal.console import output, print_json
    from hpsearch.views.terminal.tables import result_line, result_screen
    from hpsearch.views.words import next_commands

    if as_json:
        print_json(result_json(directory, run, seconds))
        return
    console = output()
    summary = summarise(run)
    if quiet:
        console.print(result_line(summary, directory))
        return
    console.print(result_screen(summary, directory, seconds, console.width))
    if summary.leaders:
        console.print(next_commands(summary, directory) + given_again("runs_dir", "jobs"), soft_wrap=True)


def judge(directory: Path, run: RunRecord, assertions: tuple[Assertion, ...] = ()) -> None:
    """Raise NoTrialCompleted when there is no winner, CheckFailed when what was asserted of it does not hold."""
    from hpsearch.errors import CheckFailed, NoTrialCompleted
    from hpsearch.views.export import winner_metrics
    from hpsearch.views.format import run_argument

    if run.winner is None:
        why, show = f": {run.ended}" if run.is_cut_short else "", f"hpsearch show {run_argument(directory)}"
        raise NoTrialCompleted(f"no trial of {run.name} completed{why}; `{show}` tells more")
    metrics = winner_metrics(run)
    failed = [claim.told(metrics) for claim in assertions if not claim.holds(metrics)]
    if failed:
        raise CheckFailed("; ".join(failed))


def _resume_command(config: str) -> str:
    import shlex
    import sys

    again = ", with the same spec on standard input" if config == "-" else ""
    return shlex.join(["hpsearch", *sys.argv[1:]]) + again
