"""How much each parameter matters, as far as the trials tell.

Two questions, one model. The main effect is about the whole space: how much of the differences in rank does a parameter make
on its own? The local importance is about the good region: what is lost there when a parameter's good value is? One that only
tells the very bad from the bad has much of the first and little of the second; one that must fit the others, the other way
round.

Before either there is a third: do the values follow the parameters at all? Some parameter always comes first, in noise too.
So Gaussian processes are fitted to the values and to the same values shuffled, and they must be explained better than
nearly all of these. Sources of such a test: Fisher 1935, "The design of experiments"; Pitman 1937.

Both are read off the mean of a Gaussian process with a lengthscale for each parameter, over the uniform distribution of the
unit cube. What the model sees is not quite what the search's own sees: the losses are clipped far less, and many trials are
thinned evenly, for most trials of a search lie near the good ones, and the rest of the space is to count too. Where nearly
all do, a parameter that was settled early is underrated nevertheless.

Sources: Hutter, Hoos and Leyton-Brown 2014, "An efficient approach for assessing hyperparameter importance" (functional
ANOVA of a model of the loss); Oakley and O'Hagan 2004, "Probabilistic sensitivity analysis of complex models: a Bayesian
approach" (main effects of a Gaussian process).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from hpsearch.search.coordinates import Coordinates
from hpsearch.search.gaussian_process import Floats, GaussianProcess, evenly, matern, solve_lower, squared_distances
from hpsearch.space.search_space import SearchSpace

LARGEST_MODEL = 400
"""Trials that the model sees, spread evenly over the ranks."""

CLIPPED_SHARE = 0.1
"""The share of the losses, the worst ones, that count as the best of them."""

GRID = 24
"""Values that a parameter is moved through: the middles of equal parts, which 2, 3, 4, 6, 8 and 12 levels divide evenly."""

BACKGROUND = 128
"""Points that the others are averaged over for a main effect."""

SAMPLE, BEST = 1_000, 100
"""Points of the space, and how many of them, predicted to be the best, have one parameter at a time redrawn."""

GROUPS = 10
"""Parts of the trials that are left out in turn, to see how far the shares move."""

SHUFFLES, AS_GOOD = 99, 2
"""How often the losses are shuffled, and how many shuffles may be explained as well: chance does it in 3 of 100 searches."""

TRIED_LENGTHSCALES, TRIED_NOISES = (0.3, 0.8), (math.exp(-3), math.exp(-1), math.exp(1))
"""Of the processes that explain them; the noise is a variance in amplitudes."""

TIED = 1e-6
"""A difference in likelihood that may be due to rounding, as where a shuffle only exchanges equal losses."""

ROUNDING = 1e-12
"""A difference of losses, relative to the largest of them, or to 1, below which they are equal but for rounding."""


@dataclass(frozen=True)
class Importance:
    """How much one parameter matters.

    `main_effect` is the share of the variance of the predicted ranks in the space that it explains on its own, from 0 to 1:
    the variance of their mean over all other parameters. What these shares leave of 1 are interactions. `local` is its share
    of what is lost on average when one parameter of a point among the best tenth is redrawn; these add up to 1, or are all
    0 where nothing is lost.

    `main_error` and `local_error` are their standard errors: how far they would move had other trials of the same kind been
    seen, found by leaving out a tenth of the trials at a time; NaN where there are fewer than ten. They do not tell whether
    the model is right: it keeps its lengthscales and its noise, so that a weak parameter that it overlooks has a small share
    and a small error. Nor do they know that trials lie near the good ones, or whether anything matters: `stands_out` does.
    """

    name: str
    main_effect: float
    local: float
    main_error: float = 0.0
    local_error: float = 0.0


def importances(space: SearchSpace, points: Floats, losses: Floats) -> list[Importance]:
    """Return the importance of each parameter, in the order of the space.

    `points` (n, d) are in the unit cube, `losses` (n,) those of evidence; infinite ones count as the worst, and at least one
    is finite. The same arguments give the same bits, with the same number of BLAS threads.
    """
    surface = _Surface.fit(Coordinates(space), points, losses)
    found = np.stack([_main_effects(surface, space.dimensions), _local(surface, space.dimensions)])
    shares, errors = found[:, :, 0].tolist(), _errors(found[:, :, 1:]).tolist()
    return list(map(Importance, space.names, *shares, *errors))


def _main_effects(surface: _Surface, dimensions: int) -> Floats:
    """Return the main effects (d, 1 + m) of the parameters, as each of the surface's fits tells them."""
    predicted = surface.at(_even_points(SAMPLE, dimensions))
    ordered, background = np.sort(predicted, axis=0), _even_points(BACKGROUND, dimensions)
    effects = [_places(ordered, surface.swept(background, j)).mean(axis=1).var(axis=0) for j in range(dimensions)]
    return np.minimum(_shares(np.stack(effects), _places(ordered, predicted).var(axis=0)), 1.0)


