from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from hpsearch.data.csv_reader import read_csv
from hpsearch.data.settings import DataSettings
from hpsearch.data.table import MISSING_TEXTS, Numbers, Table
from hpsearch.data.target import class_indices, find_labels, target_name
from hpsearch.errors import DataError


def table_of(targets: Sequence[object]) -> Table:
    lines = ["a,y", *(f"1,{target}" for target in targets)]
    return read_csv("\n".join(lines).encode(), "data.csv", "hash", MISSING_TEXTS)


def labels_of(targets: Sequence[object], task: str | None = None) -> tuple[str, ...]:
    return find_labels(table_of(targets), "y", task)


def fault_of(targets: Sequence[object], task: str | None = None) -> str:
    with pytest.raises(DataError) as caught:
        labels_of(targets, task)
    return str(caught.value)


def test_texts_are_classes_in_alphabetical_order() -> None:
    assert labels_of(["b", "a", "10", "b", "9"]) == ("10", "9", "a", "b")


def test_more_than_twenty_texts_are_classes_too() -> None:
    assert len(labels_of([f"word{number}" for number in range(26)])) == 26


def test_numbers_are_sorted_as_numbers_and_one_number_is_one_class() -> None:
    table = table_of(["10", "9", "1.0", "1", "01", "-2", "1e1"])
    labels = find_labels(table, "y", None)
    assert labels == ("-2", "1", "9", "10")
    classes = class_indices(table, "y", labels)
    assert classes.tolist() == [3, 2, 1, 1, 1, 0, 3]
    assert classes.dtype == np.int64


def test_long_whole_numbers_are_not_merged() -> None:
    assert labels_of([2**53, 2**53 + 1]) == ("9007199254740992", "9007199254740993")


def test_twenty_whole_numbers_are_classes_and_twenty_one_are_asked_about() -> None:
    assert len(labels_of(range(20))) == 20
    assert fault_of(range(21)) == (
        "data.csv: are the 21 whole numbers in `y` classes, or quantities?\n"
        "      if they are classes, write `task: classification` under `data:`; hpsearch trains classifiers only"
    )


@pytest.mark.parametrize("targets", [[0.5, 1.5, 0.5], [1, 2, "inf"]])
def test_numbers_that_are_not_whole_are_asked_about(targets: list[object]) -> None:
    assert "it looks like a target of regression" in fault_of(targets)


def test_with_the_task_said_any_target_is_classes() -> None:
    assert len(labels_of(range(21), "classification")) == 21
    assert labels_of([1.5, 0.5, 1.5], "classification") == ("0.5", "1.5")


def test_a_text_among_numbers_is_asked_about() -> None:
    message = fault_of([*range(30), "x"])
    assert message.startswith("data.csv:32: 'x' is no number, but 30 of the 31 values of `y` are\n")
    assert message.endswith("        task: classification\n        missing: [x]")
    assert len(labels_of([*range(30), "x"], "classification")) == 31


def test_at_most_a_thousand_classes() -> None:
    assert len(labels_of(range(1000), "classification")) == 1000
    assert "`y` has 1,001 different values; at most 1,000 can be classes" in fault_of(range(1001), "classification")


def test_one_class_is_an_error() -> None:
    assert fault_of(["1", "1.0"]) == "data.csv: all rows have the same target: `y` is '1'"


def test_a_row_without_a_target_is_an_error_at_the_first() -> None:
    assert fault_of(["a", "b", "", "NA"]).startswith("data.csv:4: no value of the target `y`; 2 rows have none")
    assert "; 1 row has none, this is the first" in fault_of(["a", "b", ""])


def test_a_class_that_the_source_lacks_is_an_error_at_its_line() -> None:
    with pytest.raises(DataError) as caught:
        class_indices(table_of(["a", "c\x1b", "d"]), "y", ("a", "b"))
    assert str(caught.value) == (
        "data.csv:3: the target 'c\\x1b' is none of the classes\n      the classes of the source are: 'a', 'b'"
    )


def test_numbers_in_an_array_are_classes() -> None:
    table = Table("a.npz", {"y": Numbers(np.array([2.0, 0.0, 2.0]))}, np.arange(3), has_lines=False, sha256="hash")
    labels = find_labels(table, "y", None)
    assert labels == ("0", "2")
    assert class_indices(table, "y", labels).tolist() == [1, 0, 1]


def test_the_target_of_a_csv_must_be_named() -> None:
    message = (
        "data.csv: which column is to be predicted?\n      write `target:` with its name under `data:`; there are: `a`, `y`"
    )
    with pytest.raises(DataError) as caught:
        target_name(DataSettings(source="data.csv"), table_of([1, 2]))
    assert str(caught.value) == message


def test_the_target_of_an_npz_is_y_unless_named() -> None:
    assert target_name(DataSettings(source="data.npz"), table_of([1, 2])) == "y"
    assert target_name(DataSettings(source="data.npz", target="a"), table_of([1, 2])) == "a"


def test_an_unknown_target_is_answered_with_the_nearest() -> None:
    with pytest.raises(DataError, match=r"no column `Y` for the target\n      did you mean `y`\? there are: `a`, `y`"):
        target_name(DataSettings(source="data.csv", target="Y"), table_of([1, 2]))
