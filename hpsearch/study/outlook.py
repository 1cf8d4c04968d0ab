"""What searching a study means now: which run it goes on with, if any, and with what plan. Nothing is written here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hpsearch.errors import UsageError
from hpsearch.search.plan import Plan
from hpsearch.search.settings import is_staged
from hpsearch.search.strategy import Search
from hpsearch.study.first_points import as_recorded, first_points
from hpsearch.study.parent import Parent
from hpsearch.study.replay import RunRecord
from hpsearch.study.runs import read_run, runs_to_go_on_with
from hpsearch.study.subject import Subject
from hpsearch.trial import PriorTrial


@dataclass(frozen=True)
class Outlook:
    """What a search would do: the study with the points that it begins with written out, and its plan.

    `directory` and `run` are those of the run that it goes on with, None where it begins a new one.
    """

    subject: Subject
    plan: Plan
    directory: Path | None
    run: RunRecord | None
    notes: tuple[str, ...]


def outlook(subject: Subject, runs_dir: Path, parent: Parent | None = None) -> Outlook:
    """Return what `run_study` would do with the same arguments; raises what it would raise before it starts anything."""
    directory, notes = run_to_go_on_with(subject, runs_dir)
    run = read_run(directory) if directory else None
    if directory and run:
        refuse_fewer(directory, run, subject.study.search.trials)
        subject = as_begun(subject, run)
        notes += tuple(run.notes)
    elif first := first_points(subject.study, runs_dir):
        subject = replace(subject, study=as_recorded(subject.study, first.described()))
        notes += first.told
    prior = run.prior if run and (run.prior or run.plan) else parent.trials if parent else ()
    search, more = planned(subject, prior, run.plan if run else None)
    return Outlook(subject, search.plan, directory, run, (*notes, *more))


def run_to_go_on_with(subject: Subject, runs_dir: Path) -> tuple[Path | None, tuple[str, ...]]:
    """Return the directory of the study's run that has more to do, None if there is none, and notes on those passed over.

    Raises UsageError where there are several.
    """
    study = subject.study
    found = runs_to_go_on_with(runs_dir, study.identity, subject.facts["sha256"], study.search.trials)
    if len(found.runs) > 1:
        raise UsageError(
            f"{len(found.runs)} unfinished runs of this spec: {', '.join(map(str, found.runs))}; "
            "delete those that should not go on"
        )
    return next(iter(found.runs), None), found.notes


def refuse_fewer(directory: Path, run: RunRecord, trials: int) -> None:
    """Raise UsageError if a run has begun more trials than are asked for."""
    begun = run.begun
    if begun > trials:
        raise UsageError(
            f"{directory} is unfinished and has begun {begun} trials, more than search.trials: {trials}, which "
            f"can only grow; ask for at least {begun}, or delete the directory to begin anew"
        )


def as_begun(subject: Subject, run: RunRecord) -> Subject:
    """Return the subject of a run that has begun, with the points that it began with."""
    return replace(subject, study=as_recorded(subject.study, run.start))


def planned(subject: Subject, prior: Sequence[PriorTrial], before: Plan | None) -> tuple[Search, tuple[str, ...]]:
    """Return the search that a study asks for, after the plan `before` if there is one, and notes on what that changes."""
    search = subject.search(prior, before)
    return search, _notes(before, search.plan, subject.search(prior).plan, subject) if before else ()


def _notes(before: Plan, now: Plan, fresh: Plan, subject: Subject) -> tuple[str, ...]:
    """Return how a plan that was made before differs from a `fresh` one."""
    method, more = subject.study.search.method, now.asked - before.asked
    if method == "grid":  # a grid of more points is another grid
        told = f"the grid of this run was laid out for {now.trials} trials and is finished as such; the same command then"
        return (f"{told} begins another",) if now.trials != fresh.trials else ()
    if more <= 0 or now.stages == fresh.stages:
        return ()
    if is_staged(method):
        other = f"asked for at once, the {now.trials} trials would have been others"
        return (f"{more} trials more, in further stages; {other}",)
    other = f"asked for at once, all {now.trials} would have been compared, and others might have gone on"
    return (f"{more} trials more, compared among themselves; {other}",)
