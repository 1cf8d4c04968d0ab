"""The page: its sections in order, the data of its charts, and what it may do, which is nothing but run its own scripts."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hpsearch.objectives.objective import Confusion
from hpsearch.space.search_space import SearchSpace
from hpsearch.study.record import RunRecord
from hpsearch.views.numbers.importance import FEWEST_TOLD, Matters
from hpsearch.views.numbers.slices import Region, regions
from hpsearch.views.numbers.summary import summarise
from hpsearch.views.numbers.timeline import Timeline, timeline
from hpsearch.views.page import answer, charts, overviews, sections
from hpsearch.views.page.compiled import compiled, drawing_script
from hpsearch.views.page.elements import Html, element, joined, section, text
from hpsearch.views.page.rows import LEADING, Drawn, drawn
from hpsearch.views.page.style import Spec, variables
from hpsearch.views.page.trial_table import FIRST_PARAMETER, limits

HERE = Path(__file__).parent

BEGIN = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="generator" content="hpsearch">"""
"""What a page begins with, and nothing else does."""


@dataclass(frozen=True)
class ReportedRun:
    """A run, and what its record alone does not say of it.

    Without `space` nothing is said of the parameters; `matters` may be why nothing can be said of them. `texts` are the
    specs by the name of their file, `confusions` the winner's by part, `ancestors` the runs it comes from.
    """

    run: RunRecord
    space: SearchSpace | None
    matters: Matters | str
    texts: Mapping[str, str] = field(default_factory=dict)
    confusions: Mapping[str, Confusion] = field(default_factory=dict)
    ancestors: Sequence[str] = ()


def report(reported: ReportedRun) -> str:
    """Return the page as HTML; raises MissingExtra where the library that draws is not installed."""
    page = _Page(reported)
    data, script = page.data(), (HERE / "page.js").read_text()
    style = "\n".join((variables(), (HERE / "page.css").read_text(), limits()))
    drawing = drawing_script()
    scripts = " ".join(map(_hash, (drawing, script)))
    nothing_else = "img-src data:; base-uri 'none'; form-action 'none'"
    policy = f"default-src 'none'; script-src {scripts}; style-src {_hash(style)}; {nothing_else}"
    return f"""{BEGIN}
<meta http-equiv="Content-Security-Policy" content="{html.escape(policy, quote=False)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{text(reported.run.name)} \u00b7 hpsearch</title>
<style>{style}</style></head>
<body><main>
{joined(page.sections(), chr(10))}
</main><div id="tip" role="tooltip" hidden></div>
<script type="application/json" id="data">{_embedded(data)}</script>
<script>{drawing}</script>
<script>{script}</script>
</body></html>
"""


def charts_of(reported: ReportedRun) -> dict[str, Spec]:
    """Return the charts of the page by name, as Vega-Lite."""
    return _Page(reported).charts


class _Page:
    """The charts of a run, and the sections in which they stand."""

    def __init__(self, reported: ReportedRun) -> None:
        self._reported, run, space = reported, reported.run, reported.space
        self._drawn: Drawn = drawn(run, space)
        self._regions: tuple[Region, ...] = regions(space, run.history) if space else ()
        self._timeline: Timeline = timeline(run)
        self.charts = dict(self._charts())

    def data(self) -> dict[str, Any]:
        """Return what the page's script reads."""
        what = self._drawn
        return {
            "charts": compiled(self.charts),
            "data": {"trials": what.trials, "curves": what.curves, "steps": what.steps},
            "at": {number: place for place, number in enumerate(sorted(self._reported.run.history))},
            "places": what.places,
            "names": [axis.name for axis in what.axes],
            "ends": [axis.ends for axis in what.axes],
            "column": FIRST_PARAMETER,
        }

    def _charts(self) -> Iterator[tuple[str, Spec]]:
        what, space, run = self._drawn, self._reported.space, self._reported.run
        if any(row["trials"] for row in what.trials):
            yield "history", charts.history(what)
        for place, name in enumerate(space.names if space and what.trials else ()):
            yield f"slice-x{place}", charts.slice_chart(what, place, [one for one in self._regions if one.name == name])
        if len(what.axes) > 1 and any(row["u"] is not None for row in what.trials):
            yield "combinations", charts.combinations(what)
        if what.curves:
            yield "curves", charts.learning_curves(what)
        matters = self._reported.matters
        if isinstance(matters, Matters) and matters.parameters and matters.trials >= FEWEST_TOLD:
            yield "importance", overviews.importance(matters)
        if space and what.stages > 1:
            yield "stages", overviews.stages(space, self._regions, run.averaging, what.stages)
        if 0 < sum(len(lane.tasks) for lane in self._timeline.lanes) <= overviews.MOST_TASKS:
            yield "workers", overviews.workers(self._timeline)

    def sections(self) -> Iterator[Html]:
        """Yield what stands on the page."""
        run, space, what = self._reported.run, self._reported.space, self._drawn
        confirmed = len(run.confirmation.leaders) if run.confirmation else 0
        summary = summarise(run, space, top=max(LEADING, confirmed), ancestors=self._reported.ancestors)
        yield answer.head(run, summary, self._reported.matters)
        yield element("noscript", "The charts need JavaScript; the lists and the table do not.")
        if "history" in self.charts:
            yield sections.history(run, what)
        if space and "slice-x0" in self.charts:
            yield sections.good_ranges(what, summary.crowded, run.averaging, space.names)
        if "combinations" in self.charts:
            yield sections.combinations(what)
        curves = [sections.learning_curves(what)] if what.curves else []
        yield element("div", *curves, sections.importance(self._reported.matters), class_="two")
        if "stages" in self.charts:
            yield sections.stages(what.stages)
        if summary.reasons:
            yield sections.failures(run, summary.reasons)
        if self._timeline.lanes:
            yield sections.workers(self._timeline)
        yield from self._of_the_winner(summary.leaders)
        yield sections.all_trials(run) if run.history else section("All trials", "None was started.")
        yield answer.reproduce(run, self._reported.texts)

    def _of_the_winner(self, leaders: Any) -> Iterator[Html]:
        run = self._reported.run
        if any(leader.fresh for leader in leaders):
            yield answer.confirmed(leaders, run.metric)
        for part in list(self._reported.confusions)[-1:]:  # the test part, or the validation part where there is no other
            yield sections.confusion(part, self._reported.confusions[part], run.winner.number if run.winner else 0)


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def _embedded(data: Any) -> str:
    """Return data as JSON that is safe in a script element: ASCII, so no separators of lines, and without `<`."""
    return json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
