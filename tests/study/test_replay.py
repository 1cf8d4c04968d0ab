from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from hpsearch.search.plan import Plan
from hpsearch.study.record import RunRecord
from hpsearch.study.replay import replay, take
from hpsearch.trial import Status, Trial, TrialRecord

START: dict[str, Any] = {
    "type": "start",
    "run": "x-001",
    "metric": "validation_error",
    "select": "last_epoch",
    "metrics": ["validation_error", "train_loss"],
    "parameters": ["a"],
}
PLAN = {"type": "plan", "stages": [2], "rungs": [9]}
STAGE = {
    "type": "stage",
    "stage": 0,
    "until": 9,
    "trials": [
        {"trial": 0, "point": [0.25], "params": {"a": 1.5}},
        {"trial": 1, "point": [0.75], "params": {"a": [8, 4]}},
    ],
}


def block(trial: int, begin: int, end: int, **changes: Any) -> dict[str, Any]:
    """Return a block's line; its checkpoint names the span."""
    return {
        "type": "block",
        "trial": trial,
        "from": begin,
        "to": end,
        "status": "waiting",
        "value": end / 10,
        "selected": end,
        "reason": "",
        "size": 12,
        "weights": f"hash-{end}",
        "checkpoint": f"{begin}-{end}.npz",
        "seconds": 0.5,
        "started_at": f"start-{begin}",
        "finished_at": f"finish-{end}",
        "worker": f"worker-{begin}",
        **changes,
    }


def curves(trial: int, begin: int, end: int) -> dict[str, Any]:
    """Return a line of curves in which the error of epoch e is e / 10."""
    errors: list[float | None] = [epoch / 10 for epoch in range(begin + 1, end + 1)]
    losses = [None if epoch == 9 else float(epoch) for epoch in range(begin + 1, end + 1)]
    return {"trial": trial, "from": begin, "to": end, "curves": {"validation_error": errors, "train_loss": losses}}


def test_a_stage_starts_its_trials() -> None:
    run = replay([START, PLAN, STAGE], [])
    assert run.name == "x-001"
    assert (run.columns, run.parameters) == (["validation_error", "train_loss"], ["a"])
    assert run.plan == Plan((2,), (9,), 3)
    assert run.history == {
        0: TrialRecord(Trial(0, 0, (0.25,), {"a": 1.5}), 9),
        1: TrialRecord(Trial(1, 0, (0.75,), {"a": [8, 4]}), 9),
    }
    assert (run.test, run.finished, run.incumbent) == ({}, "", None)


