"""What looks right and is not: letters of another script, dashes, digits, 1 - beta for a beta; and long lines."""

from __future__ import annotations

import pytest

from hpsearch.errors import Problem, SpecError
from hpsearch.spec.load import load_spec
from hpsearch.spec.slips import look_alike_in


def told(text: str) -> list[Problem]:
    """Return what is said about a spec."""
    with pytest.raises(SpecError) as caught:
        load_spec(text, "spec.yaml")
    return list(caught.value.problems)


def of_a_range(bounds: str, name: str = "learning_rate", more: str = "") -> Problem:
    (problem,) = told(f"space: {{{name}: {{range: {bounds}{more}}}}}")
    return problem


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("spa\u0441e", "`\u0441` is U+0441 CYRILLIC SMALL LETTER ES: write space"),
        ("le\u0430rning r\u0430te", "`\u0430` is U+0430 CYRILLIC SMALL LETTER A: write learning rate"),
        ("1e\u20134", "`\u2013` is U+2013 EN DASH: write 1e-4"),
        ("\u22124", "`\u2212` is U+2212 MINUS SIGN: write -4"),
        ("\uff11\uff12", "`\uff11` is U+FF11 FULLWIDTH DIGIT ONE: write 12"),
        ("5\u00d710\u207b\u2074", "`\u00d7` is U+00D7 MULTIPLICATION SIGN: write 5e-4"),
        ("gr\u00f6\u00dfe\u20131", "`\u2013` is U+2013 EN DASH: write `-` for it"),
    ],
)
def test_a_character_that_looks_like_another_is_named_with_what_to_write(text: str, hint: str) -> None:
    assert look_alike_in(text) == hint


@pytest.mark.parametrize(
    "text", ["caf\u00e9", "\u043d\u0435\u0442.csv", "\u03bc", "\u03bcm", "\u65e5\u672c", "1e-4", "a-b", ""]
)
def test_texts_of_any_one_script_have_no_look_alikes(text: str) -> None:
    assert look_alike_in(text) == ""


def test_a_key_and_a_bound_that_look_right_are_told_by_their_characters() -> None:
    key, *_ = told("spa\u0441e: {learning_rate: {range: [1e-4, 1]}}\nspace: {l2: {range: [0, 1]}}\n")
    assert (key.message, key.hint) == (
        "unknown key `spa\u0441e`",
        "`\u0441` is U+0441 CYRILLIC SMALL LETTER ES: write space",
    )
    assert of_a_range("[1e\u20134, 1]").hint == "`\u2013` is U+2013 EN DASH: write 1e-4"


def test_a_colon_of_another_width_is_none() -> None:
    (problem,) = told("name\uff1adigits\nspace: {l2: {range: [0, 1]}}\n")
    assert (problem.line, problem.column) == (1, 5)
    assert problem.message == "this is no colon of YAML but U+FF1A FULLWIDTH COLON"


@pytest.mark.parametrize(
    ("name", "more"),
    [("beta1", ""), ("beta1", ", scale: 1-beta"), ("momentum", ", scale: linear"), ("dropout", ", scale: 1-beta")],
)
def test_bounds_of_one_minus_beta_are_recognised_as_they_fall(name: str, more: str) -> None:
    optimizer = "network: {optimizer: momentum}\n" if name == "momentum" else ""
    (problem,) = told(f"{optimizer}space: {{{name}: {{range: [0.1, 0.001]{more}}}}}")
    assert problem.message == f"the bounds of `{name}` are betas themselves, not 1 - beta"
    assert problem.hint == "write `range: [0.9, 0.999]`"


def test_other_bounds_that_fall_are_swapped() -> None:
    assert "swapped" in of_a_range("[0.9, 0.1]", "beta1").message
    assert "swapped" in of_a_range("[0.1, 0.001]").message


@pytest.mark.parametrize("before", [0, 40, 300])
def test_of_a_long_line_a_window_round_the_column_is_shown(before: int) -> None:
    text = f"space: {{{'l2: {range: [1e-4, 1]},' + ' ' * before} lerning_rate: [1, 2]{' ' * 300}}}"
    (problem,) = told(text)
    shown = str(problem).splitlines()
    window, caret = shown[1].partition("| ")[2], shown[2].partition("| ")[2]
    assert window[len(caret) - 1 :].startswith("lerning_rate")
    assert len(window) <= 106
    assert (window.startswith("..."), window.endswith("...")) == (before > 0, True)


def test_the_window_stays_in_the_line_at_both_of_its_ends() -> None:
    line = "".join(chr(ord("a") + place % 26) for place in range(250))
    first, last = Problem("f", 1, 1, "no", line), Problem("f", 1, 250, "no", line)
    assert str(first).splitlines()[1:] == [f"    1 | {line[:100]}...", "      | ^"]
    assert str(last).splitlines()[1:] == [f"    1 | ...{line[199:]}", f"      | {' ' * 53}^"]
