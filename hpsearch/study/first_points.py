"""The points that a search begins with where `search.start` names a run: its leaders, as they were when this run began.

They are looked up once and kept in the start record. So a search that goes on is the one that began, whatever has become of
the other run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from hpsearch.errors import Mistake, RecordError, SettingError, UsageError
from hpsearch.search.settings import Leaders
from hpsearch.study.entries import MALFORMED
from hpsearch.study.runs import find_run, read_run
from hpsearch.study.study_spec import StudySpec
from hpsearch.trial import Params, Value, leaders

_SETTING = ("search", "start", "run")

RECORDED_AS = "first"
"""What holds them in the start record."""


@dataclass(frozen=True)
class FirstPoints:
    """Trials of a run, best first, as points of a study's space, and notes on what did not fit."""

    run: str
    trials: tuple[int, ...]
    points: tuple[Params, ...]
    notes: tuple[str, ...]

    def described(self) -> dict[str, Any]:
        """Return what the start record holds."""
        return {RECORDED_AS: asdict(self)}

    @property
    def told(self) -> tuple[str, ...]:
        """What they are, and what did not fit."""
        trials = f"trial{'s' * (len(self.trials) > 1)} {', '.join(map(str, self.trials))}"
        return (f"search.start: begins with what {trials} of {self.run} had", *self.notes)


def first_points(study: StudySpec, runs_dir: Path) -> FirstPoints | None:
    """Look up the leaders of the run that `search.start` names; None if it names none.

    A value beyond a bound is moved to the bound; names and options that this study does not have are left out. Raises
    SettingError when the run is not there, none of its trials completed, or nothing of them is left.
    """
    start = study.search.start
    if not isinstance(start, Leaders):
        return None
    try:
        run = read_run(find_run(start.run, runs_dir))
    except UsageError as error:
        raise SettingError(Mistake.told_by(error, *_SETTING)) from None
    best = leaders(run.history.values())[: start.top]
    if not best:
        message = f"no trial of {run.name} completed, so it has no leaders to start from"
        raise SettingError(Mistake(_SETTING, message, "name another run, or take `start` away"))
    points: dict[int, Params] = {}
    notes = []
    for record in best:
        point, faults = fitted(record.trial.params, study)
        same = next((number for number, other in points.items() if other == point), None)
        if not point:
            faults.append("nothing of it is left")
        elif same is not None:
            faults.append(f"it is the same point as trial {same}, and tried once")
        else:
            points[record.number] = point
        if faults:
            notes.append(f"search.start: trial {record.number} of {run.name}: {'; '.join(faults)}")
    if not points:
        message = f"the leaders of {run.name} hold no value of what is searched here"
        raise SettingError(Mistake(_SETTING, message, f"searched here: {', '.join(study.space.names)}"))
    return FirstPoints(run.name, tuple(points), tuple(points.values()), tuple(notes))


def fitted(params: Params, study: StudySpec) -> tuple[dict[str, Value], list[str]]:
    """Return the values that a study's space has a place for, and what becomes of the others."""
    domains = {parameter.name: parameter.domain for parameter in study.space.parameters}
    found: dict[str, Value] = {}
    faults = []
    for name, value in params.items():
        if name not in domains:
            if study.objective is not None or getattr(study.network, name, None) != value:
                faults.append(f"{name} {value} is left out, as it is not searched here")
        elif domains[name].admits(value):
            found[name] = value
        else:
            try:
                found[name] = domains[name].decode(min(max(domains[name].locate(value), 0.0), 1.0))
                faults.append(f"{name} {value} becomes {found[name]}, which the space holds")
            except ValueError:
                faults.append(f"{name} {value} is left out, as the space has no place for it")
    missing = [name for name in study.space.active(found) if name not in params]
    if found and missing:
        faults.append(f"it has no {' and no '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} drawn")
    return {name: found[name] for name in study.space.names if name in found}, faults


def as_recorded(study: StudySpec, start: Mapping[str, Any]) -> StudySpec:
    """Return the study with the points written out that its run began with; `start` is the start record.

    Raises RecordError where it does not hold them.
    """
    if not isinstance(study.search.start, Leaders):
        return study
    try:
        points = tuple(dict(point) for point in start[RECORDED_AS]["points"])
    except MALFORMED as error:
        raise RecordError(f"{start.get('run')}: its record lacks the points that the search begins with") from error
    return replace(study, search=replace(study.search, start=points))
