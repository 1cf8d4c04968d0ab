from __future__ import annotations

import math
from dataclasses import FrozenInstanceError, replace
from itertools import permutations

import pytest

from hpsearch.trial import DRAWN, Origin, Outcome, Status, Trial, TrialRecord, best_first, incumbent, leaders, rank


def record(
    number: int, value: float, loss: float | None = 1.0, size: int = 10, status: Status = Status.COMPLETE
) -> TrialRecord:
    curves = {"validation_error": (0.9, value)} | ({} if loss is None else {"validation_loss": (0.0, loss)})
    trial = Trial(number, stage=0, point=(0.5,), params={"learning_rate": 0.1})
    return TrialRecord(trial, 2, status=status, curves=curves, values=(0.9, value), selected_epoch=2, size=size)


def numbers(records: list[TrialRecord]) -> list[int]:
    return [found.number for found in leaders(records)]


def test_leaders_come_best_first() -> None:
    assert numbers([record(0, 0.3), record(1, 0.1), record(2, 0.2)]) == [1, 2, 0]


def test_ties_go_to_the_lower_loss_then_to_the_smaller_network_then_to_the_lower_number() -> None:
    best_first = [
        record(9, 0.1, loss=5.0, size=99),
        record(8, 0.2, loss=0.1, size=99),
        record(7, 0.2, loss=0.2, size=10),
        record(5, 0.2, loss=0.2, size=11),
        record(6, 0.2, loss=0.2, size=11),
    ]
    for order in permutations(best_first):
        assert leaders(order) == best_first
        assert incumbent(order) == best_first[0]


def test_a_tie_is_broken_by_the_loss_of_the_epochs_that_count() -> None:
    early = replace(record(0, 0.2), selected_epoch=1)
    late = record(1, 0.2, loss=0.5)
    assert leaders([late, early]) == [early, late]
    assert leaders([late, replace(early, selected_epoch=2)]) == [late, replace(early, selected_epoch=2)]


def test_a_trial_without_a_validation_loss_loses_a_tie() -> None:
    records = [record(0, 0.2, loss=None), record(1, 0.2, loss=math.nan), record(2, 0.2, loss=9.0), record(3, 0.3)]
    assert numbers(records) == [2, 0, 1, 3]


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.COMPLETE])
def test_a_trial_that_is_not_complete_never_leads(status: Status) -> None:
    assert numbers([record(0, 0.0, status=status), record(1, 0.9)]) == [1]
    assert incumbent([record(0, 0.0, status=status)]) is None


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_value_that_is_no_number_never_leads(value: float) -> None:
    assert numbers([record(0, value), record(1, 0.9)]) == [1]


def test_nobody_leads_an_empty_history() -> None:
    assert leaders([]) == []
    assert incumbent([]) is None


def test_leaders_take_any_iterable_and_leave_it_as_it_was() -> None:
    history = {0: record(0, 0.3), 1: record(1, 0.1)}
    assert [found.number for found in leaders(history.values())] == [1, 0]
    assert list(history) == [0, 1]


def test_a_record_tells_a_metric_at_an_epoch_from_1() -> None:
    found = record(0, 0.25)
    assert found.epochs_done == 2
    assert (found.at("validation_error", 1), found.at("validation_error", 2)) == (0.9, 0.25)
    assert found.selected("validation_error") == 0.25
    assert replace(found, selected_epoch=1).selected("validation_error") == 0.9


@pytest.mark.parametrize(("metric", "epoch"), [("validation_error", 0), ("validation_error", 3), ("train_loss", 1)])
def test_where_there_is_no_metric_it_is_nan(metric: str, epoch: int) -> None:
    assert math.isnan(record(0, 0.25).at(metric, epoch))


def test_a_trial_that_has_just_started_has_no_epochs_and_no_value() -> None:
    found = TrialRecord(Trial(4, 0, (), {}), until_epoch=3)
    assert (found.number, found.epochs_done, found.status) == (4, 0, Status.WAITING)
    assert math.isnan(found.value)
    assert math.isnan(found.selected("validation_error"))


def test_a_status_is_written_as_its_word() -> None:
    assert [str(status) for status in Status] == [
        "waiting",
        "complete",
        "stopped",
        "diverged",
        "failed",
        "crashed",
        "timeout",
    ]


def test_every_status_but_waiting_is_an_end() -> None:
    assert [status for status in Status if not status.ended] == [Status.WAITING]


def test_what_went_wrong_is_a_failure_and_what_was_stopped_early_is_none() -> None:
    assert [status.value for status in Status if status.is_failure] == ["diverged", "failed", "crashed", "timeout"]


def test_all_trials_come_best_first_those_that_cannot_win_behind() -> None:
    ends = [record(0, 0.3), record(1, 0.1, status=Status.STOPPED), record(2, math.nan, status=Status.FAILED), record(3, 0.2)]
    assert [ended.number for ended in best_first(ends)] == [3, 0, 1, 2]


def test_the_nouns_are_frozen() -> None:
    found = record(0, 0.25)
    outcome = Outcome(0, 1, {}, None, Status.COMPLETE)
    for noun, name in ((found, "values"), (found.trial, "number"), (outcome, "status"), (DRAWN, "kind")):
        with pytest.raises(FrozenInstanceError):
            setattr(noun, name, 0)
    assert replace(found, values=(0.5,)).value == 0.5


def test_the_value_of_a_trial_is_its_last_one() -> None:
    assert replace(record(0, 0.25), values=(0.5, 0.125)).value == 0.125
    assert math.isnan(replace(record(0, 0.25), values=()).value)


def test_trials_of_any_status_have_a_rank_and_what_is_no_number_comes_last() -> None:
    waiting = [record(0, math.nan), record(1, 0.2, loss=math.nan), record(2, 0.2, loss=9.0), record(3, math.inf)]
    records = [replace(found, status=Status.WAITING) for found in waiting]
    assert [found.number for found in sorted(records, key=rank)] == [2, 1, 0, 3]


def test_a_rank_compares_the_value_then_the_loss_then_the_size_then_the_number() -> None:
    assert rank(record(4, 0.25, loss=0.5, size=7)) == (0.25, 0.5, 7, 4)
    assert rank(record(4, 0.25, loss=None, size=7)) == (0.25, math.inf, 7, 4)


def test_a_trial_is_drawn_and_no_repetition_unless_told_otherwise() -> None:
    trial = Trial(4, 0, (0.5,), {"learning_rate": 0.1})
    assert (trial.origin, trial.repetition) == (Origin("drawn"), 0)
    assert (DRAWN.elite, DRAWN.elite_run, DRAWN.moved, DRAWN.logarithmic) == (-1, "", (), False)
    assert math.isnan(DRAWN.improvement)


def test_drawn_trials_of_one_point_are_equal() -> None:
    assert Trial(4, 0, (0.5,), {"x": 1}) == Trial(4, 0, (0.5,), {"x": 1})
    assert Trial(4, 0, (0.5,), {"x": 1}) != Trial(4, 0, (0.5,), {"x": 1}, repetition=1)
