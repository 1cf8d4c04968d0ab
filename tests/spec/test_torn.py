"""Texts that a comma tears within brackets or braces."""

from __future__ import annotations

from typing import Any

import pytest

from hpsearch.spec.document import parse


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("{a: 1,000, b: 2}", {"a": "1,000", "b": 2}),
        ("{a: 1,000,000}", {"a": "1,000,000"}),
        ("{a: 0,5}", {"a": "0,5"}),
        ("{a: f(1, 2), b: [1]}", {"a": "f(1, 2)", "b": [1]}),
        ("{a: f(1, g(2, 3), x=4), b: 1}", {"a": "f(1, g(2, 3), x=4)", "b": 1}),
        ("{a: 1, b, c: 2}", {"a": 1, "b": None, "c": 2}),
        ('{a: "f(1", b: 2}', {"a": "f(1", "b": 2}),
        ("{a: f(1, b: 2}", {"a": "f(1", "b": 2}),
    ],
)
def test_a_torn_value_is_one_text(text: str, plain: Any) -> None:
    document = parse(f"it: {text}", "spec.yaml")
    assert (document.plain["it"], list(document.problems)) == (plain, [])


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("[(50, 50), (100,)]", "write [[50, 50], [100]]"),
        ("[3, (1, 2)]", "write [3, [1, 2]]"),
        ("[(a), 2]", None),
        ('["(1", "2)"]', None),
    ],
)
def test_lists_in_round_brackets_are_one_mistake(text: str, hint: str | None) -> None:
    assert [problem.hint for problem in parse(f"it: {text}", "spec.yaml").problems] == ([hint] if hint else [])