def _local(surface: _Surface, dimensions: int) -> Floats:
    """Return the local importances (d, 1 + m) of the parameters; each of the surface's fits has best points of its own."""
    sample = _even_points(SAMPLE, dimensions)
    predicted = surface.at(sample)
    best = np.argsort(predicted, axis=0, kind="stable")[:BEST]
    taken, places = np.unique(best, return_inverse=True)
    kept = np.take_along_axis(predicted, best, axis=0).mean(axis=0)
    redrawn = (surface.swept(sample[taken], j).mean(axis=0) for j in range(dimensions))
    means = np.stack([np.take_along_axis(mean, places.reshape(best.shape), axis=0).mean(axis=0) for mean in redrawn])
    lost = np.maximum(means - kept, 0.0)
    return _shares(lost, lost.sum(axis=0))


def _errors(without: Floats) -> Floats:
    """Return the standard errors (..., d) of estimates from their values (..., d, m) without a part of the trials each.

    The jackknife with m groups. Sources: Quenouille 1956; Tukey 1958.
    """
    m = without.shape[-1]
    if m < GROUPS:
        return np.full(without.shape[:-1], math.nan)
    errors: Floats = np.sqrt((m - 1) * without.var(axis=-1))
    return errors


def stands_out(space: SearchSpace, points: Floats, losses: Floats) -> bool:
    """Return whether the losses follow some of the parameters, more than they would by chance.

    Arguments as in `importances`. A permutation test: how well Gaussian processes explain the losses, and their ranks, is
    counted in standard deviations of how well they explain them shuffled, and the best of these counts. What noise is made
    of decides which of them sees most.
    """
    coordinates = Coordinates(space)
    features, targets = _seen(coordinates, points, losses)
    if not targets.any():
        return False
    generator, count = np.random.default_rng(0), len(targets)
    orders = np.stack([np.arange(count), *(generator.permutation(count) for _ in range(SHUFFLES))], axis=1)
    shuffled = np.concatenate([targets[orders], _ranks(targets)[orders]], axis=1)
    found = _likelihoods(features, shuffled, coordinates.columns).reshape(-1, 1 + SHUFFLES)
    strengths = (found - found.mean(axis=1, keepdims=True)) / (found.std(axis=1, keepdims=True) + TIED)
    strongest = strengths.max(axis=0)
    return int((strongest[1:] > strongest[0] - TIED).sum()) <= AS_GOOD


def _likelihoods(features: Floats, targets: Floats, columns: Sequence[slice]) -> Floats:
    """Return the highest log likelihoods (2, m), up to a constant, of each column of targets (n, m).

    The first is that of a process of all parameters together, the second that of one parameter alone, which many idle ones
    would drown. A covariance does not depend on the targets, so one factor serves them all.
    """
    n = len(features)
    alone = [squared_distances(features[:, column], features[:, column]) for column in columns]
    together = np.sum(alone, axis=0)
    best = np.full((2, targets.shape[1]), -np.inf)
    for distances, lengthscale, noise in product([together, *alone], TRIED_LENGTHSCALES, TRIED_NOISES):
        factor = np.asarray(np.linalg.cholesky(matern(distances / lengthscale**2) + noise * np.eye(n)), np.float64)
        whitened = solve_lower(factor, targets)
        likelihoods = -n / 2 * np.log((whitened * whitened).mean(axis=0)) - np.log(np.diagonal(factor)).sum()
        kind = int(distances is not together)
        best[kind] = np.maximum(best[kind], likelihoods)
    return best


