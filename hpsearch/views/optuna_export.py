"""A run as a study of Optuna, in a file of its journal storage, which optuna-dashboard shows.

The file is made whole: what it held of other runs is copied, this run's study is made from the record, and both are
written in the name of one worker, so that the same record gives the same bytes. A file with a line by anybody else is
refused. Optuna has no scale 1-beta: such a parameter is there as `1-momentum`, what it lacks to 1, on a log scale.

What this does not do: Optuna's databases, and stages of their own. All stages of a run search one space; a refined run,
whose choices may be fewer, is another study.
"""

from __future__ import annotations

import json
import math
import shlex
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hpsearch.errors import MissingExtra, UsageError
from hpsearch.space.parameters import Choice, Domain, Real, Whole
from hpsearch.space.search_space import SearchSpace
from hpsearch.study.derived import reproducing
from hpsearch.study.line_file import plain
from hpsearch.study.record import RunRecord
from hpsearch.trial import Status, TrialRecord, Value
from hpsearch.views.export import metrics_of
from hpsearch.views.numbers.summary import repetitions
from hpsearch.views.why import why

try:
    import optuna
    from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
    from optuna.storages import JournalStorage
    from optuna.storages.journal import BaseJournalBackend, JournalFileBackend
    from optuna.trial import FrozenTrial, TrialState
except ImportError as error:
    raise MissingExtra("the export for Optuna", "optuna", "Optuna") from error

WRITER = "hpsearch"
"""The worker that has written every line of a file of ours."""


class _Lines(BaseJournalBackend):
    """A backend of Optuna's journal storage that keeps its lines in memory."""

    def __init__(self, lines: list[dict[str, Any]]) -> None:
        self.lines = lines

    def read_logs(self, log_number_from: int) -> list[dict[str, Any]]:
        """Return the lines from a number on."""
        return self.lines[log_number_from:]

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Take lines."""
        self.lines += logs


def is_journal(held: bytes) -> bool:
    """Whether a file of Optuna's journal storage has been written by this program alone."""
    try:
        lines = _lines(held)
    except (ValueError, RecursionError):  # no JSON, or no text
        return False
    return all(isinstance(line, dict) and line.get("worker_id") == WRITER for line in lines)


def journal_with(run: RunRecord, space: SearchSpace, held: bytes) -> bytes:
    """Return what a file that `is_journal` is to hold: what it does, with a run's study new or renewed.

    Raises UsageError if it holds another run of that name.
    """
    before, after = _Lines(_lines(held)), _Lines([])
    with _quietly():
        old, new = JournalStorage(before), JournalStorage(after)
        attributes = {study.study_name: study.user_attrs for study in old.get_all_studies()}
        if attributes.get(run.name, {}).get("started", run.start["at"]) != run.start["at"]:
            raise UsageError(f"the file holds another run that is called {run.name}; give another file")
        for name in [*attributes, *({run.name} - attributes.keys())]:
            if name == run.name:
                _add_study(new, run, space)
            else:
                optuna.copy_study(from_study_name=name, from_storage=old, to_storage=new)
    return _written([{**line, "worker_id": WRITER} for line in after.lines])


def distribution(domain: Domain) -> BaseDistribution:
    """Return the distribution that says most of a domain; Optuna has no steps on a log scale."""
    if isinstance(domain, Choice):
        return CategoricalDistribution([_as_optuna(domain, option) for option in domain.options])
    if not isinstance(domain, Real | Whole):
        raise TypeError(f"{domain!r} is no domain that Optuna has a distribution for")
    low, high = domain.low, domain.high
    if _lacks(domain):
        low, high = _lacking(high), _lacking(low)
    elif domain.levels is not None and domain.scale != "log":
        high = domain.level(domain.levels - 1)  # else Optuna lowers it, and says so
    log = domain.scale != "linear"
    if isinstance(domain, Whole):
        return IntDistribution(int(low), int(high), log=log, step=1 if log else domain.step)
    return FloatDistribution(low, high, log=log, step=None if log else domain.step)


