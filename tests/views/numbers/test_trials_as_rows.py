import csv
import io
import math
from dataclasses import replace

import pytest
from recorded import recorded_run, recorded_search

from hpsearch.errors import UsageError
from hpsearch.study.derived import csv_text, trials_csv
from hpsearch.trial import Status
from hpsearch.views.numbers.conditions import Cell, Condition, as_typed, parsed
from hpsearch.views.numbers.trials import Trials, trials, values_of


def where(*typed: str) -> list[object]:
    conditions = [condition for text in typed if (condition := parsed(text))]
    return list(trials(recorded_run()).where(*conditions).cells("trial"))


def test_rows_are_the_cells_of_trials_csv_the_best_first() -> None:
    run = recorded_run()
    table = trials(run)
    assert table.cells("trial") == [1, 0, 2, 3]
    assert csv_text(table.columns, table.sorted_by("trial").rows) == trials_csv(run)


def test_trials_that_came_to_the_end_stand_before_better_ones_that_did_not() -> None:
    run = recorded_search({})
    run.history[4] = replace(run.history[4], values=(0.01,))
    assert trials(run).cells("trial") == [3, 0, 4, 1, 2]


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        (["learning_rate<0.1"], [0, 3]),
        (["learning_rate<0.5", "optimizer=momentum"], [1]),
        (["status=diverged"], [2]),
        (["hidden_units=64x32"], [1]),
        (["hidden_units<100"], [2, 3]),
        (["momentum="], [0, 3]),
        (["momentum!=", "momentum>0.99"], [1]),
        (["value>100"], []),
        (["hidden_units=wide"], []),
    ],
)
def test_all_conditions_must_hold(typed: list[str], numbers: list[int]) -> None:
    assert where(*typed) == numbers


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("learning_rat<1", "there is no column 'learning_rat'\n      did you mean `learning_rate`?"),
        ("learning_rate<fast", "the comparison learning_rate < fast: learning_rate holds numbers, and that is a text"),
        ("learning_rate='0.1'", "the comparison learning_rate == '0.1': learning_rate holds numbers, and that is a text"),
        ("learning_rate!=true", "learning_rate holds numbers, and that is a truth value"),
        ("optimizer=5", "optimizer holds texts, and that is a number\n      a text is written in quotes: optimizer=='5'"),
        ("optimizer=true", "optimizer holds texts, and that is a truth value\n      a text is written in quotes"),
        ("hidden_units<[64]", "a list is neither more nor less than another"),
        ("widths<64x32", "a list is neither more nor less than another"),
        ("widths>100", "a list is neither more nor less than another"),
        ("widths=wide", "widths holds lists, and that is a text"),
        ("optimizer>true", "the comparison optimizer > true: a truth value is neither more nor less than another"),
        ("learning_rate<", "what to compare with is missing"),
        ("status=divergd", "that is no status\n      did you mean `diverged`?"),
    ],
)
def test_a_comparison_that_makes_no_sense_is_told(typed: str, said: str) -> None:
    table, condition = trials(recorded_run()), parsed(typed)
    table = Trials((*table.columns, "widths"), tuple((*cells, [64, 32]) for cells in table.rows))
    assert condition
    with pytest.raises(UsageError) as caught:
        table.where(condition)
    assert said in str(caught.value)


def test_rows_are_sorted_by_a_column_with_what_is_missing_last_in_both_directions() -> None:
    table = trials(recorded_run())
    assert table.sorted_by("learning_rate").cells("trial") == [0, 3, 1, 2]
    assert table.sorted_by("momentum").cells("trial") == [2, 1, 0, 3]
    assert table.sorted_by("momentum", descending=True).cells("trial") == [1, 2, 0, 3]
    assert table.sorted_by("hidden_units").cells("trial") == [2, 3, 0, 1]
    assert table.sorted_by("optimizer").cells("trial") == [0, 3, 1, 2]
    with pytest.raises(UsageError, match="did you mean `momentum`"):
        table.sorted_by("momentm")


def test_columns_are_chosen_by_name_or_pattern_behind_the_number_of_the_trial() -> None:
    chosen = trials(recorded_run()).only(["momentum", "validation_*", "momentum", "trial"])
    assert chosen.columns == ("trial", "momentum", "validation_error", "validation_loss", "validation_macro_f1")
    assert chosen.rows[0][:3] == (1, 0.99872, 0.08)
    with pytest.raises(UsageError, match="there is no column 'validatoin_"):
        trials(recorded_run()).only(["validatoin_*"])


def test_columns_that_are_the_same_in_all_rows_can_be_left_out() -> None:
    table = Trials(("trial", "a", "b", "c", "d"), ((0, 1.0, None, [1], "true"), (1, 1.0, None, [2], True)))
    assert table.changing().columns == ("trial", "c", "d")
    assert table.first(1).changing() == table.first(1)


def test_the_first_rows_are_the_best() -> None:
    assert trials(recorded_run()).first(2).cells("trial") == [1, 0]


def test_what_a_column_holds_is_told_in_short() -> None:
    table = trials(recorded_run())
    assert values_of(table.cells("learning_rate")) == "from 0.0064919 to 0.9"
    assert values_of(table.cells("optimizer")) == "adam, momentum"
    assert values_of([None, math.nan]) == "nothing"


def test_each_value_that_a_column_is_told_to_hold_can_be_typed_to_find_it() -> None:
    cells: list[Cell] = ["adam", "5", 5, True, "true", "", " a", [64, 32], "64x32", 0.1]
    told = values_of(cells).split(", ", 1)[1]
    assert told == "5, true, '', ' a', '5', '64x32', adam, 'true', [64, 32]"
    for cell in cells:
        condition = parsed(f"x={as_typed(cell)}")
        assert condition
        assert [other for other in cells if condition.holds(other)] == [cell], cell


def test_a_status_that_no_trial_has_is_no_mistake() -> None:
    assert trials(recorded_run()).where(Condition("status", "==", Status.CRASHED)).rows == ()


def test_a_trial_that_has_not_ended_has_no_time_at_which_it_did() -> None:
    run = recorded_run()
    run.history[0] = replace(run.history[0], status=Status.WAITING, finished_at="")
    table = trials(run)
    condition = parsed("finished_at=")
    assert condition
    assert table.where(condition).cells("trial") == [0]
    assert table.cells("finished_at")[table.cells("trial").index(0)] is None


def test_the_text_of_a_selection_is_that_of_trials_csv() -> None:
    run = recorded_run()
    chosen = trials(run).sorted_by("trial").only(["learning_rate", "hidden_units"])
    whole = list(csv.DictReader(io.StringIO(trials_csv(run))))
    rows = list(csv.DictReader(io.StringIO(csv_text(chosen.columns, chosen.rows))))
    assert rows == [{name: row[name] for name in chosen.columns} for row in whole]
