"""What to do next: a search is a plan, which is recorded, and a sampler that proposes each stage.

`ask` is a function of the plan and of the history, and of nothing else; the study writes each decision down before it acts
on it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from hpsearch.search import coarse_to_fine, zoom
from hpsearch.search.evidence import HISTORY_ALONE, Sources
from hpsearch.search.halving import coarse_rungs, promotion, rungs
from hpsearch.search.plan import AS_PLANNED, EXHAUSTED, MOST_GROWTH, Decision, Done, Plan, Promote, Replan, Start, Wait
from hpsearch.search.samplers import Drawn, Grid, Sampler, Sobol
from hpsearch.search.settings import EarlyStopping, SearchSettings, can_grow, is_staged, start_points
from hpsearch.seeds import Streams
from hpsearch.space.search_space import SearchSpace
from hpsearch.trial import History, PriorTrial, Status, TrialRecord, headline

FINE_STAGES = 3
"""Stages after the coarse one with early stopping: large ones, so that populations are full and workers busy."""

FEW_TRIALS, FINE_STAGES_OF_FEW = 40, 2
FEWEST_STAGES, MOST_STAGES, ABOUT_PER_STAGE = 6, 16, 4
"""Without early stopping: stages of about four trials; of two rather than fewer than six stages."""

FAILURES_ALIKE = 5
"""If so many first trials all fail for one reason, the reason is no trial's own."""

FAILED = (Status.FAILED, Status.CRASHED)


@dataclass(frozen=True)
class StopRules:
    """What ends a search before its last trial.

    `target` is a value, minimised, that is good enough; `plateau` the trials without a better one that are enough. That the
    first trials all fail alike ends every search.
    """

    target: float | None = None
    plateau: int | None = None

    def first_met(self, records: Iterable[TrialRecord]) -> tuple[int, str] | None:
        """Return after which trial, by number, of a complete prefix of them a rule holds, and which one it is."""
        best, best_at, failures = math.inf, -1, Counter[str]()
        for record in records:
            if record.status in FAILED and record.reason:
                failures[headline(record.reason)] += 1
            if record.number + 1 == FAILURES_ALIKE == max(failures.values(), default=0):
                (reason,) = failures
                return record.number, f"the first {FAILURES_ALIKE} trials all failed alike: {reason}"
            if record.status is Status.COMPLETE and -math.inf < record.value < best:
                best, best_at = record.value, record.number
                if self.target is not None and best <= self.target:
                    return record.number, "the target is reached"
            if self.plateau is not None and record.number - best_at >= self.plateau and best_at >= 0:
                return record.number, f"no better trial among the last {self.plateau}"
        return None


@dataclass(frozen=True)
class Search:
    """A plan, the sampler that fills it, and why the search is over when it is filled."""

    plan: Plan
    sampler: Sampler
    rules: StopRules = StopRules()
    end: str = AS_PLANNED
    sources: Sources = HISTORY_ALONE

    def ask(self, history: History) -> Decision:
        """Return what to do next; a function of the plan and the history, and of nothing else."""
        if done := self.over(history):
            return done
        waiting = [record for record in history.values() if not record.status.ended]
        if any(record.epochs_done < record.until_epoch for record in waiting):
            return Wait()
        if waiting:
            stage, numbers = self.plan.stage_at(waiting[0].number)
            records = [history[number] for number in numbers if number in history]
            return Promote(*promotion(records, self.plan.stage_rungs(stage), self.plan.reduction_factor, self.plan.given))
        if len(history) >= self.plan.trials:
            return Done(AS_PLANNED if self.plan.in_full else self.end, len(history))
        stage, numbers = self.plan.stage_at(len(history))
        if self._trains_in_full(stage, history):
            return Replan(replace(self.plan, in_full=(*self.plan.in_full, stage)))
        trials = self.sampler.propose(stage, range(len(history), numbers.stop), history)
        if trials:
            return Start(tuple(trials), self.plan.stage_rungs(stage)[0])
        return Done(EXHAUSTED, len(history))

    def _trains_in_full(self, stage: int, history: History) -> bool:
        """Whether a stage that was to be a bracket is better trained without early stopping."""
        if not stage or not self.plan.coarse_rungs or stage in self.plan.in_full:
            return False
        return not self.sources.evidence(history).early_epochs_tell

    def replanned(self, plan: Plan) -> Search:
        """Return the search that goes on with another plan."""
        return replace(self, plan=plan)

    def over(self, history: History) -> Done | None:
        """Return whether a stop rule holds.

        Rules are judged on the longest prefix of ended trials, by number, so that the number of workers makes no difference;
        in a plan of several stages, or with early stopping, at the end of a stage.
        """
        first = islice(history.values(), FAILURES_ALIKE)
        if self.rules == StopRules() and not all(record.status in FAILED for record in first):
            return None
        prefix = _ended_prefix(history.values())
        met = self.rules.first_met(prefix)
        if met is None:
            return None
        number, reason = met
        if len(self.plan.stages) == len(self.plan.rungs) == 1:
            return Done(reason, number + 1)
        return Done(reason, len(history)) if len(prefix) == len(history) else None


