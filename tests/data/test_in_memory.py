from __future__ import annotations

import csv
import io
import math
from collections import OrderedDict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hpsearch.data.columns import column_kinds
from hpsearch.data.csv_reader import read_csv
from hpsearch.data.in_memory import table_of
from hpsearch.data.npz_reader import read_npz
from hpsearch.data.preprocessing import Preprocessing
from hpsearch.data.table import MISSING_TEXTS, Table
from hpsearch.errors import DataError

COLUMNS = ("a", "c", "n")
ROWS: list[list[Any]] = [[1, "x", 0.5], [2, None, math.nan], [3, "y", -1.25]]


class Series:
    """A column of a data frame, as pandas has it: values that can be made an array, by the keys of an index."""

    def __init__(self, values: Sequence[Any], index: Sequence[Any]) -> None:
        self.values = dict(zip(index, values, strict=True))
        self.shape = (len(values),)

    def __len__(self) -> int:
        return len(self.values)

    def __array__(self, dtype: Any = None, copy: Any = None) -> NDArray[Any]:
        return np.array(list(self.values.values()), dtype)

    def __getitem__(self, key: Any) -> Any:
        return self.values[key]

    def keys(self) -> Sequence[Any]:
        return list(self.values)


class Frame:
    """A data frame, as far as it is used."""

    def __init__(self, **columns: Sequence[Any]) -> None:
        self._columns = columns
        self.columns = np.array(list(columns), object)

    def __getitem__(self, name: str) -> Any:
        return Series(self._columns[name], range(10, 10 + len(self._columns[name])))

    def keys(self) -> Sequence[str]:
        return list(self._columns)


class Unknown:
    """What pandas puts for a missing value."""

    def __str__(self) -> str:
        return "<NA>"


def csv_table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table:
    text = io.StringIO()
    csv.writer(text).writerows([columns, *rows])
    return read_csv(text.getvalue().encode(), "data.csv", "hash", MISSING_TEXTS)


def fitted(columns: Sequence[str], rows: Sequence[Sequence[Any]], **declared: Any) -> Preprocessing:
    table = csv_table(columns, rows)
    return Preprocessing.fit(table, column_kinds(table, declared, ()), "standardise")


def contents(table: Table) -> dict[str, list[str | None]]:
    return {
        name: [None if gone else column.text(row) for row, gone in enumerate(column.missing)]
        for name, column in table.columns.items()
    }


def fault_of(rows: Any, columns: Sequence[str] = COLUMNS) -> str:
    with pytest.raises(DataError) as caught:
        table_of(rows, columns)
    return str(caught.value)


@pytest.mark.parametrize(
    "rows",
    [
        ROWS,
        tuple(map(tuple, ROWS)),
        np.array(ROWS, object),
        [np.array(row, object) for row in ROWS],
        {"n": [0.5, None, -1.25], "c": ["x", "", "y"], "a": np.array([1, 2, 3]), "more": "of it"},
        {"a": (1.0, "2", np.float64(3)), "c": np.array(["x", "NA", " y"]), "n": Series([0.5, math.nan, -1.25], "uvw")},
        [dict(zip(COLUMNS, row, strict=True)) for row in ROWS],
        [OrderedDict(more=[], **dict(zip(reversed(COLUMNS), reversed(row), strict=True))) for row in ROWS],
        [Series(row, COLUMNS) for row in ROWS],
        np.array([dict(zip(COLUMNS, row, strict=True)) for row in ROWS], object),
        Frame(more=[{}, {}, {}], n=[0.5, math.nan, -1.25], a=[1, 2, 3], c=["x", None, "y"]),
    ],
    ids=lambda rows: type(rows).__name__,
)
def test_rows_of_every_shape_are_the_same_table(rows: Any) -> None:
    table = table_of(rows, COLUMNS)
    assert contents(table) == {"a": ["1", "2", "3"], "c": ["x", None, "y"], "n": ["0.5", None, "-1.25"]}
    assert list(table.columns) == list(COLUMNS)
    assert len(table) == 3


@pytest.mark.parametrize(
    "row",
    [
        [1, "x", 0.5],
        np.array([1, "x", 0.5], object),
        {"n": 0.5, "a": 1, "c": "x"},
        {"n": [0.5], "a": [1], "c": ["x"]},
        Series([0.5, "x", 1.0], ["n", "c", "a"]),
    ],
    ids=lambda row: type(row).__name__,
)
def test_one_row_is_a_table_of_one_row(row: Any) -> None:
    assert contents(table_of(row, COLUMNS)) == {"a": ["1"], "c": ["x"], "n": ["0.5"]}


