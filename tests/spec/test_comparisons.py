"""Conditions that compare, as other tools write them."""

from __future__ import annotations

from typing import Any

import pytest

from hpsearch.spec.comparisons import is_comparison, left_by, named_in


@pytest.mark.parametrize(
    ("given", "left"),
    [
        *(
            (">1", [2, 3]),
            (">= 2", [2, 3]),
            ("< 3", [1, 2]),
            ("<=1", [1]),
            ("!= 2", [1, 3]),
            ("== 2", [2]),
            ("1..2", [1, 2]),
        ),
        *(("not 2", [1, 3]), ("not in [1, 2]", [3]), ("in (1, 2)", [1, 2])),
        *(({"not": 2}, [1, 3]), ({"not": [1, 2]}, [3]), ({"gt": 1}, [2, 3]), ({"in": [1, 3]}, [1, 3])),
        *(({"range": [2, 9]}, [2, 3]), ({"min": 2, "max": 3}, [2, 3]), ({"min": 2}, [2, 3])),
        *((">9", []), ("> a", []), ({"like": 2}, []), ("", []), (2, []), ({}, []), ({"min": "a"}, [])),
    ],
)
def test_the_values_are_told_that_a_comparison_leaves(given: Any, left: list[int]) -> None:
    assert left_by(given, [1, 2, 3]) == left


def test_words_are_compared_for_being_equal() -> None:
    assert left_by("!= adam", ["sgd", "adam"]) == ["sgd"]
    assert left_by("!= 'adam'", ["sgd", "adam"]) == ["sgd"]
    assert left_by("> adam", [1, 2]) == []


def test_a_comparison_may_begin_with_a_name() -> None:
    assert named_in("optimizer != adam") == ("optimizer", "!= adam")
    assert named_in("adam") == ("", "")


def test_a_plain_value_is_no_comparison() -> None:
    assert [is_comparison(given) for given in ("adam", 3, True, [1, 2], ">1", {"not": 1})] == [False] * 4 + [True] * 2
