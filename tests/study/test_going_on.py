"""Which run a search goes on with: the record decides, and the rules that are asked for now."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from studies import best, interrupted, journal, make_function_study, make_staged, run, table, tasks_of

from hpsearch.errors import UsageError
from hpsearch.search.settings import Confirm, Method
from hpsearch.study import loop
from hpsearch.study.events import Event, Trained
from hpsearch.study.going_on import GoingOn, runs_to_go_on_with
from hpsearch.study.outlook import outlook
from hpsearch.study.record import RunRecord
from hpsearch.study.runs import read_run
from hpsearch.study.session import confirm_study
from hpsearch.study.study_spec import StudySpec
from hpsearch.study.subject import Subject, subject_of
from hpsearch.trial import Status


class Clock:
    """The loop's clock: it jumps a million seconds ahead when so many trainings have come back."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, jumps_after: int) -> None:
        self._left, self._seconds = jumps_after, 0.0
        monkeypatch.setattr(loop, "time", self)

    def monotonic(self) -> float:
        return self._seconds

    def __call__(self, event: Event) -> None:
        self._left -= isinstance(event, Trained)
        if not self._left:
            self._seconds = 1e6


def of_trials(trials: int, method: Method = "random", **search: Any) -> StudySpec:
    return make_function_study("distance", trials, method=method, **search)


def called(name: str, trials: int) -> StudySpec:
    return replace(of_trials(trials), name=name)


def found(study: StudySpec, runs: Path, **facts: object) -> GoingOn:
    subject = subject_of(study)
    return runs_to_go_on_with(replace(subject, facts={**subject.facts, **facts}), runs)


def edit_start(directory: Path, **facts: object) -> None:
    """Write other facts into the start record of a run."""
    first, *rest = (directory / "journal.jsonl").read_text().splitlines(keepends=True)
    (directory / "journal.jsonl").write_text("".join([json.dumps({**json.loads(first), **facts}) + "\n", *rest]))