def test_an_array_of_numbers_is_read_column_by_column() -> None:
    table = table_of(np.array([[1, -999], [2, np.nan]], np.float32), ("a", "b"), (*MISSING_TEXTS, "-999"))
    assert table.columns["a"].numbers.tolist() == [1, 2]
    assert table.columns["b"].missing.tolist() == [True, True]


@pytest.mark.parametrize("rows", [[], np.empty((0, 3)), {"a": [], "c": [], "n": []}])
def test_no_rows_are_an_empty_table(rows: Any) -> None:
    table = table_of(rows, COLUMNS)
    assert len(table) == 0
    assert fitted(COLUMNS, [[1, "x", 2], [3, "x", 4]]).encode(table).shape == (0, 4)


@pytest.mark.parametrize("value", [None, math.nan, np.float32("nan"), "", " NA ", Unknown(), Decimal("NaN"), -999, "-999"])
def test_what_is_missing_in_a_file_is_missing_here(value: Any) -> None:
    for known in (None, {"a": ("x",)}):
        table = table_of([[value]], ("a",), (*MISSING_TEXTS, "-999"), known)
        assert table.columns["a"].missing.tolist() == [True]


@pytest.mark.parametrize("value", [1, 1.0, "1", " 1 ", np.int8(1), np.float32(1), np.str_("1"), Decimal("1.0")])
def test_the_number_1_is_the_level_1_however_it_is_held(value: Any) -> None:
    preprocessing = fitted(("c",), [["1"], ["1"], ["b"], ["b"]])
    for rows in ([value], [[value]], np.array([[value]]), {"c": value}):
        assert preprocessing.encode(preprocessing.table_of(rows)).tolist() == [[1, 0, 0]]


@pytest.mark.parametrize("level", ["1.0", "01", "1e0"])
def test_a_number_is_a_level_that_is_spelt_unusually_and_a_text_is_not(level: str) -> None:
    preprocessing = fitted(("c",), [[level], [level], ["b"], ["b"]])
    assert preprocessing.encode(preprocessing.table_of([[1], [1.0], ["1"]])).argmax(axis=1).tolist() == [0, 0, 2]
    assert preprocessing.encode(preprocessing.table_of(np.array([[1], [2]]))).argmax(axis=1).tolist() == [0, 2]


def test_the_level_that_is_spelt_as_usual_comes_first() -> None:
    preprocessing = fitted(("c",), [*[["01"]] * 3, *[["1"]] * 2, *[["x"]] * 2])
    assert preprocessing.feature_names == ("c=01", "c=1", "c=x", "c: other")
    assert preprocessing.encode(preprocessing.table_of([[1], ["01"], [7]])).argmax(axis=1).tolist() == [1, 0, 3]


@pytest.mark.parametrize("spelt", [("True", "False"), ("true", "false"), ("TRUE", "FALSE")])
def test_a_boolean_is_the_level_that_spells_it(spelt: tuple[str, str]) -> None:
    preprocessing = fitted(("c",), [[text] for text in spelt] * 3)
    expected = preprocessing.encode(csv_table(("c",), [[spelt[0]], [spelt[1]]]))
    assert (preprocessing.encode(preprocessing.table_of([[True], [np.False_]])) == expected).all()
    assert (preprocessing.encode(preprocessing.table_of(np.array([[True], [False]]))) == expected).all()


def test_booleans_of_an_archive_are_known_again() -> None:
    flags = np.array([True, False, True, False])
    stream = io.BytesIO()
    np.savez(stream, flag=flags, n=np.arange(4))
    table = read_npz(stream.getvalue(), "data.npz", "hash", MISSING_TEXTS)
    preprocessing = Preprocessing.fit(table, column_kinds(table, {}, ()), "standardise")
    again = preprocessing.table_of({"flag": flags, "n": np.arange(4)})
    assert (preprocessing.encode(again) == preprocessing.encode(table)).all()
    assert preprocessing.unseen(again) == ()


def test_long_whole_numbers_keep_every_digit() -> None:
    assert contents(table_of([2**53 + 1], ("a",), levels={"a": (str(2**53),)})) == {"a": [str(2**53 + 1)]}
    assert contents(table_of(np.array([[2**53 + 1]]), ("a",), levels={"a": ()})) == {"a": [str(2**53 + 1)]}


def test_a_wrong_number_of_values_is_an_error() -> None:
    message = "row 0 (from 0): 2 values, where 3 are expected\n      in this order: `a`, `c`, `n`"
    assert fault_of(np.ones((5, 2))) == message
    assert fault_of([1, 2]) == message
    assert fault_of([[1, 2], [1, 2, 3]]) == message
    assert fault_of([[1, 2, 3], [1, 2, 3, 4]]).startswith("row 1 (from 0): 4 values, where 3 are expected")
    assert fault_of(np.arange(5), ("a",)).startswith("row 0 (from 0): 5 values, where 1 are expected")


