"""The honest number: what is made of retrainings, and that the loop makes the right ones."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from studies import Listener, best, interrupted, journal, make_study, run, states, table, tasks_of

from hpsearch.errors import Interrupted, UsageError
from hpsearch.objectives.network_objective import NetworkObjective
from hpsearch.search.settings import Confirm, SearchSettings
from hpsearch.seeds import Streams
from hpsearch.space.parameters import Choice
from hpsearch.study.confirmation import Confirmation, confirmation
from hpsearch.study.events import Started, Trained
from hpsearch.study.record import RunRecord
from hpsearch.study.runs import read_run
from hpsearch.study.session import confirm_study
from hpsearch.study.study_spec import StudySpec
from hpsearch.study.subject import subject_of
from hpsearch.trial import Outcome, Status, Trial, TrialRecord, Value, leaders

TRIALS = 8


def record(number: int, value: float, repetition: int = 0, status: Status = Status.COMPLETE, size: int = 10) -> TrialRecord:
    return TrialRecord(Trial(number, 0, (), {}, repetition=repetition), 9, status, values=(value,), size=size)


def confirmed(picked: Sequence[float], fresh: Sequence[Sequence[float]], sizes: Sequence[int] = ()) -> Confirmation:
    """Return the confirmation of leaders 10, 11, ... with the values that they were picked for, and their fresh ones."""
    best_ones = [record(10 + n, value, size=sizes[n] if sizes else 10) for n, value in enumerate(picked)]
    trainings = [record(10 + n, value, r) for n, values in enumerate(fresh) for r, value in enumerate(values, 1)]
    return confirmation(best_ones, trainings[::-1])


class TestWhatIsMadeOfThem:
    def test_the_winner_has_the_best_mean_of_all_its_values_the_searchs_own_included(self) -> None:
        made = confirmed([0.10, 0.14], [[0.20, 0.30], [0.22, 0.24]])
        assert [leader.judged for leader in made.leaders] == pytest.approx([0.2, 0.2])
        assert made.winner.trial == 10
        assert confirmed([0.10, 0.13], [[0.20, 0.30], [0.22, 0.24]]).winner.trial == 11

    def test_mean_standard_error_and_number_are_those_of_the_fresh_values(self) -> None:
        leader = confirmed([0.10], [[0.20, 0.30, 0.40]]).winner
        assert leader.fresh == (0.20, 0.30, 0.40)
        assert leader.mean == pytest.approx(0.30)
        assert leader.error == pytest.approx(0.1 / math.sqrt(3))

    def test_values_that_are_all_equal_have_no_error(self) -> None:
        assert confirmed([0.11], [[0.11] * 10]).winner.error == 0
        assert confirmed([0.3], [[0.05] * 3]).winner.error == 0

    def test_the_optimism_is_that_of_the_first_pick_whoever_wins(self) -> None:
        made = confirmed([0.069, 0.080], [[0.100, 0.102], [0.070, 0.070]])
        assert made.winner.trial == 11
        assert made.optimism == pytest.approx(0.101 - 0.069)

    def test_leaders_are_alike_when_their_differences_seed_by_seed_are(self) -> None:
        """The seeds move both by the same: 10 and 11 differ by 0.01 in each, 12 sometimes is better and sometimes worse."""
        made = confirmed(
            [0.10, 0.11, 0.12],
            [[0.10, 0.30, 0.50], [0.111, 0.310, 0.511], [0.09, 0.33, 0.49]],
        )
        assert made.winner.trial == 10
        assert [leader.trial for leader in made.alike] == [10, 12]

    def test_a_leader_that_is_better_with_every_fresh_seed_is_alike_where_another_won_by_its_pick(self) -> None:
        made = confirmed([0.10, 0.60], [[0.50, 0.60], [0.49, 0.59]])
        assert made.winner.trial == 10
        assert [leader.trial for leader in made.alike] == [10, 11]

    def test_of_those_that_are_alike_the_smallest_is_the_cheapest_and_of_equals_the_winner(self) -> None:
        fresh = [[0.10, 0.30, 0.50], [0.50, 0.60, 0.70], [0.09, 0.33, 0.49]]
        picked = [0.10, 0.11, 0.12]
        assert confirmed(picked, fresh, [9, 1, 5]).cheapest.trial == 12
        assert confirmed(picked, fresh, [5, 1, 5]).cheapest.trial == 10
        assert confirmed([0.12, 0.11, 0.10], fresh[::-1], [5, 1, 5]).winner.trial == 12
        assert confirmed([0.12, 0.11, 0.10], fresh[::-1], [5, 1, 5]).cheapest.trial == 12

    def test_one_seed_gives_no_standard_error_and_tells_nobody_apart_from_nobody(self) -> None:
        made = confirmed([0.10, 0.11], [[0.10], [0.10]])
        assert math.isnan(made.winner.error)
        assert [leader.trial for leader in made.alike] == [10]
        assert made.cheapest.trial == 10

    @pytest.mark.parametrize("status", [Status.DIVERGED, Status.FAILED])
    def test_a_training_that_diverged_or_failed_is_infinitely_bad(self, status: Status) -> None:
        best_ones = [record(3, 0.1), record(4, 0.9)]
        trainings = [record(3, 0.1, 1), record(3, 0.1, 2, status), record(4, 0.9, 1), record(4, 0.9, 2)]
        made = confirmation(best_ones, trainings)
        assert made.winner.trial == 4
        assert made.leaders[0].fresh == (0.1, math.inf)
        assert (made.leaders[0].mean, made.optimism) == (math.inf, math.inf)
        assert math.isnan(made.leaders[0].error)
        assert [leader.trial for leader in made.alike] == [4]

    def test_a_value_that_is_no_number_is_infinitely_bad(self) -> None:
        assert confirmed([0.1, 0.9], [[math.nan], [0.9]]).winner.trial == 11

    def test_when_all_diverged_the_first_pick_wins(self) -> None:
        made = confirmed([0.1, 0.2], [[math.inf, 0.1], [0.1, math.inf]])
        assert (made.winner.trial, made.cheapest.trial) == (10, 10)

    @pytest.mark.parametrize("huge", [1e100, 1e200, 1.7e308])
    def test_a_huge_value_is_infinitely_bad_too(self, huge: float) -> None:
        made = confirmed([0.1, 0.2], [[0.1, huge, huge], [0.2, 0.3, 0.2]])
        assert made.leaders[0].fresh == (0.1, math.inf, math.inf)
        assert math.isnan(made.leaders[0].error)
        assert (made.winner.trial, [leader.trial for leader in made.alike]) == (11, [11])

    def test_hugely_negative_values_are_the_best_there_are(self) -> None:
        made = confirmed([-1e200, -1e300], [[-1.7e308, -1.7e308], [-3.0, -5.0]])
        assert made.winner.trial == 11
        assert confirmed([-1.0, -2.0], [[-1.7e308, -1e307], [-3.0, -5.0]]).winner.trial == 10

    def test_leaders_of_which_some_retraining_failed_cannot_be_told_apart(self) -> None:
        made = confirmed([0.1, 0.2], [[math.inf, 0.1], [0.1, math.inf]], [10, 5])
        assert [leader.trial for leader in made.alike] == [10, 11]
        assert (made.winner.trial, made.cheapest.trial) == (10, 11)


def study_of(folder: Path, trials: int = TRIALS, **confirm: int) -> StudySpec:
    """Return a random search of the blobs that confirms so many leaders with so many seeds; none unless asked for."""
    settings = SearchSettings("random", trials, confirm=Confirm(**{"leaders": 0, **confirm}))
    return replace(make_study(folder), search=settings)


def confirm(study: StudySpec, directory: Path, count: int | None, seeds: int, listen: Any = None) -> RunRecord:
    return confirm_study(subject_of(study), directory, 1, count, seeds, listen or Listener())


def trained(directory: Path) -> list[tuple[int, int]]:
    """Return (trial, repetition) of every recorded training with a fresh seed, in order."""
    return [(b["trial"], b["repetition"]) for b in journal(directory, "block") if "repetition" in b]


def worse(monkeypatch: pytest.MonkeyPatch, numbers: Sequence[int], by: float = 1.0) -> None:
    """Let retrainings of some trials give errors that are larger by so much."""
    advance = NetworkObjective.advance

    def moved(self: NetworkObjective, trials: Sequence[Trial], *arguments: Any) -> list[Outcome]:
        outcomes = advance(self, trials, *arguments)
        return [
            replace(o, curves={**o.curves, "validation_error": tuple(v + by for v in o.curves["validation_error"])})
            if t.repetition and t.number in numbers
            else o
            for t, o in zip(trials, outcomes, strict=True)
        ]

    monkeypatch.setattr(NetworkObjective, "advance", moved)


class TestTheTrainings:
    def test_are_those_of_the_repetitions_streams_with_the_number_0(self, tmp_path: Path) -> None:
        study = study_of(tmp_path, leaders=3, seeds=2)
        run_record = read_run(run(study, tmp_path / "runs", jobs=2))
        numbers = [leader.number for leader in leaders(run_record.history.values())[:3]]
        assert run_record.retrained == tuple(numbers)
        assert sorted(run_record.repetitions) == sorted((n, r) for n in numbers for r in (1, 2))
        objective = subject_of(study).objective
        assert isinstance(objective, NetworkObjective)
        for (number, repetition), training in run_record.repetitions.items():
            trial = run_record.history[number].trial
            (again,) = objective.advance([replace(trial, repetition=repetition)], [None], 3, lambda: False)
            by_hand = replace(objective, streams=Streams(0).repetition(repetition))
            (itself,) = by_hand.advance([replace(trial, number=0)], [None], 3, lambda: False)
            assert training.curves == again.curves == itself.curves
            assert training.curves != run_record.history[number].curves
            assert (training.status, training.epochs_done) == (Status.COMPLETE, 3)

    def test_two_leaders_with_the_same_params_give_the_same_in_each(self, tmp_path: Path) -> None:
        """So their numbers do not matter, and they see the same mini-batches and initial weights."""
        point: dict[str, Value] = {"learning_rate": 0.05, "optimizer": "adam", "hidden_layers": 1}
        study = study_of(tmp_path, leaders=2, seeds=2)
        study = replace(study, search=replace(study.search, trials=2, start=(point, point)))
        run_record = read_run(run(study, tmp_path / "runs"))
        first, second = run_record.history.values()
        assert first.trial.params == second.trial.params
        assert first.curves != second.curves
        assert run_record.confirmation is not None
        one, other = run_record.confirmation.leaders
        assert one.fresh == other.fresh
        for repetition in (1, 2):
            assert run_record.repetitions[0, repetition].curves == run_record.repetitions[1, repetition].curves
            assert run_record.repetitions[0, repetition].weights == run_record.repetitions[1, repetition].weights

    def test_they_are_on_record_beside_the_search_and_in_best_json(self, tmp_path: Path) -> None:
        study = study_of(tmp_path, leaders=2, seeds=2)
        directory = run(study, tmp_path / "runs")
        run_record = read_run(directory)
        without = run(study_of(tmp_path), tmp_path / "without")
        assert table(directory) == table(without)
        made = run_record.confirmation
        assert made is not None
        told = best(directory)["confirmed"]
        assert told == {
            "mean": made.winner.mean,
            "standard_error": made.winner.error,
            "values": list(made.winner.fresh),
            "pick": {
                "trial": made.leaders[0].trial,
                "picked": made.leaders[0].picked,
                "mean": made.leaders[0].mean,
                "optimism": made.optimism,
            },
            "alike": [leader.trial for leader in made.alike],
            "cheapest": made.cheapest.trial,
        }
        assert best(without)["confirmed"] is None
        (fact,) = journal(directory, "confirm")
        assert (fact["trials"], fact["seeds"], fact["until"]) == (list(run_record.retrained), 2, 3)

    def test_fewer_complete_trials_than_leaders_asked_for_are_all_confirmed(self, tmp_path: Path) -> None:
        directory = run(study_of(tmp_path, trials=2, leaders=5, seeds=1), tmp_path / "runs")
        assert sorted(trained(directory)) == [(0, 1), (1, 1)]

    def test_without_a_complete_trial_there_is_nothing_to_confirm(self, tmp_path: Path) -> None:
        study = study_of(tmp_path, leaders=2)
        entry = replace(study.space.entries["learning_rate"], domain=Choice([1e29, 1e30]))
        study = replace(
            study,
            space=replace(study.space, entries={"learning_rate": entry}),
            network=replace(study.network, optimizer="sgd", batch_norm="off"),
        )
        directory = run(study, tmp_path / "runs")
        assert {row["status"] for row in table(directory)} == {"diverged"}
        assert journal(directory, "confirm") == []
        assert read_run(directory).finished == "every combination of values has been tried"
        assert confirm(study, directory, 3, 3).confirmation is None

    def test_from_fifty_trials_on_leaders_are_confirmed_unless_told_otherwise(self) -> None:
        assert [Confirm().count(n) for n in (1, 49, 50, 75, 120, 200)] == [0, 0, 2, 2, 4, 5]


class TestTheWinner:
    def test_another_winner_gets_the_model_and_the_test_score(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        first, second, *_ = leaders(read_run(run(study_of(tmp_path), tmp_path / "plain")).history.values())
        worse(monkeypatch, [first.number])
        directory = run(study_of(tmp_path, leaders=2, seeds=2), tmp_path / "runs")
        run_record = read_run(directory)
        assert run_record.incumbent is not None
        assert run_record.winner is not None
        assert (run_record.incumbent.number, run_record.winner.number) == (first.number, second.number)
        assert (best(directory)["trial"], best(directory)["value"]) == (second.number, second.value)
        (assessed,) = journal(directory, "assess")
        assert assessed["trial"] == json.loads((directory / "models/model.json").read_text())["trial"] == second.number
        assert best(directory)["test"]["error"] == assessed["test"]["error"]
        assert run_record.tests == 1
        state = run_record.history[second.number]
        (itself,) = subject_of(study_of(tmp_path)).objective.advance([state.trial], [None], 3, lambda: False)
        assert itself.state is not None
        with np.load(directory / "models/model.npz") as arrays:
            assert all(arrays[name].tobytes() == itself.state[name].tobytes() for name in arrays.files)

    def test_confirmed_afterwards_the_second_scoring_of_the_test_part_is_counted(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        study = study_of(tmp_path)
        directory = run(study, tmp_path / "runs")
        first, second, *_ = leaders(read_run(directory).history.values())
        assert read_run(directory).tests == 1
        with monkeypatch.context() as patched:
            worse(patched, [first.number], by=0.5)
            record_then = confirm(study, directory, 2, 1)
        assert record_then.winner is not None
        assert (record_then.winner.number, record_then.tests, record_then.kept) == (second.number, 2, second.number)
        assert json.loads((directory / "models/model.json").read_text())["trial"] == second.number

    def test_the_model_of_one_that_wins_again_is_made_again(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """First without a confirmation, then another wins, then more seeds bring back the first."""
        study = study_of(tmp_path)
        directory = run(study, tmp_path / "runs")
        files = ("model.npz", "model.json", "confusion_test.csv")
        before = {name: (directory / "models" / name).read_bytes() for name in files}
        first, second, *_ = leaders(read_run(directory).history.values())
        with monkeypatch.context() as patched:
            worse(patched, [first.number], by=0.2)
            assert confirm(study, directory, 2, 1).kept == second.number
        with monkeypatch.context() as patched:
            worse(patched, [second.number], by=0.9)
            run_record = confirm(study, directory, 2, 3)
        assert run_record.winner is not None
        assert (run_record.winner.number, run_record.kept, run_record.tests) == (first.number, first.number, 2)
        assert {name: (directory / "models" / name).read_bytes() for name in files} == before

    def test_from_far_down_the_leaderboard_is_trained_again_for_its_model(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Only the states of five leaders are kept while the search goes on."""
        monkeypatch.setattr(NetworkObjective, "population_size", lambda *_: 1)
        plain = read_run(run(study_of(tmp_path), tmp_path / "plain"))
        *others, last = leaders(plain.history.values())
        assert len(others) == TRIALS - 1
        worse(monkeypatch, [other.number for other in others])
        directory = run(study_of(tmp_path, leaders=TRIALS, seeds=1), tmp_path / "runs")
        run_record = read_run(directory)
        assert run_record.winner is not None
        assert (run_record.winner.number, run_record.kept) == (last.number, last.number)
        assert [fact["trial"] for fact in journal(directory, "again")] == [last.number]
        assert {n: r.weights for n, r in run_record.history.items()} == {n: r.weights for n, r in plain.history.items()}
        assert (directory / "models/model.npz").exists()

    def test_the_states_that_are_left_are_those_of_the_leaders(self, tmp_path: Path) -> None:
        directory = run(study_of(tmp_path, leaders=2, seeds=2), tmp_path / "runs")
        best_five = leaders(read_run(directory).history.values())[:5]
        assert states(directory) == {leader.checkpoint for leader in best_five}


