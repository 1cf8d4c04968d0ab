"""What is said of the run as a whole: the answer at the head of the page, the leaders trained again, how to do it again."""

from __future__ import annotations

import json
import math
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hpsearch.objectives.metrics import Metric
from hpsearch.prose import counted
from hpsearch.study.record import RunRecord
from hpsearch.views.confirmation import confirmation_lines, fresh_cell
from hpsearch.views.format import duration, metric_value, parameter
from hpsearch.views.numbers.chance import t_quantile
from hpsearch.views.numbers.importance import Matters
from hpsearch.views.numbers.progress import progress
from hpsearch.views.numbers.summary import Fresh, Leader, Summary
from hpsearch.views.page.elements import Html, element, joined, listed, paragraph, plain_table, section, text
from hpsearch.views.why import why
from hpsearch.views.words import (
    clock_line,
    edge_line,
    end_line,
    improvement_line,
    judged,
    lineage_line,
    next_commands,
    parent_line,
    test_score,
    tested_again,
    top_line,
)

MOST_EDGES = 3
"""Warnings of edges at the head of the page; each stands below its parameter too."""


def head(run: RunRecord, summary: Summary, matters: Matters | str) -> Html:
    """Return the answer: the winner, how good it is, whether there may be better ones, what matters, what to do next."""
    rows = run.start["data"].get("rows")
    of = (
        f"{summary.task or 'trials'}, {counted(sum(rows.values()), 'row')}"
        if rows
        else str(run.start["data"].get("function", ""))
    )
    by = f"{judged(summary.metric, summary.select)}, {'higher' if run.metric.higher_is_better else 'lower'} is better"
    line = f"{run.method} search, {counted(summary.trials, 'trial')}; {of}; {by}"
    lines = listed(filter(None, [*_found(run, summary, matters), *_said(run, summary)]))
    next_one = summary.leaders and not run.is_of_program
    what_next = element("pre", element("code", next_commands(summary, Path("runs") / summary.run))) if next_one else ""
    title = element("h1", summary.run)
    return joined(
        [title, paragraph(line, quiet=True), _winner(summary), _facts(run, summary), _params(run, summary), lines, what_next]
    )


def _found(run: RunRecord, summary: Summary, matters: Matters | str) -> Iterator[object]:
    """Yield whether the search is still improving, whether its best touch an edge, and what matters."""
    yield improvement_line(summary.metric, progress(run))
    for one in summary.crowded[:MOST_EDGES]:
        yield element("span", edge_line(one, run.averaging), class_="edge")
    if len(summary.crowded) > MOST_EDGES:
        yield f"and {len(summary.crowded) - MOST_EDGES} more edges, told below"
    if isinstance(matters, Matters):
        yield top_line(matters)


def _said(run: RunRecord, summary: Summary) -> Iterator[str]:
    """Yield what training again gave, how the search ended and where it came from, and what it noted."""
    yield from confirmation_lines(summary)
    if summary.test and summary.tests > 1:
        yield tested_again(summary.tests)
    yield from (end_line(summary), clock_line(summary), lineage_line(summary), parent_line(summary))
    yield from (*run.start["data"]["notes"], *run.notes)


def _winner(summary: Summary) -> Html:
    if not summary.leaders:
        said = f"No trial has come to its end{' yet' if not summary.ended else ''}."
    else:
        said = f"The best is trial {summary.leaders[0].trial}"
    return element("p", said, class_="answer")


def _params(run: RunRecord, summary: Summary) -> Html:
    """Return the parameters of the best, and how it came about."""
    if not summary.leaders:
        return text("")
    best = summary.leaders[0]
    values = [
        element("div", element("dt", name), element("dd", _full(parameter(name, value, run.averaging), value)))
        for name, value in best.params.items()
    ]
    origin = paragraph(_sentence(why(run, run.history[best.trial])), quiet=True)
    return joined([element("dl", *values, class_="params"), origin])


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


def _full(read: str, value: Any) -> Html:
    return element("span", read, title=repr(value) if isinstance(value, float) and repr(value) != read else None)


