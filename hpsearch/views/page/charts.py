"""Charts with a mark for each trial, filtered together: a trial outside of the ranges that were chosen turns grey in all."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from hpsearch.views.numbers.slices import Region
from hpsearch.views.numbers.ticks import round_numbers
from hpsearch.views.page.axes import CROWDED, ParameterAxis, ScoreChannel, labelled
from hpsearch.views.page.rows import Drawn
from hpsearch.views.page.style import BEST, BRUSH, INK, LINE, OUT, QUIET, REST, TINT, WARNING, Spec, chart, in_the_middle

MOST_AXES, UPRIGHT = 12, 100
"""Parameters side by side in the chart of combinations; the pixels that each has where their names are level."""

LEVEL, ASLANT = 4, 110
"""Labels of options that are level below a slice, and the pixels of each where more of them stand aslant."""

RANGES = {"name": "ranges", "value": {}}
"""By field the range that was chosen."""

WHOLE = "over == 'seconds' ? 0.001 : 1"
"""What ticks of the history lie apart at least: there are no half trials."""

X: Spec = {"type": "quantitative"}


def inside(count: int) -> str:
    """Return the expression for a trial that lies in all ranges of so many parameters."""
    return " && ".join(f"(!ranges.x{j} || inrange(datum.x{j}, ranges.x{j}))" for j in range(count)) or "true"


def history(what: Drawn) -> Spec:
    """Return the trials in the order in which they ended, over what `over` says, and the incumbent as a line."""
    over = {"calculate": "datum[over]", "as": "at"}
    x = {
        **X,
        "field": "at",
        "scale": {"nice": False, "zero": False},
        "axis": {"title": None, "grid": False, "tickCount": 10, "tickMinStep": {"expr": WHOLE}},
    }
    y = {**X, "field": "y", **what.score.encoding(what.score.name)}
    line = {"type": "line", "interpolate": "step-after", "color": BEST, "strokeWidth": 2, "aria": False, "clip": True}
    best = {"data": {"name": "steps"}, "transform": [over], "mark": line, "encoding": {"x": x, "y": y}}
    text = f"{what.score.name} of each trial in the order in which they ended, and the best so far as a line of steps."
    params = [RANGES, {"name": "over", "value": "trials"}]
    points = {**_points(len(what.axes), x, y), "transform": [over]}
    return chart(text, 240, [points, *([best] if what.steps else [])], {"name": "trials"}, params=params)


def slice_chart(what: Drawn, place: int, sampled: Iterable[Region]) -> Spec:
    """Return the scores over one parameter, with the ranges that the later stages drew from, and a brush."""
    axis = what.axes[place]
    x = {**X, "field": f"j{place}", "scale": {"domain": axis.ends, "nice": False, "zero": False}, "axis": _below(axis)}
    y = {**X, "field": "y", **what.score.encoding()}
    points = _points(len(what.axes), x, y)
    mark = {"fill": BRUSH, "fillOpacity": 0.16, "stroke": WARNING, "strokeWidth": 1}
    points["params"] = [{"name": "brush", "select": {"type": "interval", "encodings": ["x"], "mark": mark}}]
    text = (
        f"{what.score.name} over {axis.name}, a mark for each trial. Choose a range with the lists below, or drag over it."
    )
    return chart(text, 190, [*_sampled(axis, sampled, x), points], {"name": "trials"}, params=[RANGES])


def _below(axis: ParameterAxis) -> Spec:
    """Return the labels of a parameter; of options that have too little room side by side all, aslant."""
    count = len(axis.all_labels)
    ticks = {**labelled(axis.all_labels), "title": None, "grid": False, "labelLimit": max(60, 260 // count)}
    if not axis.is_choice or count <= LEVEL:
        return ticks
    aslant = {"labelAngle": -40, "labelAlign": "right", "labelLimit": ASLANT}
    return {**in_the_middle(ticks, str(ASLANT)), **aslant, "labelOverlap": "greedy" if count > CROWDED else False}


def _sampled(axis: ParameterAxis, sampled: Iterable[Region], x: Spec) -> list[Spec]:
    half = 0.5 / axis.levels if axis.levels else 0.002
    rows = [{"a": region.low - half, "b": region.high + half} for region in sampled if region.stage]
    if not rows or axis.is_choice:
        return []
    mark = {"type": "rect", "color": TINT, "opacity": min(0.09, 0.3 / len(rows))}
    return [
        {
            "data": {"values": rows},
            "mark": {**mark, "aria": False},
            "encoding": {"x": {**x, "field": "a"}, "x2": {"field": "b"}},
        }
    ]


def _points(count: int, x: Spec, y: Spec) -> Spec:
    """Return a mark for each trial: a disc, a ring where it was not trained to the end, a cross where it failed."""
    outside = {"test": f"!({inside(count)})", "value": OUT}
    colour: Spec = {"field": "c", "type": "nominal", "scale": None}
    return {
        "mark": {"type": "point", "filled": True, "aria": False, "strokeWidth": 1.3},
        "encoding": {
            "x": x,
            "y": y,
            "fill": {"condition": [{"test": "datum.s == 1", "value": "white"}, outside], **colour},
            "stroke": {"condition": [outside], **colour},
            "shape": {"condition": {"test": "datum.s == 2", "value": "cross"}, "value": "circle"},
            "size": {"condition": {"test": "datum.best", "value": 110}, "value": 30},
            "opacity": {"condition": [{**outside, "value": 0.55}, {"test": "datum.best", "value": 1}], "value": 0.82},
            "tooltip": {"field": "t"},
        },
    }


def combinations(what: Drawn) -> Spec:
    """Return a line for each trial with a score across the parameters, and the score last."""
    axes = what.axes[:MOST_AXES]
    names = [*(axis.name for axis in axes), what.score.name]
    fields = [*(f"x{j}" for j in range(len(axes))), "u"]
    ends = [min([0.0, *(axis.ends[0] for axis in axes)]) - 0.05, max([1.0, *(axis.ends[1] for axis in axes)]) + 0.05]
    x = {**X, "scale": {"domain": [-0.3, len(names) - 0.35], "nice": False, "zero": False}, "axis": _heads(names)}
    y = {**X, "scale": {"domain": ends, "nice": False, "zero": False}, "axis": None}
    groups = ("!datum.lead", "datum.lead && !datum.best", "datum.best")
    lines = [_lines(f"datum.u != null && {test}", fields, x, y, len(what.axes)) for test in groups]
    told = "A line for each trial across all parameters, each on its own scale, to the score at the right."
    return chart(told, 300, [*lines, *_ticks(what, axes, x, y)], {"name": "trials"}, params=[RANGES])


def _heads(names: Sequence[str]) -> Spec:
    """Return the names above the axes, aslant where there is little room."""
    aslant = f"width < {UPRIGHT * len(names)}"
    limit = f"{aslant} ? 150 : width / {len(names)} - 8"
    heads = {**in_the_middle(labelled(list(enumerate(names))), limit), "title": None, "labelLimit": {"expr": limit}}
    heads |= {"labelAngle": {"expr": f"{aslant} ? -20 : 0"}, "labelAlign": {"expr": f"{aslant} ? 'left' : 'center'"}}
    heads |= {"orient": "top", "labelFontSize": 12.5, "labelColor": INK, "labelOverlap": False}
    return {**heads, "ticks": False, "gridColor": LINE}


def _ticks(what: Drawn, axes: Sequence[ParameterAxis], x: Spec, y: Spec) -> list[Spec]:
    """Return the ticks beside the axes of the combinations, with their labels."""
    labels = [(j, place, text) for j, axis in enumerate(axes) for place, text in axis.all_labels]
    labels += [(len(axes), u, text) for score, text in what.score.labels if (u := what.score.share(score)) is not None]
    marks = {"data": {"values": [{"at": at, "u": u, "text": text} for at, u, text in labels]}}
    at = {"x": {**x, "field": "at"}, "y": {**y, "field": "u"}}
    text = {"type": "text", "align": "left", "dx": 6, "fontSize": 11, "color": INK, "aria": False, "limit": 90}
    halo = {**text, "stroke": "white", "strokeWidth": 3}
    tick = {"type": "tick", "orient": "horizontal", "size": 7, "color": QUIET, "thickness": 1, "aria": False}
    texts = [{**marks, "mark": mark, "encoding": {**at, "text": {"field": "text"}}} for mark in (halo, text)]
    return [{**marks, "mark": tick, "encoding": at}, *texts]


def _lines(test: str, fields: list[str], x: Spec, y: Spec, count: int) -> Spec:
    outside = f"!({inside(count)})"
    fold = [
        {"filter": test},
        {"fold": fields, "as": ["field", "u_at"]},
        {"calculate": f"indexof({json.dumps(fields)}, datum.field)", "as": "at"},
    ]
    return {
        "transform": fold,
        "mark": {"type": "line", "aria": False},
        "encoding": {
            "x": {**x, "field": "at"},
            "y": {**y, "field": "u_at"},
            "detail": {"field": "t"},
            "tooltip": {"field": "t"},
            "stroke": {"condition": [{"test": outside, "value": OUT}], "field": "c", "type": "nominal", "scale": None},
            "strokeWidth": {
                "condition": [{"test": "datum.best", "value": 3}, {"test": "datum.lead", "value": 1.8}],
                "value": 1,
            },
            "opacity": {"condition": [{"test": outside, "value": 0.3}, {"test": "datum.lead", "value": 0.9}], "value": 0.35},
        },
    }


def learning_curves(what: Drawn) -> Spec:
    """Return the score by epoch: the leaders bold, the rest grey."""
    last = max(row["e"][-1] for row in what.curves)
    epochs = [(epoch, f"{epoch:g}") for epoch in [1, *round_numbers(1, last)] if epoch == round(epoch)]
    x = {
        **X,
        "field": "e",
        "scale": {"nice": False, "domain": [1, last]},
        "axis": {**labelled(epochs), "title": "epoch", "grid": False},
    }
    y = {**X, "field": "y", **_without_lane(what.epoch_score).encoding(what.epoch_score.name)}
    flat = {"flatten": ["e", "y"]}
    outside = {"test": f"!({inside(len(what.axes))})", "value": OUT}

    def lines(test: str, width: float, colour: Spec) -> Spec:
        mark = {"type": "line", "strokeWidth": width, "aria": False, "clip": True, "invalid": "break-paths-filter-domains"}
        shared = {"x": x, "y": y, "detail": {"field": "t"}, "tooltip": {"field": "t"}, "stroke": colour}
        return {"transform": [{"filter": test}, flat], "mark": mark, "encoding": shared}

    layers = [
        lines("!datum.lead", 0.8, {"condition": [outside], "value": REST}),
        lines("datum.lead", 2.2, {"condition": [outside], "field": "c", "type": "nominal", "scale": None}),
    ]
    text = f"{what.score.name} by epoch: the leaders bold, the best of them orange, the rest grey."
    return chart(text, 260, layers, {"name": "curves"}, params=[RANGES])


def _without_lane(axis: ScoreChannel) -> ScoreChannel:
    return replace(axis, lane=None)
