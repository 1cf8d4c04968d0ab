from __future__ import annotations

import math

import pytest
from printed import printed
from rich.cells import cell_len

from hpsearch.views.terminal.sparks import BARS, bar, fitted, sparkline


def test_a_sparkline_runs_from_the_lowest_to_the_highest_bar() -> None:
    assert sparkline([0.0, 0.5, 1.0]) == f"{BARS[0]}{BARS[4]}{BARS[7]}"
    assert sparkline([3.0, 3.0]) == BARS[0] * 2
    assert sparkline([1.0, math.nan, 0.0]) == f"{BARS[7]} {BARS[0]}"
    assert sparkline([math.nan]) == " "
    assert sparkline([]) == ""
    assert len(sparkline([float(k) for k in range(500)])) == 40
    assert sparkline([-1.7e308, 1.7e308]) == f"{BARS[0]}{BARS[7]}"


def test_without_unicode_the_bars_are_letters() -> None:
    both = f"{sparkline([0.0, 0.5, 1.0])} {bar(0.5, 4)}"
    assert {encoding: printed(both, encoding=encoding).strip() for encoding in ("utf-8", "ascii", "latin-1")} == {
        "utf-8": both,
        "ascii": "_=# ##--",
        "latin-1": "_=# ##--",
    }


def test_a_bar_is_full_only_when_all_is_done_and_empty_only_when_nothing_is() -> None:
    assert [bar(share, 4) for share in (0.0, 0.001, 0.5, 0.999, 1.0)] == ["────", "━───", "━━──", "━━━─", "━━━━"]


@pytest.mark.parametrize("width", range(1, 30))
def test_a_text_ends_with_a_whole_word(width: int) -> None:
    text = "one two 漢字 four-and-more"
    kept = fitted(text, width)
    assert cell_len(kept) <= width
    assert kept == text or set(kept) <= {"."} or text.startswith(kept.removesuffix("..."))
    assert kept == text or kept.removesuffix(" ...").split(" ")[-1] in [*text.split(" "), "...", "..", ".", ""]
