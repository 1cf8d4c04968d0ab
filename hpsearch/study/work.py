"""How much of a run's work is done, as far as can be told before it is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from statistics import fmean

from hpsearch.objectives.objective import Objective
from hpsearch.search.halving import bracket_epochs
from hpsearch.search.plan import Plan
from hpsearch.study.replay import RunRecord
from hpsearch.trial import TrialRecord


class Work:
    """The epochs of a plan, and of confirming its leaders so many times in all.

    The trials of a stage are weighed by their predicted costs; a stage that is over counts as planned, however many of its
    trials ended early.
    """

    def __init__(self, objective: Objective, plan: Plan, run: RunRecord, repetitions: int) -> None:
        self._objective, self._plan, self._run = objective, plan, run
        self._total = plan.epochs + repetitions * plan.rungs[-1]
        self._costs: dict[int, float] = {}

    def done(self) -> float:
        """Return the share that is done, 0 to 1."""
        run, plan = self._run, self._plan
        records, done = iter(run.history.values()), 0.0
        for count in plan.stages:
            planned = bracket_epochs(count, plan.rungs, plan.reduction_factor)
            stage = list(islice(records, count))
            over = bool(run.ended) or (len(stage) == count and all(record.status.ended for record in stage))
            done += planned if over else min(self._weighed(stage), planned)
        done += sum(_epochs(record) for record in run.repetitions.values())
        return min(done / self._total, 1.0) if self._total else 1.0

    def _weighed(self, stage: Sequence[TrialRecord]) -> float:
        """Return the epochs of a stage that are done, those of a costly trial for more."""
        if not stage:
            return 0.0
        costs = [self._cost(record) for record in stage]
        return sum(cost * _epochs(record) for cost, record in zip(costs, stage, strict=True)) / (fmean(costs) or 1.0)

    def _cost(self, record: TrialRecord) -> float:
        if record.number not in self._costs:
            self._costs[record.number] = self._objective.cost(record.trial.params)
        return self._costs[record.number]


def _epochs(record: TrialRecord) -> int:
    return record.until_epoch if record.status.ended else record.epochs_done