def test_a_column_that_is_not_there_is_an_error_as_for_a_file() -> None:
    message = "columns that the model was trained on are not there: `a`, `n`\n      there are: `c`, `A`"
    assert fault_of({"c": [1], "A": [2]}) == message
    assert fault_of([{"c": 1, "A": 2}]) == message
    assert fault_of(Frame(c=[1], A=[2])) == message


def test_a_mapping_among_others_that_lacks_a_key_is_an_error_at_its_row() -> None:
    message = "row 1 (from 0) has no `n`\n      there are: `a`, `c`; None stands for no value"
    assert fault_of([{"a": 1, "c": 2, "n": 3}, {"a": 1, "c": 2}]) == message


def test_columns_of_different_lengths_are_an_error() -> None:
    message = fault_of({"a": [1, 2], "c": ["x"], "n": [1, 2]})
    assert message == "the columns differ in their number of rows: `a` has 2, `c` has 1, `n` has 2"
    assert fault_of({"a": [1, 2], "c": "x", "n": [1, 2]}) == "`c` has one value, where other columns have several"


def test_a_column_that_is_no_column_is_an_error() -> None:
    message = "`a` holds an array of shape (2, 2), where one value per row is expected"
    assert fault_of({"a": np.ones((2, 2)), "c": [1, 2], "n": [1, 2]}) == message


@pytest.mark.parametrize("rows", [None, 3, "text", np.array(3.0), iter([1])])
def test_what_has_no_rows_is_an_error_that_tells_the_shapes(rows: Any) -> None:
    message = fault_of(rows)
    assert message.startswith("these are no rows: ")
    assert "an array (n, columns), a list of rows, one row, a mapping from column to values, or a data frame" in message


@pytest.mark.parametrize("rows", [[[1, 2, 3], 4], [[1, 2, 3], {"a": 1}]])
def test_rows_of_different_kinds_are_an_error(rows: Any) -> None:
    assert fault_of(rows).startswith("row 1 (from 0) is no row like the others")


@pytest.mark.parametrize("value", [[1], {"x": 1}, b"x", 1j, object])
def test_what_is_no_value_is_an_error_at_its_row(value: Any) -> None:
    message = fault_of({"a": [1, value], "c": [1, 2], "n": [1, 2]})
    assert message.startswith("row 1 (from 0): ")
    assert "is neither a number, a boolean nor a text, in `a`" in message


def test_an_array_of_dates_is_an_error() -> None:
    message = fault_of({"a": np.array(["2020-01-01"], "datetime64[D]"), "c": ["x"], "n": [1]})
    assert message.startswith("`a` holds neither numbers, booleans nor texts (datetime64[D])")


def test_a_text_where_a_number_was_is_an_error_at_its_row() -> None:
    preprocessing = fitted(COLUMNS, [[1, "x", 2], [3, "x", 4]])
    with pytest.raises(DataError, match=r"^row 1 \(from 0\): 'many' is no number, and `n` is a column of numbers\n"):
        preprocessing.encode(preprocessing.table_of([[1, "x", 2], [1, "x", "many"]]))


values = st.none() | st.integers(-3, 3) | st.floats(-3, 3, width=16) | st.floats(allow_nan=False, width=32)


@given(st.lists(st.tuples(values, st.sampled_from(["u", "v", "", 1, 2.5, None])), min_size=1, max_size=8))
def test_rows_in_memory_are_encoded_like_the_same_rows_in_a_file(rows: list[tuple[Any, Any]]) -> None:
    train: list[list[Any]] = [[0, "u"], [1.5, "v"], ["", "1"], [3, "2.5"]] * 2
    preprocessing = fitted(("n", "c"), train)
    finite = [(number if number is None or math.isfinite(number) else 0, text) for number, text in rows]
    expected = preprocessing.encode(csv_table(("n", "c"), finite))
    by_name = {"c": [text for _, text in finite], "n": [number for number, _ in finite]}
    for given_rows in (finite, by_name, np.array(finite, object), [{"n": n, "c": c} for n, c in finite]):
        assert preprocessing.encode(preprocessing.table_of(given_rows)).tobytes() == expected.tobytes()


def test_a_whole_number_beyond_every_float_is_an_error_where_numbers_are_wanted() -> None:
    table = table_of([[10**400], [1]], ["size"])
    with pytest.raises(DataError, match="infinite or too large"):
        column_kinds(table, {"size": "number"}, set())
