"""`hpsearch refine RUN`: a narrower space from the trials of a run, and the search of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpsearch.cli.options import (
    given_again,
    jobs_option,
    json_option,
    recorded_run,
    recorded_study,
    run_argument,
    runs_dir_option,
)
from hpsearch.cli.run import judge, prepared, search, show_result

if TYPE_CHECKING:
    from hpsearch.search.refinement import Refinement
    from hpsearch.study.replay import RunRecord
    from hpsearch.study.study_spec import StudySpec


SUFFIX = "-refined"
"""What a new spec has after the name of its parent."""


@dataclass(frozen=True)
class _Parent:
    """The run that is refined, and its study."""

    directory: Path
    run: RunRecord
    study: StudySpec


@click.command("refine")
@run_argument
@click.option("--top", type=click.IntRange(min=1), metavar="K", help="Zoom round the K best trials, not the best 8 %.")
@click.option("--around", type=click.IntRange(min=0), metavar="TRIAL", help="Put the box round this trial.")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Override a key of the new spec.")
@click.option("--trials", type=click.IntRange(min=1), help="Trials of the new search.  [default: as many as RUN has]")
@click.option("--name", help="What the new spec is called.  [default: RUN-refined]")
@click.option("--dry-run", is_flag=True, help="Write the new spec, and start nothing.")
@jobs_option
@click.option("--quiet", "-q", is_flag=True, help="No reasons and no progress; one line at the end, and notes.")
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
    quiet: bool,
    as_json: bool,
    runs_dir: Path,
) -> None:
    """Zoom into the region of RUN that worked: propose a space, say why, write it as a spec, and search it.

    The spec is written to the working directory. The trials of RUN count as evidence there, and cost no trials.
    """
    from hpsearch.errors import UsageError
    from hpsearch.spec.load import load_spec
    from hpsearch.study.dispatch import cores
    from hpsearch.study.line_file import write_whole
    from hpsearch.views.console import messages

    begin = time.monotonic()
    if top is not None and around is not None:
        raise UsageError("--top and --around exclude each other: zoom round the best trials, or round one of them")
    directory, record = recorded_run(run, runs_dir)
    parent = _Parent(directory, record, recorded_study(directory, record))
    refinement = _refinement(parent, top, around)
    if trials is not None:
        overrides = (*overrides, f"search.trials={trials}")
    plain = _plain(parent, refinement, overrides, around, runs_dir)
    text = _text(plain, parent, refinement)
    path = _free(name or f"{parent.run.name[: 60 - len(SUFFIX)]}{SUFFIX}", text)
    loaded, subject = prepared(load_spec(text, str(path)))  # what cannot be searched is refused before it is written
    write_whole(path.absolute(), text)
    if not quiet:
        _explain(parent, refinement, as_json)
    next_command = f"hpsearch run {path}{given_again('runs_dir', 'jobs')}"
    if dry_run:
        _show_spec(path, refinement, next_command, as_json)
        return
    if not quiet:
        messages().print(f"written to {path}")
    found, new = search(loaded, subject, runs_dir, jobs or cores(), quiet, next_command)
    show_result(found, new, time.monotonic() - begin, quiet, as_json)
    judge(found, new)


def _refinement(parent: _Parent, top: int | None, around: int | None) -> Refinement:
    from hpsearch.network.settings import NetworkSettings
    from hpsearch.options import options_of
    from hpsearch.search.refinement import Focus, refine
    from hpsearch.study.dispatch import one_blas_thread
    from hpsearch.views.console import note

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


def _plain(
    parent: _Parent, refinement: Refinement, overrides: tuple[str, ...], around: int | None, runs_dir: Path
) -> dict[str, Any]:
    """Return the new spec as plain data: the space, what was given with --set, and where the search begins."""
    from hpsearch.search.settings import is_staged
    from hpsearch.spec.document import dump
    from hpsearch.spec.load import load_spec
    from hpsearch.spec.refined import given_in, overridden, refined_plain
    from hpsearch.study.lineage import trials_sha256

    spec = parent.directory / "spec.yaml"
    given = given_in(spec.read_text(encoding="utf-8", errors="replace")) if spec.is_file() else {}
    study = _learning(parent.study, "early_stopping" in (given.get("search") or {}))
    plain = refined_plain(study, given, refinement.space, refinement.fixed, Path())
    load_spec(dump(plain), "the refined spec", overrides)  # so that mistakes are shown in the arguments
    plain = overridden(plain, overrides)
    now = load_spec(dump(plain), "the refined spec").study
    if is_staged(now.search.method):
        named = parent.directory.resolve().parent == runs_dir.resolve()
        name = parent.directory.name if named else str(parent.directory.absolute())
        plain["search"].setdefault("prior", {"run": name, "trials_sha256": trials_sha256(parent.run)})
    points = _first_points(parent, now, around)
    if points and now.search.method in ("coarse-to-fine", "zoom", "random"):
        plain["search"].setdefault("start", points)
    plain["search"] = {key: value for key, value in plain["search"].items() if value is not None}
    return plain


def _learning(study: StudySpec, is_stopping_given: bool) -> StudySpec:
    """Return a study whose search can learn from earlier trials."""
    from hpsearch.search.settings import is_staged
    from hpsearch.views.console import note

    if is_staged(study.search.method):
        return study
    note(f"a {study.search.method} search learns nothing from earlier trials: the refined one is coarse-to-fine")
    stopping = study.search.early_stopping if is_stopping_given else None
    return replace(study, search=replace(study.search, method="coarse-to-fine", early_stopping=stopping))


def _first_points(parent: _Parent, now: StudySpec, around: int | None) -> list[dict[str, Any]]:
    """Return the params to begin with: the parent's best, so that it may win, and the trial that the box is round."""
    from hpsearch.study.lineage import placed_params
    from hpsearch.views.console import note

    best = parent.run.winner
    records = [best] if best is not None else []
    if around is not None and (best is None or best.number != around):
        records.append(parent.run.history[around])
    domains = {parameter.name: parameter.domain for parameter in now.space.parameters}
    points = []
    for record in records:
        params = placed_params(record.trial.params, parent.study, now)
        if params is not None and all(domains[name].admits(value) for name, value in params.items()):
            points.append(params)
        else:
            note(f"trial {record.number} of {parent.run.name} lies outside of the new space: it is not trained again there")
    return points


