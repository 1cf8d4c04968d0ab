"""Candidates near the good trials: copies of them in which some parameters are moved.

Everything happens in the unit cube, where a step is a step on the parameter's own scale. A choice has no near and far: it is
kept, or drawn again, mostly as often as the good trials have it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hpsearch.search.coordinates import Coordinates
from hpsearch.search.evidence import Evidence
from hpsearch.search.gaussian_process import Floats, Indices

ELITE_SHARE, FEWEST_ELITES = 0.08, 3
MOVED_SHARE = 0.4
FIRST_STEP, STEP_DECAY = 0.25, 0.92
"""The deviation of a step in stage 1, and what it is multiplied with from stage to stage."""

SPREAD = (-1.5, 0.75)
"""A candidate's step is exp(Uniform(...)) times the stage's: most are smaller, some are larger."""

REDRAWN_SHARE, UNIFORM_SHARE = 0.25, 0.25
"""How often a choice is drawn again, and the share of that which ignores what the elites have."""

UNIFORM_SHARE_IN_BOX = 0.1
"""The same share of the choices in a box, where all are drawn again."""

COARSE_LEVELS = 24
"""Levels up to which a step has a deviation of half a level at least; of more, the scale's own step reaches the next one."""


@dataclass(frozen=True)
class Candidates:
    """Points (m, d) of the unit cube, and for each the evidence (m,) it is a copy of."""

    points: Floats
    elites: Indices


def elites(evidence: Evidence) -> Indices:
    """Return the best trials of the evidence that lie in the space, best first: 8 % of all, at least 3."""
    return evidence.ranked[: max(FEWEST_ELITES, int(np.floor(ELITE_SHARE * len(evidence.losses) + 0.5)))]


def near_elites(
    evidence: Evidence, count: int, stage: int, coordinates: Coordinates, generator: np.random.Generator
) -> Candidates:
    """Draw candidates near the elites.

    Each is a copy of one elite, in which a parameter moves with probability 0.4, at least one of those that count there.
    """
    best = elites(evidence)
    picked = best[generator.integers(len(best), size=count)]
    points = evidence.points[picked]
    d = points.shape[1]

    factors = np.exp(generator.uniform(*SPREAD, (count, 1)))
    deviations = np.maximum(FIRST_STEP * STEP_DECAY ** (stage - 1) * factors, _least_step(coordinates))
    steps = generator.normal(size=(count, d)) * deviations
    moves = generator.random((count, d)) < MOVED_SHARE
    movable = coordinates.active(points) & ~coordinates.is_choice
    forced = np.where(movable, generator.random((count, d)), -1.0).argmax(axis=1)
    moves[np.arange(count), forced] = True
    moved = np.where(moves & ~coordinates.is_choice, reflected(points + steps), points)

    for j, options in _choices(evidence, best, coordinates).items():
        again = generator.random(count) < REDRAWN_SHARE
        drawn = _drawn_choices(options, int(coordinates.levels[j]), UNIFORM_SHARE, count, generator)
        moved[:, j] = np.where(again, drawn, moved[:, j])
    return Candidates(moved, picked)


def box_round_best(
    evidence: Evidence, count: int, width: float, coordinates: Coordinates, generator: np.random.Generator
) -> Candidates:
    """Draw candidates uniformly from a box round the best trial, cut off at the bounds; choices as the elites have them.

    Source: the picture of coarse to fine in Ng's course, "Improving Deep Neural Networks", week 3.
    """
    best = elites(evidence)
    centre = evidence.points[best[0]]
    half = np.maximum(width / 2, 2 * _least_step(coordinates))
    low, high = np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1)
    points = low + generator.random((count, len(centre))) * (high - low)
    for j, options in _choices(evidence, best, coordinates).items():
        points[:, j] = _drawn_choices(options, int(coordinates.levels[j]), UNIFORM_SHARE_IN_BOX, count, generator)
    return Candidates(points, np.full(count, best[0]))


def reflected(points: Floats) -> Floats:
    """Return points with what lies beyond 0 or 1 mirrored there."""
    period = np.abs(points) % 2
    return np.where(period > 1, 2 - period, period)


def _least_step(coordinates: Coordinates) -> Floats:
    """Return half a level (d,) for parameters with few levels, 0 for others."""
    levels = coordinates.levels
    few = (levels > 0) & (levels <= COARSE_LEVELS)
    return np.where(few, 0.5 / np.maximum(levels, 1), 0.0)


def _choices(evidence: Evidence, best: Indices, coordinates: Coordinates) -> dict[int, Floats]:
    """Return for each choice, by its place in the point, the coordinates of the elites in which it counts."""
    points = evidence.points[best]
    active = coordinates.active(points)
    return {int(j): points[active[:, j], j] for j in np.flatnonzero(coordinates.is_choice)}


def _drawn_choices(elites: Floats, count: int, uniform: float, size: int, generator: np.random.Generator) -> Floats:
    """Draw coordinates (size,) of a choice: as often as the elites have each option, and a share uniformly."""
    options = np.minimum((elites * count).astype(int), count - 1)
    frequencies = np.bincount(options, minlength=count) / len(options) if len(options) else np.full(count, 1 / count)
    shares = (1 - uniform) * frequencies + uniform / count
    return (generator.choice(count, size, p=shares) + 0.5) / count
