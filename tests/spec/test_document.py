"""Documents: places of keys and values, aliases, limits, and how plain data is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.errors import SpecError
from hpsearch.spec.document import MAX_BYTES, Document, KeyPath, decode, dump, parse

TEXT = """\
seed: 3
space:
  learning_rate: {range: [1e-4, 1], scale: log}
  optimizer:
    - adam
    - momentum
"""


def place_of(document: Document, path: KeyPath) -> tuple[int, int]:
    """Return line and column of a value."""
    place = document.values[path]
    return place.line, place.column


def problem_in(text: str) -> tuple[int, int, str]:
    """Return line, column and message of the one problem of a text."""
    try:
        (problem,) = parse(text, "spec.yaml").problems
    except SpecError as error:
        (problem,) = error.problems
    return problem.line, problem.column, problem.message


def test_every_value_has_its_place() -> None:
    document = parse(TEXT, "spec.yaml")
    assert place_of(document, ("seed",)) == (1, 7)
    assert place_of(document, ("space", "learning_rate")) == (3, 18)
    assert place_of(document, ("space", "learning_rate", "range", 1)) == (3, 33)
    assert place_of(document, ("space", "optimizer", 1)) == (6, 7)


def test_every_key_has_its_place_and_its_line() -> None:
    document = parse(TEXT, "spec.yaml")
    place = document.keys["space", "learning_rate", "scale"]
    assert (place.file, place.line, place.column) == ("spec.yaml", 3, 37)
    assert place.excerpt == "  learning_rate: {range: [1e-4, 1], scale: log}"
    assert set(document.keys) < set(document.values)


def test_lines_may_end_as_on_any_system() -> None:
    for end in ("\n", "\r\n", "\r"):
        document = parse(TEXT.replace("\n", end), "spec.yaml")
        assert document.plain == parse(TEXT, "spec.yaml").plain
        assert document.values["space", "optimizer", 1].excerpt == "    - momentum"


def test_keys_are_texts_as_written() -> None:
    assert parse("1: a\nno: b\n1e3: c\n", "x").plain == {"1": "a", "no": "b", "1e3": "c"}


def test_an_alias_is_written_out_and_stands_where_its_anchor_does() -> None:
    document = parse("a: &wide {range: [1, 2]}\nb: *wide\n", "x")
    assert document.plain == {"a": {"range": [1, 2]}, "b": {"range": [1, 2]}}
    assert document.plain["a"] is not document.plain["b"]
    assert place_of(document, ("b", "range")) == (1, 18)


def test_own_keys_win_over_merged_ones_and_earlier_mappings_over_later() -> None:
    text = "x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz: {<<: [*x, *y], a: 0}\n"
    document = parse(text, "x")
    assert document.plain["z"] == {"a": 0, "b": 1, "c": 2}
    assert not document.problems


def test_a_key_given_twice_names_both_places() -> None:
    (problem,) = parse("a: 1\nb: {c: 1, d: 2, c: 3}\n", "x").problems
    assert (problem.line, problem.column, problem.message) == (2, 17, "`c` is given twice")
    assert problem.hint == "take one away; the other is on line 2, column 5"


def test_a_merge_key_given_twice_is_a_mistake_and_both_are_merged() -> None:
    document = parse("x: &x {a: 1}\ny: &y {b: 2}\nz: {<<: *x, <<: *y}\n", "x")
    assert [(problem.line, problem.column, problem.message) for problem in document.problems] == [
        (3, 13, "`<<` is given twice")
    ]
    assert document.plain["z"] == {"a": 1, "b": 2}


def test_several_problems_are_kept_beside_what_can_be_read() -> None:
    document = parse("a: 1\na: 2\nb: !!int x\n? [c]\n: 3\n", "x")
    assert [(problem.line, problem.column) for problem in document.problems] == [(2, 1), (3, 4), (4, 3)]
    assert document.plain == {"a": 1, "b": "x"}


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a:\n\tb: 1\n", 2, 1, "tab"),
        ("a: 'b\n", 1, 4, "not closed"),
        ('a: "\\UFFFFFFFF"\n', 1, 7, "escape"),
        ('a: "\\ud800"\n', 1, 4, "no file can hold"),
        ("a: \x07\n", 1, 4, "U+0007"),
        ("a: @b\n", 1, 4, "cannot begin with the character @"),
        ("a: &x 1\nb: &x 2\n", 2, 4, "`&x` is given twice"),
        ("a: {<<: 3}\n", 1, 9, "<<"),
        ("a: !!set {b}\n", 1, 4, "!!set"),
        ("[" * 40, 1, 22, "deeper than 20"),
        ("a: &a {<<: *a}\n", 1, 4, "aliases"),
        ("a: " + "9" * 400 + "\n", 1, 4, "cannot be read as int"),
        ("", 1, 1, "empty"),
        ("7\n", 1, 1, "key: value"),
        ("a: 1\n---\nb: 2\n", 2, 1, "second document"),
    ],
)
def test_what_is_wrong_with_the_yaml_is_told_at_its_place(text: str, line: int, column: int, words: str) -> None:
    where_line, where_column, message = problem_in(text)
    assert (where_line, where_column) == (line, column)
    assert words in message


def test_aliases_that_multiply_are_stopped() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]
    assert "10,000 values" in problem_in("\n".join(lines))[2]


def test_bytes_that_are_no_utf_8_are_told_at_their_place() -> None:
    with pytest.raises(SpecError, match="not UTF-8") as caught:
        decode("seed: 0\nname: é".encode() + b"\xff\n", "spec.yaml")
    (problem,) = caught.value.problems
    assert (problem.line, problem.column) == (2, 8)


def test_a_file_may_begin_with_a_byte_order_mark() -> None:
    assert parse(decode(b"\xef\xbb\xbfseed: 0\n", "x"), "x").plain == {"seed": 0}


def test_a_huge_file_is_refused_unread() -> None:
    with pytest.raises(SpecError, match="larger than 1,000,000 bytes"):
        decode(b"[" * (MAX_BYTES + 1), "x")


def test_control_characters_never_reach_the_terminal() -> None:
    with pytest.raises(SpecError) as caught:
        parse("a: \x1b[2J\n", "x")
    assert "\x1b" not in str(caught.value)


def test_sections_are_written_in_lines_and_what_stands_in_them_on_one_line_each() -> None:
    plain = {
        "seed": 0,
        "data": {"columns": {}, "missing": ["NA"]},
        "space": {"l2": {"range": [1e-6, 0.01], "scale": "log", "when": {"optimizer": "no"}}, "batch_size": [32, 64]},
    }
    assert dump(plain) == (
        "seed: 0\n"
        "data:\n"
        "  columns: {}\n"
        "  missing: [NA]\n"
        "space:\n"
        "  l2: {range: [1.0e-06, 0.01], scale: log, when: {optimizer: 'no'}}\n"
        "  batch_size: [32, 64]\n"
    )
    assert parse(dump(plain), "x").plain == plain


@given(st.text(st.sampled_from("ab:-[]{},#&*!|>'\"%@`<? \n\t\\0.1e\x85\u2028"), max_size=60))
def test_any_text_is_a_document_or_a_list_of_placed_problems(text: str) -> None:
    try:
        problems = parse(text, "x").problems
    except SpecError as error:
        problems = error.problems
        assert problems
    assert all(problem.line >= 1 and problem.column >= 1 for problem in problems)
