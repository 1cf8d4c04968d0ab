"""What sets the winners of runs apart, and whether that is more than noise, in sentences; and what to type to know it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from hpsearch.prose import both, counted, short
from hpsearch.views.format import run_argument
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


def verdicts(comparison: Comparison, labels: Sequence[str]) -> Iterator[str]:
    """Yield, for each run but the first, what sets its winner apart from the first one's, and whether that is noise."""
    for side, label in zip(comparison.sides, labels, strict=True):
        if side.best is None:
            yield from ("", f"{label}: no trial came to its end, so there is no winner to compare")
    for difference in comparison.differences:
        yield ""
        yield from _verdict(comparison, difference, labels)


def _verdict(comparison: Comparison, found: Difference, labels: Sequence[str]) -> Iterator[str]:
    pair = [(labels[place], comparison.sides[place]) for place in (found.one, found.other)]
    what = f"{comparison.metric} of {labels[found.other]} minus that of {labels[found.one]}"
    if found.fresh:
        yield f"{what}: {_signed(found.fresh.difference)} with fresh seeds, {_judged(comparison, found.fresh, pair)}"
        yield "fresh seeds vary what is drawn at random, not the rows; the interval is Welch's"
        if flattered := [label for label, side in pair if side.repicked]:
            yield f"{both(flattered)}: chosen among the leaders by these seeds too, which flatters a little"
    elif found.repeats:
        yield f"{what}: {_signed(found.search)}; without a seed to vary, the same comes out again"
    else:
        whose = {why: [label for label, side in pair if side.unknown == why] for why in _WHY}
        told = "; ".join(f"{both(who)}: {_WHY[why]}" for why, who in whose.items() if who)
        yield f"{what}: {_signed(found.search)} in the search"
        yield f"whether that is more than noise is not known: {told}"
    if found.rows:
        allowed = short(found.rows_allow, 2)
        yield (
            f"as {counted(found.rows, 'row')} are a sample, a difference of up to {allowed} may be theirs "
            "(an upper bound: both are judged on the same rows)"
        )


def _judged(comparison: Comparison, fresh: Interval, pair: Sequence[tuple[str, Side]]) -> str:
    if math.isnan(fresh.low):
        return "but each of them gave the same, so there is no spread to judge it by"
    is_other = (fresh.difference > 0) == comparison.higher_is_better
    told = "no more than noise" if fresh.is_noise else f"{pair[is_other][0]} is better, by more than noise"
    return f"95 % interval {_signed(fresh.low)} to {_signed(fresh.high)}: {told}"


def _signed(difference: float) -> str:
    return f"{'+' if difference > 0 else ''}{short(difference)}"


def commands(comparison: Comparison) -> list[str]:
    """Return what to type to know more of the winners; to be printed without a line break, so that it can be copied."""
    more = {"no fresh seeds": "", "one fresh seed": " --seeds 3"}
    sides = [side for side in comparison.sides if comparison.differences and side.unknown in more]
    return [f"to know: hpsearch confirm {run_argument(Path(side.directory))}{more[side.unknown]}" for side in sides]
