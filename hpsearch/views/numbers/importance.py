"""How much each parameter matters in a run, as far as its trials tell."""

from __future__ import annotations

import math
from dataclasses import dataclass

from hpsearch.search.evidence import Sources
from hpsearch.search.importance import Importance, importances, stands_out
from hpsearch.search.refinement import NEAR_GOOD_ONES
from hpsearch.space.search_space import SearchSpace
from hpsearch.study.record import RunRecord
from hpsearch.trial import History

FEWEST_NAMED, FEWEST_TOLD = 15, 50
"""Trials with a number from which on the top name is told, and from which on numbers are."""


ENOUGH_TO_ORDER = 60
"""Trials from which the order is told while a search goes on, so that a frame of the picture is not kept waiting."""


@dataclass(frozen=True)
class Matters:
    """The parameters of a run, the most important one first, as told by so many `trials` with a number.

    None of them where the trials are too few, or none stands out: where shuffled values can be explained by the parameters
    as well. `zoomed` says whether some of the trials were drawn near good ones.
    """

    trials: int
    zoomed: bool
    parameters: tuple[Importance, ...]


def what_matters(run: RunRecord, space: SearchSpace) -> Matters:
    """Return how much each parameter of a run's space matters."""
    return _what_matters(Sources(run.prior, run.floor), run.history, space)


def by_importance(history: History, space: SearchSpace) -> tuple[str, ...]:
    """Return the parameters, the most important one first, as the trials of one search tell; none where they do not.

    No more than `ENOUGH_TO_ORDER` trials are asked, spread evenly over the search.
    """
    ended = [history[number] for number in sorted(history) if history[number].status.ended]
    asked = ended[:: -(-len(ended) // ENOUGH_TO_ORDER) or 1]
    found = _what_matters(Sources(), {record.number: record for record in asked}, space)
    return tuple(parameter.name for parameter in found.parameters)


def _what_matters(sources: Sources, history: History, space: SearchSpace) -> Matters:
    evidence = sources.evidence(history)
    points, losses = evidence.points[evidence.inside], evidence.losses[evidence.inside]
    trials = sum(map(math.isfinite, losses.tolist()))
    zoomed = any(kind in NEAR_GOOD_ONES for kind in evidence.kinds)
    if trials < FEWEST_NAMED or not stands_out(space, points, losses):
        return Matters(trials, zoomed, ())
    found = importances(space, points, losses)
    return Matters(trials, zoomed, tuple(sorted(found, key=lambda parameter: -parameter.main_effect)))