def frozen_trial(run: RunRecord, record: TrialRecord, space: SearchSpace) -> FrozenTrial:
    """Return a trial as Optuna has it; its value is minimised, and an epoch without a number has none."""
    domains = {parameter.name: parameter.domain for parameter in space.parameters}
    params = record.trial.params
    betas = {name: value for name, value in params.items() if _lacks(domains[name])}
    names = {name: f"1-{name}" if name in betas else name for name in params}
    state = _state(record)
    begin = record.started_at or str(run.start["at"])
    steps = enumerate(map(run.metric.value, record.curves.get(run.metric.column, ())), 1)
    return FrozenTrial(
        number=record.number,
        state=state,
        value=record.value if state in (TrialState.COMPLETE, TrialState.PRUNED) and math.isfinite(record.value) else None,
        datetime_start=None if state == TrialState.WAITING else datetime.fromisoformat(begin),
        datetime_complete=datetime.fromisoformat(record.finished_at or begin) if state.is_finished() else None,
        params={names[name]: _as_optuna(domains[name], value) for name, value in params.items()},
        distributions={names[name]: distribution(domains[name]) for name in params},
        user_attrs={**betas, **_attributes(run, record)},
        system_attrs={},
        intermediate_values={epoch: value for epoch, value in steps if math.isfinite(value)},
        trial_id=record.number,
    )


def _add_study(storage: JournalStorage, run: RunRecord, space: SearchSpace) -> None:
    study = optuna.create_study(storage=storage, study_name=run.name, direction="minimize")
    study.set_metric_names([f"1 - {run.metric.name}" if run.metric.higher_is_better else run.metric.name])
    for key, value in _study_attributes(run).items():
        study.set_user_attr(key, value)
    for _, record in sorted(run.history.items()):
        study.add_trial(frozen_trial(run, record, space))


def _study_attributes(run: RunRecord) -> Mapping[str, Any]:
    winner, confirmed = run.winner, run.confirmation
    content = {
        "metric": run.metric.name,
        "select": run.select,
        "method": run.method,
        "started": run.start["at"],
        "ended": run.ended or None,
        "refined_from": run.parent or None,
        "winner": winner.number if winner else None,
        "confirmed": run.metric.shown(confirmed.winner.mean) if confirmed else None,
        "test": {name: score for name, score in run.test.items() if name != "rows"} or None,
        "command": shlex.join(["hpsearch", "show", run.name]),
    }
    return {name: value for name, value in plain(content).items() if value is not None}


def _attributes(run: RunRecord, record: TrialRecord) -> Mapping[str, Any]:
    content = {
        "trial": record.number,
        "stage": record.trial.stage,
        "status": record.status.value,
        "reason": record.reason or None,
        "why": why(run, record),
        "epochs": record.epochs_done,
        "fresh_seeds": [training.value for training in repetitions(run, record.number)] or None,
        "seconds": record.seconds or None,
        "worker": record.worker or None,
        "command": reproducing(run, record, run.name),
    }
    return {name: value for name, value in plain({**metrics_of(run, record), **content}).items() if value is not None}


def _state(record: TrialRecord) -> TrialState:
    if record.status is Status.STOPPED:
        return TrialState.PRUNED
    if record.status is Status.WAITING:
        return TrialState.RUNNING if record.started_at else TrialState.WAITING
    return TrialState.COMPLETE if record.status is Status.COMPLETE and math.isfinite(record.value) else TrialState.FAIL


def _lacks(domain: Domain) -> bool:
    return isinstance(domain, Real | Whole) and domain.scale == "1-beta"


def _lacking(beta: float) -> float:
    """Return 1 - beta, computed in decimals: that of 0.9 is 0.1."""
    return float(1 - Fraction(repr(beta)))


def _as_optuna(domain: Domain, value: Value) -> bool | int | float | str:
    """Return a value of a domain as Optuna can hold it: what a beta lacks to 1, a list as JSON.

    Optuna takes true for 1; where two options would be the same to it, all of them are there as JSON.
    """
    if _lacks(domain) and not isinstance(value, str | list):
        return _lacking(value)
    if isinstance(domain, Choice) and len({_flat(option) for option in domain.options}) < len(domain.options):
        return json.dumps(value)
    return _flat(value)


def _flat(value: Value) -> bool | int | float | str:
    return json.dumps(value) if isinstance(value, list) else value


def _lines(held: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in held.splitlines()]


def _written(lines: list[dict[str, Any]]) -> bytes:
    """Return lines as Optuna writes them."""
    with TemporaryDirectory() as scratch:
        path = Path(scratch, "journal")
        JournalFileBackend(str(path)).append_logs(lines)
        return path.read_bytes()


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep Optuna from telling of every study, and that the names of metrics are new."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield
    finally:
        optuna.logging.set_verbosity(before)
