import math

import pytest

from hpsearch.views.numbers.conditions import Cell, Condition, is_missing, parsed


@pytest.mark.parametrize(
    ("typed", "condition"),
    [
        ("learning_rate<0.1", Condition("learning_rate", "<", "0.1")),
        (" value >= 1e-3 ", Condition("value", ">=", "1e-3")),
        ("status=diverged", Condition("status", "==", "diverged")),
        ("status == diverged", Condition("status", "==", "diverged")),
        ("optimizer!=adam", Condition("optimizer", "!=", "adam")),
        ("momentum=", Condition("momentum", "==", "")),
        ("kind=a<b", Condition("kind", "==", "a<b")),
        ("hidden_units = [64, 32]", Condition("hidden_units", "==", "[64, 32]")),
    ],
)
def test_a_comparison_is_read_with_or_without_spaces(typed: str, condition: Condition) -> None:
    assert parsed(typed) == condition


@pytest.mark.parametrize("typed", ["learning_rate", "", "< 0.1", "!"])
def test_what_has_no_name_or_no_sign_is_no_comparison(typed: str) -> None:
    assert parsed(typed) is None


@pytest.mark.parametrize(
    ("typed", "cell", "held"),
    [
        ("x<0.1", 0.05, True),
        ("x<0.1", 0.1, False),
        ("x<=0.1", 0.1, True),
        ("x>9", 10, True),
        ("x=1e-3", 0.001, True),
        ("x=1", 1.0, True),
        ("x!=1", 2, True),
        ("x=adam", "adam", True),
        ("x!=adam", "momentum", True),
        ("x<n", "adam", True),
        ("x>2026-11-21T10", "2026-11-21T10:00:01", True),
        ("x=[64, 32]", [64, 32], True),
        ("x=64", [64], True),
        ("x=64", [64, 32], False),
        ("x=64.0", [64], False),
        ("x=64x32", [64, 32], True),
        ("x=64 x 32", [64, 32], True),
        ("x!=64x32", [64], True),
        ("x<[100]", [64], False),
        ("x=true", True, True),
        ("x=True", True, True),
        ("x=FALSE", True, False),
        ("x=1", True, False),
        ("x!=1", True, True),
        ("x=true", "true", False),
        ("x='true'", "true", True),
        ("x=True", "True", False),
        ('x="True"', "True", True),
        ("x=5", "5", False),
        ("x!=5", "5", True),
        ("x<6", "5", False),
        ("x<zzz", 5, False),
        ("x='5'", "5", True),
        ("x='5'", 5, False),
        ("x='it's'", "it's", True),
        ("x=64x32", "64x32", True),
        ("x=nan", "nan", True),
        ("x=null", "null", True),
        (f"x=[{'1' * 5000}]", [1], False),
        (f"x={'1' * 5000}x2", f"{'1' * 5000}x2", True),
        (f"x={'1' * 5000}", 1, False),
        ("x=", "", True),
        ("x=''", "", True),
        ("x=''", None, False),
    ],
)
def test_a_cell_is_compared_with_what_is_like_it_and_a_text_may_be_quoted(typed: str, cell: Cell, held: bool) -> None:
    condition = parsed(typed)
    assert condition is not None
    assert condition.holds(cell) is held


@pytest.mark.parametrize("cell", [None, math.nan])
def test_what_is_missing_is_neither_more_nor_less_than_anything_and_equal_to_nothing(cell: Cell) -> None:
    assert is_missing(cell)
    signs = [("<", "1"), (">=", "1"), (">", "0"), ("==", "1"), ("==", "nan")]
    assert not any(Condition("x", sign, operand).holds(cell) for sign, operand in signs)
    assert Condition("x", "==", "").holds(cell)
    assert Condition("x", "!=", "1").holds(cell)
    assert Condition("x", "!=", "''").holds(cell)
    assert not Condition("x", "!=", "").holds(cell)
