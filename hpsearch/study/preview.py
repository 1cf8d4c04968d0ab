"""What a search is about to do, in numbers: the draws it will get, the groups it trains in, and what its plan takes.

The draws are those of the sampler and the streams of this very search. Nothing is recorded; whether a spec is a good one is
judged elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from hpsearch.search.plan import Plan
from hpsearch.search.samplers import random_point
from hpsearch.search.settings import Confirm, is_staged
from hpsearch.seeds import Purpose, Streams
from hpsearch.study.dispatch import cut
from hpsearch.study.draws import Draws, draws
from hpsearch.study.estimate import Measured, Round, disk_bytes, measure, rounds, seconds_for
from hpsearch.study.first_points import as_recorded, first_points
from hpsearch.study.loop import averaging_weights
from hpsearch.study.outlook import confirm_of, prior_of
from hpsearch.study.parent import Parent
from hpsearch.study.resources import memory
from hpsearch.study.subject import Subject
from hpsearch.trial import Params, Trial, TrialRecord

SAMPLE, ENOUGH = 1_000, 200
"""As many draws are looked at: of the whole space in a search in stages whose first stage is smaller than `ENOUGH`."""

BEST_SHARE = 0.05
"""The share of the space that counts as its best."""


@dataclass(frozen=True)
class Groups:
    """Networks that can train together: so many groups of the first stage's, and in how many populations they do."""

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
class Preview:
    """What a search is about to do.

    `first` are the trials of its first stage, at most 1,000; `draws` count them, or where `is_sample` so many points of the
    whole space: `counted`. `groups` is None for a function. `memory` are the bytes that a worker needs for networks and
    data, of those `available`; `record` and `states` those of the disk. `measured`, `seconds` and `states` are None where
    nothing was measured.
    """

    subject: Subject
    plan: Plan
    confirm: Confirm
    evidence: tuple[str, ...]
    notes: tuple[str, ...]
    jobs: int
    is_quick: bool
    first: tuple[Trial, ...]
    draws: tuple[Draws, ...]
    counted: int
    is_sample: bool
    groups: Groups | None
    memory: int
    available: int
    record: int
    measured: Measured | None
    seconds: float | None
    states: int | None

    @property
    def drawn(self) -> int:
        """How many trials are drawn from the whole space before any result is known."""
        return self.plan.sizes[0] - sum(trial.origin.kind not in ("drawn", "sobol") for trial in self.first)

    @property
    def chance(self) -> float:
        """The chance that one of those is among the best 5 % of the space: 1 - 0.95^n."""
        return 1 - (1 - BEST_SHARE) ** self.drawn


def preview(subject: Subject, runs_dir: Path, parent: Parent | None, jobs: int, *, quick: bool = False) -> Preview:
    """Return what a new search of a study would do, with a short training to measure time unless `quick`.

    Raises what beginning the search raises.
    """
    begun = first_points(subject.study, runs_dir)
    if begun:
        subject = replace(subject, study=as_recorded(subject.study, begun.described()))
    prior = prior_of(None, parent)
    search = subject.search(prior)
    first = tuple(search.sampler.propose(0, range(min(search.plan.sizes[0], SAMPLE)), {}))
    sampled, is_sample = _sample(subject, first)
    populations = _populations(subject, first, search.plan, jobs)
    is_network = subject.study.objective is None
    measured = None
    if is_network and populations and not quick:
        measured = measure(subject.objective, populations, subject.study.epochs)
    confirm = Confirm(*confirm_of(subject, None, search.plan.asked))
    work = tuple(rounds(search.plan, confirm))
    record, states = disk_bytes(search.plan, work, len(subject.objective.metrics), measured.state_bytes if measured else 0)
    return Preview(
        subject=subject,
        plan=search.plan,
        confirm=confirm,
        evidence=tuple(trial.run for trial in prior),
        notes=begun.told if begun else (),
        jobs=jobs,
        is_quick=quick,
        first=first,
        draws=draws(subject.study.space, sampled, averaging_weights(subject.study)),
        counted=len(sampled),
        is_sample=is_sample,
        groups=_groups(subject, first, populations) if is_network and first else None,
        memory=_memory(subject, populations) if is_network else 0,
        available=memory(),
        record=record,
        measured=measured,
        seconds=_seconds(subject, measured, sampled, work, jobs),
        states=states if measured else None,
    )


def _seconds(
    subject: Subject, measured: Measured | None, sampled: Sequence[Params], work: Sequence[Round], jobs: int
) -> float | None:
    if measured is None:
        return None
    epoch = measured.seconds_per_cost * fmean(map(subject.objective.cost, sampled))
    return seconds_for(work, epoch, min(jobs, subject.study.search.trials))


def _sample(subject: Subject, first: Sequence[Trial]) -> tuple[list[Params], bool]:
    """Return the params of the first stage, or where those are few those of a seeded sample, and which it is.

    The sample is from the streams of the search: its first points are the first ones that are drawn.
    """
    study = subject.study
    if not is_staged(study.search.method) or len(first) >= ENOUGH:
        return [trial.params for trial in first], False
    streams = Streams(study.seed)
    generators = (streams.generator(Purpose.POINTS, 0, number) for number in range(SAMPLE))
    return [study.space.decode(random_point(generator, study.space.dimensions)) for generator in generators], True


def _populations(subject: Subject, first: Sequence[Trial], plan: Plan, jobs: int) -> list[tuple[Trial, ...]]:
    """Return the trials of the first stage as they would train side by side, by the lowest number in each."""
    waiting = [TrialRecord(trial, plan.stage_rungs(0)[0]) for trial in first]
    tasks = cut(subject.objective, waiting, min(jobs, len(first)), Path()) if waiting else []
    return sorted((task.trials for task in tasks), key=lambda trials: trials[0].number)


def _groups(subject: Subject, first: Sequence[Trial], populations: Sequence[Sequence[Trial]]) -> Groups:
    keys = {subject.objective.group_key(trial.params) for trial in first}
    return Groups(len(first), len(keys), len(populations))


def _memory(subject: Subject, populations: Sequence[Sequence[Trial]]) -> int:
    """Return the most bytes that a population of the first stage needs, and those of the inputs, float32."""
    inputs: int = 4 * int(subject.facts["features"]) * sum(subject.facts["rows"].values())
    return max(map(subject.objective.memory, populations), default=0) + inputs
