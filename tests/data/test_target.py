from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from hpsearch.data.csv_reader import read_csv
from hpsearch.data.npz_reader import column_of
from hpsearch.data.settings import DataSettings, Task
from hpsearch.data.table import MISSING_TEXTS, Table
from hpsearch.data.target import class_indices, find_labels, find_task, target_name
from hpsearch.errors import UsageError


def table_of(targets: Sequence[object]) -> Table:
    lines = ["a,y", *(f"1,{target}" for target in targets)]
    return read_csv("\n".join(lines).encode(), "data.csv", "hash", MISSING_TEXTS)


def task_of(targets: Sequence[object], task: Task | None = None) -> Task:
    return find_task(table_of(targets), "y", task)


def labels_of(targets: Sequence[object]) -> tuple[str, ...]:
    return find_labels(table_of(targets), "y")


def task_fault(targets: Sequence[object], task: Task | None = None) -> str:
    with pytest.raises(UsageError) as caught:
        task_of(targets, task)
    return str(caught.value)


def label_fault(targets: Sequence[object]) -> str:
    with pytest.raises(UsageError) as caught:
        labels_of(targets)
    return str(caught.value)


def test_texts_are_classes_however_many_there_are() -> None:
    assert task_of(["b", "a", "10"]) == "classification"
    assert task_of([f"word{number}" for number in range(26)]) == "classification"


def test_twenty_whole_numbers_are_classes_and_twenty_one_are_asked_about() -> None:
    assert task_of([*range(20), "1.0"]) == "classification"
    assert task_fault(range(21)) == (
        "data.task: are the 21 whole numbers in `y` classes, or quantities?\n"
        "      if they are classes, write `task: classification` under `data:`; if they are quantities, `task: regression`"
    )


def test_numbers_with_fractions_are_a_quantity() -> None:
    assert task_of([0.5, 1, 2]) == "regression"
    assert task_of([*range(21), 0.5]) == "regression"
    assert task_of([number + 0.5 for number in range(21)] * 100) == "regression"


def test_few_numbers_with_fractions_that_often_repeat_are_asked_about() -> None:
    assert task_of([0.5, 1.5, 2.5]) == task_of([0.5, 1.5, 0.5]) == "regression"
    message = task_fault([0.5, 1.5, 0.5, 1.5])
    assert message.startswith("data.task: are the 2 different numbers in `y` classes, or quantities?\n")
    assert "`task: classification`" in message
    assert "`task: regression`" in message
    assert "the 20 different numbers" in task_fault([number + 0.5 for number in range(20)] * 2)


def test_what_is_said_is_not_asked_about() -> None:
    assert task_of(range(21), "classification") == "classification"
    assert task_of(range(21), "regression") == "regression"
    assert task_of([0, 1, 1], "regression") == "regression"
    assert task_of([*range(30), "x"], "classification") == "classification"


def test_a_text_among_numbers_is_asked_about() -> None:
    message = task_fault([*range(30), "x"])
    assert message.startswith("data.csv:32: 'x' is no number, but 30 of the 31 values of `y` are\n")
    assert message.endswith(
        "\n      mend or remove such rows; if all values are classes, write `task: classification` under `data:`"
    )
    assert task_of([*range(30), "x"], "classification") == "classification"


@pytest.mark.parametrize("task", [None, "classification", "regression"])
def test_a_row_without_a_target_is_an_error_at_the_first(task: Task | None) -> None:
    assert task_fault(["1", "2", "", "NA"], task).startswith("data.csv:4: no value of the target `y`; 2 rows have none")
    assert "; 1 row has none, this is the first" in task_fault(["1", "2", ""], task)


@pytest.mark.parametrize(("array", "task"), [([2.0, 0.0, 2.0], "classification"), ([2.0, 0.25, 2.0], "regression")])
def test_an_array_is_judged_by_its_values_and_not_by_its_type(array: list[float], task: Task) -> None:
    table = Table("a.npz", {"y": column_of(np.array(array), ())}, np.arange(3), has_lines=False, sha256="hash")
    assert find_task(table, "y", None) == task


def test_texts_are_classes_in_alphabetical_order() -> None:
    assert labels_of(["b", "a", "10", "b", "9"]) == ("10", "9", "a", "b")


def test_numbers_are_sorted_as_numbers_and_one_number_is_one_class() -> None:
    table = table_of(["10", "9", "1.0", "1", "01", "-2", "1e1"])
    labels = find_labels(table, "y")
    assert labels == ("-2", "1", "9", "10")
    classes = class_indices(table, "y", labels)
    assert classes.tolist() == [3, 2, 1, 1, 1, 0, 3]
    assert classes.dtype == np.int64


def test_long_whole_numbers_are_not_merged() -> None:
    assert labels_of([2**53, 2**53 + 1]) == ("9007199254740992", "9007199254740993")


def test_any_target_can_be_classes() -> None:
    assert len(labels_of(range(21))) == 21
    assert labels_of([1.5, 0.5, 1.5]) == ("0.5", "1.5")
    assert len(labels_of([*range(30), "x"])) == 31


def test_at_most_a_thousand_classes() -> None:
    assert len(labels_of(range(1000))) == 1000
    assert "`y` has 1,001 different values; at most 1,000 can be classes" in label_fault(range(1001))


def test_one_class_is_an_error() -> None:
    for targets in (["1", "1.0"], ["2.5", "2.5"]):
        assert task_of(targets) == "classification"
    message = "data.target: all rows have the same target: `y` is '1'\n      predict another column"
    assert label_fault(["1", "1.0"]) == message


def test_a_class_that_the_source_lacks_is_an_error_at_its_line() -> None:
    with pytest.raises(UsageError) as caught:
        class_indices(table_of(["a", "c\x1b", "d"]), "y", ("a", "b"))
    assert str(caught.value) == (
        "data.csv:3: the target 'c\\x1b' is none of the classes\n      the classes of the source are: 'a', 'b'"
    )


def test_numbers_in_an_array_are_classes() -> None:
    table = Table("a.npz", {"y": column_of(np.array([2.0, 0.0, 2.0]), ())}, np.arange(3), has_lines=False, sha256="hash")
    labels = find_labels(table, "y")
    assert labels == ("0", "2")
    assert class_indices(table, "y", labels).tolist() == [1, 0, 1]


def test_the_target_of_a_csv_must_be_named() -> None:
    assert target_name(DataSettings(source="data.csv")) == ""
    assert target_name(DataSettings(source="data.csv", target="a")) == "a"


def test_the_target_of_an_npz_is_y_unless_named() -> None:
    assert target_name(DataSettings(source="data.npz")) == "y"
    assert target_name(DataSettings(source="data.npz", target="a")) == "a"
