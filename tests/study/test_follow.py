"""Following a run from its record tells what its own loop tells."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest
from studies import Listener, interrupted, make_function_study, make_staged, make_study, run

from hpsearch.errors import RecordError
from hpsearch.search.settings import Confirm
from hpsearch.study.events import Decided, Event, Finished, Noted, Started, Trained
from hpsearch.study.follow import Follower, Stop
from hpsearch.study.record import RunRecord
from hpsearch.study.runs import read_run
from hpsearch.study.study_spec import StudySpec
from hpsearch.trial import TrialRecord

Known = dict[tuple[int, int], TrialRecord]


def reading(study: StudySpec) -> Callable[[Path, RunRecord], StudySpec]:
    def read(_directory: Path, _run: RunRecord) -> StudySpec:
        return study

    return read


def known_from(events: Iterable[Event]) -> Known:
    """Return the trainings that somebody knows who heard these events."""
    known: Known = {}
    for event in events:
        match event:
            case Started(history=history):
                known = {record.trial.key: record for record in history.values()}
            case Decided() | Trained():
                known |= {record.trial.key: record for record in event.records}
                for number in event.gone if isinstance(event, Decided) else ():
                    del known[number, 0]
    return known


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudySpec, Path, list[Event]]:
    """A search in stages with rungs whose leaders were confirmed: its study, its directory, and what its loop told."""
    folder = tmp_path_factory.mktemp("staged")
    study = make_staged(folder)
    study = replace(study, search=replace(study.search, confirm=Confirm(2, 2)))
    listener = Listener()
    return study, run(study, folder / "runs", listen=listener), listener.events


def grown(directory: Path, copy: Path, follower: Follower) -> list[Event]:
    """Copy a run line by line, a look after each half of a line; return what was told."""
    copy.mkdir(exist_ok=True)
    shutil.copy(directory / "curves.jsonl", copy)
    events: list[Event] = []
    with (copy / "journal.jsonl").open("wb") as file:
        for line in (directory / "journal.jsonl").read_bytes().splitlines(keepends=True):
            file.write(line[: len(line) // 2])
            file.flush()
            assert follower.look() == []
            file.write(line[len(line) // 2 :])
            file.flush()
            events += follower.look()
    return events


def test_every_line_is_told_of_once_it_is_complete(staged: tuple[StudySpec, Path, list[Event]], tmp_path: Path) -> None:
    study, directory, told = staged
    events = grown(directory, tmp_path / "blobs-001", Follower(tmp_path / "blobs-001", reading(study)))
    assert known_from(events) == known_from(told)
    assert [type(event) for event in (events[0], events[-1])] == [Started, Finished]
    ours, theirs = events[0], told[0]
    assert isinstance(ours, Started)
    assert isinstance(theirs, Started)
    assert replace(ours, directory=theirs.directory, seconds=0.0) == theirs
    shares = [event.work_done for event in events if isinstance(event, Decided | Trained)]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_the_trainings_end_in_the_order_in_which_the_loop_told_it(
    staged: tuple[StudySpec, Path, list[Event]], tmp_path: Path
) -> None:
    study, directory, told = staged
    events = grown(directory, tmp_path / "blobs-001", Follower(tmp_path / "blobs-001", reading(study)))

    def ends(events: Iterable[Event]) -> list[set[tuple[int, int]]]:
        """Return the trainings that ended with each event that ended some."""
        seen: set[tuple[int, int]] = set()
        found = []
        for event in events:
            if isinstance(event, Decided | Trained):
                found.append({record.trial.key for record in event.records if record.status.ended} - seen)
                seen |= found[-1]
        return [keys for keys in found if keys]

    one_by_one = iter([key for keys in ends(events) for key in keys])
    assert [set(islice(one_by_one, len(keys))) for keys in ends(told)] == ends(told)
    assert not list(one_by_one)
    assert len(ends(told)) > 5


def test_a_run_that_is_over_is_told_of_at_once(staged: tuple[StudySpec, Path, list[Event]]) -> None:
    study, directory, told = staged
    follower = Follower(directory, reading(study))
    events = follower.look()
    assert [type(event) for event in events] == [Started, Trained, Finished]
    assert known_from(events) == known_from(told)
    assert (follower.is_finished, follower.driver, follower.stopped) == (True, None, None)
    assert follower.look() == []


def test_while_it_is_searched_the_process_that_does_so_is_known(tmp_path: Path) -> None:
    study = make_function_study("distance", trials=4)
    drivers: list[str | None] = []
    seconds: list[float] = []
    followers: dict[int, Follower] = {}

    def listen(event: Event) -> None:
        if isinstance(event, Started):
            begin = datetime.fromisoformat(read_run(event.directory).sessions[-1][0])
            followers[0] = Follower(event.directory, reading(study), lambda: begin + timedelta(seconds=90))
        drivers.append(followers[0].driver)
        seconds.extend(told.seconds for told in followers[0].look() if isinstance(told, Started))

    run(study, tmp_path / "runs", listen=listen)
    assert set(map(bool, drivers)) == {True}
    assert "process " in str(drivers[0])
    assert seconds == [90.0]
    assert followers[0].driver is None
    assert followers[0].is_finished


def test_why_a_command_ended_is_known_and_the_next_one_is_told_of_anew(tmp_path: Path) -> None:
    study = make_study(tmp_path)
    directory = interrupted(study, tmp_path / "runs", at=1)
    follower = Follower(directory, reading(study))
    first = follower.look()
    assert (follower.stopped, follower.is_finished) == (Stop("interrupted", 2), False)
    listener = Listener()
    run(study, tmp_path / "runs", listen=listener)
    second = follower.look()
    begin = second[0]
    assert isinstance(begin, Started)
    assert {number for number, record in begin.history.items() if record.status.ended} == {
        key[0] for key, record in known_from(first).items() if record.status.ended
    }
    assert 0 < begin.work_done < 1
    assert known_from(second) == known_from(listener.events)
    assert (follower.stopped, follower.is_finished) == (None, True)


def test_the_work_before_a_command_is_counted_in_the_plan_that_it_makes(tmp_path: Path) -> None:
    study = make_function_study("distance", trials=4)
    run(study, tmp_path / "runs")
    more, listener = replace(study, search=replace(study.search, trials=16)), Listener()
    directory = run(more, tmp_path / "runs", listen=listener)
    begins = [events[0] for events in (listener.events, Follower(directory, reading(more)).look())]
    assert [begin.work_done for begin in begins if isinstance(begin, Started)] == [0.25, 0.25]


def test_trials_that_the_end_of_the_search_gives_up_are_told_of(tmp_path: Path) -> None:
    study = make_function_study("distance", trials=30, target=0.2)
    listener = Listener()
    directory = run(study, tmp_path / "runs", listen=listener)
    copy = tmp_path / "copy-001"
    events = grown(directory, copy, Follower(copy, reading(study)))
    kept = {(number, 0) for number in read_run(directory).history}
    assert len(kept) < 30
    assert set(known_from(events)) == set(known_from(listener.events)) == kept


def test_a_run_that_has_no_plan_yet_has_nothing_to_tell(staged: tuple[StudySpec, Path, list[Event]], tmp_path: Path) -> None:
    first, *_ = (staged[1] / "journal.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "journal.jsonl").write_text(first)
    follower = Follower(tmp_path, reading(staged[0]))
    assert follower.look() == []
    assert not follower.has_begun


def test_a_line_that_is_no_record_is_noted_and_passed_over(
    staged: tuple[StudySpec, Path, list[Event]], tmp_path: Path
) -> None:
    for name in ("journal.jsonl", "curves.jsonl"):
        shutil.copy(staged[1] / name, tmp_path)
    with (tmp_path / "journal.jsonl").open("a") as file:
        file.write("no record\n")
    follower = Follower(tmp_path, reading(staged[0]))
    begin, *_ = follower.look()
    assert isinstance(begin, Started)
    number = len((tmp_path / "journal.jsonl").read_text().splitlines())
    assert begin.notes == (f"journal.jsonl:{number}: not a record; skipped",)


def test_a_line_that_is_no_record_is_noted_once_when_it_comes_and_not_again(
    staged: tuple[StudySpec, Path, list[Event]], tmp_path: Path
) -> None:
    for name in ("journal.jsonl", "curves.jsonl"):
        shutil.copy(staged[1] / name, tmp_path)
    journal = tmp_path / "journal.jsonl"
    follower = Follower(tmp_path, reading(staged[0]))
    follower.look()
    with journal.open("a") as file:
        file.write("no record\n")
    number = len(journal.read_text().splitlines())
    assert follower.look() == [Noted(f"journal.jsonl:{number}: not a record; skipped")]
    assert follower.look() == []
    adding({"v": 1, "type": "session", "at": "2026-11-21T10:00:00+00:00", "jobs": 1})(journal)
    begins, *_ = follower.look()
    assert isinstance(begins, Started)
    assert begins.notes == ()


def adding(record: dict[str, object]) -> Callable[[Path], None]:
    def add(path: Path) -> None:
        with path.open("a") as file:
            file.write(json.dumps(record) + "\n")

    return add


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:100]), "it lost lines while it was read"),
        (lambda path: Path(shutil.copy(path, path.with_suffix(".copy"))).rename(path), "it was replaced while it was read"),
        (lambda path: path.unlink(), "it was deleted while it was read"),
        (adding({"v": 2, "type": "block"}), "format version 2"),
        (adding({"v": 1, "type": "plan"}), "a plan without stages"),
    ],
)
def test_a_record_that_is_damaged_meanwhile_is_refused(
    damage: Callable[[Path], object], told: str, staged: tuple[StudySpec, Path, list[Event]], tmp_path: Path
) -> None:
    for name in ("journal.jsonl", "curves.jsonl"):
        shutil.copy(staged[1] / name, tmp_path)
    follower = Follower(tmp_path, reading(staged[0]))
    follower.look()
    damage(tmp_path / "journal.jsonl")
    with pytest.raises(RecordError, match=told):
        follower.look()
