"""What commands that search share: a spec is prepared, the search is watched, and how it ended is shown and judged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hpsearch.cli.assertion import Assertion, check_measured
from hpsearch.cli.options import given_again
from hpsearch.cli.recorded import recorded_study
from hpsearch.errors import CheckFailed, Interrupted, NoTrialCompleted, SettingError

if TYPE_CHECKING:
    from hpsearch.space.search_space import SearchSpace
    from hpsearch.spec.load import LoadedSpec
    from hpsearch.study.lineage import Inherited
    from hpsearch.study.parent import Parent
    from hpsearch.study.record import RunRecord
    from hpsearch.study.subject import Subject


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
    from hpsearch.spec.lint.kinds import notes

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
    from hpsearch.study.session import run_study
    from hpsearch.views.terminal.console import messages, note
    from hpsearch.views.terminal.live import INTERRUPTS, watching

    texts = {"spec.yaml": loaded.given, "resolved.yaml": loaded.resolved}
    console = messages()
    with loaded.placing():
        told, parent = before_a_search(loaded, subject, runs_dir)
    for text in told:
        note(text)
    try:
        with loaded.placing(), watching(console, quiet, INTERRUPTS) as listen:
            return run_study(subject, texts, runs_dir, jobs, listen, parent, new=new, fail_fast=fail_fast)
    except CheckFailed as error:
        raise CheckFailed(
            error.message, "the search ended there for --fail-fast; without it the same command goes on"
        ) from None
    except Interrupted:
        console.print(f"interrupted; what has finished is on record. To go on: {resume}", soft_wrap=True)
        raise


def inheritance_of(subject: Subject, runs_dir: Path) -> Inherited:
    """Return what a study takes over from the run that it was refined from.

    Raises SettingError where that run cannot be used, with what is wrong with the one whose leaders come first.
    """
    from hpsearch.study.first_points import first_points
    from hpsearch.study.lineage import inherited

    try:
        return inherited(subject, runs_dir, recorded_study)
    except SettingError as error:
        try:
            first_points(subject.study, runs_dir)
        except SettingError as other:
            raise SettingError(*other.mistakes, *error.mistakes) from None
        raise


def show_result(directory: Path, run: RunRecord, space: SearchSpace, seconds: float, quiet: bool, as_json: bool) -> None:
    """Print how a search ended."""
    from hpsearch.views.export import result_json
    from hpsearch.views.numbers.summary import summarise
    from hpsearch.views.terminal.console import output, print_json
    from hpsearch.views.terminal.tables import result_line, result_screen
    from hpsearch.views.words import next_commands

    if as_json:
        print_json(result_json(directory, run, seconds, space))
        return
    console = output()
    summary = summarise(run, space)
    if quiet:
        console.print(result_line(summary, directory))
        return
    console.print(result_screen(summary, directory, seconds, console.width))
    if summary.leaders:
        console.print(next_commands(summary, directory) + given_again("runs_dir", "jobs"), soft_wrap=True)


def judge(directory: Path, run: RunRecord, assertions: tuple[Assertion, ...] = ()) -> None:
    """Raise NoTrialCompleted when there is no winner, CheckFailed when what was asserted of it does not hold."""
    from hpsearch.views.export import winner_metrics
    from hpsearch.views.format import run_argument

    if run.winner is None:
        why, show = f": {run.ended}" if run.is_cut_short else "", f"hpsearch show {run_argument(directory)}"
        raise NoTrialCompleted(f"no trial of {run.name} completed{why}; `{show}` tells more")
    metrics = winner_metrics(run)
    failed = [claim.told(metrics) for claim in assertions if not claim.holds(metrics)]
    if failed:
        raise CheckFailed("; ".join(failed))