class TestConfirmingAFinishedRun:
    def test_gives_what_the_search_itself_would_have_given(self, tmp_path: Path) -> None:
        at_once = run(study_of(tmp_path, leaders=3, seeds=2), tmp_path / "at-once")
        directory = run(study_of(tmp_path), tmp_path / "runs")
        run_record = confirm(study_of(tmp_path), directory, 3, 2)
        assert run_record.confirmation == read_run(at_once).confirmation
        assert best(directory) == best(at_once)
        assert table(directory) == table(at_once)
        assert read_run(directory).finished == "all trials are finished"

    def test_with_more_seeds_or_leaders_only_what_is_missing_is_trained(self, tmp_path: Path) -> None:
        study = study_of(tmp_path)
        directory = run(study, tmp_path / "runs")
        confirm(study, directory, 2, 2)
        first, second, third, *_ = [leader.number for leader in leaders(read_run(directory).history.values())]
        assert sorted(trained(directory)) == sorted((n, r) for n in (first, second) for r in (1, 2))
        confirm(study, directory, 2, 3)
        assert sorted(trained(directory)[4:]) == sorted([(first, 3), (second, 3)])
        run_record = confirm(study, directory, 3, 3)
        assert sorted(trained(directory)[6:]) == [(third, 1), (third, 2), (third, 3)]
        made = run_record.confirmation
        assert made is not None
        assert [(leader.trial, len(leader.fresh)) for leader in made.leaders] == [(first, 3), (second, 3), (third, 3)]
        confirm(study, directory, 3, 1)
        assert len(trained(directory)) == 9
        assert read_run(directory).confirmation == made

    def test_until_a_second_one_has_ended_the_first_is_what_is_shown(self, tmp_path: Path) -> None:
        study = study_of(tmp_path)
        directory = run(study, tmp_path / "runs")
        before = confirm(study, directory, 2, 2)
        told = best(directory)
        for at in (1, 3):
            with pytest.raises(Interrupted), tasks_of(seconds=-1):
                confirm(study, directory, 4, 3, Listener(at))
            run_record = read_run(directory)
            assert (run_record.confirmation, run_record.winner) == (before.confirmation, before.winner)
            assert best(directory) == told
            assert not run_record.finished
        at_once = run(study_of(tmp_path, leaders=4, seeds=3), tmp_path / "at-once")
        assert confirm(study, directory, 4, 3).confirmation == read_run(at_once).confirmation
        assert best(directory) == best(at_once)
        assert len(set(trained(directory))) == 12

    def test_a_smaller_one_takes_nothing_back(self, tmp_path: Path) -> None:
        study = study_of(tmp_path)
        directory = run(study, tmp_path / "runs")
        made = confirm(study, directory, 3, 2).confirmation
        for count, seeds in [(1, 1), (2, 2), (3, 1)]:
            listener = Listener()
            assert confirm(study, directory, count, seeds, listener).confirmation == made
            assert isinstance(listener.events[0], Started)
            assert listener.events[0].notes == (
                "3 leaders with 2 fresh seeds: fewer than the last confirmation had would say less",
            )
        assert len(trained(directory)) == 6
        more = confirm(study, directory, 2, 3).confirmation
        assert made is not None
        assert more is not None
        assert [leader.trial for leader in more.leaders] == [leader.trial for leader in made.leaders]
        assert more.seeds == 3

    def test_of_one_that_was_cut_off_a_smaller_one_may_be_made(self, tmp_path: Path) -> None:
        study = study_of(tmp_path)
        directory = run(study, tmp_path / "runs")
        with pytest.raises(Interrupted), tasks_of(seconds=-1):
            confirm(study, directory, 5, 4, Listener(1))
        assert read_run(directory).confirmation is None
        small = confirm(study, directory, 2, 2)
        assert small.confirmation == read_run(run(study_of(tmp_path, leaders=2, seeds=2), tmp_path / "whole")).confirmation
        assert small.finished

    def test_a_search_that_goes_on_after_a_second_one_was_cut_off_keeps_the_first(self, tmp_path: Path) -> None:
        study = study_of(tmp_path, leaders=2, seeds=1)
        directory = run(study, tmp_path / "runs")
        made = confirm(study, directory, 3, 2).confirmation
        with pytest.raises(Interrupted), tasks_of(seconds=-1):
            confirm(study, directory, 5, 2, Listener(1))
        assert run(study, tmp_path / "runs") == directory
        assert (read_run(directory).confirmation, bool(read_run(directory).finished)) == (made, True)

    def test_without_a_number_there_are_two_leaders_at_least(self, tmp_path: Path) -> None:
        directory = run(study_of(tmp_path), tmp_path / "runs")
        assert len(confirm(study_of(tmp_path), directory, None, 1).retrained) == 2

    def test_an_unfinished_search_is_refused(self, tmp_path: Path) -> None:
        directory = interrupted(study_of(tmp_path), tmp_path / "runs", at=1)
        with pytest.raises(UsageError, match=r"blobs-001 has not finished its search; the command that began it goes on"):
            confirm(study_of(tmp_path), directory, 2, 1)
        assert table(run(study_of(tmp_path), tmp_path / "runs")) == table(run(study_of(tmp_path), tmp_path / "whole"))

    def test_trials_whose_curves_are_lost_are_trained_again_first(self, tmp_path: Path) -> None:
        study = study_of(tmp_path)
        directory = run(study, tmp_path / "runs")
        before = table(directory)
        (directory / "curves.jsonl").unlink()
        run_record = confirm(study, directory, 2, 1)
        assert table(directory) == before
        assert run_record.retrained == tuple(leader.number for leader in leaders(run_record.history.values())[:2])
        assert run_record.finished

    def test_it_asks_nothing_of_the_plan_whatever_the_spec_has_become(self, tmp_path: Path) -> None:
        directory = run(study_of(tmp_path), tmp_path / "runs")
        run_record = confirm(study_of(tmp_path, trials=90), directory, 2, 1)
        assert len(journal(directory, "plan")) == 1
        assert (run_record.ended, run_record.finished) == ("all trials are finished", "all trials are finished")

    def test_the_listener_hears_how_much_of_it_is_done(self, tmp_path: Path) -> None:
        directory = run(study_of(tmp_path), tmp_path / "runs")
        listener = Listener()
        confirm(study_of(tmp_path), directory, 2, 3, listener)
        assert isinstance(listener.events[0], Started)
        assert listener.events[0].work_done == pytest.approx(8 / 14)
        shares = [event.work_done for event in listener.events if isinstance(event, Trained)]
        assert shares == sorted(shares)
        assert shares[-1] == pytest.approx(1.0)


def test_more_trials_are_confirmed_anew_and_what_was_trained_is_not_trained_again(tmp_path: Path) -> None:
    directory = run(study_of(tmp_path, trials=4, leaders=2, seeds=1), tmp_path / "runs")
    before = trained(directory)
    run(study_of(tmp_path, trials=16, leaders=2, seeds=2), tmp_path / "runs")
    whole = run(study_of(tmp_path, trials=16, leaders=2, seeds=2), tmp_path / "whole")
    assert len(journal(directory, "confirm")) == 2
    assert len(set(trained(directory))) == len(trained(directory))
    assert set(trained(directory)) == set(before) | set(trained(whole))
    assert best(directory) == best(whole)
    assert read_run(directory).confirmation == read_run(whole).confirmation


def test_more_trials_without_a_confirmation_take_the_earlier_one_back(tmp_path: Path) -> None:
    directory = run(study_of(tmp_path, trials=4, leaders=2, seeds=1), tmp_path / "runs")
    run(study_of(tmp_path, trials=16), tmp_path / "runs")
    run_record = read_run(directory)
    assert (run_record.confirmation, run_record.winner) == (None, run_record.incumbent)
    assert best(directory) == best(run(study_of(tmp_path, trials=16), tmp_path / "whole"))
