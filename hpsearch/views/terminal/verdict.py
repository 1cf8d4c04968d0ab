"""What sets the winners of runs apart, and whether that is more than noise, in sentences; and what to type to know it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from hpsearch.prose import both, counted, short
from hpsearch.views.format import metric_values, run_argument
from hpsearch.views.numbers.chance import Interval
from hpsearch.views.numbers.comparison import Comparison, Difference, Side, Unknown

_WHY: Mapping[Unknown, str] = {
    "unfinished": "not finished",
    "no seed": "no seed to vary",
    "no fresh seeds": "not trained again with fresh seeds",
    "one fresh seed": "trained again with one fresh seed only",
    "failed again": "trained again with fresh seeds, but not always to the end",
    "function of a program": "not trained again with fresh seeds, which only the program can that searched it",
}


def verdicts(comparison: Comparison, labels: Sequence[str]) -> Iterator[list[str]]:
    """Yield, for each run but the first, which winner is better, by how much, and whether that could be chance.

    Each is a sentence with the answer, and more to be known of it.
    """
    for side, label in zip(comparison.sides, labels, strict=True):
        if side.best is None:
            yield [f"{label}: no trial came to its end, so there is no winner to compare"]
    for difference in comparison.differences:
        yield list(_verdict(comparison, difference, [(labels[k], comparison.sides[k]) for k in (0, difference.other)]))


def _verdict(comparison: Comparison, found: Difference, pair: Sequence[tuple[str, Side]]) -> Iterator[str]:
    best = [side.best for _, side in pair if side.best]
    if found.fresh:
        means = [one.fresh.mean for one in best if one.fresh]
        yield f"{_better(comparison, found, means, pair)} with fresh seeds: {_judged(found.fresh)}"
        more = "; more of them would narrow it" if found.fresh.is_noise else ""
        yield f"fresh seeds vary what is drawn at random, not the rows; the interval is Welch's{more}"
        if flattered := [label for label, side in pair if side.repicked]:
            yield f"{both(flattered)}: chosen among the leaders by these seeds too, which flatters a little"
    else:
        when = "" if found.repeats else " in the search"
        yield f"{_better(comparison, found, [one.score for one in best], pair)}{when}"
        yield _unknown(found, pair)
    if found.rows:
        allowed = short(found.rows_allow, 2)
        yield (
            f"as {counted(found.rows, 'row')} are a sample, a difference of up to {allowed} may be theirs "
            "(an upper bound: both are judged on the same rows)"
        )


def _better(comparison: Comparison, found: Difference, scores: Sequence[float], pair: Sequence[tuple[str, Side]]) -> str:
    """Return which of two winners is better, or looks so, and by how much: with fresh seeds, or else in the search."""
    difference = found.fresh.difference if found.fresh else found.search
    labels, told = [label for label, _ in pair], metric_values(comparison.metric, scores)
    if difference == 0:
        return f"{both(labels)} are equally good, {comparison.metric} {told[0]}"
    better = int((difference > 0) == comparison.higher_is_better)
    looks = "looks" if found.fresh and found.fresh.is_noise else "is"
    return (
        f"{labels[better]} {looks} better than {labels[1 - better]} by {short(abs(difference))}, "
        f"{comparison.metric} {told[better]} against {told[1 - better]}"
    )


def _judged(fresh: Interval) -> str:
    """Return whether a difference could be chance, with its interval: that of how much better the better one is."""
    if math.isnan(fresh.low):
        return "each gave the same with every seed, so there is no spread to judge that by"
    low, high = (fresh.low, fresh.high) if fresh.difference > 0 else (-fresh.high, -fresh.low)
    told = "this could be chance" if fresh.is_noise else "more than noise"
    return f"{told}, the 95 % interval of the difference is {short(low)} to {short(high)}"


def _unknown(found: Difference, pair: Sequence[tuple[str, Side]]) -> str:
    if found.repeats:
        return "without a seed to vary, the same comes out again"
    whose = {why: [label for label, side in pair if side.unknown == why] for why in _WHY}
    told = "; ".join(f"{both(who)}: {_WHY[why]}" for why, who in whose.items() if who)
    return f"whether that is more than noise is not known: {told}"


def commands(comparison: Comparison) -> list[str]:
    """Return what to type to know more of the winners; to be printed without a line break, so that it can be copied."""
    more = {"no fresh seeds": "", "one fresh seed": " --seeds 3"}
    sides = [side for side in comparison.sides if comparison.differences and side.unknown in more]
    return [f"to know: hpsearch confirm {run_argument(Path(side.directory))}{more[side.unknown]}" for side in sides]
