"""What `refine` proposes and why: a table for the terminal, sentences for it and for the spec that is written."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from rich.console import Group
from rich.table import Table
from rich.text import Text

from hpsearch.search.advice import Advice
from hpsearch.search.refinement import Refinement
from hpsearch.space.parameters import Choice
from hpsearch.views.format import domain_text, scale_text, told_apart, value_text, value_texts
from hpsearch.views.terminal.tables import narrowed, plain_table


def refine_screen(refinement: Refinement, averaging: Collection[str], width: int) -> Group:
    """Return the proposal: what was found, a row per parameter, and below it why; `averaging` names the betas."""
    centre = refinement.round_one.partition(" (")[0] or "elites"

    def table(without: Collection[str]) -> Table:
        rows = [_cells(advice, centre, is_beta=advice.name in averaging) for advice in refinement.advice]
        names = [name for name in rows[0] if name not in without]
        made = plain_table(*names, justify="left")
        for row in rows:
            made.add_row(*(row[name] for name in names))
        return made

    whys = [Text(f"{advice.name} {_told(advice)}") for advice in refinement.advice]
    shown = narrowed(table, (centre, "leaders", "scale", "edge"), width, folded=True)
    return Group(Text(finding(refinement)), Text(), shown, Text(), *whys)


def _cells(advice: Advice, centre: str, *, is_beta: bool) -> dict[str, str]:
    """Return what a row shows, by column."""
    old, new = _old_and_new(advice, is_beta=is_beta)
    return {
        "parameter": advice.name,
        "scale": scale_text(advice.old.describe()),
        "old": old,
        "new": new,
        centre: _span(advice, is_beta=is_beta),
        "leaders": f"{advice.inside} of {advice.leaders}" if advice.leaders else "",
        "edge": " and ".join(advice.edges),
    }


def finding(refinement: Refinement) -> str:
    """Return in a sentence whether there is a better region."""
    return f"from {refinement.trials} finished trials: {refinement.finding}"


def comments(refinement: Refinement, averaging: Collection[str]) -> dict[str, list[str]]:
    """Return the lines that say of each parameter what becomes of it and why, by its name."""
    centre = f"{refinement.round_one} has" if refinement.round_one else "the elites have"
    return {advice.name: list(_lines(advice, centre, is_beta=advice.name in averaging)) for advice in refinement.advice}


def _old_and_new(advice: Advice, *, is_beta: bool) -> tuple[str, str]:
    if advice.new is not None and advice.new != advice.old:
        both = [domain.describe() for domain in (advice.old, advice.new)]
        old, new = told_apart(both, lambda domain, more: domain_text(domain, is_beta=is_beta, more=more))
        return old, new
    old = domain_text(advice.old.describe(), is_beta=is_beta)
    if advice.new:
        return old, "the same"
    return old, "" if advice.fixed is None else f"{value_text(advice.fixed, is_beta=is_beta)} only"


def _span(advice: Advice, *, is_beta: bool) -> str:
    separator = ", " if isinstance(advice.old, Choice) else " to "
    return separator.join(dict.fromkeys(value_texts(advice.span, is_beta=is_beta)))


def _told(advice: Advice) -> str:
    return f"{'has ' if advice.verdict == 'fewer options' else 'is '}{advice.verdict}: {advice.why}"


def _lines(advice: Advice, centre: str, *, is_beta: bool) -> Iterator[str]:
    seen = [f"was {domain_text(advice.old.describe(), is_beta=is_beta)} ({scale_text(advice.old.describe())})"]
    if advice.new == advice.old:
        seen = []
    if advice.span:
        seen.append(f"{centre} {_span(advice, is_beta=is_beta)}")
    if advice.leaders and advice.verdict != "left out":
        seen.append(f"{advice.inside} of {advice.leaders} leaders lie here")
    yield f"{advice.name} {_told(advice)}" if advice.new is None else f"{advice.verdict}: {advice.why}"
    if seen:
        yield "; ".join(seen)
