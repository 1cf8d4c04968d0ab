"""The sections of the page that hold charts and lists, each with what is said there."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from hpsearch.objectives.objective import Confusion
from hpsearch.prose import both, counted, percent
from hpsearch.study.record import RunRecord
from hpsearch.views.format import duration, metric_value
from hpsearch.views.numbers.importance import FEWEST_TOLD, Matters
from hpsearch.views.numbers.slices import Crowded
from hpsearch.views.numbers.timeline import Timeline
from hpsearch.views.page.axes import ParameterAxis, ScoreChannel
from hpsearch.views.page.charts import MOST_AXES
from hpsearch.views.page.drawn import FAILURES, LEADERS
from hpsearch.views.page.elements import Html, chart_place, element, joined, listed, paragraph, section, text
from hpsearch.views.page.overviews import MAIN, MOST_TASKS, NEAR, stages_drawn
from hpsearch.views.page.rows import Drawn
from hpsearch.views.page.style import BEST, CONFIRMING, FAILED, QUIET, REST, TINT, stage_colours
from hpsearch.views.page.trial_table import SHOWN, left_out_in_print, trial_table
from hpsearch.views.words import (
    edge_line,
    importance_line,
    importance_notes,
    reason_line,
)

NAMED_STAGES = 6
"""Stages that the key names one by one; of more the first and the last."""


def history(run: RunRecord, what: Drawn) -> Html:
    """Return the chart of the search in its course, with the key of all charts, and what is drawn."""
    choices = [
        element("label", Html(f"<input type=radio name=over value={over}{' checked' if over == 'trials' else ''}> "), name)
        for over, name in (("trials", "trials ended"), ("epochs", "epochs trained"), ("seconds", "seconds worked"))
    ]
    switch = element("fieldset", element("legend", "Over"), *choices, class_="switch")
    said = "Each trial when it ended; the line is the best so far. A mark tells its trial when pointed at."
    figure = element("figure", chart_place("history"))
    return section("History", paragraph(said, quiet=True), *_told_drawn(run, what), _key(what), switch, figure)


def _told_drawn(run: RunRecord, what: Drawn) -> Iterator[Html]:
    missing = len(run.history) - len(what.trials)
    if missing:
        drawn = element("strong", f"{len(what.trials):,} of {len(run.history):,} trials are drawn")
        yield paragraph(
            drawn,
            f": the {LEADERS} leaders, up to {FAILURES} failures, and a seeded sample of the others. The table holds all.",
        )
    if what.score.axis.beyond:
        many = counted(what.score.axis.beyond, "trial")
        yield paragraph(f"{many} {_beyond(what.score)}: too far off for the axis, drawn at its edge.")


def _beyond(channel: ScoreChannel) -> str:
    """Return where scores lie that are too bad for the axis."""
    side, end = ("below", channel.axis.low) if channel.higher_is_better else ("above", channel.axis.high)
    return f"{side} {metric_value(channel.name, end)}"


def _key(what: Drawn) -> Html:
    colours = stage_colours(what.stages)
    named = range(what.stages) if what.stages <= NAMED_STAGES else (0, what.stages - 1)
    stages = [(_disc(colours[stage]), f"stage {stage}" + (", coarse" if stage == 0 else "")) for stage in named]
    cross = f'<path d="M4 0h4v4h4v4h-4v4h-4v-4h-4v-4h4z" fill="{FAILED}"></path>'
    others = ((_disc(BEST), "best"), (_ring(QUIET), "not trained to the end"), (_svg(cross), "failed or diverged"))
    kinds = {3 if row["best"] else row["s"] for row in what.trials}
    if what.stages == 1:
        stages = [(_disc(colours[0]), "complete")] if 0 in kinds else []
    marks = [mark for kind, mark in zip((3, 1, 2), others, strict=True) if kind in kinds]
    if what.stages > 1 and what.axes:
        marks.append(
            (
                _svg(f'<rect width="12" height="12" fill="{TINT}" opacity="0.25"></rect>'),
                "range that a later stage drew from",
            )
        )
    return listed([joined([picture, name]) for picture, name in (*stages, *marks)], class_="key")


def _svg(content: str) -> Html:
    return Html(f'<svg width="12" height="12" aria-hidden="true">{content}</svg>')


def _disc(colour: str) -> Html:
    return _svg(f'<circle cx="6" cy="6" r="5" fill="{colour}"></circle>')


def _ring(colour: str) -> Html:
    return _svg(f'<circle cx="6" cy="6" r="4.5" fill="white" stroke="{colour}" stroke-width="1.4"></circle>')


def good_ranges(what: Drawn, crowded: Sequence[Crowded], averaging: Sequence[str], names: Sequence[str]) -> Html:
    """Return a slice for each parameter with its lists and its warning, and the bar that tells what is chosen."""
    said = "Drag over a chart, or choose from its lists: trials outside turn grey everywhere and leave the table."
    bar = element(
        "div",
        element("span", id="count", role="status", tabindex="-1"),
        element("button", "Show all trials", id="clear", type="button", disabled="disabled"),
        class_="bar",
    )
    figures = []
    for place, (axis, name) in enumerate(zip(what.axes, names, strict=True)):
        warnings = [
            element("span", f"\u26a0 {edge_line(one, averaging)}", class_="edge") for one in crowded if one.name == name
        ]
        parts = [
            element("h3", axis.name),
            chart_place(f"slice-x{place}"),
            _lists(axis, place),
            element("figcaption", *warnings),
        ]
        figures.append(element("figure", *parts))
    return section("Where the good range is", paragraph(said, quiet=True), bar, element("div", *figures, class_="grid"))


def _lists(axis: ParameterAxis, place: int) -> Html:
    if axis.is_choice and axis.levels:
        half = 0.48 / axis.levels
        options = [(f"{round(at - half, 6)} {round(at + half, 6)}", label) for at, label in axis.labels]
        return element("div", _list("only", "all", options, axis, place), class_="pick")
    ticks = [(repr(at), label) for at, label in axis.labels]
    return element(
        "div", _list("from", "lowest", ticks, axis, place), _list("to", "highest", ticks, axis, place), class_="pick"
    )


def _list(word: str, every: str, options: Sequence[tuple[str, str]], axis: ParameterAxis, place: int) -> Html:
    shown = [element("option", label, value=value) for value, label in (("", every), *options)]
    dragged = element("option", "as dragged", value="dragged", hidden="hidden")
    name = f"{axis.name}: {word}"
    return element("label", word, " ", element("select", *shown, dragged, data_field=f"x{place}", aria_label=name))


def combinations(what: Drawn) -> Html:
    """Return the chart of combinations."""
    said = "A line for each trial with a score, on the scales of the search; the best five are strong, the best is orange."
    if len(what.axes) > MOST_AXES:
        said += f" The first {MOST_AXES} of {len(what.axes)} parameters are shown."
    return section("Combinations", paragraph(said, quiet=True), element("figure", chart_place("combinations")))


def learning_curves(what: Drawn) -> Html:
    """Return the learning curves."""
    leading = sum(row["lead"] for row in what.curves)
    said = f"{counted(leading, 'leader')} bold, the best orange; {counted(len(what.curves) - leading, 'other trial')} grey."
    said += _cut_off(what)
    return section("Learning curves", paragraph(said, quiet=True), element("figure", chart_place("curves")))


def _cut_off(what: Drawn) -> str:
    """Return how many learning curves leave the axis, as the first epochs often do."""
    axis = what.epoch_score
    on_it = [[axis.is_on_it(y) for y in row["y"] if y is not None] for row in what.curves]
    in_part, wholly = sum(any(one) and not all(one) for one in on_it), sum(bool(one) and not any(one) for one in on_it)
    told = [f"{counted(n, 'curve')} {how}" for n, how in ((in_part, "in part"), (wholly, "wholly")) if n]
    return f" Cut off {_beyond(axis)}: {both(told)}." if told else ""


def importance(matters: Matters | str) -> Html:
    """Return how much each parameter matters, or why that cannot be said."""
    if isinstance(matters, str):
        return section("What matters", paragraph(matters))
    if matters.trials < FEWEST_TOLD or not matters.parameters:
        return section("What matters", paragraph(importance_line(matters)))
    notes = [f"estimated from {counted(matters.trials, 'trial')}", *importance_notes(matters)]
    said = "How much each parameter matters; the lines are standard errors."
    key = listed([joined([_disc(colour), name]) for colour, name in ((TINT, MAIN), (REST, NEAR))], class_="key")
    return section(
        "What matters", paragraph(said, quiet=True), key, element("figure", chart_place("importance")), listed(notes)
    )


def stages(count: int) -> Html:
    """Return the chart of the stages."""
    drawn = stages_drawn(count)
    which = f"{count} stages" if len(drawn) == count else f"the stages {both(drawn)}, of {count},"
    said = f"The values that each of {which} drew: from the coarse one at the top, light, to the last, dark."
    return section("Stages", paragraph(said, quiet=True), element("figure", chart_place("stages")))


def failures(run: RunRecord, reasons: Mapping[str, Sequence[int]]) -> Html:
    """Return why trials failed, from their numbers by reason, with one text in full."""
    items = []
    for reason, numbers in list(reasons.items())[:20]:
        whole = run.history[numbers[0]].reason
        line = reason_line(reason, numbers)
        more = (
            element("details", element("summary", f"all that trial {numbers[0]} said"), element("pre", whole))
            if whole.strip() != reason
            else ""
        )
        items.append(joined([line, more]))
    if len(reasons) > 20:
        items.append(text(f"and {counted(len(reasons) - 20, 'more reason')}, in the table"))
    return section("Failures", listed(items))


def workers(found: Timeline) -> Html:
    """Return what the workers did."""
    lanes, tasks = len(found.lanes), sum(len(lane.tasks) for lane in found.lanes)
    said = f"{counted(lanes, 'worker')}, busy {percent(found.busy)} of {duration(found.seconds)}; {counted(tasks, 'task')}"
    confirming = any(task.repetition for lane in found.lanes for task in lane.tasks)
    key = [(_disc(TINT), "search"), (_disc(CONFIRMING), "fresh seeds")] if confirming else []
    if tasks > MOST_TASKS:
        return section("Workers", paragraph(f"{said}: too many to be drawn.", quiet=True))
    shown = listed([joined(pair) for pair in key], class_="key") if key else ""
    return section("Workers", paragraph(f"{said}.", quiet=True), shown, element("figure", chart_place("workers")))


def confusion(part: str, found: Confusion, trial: int) -> Html:
    """Return the confusion matrix of the winner, darker where there are more rows: right ones blue, wrong ones orange."""
    most_wrong = max([1, *(n for i, row in enumerate(found.counts) for j, n in enumerate(row) if i != j)])
    rows = []
    for i, (label, counts) in enumerate(zip(found.labels, found.counts, strict=True)):
        total = max(1, sum(counts))
        cells = [
            element(
                "td",
                count or "",
                class_=f"s{math.ceil(5 * count / total)}"
                if i == j
                else f"e{math.ceil(3 * count / most_wrong)}"
                if count
                else None,
            )
            for j, count in enumerate(counts)
        ]
        rows.append(element("tr", element("th", label, scope="row"), *cells))
    head = element(
        "tr", element("th", "true \\ taken for", scope="col"), *(element("th", label, scope="col") for label in found.labels)
    )
    caption = element("caption", "Confusion matrix")
    table = element("table", caption, element("thead", head), element("tbody", *rows), class_="confusion")
    said = f"Trial {trial} on the {part} part: rows of each class (down) by the class they were taken for (across)."
    return section(
        "Confusions",
        paragraph(said, quiet=True),
        element("div", table, class_="scroll matrix", tabindex="0", role="region", aria_label="Confusion matrix"),
    )


def all_trials(run: RunRecord) -> Html:
    """Return the table of all trials."""
    count = len(run.history)
    said = element("p", "A heading sorts by its column. A value tells all its digits when pointed at.", class_="quiet rows")
    button = element("button", f"Show all {count:,} rows", id="more", type="button")
    more = element(
        "p", button, f" {SHOWN} are shown at first, so that the page opens fast; filters and sorting see all.", class_="rows"
    )
    place = element("div", trial_table(run), class_="scroll", tabindex="0", role="region", aria_label="All trials")
    printed = element("p", left_out_in_print(run), class_="printed")
    return section("All trials", said, more if count > SHOWN else "", printed, place)
