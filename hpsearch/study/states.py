"""Which states a run needs, which are kept, and the files that hold them. The run's driver deletes what is not kept."""

from __future__ import annotations

import heapq
import re
from pathlib import Path

from hpsearch.errors import RecordError
from hpsearch.search.halving import passed_over
from hpsearch.study.checkpoint import read_state, weights_hash
from hpsearch.study.files import BESIDE
from hpsearch.study.record import RunRecord
from hpsearch.trial import TrialRecord, can_win, rank

KEPT_LEADERS = 5
"""The best trials whose states are kept: one of them will be the winner."""

_TASK_FILE = re.compile(r"trial-[0-9a-z-]+\.npz")


def task_file(number: int, repetition: int, from_epoch: int, token: str = "") -> str:
    """Return the name of the file for a task's states; `token` tells those of one driver from those of another."""
    again = f"-r{repetition}" if repetition else ""
    return f"trial-{number:05d}{again}-from-{from_epoch:04d}{token and '-'}{token}.npz"


def task_files(checkpoints: Path) -> set[str]:
    """Return the files of tasks in a directory, whole or as they were being written; no others are ever deleted."""
    names = {path.name for path in checkpoints.iterdir()}
    return {name for name in names if _TASK_FILE.fullmatch(((beside := BESIDE.fullmatch(name)) and beside["name"]) or name)}


def needing_state(run: RunRecord) -> list[TrialRecord]:
    """Return the trainings that cannot go on without their state.

    Of the trials that have ended only the winner needs its own, until its model is kept; a function's leaves none.
    """
    needing = _going_on(run)
    if run.winner is not None and run.winner.number != run.kept:
        needing.append(run.winner)
    return [record for record in needing if record.checkpoint]


def _going_on(run: RunRecord) -> list[TrialRecord]:
    """Return the trainings that wait, without those that cannot be among the best of their stage any more."""
    waiting = [record for record in run.history.values() if not record.status.ended]
    numbers, out = range(0), set[int]()
    for record in waiting if run.plan else ():
        if record.number not in numbers and run.plan and record.number < run.plan.trials:
            _, numbers = run.plan.stage_at(record.number)
            stage = [run.history[number] for number in numbers if number in run.history]
            out |= passed_over(stage, run.plan.reduction_factor, run.plan.given)
    again = (record for record in run.repetitions.values() if not record.status.ended)
    return [*(record for record in waiting if record.number not in out), *again]


def holds_state(checkpoints: Path, record: TrialRecord) -> bool:
    """Whether a training's state is there, and has the weights on record."""
    try:
        return weights_hash(read_state(checkpoints / record.checkpoint, record.number)) == record.weights
    except RecordError:
        return False


def kept_states(run: RunRecord) -> set[str]:
    """Return the files with the states of all trainings that wait or may go on, and of the trials that may win."""
    kept = {record.checkpoint for record in _going_on(run)}
    kept |= {run.history[number].checkpoint for number in run.cut_off}  # they go on if the search does
    complete = filter(can_win, run.history.values())
    kept |= {record.checkpoint for record in heapq.nsmallest(KEPT_LEADERS, complete, key=rank)}
    retrained = {number for retraining in run.retrainings for number in retraining.trials}
    kept |= {run.history[number].checkpoint for number in retrained}
    return kept - {""}  # a trial that failed has no file
