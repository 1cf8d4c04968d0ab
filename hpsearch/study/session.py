"""One command at work on a run: which run that is, opening or beginning it, holding it, and recording why it stopped early.

What is done with the open run is the matter of `loop`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from hpsearch.errors import CheckFailed, Interrupted, UsageError, WorkerDied
from hpsearch.study.differences import IDENTIFIED_BY
from hpsearch.study.dispatch import one_blas_thread
from hpsearch.study.environment import environment
from hpsearch.study.events import Listener, Noted, unheard
from hpsearch.study.first_points import FirstPoints
from hpsearch.study.going_on import reopens
from hpsearch.study.loop import Driver
from hpsearch.study.outlook import Outlook, as_begun, outlook
from hpsearch.study.parent import Parent
from hpsearch.study.record import RunRecord
from hpsearch.study.run_dir import RunDir
from hpsearch.study.runs import choosing, locked, new_directory, remove_unbegun
from hpsearch.study.signals import interruptible
from hpsearch.study.subject import Subject


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
        _prepare(run_dir, ahead, texts, jobs)
        Driver(run_dir, as_begun(subject, run_dir.run), jobs, listen, fail_fast=fail_fast).run()
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
        run_dir.write_session(jobs)
        run_dir.restart_lost()
        with _stopping(run_dir):
            Driver(run_dir, subject, jobs, listen).confirm(count, seeds)
    return run_dir.run


@contextmanager
def _stopping(run_dir: RunDir) -> Iterator[None]:
    """Record why a command ended before its work did."""
    try:
        yield
    except Interrupted as error:
        run_dir.write_stop("interrupted", error.signal)
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


def _prepare(run_dir: RunDir, ahead: Outlook, texts: Mapping[str, str], jobs: int) -> None:
    """Bring a run's record up to where its search can go on."""
    if ahead.run:
        run_dir.write_texts(texts)
    run_dir.run.notes = [*ahead.notes]
    if reopens(run_dir.run, ahead.subject):
        run_dir.write_reopening()
    if ahead.prior != run_dir.run.prior:
        run_dir.write_prior(ahead.prior)
    run_dir.write_session(jobs)
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
        "averaging": study.averaging,
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
