"""A search from start to finish: ask, write the decision down, train, write down what came, ask again.

After the search the leaders are trained again with fresh seeds, the winner is judged on the test part, and its model kept.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from hpsearch.errors import CheckFailed, Interrupted, UsageError, WorkerDied
from hpsearch.network.settings import NetworkSettings
from hpsearch.options import options_of
from hpsearch.search.plan import Decision, Done, Plan, Promote, Replan, Start, Wait
from hpsearch.search.strategy import FAILED, Search
from hpsearch.study.confirmation import Retraining
from hpsearch.study.differences import IDENTIFIED_BY
from hpsearch.study.dispatch import cut, last_block, one_blas_thread, trained_for
from hpsearch.study.environment import environment
from hpsearch.study.events import Decided, Finished, Listener, Noted, Replanned, Started, Trained, unheard
from hpsearch.study.first_points import FirstPoints
from hpsearch.study.going_on import hours_are_over, reopens
from hpsearch.study.outlook import Outlook, as_begun, confirm_of, outlook
from hpsearch.study.parent import Parent
from hpsearch.study.replay import RunRecord
from hpsearch.study.run_dir import RunDir
from hpsearch.study.runs import choosing, locked, new_directory, remove_unbegun
from hpsearch.study.signals import interruptible
from hpsearch.study.study_spec import StudySpec
from hpsearch.study.subject import Subject
from hpsearch.study.work import Work
from hpsearch.study.workers import Workers
from hpsearch.trial import Status, TrialRecord, headline, leaders

Over = Callable[[], Done | None]
"""Asked whenever results are on record: is the search over, whatever may still be in training?"""


def run_study(
    subject: Subject,
    texts: Mapping[str, str],
    runs_dir: Path,
    jobs: int,
    listen: Listener = unheard,
    parent: Parent | None = None,
    *,
    new: bool = False,
    fail_fast: bool = False,
) -> tuple[Path, RunRecord]:
    """Search, going on with the run of the same study if there is one; return its directory and record.

    One that has finished is left as it is, unless more trials are asked for, or a `new` one. `texts` are kept in the run's
    directory by file name; `parent` is the run that a new one is refined from. With `fail_fast` the first trial that fails
    or crashes raises CheckFailed. Raises Interrupted on Ctrl-C and SIGTERM, and HpsearchErrors; whatever had finished by
    then is on record, and the same call goes on from there.
    """
    with one_blas_thread(), interruptible(), ExitStack() as stack:
        with choosing(runs_dir):
            ahead = outlook(subject, runs_dir, parent, new=new)  # raises before anything is made
            if ahead.directory and ahead.run and ahead.is_over:
                for text in ahead.notes:
                    listen(Noted(text))
                ahead.run.notes = [*ahead.notes]
                return ahead.directory, ahead.run
            run_dir = stack.enter_context(_opened(ahead, subject, texts, runs_dir, parent))
        stack.enter_context(_stopping(run_dir))
        _prepare(run_dir, ahead, texts)
        _Driver(run_dir, as_begun(subject, run_dir.run), jobs, listen, fail_fast=fail_fast).run()
    return run_dir.directory, run_dir.run


def confirm_study(
    subject: Subject, directory: Path, jobs: int, count: int | None, seeds: int, listen: Listener = unheard
) -> RunRecord:
    """Retrain the leaders of a finished run with fresh seeds; `count` of them, or as many as its number of trials says.

    Trainings that are on record are not done again. Raises UsageError while the run is unfinished, and what `run_study`
    raises.
    """
    with one_blas_thread(), interruptible(), locked(directory), closing(RunDir.open(directory)) as run_dir:
        if not run_dir.run.ended:
            raise UsageError(f"{directory} has not finished its search; the command that began it goes on with it")
        if not subject.is_seeded:
            raise UsageError(f"{directory} has nothing to confirm: without a seed to vary, the same comes out again")
        run_dir.write_session()
        run_dir.restart_lost()
        with _stopping(run_dir):
            _Driver(run_dir, subject, jobs, listen).confirm(count, seeds)
    return run_dir.run


@contextmanager
def _stopping(run_dir: RunDir) -> Iterator[None]:
    """Record why a command ended before its work did."""
    try:
        yield
    except Interrupted as error:
        run_dir.write_stop(f"interrupted by signal {error.exit_code - 128}")
        raise
    except (WorkerDied, CheckFailed) as error:
        run_dir.write_stop(str(error))
        raise


@contextmanager
def _opened(
    ahead: Outlook, subject: Subject, texts: Mapping[str, str], runs_dir: Path, parent: Parent | None
) -> Iterator[RunDir]:
    """Open the run that is gone on with, or begin one, and hold it."""
    directory = ahead.directory or new_directory(runs_dir, subject.study.name)
    with ExitStack() as stack:
        stack.callback(remove_unbegun, directory)
        stack.enter_context(locked(directory))
        run_dir = RunDir.open(directory) if ahead.run else _begin(directory, subject, texts, parent, ahead.first)
        stack.callback(run_dir.close)
        yield run_dir


def _prepare(run_dir: RunDir, ahead: Outlook, texts: Mapping[str, str]) -> None:
    """Bring a run's record up to where its search can go on."""
    if ahead.run:
        run_dir.write_texts(texts)
    run_dir.run.notes = [*ahead.notes]
    if reopens(run_dir.run, ahead.subject):
        run_dir.write_reopening()
    if ahead.prior != run_dir.run.prior:
        run_dir.write_prior(ahead.prior)
    run_dir.write_session()
    run_dir.restart_lost()


