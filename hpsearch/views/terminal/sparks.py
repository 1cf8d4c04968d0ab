"""Small pictures within a line: the curve of some values, and the bar of a share. Consoles know letters for their signs."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.cells import cell_len

BARS = "▁▂▃▄▅▆▇█"
"""The heights of a curve, lowest first."""

SHARE = "━─"
"""What is done of a bar and what is not."""

SHADES = " ░▒▓█"
"""How much of a time was worked in, none first."""

LETTERS = dict(zip(BARS + SHARE + SHADES, "_.:-=+*##- .:+#", strict=True))
"""What stands for these signs on a console in letters."""

DOTS = "..."

CURVE_WIDTH = 40


def sparkline(values: Sequence[float], width: int = CURVE_WIDTH) -> str:
    """Draw values as bars, lowest to highest, at most `width` of them; values that are no numbers as spaces."""
    if len(values) > width:
        values = [values[index * (len(values) - 1) // max(width - 1, 1)] for index in range(width)]
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return " " * len(values)
    low, high = min(finite), max(finite)
    # Halved: the difference of two numbers may be too large for one.
    span = (high / 2 - low / 2) or 1.0
    places = [(v / 2 - low / 2) / span if math.isfinite(v) else math.nan for v in values]
    return "".join(" " if math.isnan(place) else BARS[round(place * (len(BARS) - 1))] for place in places)


def bar(share: float, width: int) -> str:
    """Draw a share as a bar."""
    done = filled(share, width)
    return SHARE[0] * done + SHARE[1] * (width - done)


def filled(share: float, width: int) -> int:
    """Return how much of a bar is done: all only when the share is 1, and nothing only while it is 0."""
    return min(max(round(share * width), share > 0), width - (share < 1))


def fitted(text: str, width: int) -> str:
    """Return as many words of a text as fit into so many columns, with dots after them where there were more."""
    if cell_len(text) <= width:
        return text
    kept = ""
    for word in text.split(" "):
        longer = f"{kept} {word}" if kept else word
        if cell_len(longer) + 1 + len(DOTS) > width:
            break
        kept = longer
    return f"{kept} {DOTS}" if kept else DOTS[:width]