def _facts(run: RunRecord, summary: Summary) -> Html:
    facts: list[tuple[str, str, str]] = []
    if summary.leaders:
        best = summary.leaders[0]
        score = _full(metric_value(summary.metric, best.score), best.score)
        facts.append((f"Best {summary.metric}", score, f"trial {best.trial}, epoch {best.selected_epoch}"))
        if best.fresh:
            facts.append(
                (
                    f"Confirmed on {counted(best.fresh.seeds, 'fresh seed')}",
                    fresh_cell(best.fresh),
                    _interval(best.fresh, run.metric),
                )
            )
    if summary.test:
        facts.append(("On the test part", *test_score(summary.test, summary.metric)))
    took = f" in {duration(run.seconds)}" if run.seconds else ""
    counts = ", ".join(f"{count:,} {status}" for status, count in summary.counts.items())
    facts.append(("Trials", f"{summary.trials:,}", f"{counts}; {counted(summary.epochs, 'epoch')}{took}"))
    told = [
        element("div", element("dt", name), element("dd", read, element("small", _unbroken(more))))
        for name, read, more in facts
    ]
    return element("dl", *told, class_="facts")


def _unbroken(words: str) -> str:
    """Keep numbers and their unit on one line."""
    return re.sub(r"(?<=\d) (?=(?:%|ms|s|min|h)(?!\w))", "\u00a0", words)


def _interval(fresh: Fresh, metric: Metric) -> str:
    """Return the 95 % interval of the mean, by Student's t, as far as there are such numbers."""
    if fresh.unfinished or not math.isfinite(fresh.error):
        return "no interval"
    half, (least, most) = t_quantile(fresh.seeds - 1) * fresh.error, metric.bounds
    low, high = max(fresh.mean - half, least), min(fresh.mean + half, most)
    return f"mean and standard error; 95 % interval {metric_value(metric.name, low)} to {metric_value(metric.name, high)}"


def confirmed(leaders: Sequence[Leader], metric: Metric) -> Html:
    """Return the leaders that were trained again, with their means and intervals."""
    again = [(leader, leader.fresh) for leader in leaders if leader.fresh]
    heads = ["trial", "in the search", "with fresh seeds", "95 % interval", "seeds"]
    rows = [
        (
            leader.trial,
            _full(metric_value(metric.name, leader.score), leader.score),
            fresh_cell(fresh),
            _interval(fresh, metric).rpartition("interval ")[2],
            fresh.seeds,
        )
        for leader, fresh in again
    ]
    return section("Confirmed leaders", plain_table(heads, rows, "Leaders trained again with fresh seeds"))


def reproduce(run: RunRecord, texts: Mapping[str, str]) -> Html:
    """Return the commands that do it again, the spec and what was made of it by file name, and where it was run."""
    names = {"spec.yaml": "The spec, as it was given", "resolved.yaml": "What was run: options filled in"}
    shown = [_folded(title, _code(texts[name]), name == "spec.yaml") for name, title in names.items() if name in texts]
    environment = [(name, _plain(value)) for name, value in run.start["environment"].items()]
    table = plain_table(["what", "which"], environment, "Environment")
    return section("Do it again", _commands(run), *shown, _folded("The environment it ran in", table, False))


def _commands(run: RunRecord) -> Html:
    if run.is_of_program:
        return paragraph("The program that began this search holds its function, so only that can run it again.")
    name = shlex.quote(run.name)
    trained = [f"hpsearch verify {name} --trial {run.winner.number}    # trains the best trial again"] if run.winner else []
    return _code("\n".join([*trained, f"hpsearch run runs/{name}/resolved.yaml    # searches again"]))


def _code(content: str) -> Html:
    return element("pre", element("code", content))


def _folded(title: str, content: Html, is_open: bool) -> Html:
    return element("details", element("summary", title), content, open="open" if is_open else None)


def _plain(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    if isinstance(value, list) and all(isinstance(one, Mapping) for one in value):
        return "; ".join(" ".join(str(part) for part in one.values()) for one in value)
    return json.dumps(value) if isinstance(value, Mapping | list) else str(value)
