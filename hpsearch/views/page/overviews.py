"""Charts of the whole run: what matters, where the stages looked, what the workers did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from hpsearch.prose import both, counted, first_of
from hpsearch.search.importance import Importance
from hpsearch.space.search_space import SearchSpace
from hpsearch.views.format import duration, printable, share, value_texts
from hpsearch.views.numbers.importance import Matters
from hpsearch.views.numbers.slices import Region
from hpsearch.views.numbers.ticks import ticks
from hpsearch.views.numbers.timeline import Task, Timeline
from hpsearch.views.page.axes import tick_text
from hpsearch.views.page.style import CONFIRMING, GRID, INK, QUIET, REST, TINT, Spec, chart, row_names, stage_colours

MOST_TASKS = 1_500
"""Tasks of workers that are drawn."""

X: Spec = {"type": "quantitative"}
PERCENT = "format(100 * datum.value, '.3~g') + ' %'"

MOST_STAGES = 6
"""Stages whose ranges are drawn."""

AXIS = "axis"
"""What stands in the place of a stage below the last one."""

MAIN, NEAR = "main effect", "near the best"


def importance(matters: Matters) -> Spec:
    """Return two bars for each parameter, the main effect and its share near the best, each with the range of its error."""
    rows = [row for one in matters.parameters for row in _importance_rows(one)]
    ends = {"domain": [0, max(0.1, *(row["to"] for row in rows))]}
    x = {**X, "scale": ends, "axis": {"title": None, "labelExpr": PERCENT, "tickCount": 5}}
    y = {"y": row_names(), "yOffset": {"field": "what", "type": "nominal", "scale": {"domain": [MAIN, NEAR]}}}
    colours = {"domain": [MAIN, NEAR], "range": [TINT, REST]}
    colour = {"color": {"field": "what", "type": "nominal", "legend": None, "scale": colours}}
    tip = {"tooltip": {"field": "told"}, "description": {"field": "told"}}
    bar = {"type": "bar", "height": 10, "cornerRadiusEnd": 2}
    line = {"type": "rule", "color": INK, "strokeWidth": 1.5, "aria": False}
    layers = [
        {"mark": bar, "encoding": {"x": {**x, "field": "share"}, **y, **colour, **tip}},
        {"mark": line, "encoding": {"x": {**x, "field": "from"}, "x2": {"field": "to"}, **y, **tip}},
    ]
    return chart("How much each parameter matters.", {"step": 14, "for": "offset"}, layers, {"values": rows})


def _importance_rows(one: Importance) -> Iterator[dict[str, Any]]:
    name = printable(one.name)
    for what, part, error in ((MAIN, one.main_effect, one.main_error), (NEAR, one.local, one.local_error)):
        ends = {"from": max(part - error, 0), "share": part, "to": min(part + error, 1)}
        told = f"{name}: {what} {share(part, error)}"
        yield {"name": name, "what": what, **{end: round(at, 5) for end, at in ends.items()}, "told": told}


def stages(space: SearchSpace, sampled: Sequence[Region], averaging: Sequence[str], count: int) -> Spec:
    """Return for each parameter a bar for each stage over an axis on its scale: the range that the stage drew from."""
    colours, drawn = stage_colours(count), stages_drawn(count)
    rows = [row for region in sampled if region.stage in drawn for row in _stage_rows(space, region, averaging, colours)]
    y = {**row_names(), "scale": {"paddingInner": 0.12}}
    shift = {"field": "stage", "type": "ordinal", "scale": {"domain": [*drawn, AXIS]}}
    x = {**X, "scale": {"domain": [0, 1], "nice": False}, "axis": None}
    tip = {"tooltip": {"field": "text"}, "description": {"field": "text"}}
    colour = {"field": "c", "type": "nominal", "scale": None}
    bars = {"x": {**x, "field": "a"}, "x2": {"field": "b"}, "y": y, "yOffset": shift, "color": colour, **tip}
    text = {"type": "text", "fontSize": 11, "aria": False}
    told = {"x": {"datum": 1, **X}, "y": y, "yOffset": shift, "text": {"field": "range"}}
    layers = [
        *_stage_axes(space, x, y, shift, text),
        {"mark": {"type": "bar", "cornerRadius": 2, "height": 9}, "encoding": bars},
        {
            "data": {"values": [row for row in rows if row["told"]]},
            "mark": {**text, "align": "left", "dx": 12, "color": INK, "limit": 190},
            "encoding": told,
        },
    ]
    description = "The range of each parameter that each stage drew from, coarse to fine."
    return chart(description, {"step": 17 * (len(drawn) + 1), "for": "position"}, layers, {"values": rows})


def stages_drawn(count: int) -> list[int]:
    """Return the stages whose ranges are drawn: all of them, or of too many the first, the last and some between."""
    most = min(count, MOST_STAGES)
    return [round(place * (count - 1) / (most - 1)) for place in range(most)]


def _stage_axes(space: SearchSpace, x: Spec, y: Spec, shift: Spec, text: Spec) -> list[Spec]:
    """Return an axis below the bars of each parameter: round numbers on its scale, or its options, with lines at them."""
    labels = [
        {"name": printable(parameter.name), "stage": AXIS, "at": round(tick.place, 5), "label": tick_text(tick.value)}
        for parameter in space.parameters
        for tick in ticks(parameter.domain)
    ]
    place, data = {"x": {**x, "field": "at"}}, {"data": {"values": labels}}
    line = {"type": "rule", "color": GRID, "aria": False}
    band = {"y": {**y, "bandPosition": 0}, "y2": {"field": "name", "bandPosition": 1}}
    below = {"y": y, "yOffset": shift, "text": {"field": "label"}}
    return [
        {**data, "mark": line, "encoding": {**place, **band}},
        {**data, "mark": {**text, "color": QUIET, "limit": 90}, "encoding": {**place, **below}},
    ]


def _stage_rows(
    space: SearchSpace, region: Region, averaging: Sequence[str], colours: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the bars of a stage for a parameter: one, or of a choice one for each option; the first tells the range."""
    domain = next(parameter.domain for parameter in space.parameters if parameter.name == region.name)
    half = 0.5 / domain.levels if domain.levels else 0.002
    places = [(domain.encode(option),) * 2 for option in region.options] or [(region.low, region.high)]
    values = region.options or tuple({repr(v): v for v in (domain.reach(region.low), domain.reach(region.high))}.values())
    written = value_texts(values, is_beta=region.name in averaging)
    told = first_of(written, 6) if region.options else " to ".join(written)
    row = {"name": printable(region.name), "stage": region.stage, "c": colours[region.stage], "range": told}
    row["text"] = f"{row['name']}, stage {region.stage}: {told}"
    return [
        {**row, "a": round(max(0, low - half), 5), "b": round(min(1, high + half), 5), "told": not place}
        for place, (low, high) in enumerate(places)
    ]