def test_blocks_add_up_to_the_record_of_a_trial() -> None:
    ends = [block(1, 0, 4), block(1, 4, 9, status="complete")]
    record = replay([START, STAGE, *ends], [curves(1, 0, 4), curves(1, 4, 9)]).history[1]
    assert (record.status, record.epochs_done, record.value, record.size) == (Status.COMPLETE, 9, 0.9, 12)
    assert record.selected_epoch == 9
    assert record.curves["validation_error"] == (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
    assert record.curves["train_loss"][:8] == (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0)
    assert math.isnan(record.curves["train_loss"][8])
    assert (record.weights, record.checkpoint) == ("hash-9", "4-9.npz")
    assert (record.seconds, record.started_at, record.finished_at, record.worker) == (1.0, "start-0", "finish-9", "worker-4")


def test_a_null_value_is_nan_and_the_reason_stays() -> None:
    ended = block(0, 0, 4, status="diverged", value=None, reason="the loss was no longer a finite number in epoch 4")
    line = curves(0, 0, 4)
    line["curves"]["validation_error"][3] = None
    record = replay([START, STAGE, ended], [line]).history[0]
    assert record.status is Status.DIVERGED
    assert math.isnan(record.value)
    assert record.reason == "the loss was no longer a finite number in epoch 4"


class TestTheFirstLineForAKeyCounts:
    def test_a_block_that_was_recorded_twice_is_taken_once(self) -> None:
        lines = [block(0, 0, 4), block(0, 0, 4, seconds=9.0, worker="late"), block(0, 4, 9, status="complete")]
        once = replay([START, STAGE, lines[0], lines[2]], [curves(0, 0, 4), curves(0, 4, 9)])
        assert replay([START, STAGE, *lines], [curves(0, 0, 4), curves(0, 0, 4), curves(0, 4, 9)]) == once

    def test_a_block_that_does_not_begin_where_the_trial_stands_is_left_out(self) -> None:
        run = replay([START, STAGE, block(0, 0, 4), block(0, 5, 9, status="complete")], [curves(0, 0, 4), curves(0, 5, 9)])
        assert (run.history[0].epochs_done, run.history[0].status) == (4, Status.WAITING)

    def test_nothing_comes_after_the_end_of_a_trial(self) -> None:
        ended = block(0, 0, 4, status="diverged", value=None)
        run = replay([START, STAGE, ended, block(0, 4, 9, status="complete")], [curves(0, 0, 4), curves(0, 4, 9)])
        assert run.history[0].status is Status.DIVERGED

    def test_a_trial_is_started_once(self) -> None:
        again = {**STAGE, "until": 99, "trials": [{"trial": 1, "point": [0.1], "params": {"a": 7}}]}
        assert replay([START, STAGE, again], []).history == replay([START, STAGE], []).history

    def test_curves_of_a_block_that_never_came_to_the_journal_are_not_taken_for_another_blocks(self) -> None:
        """A crash between the two files leaves curves without a block; the block trained instead may be longer."""
        lines = [block(0, 0, 7), block(0, 7, 9, status="complete")]
        run = replay([START, STAGE, *lines], [curves(0, 0, 5), curves(0, 0, 7), curves(0, 7, 9)])
        assert (run.history[0].epochs_done, run.history[0].status) == (9, Status.COMPLETE)
        assert run.history[0].curves["validation_error"][4:7] == (0.5, 0.6, 0.7)


class TestLostCurves:
    def test_a_complete_trial_without_its_curves_is_as_if_it_had_not_been_trained(self) -> None:
        run = replay([START, STAGE, block(0, 0, 9, status="complete")], [])
        assert (run.history, run.lost) == (replay([START, STAGE], []).history, {(0, 0)})

    def test_curves_that_are_too_short_or_of_other_metrics_are_lost(self) -> None:
        lines: list[dict[str, Any]] = [START, STAGE, block(0, 0, 4, status="complete")]
        short: dict[str, Any] = {**curves(0, 0, 4), "curves": curves(0, 0, 3)["curves"]}
        other: dict[str, Any] = {**curves(0, 0, 4), "curves": {"speed": [1, 2, 3, 4], "train_loss": [1, 2, 3, 4]}}
        for damaged in (short, other):
            assert replay(lines, [damaged]).lost == {(0, 0)}
            assert replay(lines, [damaged, curves(0, 0, 4)]) == replay(lines, [curves(0, 0, 4)])

    def test_a_waiting_trial_stands_where_its_curves_end_with_the_state_of_that_epoch(self) -> None:
        run = replay([START, STAGE, block(0, 0, 4), block(0, 4, 6)], [curves(0, 0, 4)])
        assert (run.history[0].epochs_done, run.history[0].checkpoint) == (4, "0-4.npz")
        run = replay([START, STAGE, block(0, 0, 4), block(0, 4, 6)], [curves(0, 4, 6)])
        assert run.history == replay([START, STAGE], []).history

    def test_a_trial_that_begins_again_takes_the_blocks_that_come_after(self) -> None:
        again = {"type": "again", "trial": 0}
        second = block(0, 0, 4, checkpoint="second.npz")
        run = replay([START, STAGE, block(0, 0, 4), again, second], [curves(0, 0, 4)])
        assert (run.history[0].epochs_done, run.history[0].checkpoint) == (4, "second.npz")
        run = replay([START, STAGE, block(0, 0, 9, status="complete"), again], [])
        assert (run.history, run.lost) == (replay([START, STAGE], []).history, set())


def test_a_value_is_made_from_the_curve_and_not_read() -> None:
    changed = block(0, 0, 4, status="complete", value=0.0, selected=1)
    record = replay([START, STAGE, changed], [curves(0, 0, 4)]).history[0]
    assert (record.value, record.selected_epoch) == (0.4, 4)
    record = replay([{**START, "select": "best_epoch"}, STAGE, changed], [curves(0, 0, 4)]).history[0]
    assert (record.value, record.selected_epoch) == (0.1, 1)


def test_a_failed_block_without_epochs_keeps_the_curves_so_far() -> None:
    failed = block(0, 4, 4, status="failed", value=None, reason="Traceback", size=0, weights="", checkpoint="")
    empty = {"trial": 0, "from": 4, "to": 4, "curves": {}}
    record = replay([START, STAGE, block(0, 0, 4), failed], [curves(0, 0, 4), empty]).history[0]
    assert (record.status, record.reason, record.epochs_done) == (Status.FAILED, "Traceback", 4)


class TestPromotion:
    """Both trials are at a rung after 4 epochs; the first goes on, the second is stopped."""

    RUNGS: ClassVar[dict[str, Any]] = {**PLAN, "rungs": [4, 9]}
    BEFORE: ClassVar[list[dict[str, Any]]] = [START, RUNGS, {**STAGE, "until": 4}, block(0, 0, 4), block(1, 0, 4)]
    PROMOTE: ClassVar[dict[str, Any]] = {"type": "promote", "trials": [0], "stopped": [1], "until": 9}
    CURVES: ClassVar[list[dict[str, Any]]] = [curves(0, 0, 4), curves(1, 0, 4)]

    def test_promoted_trials_wait_again_for_a_later_epoch_and_the_others_are_stopped(self) -> None:
        run = replay([*self.BEFORE, self.PROMOTE], self.CURVES)
        first, second = run.history.values()
        assert (first.status, first.until_epoch, first.epochs_done) == (Status.WAITING, 9, 4)
        assert (second.status, second.until_epoch, second.epochs_done, second.value) == (Status.STOPPED, 4, 4, 0.4)
        assert second.reason == "not among the best third of its stage after 4 epochs"

    @pytest.mark.parametrize(
        ("factor", "epochs", "reason"),
        [
            (2, 1, "not among the best half of its stage after 1 epoch"),
            (7, 9, "not among the best 1 / 7 of its stage after 9 epochs"),
        ],
    )
    def test_the_reason_names_the_share_and_the_epochs(self, factor: int, epochs: int, reason: str) -> None:
        plan, stage = {**self.RUNGS, "factor": factor}, {**STAGE, "until": epochs}
        assert replay([START, plan, stage, {**self.PROMOTE, "until": 99}], []).history[1].reason == reason

    def test_a_stopped_trial_that_begins_again_is_stopped_again_where_it_was(self) -> None:
        lines = [*self.BEFORE, self.PROMOTE]
        lost = replay(lines, self.CURVES[:1])
        assert (lost.lost, lost.history[1].epochs_done) == ({(1, 0)}, 0)
        assert (lost.history[1].status, lost.history[1].until_epoch) == (Status.STOPPED, 4)
        lines += [{"type": "again", "trial": 1}]
        begun = replay(lines, self.CURVES[:1])
        assert (begun.lost, begun.history[1].status, begun.history[1].until_epoch) == (set(), Status.WAITING, 4)
        halfway = replay([*lines, block(1, 0, 2)], [*self.CURVES[:1], curves(1, 0, 2)])
        assert (halfway.history[1].status, halfway.history[1].epochs_done) == (Status.WAITING, 2)
        whole = replay([*lines, block(1, 0, 2), block(1, 2, 4)], [*self.CURVES[:1], curves(1, 0, 2), curves(1, 2, 4)])
        assert whole.history[1].curves == replay([*self.BEFORE, self.PROMOTE], self.CURVES).history[1].curves
        assert (whole.history[1].status, whole.history[1].epochs_done) == (Status.STOPPED, 4)
        assert whole.history[1].reason == "not among the best third of its stage after 4 epochs"

    def test_a_promoted_trial_that_begins_again_goes_as_far_as_it_was_sent(self) -> None:
        run = replay([*self.BEFORE, self.PROMOTE, {"type": "again", "trial": 0}], self.CURVES)
        assert (run.history[0].status, run.history[0].until_epoch, run.history[0].epochs_done) == (Status.WAITING, 9, 0)


class TestEnd:
    """Trial 0 is complete; trial 1 has come to epoch 4 of 9."""

    LINES: ClassVar[list[dict[str, Any]]] = [START, PLAN, STAGE, block(0, 0, 9, status="complete"), block(1, 0, 4)]
    CURVES: ClassVar[list[dict[str, Any]]] = [curves(0, 0, 9), curves(1, 0, 4)]

    def test_trials_beyond_those_that_are_kept_are_gone(self) -> None:
        run = replay([*self.LINES, {"type": "end", "reason": "the target is reached", "keep": 1}], self.CURVES)
        assert (list(run.history), run.ended, run.finished) == ([0], "the target is reached", "")

    def test_their_curves_cannot_be_lost(self) -> None:
        end = {"type": "end", "reason": "the target is reached", "keep": 1}
        assert replay([*self.LINES, end], self.CURVES[:1]).lost == set()
        assert replay([*self.LINES, end], []).lost == {(0, 0)}

    def test_a_trial_that_was_stopped_keeps_its_epochs_value_and_the_reason(self) -> None:
        end = {"type": "end", "reason": "the 2 h are over", "keep": 2, "stopped": [[1, 4]]}
        record = replay([*self.LINES, end], self.CURVES).history[1]
        assert (record.status, record.reason) == (Status.STOPPED, "the 2 h are over")
        assert (record.epochs_done, record.until_epoch, record.value) == (4, 4, 0.4)

    def test_begun_again_it_goes_no_further_than_it_had_come(self) -> None:
        end = {"type": "end", "reason": "the 2 h are over", "keep": 2, "stopped": [[1, 4]]}
        lines = [*self.LINES, end, {"type": "again", "trial": 1}]
        assert replay(lines, self.CURVES[:1]).history[1].until_epoch == 4
        record = replay([*lines, block(1, 0, 4)], self.CURVES).history[1]
        assert (record.status, record.reason, record.epochs_done) == (Status.STOPPED, "the 2 h are over", 4)

    def test_a_trial_whose_curves_are_lost_was_not_stopped(self) -> None:
        end = {"type": "end", "reason": "all trials are finished", "keep": 2}
        run = replay([START, PLAN, STAGE, *(block(n, 0, 9, status="complete") for n in (0, 1)), end], [curves(0, 0, 9)])
        assert (run.history[1].status, run.history[1].until_epoch) == (Status.WAITING, 9)

    def test_a_plan_of_more_trials_takes_the_end_back_and_one_of_fewer_does_not(self) -> None:
        end, finish = {"type": "end", "reason": "all", "keep": 2}, {"type": "finish", "reason": "all"}
        lines = [*self.LINES, block(1, 4, 9, status="complete"), end, finish]
        run = replay([*lines, {**PLAN, "stages": [2, 3]}], [*self.CURVES, curves(1, 4, 9)])
        assert (run.ended, run.finished, run.plan) == ("", "", Plan((2, 3), (9,)))
        run = replay([*lines, {**PLAN, "stages": [1]}], [*self.CURVES, curves(1, 4, 9)])
        assert (run.ended, run.finished) == ("all", "all")

    def test_what_begins_again_is_not_finished(self) -> None:
        finish = {"type": "finish", "reason": "all trials are finished"}
        assert replay([*self.LINES, finish, {"type": "again", "trial": 0}], self.CURVES).finished == ""


class TestConfirmation:
    """Both trials are complete, the second with the better value; both are trained again with two fresh seeds."""

    LINES: ClassVar[list[dict[str, Any]]] = [
        START,
        PLAN,
        STAGE,
        block(0, 0, 9, status="complete"),
        block(1, 0, 8, status="complete"),
        {"type": "end", "reason": "all trials are finished", "keep": 2},
        {"type": "confirm", "trials": [1, 0], "seeds": 2, "until": 9},
    ]
    CURVES: ClassVar[list[dict[str, Any]]] = [curves(0, 0, 9), curves(1, 0, 8)]

    def fresh(self, trial: int, repetition: int, value: float) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the block of a training, and its curves."""
        line = curves(trial, 0, 9)
        line["curves"]["validation_error"][8] = value
        return block(trial, 0, 9, status="complete", repetition=repetition), {**line, "repetition": repetition}

    def confirmed(self, values: dict[tuple[int, int], float], *more: dict[str, Any]) -> RunRecord:
        blocks, lines = zip(*(self.fresh(*key, value) for key, value in values.items()), strict=True)
        return replay([*self.LINES, *blocks, *more], [*self.CURVES, *lines])

    def test_the_trainings_wait_until_they_are_done(self) -> None:
        run = replay(self.LINES, self.CURVES)
        assert sorted(run.repetitions) == [(0, 1), (0, 2), (1, 1), (1, 2)]
        assert {(r.status, r.until_epoch, r.epochs_done) for r in run.repetitions.values()} == {(Status.WAITING, 9, 0)}
        assert all(key == record.trial.key for key, record in run.repetitions.items())
        assert run.repetitions[1, 2].trial == replace(run.history[1].trial, repetition=2)
        assert (run.confirmation, run.winner) == (None, run.history[1])
        half = self.confirmed({(0, 1): 0.1, (0, 2): 0.1, (1, 1): 0.1})
        assert (half.confirmation, half.winner) == (None, half.history[1])

    def test_the_mean_of_all_values_decides_and_the_searchs_own_trainings_stay_as_they_were(self) -> None:
        run = self.confirmed({(0, 1): 0.1, (0, 2): 0.3, (1, 1): 0.8, (1, 2): 0.8})
        assert run.history == replay(self.LINES, self.CURVES).history
        assert run.confirmation is not None
        leaders = [(leader.trial, leader.picked, leader.fresh) for leader in run.confirmation.leaders]
        assert leaders == [(1, 0.8, (0.8, 0.8)), (0, 0.9, (0.1, 0.3))]
        assert run.winner is run.history[0]
        assert run.incumbent is run.history[1]

    def test_trainings_of_trials_that_lead_no_more_do_not_count(self) -> None:
        narrower = {"type": "confirm", "trials": [1], "seeds": 2, "until": 9}
        run = self.confirmed({(0, 1): 0.1, (1, 1): 0.8, (1, 2): 0.8}, narrower)
        assert {record.trial.key for record in run.fresh} == {(1, 1), (1, 2)}
        assert run.winner is run.history[1]

    def test_only_the_seeds_that_all_leaders_have_seen_are_compared(self) -> None:
        before = replay([*self.LINES[:-1], {**self.LINES[-1], "trials": [1], "seeds": 3}], self.CURVES)
        for repetition in (1, 2, 3):
            facts, line = self.fresh(1, repetition, 0.1 * repetition)
            take(before, facts, {name: tuple(values) for name, values in line["curves"].items()})
        take(before, {**self.LINES[-1], "seeds": 1}, {})
        facts, line = self.fresh(0, 1, 0.5)
        take(before, facts, {name: tuple(values) for name, values in line["curves"].items()})
        assert before.confirmation is not None
        assert [c.fresh for c in before.confirmation.leaders] == [(0.1,), (0.5,)]

    def test_more_trials_take_back_what_was_confirmed_but_keep_the_trainings(self) -> None:
        run = self.confirmed({(0, 1): 0.1, (0, 2): 0.3, (1, 1): 0.8, (1, 2): 0.8}, {**PLAN, "stages": [2, 2]})
        assert (run.retrained, run.confirmation, run.winner) == ((), None, run.history[1])
        assert len(run.repetitions) == 4

    def test_without_the_curves_of_a_leader_nothing_is_confirmed(self) -> None:
        values = {(0, 1): 0.1, (0, 2): 0.3, (1, 1): 0.8, (1, 2): 0.8}
        blocks, lines = zip(*(self.fresh(*key, value) for key, value in values.items()), strict=True)
        run = replay([*self.LINES, *blocks], [self.CURVES[1], *lines])
        assert (run.confirmation, run.winner, run.lost) == (None, run.history[1], {(0, 0)})
        again = replay([*self.LINES, *blocks], [*self.CURVES, *lines[1:]])
        assert (again.confirmation, again.lost) == (None, {(0, 1)})


def test_every_scoring_of_the_test_part_is_counted_and_the_last_trial_is_the_kept_one() -> None:
    scored = {"validation": {"error": 0.5, "rows": 3}, "test": {"error": 0.5, "rows": 3}}
    first: dict[str, Any] = {"type": "assess", "trial": 1, **scored}
    lines = [START, PLAN, STAGE, first, {**first, "trial": 0}]
    assert [(replay(lines[:n], []).tests, replay(lines[:n], []).kept) for n in (3, 4, 5)] == [(0, None), (1, 1), (2, 0)]
    again = replay([*lines, first], [])
    assert (again.tests, again.kept) == (2, 1)  # the same numbers once more tell nothing new
    child = {**START, "parent": {"run": "w-001", "directory": "runs/w-001", "tests": 3}}
    assert replay([child, *lines[1:]], []).tests == 5
    del first["test"]
    assert replay(lines[:4], []).tests == 0


def test_the_seconds_are_those_of_each_command_until_its_last_block() -> None:
    sessions = [{"type": "session", "at": f"2026-11-21T1{hour}:00:00.000+00:00"} for hour in (0, 2, 4)]
    times = [f"2026-11-21T1{hour}:00:01.500+00:00" for hour in (0, 2)]
    began = {"started_at": "2026-11-21T10:00:00.100+00:00"}
    late, early = (block(0, begin, begin + 4, finished_at=time, **began) for begin, time in zip((0, 4), times, strict=True))
    overtaken = block(1, 0, 4, finished_at="2026-11-21T12:00:00.500+00:00", **began)
    lines: list[dict[str, Any]] = [START, sessions[0], PLAN, STAGE, late, sessions[1], early, overtaken, sessions[2]]
    run = replay(lines, [curves(0, 0, 4), curves(0, 4, 8), curves(1, 0, 4)])
    assert run.seconds == 3.0
    assert [seconds for _, seconds in run.sessions] == [1.5, 1.5, 0.0]


@pytest.mark.parametrize(
    "unknown",
    [
        {"type": "sunset", "trial": 0},
        {"type": "stop", "reason": "interrupted", "signal": 2},
        {"type": "sunset", "trial": 0, "from": 0, "to": 4, "trials": [5]},
    ],
)
def test_records_of_an_unknown_type_change_nothing(unknown: dict[str, Any]) -> None:
    lines: list[dict[str, Any]] = [PLAN, STAGE, block(0, 0, 4)]
    run = replay([START, *lines], [curves(0, 0, 4)])
    for place in range(len(lines) + 1):
        assert replay([START, *lines[:place], unknown, *lines[place:]], [curves(0, 0, 4)]) == run


def test_the_end_of_a_run_is_its_scores_and_a_reason() -> None:
    scores = {"validation": {"rmse": 0.1, "r2": None, "rows": 30}, "test": {"rmse": 0.2, "r2": 0.5, "rows": 40}}
    finish = {"type": "finish", "reason": "all trials are finished"}
    run = replay([START, STAGE, {"type": "assess", "trial": 1, **scores}, finish], [])
    assert run.scores[1]["test"] == {"rmse": 0.2, "r2": 0.5, "rows": 40}
    assert math.isnan(run.scores[1]["validation"]["r2"])
    assert run.finished == "all trials are finished"


def test_a_later_plan_replaces_an_earlier_one() -> None:
    assert replay([START, PLAN, {**PLAN, "stages": [5], "rungs": [1, 4], "factor": 4}], []).plan == Plan((5,), (1, 4), 4)
    assert replay([START, {**PLAN, "given": 1}], []).plan == Plan((2,), (9,), 3, given=1)


class TestReopening:
    """The search ended while trial 0 was to be trained until epoch 9 and stood at 4."""

    END: ClassVar[dict[str, Any]] = {"type": "end", "reason": "the 1 h are over", "keep": 2, "stopped": [[0, 4], [1, 0]]}
    LINES: ClassVar[list[dict[str, Any]]] = [START, PLAN, STAGE, block(0, 0, 4)]

    def test_takes_the_end_back_and_what_it_did_to_trials(self) -> None:
        before = replay(self.LINES, [curves(0, 0, 4)])
        ended = replay([*self.LINES, self.END, {"type": "finish", "reason": "the 1 h are over"}], [curves(0, 0, 4)])
        assert (ended.is_cut_short, ended.history[0].status, ended.history[0].until_epoch) == (True, Status.STOPPED, 4)
        take(ended, {"type": "reopen"}, {})
        assert ended == before

    def test_trials_that_a_later_end_left_out_stay_out(self) -> None:
        later = {"type": "end", "reason": "the target is reached", "keep": 1}
        run = replay([*self.LINES, self.END, later, {"type": "reopen"}], [curves(0, 0, 4)])
        assert {number: record.until_epoch for number, record in run.history.items()} == {0: 9}


def test_the_incumbent_is_the_best_complete_trial() -> None:
    lines = [block(0, 0, 9, status="complete"), block(1, 0, 8, status="complete")]
    run = replay([START, STAGE, *lines], [curves(0, 0, 9), curves(1, 0, 8)])
    assert run.incumbent is run.history[1]


def test_folding_line_by_line_gives_what_replay_gives() -> None:
    live = RunRecord(START)
    for line in (PLAN, STAGE, block(0, 0, 4)):
        take(live, line, {"validation_error": (0.1, 0.2, 0.3, 0.4), "train_loss": (1.0, 2.0, 3.0, 4.0)})
    assert live == replay([START, PLAN, STAGE, block(0, 0, 4)], [curves(0, 0, 4)])
