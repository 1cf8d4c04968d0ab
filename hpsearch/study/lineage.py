"""Where a run comes from: the trials of earlier runs that count as evidence.

A trial of another run counts where it would have been a trial of this study: the same network on the same rows, judged the
same way. Its params are placed on the scales of this study's space, where they may lie beyond a bound. Specs are read by the
caller, who knows their language.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from hpsearch.errors import Mistake, RecordError, SettingError, UsageError
from hpsearch.network.settings import NetworkSettings
from hpsearch.objectives.network_objective import network_settings
from hpsearch.options import options_of
from hpsearch.search.settings import Prior
from hpsearch.space.search_space import SearchSpace
from hpsearch.study.going_on import runs_to_go_on_with
from hpsearch.study.line_file import plain
from hpsearch.study.parent import Parent
from hpsearch.study.record import RunRecord
from hpsearch.study.runs import JOURNAL, read_run
from hpsearch.study.study_spec import StudySpec
from hpsearch.study.subject import Subject
from hpsearch.trial import Params, PriorTrial, Status, Value

FARTHEST = 0.25
"""How far beyond the unit interval a coordinate may lie."""

LONGEST_LINEAGE = 100

ReadStudy: TypeAlias = Callable[[Path, RunRecord], StudySpec]
"""Gives the study of a run from its directory and its record."""


@dataclass(frozen=True)
class PastRun:
    """A run on record, and its study."""

    directory: Path
    run: RunRecord
    study: StudySpec


@dataclass(frozen=True)
class Known:
    """A trial that a run knows of: its own, or of an ancestor."""

    run: str
    number: int
    params: Params
    values: tuple[float, ...]
    status: Status
    kind: str


@dataclass(frozen=True)
class Inherited:
    """A study's parent, if it has one, with the trials that count, and notes on those that don't."""

    parent: Parent | None = None
    notes: tuple[str, ...] = ()


def inherited(subject: Subject, runs_dir: Path, read_study: ReadStudy) -> Inherited:
    """Return what the study inherits from the run that `search.prior` names; nothing where a run of it only goes on.

    Raises SettingError when that run is not there, or its trials are no longer those that were meant, unless what was
    inherited is on record already.
    """
    prior = subject.study.search.prior
    if prior is None:
        return Inherited()
    try:
        past = _named(prior, runs_dir, read_study)
    except SettingError:
        if any(run.has_inherited for run in runs_to_go_on_with(subject, runs_dir).runs.values()):
            return Inherited()
        raise
    run, best = past.run, past.run.winner
    best_params = placed_params(best.trial.params, past.study, subject.study) if best else None
    parent = Parent(run.name, past.directory, run.tests, best=best_params)
    if difference := _difference(subject, run, past.study):
        return Inherited(parent, (f"the trials of {run.name} don't count as evidence: {difference}",))
    trials = known_trials(run, past.study.space)
    placed, faults = _placed(trials, past.study, subject.study)
    return Inherited(replace(parent, trials=tuple(placed)), tuple(_told(run.name, len(trials), faults)))


def _named(prior: Prior, runs_dir: Path, read_study: ReadStudy) -> PastRun:
    """Return the run that is meant."""
    setting, without = ("search", "prior", "run"), "to search without its trials: --set search.prior=null"
    places = (runs_dir / prior.run, Path(prior.run))
    directory = next((place for place in places if (place / JOURNAL).is_file()), None)
    if directory is None:
        raise SettingError(Mistake(setting, f"there is no run {prior.run} in {runs_dir}", without))
    try:
        run = read_run(directory)
        study = read_study(directory, run)
    except (UsageError, RecordError) as error:
        hint = f"{error.hint}\n{without}" if error.hint else without
        raise SettingError(Mistake(setting, error.message, hint)) from None
    if (digest := trials_sha256(run)) != prior.trials_sha256:
        message = f"the trials of {directory} are not those that were meant, as their hash is {digest}"
        raise SettingError(Mistake(("search", "prior", "trials_sha256"), message, f"refine it again; {without}"))
    return PastRun(directory, run, study)


def known_trials(run: RunRecord, space: SearchSpace) -> list[Known]:
    """Return the trials that have ended of a run, searched in `space`, after those of its ancestors."""
    earlier = [Known(t.run, t.number, space.reach(t.point), t.values, t.status, t.kind) for t in run.prior]
    own = [
        Known(run.name, r.number, r.trial.params, r.values, r.status, r.trial.origin.kind)
        for r in run.history.values()
        if r.status.ended
    ]
    return earlier + own


def trials_sha256(run: RunRecord) -> str:
    """Return the hash of the trials that a run knows of, as 64 hexadecimal digits: where they lay, and what they gave.

    A run that is renamed or moved keeps it.
    """
    earlier = [[t.run, t.number, t.point, t.values, t.status] for t in run.prior]
    own = [["", r.number, r.trial.point, r.values, r.status] for r in run.history.values() if r.status.ended]
    canonical = json.dumps(plain(earlier + own), separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def placed_params(params: Params, before: StudySpec, now: StudySpec) -> dict[str, Value] | None:
    """Return the params with which study `now` would train what study `before` trained with `params`.

    Their values may lie beyond the bounds of its space. None where no params would do that.
    """
    if before.objective is not None or now.objective is not None:
        active = now.space.active(params)
        return dict(params) if set(active) == params.keys() else None
    settings = network_settings(before.network, params)
    values = _values(settings)
    named = {name: values[name] for name in now.space.active(values) if name in values}
    return named if _effective(network_settings(now.network, named)) == _effective(settings) else None


def lineage(run: RunRecord) -> list[str]:
    """Return the names of the runs that a run comes from, its parent first, as far back as they are still there."""
    names: list[str] = []
    parent: Mapping[str, Any] | None = run.start.get("parent")
    while parent and len(names) < LONGEST_LINEAGE:
        names.append(str(parent["run"]))
        directory = Path(str(parent["directory"]))
        try:
            parent = read_run(directory).start.get("parent") if (directory / JOURNAL).is_file() else None
        except RecordError:  # it can't be read any more
            parent = None
    return names


def _difference(subject: Subject, run: RunRecord, study: StudySpec) -> str:
    """Return why the trials of a run can't be compared with those of a study; nothing if they can."""
    now, facts, then = subject.study, subject.facts, run.start["data"]
    pairs = [
        ("what is searched", facts.get("function", ""), then.get("function", "")),
        ("the metric", subject.metric.name, run.metric.name),
        ("the epoch that counts", now.select, run.select),
        ("the number of epochs", now.epochs, study.epochs),
    ]
    for what, new, old in pairs:
        if new != old:
            return f"{what} is {new or 'a network'} now, it was {old or 'a network'}"
    if study.objective is not None:
        changed = facts["fingerprint"] != then["fingerprint"]
        return f"the source of {study.objective.python}, or what that uses, has changed since" if changed else ""
    if facts.get("split_sha256") != then.get("split_sha256"):
        return "the rows are split in another way, or are others"
    # The weights of the rows are part of the fingerprint of data, but not of what a trial is judged by.
    return "" if facts["fingerprint"] == then["fingerprint"] else "the data are others, or are prepared in another way"


