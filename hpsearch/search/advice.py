"""What becomes of one parameter of a space, judged by where the good trials lie.

A number that matters keeps the part of its range that holds the elites, with room on both sides; where the best trial lies
at an edge, the range goes beyond it. A choice that matters loses the options that neither a leader nor an elite has.
Statistics of a conditional parameter are over the trials in which it counts.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from hpsearch.options import Option
from hpsearch.search.region import COARSE_LEVELS
from hpsearch.space.box import Numeric, between
from hpsearch.space.parameters import Choice, Domain, Real, Whole, identity
from hpsearch.trial import Value

MATTERS = 0.05
"""The share of the importance from which on a parameter matters."""

EDGE = 0.05
"""How close to an edge of the unit interval counts as at it."""

MARGIN, NARROWEST = 0.1, 0.25
"""Room on both sides of the elites, and the least width: shares of the old range, so that the next search can correct."""

BEYOND = 0.5
"""How far a range goes beyond an edge that the best trial lies at, as a share of the old range."""

WIDER = 0.25
"""The same on both sides, where no region is better than another."""

FEWEST_TRIED = 5
"""Trials with a value for a parameter, or with an option, below which nothing is said about it."""

Verdict = Literal["zoomed", "widened", "kept", "fewer options", "fixed", "left out"]
Edge = Literal["lower", "upper"]


@dataclass(frozen=True)
class Advice:
    """What becomes of one entry of a space, and why.

    `new` is None for one that is no longer searched, and `fixed` its value then, if it has one. `span` holds the lowest and
    the highest value of the elites, or the options that they have; `inside` of `leaders` lie in the new range; `edges` names
    the ends of the old range that the best trial lies at; `importance` is a share of all.
    """

    name: str
    old: Domain
    new: Domain | None
    verdict: Verdict
    why: str
    fixed: Value | None = None
    span: tuple[Value, ...] = ()
    inside: int = 0
    leaders: int = 0
    edges: tuple[Edge, ...] = ()
    importance: float = math.nan


@dataclass(frozen=True)
class Seen:
    """What the trials show of one entry: its values in those in which it counts, best first, one for each layer.

    `tried` has all trials of the space, `leaders` the best of them, `elites` those that the new range is put round, which
    are the very best unless told otherwise: `round_one` names the one trial that was asked for instead, whatever its place.
    `importance` is a share of all.
    """

    tried: Sequence[Sequence[Value]]
    leaders: Sequence[Sequence[Value]]
    elites: Sequence[Sequence[Value]]
    importance: float
    round_one: str = ""


def advise(name: str, domain: Domain, seen: Seen, option: Option | None, *, found: bool, may_fix: bool) -> Advice:
    """Return what becomes of an entry.

    `found` says whether there is a better region at all, `option` what the parameter can be, and `may_fix` whether it may
    end with a single value.
    """
    span, leaders = _span(domain, seen), len(seen.leaders)
    kept = Advice(name, domain, domain, "kept", why="", span=span, leaders=leaders, importance=seen.importance)
    if len(seen.tried) < FEWEST_TRIED or not seen.elites:
        advice = replace(kept, why="too few trials use it to tell" if seen.elites else "none of the best trials uses it")
    elif isinstance(domain, Real | Whole):
        advice = _number_advice(kept, domain, seen, option, found=found)
    elif isinstance(domain, Choice):
        advice = _choice_advice(kept, domain, seen, found=found, may_fix=may_fix)
    else:
        raise TypeError(f"{name}: nothing is known of a {type(domain).__name__}")
    inside = sum(all(_is_in(advice, value) for value in values) for values in seen.leaders)
    return replace(advice, inside=inside)


def _number_advice(kept: Advice, domain: Numeric, seen: Seen, option: Option | None, *, found: bool) -> Advice:
    edges = _edges(domain, seen.elites[0])
    kept = replace(kept, edges=edges)
    if not found:
        new = between(domain, *_stretched(domain, WIDER, ("lower", "upper")), option)
        if new == domain:
            return replace(kept, why="no region is better than another, and it cannot be wider")
        return replace(kept, new=new, verdict="widened", why="no region is better than another: look elsewhere")
    if seen.importance < MATTERS:
        return replace(kept, why=_slight(seen))
    new = between(domain, *_interval(domain, [value for values in seen.elites for value in values], edges), option)
    at_edge = f"{seen.round_one or 'the best'} lies at the {' and the '.join(edges)} edge"
    if new.low < domain.low or new.high > domain.high:
        return replace(kept, new=new, verdict="widened", why=f"{at_edge}, so the range goes beyond it")
    limit = f"; {at_edge}, beyond which it cannot go" if edges else ""
    if new == domain:
        return replace(kept, why=f"with room on both sides of the best trials it is all of the range{limit}")
    centre = f"{seen.round_one} lies" if seen.round_one else "the best trials lie"
    return replace(kept, new=new, verdict="zoomed", why=f"{centre} in this part of the range{limit}")


def _choice_advice(kept: Advice, domain: Choice, seen: Seen, *, found: bool, may_fix: bool) -> Advice:
    if not found:
        return replace(kept, why="no region is better than another")
    if seen.importance < MATTERS:
        return replace(kept, why=_slight(seen))
    options = {identity(option): option for option in map(domain.level, range(domain.levels))}
    tried, led, chosen = (_identities(trials) for trials in (seen.tried, seen.leaders, seen.elites))
    unused = [key for key in options if key not in led and key not in chosen]
    gone = [key for key in unused if tried.count(key) >= FEWEST_TRIED]
    if len(gone) == len(options) - 1 and not may_fix:  # a choice needs two: the other is the one with the best trial
        gone.remove(next(key for key in tried if key in gone))
    if not gone:
        seldom = " or ".join(str(options[key]) for key in unused)
        why = f"too few trials have {seldom} to tell" if seldom else "each option is among the best trials"
        return replace(kept, why=why)
    left = [option for key, option in options.items() if key not in gone]
    whose = f"neither {seen.round_one} nor a leader has" if seen.round_one else "no leader has"
    why = f"{whose} " + " or ".join(f"{options[key]} (tried {tried.count(key)} times)" for key in gone)
    if len(left) == 1:
        return replace(kept, new=None, fixed=left[0], verdict="fixed", why=why)
    return replace(kept, new=Choice(left), verdict="fewer options", why=why)


def _identities(trials: Sequence[Sequence[Value]]) -> list[Hashable]:
    return [identity(value) for values in trials for value in values]


def _slight(seen: Seen) -> str:
    return f"it makes little difference (importance {100 * seen.importance:.2g} %)"


def _is_in(advice: Advice, value: Value) -> bool:
    if advice.new is not None:
        return advice.new.admits(value)
    return advice.fixed is not None and identity(value) == identity(advice.fixed)


def _span(domain: Domain, seen: Seen) -> tuple[Value, ...]:
    """Return the lowest and the highest value of the elites; of a choice the options that they have."""
    if isinstance(domain, Choice):
        chosen = _identities(seen.elites)
        return tuple(option for option in domain.options if identity(option) in chosen)
    numbers = sorted((value for values in seen.elites for value in values), key=domain.locate)
    return (numbers[0], numbers[-1]) if numbers else ()


def _edges(domain: Numeric, best: Sequence[Value]) -> tuple[Edge, ...]:
    """Return the ends of a range that the best trial lies at: in the outermost level, where there are few."""
    if _is_coarse(domain):
        near = [domain.low in best, domain.level(_count(domain) - 1) in best]
    else:
        places = [domain.locate(value) for value in best]
        near = [min(places) <= EDGE, max(places) >= 1 - EDGE]
    ends: tuple[Edge, Edge] = ("lower", "upper")
    return tuple(end for end, is_near in zip(ends, near, strict=True) if is_near)


def _interval(domain: Numeric, values: Sequence[Value], edges: Sequence[Edge]) -> tuple[float, float]:
    """Return new bounds: those of the values with room on both sides, beyond the range at the edges that are named."""
    beyond = _stretched(domain, BEYOND, edges)
    if _is_coarse(domain):
        levels: list[Value] = [domain.level(index) for index in range(_count(domain))]
        indices = [levels.index(value) for value in values]
        low, high = domain.level(max(min(indices) - 1, 0)), domain.level(min(max(indices) + 1, len(levels) - 1))
    else:
        places = [domain.locate(value) for value in values]
        room = max(MARGIN, (NARROWEST - (max(places) - min(places))) / 2)
        start, end = min(places) - room, max(places) + room
        low, high = (domain.low if start <= 0 else domain.reach(start)), (domain.high if end >= 1 else domain.reach(end))
    return beyond[0] if "lower" in edges else low, beyond[1] if "upper" in edges else high


def _stretched(domain: Numeric, share: float, edges: Sequence[Edge]) -> tuple[float, float]:
    """Return the bounds with those at the named edges moved outward by a share of the range, a level at least."""
    if _is_coarse(domain):
        count = _count(domain)
        steps = max(1, round(share * count))
        low, high = domain.level(-steps), domain.level(count - 1 + steps)
    else:
        low, high = domain.reach(-share), domain.reach(1 + share)
    return low if "lower" in edges else domain.low, high if "upper" in edges else domain.high


def _is_coarse(domain: Numeric) -> bool:
    return 0 < _count(domain) <= COARSE_LEVELS


def _count(domain: Numeric) -> int:
    return domain.levels or 0
