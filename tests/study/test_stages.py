"""Searches in stages and rungs: the same results on every way there, and who goes on."""

from __future__ import annotations

import itertools
import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from crashes import Crash, CrashingDisk
from studies import (
    Listener,
    best,
    finished,
    interrupted,
    journal,
    lines,
    make_function_study,
    make_staged,
    make_study,
    run,
    spans,
    states,
    table,
    tasks_of,
    verify_trial,
)

from hpsearch.search.settings import Confirm, EarlyStopping, SearchSettings
from hpsearch.space.parameters import Choice, Whole
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.study.events import Decided, Event, Replanned, Started, Trained
from hpsearch.study.runs import read_run
from hpsearch.study.session import run_study
from hpsearch.study.study_spec import StudySpec
from hpsearch.study.subject import subject_of
from hpsearch.trial import Status

CONFIRM = Confirm(leaders=2, seeds=2)
WILD = Choice([0.01, 0.02, 0.04, 0.05, 1e30, 1e31])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the place of the blobs."""
    return tmp_path_factory.mktemp("blobs")


@pytest.fixture(scope="module")
def whole(folder: Path) -> Path:
    """A search of two stages with its confirmation, from start to finish in one go."""
    return run(make_staged(folder, confirm=CONFIRM), folder / "runs")


def trainings(directory: Path) -> list[tuple[int, int, int, int]]:
    """Return (trial, repetition, from, to) of every recorded block."""
    return [(b["trial"], b.get("repetition", 0), b["from"], b["to"]) for b in journal(directory, "block")]


def promotions(directory: Path) -> list[tuple[list[int], list[int], int]]:
    return [(fact["trials"], fact["stopped"], fact["until"]) for fact in journal(directory, "promote")]


def assert_same(directory: Path, expected: Path) -> None:
    """Check that two runs tell the same, however they came about."""
    assert table(directory) == table(expected)
    assert best(directory) == best(expected)
    assert promotions(directory) == promotions(expected)
    for name in ("models/model.npz", "models/confusion_test.csv"):
        assert (directory / name).read_bytes() == (expected / name).read_bytes()
    confirmed, again = read_run(directory), read_run(expected)
    assert confirmed.confirmation == again.confirmation


class TestTheSameResults:
    """Promises 1 to 3, in stages."""

    def test_two_workers_and_interruptions_give_what_one_job_gives(self, folder: Path, whole: Path, tmp_path: Path) -> None:
        study = make_staged(folder, confirm=CONFIRM)
        with tasks_of(seconds=-1):
            for at in (3, 9):
                directory = interrupted(study, tmp_path, at, jobs=2)
        assert run(study, tmp_path, jobs=2) == directory
        assert_same(directory, whole)
        assert len(set(trainings(directory))) == len(trainings(directory))
        assert sum(end - begin for *_, begin, end in trainings(directory)) == sum(
            end - begin for *_, begin, end in trainings(whole)
        )

    def test_tasks_of_one_epoch_each_give_what_whole_rungs_give(self, folder: Path, whole: Path, tmp_path: Path) -> None:
        with tasks_of(seconds=-1):
            directory = run(make_staged(folder, confirm=CONFIRM), tmp_path)
        assert_same(directory, whole)
        assert {end - begin for *_, begin, end in trainings(directory)} == {1}
        assert {(begin, end) for *_, begin, end in trainings(whole)} == {(0, 3), (0, 1), (1, 3), (3, 9), (0, 9)}

    @pytest.mark.parametrize("line_stays", [True, False])
    def test_a_crash_at_many_writes_leaves_a_run_that_goes_on_to_the_same_results(
        self, line_stays: bool, folder: Path, tmp_path: Path
    ) -> None:
        """Every third write here; every single one in the campaign."""
        study = make_staged(folder, trials=4, confirm=Confirm(leaders=2, seeds=1))
        subject = subject_of(replace(study, network=replace(study.network, epochs=3)))
        expected = run_study(subject, {}, tmp_path / "whole", 1)[0]
        kinds = [fact["type"] for fact in journal(expected)]
        assert (kinds.count("promote"), kinds.count("plan")) == (1, 2)  # one stage is trained in full
        for write in itertools.count(1 + line_stays, 3):
            runs, disk = tmp_path / f"runs-{write}", CrashingDisk(write, line_stays)
            with disk.in_place(), suppress(Crash):
                run_study(subject, {}, runs, 1)
                break
            directory = finished(runs) or run_study(subject, {}, runs, 1)[0]
            assert_same(directory, expected)
            assert sorted(trainings(directory)) == sorted(trainings(expected)), write
            for kind in ("plan", "stage", "promote", "end", "confirm", "assess"):
                assert len(journal(directory, kind)) == len(journal(expected, kind)), (write, kind)
            leaders = [row["trial"] for row in table(directory) if row["status"] == "complete"]
            assert {name[:11] for name in states(directory)} == {f"trial-{int(n):05d}" for n in leaders}, write
        assert write > 50

    @pytest.mark.parametrize("at", [1, 4, 6, 9, 10])
    @pytest.mark.parametrize("damage", ["states", "curves", "both"])
    def test_whatever_of_states_and_curves_is_lost_the_results_are_the_same(
        self, damage: str, at: int, folder: Path, whole: Path, tmp_path: Path
    ) -> None:
        study = make_staged(folder, confirm=CONFIRM)
        directory = interrupted(study, tmp_path, at)
        known = read_run(directory)
        if damage != "curves":
            for name in states(directory):
                (directory / "checkpoints" / name).unlink()
        if damage != "states":
            (directory / "curves.jsonl").unlink()
        decided = promotions(directory)
        assert run(study, tmp_path) == directory
        assert_same(directory, whole)
        assert promotions(directory)[: len(decided)] == decided
        begun_again = {(fact["trial"], fact.get("repetition", 0)) for fact in journal(directory, "again")}
        if damage != "states":
            every = [*known.history.values(), *known.repetitions.values()]
            assert begun_again == {record.trial.key for record in every if record.epochs_done}
        assert read_run(directory).lost == set()
        assert verify_trial(study, read_run(directory), 0).same

    def test_curves_that_are_lost_after_the_search_has_ended_are_made_again(
        self, folder: Path, whole: Path, tmp_path: Path
    ) -> None:
        """Of a stopped trial, of a leader, and of a training of its confirmation."""
        study = make_staged(folder, confirm=CONFIRM)
        tasks = len([event for event in heard(study, tmp_path / "counted") if isinstance(event, Trained)]) - 1
        directory = interrupted(study, tmp_path / "runs", tasks)
        run_record = read_run(directory)
        assert run_record.ended
        assert not run_record.finished
        stopped = next(n for n, record in run_record.history.items() if record.status is Status.STOPPED)
        leader = run_record.retrained[1]
        kept = [
            line
            for line in lines(directory / "curves.jsonl")
            if line["trial"] != stopped and (line["trial"] != leader or line.get("repetition", 0) > 1)
        ]
        (directory / "curves.jsonl").write_text("".join(json.dumps(line) + "\n" for line in kept))
        assert run(study, tmp_path / "runs") == directory
        assert_same(directory, whole)
        begun_again = [(fact["trial"], fact.get("repetition", 0)) for fact in journal(directory, "again")]
        assert begun_again == sorted([(stopped, 0), (leader, 0), (leader, 1)])


def heard(study: StudySpec, runs: Path) -> list[Event]:
    listener = Listener()
    run(study, runs, listen=listener)
    return listener.events


class TestRungs:
    def test_promotions_are_on_record_before_they_are_acted_on(self, whole: Path) -> None:
        sent: dict[int, int] = {}
        for fact in journal(whole):
            if fact["type"] in ("stage", "promote"):
                numbers = [t["trial"] if fact["type"] == "stage" else t for t in fact["trials"]]
                sent |= dict.fromkeys(numbers, fact["until"])
            elif fact["type"] == "block" and "repetition" not in fact:
                assert fact["to"] <= sent[fact["trial"]]

    def test_at_each_rung_the_best_third_goes_on(self, whole: Path) -> None:
        history = read_run(whole).history
        assert [(len(on), len(off), until) for on, off, until in promotions(whole)] == [(2, 4, 9), (2, 4, 3), (1, 1, 9)]
        for on, off, until in promotions(whole):
            rung = {3: 1, 9: 3}[until]
            there = {
                number: (history[number].at("validation_error", rung), history[number].at("validation_loss", rung))
                for number in (*on, *off)
            }
            assert max(there[number] for number in on) < min(there[number] for number in off)
            assert sorted(on) == on
            assert sorted(off) == off

    def test_a_stopped_trial_keeps_its_value_its_epochs_and_the_reason(self, whole: Path) -> None:
        history, rows = read_run(whole).history, table(whole)
        for _, off, until in promotions(whole):
            for number in off:
                record, row, rung = history[number], rows[number], {3: 1, 9: 3}[until]
                assert (record.status, record.epochs_done) == (Status.STOPPED, rung)
                assert record.value == record.curves["validation_error"][-1]
                assert (row["status"], row["epochs"], row["value"]) == ("stopped", str(rung), repr(record.value))
                told = {1: "1 epoch", 3: "3 epochs"}[rung]
                assert record.reason == f"not among the best third of its stage after {told}"

    def test_the_table_tells_the_stage_and_the_rung_that_was_reached(self, whole: Path) -> None:
        rows = table(whole)
        assert [row["stage"] for row in rows] == ["0"] * 6 + ["1"] * 6
        assert {(row["epochs"], row["rung"]) for row in rows} == {("1", "0"), ("3", "1"), ("9", "2")}
        assert [row["status"] == "complete" for row in rows] == [row["rung"] == "2" for row in rows]

    def test_only_a_trial_that_reached_the_last_epoch_wins_however_well_the_stopped_ones_look(self, tmp_path: Path) -> None:
        study = make_function_study("worsening", trials=6, epochs=9, early_stopping=EarlyStopping())
        directory = run(study, tmp_path)
        rows = table(directory)
        stopped = [float(row["value"]) for row in rows if row["status"] == "stopped"]
        (complete,) = [row for row in rows if row["status"] == "complete"]
        assert max(stopped) < float(complete["value"])
        assert (best(directory)["trial"], best(directory)["value"]) == (int(complete["trial"]), float(complete["value"]))
        assert complete["x"] == min((row["x"] for row in rows), key=float)

    def test_points_that_are_given_train_to_the_end_beside_their_bracket(self, tmp_path: Path) -> None:
        """The given one is the worst of all, and it costs nobody a place."""
        stopping: dict[str, Any] = {"epochs": 9, "early_stopping": EarlyStopping()}
        directory = run(make_function_study("improving", trials=7, start=({"x": 1.0},), **stopping), tmp_path)
        rows = table(directory)
        assert [row["status"] for row in rows].count("complete") == 2
        assert (rows[0]["status"], rows[0]["epochs"]) == ("complete", "9")
        assert [(len(on), len(off)) for on, off, _ in promotions(directory)] == [(3, 4), (2, 1)]
        assert journal(directory, "plan")[0]["given"] == 1
        plan = read_run(directory).plan
        assert plan is not None
        assert sum(int(row["epochs"]) for row in rows) == plan.epochs

    def test_trials_that_diverge_take_no_place_and_stop_nobody(self, folder: Path, tmp_path: Path) -> None:
        study = make_staged(folder, trials=6)
        study = replace(study, search=SearchSettings("random", 6, early_stopping=EarlyStopping()))
        wild = replace(study.network, optimizer="sgd", batch_norm="off")
        space = make_function_study("distance").space
        space = replace(space, entries={"learning_rate": replace(space.entries["x"], domain=WILD)})
        directory = run(replace(study, network=wild, space=space), tmp_path)
        statuses = [row["status"] for row in table(directory)]
        assert statuses.count("diverged") >= 2
        ((on, off, _), *_) = promotions(directory)
        assert len(on) == 2
        assert len(on) + len(off) == 6 - [r["epochs"] for r in table(directory) if r["status"] == "diverged"].count("1")


class TestVerify:
    def test_stopped_trials_and_those_of_later_stages_give_the_same_bits_alone(self, folder: Path, whole: Path) -> None:
        study, record = make_staged(folder, confirm=CONFIRM), read_run(whole)
        for number, trial in record.history.items():
            verdict = verify_trial(study, record, number)
            assert (verdict.same, verdict.epochs) == (True, trial.epochs_done)
        assert {r.epochs_done for r in record.history.values()} == {1, 3, 9}

    def test_a_function_whose_trials_were_stopped(self, tmp_path: Path) -> None:
        study = make_function_study("improving", trials=6, epochs=9, early_stopping=EarlyStopping())
        record = read_run(run(study, tmp_path))
        assert all(verify_trial(study, record, number).same for number in record.history)


class TestMoreTrials:
    def test_a_finished_random_search_goes_on_to_the_longer_one(self, folder: Path, tmp_path: Path) -> None:
        directory = run(make_study(folder, trials=4), tmp_path / "runs")
        short = table(directory)
        longer = make_study(folder, trials=12)
        assert run(longer, tmp_path / "runs") == directory
        expected = run(longer, tmp_path / "whole")
        assert_same(directory, expected)
        assert table(directory)[:4] == short
        assert [plan["stages"] for plan in journal(directory, "plan")] == [[4], [12]]
        assert [(fact["reason"], fact["keep"]) for fact in journal(directory, "end")] == [
            ("all trials are finished", 4),
            ("all trials are finished", 12),
        ]
        assert len(journal(directory, "finish")) == 2
        assert sorted(spans(directory)) == sorted(spans(expected))

    @pytest.mark.parametrize("at", [0, 2])
    def test_in_stages_the_plan_is_finished_and_further_stages_follow(
        self, at: int, folder: Path, whole: Path, tmp_path: Path
    ) -> None:
        """It is told, and makes no difference whether the shorter search had finished."""
        if at:
            interrupted(make_staged(folder), tmp_path / "runs", at)
        else:
            run(make_staged(folder), tmp_path / "runs")
        listener = Listener()
        directory = run(make_staged(folder, trials=20), tmp_path / "runs", listen=listener)
        assert [plan["stages"] for plan in journal(directory, "plan")] == [[6, 6], [6, 6, 6, 2]]
        assert table(directory)[:12] == table(whole)
        assert [row["stage"] for row in table(directory)[12:]] == ["2"] * 6 + ["3"] * 2
        told = "8 trials more, in further stages; asked for at once, the 20 trials would have been others"
        assert isinstance(listener.events[0], Started)
        assert listener.events[0].notes == (told,)
        again = run(make_staged(folder, trials=20), tmp_path / "again", jobs=2)
        assert [plan["stages"] for plan in journal(again, "plan")] == [[8, 12]]
        assert table(again) != table(directory)

    @pytest.mark.parametrize("method", ["random", "sobol"])
    def test_drawn_trials_that_are_stopped_early_are_compared_among_those_of_their_bracket_and_that_is_told(
        self, method: str, tmp_path: Path
    ) -> None:
        stopping: dict[str, Any] = {"epochs": 9, "method": method, "early_stopping": EarlyStopping()}
        directory = run(make_function_study("improving", trials=6, **stopping), tmp_path)
        listener = Listener()
        assert run(make_function_study("improving", trials=8, **stopping), tmp_path, listen=listener) == directory
        assert [plan["stages"] for plan in journal(directory, "plan")] == [[6], [6, 2]]
        assert isinstance(listener.events[0], Started)
        told = "2 trials more, compared among themselves; asked for at once, all 8 would have been compared"
        assert listener.events[0].notes == (f"{told}, and others might have gone on",)

    def test_trials_that_would_have_been_the_same_at_once_need_no_word(self, tmp_path: Path) -> None:
        run(make_function_study("distance", trials=3), tmp_path)
        listener = Listener()
        run(make_function_study("distance", trials=5), tmp_path, listen=listener)
        assert isinstance(listener.events[0], Started)
        assert listener.events[0].notes == ()

    def test_an_interruption_of_what_is_added_changes_nothing(self, folder: Path, tmp_path: Path) -> None:
        for name, jobs in (("straight", 1), ("cut", 2)):
            run(make_staged(folder), tmp_path / name)
            if jobs == 2:
                interrupted(make_staged(folder, trials=18), tmp_path / name, 2, jobs)
            run(make_staged(folder, trials=18), tmp_path / name, jobs)
        assert_same(tmp_path / "cut" / "blobs-001", tmp_path / "straight" / "blobs-001")

    def test_the_newest_finished_run_with_fewer_trials_goes_on_before_one_that_has_them_all_is_shown(
        self, folder: Path, tmp_path: Path
    ) -> None:
        wanted = [(3, False), (3, True), (5, False), (4, False), (4, False), (2, True), (3, False)]
        names = [run(make_study(folder, trials=trials), tmp_path, new=new).name for trials, new in wanted]
        assert [name[-1] for name in names] == ["1", "2", "2", "1", "1", "3", "3"]
        assert [len(table(tmp_path / f"blobs-00{number}")) for number in (1, 2, 3)] == [4, 5, 3]

    def test_after_a_target_was_reached_the_rest_and_more_are_trained_when_there_is_none(self, tmp_path: Path) -> None:
        directory = run(make_function_study("distance", trials=8, target=0.5), tmp_path / "runs")
        ended = len(table(directory))
        assert ended < 8
        assert run(make_function_study("distance", trials=9, target=0.5), tmp_path / "runs") == directory
        assert len(table(directory)) == ended
        assert run(make_function_study("distance", trials=10), tmp_path / "runs") == directory
        assert table(directory) == table(run(make_function_study("distance", trials=10), tmp_path / "whole"))
        record = read_run(directory)
        assert (record.ended, record.finished) == ("all trials are finished", "all trials are finished")

    def test_a_grid_of_more_points_is_another_run(self, tmp_path: Path) -> None:
        four, nine = (make_function_study("distance", trials=trials, method="grid") for trials in (4, 9))
        first = run(four, tmp_path)
        second = run(nine, tmp_path)
        assert (first != second, len(table(second))) == (True, 9)
        cut = interrupted(four, tmp_path / "cut", 1)
        listener = Listener()
        assert run(nine, tmp_path / "cut", listen=listener) == cut
        assert isinstance(listener.events[0], Started)
        (told,) = listener.events[0].notes
        assert told == (
            "the grid of this run was laid out for 4 trials and is finished as such; the same command then begins another"
        )
        assert table(cut) == table(first)
        assert table(run(nine, tmp_path / "cut")) == table(second)

    def test_fewer_trials_than_planned_are_fewer_and_nothing_is_said_of_more(self, folder: Path, tmp_path: Path) -> None:
        directory = interrupted(make_staged(folder), tmp_path, 1)
        listener = Listener()
        assert run(make_staged(folder, trials=8), tmp_path, listen=listener) == directory
        assert [plan["stages"] for plan in journal(directory, "plan")] == [[6, 6], [6, 2]]
        assert isinstance(listener.events[0], Started)
        assert listener.events[0].notes == ()
        assert len(table(directory)) == 8

    def test_lost_curves_of_a_finished_run_are_made_again_when_it_goes_on(self, folder: Path, tmp_path: Path) -> None:
        directory = run(make_staged(folder), tmp_path / "runs")
        (directory / "curves.jsonl").unlink()
        run(make_staged(folder, trials=18), tmp_path / "runs")
        run(make_staged(folder), tmp_path / "whole")
        assert_same(directory, run(make_staged(folder, trials=18), tmp_path / "whole"))


def test_a_listener_hears_of_the_trials_that_are_stopped(folder: Path, tmp_path: Path) -> None:
    listener = Listener()
    directory = run(make_staged(folder), tmp_path, listen=listener)
    ended = [
        record
        for event in listener.events
        if isinstance(event, (Decided, Trained))
        for record in event.records
        if record.status.ended
    ]
    assert sorted(record.number for record in ended) == list(range(12))
    assert {record.number: record for record in ended} == read_run(directory).history
    shares = [event.work_done for event in listener.events if isinstance(event, (Decided, Trained))]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


class TestInFull:
    """Where trials memorise, later stages are trained to the end, and the record says so."""

    STUDY: ClassVar[dict[str, Any]] = {
        "trials": 16,
        "epochs": 9,
        "method": "coarse-to-fine",
        "early_stopping": EarlyStopping(),
    }

    def test_the_changed_plan_is_on_record_and_told_and_fewer_trials_are_trained(self, tmp_path: Path) -> None:
        listener = Listener()
        directory = run(make_function_study("memorising", **self.STUDY), tmp_path, listen=listener)
        plans = journal(directory, "plan")
        assert [plan["in_full"] for plan in plans] == [[], [1], [1, 2]]
        assert {tuple(plan["stages"]) for plan in plans} == {(8, 4, 4)}
        rows = table(directory)
        assert [row["stage"] for row in rows] == ["0"] * 8 + ["1"] * 2 + ["2"] * 2
        assert [row["status"] for row in rows[8:]] == ["complete"] * 4
        told = [event.plan.trials for event in listener.events if isinstance(event, Replanned)]
        assert told == [14, 12]
        assert [event.work_done for event in listener.events if isinstance(event, Trained)][-1] == 1.0

    def test_an_interrupted_one_goes_on_to_the_same(self, tmp_path: Path) -> None:
        study = make_function_study("memorising", **self.STUDY)
        whole = run(study, tmp_path / "whole")
        for at in (1, 2, 3):
            runs = tmp_path / f"runs-{at}"
            interrupted(study, runs, at)
            directory = run(study, runs, jobs=2)
            assert table(directory) == table(whole)
            assert journal(directory, "plan") == journal(whole, "plan")

    @pytest.mark.parametrize("trials", [22, 24, 30])
    def test_in_a_space_of_few_combinations_an_interrupted_one_goes_on_to_the_same(
        self, trials: int, tmp_path: Path
    ) -> None:
        """The stages are cut off where the combinations end, whatever has been trained in full."""
        study = make_function_study("memorising", **self.STUDY | {"trials": trials})
        study = replace(study, space=SearchSpace({"x": Entry(Whole(0, 19))}))
        whole = run(study, tmp_path / "whole")
        plans = [fact["stages"] for fact in journal(whole, "plan")]
        assert {sum(stages) for stages in plans} == {20}
        for kind, at in [(Replanned, 1), (Decided, 3), (Replanned, 2)]:
            runs = tmp_path / f"{kind.__name__}-{at}"
            interrupted(study, runs, at, kind=kind)
            assert table(run(study, runs)) == table(whole)

    def test_a_stage_that_has_not_begun_counts_for_no_trials(self, tmp_path: Path) -> None:
        directory = interrupted(make_function_study("memorising", **self.STUDY), tmp_path, 1, kind=Replanned)
        begun = [read_run(directory).begun]
        fewer = make_function_study("memorising", **self.STUDY | {"trials": 10})
        assert run(fewer, tmp_path) == directory
        assert [*begun, read_run(directory).begun, len(table(directory))] == [8, 10, 9]

    @pytest.mark.parametrize("rule", [{"target": 8.0}, {"plateau": 1}])
    def test_one_that_a_rule_ended_goes_on_to_the_same(self, rule: dict[str, Any], tmp_path: Path) -> None:
        whole = run(make_function_study("memorising", **self.STUDY), tmp_path / "whole")
        directory = run(make_function_study("memorising", **self.STUDY, **rule), tmp_path / "runs")
        assert read_run(directory).is_cut_short
        assert run(make_function_study("memorising", **self.STUDY), tmp_path / "runs") == directory
        assert table(directory) == table(whole)

    def test_more_trials_follow_in_brackets(self, tmp_path: Path) -> None:
        directory = run(make_function_study("memorising", **self.STUDY), tmp_path)
        more = make_function_study("memorising", **self.STUDY | {"trials": 20})
        assert run(more, tmp_path) == directory
        assert [plan["stages"] for plan in journal(directory, "plan")][2:] == [[8, 4, 4], [8, 4, 4, 4], [8, 4, 4, 4]]
        assert journal(directory, "plan")[-1]["in_full"] == [1, 2, 3]
        assert len(table(directory)) == 14
        assert run(more, tmp_path) == directory  # it has all its trials
        assert len(table(directory)) == 14


def test_states_are_kept_of_no_more_trials_than_can_go_on(tmp_path: Path) -> None:
    study = make_function_study("improving", trials=12, epochs=9, early_stopping=EarlyStopping())
    directory = interrupted(study, tmp_path, at=12)
    assert len(states(directory)) == 4
    goes_on = {record.number for record in read_run(directory).history.values() if record.checkpoint in states(directory)}
    assert run(study, tmp_path) == directory
    assert sorted(goes_on) == journal(directory, "promote")[0]["trials"]
    assert journal(directory, "again") == []
