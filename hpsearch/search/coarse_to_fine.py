"""The search: random first, then near the good trials, as a small model advises.

A fifth of the trials is drawn at random from the whole space, every parameter on its own scale. Then stages: rank all
finished trials, take the best 8 % (at least 3) as elites, draw candidates near them, ten for each trial of the stage and
at least 200; a Gaussian process with a lengthscale for each parameter, fitted to the trials so far, picks those with the
highest expected improvement; one trial in ten is drawn from the whole space.

Source of expected improvement: Jones, Schonlau and Welch 1998, "Efficient global optimization of expensive black-box
functions"; of the update after each pick: Ginsbourger, Le Riche and Carraro 2010, "Kriging is well-suited to parallelize
optimization".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hpsearch.search.coordinates import Coordinates
from hpsearch.search.evidence import HISTORY_ALONE, Evidence, Sources, standardised, thinned
from hpsearch.search.gaussian_process import Floats, GaussianProcess, expected_improvement
from hpsearch.search.region import near_elites
from hpsearch.search.samplers import Drawn, Untried
from hpsearch.seeds import Purpose, Streams
from hpsearch.space.parameters import identity
from hpsearch.space.search_space import SearchSpace
from hpsearch.trial import History, Origin, Trial

COARSE_SHARE, FEWEST_COARSE = 0.2, 8
EXPLORED_SHARE = 0.1
FEWEST_CANDIDATES, CANDIDATES_PER_TRIAL = 200, 10
LARGEST_ROUND = 200
"""Trials that are picked from one set of candidates; a larger stage is proposed in several rounds."""

RELEVANCE_STEPS, RELEVANCE_ROWS = 10, 100
"""Steps towards each parameter's own lengthscale, and the trials that tell it: more cost time and gain nothing."""


def coarse_trials(trials: int) -> int:
    """Return how many of so many trials are drawn from the whole space first."""
    return max(round(COARSE_SHARE * trials), min(FEWEST_COARSE, trials // 2))


@dataclass(frozen=True)
class CoarseToFine:
    """Proposes the trials of a stage from the finished trials of the stages before it."""

    space: SearchSpace
    streams: Streams
    drawn: Drawn
    sources: Sources = HISTORY_ALONE

    def propose(self, stage: int, numbers: range, history: History) -> list[Trial]:
        """Return the trials of a stage; fewer, if every combination of the space has been tried."""
        if self.drawn.begins(stage, numbers) or (evidence := self.sources.evidence(history)).is_empty:
            return self.drawn.propose(stage, numbers, history)
        share = EXPLORED_SHARE * len(numbers) + self.streams.generator(Purpose.EXPLORE, stage).random()
        explored = min(math.floor(share), len(numbers))
        untried = Untried(self.space, history)
        picks = self._picked(evidence, stage, numbers[: len(numbers) - explored], untried)
        rest = range(numbers.start + len(picks), numbers.stop)
        return picks + self.drawn.explorers(stage, rest, untried)

    def _picked(self, evidence: Evidence, stage: int, numbers: range, untried: Untried) -> list[Trial]:
        """Return what the model picks, round after round; it may run out of candidates that were not tried."""
        coordinates = Coordinates(self.space)
        surrogate = Surrogate.fit(evidence, coordinates)
        trials: list[Trial] = []
        for offset in range(0, len(numbers), LARGEST_ROUND):
            wanted = min(LARGEST_ROUND, len(numbers) - offset)
            generator = self.streams.generator(Purpose.CANDIDATES, stage, offset // LARGEST_ROUND)
            count = max(FEWEST_CANDIDATES, CANDIDATES_PER_TRIAL * wanted)
            candidates = untried.only(near_elites(evidence, count, stage, coordinates, generator))
            for index, improvement in surrogate.pick(candidates.points, wanted):
                elite = int(candidates.elites[index])
                point = tuple(candidates.points[index].tolist())
                origin = _copied(self.space, evidence, elite, point, improvement)
                trials.append(Trial(numbers.start + len(trials), stage, point, self.space.decode(point), origin))
            untried.add(trials[-wanted:])
        return trials


@dataclass(frozen=True)
class Surrogate:
    """A Gaussian process fitted to evidence, and the scale of its losses."""

    process: GaussianProcess
    coordinates: Coordinates
    best: float
    deviation: float

    @classmethod
    def fit(cls, evidence: Evidence, coordinates: Coordinates) -> Surrogate:
        """Fit a process to the losses, clipped and standardised; `best` is the best *predicted* loss of a trial seen.

        What lies outside of the space is no measure: no candidate can be as good.
        """
        seen = thinned(evidence.order)
        targets, deviation = standardised(evidence.losses[seen])
        features = coordinates.features(evidence.points[seen])
        process = GaussianProcess.fit_relevance(features, targets, coordinates.columns, RELEVANCE_STEPS, RELEVANCE_ROWS)
        inside = evidence.inside[seen]
        predicted = process.mean(features[inside] if inside.any() else features)
        return cls(process, coordinates, float(predicted.min()), deviation)

    def pick(self, points: Floats, count: int) -> list[tuple[int, float]]:
        """Return up to `count` of the points (m, d) by index, each with its expected improvement in units of the loss.

        After each pick the variances are those as if it had been observed, so that the next one lies elsewhere.
        """
        posterior = self.process.posterior(self.coordinates.features(points))
        free = np.ones(len(points), bool)
        picks = []
        for _ in range(min(count, len(points))):
            improvement = np.where(free, expected_improvement(posterior.mean, posterior.variance, self.best), -1.0)
            index = int(improvement.argmax())
            picks.append((index, float(improvement[index]) * self.deviation))
            free[index] = False
            posterior.observe(index)
        return picks


def _copied(space: SearchSpace, evidence: Evidence, elite: int, point: Sequence[float], improvement: float) -> Origin:
    before, now = space.decode(evidence.points[elite].tolist()), space.decode(point)
    was, became = ({name: identity(value) for name, value in params.items()} for params in (before, now))
    moved = tuple(name for name in space.names if was.get(name) != became.get(name))
    values = {name: before[name] for name in moved if name in before}
    run, number = evidence.trials[elite]
    return Origin("elite", number, run, moved, improvement, evidence.is_log, values)
