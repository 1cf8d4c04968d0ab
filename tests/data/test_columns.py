from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from hpsearch.data.columns import column_kinds, numbers_of, unfit_columns, worth_keeping
from hpsearch.data.csv_reader import read_csv
from hpsearch.data.npz_reader import column_of
from hpsearch.data.settings import ColumnKind
from hpsearch.data.table import MISSING_TEXTS, Table
from hpsearch.errors import UsageError


def table_of(**columns: Sequence[object]) -> Table:
    rows = zip(*columns.values(), strict=True)
    lines = [";".join(columns), *(";".join(map(str, row)) for row in rows)]
    return read_csv("\n".join(lines).encode(), "data.csv", "hash", MISSING_TEXTS)


def fault_of(table: Table, declared: dict[str, ColumnKind] | None = None) -> str:
    with pytest.raises(UsageError) as caught:
        column_kinds(table, declared or {}, {"y"})
    return str(caught.value)


def test_a_column_of_numbers_is_a_number_and_one_of_texts_a_category() -> None:
    table = table_of(a=["1", "-2.5", "3e2", ""], b=["u", "v", "3", "NA"], y=[0, 1, 0, 1])
    assert column_kinds(table, {}, {"y"}) == {"a": "number", "b": "category"}


@pytest.mark.parametrize("texts", [["true", "false"], ["True", "False"], ["yes", "no"]])
def test_booleans_are_categories(texts: list[str]) -> None:
    assert column_kinds(table_of(a=texts * 20, y=[0, 1] * 20), {}, {"y"}) == {"a": "category"}


def test_a_declared_kind_rules() -> None:
    table = table_of(zip=[10115, 80331], name=["x", "y"], age=[1, 2], y=[0, 1])
    declared: dict[str, ColumnKind] = {"zip": "category", "name": "ignore"}
    assert column_kinds(table, declared, {"y"}) == {"zip": "category", "age": "number"}


def test_digits_with_underscores_are_no_number() -> None:
    assert column_kinds(table_of(a=["1_0", "2_0"], y=[0, 1]), {}, {"y"}) == {"a": "category"}


def test_an_unknown_declared_column_is_answered_with_the_nearest() -> None:
    (mistake,) = unfit_columns(table_of(age=[1, 2], y=[0, 1]), {"age": "number", "agee": "number"}, {"y"})
    assert str(mistake) == (
        "data.columns.agee: there is no column `agee` in data.csv\n      did you mean `age`? there are: `age`, `y`"
    )


def test_the_target_has_no_kind() -> None:
    (mistake,) = unfit_columns(table_of(a=[1, 2], y=[0, 1]), {"y": "category"}, {"y"})
    assert mistake.message == "`y` is the target or the group and no input: it has no place in `columns`"


def test_a_text_in_a_declared_number_is_an_error_at_its_line() -> None:
    message = fault_of(table_of(a=[1, "x", "z"], y=[0, 1, 0]), {"a": "number"})
    assert message.startswith("data.csv:3: 'x' is no number, and `a` is a column of numbers\n")


def test_a_column_of_mostly_numbers_is_an_error_that_tells_three_ways_out() -> None:
    message = fault_of(table_of(age=[*range(18), "unknown", 18, "x"], y=[0, 1, 0] * 7))
    assert message == (
        "data.csv:20: 'unknown' is no number, but 19 of the 21 values of `age` are\n"
        "      mend the file, or write one of these under `data:`\n"
        "        columns: {age: category}\n"
        "        missing: [unknown]"
    )


def test_below_nine_in_ten_numbers_it_is_a_category() -> None:
    table = table_of(a=[*range(17), "x", "x"], y=[0] * 19)
    assert column_kinds(table, {}, {"y"}) == {"a": "category"}


def test_with_fewer_than_ten_different_numbers_it_is_a_category() -> None:
    table = table_of(a=[*([*range(9)] * 3), "x"], y=[0] * 28)
    assert column_kinds(table, {}, {"y"}) == {"a": "category"}


def test_missing_values_do_not_count_for_the_nine_in_ten() -> None:
    assert "but 18 of the 20 values" in fault_of(table_of(a=[*range(18), "x", "x", *[""] * 50], y=[0] * 70))


def test_a_decimal_comma_is_told_as_such() -> None:
    message = fault_of(table_of(a=[f"{number},5" for number in range(12)], y=[0] * 12))
    assert message.startswith("data.csv:2: '0,5' in `a` is no number: it must have a point, and no comma\n")


