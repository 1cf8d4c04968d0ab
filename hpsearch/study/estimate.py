"""What a plan will take, from a short measured training of its own first trials: seconds, and bytes on the disk.

Seconds are taken to be in proportion to the predicted cost of an epoch, and the trials to come to cost on average what a
sample of the space does. What is known of functions is nothing, so there is no estimate of them.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TypeAlias

from hpsearch.objectives.objective import Objective
from hpsearch.search.halving import survivors
from hpsearch.search.plan import Plan
from hpsearch.search.settings import Confirm
from hpsearch.study.dispatch import TASK_SECONDS, one_blas_thread
from hpsearch.study.outlook import Outlook
from hpsearch.study.states import KEPT_LEADERS
from hpsearch.trial import Outcome, Params, State, Trial, lasting

MEASURED_SECONDS, MOST_EPOCHS = 1.5, 10
"""How long is measured, about, and the epochs of a population that are enough."""

COSTLIEST = 2e10
"""An epoch of a higher predicted cost would take seconds by itself, and is not begun."""

START_SECONDS = 0.5
"""A process starts, and imports what it needs before the data are read, in about that time."""

BLOCK_SECONDS = 0.004
"""What reading and writing a state, and recording what a task gave, take for each trial."""

START_BYTES, BLOCK_BYTES, TRIAL_BYTES, NUMBER_BYTES = 3_500, 530, 330, 21
"""What the record begins with, and grows by with each trained block, trial, and number of a curve or of a point."""

TIMES_WRITTEN = 1.6
"""The params of a trial stand in the journal, and their values in trials.csv."""

ARRAY_BYTES, FEATURE_BYTES = 280, 270
"""What a file of arrays says of each, and the description of a model of each input."""


Clock: TypeAlias = Callable[[], float]
"""Tells seconds, from any beginning."""


@dataclass(frozen=True)
class Round:
    """Trainings that go on side by side, each for so many epochs; the next round waits for all of them.

    `is_chosen` says whether results have a say in which they are.
    """

    trainings: int
    epochs: int
    is_chosen: bool


@dataclass(frozen=True)
class Measured:
    """What a short training told: seconds for each unit of predicted cost, and the mean bytes of a trial's state on disk.

    `lasting_bytes` are those of a trial that trains no further.
    """

    seconds_per_cost: float
    state_bytes: float
    lasting_bytes: float


@dataclass(frozen=True)
class Disk:
    """Bytes on the disk: of the record, of the winner's model, and at most of the states that are kept at once.

    The last two are None where nothing was measured.
    """

    record: int
    model: int | None
    states: int | None


@dataclass(frozen=True)
class Estimate:
    """Seconds: on average over what is drawn from the space, and if what results choose is as costly as the costliest."""

    mean: float
    costliest: float


def rounds(plan: Plan, confirm: Confirm) -> Iterator[Round]:
    """Yield the rounds of a plan, and of retraining the leaders."""
    begun = 0
    for stage, size in enumerate(plan.sizes):
        given = min(max(plan.given - begun, 0), size)
        left, before = size - given, 0
        for rung in plan.stage_rungs(stage):
            yield Round(left + given, rung - before, is_chosen=bool(stage or before))
            left, before = survivors(left, plan.reduction_factor), rung
        begun += size
    if confirm.leaders:
        yield Round(confirm.leaders * confirm.seeds, plan.rungs[-1], is_chosen=True)


def measure(
    objective: Objective,
    populations: Sequence[Sequence[Trial]],
    epochs: int,
    seconds: float = MEASURED_SECONDS,
    clock: Clock = time.process_time,
) -> Measured | None:
    """Train populations in turn, of trials of so many epochs, for about so many seconds here, with one BLAS thread.

    What is trained is thrown away. The processor's time is counted, which other programs on the machine do not change; the
    limit is on the time that goes by. The cheapest trial goes first, uncounted: it warms up, and tells what there is time
    for. Then come those whose costs are most of the work, as large networks take less for each unit of cost. None where even
    the cheapest would take too long.
    """
    cheapest = min((trial for trials in populations for trial in trials), key=lambda trial: objective.cost(trial.params))
    if objective.cost(cheapest.params) > COSTLIEST:
        return None
    epochs = min(epochs, MOST_EPOCHS)
    with one_blas_thread():
        begin = time.monotonic()
        warm = _trained(objective, [cheapest], 1, begin, clock)
        rate, states = warm[0] / warm[1], _states(warm[2])
        spent = cost = 0.0
        ordered = _most_of_the_work_first(objective, populations)
        for place, trials in enumerate(ordered):
            left = seconds - (time.monotonic() - begin)
            fitting = trials if rate * _cost(objective, trials) <= left else trials[:1]
            if rate * _cost(objective, fitting) > left:
                continue
            until = time.monotonic() + left / (len(ordered) - place)
            took, done, outcomes = _trained(objective, fitting, epochs, until, clock)
            spent, cost = spent + took, cost + done
            states += _states(outcomes)
    whole, last = _mean_bytes(states), _mean_bytes([lasting(state) for state in states])
    return Measured(spent / cost if cost else rate, whole, last)


def _most_of_the_work_first(objective: Objective, populations: Sequence[Sequence[Trial]]) -> list[Sequence[Trial]]:
    """Order populations by how near the mean cost of their trials is to the mean in which each unit of cost counts alike."""
    costs = [objective.cost(trial.params) for trials in populations for trial in trials]
    typical = sum(cost * cost for cost in costs) / sum(costs)
    return sorted(populations, key=lambda trials: abs(math.log(_cost(objective, trials) / len(trials) / typical)))


def _trained(
    objective: Objective, trials: Sequence[Trial], epochs: int, until: float, clock: Clock
) -> tuple[float, float, list[Outcome]]:
    """Train until a time; return the seconds and the predicted cost of what was done, and what came of it."""
    begin = clock()
    outcomes = objective.advance(trials, [None] * len(trials), epochs, lambda: time.monotonic() > until)
    took = clock() - begin
    done = sum(objective.cost(t.params) * max(o.epochs_done, 1) for t, o in zip(trials, outcomes, strict=True))
    return took, done, outcomes


def _cost(objective: Objective, trials: Sequence[Trial]) -> float:
    return sum(objective.cost(trial.params) for trial in trials)


def _states(outcomes: Sequence[Outcome]) -> list[State]:
    return [outcome.state for outcome in outcomes if outcome.state is not None]


def _mean_bytes(states: Sequence[State]) -> float:
    """Return the mean bytes of states on the disk; 0 where no training came to one."""
    return fmean([sum(ARRAY_BYTES + array.nbytes for array in state.values()) for state in states] or [0])


def seconds_for(work: Sequence[Round], drawn: float, chosen: float, jobs: int, reading: float) -> float:
    """Return the seconds of rounds with so many workers.

    An epoch of a trial takes `drawn` seconds on average, or `chosen` where results have a say in which it is. Each process
    takes `reading` seconds for the data: the first one, then the workers side by side.
    """
    epochs = [(r.trainings, r.epochs * (chosen if r.is_chosen else drawn)) for r in work]
    trained = sum(-(-trainings // jobs) * (seconds + BLOCK_SECONDS) for trainings, seconds in epochs)
    return (START_SECONDS + reading) * (1 + (jobs > 1)) + trained


def disk(
    outlook: Outlook, work: Sequence[Round], params: Sequence[Params], population: float, measured: Measured | None
) -> Disk:
    """Return what the rounds of a search write; `params` are those of typical trials, so many of them in a `population`."""
    plan, subject = outlook.plan, outlook.subject
    record = _record_bytes(outlook, work, params)
    if measured is None:
        return Disk(record, None, None)
    epoch = measured.seconds_per_cost * fmean(map(subject.objective.cost, params))
    again = (outlook.confirm.leaders or 0) * outlook.confirm.seeds
    # The states of a stage, and those of the leaders before it with whoever was in their population.
    most = min(plan.trials + again, max(*plan.sizes, again) + (KEPT_LEADERS + 1) * population)
    # Without rungs only what lasts is kept of a trial, unless its task comes back before its end.
    comes_back = len(plan.rungs) > 1 or population * epoch * plan.rungs[-1] > TASK_SECONDS
    states = most * (measured.state_bytes if comes_back else measured.lasting_bytes)
    return Disk(record, round(measured.lasting_bytes + FEATURE_BYTES * subject.facts["features"]), round(states))


def _record_bytes(outlook: Outlook, work: Sequence[Round], params: Sequence[Params]) -> int:
    subject = outlook.subject
    numbers = len(subject.objective.metrics) * sum(r.trainings * r.epochs for r in work)
    written = TIMES_WRITTEN * fmean(len(json.dumps(own)) for own in params) if params else 0.0
    trial = TRIAL_BYTES + NUMBER_BYTES * subject.study.space.dimensions + written
    blocks = BLOCK_BYTES * sum(r.trainings for r in work)
    return round(START_BYTES + blocks + trial * outlook.plan.trials + NUMBER_BYTES * numbers)
