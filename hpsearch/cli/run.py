"""`hpsearch run CONFIG`: search."""

from __future__ import annotations

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

if TYPE_CHECKING:
    from hpsearch.spec.load import LoadedSpec
    from hpsearch.study.parent import Parent
    from hpsearch.study.replay import RunRecord
    from hpsearch.study.subject import Subject


@click.command("run")
@config_argument
@set_option
@jobs_option
@click.option("--dry-run", is_flag=True, help="Read the spec and the data, show the plan, and start nothing.")
@click.option(
    "--assert",
    "assertions",
    multiple=True,
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
        show_plan(outlook(subject, runs_dir, parent_of(subject, runs_dir), new=new), as_json)
        return
    resume = _resume_command(config)
    directory, run = search(loaded, subject, runs_dir, jobs or cores(), quiet, resume, new=new, fail_fast=fail_fast)
    show_result(directory, run, run.seconds, quiet, as_json)
    judge(directory, run, assertions)


def prepared(loaded: LoadedSpec, assertions: tuple[Assertion, ...] = ()) -> tuple[LoadedSpec, Subject]:
    """Return a spec with its metric named, and its subject; print notes."""
    from hpsearch.errors import UsageError
    from hpsearch.objectives.network_objective import dataset
    from hpsearch.study.subject import subject_of
    from hpsearch.views.console import note

    data = None if loaded.study.objective else dataset(loaded.study.data)
    if data is not None:
        loaded = loaded.for_task(data.task)
        check_measured(assertions, data.task)
    try:
        subject = subject_of(loaded.study, data)
    except UsageError as error:
        raise loaded.blamed(error) from None
    for text in (*loaded.notes, *subject.facts["notes"]):
        note(text)
    return loaded, subject


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
    from hpsearch.study.loop import run_study
    from hpsearch.views.console import messages
    from hpsearch.views.live import watching

    texts = {"spec.yaml": loaded.given, "resolved.yaml": loaded.resolved}
    console = messages()
    parent = parent_of(subject, runs_dir)
    try:
        with watching(console, quiet) as listen:
            return run_study(subject, texts, runs_dir, jobs, listen, parent, new=new, fail_fast=fail_fast)
    except CheckFailed as error:
        raise CheckFailed(
            f"{error}\n      the search ended there for --fail-fast; without it the same command goes on"
        ) from None
    except Interrupted:
        console.print(f"interrupted; what has finished is on record. To go on: {resume}", soft_wrap=True)
        raise


def parent_of(subject: Subject, runs_dir: Path) -> Parent | None:
    """Return the run that a study was refined from, and print notes on what of it does not count."""
    from hpsearch.study.lineage import inherited
    from hpsearch.views.console import note

    inheritance = inherited(subject, runs_dir, recorded_study)
    for text in inheritance.notes:
        note(text)
    return inheritance.parent


def show_result(directory: Path, run: RunRecord, seconds: float, quiet: bool, as_json: bool) -> None:
    """Print how a search ended."""
    from hpsearch.views.console import output, print_json
    from hpsearch.views.export import result_json
    from hpsearch.views.summary import summarise
    from hpsearch.views.tables import next_commands, result_line, result_screen

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