def workers(found: Timeline) -> Spec:
    """Return what each worker did in the course of the seconds, a bar for each task."""
    rows = [
        {
            "name": f"worker {lane}",
            "a": round(task.begin, 3),
            "b": round(task.end, 3),
            "text": _task(task),
            "c": _task_colour(task),
        }
        for lane, known in enumerate(found.lanes, 1)
        for task in known.tasks
    ]
    x = {**X, "scale": {"domain": [0, found.seconds], "nice": False}, "axis": {"title": "seconds", "tickCount": 8}}
    tip = {"tooltip": {"field": "text"}, "description": {"field": "text"}}
    colour = {"field": "c", "type": "nominal", "scale": None}
    bars = {"x": {**x, "field": "a"}, "x2": {"field": "b"}, "y": row_names(), "color": colour, **tip}
    mark = {"type": "bar", "height": 16, "stroke": "white", "strokeWidth": 0.5, "aria": False}
    return chart(
        "What each worker trained, and when.",
        {"step": 26},
        [{"mark": mark, "encoding": bars}],
        {"values": rows},
    )


def _task_colour(task: Task) -> str:
    return CONFIRMING if task.repetition else TINT


def _task(task: Task) -> str:
    trials = (
        f"trial {task.trials[0]}"
        if len(task.trials) == 1
        else f"trials {both(task.trials) if len(task.trials) < 9 else first_of(task.trials, 8)}"
    )
    again = f", fresh seed {task.repetition}" if task.repetition else ""
    return f"{trials}{again}: {counted(task.epochs, 'epoch')} in {duration(task.seconds)}"
