"""Colours, and what all charts share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

BEST, FAILED, CONFIRMING, OUT, REST = "#d55e00", "#a4161a", "#7a5195", "#d4d8de", "#b9c1cc"
INK, QUIET, FAINT, LINE, GRID = "#1d2733", "#566171", "#8a95a3", "#d0d6de", "#e8ebef"
WARNING, BRUSH = "#b34700", "#f0a202"
STAGES = ((132, 150, 176), (47, 127, 193), (11, 58, 117))
"""From coarse to fine, light to dark, so that they are told apart without colours; red, green and blue."""

TINT = "#2f7fc1"
"""The one in the middle, where there are no stages."""

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif"

CONFIG: dict[str, Any] = {
    "font": FONT,
    "background": "white",
    "view": {"stroke": None},
    "padding": {"left": 0, "top": 4, "right": 10, "bottom": 2},
    "axis": {
        "aria": False,  # what it would tell are places, and not the labels
        "labelColor": QUIET,
        "titleColor": QUIET,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "gridColor": GRID,
        "domain": False,
        "tickColor": LINE,
        "tickSize": 4,
        "labelPadding": 5,
        "titlePadding": 8,
        "labelOverlap": "greedy",
    },
}

Spec = dict[str, Any]

LETTER = 7
"""The pixels that a letter of a name takes at most, as names are."""


def variables() -> str:
    """Return what page.css shares with the charts, as its variables."""
    shared = {"font": FONT, "ink": INK, "quiet": QUIET, "faint": FAINT, "line": LINE, "grid": GRID}
    shared |= {"best": BEST, "tint": TINT, "warning": WARNING}
    return f":root {{ {'; '.join(f'--{name}: {value}' for name, value in shared.items())} }}"


def stage_colours(count: int) -> list[str]:
    """Return a colour for each of so many stages."""
    if count == 1:
        return [TINT]
    return [_hex(_between(2 * stage / (count - 1))) for stage in range(count)]


def _between(at: float) -> list[int]:
    first = min(int(at), 1)
    pairs = zip(STAGES[first], STAGES[first + 1], strict=True)
    return [round(a + (at - first) * (b - a)) for a, b in pairs]


def _hex(colour: Sequence[int]) -> str:
    return "#" + "".join(f"{part:02x}" for part in colour)


def chart(description: str, height: int | Spec, layers: Sequence[Spec], data: Spec, **more: Any) -> Spec:
    """Return a chart as wide as its place on the page; `description` is its text for who does not see it."""
    return {
        "description": description,
        "width": "container",
        "height": height,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "data": data,
        "layer": list(layers),
        "config": CONFIG,
        **more,
    }


def in_the_middle(axis: Spec, limit: str) -> Spec:
    """Return an axis whose labels are cut in the middle where they are longer than so many pixels: names begin alike."""
    label, half = axis.get("labelExpr", "datum.label"), f"floor(({limit}) / {2 * LETTER}) - 1"
    cut = f"slice({label}, 0, {half}) + '\u2026' + slice({label}, -({half}))"
    return {**axis, "labelExpr": f"length({label}) * {LETTER} > ({limit}) ? {cut} : {label}"}


def row_names() -> Spec:
    """Return the axis of a chart with a row for each name."""
    axis = {"title": None, "labelFontSize": 13, "labelColor": INK, "ticks": False, "labelLimit": 220}
    return {"field": "name", "type": "nominal", "sort": None, "axis": in_the_middle(axis, "220")}