@pytest.mark.parametrize(
    ("form", "musts"),
    [
        ("${}", "stand without '$'"),
        ("-€ {}", "stand without '€'"),
        ("{} kg", "stand without 'kg'"),
        ("{}%", "stand without '%'"),
        ("${}99,250.50", "stand without '$', have a point, and no comma"),
        ("{}.250,50 EUR", "stand without 'EUR', have a point, and no comma"),
        ("{},250", "have a point, and no comma"),
    ],
)
def test_numbers_with_a_sign_a_unit_or_commas_are_told_as_such_and_may_be_taken_for_texts(form: str, musts: str) -> None:
    texts = [form.format(number) for number in range(10, 20)]
    message = fault_of(table_of(a=texts, y=[0] * 10))
    ways = "mend the file, or write one of these under `data:`\n        columns: {a: category}\n        columns: {a: ignore}"
    assert message == f"data.csv:2: '{texts[0]}' in `a` is no number: it must {musts}\n      {ways}"
    assert column_kinds(table_of(a=texts[:9], y=[0] * 9), {}, {"y"}) == {"a": "category"}


@pytest.mark.parametrize("form", ["A{}", "{}-b", "x {} y", "2020-01-{}", "{}:30", "{}th of May", "1,{},3"])
def test_codes_and_dates_are_texts_and_no_numbers(form: str) -> None:
    assert column_kinds(table_of(a=[form.format(number) for number in range(10, 30)], y=[0] * 20), {}, {"y"}) == {
        "a": "category"
    }


def test_numbers_with_different_units_are_texts() -> None:
    texts = [f"{number} {unit}" for number in range(10) for unit in ("kg", "g")]
    assert column_kinds(table_of(a=texts, y=[0] * 20), {}, {"y"}) == {"a": "category"}


@pytest.mark.parametrize("text", ["inf", "-Infinity", "1e999", "3.5e38"])
def test_a_number_without_end_is_an_error_at_its_line(text: str) -> None:
    message = fault_of(table_of(a=[1, text, 2], y=[0, 1, 0]))
    assert message.startswith(f"data.csv:3: '{text}' is infinite or too large for float32")


def test_an_infinite_number_in_an_array_is_an_error_at_its_row() -> None:
    columns = {"x": column_of(np.array([1.0, np.inf]), ())}
    table = Table("data.npz", columns, np.array([4, 7]), has_lines=False, sha256="hash")
    with pytest.raises(UsageError, match=r"data\.npz: row 7 \(from 0\): 'inf' is infinite"):
        numbers_of(table, "x")


def test_control_characters_are_escaped_in_the_message_and_its_yaml() -> None:
    message = fault_of(table_of(**{"a\x1b": [*range(20), "\x1b[2J"], "y": [0] * 21}))
    assert "\x1b" not in message
    assert '        columns: {"a\\x1b": category}\n        missing: ["\\x1b[2J"]' in message


def test_a_column_without_values_is_left_out_with_a_note() -> None:
    kept, notes = worth_keeping(table_of(a=["", "NA"], b=[1, 2]), {"a": "number", "b": "number"}, ())
    assert kept == {"b": "number"}
    assert notes == ("`a` left out: it has no value in the training part",)


def test_a_constant_column_is_kept() -> None:
    table = table_of(a=[1, 1], b=["x", "x"])
    kinds = column_kinds(table, {}, ())
    assert worth_keeping(table, kinds, ()) == ({"a": "number", "b": "category"}, ())


def test_texts_that_nearly_all_differ_are_left_out_with_a_note_unless_declared() -> None:
    table = table_of(name=[f"n{number}" for number in range(60)], b=range(60))
    kept, notes = worth_keeping(table, {"name": "category", "b": "number"}, ())
    assert kept == {"b": "number"}
    note = "`name` left out: 60 different texts in 60 training rows; `columns: {name: category}` keeps it"
    assert notes == (note,)
    assert "name" in worth_keeping(table, {"name": "category", "b": "number"}, {"name"})[0]


@pytest.mark.parametrize(("levels", "rows", "kept"), [(50, 60, True), (51, 102, True), (51, 101, False)])
def test_texts_are_left_out_above_fifty_levels_and_half_the_rows(levels: int, rows: int, kept: bool) -> None:
    table = table_of(name=[f"n{row % levels}" for row in range(rows)], b=range(rows))
    assert ("name" in worth_keeping(table, {"name": "category", "b": "number"}, ())[0]) is kept


def test_levels_that_no_training_row_has_do_not_count() -> None:
    table = table_of(name=[f"n{number}" for number in range(60)], b=range(60)).take(np.arange(50))
    assert "name" in worth_keeping(table, {"name": "category", "b": "number"}, ())[0]


def test_no_column_at_all_is_an_error_that_tells_why() -> None:
    with pytest.raises(UsageError, match="no column is left to predict from\n      `a` left out: it has no value"):
        worth_keeping(table_of(a=["", ""], b=[1, 2]), {"a": "number"}, ())
