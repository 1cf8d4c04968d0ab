"""A search from start to finish: ask, write the decision down, train, write down what came, ask again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hpsearch.data.dataset import Dataset
from hpsearch.errors import Interrupted, UsageError, WorkerDied
from hpsearch.network.settings import NetworkSettings
from hpsearch.objectives.metrics import metric_for
from hpsearch.objectives.network_objective import NetworkObjective, dataset
from hpsearch.objectives.objective import Objective
from hpsearch.options import options_of
from hpsearch.search.strategy import Done, Promote, Start, Strategy, Wait, strategy
from hpsearch.seeds import Streams
from hpsearch.study.dispatch import Workers, cut, one_blas_thread
from hpsearch.study.environment import environment
from hpsearch.study.events import Finished, Listener, Started, Trained, unheard
from hpsearch.study.replay import RunRecord
from hpsearch.study.run_dir import RunDir
from hpsearch.study.runs import JOURNAL, choosing, locked, new_directory, remove_unbegun, unfinished_runs
from hpsearch.study.signals import interruptible
from hpsearch.study.study_spec import StudySpec
from hpsearch.trial import History, TrialRecord


def network_objective(study: StudySpec, data: Dataset) -> NetworkObjective:
    """Return the objective of a study on its data."""
    select_by = metric_for(data.task, study.metric).column if study.select == "best_epoch" else None
    return NetworkObjective(study.data, data.fingerprint, study.network, Streams(study.seed), select_by)


def run_study(
    study: StudySpec,
    texts: Mapping[str, str],
    runs_dir: Path,
    jobs: int,
    listen: Listener = unheard,
    data: Dataset | None = None,
) -> tuple[Path, RunRecord]:
    """Search, going on with the unfinished run of the same study if there is one; return its directory and record.

    `texts` are kept in the run's directory by file name; `data` is the study's, where it is loaded already. Raises
    Interrupted on Ctrl-C and SIGTERM, and HpsearchErrors; whatever had finished by then is on record, and the same call
    goes on from there.
    """
    data = data or dataset(study.data)
    study = study.for_task(data.task)
    objective = network_objective(study, data)
    plan = strategy(study.search, study.space, objective.streams, study.network.epochs)
    with one_blas_thread(), interruptible(), _opened(study, data, texts, runs_dir, objective) as run_dir:
        try:
            _search(run_dir, plan, objective, min(jobs, study.search.trials), listen)
        except Interrupted as error:
            run_dir.write_stop(f"interrupted by signal {error.exit_code - 128}")
            raise
        except WorkerDied as error:
            run_dir.write_stop(str(error))
            raise
    return run_dir.directory, run_dir.run


@contextmanager
def _opened(
    study: StudySpec, data: Dataset, texts: Mapping[str, str], runs_dir: Path, objective: Objective
) -> Iterator[RunDir]:
    """Find the unfinished run of a study or begin one, and hold it."""
    with ExitStack() as stack:
        with choosing(runs_dir):
            unfinished = unfinished_runs(runs_dir, study.identity, data.source_sha256)
            directory = _directory(unfinished.runs) or new_directory(runs_dir, study.name)
            stack.callback(remove_unbegun, directory)
            stack.enter_context(locked(directory))
            run_dir = _begun(directory, study, texts) or _begin(directory, study, data, texts, objective)
        stack.callback(run_dir.close)
        run_dir.run.notes += unfinished.notes
        run_dir.restart_lost()
        yield run_dir


def _directory(unfinished: Sequence[Path]) -> Path | None:
    if len(unfinished) > 1:
        raise UsageError(
            f"{len(unfinished)} unfinished runs of this spec: {', '.join(map(str, unfinished))}; "
            "delete those that should not go on"
        )
    return unfinished[0] if unfinished else None


def _begun(directory: Path, study: StudySpec, texts: Mapping[str, str]) -> RunDir | None:
    """Open a run that goes on; None where none has begun."""
    if not (directory / JOURNAL).exists():
        return None
    run_dir = RunDir.open(directory)
    begun = len(run_dir.run.history)
    if begun > study.search.trials:
        run_dir.close()
        raise UsageError(
            f"{directory} is unfinished and has begun {begun} trials, more than search.trials: {study.search.trials}, which "
            f"can only grow; ask for at least {begun}, or delete the directory to begin anew"
        )
    run_dir.write_texts(texts)
    return run_dir


def _begin(directory: Path, study: StudySpec, data: Dataset, texts: Mapping[str, str], objective: Objective) -> RunDir:
    metric = metric_for(data.task, study.metric)
    start = {
        "identity": study.identity(data.source_sha256),
        "seed": study.seed,
        "metric": metric.name,
        "column": metric.column,
        "select": study.select,
        "metrics": list(objective.metrics),
        "parameters": list(study.space.names),
        "averaging": averaging_weights(study),
        "epochs": study.network.epochs,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "directory": str(directory.absolute()),
        "data": _describe(data),
        "environment": environment(),
    }
    return RunDir.create(directory, texts, start)


def averaging_weights(study: StudySpec) -> list[str]:
    """Return the parameters that weigh the past in an average: momentum and the other betas, shown with their window."""
    declared = {name for name, option in options_of(NetworkSettings).items() if option.scale == "1-beta"}
    return [p.name for p in study.space.parameters if p.name in declared or getattr(p.domain, "scale", "") == "1-beta"]


def _describe(data: Dataset) -> dict[str, Any]:
    return {
        "task": data.task,
        "target": data.target,
        "sha256": data.source_sha256,
        "split_sha256": data.split_sha256,
        "fingerprint": data.fingerprint,
        "rows": data.rows,
        "features": data.features,
        "classes": data.classes,
        "notes": list(data.notes),
    }


def _search(run_dir: RunDir, strategy: Strategy, objective: Objective, jobs: int, listen: Listener) -> None:
    run, plan = run_dir.run, strategy.plan()
    if run.plan.get("stages") != list(plan.stages):
        run_dir.write_plan(plan)
    listen(
        Started(
            run_dir.directory,
            trials=sum(plan.stages),
            jobs=jobs,
            metric=run.metric,
            select=run.select,
            parameters=tuple(run.parameters),
            averaging=tuple(run.start["averaging"]),
            history=dict(run.history),
            work_done=Work(objective, run.history).done(run.history),
            notes=tuple(run.notes),
        )
    )
    workers = Workers(objective, jobs)
    while True:
        match strategy.ask(run.history):
            case Start() as start:
                run_dir.write_stage(start)
            case Promote() as promote:
                run_dir.write_promotion(promote)
            case Wait():
                _train_waiting(run_dir, workers, objective, jobs, listen)
            case Done(reason):
                break
    best = run.incumbent
    if best is not None and best.number not in run.scores:
        _assess(run_dir, objective, best)
    run_dir.write_finish(reason)
    listen(Finished(dict(run.history)))


def _train_waiting(run_dir: RunDir, workers: Workers, objective: Objective, jobs: int, listen: Listener) -> None:
    """Give every waiting trial to the workers once; one that took long is still waiting afterwards."""
    history = run_dir.run.history
    waiting = [r for r in history.values() if not r.status.ended and r.epochs_done < r.until_epoch]
    work = Work(objective, history)
    # Absolute: workers may be those of an earlier search, begun in another working directory.
    tasks = cut(objective, waiting, jobs, run_dir.checkpoints.absolute(), run_dir.token)
    with closing(workers.run(tasks)) as results:
        for blocks in results:
            listen(Trained(run_dir.write_blocks(blocks), work.done(history)))


class Work:
    """The predicted work of a history's trials, to tell how much of it is behind them."""

    def __init__(self, objective: Objective, history: History) -> None:
        self._costs = {number: objective.cost(record.trial.params) for number, record in history.items()}
        self._total = sum(cost * history[number].until_epoch for number, cost in self._costs.items())

    def done(self, history: History) -> float:
        """Return the share that is done, 0 to 1."""
        done = 0.0
        for number, cost in self._costs.items():
            record = history[number]
            done += cost * (record.until_epoch if record.status.ended else record.epochs_done)
        return done / self._total if self._total else 0.0


def _assess(run_dir: RunDir, objective: Objective, best: TrialRecord) -> None:
    """Keep the winner's model, and touch the test part: once, here."""
    state = run_dir.state(best)
    description, arrays = objective.model(best.trial.params, state)
    run_dir.write_model({"run": run_dir.run.name, "trial": best.number, **description}, arrays)
    run_dir.write_assessment(best.number, objective.assess(best.trial.params, state))
