"""What searching a study means now: which run it goes on with, if any, and with what plan. Nothing is written here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from hpsearch.errors import UsageError
from hpsearch.search.plan import Plan
from hpsearch.search.settings import Confirm, can_grow, is_staged
from hpsearch.study.environment import changed_since
from hpsearch.study.first_points import FirstPoints, as_recorded, first_points
from hpsearch.study.going_on import reopens, run_to_go_on_with
from hpsearch.study.parent import Parent
from hpsearch.study.record import RunRecord
from hpsearch.study.subject import Subject
from hpsearch.trial import PriorTrial


@dataclass(frozen=True)
class Outlook:
    """What a search would do: the study with the points that it begins with written out, and its plan.

    `prior` are the trials of earlier runs that count as evidence. `directory` and `run` are those of the run that it goes on
    with; where it begins a new one they are None, and `first` are the leaders of another run that it begins with.
    """

    subject: Subject
    plan: Plan
    prior: tuple[PriorTrial, ...]
    directory: Path | None
    run: RunRecord | None
    first: FirstPoints | None
    notes: tuple[str, ...]

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do: the run has finished, with all the trials that are asked for now."""
        return bool(self.run and self.run.finished and self.plan == self.run.plan and not reopens(self.run, self.subject))

    @property
    def ended(self) -> int:
        """How many trials of the run that it goes on with have ended."""
        return self.run.n_ended if self.run else 0

    @property
    def confirm(self) -> Confirm:
        """How many leaders are to be retrained, and with how many seeds."""
        return Confirm(*confirm_of(self.subject, self.run, self.plan.asked))


def confirm_of(subject: Subject, run: RunRecord | None, trials: int) -> tuple[int, int]:
    """Return how many leaders of so many trials are retrained at the end of a search, and with how many seeds.

    What was confirmed before, be it by hand, is confirmed again when the run grows, unless the spec turns that off.
    """
    count, seeds = subject.confirmed_leaders(trials), subject.study.search.confirm.seeds
    is_off = subject.study.search.confirm.leaders == 0
    return (count, seeds) if run is None or is_off else run.no_less(count, seeds)


def outlook(subject: Subject, runs_dir: Path, parent: Parent | None = None, *, new: bool = False) -> Outlook:
    """Return what `run_study` does with the same arguments; raises what it raises before it starts anything."""
    directory, run, notes = run_to_go_on_with(subject, runs_dir, new=new)
    if not directory or not run:
        ahead = begun_anew(subject, runs_dir, parent)
        return replace(ahead, notes=(*notes, *ahead.notes))
    if not run.finished:
        refuse_fewer(directory, run, subject.study.search.trials)
    subject = as_begun(subject, run)
    prior, before = prior_of(run, parent), run.plan
    if run.finished and before and before.asked > subject.study.search.trials:
        plan = before
    else:
        plan = subject.search(prior, before).plan
    notes += tuple(run.notes)
    if before:
        notes += _notes(before, plan, subject.search(prior).plan, subject)
    found = Outlook(subject, plan, prior, directory, run, None, notes)
    return replace(found, notes=(*notes, *_what_is_found(found)))


def begun_anew(subject: Subject, runs_dir: Path, parent: Parent | None = None) -> Outlook:
    """Return what a new run of a study would do; raises what beginning it raises."""
    first = first_points(subject.study, runs_dir)
    if first:
        subject = replace(subject, study=as_recorded(subject.study, first.described()))
    prior = prior_of(None, parent)
    return Outlook(subject, subject.search(prior).plan, prior, None, None, first, first.told if first else ())


def _what_is_found(ahead: Outlook) -> Iterator[str]:
    """Yield what is to be known of the run that is gone on with, or shown."""
    if ahead.is_over:
        stays = ", and what the clock decided stays" if ahead.run and ahead.run.by_the_clock else ""
        shown = f"{ahead.directory} has finished; it is shown, not trained again{stays}"
        yield f"{shown} (--new, or new=True in Python, begins another)"
    elif ahead.run and (changed := changed_since(ahead.run.start["environment"])):
        yield f"bits may differ from here on, the environment has changed: {'; '.join(changed)}"


def prior_of(run: RunRecord | None, parent: Parent | None) -> tuple[PriorTrial, ...]:
    """Return the trials of earlier runs that count in a run: those on its record, else what its parent has."""
    if run and run.has_inherited:
        return run.prior
    return parent.trials if parent else ()


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


def _notes(before: Plan, now: Plan, fresh: Plan, subject: Subject) -> tuple[str, ...]:
    """Return how a plan that was made before differs from a `fresh` one."""
    method, more = subject.study.search.method, now.asked - before.asked
    if not can_grow(method):
        told = f"the grid of this run was laid out for {now.trials} trials and is finished as such; the same command then"
        return (f"{told} begins another",) if now.trials != fresh.trials else ()
    if more <= 0 or now.stages == fresh.stages:
        return ()
    if is_staged(method):
        other = f"asked for at once, the {now.trials} trials would have been others"
        return (f"{more} trials more, in further stages; {other}",)
    other = f"asked for at once, all {now.trials} would have been compared, and others might have gone on"
    return (f"{more} trials more, compared among themselves; {other}",)
