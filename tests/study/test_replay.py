from __future__ import annotations

import math
from typing import Any

import pytest

from hpsearch.study.replay import RunRecord, replay
from hpsearch.trial import Status, Trial, TrialRecord

START = {
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
    assert run.plan == PLAN
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
        assert (run.history, run.lost) == (replay([START, STAGE], []).history, {0})

    def test_curves_that_are_too_short_or_of_other_metrics_are_lost(self) -> None:
        lines: list[dict[str, Any]] = [START, STAGE, block(0, 0, 4, status="complete")]
        short: dict[str, Any] = {**curves(0, 0, 4), "curves": curves(0, 0, 3)["curves"]}
        other: dict[str, Any] = {**curves(0, 0, 4), "curves": {"speed": [1, 2, 3, 4], "train_loss": [1, 2, 3, 4]}}
        for damaged in (short, other):
            assert replay(lines, [damaged]).lost == {0}
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


def test_promoted_trials_wait_again_for_a_later_epoch() -> None:
    rung = block(0, 0, 4, status="stopped")
    run = replay([START, STAGE, rung, {"type": "promote", "trials": [0], "until": 27}], [curves(0, 0, 4)])
    assert (run.history[0].status, run.history[0].until_epoch) == (Status.WAITING, 27)
    assert (run.history[0].epochs_done, run.history[1].until_epoch) == (4, 9)


@pytest.mark.parametrize(
    "unknown",
    [
        {"type": "sunset", "trial": 0},
        {"type": "stop", "reason": "interrupted by signal 2"},
        {"type": "confirm", "trials": [9]},
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
    assert replay([START, PLAN, {**PLAN, "stages": [5]}], []).plan["stages"] == [5]


def test_the_incumbent_is_the_best_complete_trial() -> None:
    lines = [block(0, 0, 9, status="complete"), block(1, 0, 8, status="complete")]
    run = replay([START, STAGE, *lines], [curves(0, 0, 9), curves(1, 0, 8)])
    assert run.incumbent is run.history[1]


def test_folding_line_by_line_gives_what_replay_gives() -> None:
    live = RunRecord(START)
    for line in (PLAN, STAGE, block(0, 0, 4)):
        live.take(line, {"validation_error": (0.1, 0.2, 0.3, 0.4), "train_loss": (1.0, 2.0, 3.0, 4.0)})
    assert live == replay([START, PLAN, STAGE, block(0, 0, 4)], [curves(0, 0, 4)])
