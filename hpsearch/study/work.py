"""How much of a run's work is done, as far as can be told before it is."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import accumulate

from hpsearch.search.plan import Plan
from hpsearch.study.record import RunRecord
from hpsearch.trial import Params, TrialRecord


class Work:
    """The epochs of a plan, and of confirming its leaders so many times in all.

    The trials of a stage are weighed by their predicted costs; a stage that is over counts as planned, however many of its
    trials ended early. What a result changes is added up, so that it costs the same in a stage of any size.
    """

    def __init__(self, cost: Callable[[Params], float], plan: Plan, run: RunRecord, repetitions: int) -> None:
        self._cost, self._run, self._planned, self._repetitions = cost, run, plan.epochs, repetitions
        self._total = plan.epochs + repetitions * plan.rungs[-1]
        self._ends = list(accumulate(plan.sizes))
        self._stages = [_Stage(count, plan.stage_epochs(stage)) for stage, count in enumerate(plan.sizes)]
        self._under_way: dict[int, _Stage] = {}
        self._over, self._again = 0, 0
        self._known: dict[tuple[int, int], tuple[int, int]] = {}
        self._costs: dict[int, float] = {}
        self.take((*run.history.values(), *run.repetitions.values()))

    def replanned(self, plan: Plan) -> Work:
        """Return the work of another plan for the same run."""
        return Work(self._cost, plan, self._run, self._repetitions)

    def take(self, records: Iterable[TrialRecord]) -> float:
        """Count trainings as they stand now, and return the share that is done, 0 to 1."""
        for record in records:
            if record.trial.repetition:
                self._again += self._change(record)[0]
            else:
                self._change_stage(bisect_right(self._ends, record.number), record)
        planned = self._planned if self._run.ended else self._over + sum(s.done for s in self._under_way.values())
        return min((planned + self._again) / self._total, 1.0) if self._total else 1.0

    def _change(self, record: TrialRecord) -> tuple[int, int]:
        """Return how many epochs more of a training are done, and whether it has now ended: 1, or -1 if it goes on again."""
        epochs, ended = self._known.get(record.trial.key, (0, 0))
        now = (record.until_epoch if record.status.ended else record.epochs_done), int(record.status.ended)
        self._known[record.trial.key] = now
        return now[0] - epochs, now[1] - ended

    def _change_stage(self, index: int, record: TrialRecord) -> None:
        """Add what is new of a trial to its stage; stages that are over are whole numbers, and together exactly the plan."""
        stage, number = self._stages[index], record.number
        if number not in self._costs:
            self._costs[number] = self._cost(record.trial.params)
            stage.begun += 1
            stage.cost += self._costs[number]
        epochs, ended = self._change(record)
        stage.weighed += self._costs[number] * epochs
        was_over, stage.ended = stage.is_over, stage.ended + ended
        self._over += stage.planned * (stage.is_over - was_over)
        if stage.is_over:
            self._under_way.pop(index, None)
        else:
            self._under_way[index] = stage


@dataclass
class _Stage:
    """The sums over the trials of a stage that were begun; `planned` are the epochs of a stage of `size` trials."""

    size: int
    planned: int
    begun: int = 0
    ended: int = 0
    cost: float = 0.0
    weighed: float = 0.0

    @property
    def is_over(self) -> bool:
        return self.ended == self.size

    @property
    def done(self) -> float:
        """The epochs that are done, those of a costly trial for more."""
        return min(self.weighed / (self.cost / self.begun or 1.0), self.planned)
