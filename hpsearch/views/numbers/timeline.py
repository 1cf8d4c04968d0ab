"""Who trained what, and when: a lane per worker, on the clock of the seconds that a search was worked on.

Processes come and go, with every command and whenever one dies: a lane is what one worker after another did, never two at
a time. So there are as many lanes as there were workers side by side.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from hpsearch.study.record import RunRecord
from hpsearch.views.numbers.progress import Clock


@dataclass(frozen=True)
class Task:
    """What a worker did in one go: it trained some trials side by side, from `begin` to `end` in seconds worked.

    `trials` are by number; `repetition` is 0 in the search, else that of the fresh seed. `epochs` are those of all of them
    together; `worker` is its process.
    """

    worker: str
    trials: tuple[int, ...]
    repetition: int
    epochs: int
    begin: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.end - self.begin


@dataclass(frozen=True)
class Lane:
    """The tasks of a worker, and of those that took its place, by time; `busy` is the share of the time that they take."""

    tasks: tuple[Task, ...]
    busy: float


@dataclass(frozen=True)
class Timeline:
    """The lanes of a run, by when they began, and how long it was worked on; pauses are left out.

    `begins` says after how many of these seconds each command began; `busy` is the mean of the lanes' shares, 0 without any.
    """

    lanes: tuple[Lane, ...]
    seconds: float
    begins: tuple[float, ...]

    @property
    def busy(self) -> float:
        """The share of the workers' time in which they trained."""
        return sum(lane.busy for lane in self.lanes) / len(self.lanes) if self.lanes else 0.0


def timeline(run: RunRecord) -> Timeline:
    """Return what each worker did; without lanes where it is not on record when commands began."""
    begins = tuple(accumulate((seconds for _, seconds in run.sessions[:-1]), initial=0.0)) if run.sessions else ()
    by_worker: dict[tuple[int, str], list[list[Task]]] = defaultdict(list)
    for task in _tasks(run):
        # The numbers of processes come again, in a container with every command.
        by_worker[bisect_right(begins, task.begin), task.worker].append([task])
    strips = [strip for tasks in by_worker.values() for strip in _packed(tasks)]
    return Timeline(tuple(Lane(tuple(strip), _busy(strip, run.seconds)) for strip in _packed(strips)), run.seconds, begins)


def _busy(tasks: Sequence[Task], seconds: float) -> float:
    return min(1.0, sum(task.seconds for task in tasks) / seconds) if seconds else 0.0


def _tasks(run: RunRecord) -> Iterable[Task]:
    """Yield the tasks whose time is on record: what one process trained with the same begin and end."""
    clock = Clock(run.sessions)
    together: dict[tuple[str, str, str, int], list[tuple[int, int]]] = defaultdict(list)
    for span in run.spans:
        key = span.worker, span.begin, span.end, span.repetition
        together[key].append((span.trial, span.to_epoch - span.from_epoch))
    for (worker, at, until, repetition), trained in together.items():
        begin, end = clock.worked_until(at), clock.worked_until(until)
        if end >= begin:  # neither is NaN
            trials = tuple(sorted(trial for trial, _ in trained))
            yield Task(worker, trials, repetition, sum(epochs for _, epochs in trained), begin, end)


def _packed(strips: Iterable[list[Task]]) -> list[list[Task]]:
    """Return strips of tasks end to end, each behind the first that is over when it begins; overlapping ones lie apart."""
    rows: list[list[Task]] = []
    for strip in sorted(strips, key=lambda tasks: (tasks[0].begin, tasks[0].trials)):
        free = next((row for row in rows if row[-1].end <= strip[0].begin), None)
        if free is None:
            rows.append(list(strip))
        else:
            free.extend(strip)
    return rows


def shares(lane: Lane, seconds: float, count: int) -> list[float]:
    """Return which share of each of `count` equal parts of the time a lane's tasks take (count,)."""
    part, taken = seconds / count, [0.0] * count
    if not part:
        return taken
    for task in lane.tasks:
        for place in range(min(int(task.begin / part), count - 1), min(int(task.end / part), count - 1) + 1):
            taken[place] += min(task.end, (place + 1) * part) - max(task.begin, place * part)
    return [min(1.0, max(0.0, one / part)) for one in taken]
