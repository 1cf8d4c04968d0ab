"""Small pictures within a line: the curve of some values, and the bar of a share, for any terminal.

Where a stream cannot encode the blocks and lines of Unicode there are letters in their place.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.cells import cell_len

BARS, LETTERS = "▁▂▃▄▅▆▇█", "_.:-=+*#"
"""The heights of a curve, lowest first."""

SHARE, SHARE_LETTERS = "━─", "#-"
"""What is done of a bar and what is not: first in Unicode, then in letters."""

CURVE_WIDTH = 40


def draws_blocks(encoding: str | None) -> bool:
    """Whether a stream with this encoding can show blocks."""
    try:
        (BARS + SHARE).encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def sparkline(values: Sequence[float], width: int = CURVE_WIDTH, *, blocks: bool = True) -> str:
    """Draw values as bars, lowest to highest, at most `width` of them; values that are no numbers as spaces."""
    bars = BARS if blocks else LETTERS
    if len(values) > width:
        values = [values[index * (len(values) - 1) // max(width - 1, 1)] for index in range(width)]
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return " " * len(values)
    low, high = min(finite), max(finite)
    # Halved: the difference of two numbers may be too large for one.
    span = (high / 2 - low / 2) or 1.0
    places = [(v / 2 - low / 2) / span if math.isfinite(v) else math.nan for v in values]
    return "".join(" " if math.isnan(place) else bars[round(place * (len(bars) - 1))] for place in places)


def bar(share: float, width: int, *, blocks: bool = True) -> str:
    """Draw a share as a bar."""
    drawn, done = SHARE if blocks else SHARE_LETTERS, filled(share, width)
    return drawn[0] * done + drawn[1] * (width - done)


def filled(share: float, width: int) -> int:
    """Return how much of a bar is done: all only when the share is 1, and nothing only while it is 0."""
    return min(max(round(share * width), share > 0), width - (share < 1))


def fitted(text: str, width: int, *, blocks: bool = True) -> str:
    """Return as many words of a text as fit into so many columns, with dots after them where there were more."""
    if cell_len(text) <= width:
        return text
    dots, words, kept = "…" if blocks else "...", text.split(" "), ""
    for word in words:
        longer = f"{kept} {word}" if kept else word
        if cell_len(longer) + 1 + len(dots) > width:
            break
        kept = longer
    return f"{kept} {dots}" if kept else dots[:width]
