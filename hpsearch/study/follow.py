"""Following a run that another process works on: the events that its own loop tells, from the record alone.

Each look reads what was added to the journal and the curves since the last one, and tells it at once: records as they stand
now, those that ended last at the end. The first look tells of the present command as if it had been followed from its
begin. Each line that is no record is noted once. What is not on record, such as the notes of a command, is not told; and
the share of the work is that of the epochs, as what a trial costs is known to its objective only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hpsearch.errors import HpsearchError, RecordError
from hpsearch.search.plan import Plan
from hpsearch.study.entries import MALFORMED
from hpsearch.study.events import Decided, Event, Finished, Noted, Replanned, Started, Trained
from hpsearch.study.line_file import LineReader
from hpsearch.study.lineage import ReadStudy
from hpsearch.study.record import RunRecord
from hpsearch.study.replay import Replay
from hpsearch.study.runs import CURVES, JOURNAL, check_start, driver_of
from hpsearch.study.study_spec import StudySpec
from hpsearch.study.work import Work
from hpsearch.trial import TrialRecord

Trainings = Mapping[tuple[int, int], TrialRecord]

_REPLANNING = frozenset({"plan", "stage", "end", "reopen", "confirm"})
"""Lines after which the share of the work is counted anew."""


@dataclass(frozen=True)
class Stop:
    """Why a command ended before its work did: the reason, and the number of the signal that it answered, 0 for none."""

    reason: str
    signal: int = 0


def _now() -> datetime:
    return datetime.now(UTC)


class Follower:
    """One run, followed; its study, where it can be read, tells the space, and how many leaders are to be confirmed."""

    def __init__(self, directory: Path, read_study: ReadStudy, now: Callable[[], datetime] = _now) -> None:
        self.directory = directory
        self.stopped: Stop | None = None
        """Why the last command ended before its work did, where it said so."""
        self._read_study, self._now = read_study, now
        self._study: StudySpec | None = None
        self._journal, self._curves = LineReader(directory / JOURNAL), LineReader(directory / CURVES)
        self._replay: Replay | None = None
        self._untold: list[str] = []
        self._work: Work | None = None
        self._begun_with: Trainings = {}
        self._done_before = 0.0
        self._is_told_of = self._is_finished = self._has_trained = False

    @property
    def run(self) -> RunRecord | None:
        """The record as far as it was read; None before its first line."""
        return self._replay.run if self._replay else None

    @property
    def has_begun(self) -> bool:
        """Whether there is a plan, and so something to show."""
        return self.run is not None and self.run.plan is not None

    @property
    def is_finished(self) -> bool:
        """Whether all is done, and nothing of it lost."""
        run = self.run
        if run is None or not run.finished or run.lost:
            return False
        return all(record.status.ended for record in _trainings(run).values())

    @property
    def driver(self) -> str | None:
        """The process that works on the run now, as it says of itself; None without one, or where that cannot be told."""
        try:
            return driver_of(self.directory)
        except OSError:
            return None

    def look(self) -> list[Event]:
        """Return what has happened since the last look; raises RecordError where the record is damaged."""
        journal = self._more(self._journal)
        if self.run is None and not journal:
            return list(self._notes())
        curves = self._more(self._curves)  # after it, as curves are written before their line
        known = _trainings(self.run) if self.run else {}
        try:
            self._take(journal, curves)
        except MALFORMED as error:
            raise RecordError(f"{self._journal.path}: a record lacks what it should hold: {error!r}") from error
        except RecordError as error:
            raise RecordError(f"{self._journal.path}: {error}") from error
        run = self.run
        if run is None or run.plan is None or not journal:
            return list(self._notes())
        return list(self._events(run, run.plan, known, {str(line["type"]) for line in journal}))

    def _more(self, reader: LineReader) -> list[dict[str, Any]]:
        lines = reader.more()
        self._untold += [f"{reader.path.name}:{number}: not a record; skipped" for number in lines.unreadable]
        return lines.records

    def _take(self, journal: Sequence[dict[str, Any]], curves: Sequence[dict[str, Any]]) -> None:
        if self._replay is None:
            start, *journal = journal
            if start.get("type") != "start":
                raise RecordError("does not begin with a start record; this is not a run")
            check_start(self.directory, start)
            self._replay = Replay({**start, "run": self.directory.name})  # it may have been renamed
        replay = self._replay
        replay.take([], curves)
        for line in journal:
            if line["type"] == "session":
                self._begin_session(replay.run)
            elif line["type"] == "stop":
                self.stopped = Stop(str(line["reason"]), int(line.get("signal", 0)))
            replay.take([line], [])
            self._has_trained |= line["type"] == "block"
            if line["type"] in ("session", "plan") and replay.run.plan and not self._has_trained:
                self._done_before = self._counted(replay.run, replay.run.plan).take(())

    def _begin_session(self, run: RunRecord) -> None:
        self._begun_with, self._is_told_of, self.stopped = _trainings(run), False, None
        with suppress(HpsearchError):
            self._study = self._read_study(self.directory, run)
        self._done_before, self._has_trained = 0.0, False

    def _counted(self, run: RunRecord, plan: Plan) -> Work:
        return Work(lambda _: 1.0, plan, run, len(run.fresh) or self._to_confirm(run, plan))

    def _to_confirm(self, run: RunRecord, plan: Plan) -> int:
        """Return how many trainings will confirm the leaders, as far as is known before they are decided on."""
        if self._study is None:
            return 0
        confirm = self._study.search.confirm
        leaders = confirm.count(plan.asked) if run.start.get("seeded", True) or confirm.leaders is not None else 0
        return min(leaders, plan.asked) * confirm.seeds

    def _notes(self) -> Iterator[Noted]:
        while self._untold:
            yield Noted(self._untold.pop(0))

    def _events(self, run: RunRecord, plan: Plan, known: Trainings, kinds: set[str]) -> Iterator[Event]:
        begins, known = not self._is_told_of, known if self._is_told_of else self._begun_with
        if begins:
            yield self._started(run, plan)
        yield from self._notes()
        changed = sorted((record for key, record in _trainings(run).items() if known.get(key) is not record), key=_by_end)
        if self._work is None or begins or kinds & _REPLANNING:
            self._work = self._counted(run, plan)
        gone = tuple(number for number, repetition in known if not repetition and number not in run.history)
        done = self._work.take(changed)
        if "plan" in kinds and not begins:
            yield Replanned(plan, done)
        if gone:
            yield Decided((), done, gone)
        if changed:
            yield Trained(tuple(changed), done)
        was_finished, self._is_finished = self._is_finished and not begins, self.is_finished
        self._is_told_of = True
        if self._is_finished and not was_finished:
            yield Finished(dict(run.history))

    def _started(self, run: RunRecord, plan: Plan) -> Started:
        return Started(
            self.directory,
            plan=plan,
            jobs=min(run.jobs, plan.asked),
            metric=run.metric,
            select=run.select,
            parameters=tuple(run.parameters),
            averaging=tuple(run.averaging),
            history={number: record for (number, again), record in self._begun_with.items() if not again},
            work_done=self._done_before,
            notes=tuple(note.text for note in self._notes()),
            method=run.method,
            space=self._study.space if self._study else None,
            seconds=self._seconds(run),
        )

    def _seconds(self, run: RunRecord) -> float:
        """Return how long the command at work has been; where none is, how long the last one was."""
        begin, seconds = run.sessions[-1] if run.sessions else ("", 0.0)
        if self.driver is None or not begin:
            return seconds
        return max(0.0, (self._now() - datetime.fromisoformat(begin)).total_seconds())


def _trainings(run: RunRecord) -> dict[tuple[int, int], TrialRecord]:
    """Return the trials of a run, and the trainings that confirm some."""
    return {record.trial.key: record for record in run.history.values()} | run.repetitions


def _by_end(record: TrialRecord) -> tuple[bool, bool, str, tuple[int, int]]:
    """Return what sorts records as a loop would have told them: trials before what confirms them, by when they ended."""
    return record.trial.repetition > 0, not record.status.ended, record.finished_at, record.trial.key
