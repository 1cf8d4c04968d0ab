"""What ends a search before its last trial: a target, a plateau, the clock."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from studies import best, interrupted, journal, make_function_study, make_staged, make_study, run, states, table, tasks_of

from hpsearch.objectives.network_objective import NetworkObjective
from hpsearch.search.settings import Confirm, EarlyStopping
from hpsearch.space.parameters import Choice
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.study import dispatch, loop
from hpsearch.study.events import Event, Trained
from hpsearch.study.record import RunRecord
from hpsearch.study.runs import read_run
from hpsearch.trial import Status

TRIALS = 12


@pytest.fixture
def backwards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Results arrive in the order that is the reverse of the usual one."""

    monkeypatch.setattr(loop, "cut", lambda *arguments: dispatch.cut(*arguments)[::-1])


@pytest.fixture
def values(tmp_path: Path) -> list[float]:
    """What the twelve random trials give that all the searches below begin with."""
    return [float(row["value"]) for row in table(run(make_function_study("distance", TRIALS), tmp_path / "all"))]


def clock(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let the loop's clock go so many seconds further whenever it is read."""
    times = itertools.count(0.0, seconds)
    monkeypatch.setattr(loop, "time", SimpleNamespace(monotonic=lambda: next(times)))


class TestTarget:
    def test_the_first_trial_that_is_good_enough_is_the_last(self, values: list[float], tmp_path: Path) -> None:
        target = min(values[:8])
        ends = next(number for number, value in enumerate(values) if value <= target)
        assert 0 < ends < TRIALS - 1
        directory = run(make_function_study("distance", TRIALS, target=target), tmp_path / "one")
        assert [float(row["value"]) for row in table(directory)] == values[: ends + 1]
        assert (best(directory)["trial"], best(directory)["value"]) == (ends, values[ends])
        (end,) = journal(directory, "end")
        assert (end["reason"], end["keep"]) == ("the target is reached", ends + 1)
        assert read_run(directory).finished == "the target is reached"

    def test_the_same_trials_are_kept_by_two_workers_and_the_others_leave_nothing(self, tmp_path: Path) -> None:
        study = make_study(tmp_path, TRIALS)
        values = [float(row["value"]) for row in table(run(study, tmp_path / "all"))]
        study = replace(study, search=replace(study.search, target=min(values[:5])))
        alone = run(study, tmp_path / "alone")
        together = run(study, tmp_path / "together", jobs=2)
        assert len(table(alone)) < TRIALS
        assert table(together) == table(alone)
        assert best(together) == best(alone)
        kept = {record.checkpoint for record in read_run(together).history.values()}
        assert best(together)["trial"] in {
            record.number for record in read_run(together).history.values() if record.checkpoint in states(together)
        }
        assert states(together) <= kept

    @pytest.mark.usefixtures("backwards")
    def test_the_order_in_which_results_arrive_makes_no_difference(self, values: list[float], tmp_path: Path) -> None:
        target = min(values[:8])
        ends = next(number for number, value in enumerate(values) if value <= target)
        directory = run(make_function_study("distance", TRIALS, target=target), tmp_path / "backwards")
        assert len(journal(directory, "block")) > ends + 1
        assert [float(row["value"]) for row in table(directory)] == values[: ends + 1]
        assert read_run(directory).history.keys() == set(range(ends + 1))
        assert {name[:11] for name in states(directory)} <= {f"trial-{number:05d}" for number in range(ends + 1)}

    def test_in_stages_a_stage_is_finished_first(self, tmp_path: Path) -> None:
        everything = table(run(make_staged(tmp_path), tmp_path / "all"))
        target = min(float(row["value"]) for row in everything[:6] if row["status"] == "complete")
        for jobs in (1, 2):
            directory = run(make_staged(tmp_path, target=target), tmp_path / f"jobs-{jobs}", jobs)
            assert table(directory) == everything[:6]
            (end,) = journal(directory, "end")
            assert (end["reason"], end["keep"], "stopped" in end) == ("the target is reached", 6, False)

    def test_a_stopped_trial_reaches_no_target(self, tmp_path: Path) -> None:
        """The values of `worsening` are below 1 after the first epoch only."""
        study = make_function_study("worsening", 6, epochs=9, early_stopping=EarlyStopping(), target=1.0)
        assert read_run(run(study, tmp_path)).finished == "all trials are finished"

    def test_a_metric_that_is_better_when_higher_has_its_target_as_it_is_shown(self, tmp_path: Path) -> None:
        study = replace(make_staged(tmp_path, target=0.5), metric="validation_accuracy")
        directory = run(study, tmp_path / "runs")
        assert read_run(directory).finished == "the target is reached"
        assert best(directory)["value"] <= 0.5


class TestPlateau:
    @pytest.mark.parametrize("patience", [1, 2, 4])
    def test_so_many_trials_in_a_row_without_a_better_one_are_enough(
        self, patience: int, values: list[float], tmp_path: Path
    ) -> None:
        ends = next(n for n in range(patience, TRIALS) if min(values[: n - patience + 1]) <= min(values[: n + 1]))
        assert ends < TRIALS - 1
        study = make_function_study("distance", TRIALS, plateau=patience)
        for jobs in (1, 2):
            directory = run(study, tmp_path / f"jobs-{jobs}", jobs)
            assert [float(row["value"]) for row in table(directory)] == values[: ends + 1]
            assert read_run(directory).finished == f"no better trial among the last {patience}"

    @pytest.mark.usefixtures("backwards")
    def test_the_order_in_which_results_arrive_makes_no_difference(self, values: list[float], tmp_path: Path) -> None:
        ends = next(n for n in range(2, TRIALS) if min(values[: n - 1]) <= min(values[: n + 1]))
        directory = run(make_function_study("distance", TRIALS, plateau=2), tmp_path / "backwards")
        assert [float(row["value"]) for row in table(directory)] == values[: ends + 1]


class TestHours:
    def test_when_the_time_is_over_waiting_trials_are_stopped_and_the_best_complete_one_wins(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        everything = table(run(make_staged(tmp_path), tmp_path / "all"))
        clock(monkeypatch, 100)
        with tasks_of(seconds=-1):
            directory = run(make_staged(tmp_path, hours=1), tmp_path / "runs")
        record = read_run(directory)
        assert record.ended == record.finished == "the 1 h are over"
        stopped = [r for r in record.history.values() if r.reason == "the 1 h are over"]
        assert stopped
        assert all(r.status is Status.STOPPED and r.until_epoch == r.epochs_done for r in stopped)
        assert all(r.status.ended for r in record.history.values())
        untouched = [n for n in record.history if record.history[n] not in stopped]
        assert [table(directory)[n] for n in untouched] == [everything[n] for n in untouched]
        assert record.winner is not None
        assert record.winner.status is Status.COMPLETE
        assert best(directory)["trial"] == record.winner.number
        assert (directory / "models" / "model.npz").exists()
        assert run(make_staged(tmp_path), tmp_path / "runs", new=True) != directory

    def test_what_was_not_begun_when_the_time_was_over_can_still_be_trained(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """In a random search all trials are started at once."""
        everything = table(run(make_function_study("distance", TRIALS), tmp_path / "all"))
        now = SimpleNamespace(seconds=0.0)
        monkeypatch.setattr(loop, "time", SimpleNamespace(monotonic=lambda: now.seconds))

        def late(event: Event) -> None:
            if isinstance(event, Trained) and len(event.records) and event.records[-1].number == 2:
                now.seconds = 1e9

        directory = run(make_function_study("distance", TRIALS, hours=1), tmp_path / "runs", listen=late)
        assert [row["status"] for row in table(directory)] == ["complete"] * 3
        now.seconds = 0.0
        monkeypatch.setattr(RunRecord, "seconds", 0.0)
        assert run(make_function_study("distance", TRIALS + 1, hours=1), tmp_path / "runs") == directory
        assert table(directory)[:TRIALS] == everything

    def test_a_stop_by_the_clock_is_on_record_and_not_made_again(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The command ends while the winner is about to be scored; the clock of the next one begins anew."""
        clock(monkeypatch, 100)
        assess = NetworkObjective.assess
        monkeypatch.setattr(NetworkObjective, "assess", lambda *_: 1 / 0)
        with tasks_of(seconds=-1), pytest.raises(ZeroDivisionError):
            run(make_staged(tmp_path, hours=1), tmp_path / "runs")
        before = read_run(tmp_path / "runs" / "blobs-001")
        assert (before.ended, before.finished) == ("the 1 h are over", "")
        clock(monkeypatch, 0)
        monkeypatch.setattr(NetworkObjective, "assess", assess)
        directory = run(make_staged(tmp_path, hours=1), tmp_path / "runs")
        assert read_run(directory).history == before.history
        assert len(journal(directory, "end")) == 1
        assert read_run(directory).finished == "the 1 h are over"

    def test_stopped_by_the_clock_a_trial_whose_curves_are_lost_is_trained_no_further(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clock(monkeypatch, 100)
        with tasks_of(seconds=-1):
            directory = run(make_staged(tmp_path, hours=1), tmp_path / "runs")
        before = table(directory)
        (directory / "curves.jsonl").unlink()
        clock(monkeypatch, 0)
        assert run(make_staged(tmp_path, trials=18, hours=1), tmp_path / "runs") == directory
        assert table(directory)[: len(before)] == before
        assert len(table(directory)) == 18

    def test_the_time_of_earlier_commands_counts(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        directory = interrupted(make_staged(tmp_path), tmp_path / "runs", at=2)
        monkeypatch.setattr(RunRecord, "seconds", 3 * 3600.0)
        assert run(make_staged(tmp_path, hours=3), tmp_path / "runs") == directory
        record = read_run(directory)
        assert record.finished == "the 3 h are over"
        assert (record.winner, len(record.history)) == (None, 6)

    def test_a_search_that_has_just_finished_ended_by_itself(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The time is over when the last result is on record."""
        now = SimpleNamespace(seconds=0.0)
        monkeypatch.setattr(loop, "time", SimpleNamespace(monotonic=lambda: now.seconds))

        def late(event: Event) -> None:
            if isinstance(event, Trained) and event.work_done == 1.0:
                now.seconds = 1e9

        directory = run(make_function_study("distance", TRIALS, hours=1), tmp_path / "runs", listen=late)
        assert now.seconds == 1e9
        assert read_run(directory).finished == "all trials are finished"

    def test_before_anything_is_trained_the_run_ends_without_a_winner(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clock(monkeypatch, 1e9)
        directory = run(make_staged(tmp_path, hours=1, confirm=Confirm(leaders=2)), tmp_path / "runs")
        assert table(directory) == []
        assert not (directory / "best.json").exists()
        assert [fact["type"] for fact in journal(directory)] == ["start", "session", "plan", "end", "finish"]


def test_a_space_with_fewer_combinations_than_trials_ends_when_all_were_tried(tmp_path: Path) -> None:
    study = make_function_study("distance", TRIALS)
    study = replace(study, space=SearchSpace({"x": Entry(Choice([0.1, 0.2, 0.4]))}))
    directory = run(study, tmp_path / "runs")
    assert sorted(row["x"] for row in table(directory)) == ["0.1", "0.2", "0.4"]
    assert read_run(directory).finished == "every combination of values has been tried"
    longer = replace(study, search=replace(study.search, trials=40))
    assert run(longer, tmp_path / "runs") == directory
    assert len(table(directory)) == 3


class TestFailures:
    @pytest.mark.parametrize("jobs", [1, 2])
    def test_a_search_whose_first_five_trials_fail_alike_ends_and_says_why(self, jobs: int, tmp_path: Path) -> None:
        directory = run(make_function_study("broken", 40), tmp_path, jobs)
        assert [row["status"] for row in table(directory)] == ["failed"] * 5
        told = "the first 5 trials all failed alike: FileNotFoundError: rows.csv"
        assert read_run(directory).finished == told
        assert run(make_function_study("broken", 40), tmp_path, jobs) == directory  # the reason still holds

    def test_in_stages_it_ends_with_the_first(self, tmp_path: Path) -> None:
        directory = run(make_function_study("broken", 40, method="coarse-to-fine"), tmp_path)
        assert [row["stage"] for row in table(directory)] == ["0"] * 8

    def test_failures_with_reasons_of_their_own_stop_nothing(self, tmp_path: Path) -> None:
        directory = run(make_function_study("broken_below", 40), tmp_path)
        assert len(table(directory)) == 40
        assert {row["status"] for row in table(directory)} == {"failed", "complete"}
