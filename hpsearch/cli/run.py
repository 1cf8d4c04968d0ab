"""`hpsearch run CONFIG`: search."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hpsearch.cli.assertion import Assertion, check_measured, read_assertions
from hpsearch.cli.options import jobs_option, json_option, recorded_study, runs_dir_option

if TYPE_CHECKING:
    from hpsearch.spec.load import LoadedSpec
    from hpsearch.study.replay import RunRecord
    from hpsearch.study.subject import Subject


@click.command("run")
@click.argument("config", metavar="CONFIG")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Override a key of the spec: search.trials=20.")
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
@click.option("--quiet", "-q", is_flag=True, help="No progress; one line at the end, and notes.")
@json_option
@runs_dir_option
def run_command(
    config: str,
    overrides: tuple[str, ...],
    jobs: int | None,
    dry_run: bool,
    assertions: tuple[Assertion, ...],
    quiet: bool,
    as_json: bool,
    runs_dir: Path,
) -> None:
    """Search the hyperparameters of CONFIG, a YAML file (- for standard input).

    The results are kept in a new directory under runs/. An interrupted search goes on when the same command is given again.
    """
    from hpsearch.spec.load import read_spec
    from hpsearch.study.dispatch import cores

    begin = time.monotonic()
    loaded, subject = prepared(read_spec(config, overrides), runs_dir, assertions)
    if dry_run:
        _show_plan(subject, runs_dir, as_json)
        return
    directory, run = search(loaded, subject, runs_dir, jobs or cores(), quiet, _resume_command())
    show_result(directory, run, time.monotonic() - begin, quiet, as_json)
    judge(directory, run, assertions)


def prepared(loaded: LoadedSpec, runs_dir: Path, assertions: tuple[Assertion, ...] = ()) -> tuple[LoadedSpec, Subject]:
    """Return a spec with its metric named and the points that it begins with looked up, and its subject; print notes."""
    from hpsearch.objectives.network_objective import dataset
    from hpsearch.study.lineage import start_from_run
    from hpsearch.study.subject import subject_of
    from hpsearch.views.console import note

    loaded = replace(loaded, study=start_from_run(loaded.study, runs_dir))
    data = None if loaded.study.objective else dataset(loaded.study.data)
    if data is not None:
        loaded = loaded.for_task(data.task)
        check_measured(assertions, data.task)
    subject = subject_of(loaded.study, data)
    for text in (*loaded.notes, *subject.facts["notes"]):
        note(text)
    return loaded, subject


def search(
    loaded: LoadedSpec, subject: Subject, runs_dir: Path, jobs: int, quiet: bool, resume: str
) -> tuple[Path, RunRecord]:
    """Search, showing progress unless `quiet`; return the run's directory and record. `resume` is the command to go on."""
    from hpsearch.errors import Interrupted
    from hpsearch.study.lineage import inherited
    from hpsearch.study.loop import run_study
    from hpsearch.views.console import messages, note
    from hpsearch.views.live import watching

    texts = {"spec.yaml": loaded.given, "resolved.yaml": loaded.resolved}
    console = messages()
    inheritance = inherited(subject, runs_dir, recorded_study)
    for text in inheritance.notes:
        note(text)
    try:
        with watching(console, quiet) as listen:
            return run_study(subject, texts, runs_dir, jobs, listen, inheritance.parent)
    except Interrupted:
        console.print(f"interrupted; what has finished is on record. To go on: {resume}", soft_wrap=True)
        raise


def _show_plan(subject: Subject, runs_dir: Path, as_json: bool) -> None:
    from hpsearch.study.lineage import inherited
    from hpsearch.study.loop import averaging_weights
    from hpsearch.views.console import messages, output, print_json
    from hpsearch.views.export import plan_json
    from hpsearch.views.tables import data_line, judged, plan_lines, space_table

    parent = inherited(subject, runs_dir, recorded_study).parent
    study, plan = subject.study, subject.search(parent.trials if parent else ()).plan
    leaders = subject.confirmed_leaders(plan.trials)
    if as_json:
        print_json(plan_json(study, plan, subject.facts, leaders))
        return
    console = output()
    console.print(space_table(study.space.describe(), averaging_weights(study)))
    console.print(f"\n{data_line(subject.facts)}")
    for line in plan_lines(plan, study.search, leaders):
        console.print(line)
    console.print(judged(str(study.metric), study.select))
    messages().print("nothing was started")


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
        console.print(next_commands(summary, directory), soft_wrap=True)


def judge(directory: Path, run: RunRecord, assertions: tuple[Assertion, ...] = ()) -> None:
    """Raise NoTrialCompleted when there is no winner, CheckFailed when what was asserted of it does not hold."""
    from hpsearch.errors import CheckFailed, NoTrialCompleted
    from hpsearch.views.export import winner_metrics
    from hpsearch.views.format import run_argument

    if run.winner is None:
        raise NoTrialCompleted(f"no trial of {run.name} completed; `hpsearch show {run_argument(directory)}` tells why")
    metrics = winner_metrics(run)
    failed = [claim.told(metrics) for claim in assertions if not claim.holds(metrics)]
    if failed:
        raise CheckFailed("; ".join(failed))


def _resume_command() -> str:
    import shlex
    import sys

    return shlex.join(["hpsearch", *sys.argv[1:]])
