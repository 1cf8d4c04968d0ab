"""The lecture's recipe taken literally, for contrast: a box round the best point, halved from stage to stage."""

from __future__ import annotations

from dataclasses import dataclass

from hpsearch.search.coordinates import Coordinates
from hpsearch.search.evidence import HISTORY_ALONE, Sources
from hpsearch.search.region import box_round_best, elites
from hpsearch.search.samplers import Drawn, Untried
from hpsearch.seeds import Purpose, Streams
from hpsearch.space.search_space import SearchSpace
from hpsearch.trial import History, Origin, Trial

COARSE_SHARE = 0.4
STAGES = 4
DRAWN_PER_TRIAL = 10
"""Points drawn for each trial of a space without continuous parameters, where some have been tried."""


def coarse_trials(trials: int) -> int:
    """Return how many of so many trials are drawn from the whole space first."""
    return round(COARSE_SHARE * trials)


@dataclass(frozen=True)
class Zoom:
    """Draws the trials of stage s from a box of width 1 / 2^s round the best trial so far."""

    space: SearchSpace
    streams: Streams
    drawn: Drawn
    sources: Sources = HISTORY_ALONE

    def propose(self, stage: int, numbers: range, history: History) -> list[Trial]:
        """Return the trials of a stage; where the box holds no more untried combinations, the whole space gives the rest."""
        if self.drawn.begins(stage, numbers) or (evidence := self.sources.evidence(history)).is_empty:
            return self.drawn.propose(stage, numbers, history)
        generator = self.streams.generator(Purpose.CANDIDATES, stage, 0)
        untried = Untried(self.space, history)
        count = DRAWN_PER_TRIAL * len(numbers)
        candidates = untried.only(box_round_best(evidence, count, 0.5**stage, Coordinates(self.space), generator))
        run, best = evidence.trials[elites(evidence)[0]]
        origin = Origin("box", best, run)
        points = map(tuple, candidates.points[: len(numbers)].tolist())
        trials = [
            Trial(number, stage, point, self.space.decode(point), origin)
            for number, point in zip(numbers, points, strict=False)
        ]
        untried.add(trials)
        return trials + self.drawn.explorers(stage, numbers[len(trials) :], untried)