class TestWhichRun:
    def test_unfinished_runs_come_before_finished_ones(self, tmp_path: Path) -> None:
        run(of_trials(3), tmp_path)
        unfinished = interrupted(of_trials(4), tmp_path, at=1)
        assert list(found(of_trials(4), tmp_path).runs) == [unfinished]
        assert found(of_trials(4), tmp_path).runs[unfinished] == read_run(unfinished)

    def test_a_finished_run_goes_on_or_is_shown(self, tmp_path: Path) -> None:
        directory = run(of_trials(3), tmp_path)
        for trials in (2, 3, 4, 90):
            assert list(found(of_trials(trials), tmp_path).runs) == [directory]
        assert found(of_trials(90), tmp_path, sha256="other").runs == {}

    def test_of_finished_runs_the_latest_of_the_same_name_goes_on_whatever_they_are_called(self, tmp_path: Path) -> None:
        names = ["zebra", "blobs", "zebra"]
        runs = [run(called(name, 5), tmp_path / "made" / str(at)) for at, name in enumerate(names)]
        for at, directory in enumerate(runs):
            (tmp_path / "runs").mkdir(exist_ok=True)
            directory = directory.rename(tmp_path / "runs" / f"{names[at]}-00{at}")
            edit_start(directory, at=f"2026-11-21T10:0{3 - at}:00+00:00")
        assert [path.name for path in found(of_trials(9), tmp_path / "runs").runs] == ["blobs-001"]
        assert [path.name for path in found(called("zebra", 9), tmp_path / "runs").runs] == ["zebra-000"]
        assert [path.name for path in found(called("another", 9), tmp_path / "runs").runs] == ["zebra-000"]

    def test_one_that_can_grow_comes_before_a_later_one_that_has_its_trials(self, tmp_path: Path) -> None:
        small, large = run(of_trials(3), tmp_path / "a"), run(of_trials(5), tmp_path / "b")
        large.rename(tmp_path / "a" / "blobs-002")
        assert list(found(of_trials(4), tmp_path / "a").runs) == [small]

    def test_a_finished_grid_goes_on_with_no_more_trials(self, tmp_path: Path) -> None:
        directory = run(of_trials(4, "grid"), tmp_path)
        told = f"{directory} has 4 trials; so many more are another search"
        assert found(of_trials(9, "grid"), tmp_path) == GoingOn({}, (told,))

    @pytest.mark.parametrize("of_function", [True, False])
    def test_the_same_study_with_other_data_is_told_and_not_gone_on_with(self, of_function: bool, tmp_path: Path) -> None:
        study = of_trials(4) if of_function else make_staged(tmp_path)
        directory = interrupted(study, tmp_path / "runs", at=1)
        what = "source, or what that uses," if of_function else "data"
        told = f"a new run, not {directory}, which is unfinished: its {what} has changed since"
        assert found(study, tmp_path / "runs", sha256="other") == GoingOn({}, (), told)

    @pytest.mark.parametrize("first", ['{"v": 1, "identity": "ab', "", "[]", '{"data": 5}', "[" * 100_000, "\udcff"])
    def test_a_run_without_its_start_is_passed_over_with_a_note(self, first: str, tmp_path: Path) -> None:
        (tmp_path / "a-001").mkdir()
        (tmp_path / "a-001" / "journal.jsonl").write_text(first, errors="surrogateescape")
        told = f"{tmp_path / 'a-001'} was passed over: its journal does not begin with a start record"
        assert found(of_trials(4), tmp_path) == GoingOn({}, (told,))

    def test_a_run_that_cannot_be_read_is_passed_over_with_a_note(self, tmp_path: Path) -> None:
        (tmp_path / "a-001" / "journal.jsonl").mkdir(parents=True)
        damaged = interrupted(of_trials(4), tmp_path, at=1)
        with (damaged / "journal.jsonl").open("a") as file:
            file.write('{"v": 1, "type": "block", "trial": 99}\n')
        passed_over = found(of_trials(4), tmp_path)
        assert not passed_over.runs
        assert passed_over.notes[0] == f"{tmp_path / 'a-001'} was passed over: Is a directory"
        assert "blobs-001/journal.jsonl: a record lacks what it should hold" in passed_over.notes[1]


