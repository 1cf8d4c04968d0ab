"""What a search is about to do, in numbers: the draws it will get, the groups it trains in, and what its plan takes.

The draws are those of the sampler and the streams of this very search. Nothing is recorded; whether a spec is a good one is
judged elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Literal

from hpsearch.search.plan import Plan, chance_of_the_best
from hpsearch.search.samplers import Grid, random_point
from hpsearch.search.settings import is_staged
from hpsearch.search.strategy import Search
from hpsearch.seeds import Purpose, Streams
from hpsearch.study.dispatch import cut
from hpsearch.study.estimate import Disk, Estimate, Measured, disk, measure, rounds, seconds_for
from hpsearch.study.histograms import Histogram, histograms
from hpsearch.study.outlook import Outlook, begun_anew
from hpsearch.study.parent import Parent
from hpsearch.study.resources import memory, peak_memory
from hpsearch.study.subject import Subject
from hpsearch.trial import Origin, Params, Trial, TrialRecord

MOST, ENOUGH = 1_000, 200
"""As many draws are looked at: of the whole space in a search in stages whose first stage is smaller than `ENOUGH`."""

Source = Literal["the first stage", "the whole space", "the whole grid"]
"""Where the draws are from that are looked at."""


@dataclass(frozen=True)
class Groups:
    """Networks that can train together: so many groups, and in how many populations they do."""

    networks: int
    groups: int
    populations: int

    @property
    def mean(self) -> float:
        """The mean number of networks in a group."""
        return self.networks / self.groups

    @property
    def population_mean(self) -> float:
        """The mean number of networks in a population."""
        return self.networks / self.populations


@dataclass(frozen=True)
class Memory:
    """Bytes of memory, with the program itself and reading the data: of a worker, of the `driver` beside several of them.

    `available` are those of the machine.
    """

    worker: int
    driver: int
    available: int

    def needed(self, jobs: int) -> int:
        """Return what so many workers need in all; a single one is the driver itself."""
        return jobs * self.worker + (jobs > 1) * self.driver

    def room(self, jobs: int) -> int:
        """Return how many of so many workers there is room for."""
        return next((fewer for fewer in range(jobs, 0, -1) if self.needed(fewer) <= self.available), 0)


@dataclass(frozen=True)
class Preview:
    """What a new search is about to do.

    `first` are the trials of its first stage, at most 1,000. `histograms` are of so many draws, `counted`, from `source`.
    `groups` and `memory` are None for a function. `seconds` are what the search takes; None where
    nothing was measured, `is_quick` says that nothing was to be.
    """

    outlook: Outlook
    jobs: int
    is_quick: bool
    first: tuple[Trial, ...]
    histograms: tuple[Histogram, ...]
    counted: int
    source: Source
    groups: Groups | None
    memory: Memory | None
    disk: Disk
    seconds: Estimate | None

    @property
    def drawn(self) -> int:
        """How many trials are drawn from the whole space before any result is known."""
        return self.outlook.plan.sizes[0] - sum(trial.origin.kind not in ("drawn", "sobol") for trial in self.first)

    @property
    def chance(self) -> float:
        """The chance that one of those is among the best of the space."""
        return chance_of_the_best(self.drawn)


def preview(
    subject: Subject,
    runs_dir: Path,
    parent: Parent | None,
    jobs: int,
    *,
    quick: bool = False,
    reading: float = 0.0,
    held: int | None = None,
) -> Preview:
    """Return what a new search of a study would do, with a short training to measure time unless `quick`.

    `reading` are the seconds that it takes to read the data, `held` the bytes that a process needs with them: what this one
    has held unless given. Raises what beginning the search raises.
    """
    driver = peak_memory() if held is None else held  # the data have just been read here, as every worker reads them
    outlook = begun_anew(subject, runs_dir, parent)
    subject, jobs = outlook.subject, min(jobs, subject.study.search.trials)
    search = subject.search(outlook.prior)
    first = tuple(search.sampler.propose(0, range(min(outlook.plan.sizes[0], MOST)), {}))
    typical, source = _typical(subject, search, first)
    populations, groups, need, measured = [], None, None, None
    if subject.study.objective is None and first:
        populations = _populations(subject, typical if source == "the whole grid" else first, outlook.plan, jobs)
        groups = _groups(subject, populations)
        need = Memory(driver + max(map(subject.objective.memory, populations)), driver, memory())
        if not quick and need.room(1):
            measured = measure(subject.objective, populations, subject.study.epochs)
    params, work = [trial.params for trial in typical], list(rounds(outlook.plan, outlook.confirm))
    epoch = _epoch_seconds(subject, params, measured) if measured else None
    return Preview(
        outlook=outlook,
        jobs=jobs,
        is_quick=quick,
        first=first,
        histograms=histograms(subject.study.space, params, subject.study.averaging),
        counted=len(params),
        source=source,
        groups=groups,
        memory=need,
        disk=disk(outlook, work, params, groups.population_mean if groups else 1, measured),
        seconds=epoch
        and Estimate(
            seconds_for(work, epoch.mean, epoch.mean, jobs, reading),
            seconds_for(work, epoch.mean, epoch.costliest, jobs, reading),
        ),
    )


def _epoch_seconds(subject: Subject, params: Sequence[Params], measured: Measured) -> Estimate:
    """Return how long an epoch of a trial takes."""
    costs = list(map(subject.objective.cost, params))
    return Estimate(measured.seconds_per_cost * fmean(costs), measured.seconds_per_cost * max(costs))


def _typical(subject: Subject, search: Search, first: Sequence[Trial]) -> tuple[Sequence[Trial], Source]:
    """Return trials that stand for all that are drawn, and where they are from: the first ones, or a seeded sample.

    A grid begins at one of its corners, and the first stage of a search in stages may be small. The sample of a space is
    from the streams of the search: its first points are the first ones that are drawn.
    """
    study = subject.study
    if isinstance(search.sampler, Grid) and search.plan.trials > len(first):
        drawn = search.sampler.sample(MOST)
        return [Trial(number, 0, (), params, Origin("grid")) for number, params in enumerate(drawn)], "the whole grid"
    if not is_staged(study.search.method) or len(first) >= ENOUGH:
        return first, "the first stage"
    streams = Streams(study.seed)
    points = [random_point(streams.generator(Purpose.POINTS, 0, n), study.space.dimensions) for n in range(MOST)]
    return [Trial(number, 0, point, study.space.decode(point)) for number, point in enumerate(points)], "the whole space"


def _populations(subject: Subject, trials: Sequence[Trial], plan: Plan, jobs: int) -> list[tuple[Trial, ...]]:
    """Return trials as they would train side by side, by the lowest number in each population."""
    waiting = [TrialRecord(trial, plan.stage_rungs(0)[0]) for trial in trials]
    tasks = cut(subject.objective, waiting, min(jobs, len(waiting)), Path())
    return sorted((task.trials for task in tasks), key=lambda population: population[0].number)


def _groups(subject: Subject, populations: Sequence[Sequence[Trial]]) -> Groups:
    keys = [subject.objective.group_key(trial.params) for trials in populations for trial in trials]
    return Groups(len(keys), len(set(keys)), len(populations))
