"""Cutting waiting trials into tasks, and running one.

A task is a handful of alike trials, advanced together in one process. How trials are cut may depend on the number of
workers; what they give does not. A task that takes long returns at an epoch boundary and its trials go on in a later one,
so that results arrive every few seconds, and an interruption costs seconds.
"""

from __future__ import annotations

import math
import os
import time
import traceback
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from threadpoolctl import threadpool_limits

from hpsearch.errors import HpsearchError, RecordError
from hpsearch.objectives.foreign_code import LONGEST_TRACEBACK
from hpsearch.objectives.objective import Deadline, Objective
from hpsearch.study.checkpoint import read_state, weights_hash, write_states
from hpsearch.study.resources import memory
from hpsearch.study.states import task_file
from hpsearch.trial import Outcome, State, Status, Trial, TrialRecord, epochs_in, lasting

TASK_SECONDS = 5.0
"""After about this long a task returns at the next epoch boundary."""

TASKS_PER_WORKER = 2
"""At least so many tasks for each worker, where there are trials enough: the last ones fill the gaps."""

MEMORY_SHARE = 0.5
"""The share of the memory there is that the workers' tasks may take together, the data apart."""


@dataclass(frozen=True)
class Task:
    """Alike trials of one repetition, all `epochs_done` old, to be trained until an epoch.

    `checkpoints` names the files that hold their states, relative to `directory`, empty for trials that begin; `result` the
    file for their new states. After so many `seconds` it returns at the next epoch boundary.
    """

    trials: tuple[Trial, ...]
    checkpoints: tuple[str, ...]
    epochs_done: int
    until_epoch: int
    directory: Path
    result: str
    seconds: float = TASK_SECONDS

    def singles(self) -> Iterator[Task]:
        """Yield a task for each of its trials."""
        for trial, checkpoint in zip(self.trials, self.checkpoints, strict=True):
            result = self.result.replace(f"{self.trials[0].number:05d}", f"{trial.number:05d}", 1)
            yield replace(self, trials=(trial,), checkpoints=(checkpoint,), result=result)


@dataclass(frozen=True)
class Block:
    """The epochs that one task trained one trial for. The outcome's state is on disk, in `checkpoint`.

    `is_shared` says that its seconds are a share of those of several.
    """

    outcome: Outcome
    from_epoch: int
    weights: str
    checkpoint: str
    started_at: str
    finished_at: str
    worker: str
    repetition: int = 0
    is_shared: bool = False

    @property
    def key(self) -> tuple[int, int]:
        """The trial and its repetition."""
        return self.outcome.trial, self.repetition

    @property
    def is_crashed(self) -> bool:
        """Whether it stands for a process that died."""
        return self.outcome.status is Status.CRASHED


def cut(
    objective: Objective,
    waiting: Sequence[TrialRecord],
    jobs: int,
    directory: Path,
    token: str = "",
    trial_seconds: float = math.inf,
) -> list[Task]:
    """Cut waiting trials into tasks of alike ones, the costliest first.

    `directory` is where their states lie; `token` goes into the names of the new ones, so that a worker that outlived
    another driver can't write over them. A task returns when the first of its trials has trained for `trial_seconds` in all.
    """
    groups: dict[Hashable, list[TrialRecord]] = defaultdict(list)
    for record in waiting:
        trial = record.trial
        itself = record.number if record.alone else None
        key = objective.group_key(trial.params), trial.repetition, record.epochs_done, record.until_epoch, itself
        groups[key].append(record)
    costs = {record.trial.key: _cost(objective, record) for record in waiting}
    room = memory() * MEMORY_SHARE / jobs
    populations = (chunk for group in groups.values() for chunk in _populations(objective, group, costs))
    chunks = [part for chunk in populations for part in _fitting(objective, chunk, room)]

    def chunk_cost(chunk: Sequence[TrialRecord]) -> float:
        return sum(costs[record.trial.key] for record in chunk)

    while len(chunks) < TASKS_PER_WORKER * jobs and any(len(chunk) > 1 for chunk in chunks):
        largest = max((chunk for chunk in chunks if len(chunk) > 1), key=chunk_cost)
        chunks.remove(largest)
        chunks += [largest[0::2], largest[1::2]]
    chunks.sort(key=lambda chunk: (-chunk_cost(chunk), chunk[0].trial.key))
    return [_task(objective, chunk, directory, token, trial_seconds) for chunk in chunks]


