from __future__ import annotations

import pytest

from hpsearch.data.messages import escaped, listed, named, shown, unknown, yaml_text


@pytest.mark.parametrize(
    ("text", "safe"),
    [("plain é", "plain é"), ("\x1b[31m", "\\x1b[31m"), ("a\nb", "a\\nb"), ("\u202e", "\\u202e"), ("\x9b", "\\x9b")],
)
def test_what_a_terminal_would_obey_is_escaped(text: str, safe: str) -> None:
    assert escaped(text) == safe


def test_a_long_value_is_cut() -> None:
    assert shown("x" * 61) == f"'{'x' * 60}...'"
    assert shown("x" * 60) == f"'{'x' * 60}'"
    assert named("x" * 61) == f"`{'x' * 60}...`"


def test_columns_of_one_array_are_listed_as_one_entry() -> None:
    assert listed(["x[0]", "x[1]", "x[2]", "y", "z[5]"]) == "`x[0..2]`, `y`, `z[5]`"


def test_a_gap_in_the_numbers_begins_another_entry() -> None:
    assert listed(["x", "x[1]", "x[2]", "x[7]"]) == "`x`, `x[1..2]`, `x[7]`"


def test_twenty_names_are_listed_and_the_others_counted() -> None:
    text = listed([f"column {chr(65 + number)}" for number in range(23)])
    assert text.endswith("`column T` and 3 more")


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    assert unknown("widht", ["length", "width"]) == "did you mean `width`? there are: `length`, `width`"
    assert unknown("AGE", ["age", "sex"]) == "did you mean `age`? there are: `age`, `sex`"
    assert unknown("zzz", ["age"]) == "there are: `age`"


def test_a_plain_word_needs_no_quotes_in_yaml() -> None:
    assert yaml_text("age") == "age"
    assert yaml_text("N/A") == "N/A"
    assert yaml_text("-999") == '"-999"'
    assert yaml_text("no") == "no"
    assert yaml_text("True") == '"True"'
    assert yaml_text("../rows.csv") == "../rows.csv"
    assert yaml_text("// a\x1b") == '"// a\\x1b"'