def _placed(trials: list[Known], before: StudySpec, now: StudySpec) -> tuple[list[PriorTrial], Counter[str]]:
    """Return the trials that have a place in a study's space or near it, and how many do not, by the reason."""
    placed, faults = [], Counter[str]()
    for trial in trials:
        try:
            params = placed_params(trial.params, before, now)
            point = None if params is None else now.space.locate(params)
        except (KeyError, TypeError, ValueError):
            faults["the space has no place for one of their values"] += 1
            continue
        if point is None:
            faults["their fixed settings are others"] += 1
        elif all(-FARTHEST <= u <= 1 + FARTHEST for u in point):
            placed.append(PriorTrial(trial.run, trial.number, point, trial.values, trial.status, trial.kind))
        else:
            faults["they lie far outside of the space"] += 1
    return placed, faults


def _told(run: str, count: int, faults: Mapping[str, int]) -> Iterator[str]:
    for reason, number in faults.items():
        yield f"{number} of {count} trials of {run} don't count as evidence: {reason}"


def _values(settings: NetworkSettings) -> dict[str, Value]:
    """Return the settings of a network by the names they may be searched under, widths per layer too."""
    values: dict[str, Value] = {name: getattr(settings, name) for name in options_of(NetworkSettings)}
    return values | {f"hidden_units_{layer}": width for layer, width in enumerate(settings.widths, 1)}


def _effective(settings: NetworkSettings) -> dict[str, Any]:
    """Return the settings that make a difference: no momentum beside adam."""
    values = asdict(settings) | {"hidden_units": settings.widths, "hidden_layers": len(settings.widths)}
    options = options_of(NetworkSettings)
    return {
        name: value
        for name, value in values.items()
        if all(values[other] in useful for other, useful in options[name].used_with.items())
    }
