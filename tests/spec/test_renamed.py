"""Sections under another name, and keys with dots."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpsearch.errors import SpecError
from hpsearch.spec.load import load_spec


def told(text: str, *overrides: str) -> list[tuple[int, str]]:
    with pytest.raises(SpecError) as caught:
        load_spec(text, "spec.yaml", overrides, Path("/specs"))
    return [(problem.line, problem.hint) for problem in caught.value.problems]


def test_keys_with_dots_are_read_together() -> None:
    assert told("space.l2: [0.1, 0.2]\nspace.dropout.range: [0.5, 2]\nnetwork: {epochs: 3}\nnetwork.epoch: 3\n") == [
        (1, "a dot leads into no section: write `space: {l2: [0.1, 0.2]}`"),
        (2, "a dot leads into no section: write `dropout: {range: [0.5, 2]}` under `space`"),
        (2, "for example {range: [0, 0.5]}"),
        (4, "a dot leads into no section: write `epoch: 3` under `network`"),
        (4, "did you mean epochs?"),
    ]


def test_a_section_that_is_given_is_not_replaced_by_one_that_looks_like_it() -> None:
    assert told("space: {l2: [0.1, 0.2]}\nparams: {trials: 9}\n") == [
        (2, "it is called `space` here: `space` is given too, so take one of them away")
    ]
    assert told("space: {l2: [0.1, 0.2]}\nspace.l2: [0.1, 0.3]\n") == [(2, "did you mean space?")]


def test_a_key_with_dots_below_a_section_that_is_none_leaves_it() -> None:
    assert [line for line, _ in told("space: 3\nspace.l2: [0.1, 0.3]\n")] == [1, 2]


def test_mistakes_of_a_renamed_section_are_told_at_their_own_lines() -> None:
    assert told("search_space:\n  l2: [0.1, 0.2]\n  dropout: {range: [0.5, 2]}\nSearch:\n  trials: -1\n") == [
        (1, "it is called `space` here: write `space:` in its place"),
        (3, "for example {range: [0, 0.5]}"),
        (4, "did you mean `search`? write `search:` in its place"),
        (5, "trials: trials started, a total"),
    ]


def test_a_mapping_of_anything_else_is_no_space() -> None:
    assert told("space: {l2: [0.1, 0.2]}\nnotes: {l2: 3}\n") == [
        (2, "allowed: name, seed, metric, select, data, network, objective, search, space")
    ]
