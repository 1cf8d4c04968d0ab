"""Which run of a study a search goes on with, if any: one that was cut off, or a finished one.

A finished one may have more to do now; if it has not, it is what the search would come to.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpsearch.errors import RecordError, UsageError, reason_of
from hpsearch.prose import first_of
from hpsearch.search.plan import MOST_GROWTH
from hpsearch.search.settings import can_grow
from hpsearch.search.strategy import StopRules
from hpsearch.study.differences import IDENTIFIED_BY, differences
from hpsearch.study.entries import MALFORMED
from hpsearch.study.files import open_regular
from hpsearch.study.record import RunRecord
from hpsearch.study.runs import JOURNAL, read_run, run_directories
from hpsearch.study.subject import Subject

MOST_TOLD = 3
"""So many of the differences from the run that is most like a new one are told."""


@dataclass(frozen=True)
class GoingOn:
    """The runs of a study to go on with, by directory, and notes on those that can't be gone on with, or be read.

    Without any, `other` tells what makes it another search than the run of its name that is most like it.
    """

    runs: Mapping[Path, RunRecord]
    notes: tuple[str, ...]
    other: str = ""


def run_to_go_on_with(
    subject: Subject, runs_dir: Path, *, new: bool = False
) -> tuple[Path | None, RunRecord | None, tuple[str, ...]]:
    """Return the study's run to go on with, None twice if there is none, and notes on those passed over.

    Where a `new` one is wanted, a finished run is none of them. Raises UsageError where there are several.
    """
    found = runs_to_go_on_with(subject, runs_dir)
    if new and all(run.finished for run in found.runs.values()):
        return None, None, found.notes
    if len(found.runs) > 1:
        raise UsageError(
            f"{len(found.runs)} unfinished runs of this spec: {', '.join(map(str, found.runs))}; "
            "delete those that should not go on"
        )
    directory, run = next(iter(found.runs.items()), (None, None))
    return directory, run, (*found.notes, *filter(None, [found.other]))


def runs_to_go_on_with(subject: Subject, runs_dir: Path) -> GoingOn:
    """Look for the unfinished runs of a study, else for a finished one: that has more to do, or has all its trials.

    Of several of these it is the latest, those of the study's name first, and first of all one of as many trials.
    """
    study = subject.study
    same, others, notes = _runs_of(subject, runs_dir)
    unfinished = {directory: run for directory, run in same.items() if not run.finished}
    if unfinished or not same:
        return GoingOn(unfinished, tuple(notes), "" if same else _how_other(others, subject))
    # Sorting is stable: of runs that began in one second the last by number is the latest.
    directory, run = sorted(same.items(), key=lambda item: _preference(item[1], subject))[-1]
    if _has_more(run, subject) or run.is_cut_short or run.begun >= study.search.trials:
        return GoingOn({directory: run}, tuple(notes))
    notes.append(f"{directory} has {run.begun} trials; so many more are another search")
    return GoingOn({}, tuple(notes))


def reopens(run: RunRecord, subject: Subject) -> bool:
    """Whether a search that a rule ended has trials left, and no rule would end it as it stands."""
    search = subject.study.search
    if not run.is_cut_short or run.begun >= search.trials:
        return False
    if search.hours is not None and (run.ended == hours_are_over(search.hours) or run.seconds >= search.hours * 3600):
        return False
    return StopRules(subject.target, search.plateau).first_met(run.history.values()) is None


def hours_are_over(hours: float) -> str:
    """Return why a search is over that had so many hours."""
    return f"the {hours:g} h are over"


def _runs_of(subject: Subject, runs_dir: Path) -> tuple[dict[Path, RunRecord], dict[Path, Mapping[str, Any]], list[str]]:
    """Return a study's runs, the start records of others of its name, and notes on the directories that can't be read."""
    runs, others, notes = {}, {}, []
    identity = subject.study.identity(subject.facts["sha256"])
    for directory in run_directories(runs_dir):
        try:
            with open_regular(directory / JOURNAL) as file:
                start = json.loads(file.readline())
            if start["identity"] == identity:
                runs[directory] = read_run(directory)
            elif _study_name(directory.name) == subject.study.name:
                others[directory] = start
        except OSError as error:
            notes.append(f"{directory} was passed over: {reason_of(error)}")
        except RecordError as error:
            notes.append(f"{directory} was passed over: {error}")
        except MALFORMED:
            notes.append(f"{directory} was passed over: its journal does not begin with a start record")
    return runs, others, notes


def _how_other(others: Mapping[Path, Mapping[str, Any]], subject: Subject) -> str:
    """Return what makes a study another search than the run that is most like it, the latest of several."""
    facts, found = subject.study.identified_by(subject.facts["sha256"]), {}
    for directory, start in others.items():
        with suppress(*MALFORMED):  # a record without these facts, or with damaged ones, tells nothing
            if told := differences(start[IDENTIFIED_BY], facts):
                found[directory] = told
    if not found:
        return ""
    directory = min(reversed(found), key=lambda path: len(found[path]))
    try:
        unfinished = "" if read_run(directory).finished else ", which is unfinished"
    except (OSError, RecordError):
        unfinished = ", which cannot be read"
    return f"a new run, not {directory}{unfinished}: {first_of(found[directory], MOST_TOLD, '; ')}"


def _study_name(run: str) -> str:
    """Return the name of the study that a run's directory bears."""
    return run.rpartition("-")[0]


def _preference(run: RunRecord, subject: Subject) -> tuple[bool, bool, bool, str]:
    has_all = run.begun == subject.study.search.trials
    return _has_more(run, subject), has_all, _study_name(run.name) == subject.study.name, run.start["at"]


def _has_more(run: RunRecord, subject: Subject) -> bool:
    """Whether a finished run can be given more trials, or had some left when a rule ended it that holds no more."""
    plan, trials = run.plan, subject.study.search.trials
    if plan is None:
        return False
    # What a tiny search knows is no beginning for one that learns from stage to stage.
    is_beginning = len(plan.stages) == 1 or plan.asked * MOST_GROWTH >= trials
    return is_beginning and ((plan.asked < trials and can_grow(run.method)) or reopens(run, subject))
