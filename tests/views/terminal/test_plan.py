from typing import Any

import pytest

from hpsearch.search.plan import Plan
from hpsearch.search.settings import Confirm, EarlyStopping, Prior, SearchSettings
from hpsearch.search.strategy import make_plan
from hpsearch.views.terminal.plan import data_line, plan_line, plan_lines


def lines(epochs: int = 27, **settings: Any) -> list[str]:
    settings = {"confirm": Confirm(leaders=0), **settings}
    found = SearchSettings(**settings).settled()
    plan = make_plan(found, epochs)
    return plan_lines(plan, found, min(found.confirm.count(plan.trials), plan.trials))


def test_a_random_search_trains_every_trial_to_the_end() -> None:
    assert lines(24, method="random", trials=60) == ["plan: 60 trials of 24 epochs, 1,440 epochs in total"]
    assert lines(1, method="grid", trials=1) == ["plan: 1 trial of 1 epoch, 1 epoch in total"]


MEMORISING = "if trials get worse after epoch 9, a stage takes fewer of them, all to 27, for the same epochs in total"


def test_stages_and_rungs_are_told_with_what_they_cost() -> None:
    assert lines(trials=60) == [
        "plan: 60 trials: 12 drawn from the whole space, then 3 stages of 16; after 1, 3 and 9 epochs (1 and 9 in the first "
        "stage) the best third of a stage goes on, to 27; 254 epochs in total, as many as 9.4 full trainings",
        MEMORISING,
    ]


def test_stages_of_several_sizes_are_told_apart() -> None:
    assert lines(2, trials=100, early_stopping="off")[0].endswith("then 16 stages of 5; 2 epochs each, 200 epochs in total")
    assert "20 drawn from the whole space, then 2 stages of 27 and 1 of 26;" in lines(trials=100)[0]
    assert (
        "3 drawn from the whole space, then 1 stage of 2 and 1 of 1;"
        in plan_lines(Plan((3, 2, 1), (1, 3)), SearchSettings(trials=6), 0)[0]
    )


def test_what_is_given_goes_on_beside_the_bracket() -> None:
    (line,) = lines(9, method="random", trials=7, early_stopping=EarlyStopping(), start=({"learning_rate": 0.1},))
    assert line == (
        "plan: 7 trials (1 of them given); after 1 and 3 epochs the best third goes on, and what is given, to 9; "
        "25 epochs in total, as many as 2.8 full trainings"
    )


def test_brackets_of_trials_that_are_drawn_alike_are_no_stages() -> None:
    line = plan_line(Plan((12, 12, 3), (1, 3), given=1), SearchSettings("random", 27))
    assert line.startswith("plan: 27 trials in 2 brackets of 12 and 1 of 3 (1 of them given); after 1 epoch ")


def test_fewer_combinations_than_trials_are_told() -> None:
    settings = SearchSettings(method="random", trials=40, confirm=Confirm(leaders=0))
    assert plan_lines(Plan((16,), (1,)), settings, 0) == [
        "plan: 16 trials of 1 epoch, 16 epochs in total",
        "16 combinations of values: 16 trials, not 40",
    ]


def test_a_single_stage_may_stop_trials_early_too() -> None:
    assert plan_lines(Plan((9,), (1, 4), 4), SearchSettings(method="random", trials=9), 0) == [
        "plan: 9 trials; after 1 epoch the best quarter goes on, to 4; 18 epochs in total, as many as 4.5 full trainings"
    ]
    assert plan_lines(Plan((1,), (1, 7), 7), SearchSettings(method="random", trials=1), 0) == [
        "plan: 1 trial; after 1 epoch the best 1 / 7 goes on, to 7; 7 epochs in total, as many as 1 full training"
    ]


def test_given_points_are_counted_as_what_they_are() -> None:
    start = ({"learning_rate": 0.1}, {"learning_rate": 0.2})
    assert lines(trials=60, start=start)[0].startswith("plan: 60 trials: 2 given and 10 drawn from the whole space, then 3")
    assert lines(3, method="random", trials=5, start=start) == [
        "plan: 5 trials of 3 epochs (2 of them given), 15 epochs in total"
    ]
    assert plan_line(Plan((2, 4), (3,), given=2), SearchSettings()).startswith("plan: 6 trials: 2 given, then 1 stage of 4;")


def test_the_boxes_of_zoom_are_told() -> None:
    assert (
        "24 drawn from the whole space, then 4 stages of 9, each from a box half as wide"
        in lines(method="zoom", trials=60)[0]
    )


@pytest.mark.parametrize(
    ("trials", "confirm", "line"),
    [
        (60, Confirm(), "then the 2 best are trained again with 3 fresh seeds: 162 epochs"),
        (49, Confirm(), None),
        (20, Confirm(leaders=1, seeds=1), "then the best is trained again with 1 fresh seed: 27 epochs"),
        (3, Confirm(leaders=9), "then the 3 best are trained again with 3 fresh seeds: 243 epochs"),
    ],
)
def test_training_the_best_again_is_part_of_the_plan(trials: int, confirm: Confirm, line: str | None) -> None:
    assert lines(trials=trials, confirm=confirm)[1:-1] == ([] if line is None else [line])


def test_what_is_known_before_and_what_ends_a_search_early_is_told() -> None:
    settings = SearchSettings(trials=40, confirm=Confirm(leaders=0), target=0.02, plateau=1, hours=1.5)
    plan = make_plan(settings.settled(), 27)
    assert plan_lines(plan, settings, 0, {"digits": 1, "digits-001": 40})[1:] == [
        "1 trial of digits and 40 trials of digits-001 count as evidence, and as none of these trials",
        MEMORISING,
        "it ends before that when the target of 0.02 is reached, or after 1 trial without a better one, or after 1.5 hours",
    ]
    assert lines(trials=40, prior=Prior("digits-001", "ab"))[1:] == [MEMORISING]  # none of its trials counts
    assert lines(trials=40, hours=1)[2:] == ["it ends before that after 1 hour"]


def test_the_data_are_told_in_one_line() -> None:
    facts = {"task": "classification", "target": "label", "features": 64, "classes": 10, "rows": {"train": 9, "test": 3}}
    assert data_line(facts) == "data: 64 inputs, classification of label (10 classes); rows: 9 train, 3 test"
    facts |= {"task": "regression", "target": "price", "features": 1, "classes": 0, "target_deviation": 123.456}
    assert data_line(facts) == "data: 1 input, regression of price (deviation 123.5); rows: 9 train, 3 test"


def test_a_function_stands_in_the_place_of_data() -> None:
    assert data_line({"task": "python", "function": "problems:branin"}) == "objective: the Python function problems:branin"