def _ended_prefix(records: Iterable[TrialRecord]) -> list[TrialRecord]:
    prefix = []
    for record in records:
        if not record.status.ended:
            break
        prefix.append(record)
    return prefix


def search(
    settings: SearchSettings,
    space: SearchSpace,
    streams: Streams,
    epochs: int,
    *,
    floor: float = 0.0,
    target: float | None = None,
    prior: Sequence[PriorTrial] = (),
    recorded: Plan | None = None,
) -> Search:
    """Return the search that the settings name.

    `floor` is the least value that can be told from 0, `target` the settings' target as a value, minimised; `recorded` the
    plan that was made before: stages are added where more trials are asked for, and it is cut off where fewer are.
    """
    settings = settings.settled()
    fresh = make_plan(settings, epochs, sum(trial.is_inside for trial in prior))
    plan = _resized(recorded, settings, fresh) if recorded else fresh
    drawn = Drawn(space, streams, start_points(settings))
    # What a stopped trial would have come to is told from ratios; otherwise values as they are did better (ARCHITECTURE).
    sources = Sources(prior, floor, logarithmic=len(plan.rungs) > 1)
    sampler: Sampler
    # What was asked for counts, not what is left of it where stages are trained in full: that is known on the way only.
    most = drawn.most(plan.asked)
    match settings.method:
        case "coarse-to-fine":
            sampler = coarse_to_fine.CoarseToFine(space, streams, drawn, sources)
        case "zoom":
            sampler = zoom.Zoom(space, streams, drawn, sources)
        case "random":
            sampler = drawn
        case "grid":
            sampler = grid = Grid(space, max(plan.asked - len(drawn.start), 1), drawn)
            most = grid.most
        case "sobol":
            sampler = Sobol(space, streams, drawn)
    rules = StopRules(target, settings.plateau)
    if most >= plan.asked:
        return Search(plan, sampler, rules, AS_PLANNED, sources)
    return Search(plan.resized(most, 1), sampler, rules, EXHAUSTED, sources)


def make_plan(settings: SearchSettings, epochs: int, known: int = 0) -> Plan:
    """Return the plan of a new search of so many epochs a trial; `known` trials of earlier runs lie in its space."""
    stopping = settings.early_stopping
    heights: tuple[int, ...] = (epochs,)
    factor = EarlyStopping().reduction_factor
    if isinstance(stopping, EarlyStopping):
        factor = stopping.reduction_factor
        heights = rungs(epochs, stopping.min_epochs, factor)
    halved = len(heights) > 1
    coarse = coarse_rungs(heights) if halved and is_staged(settings.method) else ()
    return Plan(_stages(settings, known, halved=halved), heights, factor, len(start_points(settings)), coarse)


def _resized(plan: Plan, settings: SearchSettings, fresh: Plan) -> Plan:
    """Return a plan for as many trials as are asked for now; `fresh` is the one that a new search would have.

    Further stages are as large as the others, unless those of a new search were more than four times as large.
    """
    if not can_grow(settings.method):
        return plan
    if not is_staged(settings.method) and len(plan.rungs) == 1:  # no trial knows of another: the one stage grows
        return replace(plan, stages=(settings.trials,))
    # The first fine stage is as large as any; the last may have been cut off.
    before, now = (
        stages[1] if is_staged(settings.method) and stages[1:] else stages[0] for stages in (plan.stages, fresh.stages)
    )
    return plan.resized(settings.trials, before if MOST_GROWTH * before >= now else now)


def _stages(settings: SearchSettings, known: int, *, halved: bool) -> tuple[int, ...]:
    trials, given = settings.trials, len(start_points(settings))
    if not is_staged(settings.method):
        return (trials,)
    coarse = (zoom if settings.method == "zoom" else coarse_to_fine).coarse_trials(trials)
    if known >= coarse:  # they replace the coarse stage
        coarse = 0
    coarse = min(max(coarse, given, 1), trials)
    rest = trials - coarse
    fine = min(settings.stages or _fine_stages(settings, rest, halved=halved), rest)
    return (coarse, *(rest // fine + (stage < rest % fine) for stage in range(fine)))


def _fine_stages(settings: SearchSettings, rest: int, *, halved: bool) -> int:
    """Return how many fine stages `rest` trials are divided into."""
    if settings.method == "zoom":
        return zoom.STAGES
    if halved:
        return FINE_STAGES if settings.trials >= FEW_TRIALS else FINE_STAGES_OF_FEW
    return max(1, min(MOST_STAGES, max(rest // ABOUT_PER_STAGE, min(FEWEST_STAGES, rest // 2))))
