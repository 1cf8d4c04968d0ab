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
from contextlib import contextmanager, suppress
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
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
    from optuna.storages.journal import JournalFileBackend
    from optuna.trial import FrozenTrial, TrialState
except ImportError as error:
    raise MissingExtra("the export for Optuna", "optuna", "Optuna") from error

WRITER = "hpsearch"
"""The worker that has written every line of a file of ours."""


class _Lines:
    """A backend of Optuna's journal storage that keeps its lines in memory."""

    def __init__(self, lines: list[dict[str, Any]]) -> None:
        self.lines = lines

    def read_logs(self, log_number_from: int) -> list[dict[str, Any]]:
        """Return the lines from a number on."""
        return self.lines[log_number_from:]

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Take lines."""
        self.lines += logs


def journal_with(run: RunRecord, directory: Path, space: SearchSpace, path: Path) -> bytes:
    """Return what a file of Optuna's journal storage is to hold: what it does, with a run's study new or renewed.

    Raises UsageError if it holds what this program has not written, or another run of that name.
    """
    before = _Lines(_own_lines(path))
    after = _Lines([])
    with _quietly():
        old, new = optuna.storages.JournalStorage(before), optuna.storages.JournalStorage(after)
        attributes = {study.study_name: study.user_attrs for study in old.get_all_studies()}
        if attributes.get(run.name, {}).get("started", run.start["at"]) != run.start["at"]:
            raise UsageError(f"{path} holds another run that is called {run.name}; give another file")
        for name in [*attributes, *({run.name} - attributes.keys())]:
            if name == run.name:
                _add_study(new, run, directory, space)
            else:
                optuna.copy_study(from_study_name=name, from_storage=old, to_storage=new)
    return _written([{**line, "worker_id": WRITER} for line in after.lines])


def distribution(domain: Domain) -> Any:
    """Return the distribution that says most of a domain; Optuna has no steps on a log scale."""
    if isinstance(domain, Choice):
        return CategoricalDistribution([_option(option) for option in domain.options])
    if not isinstance(domain, Real | Whole):
        raise TypeError(f"{domain!r} is no domain that Optuna has a distribution for")
    kind = IntDistribution if isinstance(domain, Whole) else FloatDistribution
    if _lacks(domain):
        return kind(_lacking(domain.high), _lacking(domain.low), log=True)
    if domain.scale == "log":
        return kind(domain.low, domain.high, log=True)
    high = domain.high if domain.levels is None else domain.level(domain.levels - 1)  # else Optuna lowers it, and says so
    return kind(domain.low, high, step=domain.step)


def frozen_trial(run: RunRecord, record: TrialRecord, directory: Path, space: SearchSpace) -> Any:
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
        value=record.value if state != TrialState.FAIL and math.isfinite(record.value) else None,
        datetime_start=None if state == TrialState.WAITING else datetime.fromisoformat(begin),
        datetime_complete=datetime.fromisoformat(record.finished_at or begin) if state.is_finished() else None,
        params={
            names[name]: _lacking(value) if name in betas else _option(value)  # type: ignore[arg-type]  # betas are numbers
            for name, value in params.items()
        },
        distributions={names[name]: distribution(domains[name]) for name in params},
        user_attrs={**betas, **_attributes(run, record, directory)},
        system_attrs={},
        intermediate_values={epoch: value for epoch, value in steps if math.isfinite(value)},
        trial_id=record.number,
    )


def _add_study(storage: Any, run: RunRecord, directory: Path, space: SearchSpace) -> None:
    study = optuna.create_study(storage=storage, study_name=run.name, direction="minimize")
    study.set_metric_names([f"1 - {run.metric.name}" if run.metric.higher_is_better else run.metric.name])
    for key, value in _study_attributes(run, directory).items():
        study.set_user_attr(key, value)
    for _, record in sorted(run.history.items()):
        study.add_trial(frozen_trial(run, record, directory, space))


def _study_attributes(run: RunRecord, directory: Path) -> Mapping[str, Any]:
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
        "test": dict(run.test) or None,
        "command": shlex.join(["hpsearch", "show", str(directory)]),
    }
    return {name: value for name, value in plain(content).items() if value is not None}


def _attributes(run: RunRecord, record: TrialRecord, directory: Path) -> Mapping[str, Any]:
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
        "command": reproducing(run, record, str(directory)),
    }
    return {name: value for name, value in plain({**metrics_of(run, record), **content}).items() if value is not None}


def _state(record: TrialRecord) -> Any:
    if record.status is Status.STOPPED:
        return TrialState.PRUNED
    if record.status is Status.WAITING:
        return TrialState.RUNNING if record.started_at else TrialState.WAITING
    return TrialState.COMPLETE if record.status is Status.COMPLETE and math.isfinite(record.value) else TrialState.FAIL


def _lacks(domain: Domain) -> bool:
    return isinstance(domain, Real | Whole) and domain.scale == "1-beta"


def _lacking(beta: float) -> float:
    """Return 1 - beta, computed in decimals: that of 0.9 is 0.1."""
    return 1 - beta if isinstance(beta, int) else float(1 - Fraction(repr(beta)))


def _option(value: Value) -> Any:
    """Return a value that Optuna can hold: a list as JSON."""
    return "[" + ", ".join(map(str, value)) + "]" if isinstance(value, list) else value


def _own_lines(path: Path) -> list[dict[str, Any]]:
    """Return the lines of a file of ours; none where there is no file."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    with suppress(ValueError):  # no JSON, or no text
        lines = [json.loads(line) for line in content.splitlines()]
        if all(isinstance(line, dict) and line.get("worker_id") == WRITER for line in lines):
            return lines
    raise UsageError(f"{path} holds what hpsearch did not export there; give another file")


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
