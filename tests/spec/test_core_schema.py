"""What plain scalars mean: the core schema of YAML 1.2, and texts that must not be taken for anything else."""

from __future__ import annotations

import math
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.spec.document import dump, parse

NUMBERS = {
    "1e-4": 1e-4,
    "-1e-3": -1e-3,
    "1e5": 1e5,
    "1.0e5": 1e5,
    "1E+5": 1e5,
    ".5": 0.5,
    "5.": 5.0,
    "-0.0": -0.0,
    "+3": 3,
    "0": 0,
    "010": 10,
    "-007": -7,
    "0o17": 15,
    "0x1F": 31,
    ".inf": math.inf,
    "-.INF": -math.inf,
}
TEXTS = ["no", "on", "yes", "off", "Y", "1:30", "1_000", "0b1", "1e", "e5", "1.2.3", "2026-01-01", "0o8", "+.nan", "0X1f"]
WORDS = {"true": True, "False": False, "TRUE": True, "null": None, "~": None, "": None, "NULL": None}


def meaning(scalar: str) -> Any:
    """Return what a scalar reads as."""
    return parse(f"key: {scalar}\n", "spec.yaml").plain["key"]


@pytest.mark.parametrize(("scalar", "number"), NUMBERS.items())
def test_a_number_is_read_as_people_read_it(scalar: str, number: float) -> None:
    assert meaning(scalar) == number
    assert type(meaning(scalar)) is type(number)


def test_nan_is_a_number() -> None:
    assert math.isnan(meaning(".nan"))


@pytest.mark.parametrize("scalar", TEXTS)
def test_what_only_yaml_1_1_takes_for_something_else_is_a_text(scalar: str) -> None:
    assert meaning(scalar) == scalar


@pytest.mark.parametrize(("scalar", "value"), WORDS.items())
def test_true_false_and_null(scalar: str, value: bool | None) -> None:
    assert meaning(scalar) is value


def test_quotes_make_a_text_and_a_tag_decides() -> None:
    assert meaning("'1e-4'") == "1e-4"
    assert meaning("!!str 10") == "10"
    assert meaning("!!float 10") == 10.0


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_written_so_that_yaml_1_1_and_1_2_read_it_back(number: float) -> None:
    text = dump({"key": number})
    assert parse(text, "x").plain == yaml.safe_load(text) == {"key": number}


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20))
def test_a_text_is_written_so_that_yaml_1_1_and_1_2_read_it_back(text: str) -> None:
    written = dump({"key": text, text: "value", "list": [text]})
    assert parse(written, "x").plain == yaml.safe_load(written)
    assert parse(written, "x").plain["key"] == text


@pytest.mark.parametrize(
    "text", [*NUMBERS, *TEXTS, *WORDS, ".nan", "a: b", "# c", "- d", "[e]", "*f", " g ", "'h", "<<", "="]
)
def test_a_text_that_looks_like_something_else_is_quoted(text: str) -> None:
    written = dump({"key": text})
    assert parse(written, "x").plain == yaml.safe_load(written) == {"key": text}