def _text(plain: dict[str, Any], parent: _Parent, refinement: Refinement) -> str:
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


def _head(parent: _Parent, refinement: Refinement) -> list[str]:
    from hpsearch.views.refine_table import finding

    return [f"Refined from {parent.run.name}, {finding(refinement)}."]


def _comments(plain: dict[str, Any], parent: _Parent, refinement: Refinement) -> dict[str, list[str]]:
    """Return why each parameter is as it is, or that it was given."""
    from hpsearch.study.loop import averaging_weights
    from hpsearch.views.refine_table import comments

    proposed, told = refinement.space.describe(), comments(refinement, averaging_weights(parent.study))
    given = [name for name, entry in plain["space"].items() if entry != proposed.get(name)]
    return told | {name: ["given with --set"] for name in given}


def _explain(parent: _Parent, refinement: Refinement, as_json: bool) -> None:
    from hpsearch.study.loop import averaging_weights
    from hpsearch.views.console import messages, output
    from hpsearch.views.refine_table import refine_screen

    console = messages() if as_json else output()
    console.print(refine_screen(refinement, averaging_weights(parent.study)))
    console.print()


def _show_spec(path: Path, refinement: Refinement, next_command: str, as_json: bool) -> None:
    from hpsearch.views.console import messages, output, print_json
    from hpsearch.views.refine_table import refine_json

    if as_json:
        print_json({"spec": str(path), **refine_json(refinement)})
    else:
        output().print(f"written to {path}; next: {next_command}", soft_wrap=True)
    messages().print("nothing was started")