def _ranks(targets: Floats) -> Floats:
    """Return the standardised ranks (n,) of targets in rising order; equal ones share the mean of theirs."""
    ranks = np.searchsorted(targets, targets, "left") + np.searchsorted(targets, targets, "right")
    standardised: Floats = (ranks - ranks.mean()) / ranks.std()
    return standardised


def _seen(coordinates: Coordinates, points: Floats, losses: Floats) -> tuple[Floats, Floats]:
    """Return the features (m, p) and the standardised losses (m,) that a model sees, from the best to the worst.

    Losses that are equal but for rounding are 0 exactly.
    """
    order = np.argsort(losses, kind="stable")
    seen = order[evenly(len(order), LARGEST_MODEL)]
    losses = _clipped(losses[seen])
    targets = losses - losses[0]
    targets[targets < ROUNDING * _scale(losses)] = 0
    targets = (targets - targets.mean()) / (float(targets.std()) or 1.0)
    return coordinates.features(points[seen]), targets


@dataclass(frozen=True)
class _Surface:
    """The predicted loss over the unit cube, in deviations of the losses seen: of 1 + m fits at once.

    The first has seen all trials. The others, if there are enough, lack a part of them each. `weights` are (n, 1 + m).
    """

    coordinates: Coordinates
    process: GaussianProcess
    weights: Floats

    @classmethod
    def fit(cls, coordinates: Coordinates, points: Floats, losses: Floats) -> _Surface:
        features, targets = _seen(coordinates, points, losses)
        process = GaussianProcess.fit_relevance(features, targets, coordinates.columns)
        order = np.random.default_rng(0).permutation(len(targets))
        left_out = np.array_split(order, GROUPS) if len(targets) >= GROUPS else []
        weights = [process.weights, *map(process.weights_without, left_out)]
        return cls(coordinates, process, np.stack(weights, axis=1))

    def at(self, points: Floats) -> Floats:
        """Return the predictions (n, 1 + m) at points (n, d)."""
        return self.process.kernel(self.coordinates.features(points)) @ self.weights

    def swept(self, points: Floats, j: int) -> Floats:
        """Return the predictions (GRID, n, 1 + m) at points (n, d) whose parameter j is moved through its values."""
        moved = np.repeat(points[None], GRID, axis=0)
        moved[:, :, j] = (np.arange(GRID)[:, None] + 0.5) / GRID
        return self.at(moved.reshape(-1, points.shape[1])).reshape(GRID, len(points), -1)


def _places(ordered: Floats, predicted: Floats) -> Floats:
    """Return the ranks (..., m) of predictions among the ordered ones (n, m) of the same fit."""
    columns = [np.searchsorted(own, predicted[..., k]) for k, own in enumerate(ordered.T)]
    return np.stack(columns, axis=-1).astype(np.float64)


def _clipped(losses: Floats) -> Floats:
    """Return losses with the worst of them, and the infinite, made equal, so that a few disasters do not set the scale."""
    finite = losses[np.isfinite(losses)]
    worst, scale = float(finite.max()), _scale(finite)
    if np.ptp(finite) < ROUNDING * scale:
        worst += scale  # what diverged is worse, if all others are equal
    numbers = np.minimum(losses, worst)
    return np.minimum(numbers, float(np.quantile(numbers, 1 - CLIPPED_SHARE)))


def _scale(losses: Floats) -> float:
    """Return what rounding is relative to: losses may be logarithms, and those of values near 1 are near 0."""
    return max(float(np.abs(losses).max()), 1.0)


def _even_points(count: int, dimensions: int) -> Floats:
    """Return points (count, d) of the unit cube, the same ones at every call, each coordinate evenly spread.

    A Latin hypercube. Source: McKay, Beckman and Conover 1979.
    """
    generator = np.random.default_rng(0)
    return np.stack([(generator.permutation(count) + 0.5) / count for _ in range(dimensions)], axis=1)


def _shares(parts: Floats, wholes: Floats) -> Floats:
    """Return what parts (d, m) are of wholes (m,); nothing of nothing is 0."""
    return np.divide(parts, wholes, out=np.zeros_like(parts), where=wholes > 0)