def _begin(
    directory: Path, subject: Subject, texts: Mapping[str, str], parent: Parent | None, first: FirstPoints | None
) -> RunDir:
    study, metric = subject.study, subject.metric
    start = {
        "identity": study.identity(subject.facts["sha256"]),
        IDENTIFIED_BY: study.identified_by(subject.facts["sha256"]),
        "seed": study.seed,
        "metric": metric.name,
        "column": metric.column,
        "select": study.select,
        "method": study.search.method,
        "metrics": list(subject.objective.metrics),
        "parameters": list(study.space.names),
        "averaging": averaging_weights(study),
        "seeded": subject.is_seeded,
        "epochs": study.epochs,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "directory": str(directory.absolute()),
        **({"parent": parent.described()} if parent else {}),
        **(first.described() if first else {}),
        "data": subject.facts,
        "environment": environment(),
    }
    return RunDir.create(directory, texts, start)


def averaging_weights(study: StudySpec) -> list[str]:
    """Return the parameters that weigh the past in an average: momentum and the other betas, shown with their window."""
    options = {} if study.objective else options_of(NetworkSettings)
    declared = {name for name, option in options.items() if option.scale == "1-beta"}
    return [p.name for p in study.space.parameters if p.name in declared or getattr(p.domain, "scale", "") == "1-beta"]


class _Driver:
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
        self._work = Work(self._objective, plan, run, repetitions)
        self._listen(
            Started(
                self._run_dir.directory,
                plan=plan,
                jobs=self._jobs,
                metric=run.metric,
                select=run.select,
                parameters=tuple(run.parameters),
                averaging=tuple(run.start["averaging"]),
                history=dict(run.history),
                work_done=self._work.take(()),
                notes=tuple(run.notes),
                method=run.method,
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
                    waiting = [record.number for record in self._run.history.values() if not record.status.ended]
                    self._run_dir.write_end(done)
                    if waiting:
                        self._tell_of(self._run.history[number] for number in waiting if number in self._run.history)
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
            self._listen(Noted(f"trials {', '.join(map(str, shared))} {told}"))
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

    def _tell_of(self, records: Iterable[TrialRecord]) -> None:
        """Say that something was decided about these trainings."""
        decided = tuple(records)
        self._listen(Decided(decided, self._work.take(decided)))

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
