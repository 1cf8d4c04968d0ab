"""A search from start to finish: ask, write the decision down, train, write down what came, ask again.

After the search the leaders are trained again with fresh seeds, the winner is judged on the test part, and its model kept.
Which run that is, and that it is open, is the matter of `session`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing

from hpsearch.errors import CheckFailed
from hpsearch.prose import first_of
from hpsearch.search.plan import Decision, Done, Plan, Promote, Replan, Start, Wait
from hpsearch.search.strategy import FAILED, Search
from hpsearch.study.confirmation import Retraining
from hpsearch.study.dispatch import cut, last_block, trained_for
from hpsearch.study.events import Decided, Finished, Listener, Noted, Replanned, Started, Trained
from hpsearch.study.going_on import hours_are_over
from hpsearch.study.outlook import confirm_of
from hpsearch.study.run_dir import RunDir
from hpsearch.study.subject import Subject
from hpsearch.study.work import Work
from hpsearch.study.workers import Workers
from hpsearch.trial import Status, TrialRecord, headline, leaders

Over = Callable[[], Done | None]
"""Asked whenever results are on record: is the search over, whatever may still be in training?"""


class Driver:
    """One command at work on an open run."""

    def __init__(self, run_dir: RunDir, subject: Subject, jobs: int, listen: Listener, *, fail_fast: bool = False) -> None:
        self._run_dir, self._subject, self._listen, self._fail_fast = run_dir, subject, listen, fail_fast
        self._run, self._objective = run_dir.run, subject.objective
        self._begun, self._seconds_before = time.monotonic(), run_dir.run.seconds
        self._jobs = min(jobs, subject.study.search.trials)
        self._workers = Workers(subject.objective, self._jobs, lambda text: listen(Noted(text)))

    def run(self) -> None:
        """Search to the end, confirm the leaders, and assess the winner."""
        search = self._planned()
        self._start(search.plan, math.prod(confirm_of(self._subject, self._run, search.plan.asked)))
        if not self._run.ended:
            self._end_at_a_failure(self._run.history.values())
            self._search(search)
        self._confirm(*confirm_of(self._subject, self._run, self._run.begun))
        self._finish()

    def confirm(self, count: int | None, seeds: int) -> None:
        """Confirm the leaders of a run whose search is over, and assess the winner."""
        assert self._run.plan is not None, "a search that is over had a plan"
        if count is None:
            count = max(2, self._subject.study.search.confirm.count(self._run.begun))
        asked, (count, seeds) = (count, seeds), self._run.no_less(count, seeds)
        if asked != (count, seeds):
            self._run.notes.append(
                f"{count} leaders with {seeds} fresh seeds: fewer than the last confirmation had would say less"
            )
        self._start(self._run.plan, count * seeds)
        self._confirm(count, seeds)
        self._finish()

    def _planned(self) -> Search:
        """Return the search with the run's plan, which is recorded where it is new."""
        search = self._subject.search(self._run.prior, self._run.plan)
        if search.plan != self._run.plan:
            self._run_dir.write_plan(search.plan)
        return search

    def _start(self, plan: Plan, repetitions: int) -> None:
        run = self._run
        self._work = Work(self._objective.cost, plan, run, repetitions)
        self._listen(
            Started(
                self._run_dir.directory,
                plan=plan,
                jobs=self._jobs,
                metric=run.metric,
                select=run.select,
                parameters=tuple(run.parameters),
                averaging=tuple(run.averaging),
                history=dict(run.history),
                work_done=self._work.take(()),
                notes=tuple(run.notes),
                method=run.method,
                space=self._subject.study.space,
            )
        )

    def _search(self, search: Search) -> None:
        def over() -> Done | None:
            return search.over(self._run.history) or self._time_is_up()

        trial_seconds = self._subject.study.search.trial_seconds or math.inf
        while True:
            match self._in_time(search.ask(self._run.history)):
                case Start() as start:
                    self._run_dir.write_stage(start)
                    self._tell_of(self._run.history[trial.number] for trial in start.trials)
                case Promote() as promote:
                    self._run_dir.write_promotion(promote)
                    self._tell_of(self._run.history[number] for number in (*promote.stopped, *promote.trials))
                case Wait():
                    self._judge_time(trial_seconds)
                    self._train(_waiting(self._run.history.values()), over, trial_seconds)
                case Replan(plan):
                    self._run_dir.write_plan(plan)
                    search = search.replanned(plan)
                    self._work = self._work.replanned(plan)
                    self._listen(Replanned(plan, self._work.take(())))
                case Done() as done:
                    before = dict(self._run.history)
                    self._run_dir.write_end(done)
                    self._tell_of(
                        (now for number, now in self._run.history.items() if now is not before[number]),
                        gone=tuple(number for number in before if number not in self._run.history),
                    )
                    return

    def _in_time(self, decision: Decision) -> Decision:
        return decision if isinstance(decision, Done) else self._time_is_up() or decision

    def _time_is_up(self) -> Done | None:
        hours = self._subject.study.search.hours
        seconds = self._seconds_before + time.monotonic() - self._begun
        if hours is None or seconds < hours * 3600:
            return None
        # In one stage without rungs all trials are started at once: those behind the last that was begun can wait.
        plan, keep = self._run.plan, len(self._run.history)
        if plan and len(plan.stages) == len(plan.rungs) == 1:
            begun = [record.number for record in self._run.history.values() if record.status.ended or record.epochs_done]
            keep = max(begun, default=-1) + 1
        return Done(hours_are_over(hours), keep, by_the_clock=True)

    def _confirm(self, count: int, seeds: int) -> None:
        self._train_all(self._run.history.values)
        retraining = Retraining(tuple(record.number for record in leaders(self._run.history.values())[:count]), seeds)
        if retraining.trials and retraining not in self._run.retrainings[-1:]:
            self._run_dir.write_confirm(retraining, self._subject.study.epochs)
            self._tell_of(_waiting(self._run.fresh))
        self._train_all(lambda: self._run.fresh)

    def _train_all(self, records: Callable[[], Iterable[TrialRecord]]) -> None:
        """Train until nothing waits."""
        while waiting := _waiting(records()):
            self._train(waiting, lambda: None)

    def _judge_time(self, trial_seconds: float) -> None:
        """Decide on the trials that have trained for longer than they may, before they train on.

        What is known of one that trained in company is its share of their time: it begins again alone, once.
        """
        run = self._run
        late = [
            record
            for record in _waiting(run.history.values())
            if trained_for(self._objective, record) >= trial_seconds and not run.is_judged(record)
        ]
        if not late:
            return
        if shared := [record.number for record in late if record.shared]:
            self._run_dir.write_alone(shared)
            told = f"took over {trial_seconds:g} s in company, so they begin again alone"
            self._listen(Noted(f"trials {first_of(shared)} {told}"))
        reason = f"it trained for longer than search.trial_seconds: {trial_seconds:g}"
        alone = (record for record in late if not record.shared)
        self._run_dir.write_blocks([last_block(r.trial, r.epochs_done, Status.TIMEOUT, reason) for r in alone])
        self._tell_of(run.history[record.number] for record in late)

    def _train(self, waiting: Sequence[TrialRecord], over: Over, trial_seconds: float = math.inf) -> None:
        """Give everything that waits to the workers once; what took long is still waiting afterwards."""
        # Absolute: workers may be those of an earlier search, begun in another working directory.
        directory = self._run_dir.checkpoints.absolute()
        tasks = cut(self._objective, waiting, self._jobs, directory, self._run_dir.token(), trial_seconds)
        with closing(self._workers.run(tasks)) as results:
            for blocks in results:
                trained = self._run_dir.write_blocks(blocks)
                self._listen(Trained(trained, self._work.take(trained)))
                self._end_at_a_failure(trained)
                if over():
                    break

    def _end_at_a_failure(self, records: Iterable[TrialRecord]) -> None:
        """Raise CheckFailed at a trial that failed or crashed, where that ends the search."""
        failed = next((record for record in records if record.status in FAILED), None)
        if self._fail_fast and failed is not None:
            raise CheckFailed(f"trial {failed.number} {failed.status.value}: {headline(failed.reason)}")

    def _tell_of(self, records: Iterable[TrialRecord], gone: tuple[int, ...] = ()) -> None:
        """Say that something was decided about these trainings, and that trials with these numbers are given up."""
        decided = tuple(records)
        if decided or gone:
            self._listen(Decided(decided, self._work.take(decided), gone))

    def _finish(self) -> None:
        """Assess the winner, unless its model is kept, and say that all is done."""
        self._run_dir.restart_lost()  # a winner from far down the leaderboard has no state any more
        self._train_all(self._run.history.values)
        winner = self._run.winner
        if winner is not None and winner.number != self._run.kept:
            self._assess(winner)
        self._run_dir.write_finish(self._run.ended)
        self._listen(Finished(dict(self._run.history)))

    def _assess(self, winner: TrialRecord) -> None:
        """Keep the winner's model, and touch the test part: here, and nowhere else."""
        state = self._run_dir.state(winner) if winner.checkpoint else {}  # a function leaves none
        params = winner.trial.params
        model = self._objective.model(params, state)
        if model is not None:
            description, arrays = model
            self._run_dir.write_model({"run": self._run.name, "trial": winner.number, **description}, arrays)
        self._run_dir.write_assessment(winner.number, self._objective.assess(params, state))


def _waiting(records: Iterable[TrialRecord]) -> list[TrialRecord]:
    return [record for record in records if not record.status.ended and record.epochs_done < record.until_epoch]