class TestARuleIsRelaxed:
    """A search that a rule ended goes on where it holds no more, to what it would have been without it."""

    @pytest.mark.parametrize("method", ["random", "sobol", "grid", "coarse-to-fine"])
    @pytest.mark.parametrize("rule", [{"target": 0.5}, {"plateau": 2}])
    def test_of_a_target_or_a_plateau(self, rule: dict[str, Any], method: Method, tmp_path: Path) -> None:
        whole = run(of_trials(16, method), tmp_path / "whole")
        directory = run(of_trials(16, method, **rule), tmp_path / "runs")
        assert read_run(directory).is_cut_short
        assert len(table(directory)) < 16
        assert run(of_trials(16, method), tmp_path / "runs", jobs=2) == directory
        assert (table(directory), best(directory)) == (table(whole), best(whole))
        assert len(journal(directory, "plan")) == 1

    def test_the_same_command_again_trains_nothing_while_the_rule_holds(self, tmp_path: Path) -> None:
        study = of_trials(12, target=0.5)
        directory = run(study, tmp_path)
        count = len(table(directory))
        for still in (study, of_trials(12, target=0.6)):
            assert run(still, tmp_path) == directory
            assert len(table(directory)) == count
        assert list(found(of_trials(12, target=1e-9), tmp_path).runs) == [directory]

    @pytest.mark.parametrize("at", [3, 8, 12])
    def test_trials_that_the_clock_stopped_are_trained_on(
        self, at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        confirm = Confirm(leaders=2, seeds=1)
        whole = run(make_staged(tmp_path, confirm=confirm), tmp_path / "whole")
        clock = Clock(monkeypatch, at)
        with tasks_of(seconds=-1):
            directory = run(make_staged(tmp_path, confirm=confirm, hours=1), tmp_path / "runs", listen=clock)
        assert any(record.reason == "the 1 h are over" for record in read_run(directory).history.values())
        assert run(make_staged(tmp_path, confirm=confirm, hours=900), tmp_path / "runs") == directory
        assert not journal(directory, "again")
        assert (table(directory), best(directory)) == (table(whole), best(whole))
        assert read_run(directory).confirmation == read_run(whole).confirmation
        assert [fact["reason"] for fact in journal(directory, "end")] == ["the 1 h are over", "all trials are finished"]

    def test_hours_that_are_spent_are_over_however_they_are_put(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run(of_trials(12, hours=1), tmp_path, listen=Clock(monkeypatch, 2))
        monkeypatch.setattr(RunRecord, "seconds", 3600.0)
        for hours, is_over in [(0.5, True), (1, True), (2, False)]:
            assert outlook(subject_of(of_trials(12, hours=hours)), tmp_path).is_over == is_over

    @pytest.mark.parametrize("hours", [1, 9])
    def test_of_a_run_whose_confirmation_was_cut_off_only_a_changed_rule_takes_the_end_back(
        self, hours: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def late(event: Event) -> None:
            clock(event)
            if read_run(tmp_path / "runs" / "blobs-001").ended:
                raise KeyboardInterrupt

        clock = Clock(monkeypatch, 9)
        confirm = Confirm(leaders=1, seeds=1)
        with tasks_of(seconds=-1), pytest.raises(KeyboardInterrupt):
            run(make_staged(tmp_path, confirm=confirm, hours=1), tmp_path / "runs", listen=late)
        Clock(monkeypatch, -1)
        directory = run(make_staged(tmp_path, confirm=confirm, hours=hours), tmp_path / "runs")
        stopped = [r for r in read_run(directory).history.values() if r.reason == "the 1 h are over"]
        assert bool(stopped) == (hours == 1)
        assert len(journal(directory, "reopen")) == (hours == 9)

    def test_an_interruption_of_what_goes_on_changes_nothing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        whole = run(make_staged(tmp_path), tmp_path / "whole")
        with tasks_of(seconds=-1):
            directory = run(make_staged(tmp_path, hours=1), tmp_path / "runs", listen=Clock(monkeypatch, 8))
            for at in (1, 4):
                assert interrupted(make_staged(tmp_path, hours=900), tmp_path / "runs", at=at) == directory
        assert run(make_staged(tmp_path, hours=900), tmp_path / "runs") == directory
        assert (table(directory), best(directory)) == (table(whole), best(whole))
        assert len(journal(directory, "reopen")) == 1
        assert all(record.status is not Status.WAITING for record in read_run(directory).history.values())


class TestLargerConfirmation:
    def test_more_trials_are_confirmed_with_as_many_leaders_and_seeds_as_before(self, tmp_path: Path) -> None:
        study = make_staged(tmp_path, confirm=Confirm(leaders=1, seeds=1))
        directory = run(study, tmp_path / "runs")
        confirm_study(subject_of(study), directory, 1, 2, 3)
        more = replace(study, search=replace(study.search, trials=18))
        assert interrupted(more, tmp_path / "runs", at=2) == directory
        assert run(more, tmp_path / "runs") == directory
        retraining = read_run(directory).retrainings[-1]
        assert (len(retraining.trials), retraining.seeds) == (2, 3)


class TestRefusedBeforeAnythingIsMade:
    def test_a_search_that_cannot_be_planned_leaves_no_run_and_uses_no_number(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object) -> None:
            raise UsageError("the method sobol needs SciPy")

        with monkeypatch.context() as patched:
            patched.setattr(Subject, "search", refuse)
            with pytest.raises(UsageError, match="needs SciPy"):
                run(of_trials(4), tmp_path)
        assert not list(tmp_path.glob("*/journal.jsonl"))
        assert run(of_trials(4), tmp_path).name == "blobs-001"