def run_task(objective: Objective, task: Task) -> list[Block]:
    """Run a task in this process; whatever its trials do, they come back as blocks."""
    _one_blas_thread()
    shares = _time_shares(objective, task.trials)  # reads the data where they are not loaded: that is no trial's time
    started, begin = _now(), time.monotonic()
    states = [
        read_state(task.directory / name, trial.number) if name else None
        for trial, name in zip(task.trials, task.checkpoints, strict=True)
    ]
    outcomes = _advance(objective, task.trials, states, task, lambda: time.monotonic() - begin > task.seconds)
    if any(outcome.epochs_done - epochs_in(outcome.curves) != task.epochs_done for outcome in outcomes):
        raise RecordError(f"{task.directory}: a state is not as old as the record says; the run cannot go on")
    kept = {outcome.trial: outcome.state for outcome in outcomes if outcome.state is not None}
    if kept:
        complete = {outcome.trial for outcome in outcomes if outcome.status is Status.COMPLETE}
        write_states(
            task.directory / task.result,
            {trial: lasting(state) if trial in complete else state for trial, state in kept.items()},
        )
    elapsed, finished = time.monotonic() - begin, _now()
    return [
        Block(
            outcome=replace(outcome, state=None, seconds=elapsed * share),
            from_epoch=task.epochs_done,
            weights=weights_hash(outcome.state) if outcome.state is not None else "",
            checkpoint=task.result if outcome.trial in kept else "",
            started_at=started,
            finished_at=finished,
            worker=str(os.getpid()),
            repetition=task.trials[0].repetition,
            is_shared=len(task.trials) > 1,
        )
        for outcome, share in zip(outcomes, shares, strict=True)
    ]


def trained_for(objective: Objective, record: TrialRecord) -> float:
    """Return the seconds that a training has taken; of one that begins again with each call those of the last."""
    return record.seconds if objective.resumable else record.last_seconds


def last_block(trial: Trial, epochs_done: int, status: Status, reason: str) -> Block:
    """Return what is recorded of a trial that ends without another epoch."""
    return Block(
        outcome=Outcome(trial.number, epochs_done, {}, None, status, reason),
        from_epoch=epochs_done,
        weights="",
        checkpoint="",
        started_at=_now(),
        finished_at=_now(),
        worker="",
        repetition=trial.repetition,
    )


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Hold BLAS to one thread in this process: its thread count changes float32 results."""
    with threadpool_limits(limits=1):
        yield


def _cost(objective: Objective, record: TrialRecord) -> float:
    return objective.cost(record.trial.params) * (record.until_epoch - record.epochs_done)


def _populations(
    objective: Objective, group: Sequence[TrialRecord], costs: Mapping[tuple[int, int], float]
) -> Iterator[list[TrialRecord]]:
    """Cut a group into chunks of trials of like cost, each no larger than its members work best in."""
    chunk: list[TrialRecord] = []
    limit = 0
    for record in sorted(group, key=lambda record: (-costs[record.trial.key], record.number)):
        if len(chunk) >= limit:
            if chunk:
                yield chunk
            chunk, limit = [], objective.population_size(record.trial.params)
        chunk.append(record)
    yield chunk


def _fitting(objective: Objective, chunk: list[TrialRecord], room: float) -> Iterator[list[TrialRecord]]:
    """Halve a chunk until each part is predicted to fit into memory; a trial that does not fit alone is tried alone."""
    if len(chunk) == 1 or objective.memory([record.trial for record in chunk]) <= room:
        yield chunk
        return
    yield from _fitting(objective, chunk[0::2], room)
    yield from _fitting(objective, chunk[1::2], room)


def _time_shares(objective: Objective, trials: Sequence[Trial]) -> list[float]:
    """Return which part of the time of a call is each trial's."""
    costs = [objective.cost(trial.params) for trial in trials]
    return [cost / sum(costs) for cost in costs]


def _seconds_before(objective: Objective, record: TrialRecord) -> float:
    """Return how long a training has gone on when it is sent on."""
    return record.seconds if objective.resumable else 0.0


def _task(objective: Objective, chunk: Sequence[TrialRecord], directory: Path, token: str, trial_seconds: float) -> Task:
    records = sorted(chunk, key=lambda record: record.number)
    first, trials = records[0], tuple(record.trial for record in records)
    shares = _time_shares(objective, trials)
    left = min((trial_seconds - _seconds_before(objective, r)) / share for r, share in zip(records, shares, strict=True))
    return Task(
        trials=trials,
        checkpoints=tuple(record.checkpoint for record in records),
        epochs_done=first.epochs_done,
        until_epoch=first.until_epoch,
        directory=directory,
        result=task_file(first.number, first.trial.repetition, first.epochs_done, token),
        seconds=min(TASK_SECONDS if objective.resumable else math.inf, left),
    )


def _advance(
    objective: Objective, trials: Sequence[Trial], states: Sequence[State | None], task: Task, deadline: Deadline
) -> list[Outcome]:
    """Advance trials; if that raises, each by itself, so that the one at fault fails alone."""
    try:
        return objective.advance(trials, states, task.until_epoch, deadline)
    except HpsearchError:  # not a trial's fault: the data or the record can't be read
        raise
    except Exception:
        if len(trials) == 1:
            reason = traceback.format_exc()[-LONGEST_TRACEBACK:]
            return [Outcome(trials[0].number, task.epochs_done, {}, None, Status.FAILED, reason)]
    return [
        outcome
        for trial, state in zip(trials, states, strict=True)
        for outcome in _advance(objective, [trial], [state], task, deadline)
    ]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


@lru_cache(maxsize=1)
def _one_blas_thread() -> None:
    threadpool_limits(limits=1)
