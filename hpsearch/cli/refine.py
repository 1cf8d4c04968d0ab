"""`hpsearch refine RUN`: a narrower space from the trials of a run, and the search of it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpsearch.cli.options import (
    fail_fast_option,
    given_again,
    jobs_option,
    json_option,
    quiet_option,
    run_argument,
    runs_dir_option,
    set_option,
)
from hpsearch.cli.recorded import recorded_run, recorded_study
from hpsearch.cli.searching import judge, prepared, search, show_result

if TYPE_CHECKING:
    from hpsearch.search.refinement import Refinement
    from hpsearch.study.lineage import PastRun
    from hpsearch.study.record import RunRecord


SUFFIX = "-refined"
"""What a new spec has after the name of its parent."""


@click.command("refine")
@run_argument
@click.option("--top", type=click.IntRange(min=1), metavar="K", help="Zoom round the K best trials, not the best 8 %.")
@click.option("--around", type=click.IntRange(min=0), metavar="TRIAL", help="Put the box round this trial.")
@set_option
@click.option("--trials", type=click.IntRange(min=1), help="Trials of the new search.  [default: as many as RUN has]")
@click.option("--name", help="What the new spec is called, without .yaml.  [default: RUN-refined]")
@click.option("--dry-run", is_flag=True, help="Write the new spec, and start nothing.")
@jobs_option
@fail_fast_option
@quiet_option
@json_option
@runs_dir_option
def refine_command(
    run: str,
    top: int | None,
    around: int | None,
    overrides: tuple[str, ...],
    trials: int | None,
    name: str | None,
    dry_run: bool,
    jobs: int | None,
    fail_fast: bool,
    quiet: bool,
    as_json: bool,
    runs_dir: Path,
) -> None:
    """Zoom into the region of RUN that worked: propose a space, say why, write it as a spec, and search it.

    The spec is written to the working directory. The trials of RUN count as evidence there, and cost no trials.
    """
    from hpsearch.errors import UsageError
    from hpsearch.spec.load import load_spec
    from hpsearch.spec.refined import refined_spec
    from hpsearch.study.lineage import PastRun
    from hpsearch.study.resources import cores
    from hpsearch.views.terminal.console import messages, note

    begin = time.monotonic()
    if top is not None and around is not None:
        raise UsageError("--top and --around exclude each other: zoom round the best trials, or round one of them")
    overrides = _with_trials(overrides, trials)
    directory, record = recorded_run(run, runs_dir)
    parent = PastRun(directory, record, recorded_study(directory, record))
    refinement = _refinement(parent, top, around)
    if not any(argument.startswith("space") for argument in overrides):
        _refuse_exhausted(record, refinement)
    plain, notes = refined_spec(parent, _called(directory, runs_dir), refinement, overrides, around)
    for told in notes:
        note(told)
    text = _text(plain, parent, refinement)
    path = _free((name or f"{record.name[: 60 - len(SUFFIX)]}{SUFFIX}").removesuffix(".yaml"), text)
    loaded, subject = prepared(load_spec(text, str(path)))  # what cannot be searched is refused before it is written
    _write(path, text, directory)
    if not quiet:
        _explain(parent, refinement, as_json)
    next_command = f"hpsearch run {path}{given_again('runs_dir', 'jobs')}"
    if dry_run:
        _show_spec(path, refinement, next_command, as_json)
        return
    if not quiet:
        messages().print(f"written to {path}")
    found, new = search(loaded, subject, runs_dir, jobs or cores(), quiet, next_command, fail_fast=fail_fast)
    show_result(found, new, subject.study.space, time.monotonic() - begin, quiet, as_json)
    judge(found, new)


def _with_trials(overrides: tuple[str, ...], trials: int | None) -> tuple[str, ...]:
    """Return the overrides with the number of trials, which must not be among them already."""
    from hpsearch.errors import UsageError

    key = "search.trials="
    if trials is None:
        return overrides
    if any(argument.startswith(key) for argument in overrides):
        raise UsageError(f"--trials and --set {key} exclude each other: they say the same")
    return (*overrides, f"{key}{trials}")


def _called(directory: Path, runs_dir: Path) -> str:
    """Return what a spec calls a run: its name where runs are looked for, else its directory."""
    is_there = directory.resolve().parent == runs_dir.resolve()
    return directory.name if is_there else str(directory.absolute())


def _refuse_exhausted(run: RunRecord, refinement: Refinement) -> None:
    """Raise UsageError where the refined space would hold nothing that has not been tried."""
    from hpsearch.errors import UsageError
    from hpsearch.search.plan import EXHAUSTED

    if run.ended == EXHAUSTED and not any(advice.verdict == "widened" for advice in refinement.advice):
        best = f"the best is trial {run.winner.number}" if run.winner else "none completed"
        raise UsageError(f"{EXHAUSTED}, and {best}; add options, or widen ranges, with --set space.NAME=...")


def _write(path: Path, text: str, parent: Path) -> None:
    """Write the new spec; raises UsageError where that cannot be done."""
    from hpsearch.errors import RecordError, UsageError
    from hpsearch.study.files import write_whole

    try:
        write_whole(path.absolute(), text)
    except RecordError as error:
        raise UsageError(f"{error}; refine it from another folder, as {parent.absolute()}") from error


def _refinement(parent: PastRun, top: int | None, around: int | None) -> Refinement:
    from hpsearch.network.settings import NetworkSettings
    from hpsearch.options import options_of
    from hpsearch.search.refinement import Focus, refine
    from hpsearch.study.dispatch import one_blas_thread
    from hpsearch.views.terminal.console import note

    run, study = parent.run, parent.study
    if not run.ended:
        note(f"the search of {run.name} has not finished: what its later trials show will not count")
    winner = run.winner
    with one_blas_thread():
        return refine(
            study.space,
            run.history,
            run.prior,
            floor=run.floor,
            options=None if study.objective else options_of(NetworkSettings),
            focus=Focus(top, around, winner.number if winner else None),
        )


def _text(plain: dict[str, Any], parent: PastRun, refinement: Refinement) -> str:
    """Return the text of the new spec."""
    from hpsearch.spec.refined import written

    return written(plain, _head(parent, refinement), _comments(plain, parent, refinement))


def _free(name: str, text: str) -> Path:
    """Return where a text may be written that nothing else is overwritten; a file that holds the very same may be."""
    from hpsearch.errors import UsageError
    from hpsearch.study.study_spec import NAME

    if not NAME.match(name):
        raise UsageError(f"--name {name!r}: up to 64 letters, digits, `-`, `_` and `.`, the first a letter, a digit or `_`")
    number, path = 1, Path(f"{name}.yaml")
    while path.exists() and not (path.is_file() and path.read_bytes() == text.encode()):
        number += 1
        path = Path(f"{name}-{number}.yaml")
    return path


def _head(parent: PastRun, refinement: Refinement) -> list[str]:
    from hpsearch.views.terminal.refine_table import finding

    return [f"Refined from {parent.run.name}, {finding(refinement)}."]


def _comments(plain: dict[str, Any], parent: PastRun, refinement: Refinement) -> dict[str, list[str]]:
    """Return why each parameter is as it is, or that it was given."""
    from hpsearch.spec.refined import described
    from hpsearch.views.terminal.refine_table import comments

    told = comments(refinement, parent.study.averaging)
    proposed = {**refinement.fixed, **described(refinement.space, of_function=parent.study.objective is not None)}
    now = {**plain.get("network", {}), **plain["space"]}
    for name in told:
        if name in proposed and name not in now:
            told[name] = [f"{name} is left out: what is given with --set leaves no place for it"]
        elif _without_conditions(now.get(name)) != _without_conditions(proposed.get(name)):
            told[name] = ["given with --set"]
    return told


def _without_conditions(entry: Any) -> Any:
    return {key: value for key, value in entry.items() if key != "when"} if isinstance(entry, dict) else entry


def _explain(parent: PastRun, refinement: Refinement, as_json: bool) -> None:
    from hpsearch.views.terminal.console import messages, output
    from hpsearch.views.terminal.refine_table import refine_screen

    console = messages() if as_json else output()
    console.print(refine_screen(refinement, parent.study.averaging, console.width))
    console.print()


def _show_spec(path: Path, refinement: Refinement, next_command: str, as_json: bool) -> None:
    from hpsearch.views.ahead_export import refine_json
    from hpsearch.views.terminal.console import messages, output, print_json

    if as_json:
        print_json({"spec": str(path), **refine_json(refinement)})
    else:
        output().print(f"written to {path}; next: {next_command}", soft_wrap=True)
    messages().print("nothing was started")
