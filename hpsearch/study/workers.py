"""The processes that run tasks, and what becomes of their work when one of them dies.

A process that is killed, or runs out of memory, does not say which task it had, and the pool loses all that was in hand. So
what was in hand is tried again one task at a time: the innocent come through, a population that brings its process down is
tried trial by trial, and a trial whose process has died three times is recorded as crashed. One job runs in this process.
"""

from __future__ import annotations

import ctypes
import os
import re
import signal
import sys
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from multiprocessing import resource_tracker

from hpsearch.errors import WorkerDied
from hpsearch.objectives.objective import Objective
from hpsearch.study.dispatch import Block, Task, last_block, run_task
from hpsearch.study.signals import uninterrupted
from hpsearch.trial import Status

PR_SET_PDEATHSIG = 1
"""What prctl(2) calls it."""

DEATHS = 3
"""A trial whose process has died so many times is not tried again."""


class Workers:
    """Runs tasks in `jobs` processes; `tell` is called with what a person should know of their deaths."""

    def __init__(self, objective: Objective, jobs: int, tell: Callable[[str], None] = lambda _: None) -> None:
        self._objective, self._jobs, self._tell = objective, jobs, tell

    def run(self, tasks: Sequence[Task]) -> Generator[list[Block], None, None]:
        """Run tasks, yielding the blocks of each as it finishes. Close the iterator to give up what is under way."""
        if self._jobs == 1:
            for task in tasks:
                yield run_task(self._objective, task)
            return
        from joblib.externals.loky.process_executor import TerminatedWorkerError  # late: most commands start no workers

        waiting, jobs = deque(tasks), self._jobs
        while waiting:
            in_hand: dict[tuple[int, int], Task] = {}
            try:
                with closing(self._results(_taken(waiting, in_hand), jobs)) as results:
                    for blocks in results:
                        del in_hand[blocks[0].key]
                        yield blocks
            except TerminatedWorkerError as error:
                count, cause = sum(len(task.trials) for task in in_hand.values()), _cause(error)
                self._tell(f"a worker process died ({cause}); the {count} trainings in hand are tried again, task by task")
                culprits = 0
                for task in in_hand.values():
                    for blocks in self._alone(task, cause, deaths=1):
                        culprits += sum(block.is_crashed for block in blocks)
                        yield blocks
                if not culprits and jobs > 2:  # together they may need more memory than there is
                    jobs = max(2, jobs // 2)
                    self._tell(f"none of them is at fault by itself: going on with {jobs} workers for now")

    def _alone(self, task: Task, cause: str, deaths: int) -> Iterator[list[Block]]:
        """Run one task while no other runs, until it comes through or its trial has brought down enough processes."""
        from joblib.externals.loky.process_executor import TerminatedWorkerError

        while deaths < DEATHS:
            try:
                with closing(self._results([task], self._jobs)) as results:
                    yield from results
                return
            except TerminatedWorkerError as error:
                deaths, cause = deaths + 1, _cause(error)
            if len(task.trials) > 1:
                for part in task.singles():
                    yield from self._alone(part, cause, min(deaths, DEATHS - 1))
                return
        reason = f"its worker process died {deaths} times ({cause})"
        (trial,) = task.trials
        self._tell(f"trial {trial.number} crashed: {reason}")
        yield [last_block(trial, task.epochs_done, Status.CRASHED, reason)]

    def _results(self, tasks: Iterable[Task], jobs: int) -> Generator[list[Block], None, None]:
        """Run tasks side by side in processes, yielding the blocks of each."""
        import joblib
        from joblib.externals.loky.process_executor import BrokenProcessPool, TerminatedWorkerError

        with _muted("joblib backend 'loky' is not available"):  # threads do the same, less side by side
            parallel = joblib.Parallel(
                n_jobs=jobs,
                backend="loky",
                batch_size=1,
                return_as="generator_unordered",
                initializer=_start_worker,
                # With others joblib starts new workers.
                initargs=(os.getpid(), tuple(sys.path), threading.current_thread() is threading.main_thread()),
            )
        resource_tracker.ensure_running()  # loky starts it before its first worker, and it would end the hold
        with uninterrupted():
            results = parallel(joblib.delayed(run_task)(self._objective, task) for task in tasks)
        try:
            for result in results:  # noqa: UP028  # `yield from` would close them before their warning is muted
                yield result
        except TerminatedWorkerError:
            raise
        except BrokenProcessPool as error:
            why = str(error.__cause__ or error).strip('\n"')
            raise WorkerDied(f"a worker process could not load what it was sent\n{why}") from error
        finally:
            with _muted(r"\d+ tasks"):  # that were given up: on purpose
                results.close()


def _taken(waiting: deque[Task], in_hand: dict[tuple[int, int], Task]) -> Iterator[Task]:
    """Yield waiting tasks, and note by their first training what was handed out."""
    while waiting:
        task = waiting.popleft()
        in_hand[task.trials[0].key] = task
        yield task


def _cause(error: Exception) -> str:
    """Return what loky tells of the processes' exit codes, or the likeliest cause."""
    codes = re.search(r"exit codes of the workers are \{(.*)\}", str(error))
    text = ", ".join(sorted(set(codes[1].split(", ")))) if codes else "no exit code is known"
    return f"{text}: killed, perhaps for want of memory" if "SIGKILL" in text else text


@contextmanager
def _muted(message: str) -> Iterator[None]:
    """Keep back a warning of joblib's."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message, UserWarning)
        yield


def _start_worker(driver: int, path: Sequence[str], is_of_main_thread: bool) -> None:
    """Import from where the driver does, leave Ctrl-C to it, and die with it."""
    if is_of_main_thread:  # the system would take the end of any other thread that starts a process for the driver's
        _die_with_parent()
    sys.path[:] = path
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_watch, args=(driver,), daemon=True).start()


def _die_with_parent() -> None:
    """Ask Linux for a SIGKILL when the parent ends: foreign code that holds Python's lock keeps `_watch` from running."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _watch(driver: int) -> None:
    while os.getppid() == driver:
        time.sleep(0.5)
    os._exit(1)
