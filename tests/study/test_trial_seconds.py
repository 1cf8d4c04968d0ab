"""A limit to how long a trial trains. Time is counted in looks at the clock: one at each epoch's end."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from studies import Listener, interrupted, journal, make_function_study, make_study, run, table

from hpsearch.errors import CheckFailed
from hpsearch.search.settings import EarlyStopping
from hpsearch.space.parameters import Choice, Real
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.study import dispatch
from hpsearch.study.events import Decided, Noted
from hpsearch.study.record import RunRecord
from hpsearch.study.runs import read_run
from hpsearch.study.study_spec import StudySpec
from hpsearch.trial import Status

ALIKE = SearchSpace({"learning_rate": Entry(Real(1e-3, 0.1, "log"))})
"""Networks that train side by side: of four trials two in each of two tasks."""


@pytest.fixture(autouse=True)
def _one_second_a_look(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = itertools.count()
    monkeypatch.setattr(dispatch, "time", SimpleNamespace(monotonic=lambda: float(next(seconds))))


def limited(study: StudySpec, seconds: float) -> StudySpec:
    return replace(study, search=replace(study.search, trial_seconds=seconds))


def statuses(run: RunRecord) -> list[str]:
    return [record.status.value for record in run.history.values()]


class TestANetwork:
    def test_that_took_too_long_in_company_begins_again_alone_and_ends_there_on_record(self, tmp_path: Path) -> None:
        study, listener = limited(make_study(tmp_path, 4, ALIKE), 0.9), Listener()
        directory = run(study, tmp_path / "runs", 1, listener)
        assert [line["trials"] for line in journal(directory, "alone")] == [[0, 1, 2, 3]]
        found = read_run(directory)
        assert statuses(found) == ["timeout"] * 4
        for record in found.history.values():
            assert record.epochs_done == 1
            assert record.alone
            assert not record.shared
            assert record.reason == "it trained for longer than search.trial_seconds: 0.9"
        notes = [event.text for event in listener.events if isinstance(event, Noted)]
        assert notes == ["trials 0, 1, 2, 3 took over 0.9 s in company, so they begin again alone"]

    def test_that_was_slow_for_its_company_comes_to_what_it_would_have(self, tmp_path: Path) -> None:
        # Three epochs of two networks are four looks, two for each; alone each has three before the limit is asked.
        directory = run(limited(make_study(tmp_path, 4, ALIKE), 1.4), tmp_path / "runs")
        assert journal(directory, "alone") == []
        assert table(directory) == table(run(make_study(tmp_path, 4, ALIKE), tmp_path / "unlimited"))

    def test_that_is_late_leaves_the_states_of_its_company_alone(self, tmp_path: Path) -> None:
        # One that takes nearly all the time of its task, and whose number is the task's.
        sizes = SearchSpace({"hidden_units": Entry(Choice([4, 400])), **ALIKE.entries})
        study = make_study(tmp_path, 3, sizes, epochs=9)
        first = {"hidden_units": 400, "learning_rate": 0.01}
        study = replace(study, seed=2, search=replace(study.search, start=(first,)))
        directory = run(limited(study, 5.0), tmp_path / "runs")
        found, whole = read_run(directory), read_run(run(study, tmp_path / "unlimited"))
        assert journal(directory, "alone")
        assert journal(directory, "again") == []
        assert {"complete", "timeout"} == set(statuses(found))
        for number, record in found.history.items():
            assert record.values == whole.history[number].values[: record.epochs_done]

    def test_that_has_come_to_its_last_epoch_is_complete_however_long_it_took(self, tmp_path: Path) -> None:
        directory = run(limited(make_study(tmp_path, 1, epochs=1), 0.001), tmp_path / "runs")
        assert statuses(read_run(directory)) == ["complete"]

    def test_trains_until_the_end_of_the_epoch_in_which_its_time_is_over(self, tmp_path: Path) -> None:
        directory = run(limited(make_study(tmp_path, 1, epochs=9), 3.5), tmp_path / "runs")
        (record,) = read_run(directory).history.values()
        assert (record.status, record.epochs_done) == (Status.TIMEOUT, 4)


def test_what_the_clock_decided_is_not_decided_again(tmp_path: Path) -> None:
    study = limited(make_study(tmp_path, 4, ALIKE), 0.9)
    directory = interrupted(study, tmp_path / "runs", 2, kind=Decided)  # after the one that begins the stage
    assert {record.alone for record in read_run(directory).history.values()} == {True}
    assert run(study, tmp_path / "runs") == directory
    assert len(journal(directory, "alone")) == 1
    assert {line["epochs"] for line in table(directory)} == {"1"}
    more = replace(study.search, trials=6, trial_seconds=None)
    assert run(replace(study, search=more), tmp_path / "runs") == directory
    assert statuses(read_run(directory)) == ["timeout"] * 4 + ["complete"] * 2


def test_a_trial_whose_time_was_over_is_trained_again_no_further_when_its_curves_are_lost(tmp_path: Path) -> None:
    directory = run(limited(make_study(tmp_path, 2, epochs=9), 2), tmp_path / "runs")
    before, curves = table(directory), directory / "curves.jsonl"
    assert {line["status"] for line in before} == {"timeout"}
    curves.write_text("\n".join(["garbage", *curves.read_text().splitlines()[1:], ""]))
    assert run(make_study(tmp_path, 2, epochs=9), tmp_path / "runs") == directory
    assert len(journal(directory, "again")) == 1
    assert table(directory) == before
    assert read_run(directory).by_the_clock == {"timeout": 2}


def test_the_winner_and_its_retrainings_have_the_time_that_they_need(tmp_path: Path) -> None:
    study = make_study(tmp_path, 4, ALIKE)
    before = read_run(run(study, tmp_path / "runs"))
    assert before.winner is not None
    confirmed = replace(study.search, trials=5, confirm=replace(study.search.confirm, leaders=2))
    directory = run(limited(replace(study, search=confirmed), 0.1), tmp_path / "runs")
    found = read_run(directory)
    assert statuses(found) == ["complete"] * 4 + ["timeout"]
    assert {record.status for record in found.repetitions.values()} == {Status.COMPLETE}


class TestAFunction:
    def test_that_yields_is_ended_between_two_epochs(self, tmp_path: Path) -> None:
        directory = run(limited(make_function_study("improving", trials=3, epochs=9), 2), tmp_path / "runs")
        found = read_run(directory)
        assert statuses(found) == ["timeout"] * 3
        assert {record.epochs_done for record in found.history.values()} == {3}
        assert journal(directory, "alone") == []

    def test_that_is_promoted_is_not_charged_for_the_epochs_that_it_repeats(self, tmp_path: Path) -> None:
        # Nine epochs in one call are ten looks; one, three and nine in three calls would be sixteen.
        halved = make_function_study("improving", trials=3, epochs=9, early_stopping=EarlyStopping())
        found = read_run(run(limited(halved, 9.5), tmp_path / "runs"))
        assert sorted(statuses(found)) == ["complete", "stopped", "stopped"]

    def test_without_a_limit_is_not_sent_back_on_its_way(self, tmp_path: Path) -> None:
        directory = run(make_function_study("improving", trials=3, epochs=9), tmp_path / "runs")
        assert {block["to"] - block["from"] for block in journal(directory, "block")} == {9}


class TestFailFast:
    def test_ends_at_the_first_failure_and_the_same_study_goes_on_without_it(self, tmp_path: Path) -> None:
        study = make_function_study("broken_below", trials=8)
        for _ in range(2):
            with pytest.raises(CheckFailed, match=r"trial \d failed: ValueError: .* is too small$"):
                run(study, tmp_path / "runs", fail_fast=True)
        (directory,) = (tmp_path / "runs").glob("blobs-*")
        assert statuses(read_run(directory)).count("failed") == 1
        assert "is too small" in journal(directory, "stop")[-1]["reason"]
        assert run(study, tmp_path / "runs") == directory
        assert table(directory) == table(run(study, tmp_path / "straight"))

    def test_lets_trials_diverge(self, tmp_path: Path) -> None:
        directory = run(make_function_study("undefined_below", trials=6), tmp_path / "runs", fail_fast=True)
        assert {"diverged", "complete"} == set(statuses(read_run(directory)))
