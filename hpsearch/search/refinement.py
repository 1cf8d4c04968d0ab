"""From the trials of a run to a narrower space, and why: what `refine` proposes. Pure.

Per parameter of the space: where the best trials lie is where the next search should look, if the parameter matters at all.
Where the best one lies at an edge, the optimum may be beyond it. And where nothing shows that one region is better than
another, narrowing would be to zoom into noise: then the ranges become wider.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from graphlib import TopologicalSorter
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from hpsearch.errors import UsageError
from hpsearch.options import Option
from hpsearch.search.advice import Advice, Seen, advise
from hpsearch.search.coordinates import Coordinates
from hpsearch.search.evidence import Evidence, Sources, standardised, thinned
from hpsearch.search.gaussian_process import Floats, GaussianProcess, Indices
from hpsearch.search.importance import importances, stands_out
from hpsearch.search.region import elites
from hpsearch.space.parameters import identity
from hpsearch.space.search_space import DEPTH, Entry, SearchSpace, deepest
from hpsearch.trial import History, PriorTrial, Value

FEWEST_TRIALS = 10
"""Finished trials below which nothing is proposed: where the best of fewer lie is chance."""

LEADER_SHARE, FEWEST_LEADERS = 0.2, 5
"""The best of the finished trials, among which the elites are the very best."""

MOST_ELITES = 25
"""Elites whose span is taken: the more they are, the farther out lies the outermost."""

BETTER_SHARE = 0.65
"""The share of trials that must beat the median for a region to count as better than the whole space."""

FEWEST_TOLD = 8
"""Trials near good ones, or from the whole space, below which they say nothing for themselves; a model judges instead."""

FOLDS = 5
"""Parts of the trials, each of which is predicted from the others."""

NEAR_GOOD_ONES = ("elite", "box")
WHOLE_SPACE = ("drawn", "explorer", "grid", "sobol")
"""The origins of trials."""

Options: TypeAlias = Mapping[str, Option]
Mask: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True)
class Focus:
    """What to zoom round instead of the elites: the `top` trials, or trial `around`.

    `best` is the number of the trial that counts as the best, where retraining has named one.
    """

    top: int | None = None
    around: int | None = None
    best: int | None = None


@dataclass(frozen=True)
class Refinement:
    """A new space, the values of parameters that are no longer searched, and the reasons, in the order of the old space.

    `found` says whether there is a better region, and `finding` how that was judged, on so many finished `trials`. The new
    ranges are put round the elites, or round the trial that `round_one` names with its place among these trials.
    """

    space: SearchSpace
    fixed: Mapping[str, Value]
    advice: tuple[Advice, ...]
    found: bool
    finding: str
    trials: int
    round_one: str = ""


def refine(
    space: SearchSpace,
    history: History,
    prior: Sequence[PriorTrial] = (),
    *,
    floor: float = 0.0,
    options: Options | None = None,
    focus: Focus = Focus(),
) -> Refinement:
    """Propose where to search next; `options` says what the parameters can be, None if they can be anything.

    What is declared may also be fixed once one option is left. Raises UsageError when there are too few trials to tell, or
    nothing is left to search.
    """
    evidence = Sources(prior, floor).evidence(history)
    finished = len(evidence.ranked)
    if not finished:
        raise UsageError("no trial has finished with a number, so there is no region to zoom into; widen the ranges by hand")
    if finished < FEWEST_TRIALS:
        raise UsageError(
            f"{finished} trials have finished: with fewer than {FEWEST_TRIALS} the best of them lie where chance put them; "
            "run more of them first, with --set search.trials=N, or widen the ranges by hand where there are no more"
        )
    local, everywhere = _regions(evidence)
    found, finding = _judged(evidence, local, everywhere, space)
    zooms = found or focus.top is not None or focus.around is not None
    order = _order(evidence, focus.best)
    centre, round_one = _centre(evidence, order, focus)
    led = order[: max(FEWEST_LEADERS, round(LEADER_SHARE * len(order)))]
    shown = _Shown(space, evidence, led, centre, _shares(evidence, everywhere, space), round_one)
    advice = []
    for name, entry in space.entries.items():
        option = (options or {}).get(name)
        advice.append(advise(name, entry.domain, shown.of(name), option, found=zooms, may_fix=options is not None))
    return Refinement(*_assembled(space, advice), found, finding, finished, round_one)


def _regions(evidence: Evidence) -> tuple[Mask, Mask]:
    """Return which trials in the space lie near good ones (n,), and which may lie anywhere in it (n,).

    Those of earlier runs are judged by how they were drawn there; what is not known to be drawn from everywhere is not. They
    lie near what was good there, so the first are this run's own, if these are enough.
    """
    local, everywhere = (np.isin(evidence.kinds, group) & evidence.inside for group in (NEAR_GOOD_ONES, WHOLE_SPACE))
    own = local & np.array([not run for run, _ in evidence.trials])
    return own if own.sum() >= FEWEST_TOLD else local, everywhere


def _shares(evidence: Evidence, everywhere: Mask, space: SearchSpace) -> Floats:
    """Return how much each parameter matters (d,): the largest of its shares.

    Asked are all trials, and those from the whole space alone: among trials near the good ones the parameters that were
    fixed first seem to matter little.
    """
    views = [evidence.inside]
    if np.isfinite(evidence.losses[everywhere]).sum() >= FEWEST_TOLD:
        views.append(everywhere)
    told = [importances(space, evidence.points[view], evidence.losses[view]) for view in views]
    shares: Floats = np.array([[max(item.main_effect, item.local) for item in view] for view in told])
    return np.asarray(shares.max(axis=0))


def _order(evidence: Evidence, best: int | None) -> Indices:
    """Return the finished trials in the space from the best to the worst, after the one that is named to be the best."""
    order = evidence.ranked
    if best is None:
        return order
    is_best = order == evidence.trials.index(("", best))
    return np.concatenate([order[is_best], order[~is_best]])


def _centre(evidence: Evidence, order: Indices, focus: Focus) -> tuple[Indices, str]:
    """Return what the new ranges are put round, best first, and what it is called if it is a single trial that was named.

    `order` has the finished trials.
    """
    if focus.around is None:
        return order[: focus.top or min(len(elites(evidence)), MOST_ELITES)], ""
    place = next((k for k, index in enumerate(order) if evidence.trials[index] == ("", focus.around)), None)
    if place is None:
        raise UsageError(f"there is no trial {focus.around} that has finished with a number, so no box can be put round it")
    return order[place : place + 1], f"trial {focus.around} (place {place + 1} of {len(order)})"


@dataclass(frozen=True)
class _Shown:
    """What the trials show of a space: `leaders` and `elites` are the best of them, `shares` (d,) how much each counts."""

    space: SearchSpace
    evidence: Evidence
    leaders: Indices
    elites: Indices
    shares: Floats
    round_one: str

    def of(self, name: str) -> Seen:
        """Return what they show of an entry."""
        columns = [j for j, parameter in enumerate(self.space.parameters) if parameter.entry == name]
        tried = self.evidence.order[self.evidence.inside[self.evidence.order]]
        return Seen(
            tried=self._values(columns, tried),
            leaders=self._values(columns, self.leaders),
            elites=self._values(columns, self.elites),
            importance=max(float(self.shares[j]) for j in columns),
            round_one=self.round_one,
        )

    def _values(self, columns: Sequence[int], trials: Indices) -> list[list[Value]]:
        """Return the values at some columns in those of the trials in which they count."""
        domains, points = [parameter.domain for parameter in self.space.parameters], self.evidence.points
        rows = ([domains[j].decode(points[i, j]) for j in columns if self._active[i, j]] for i in trials)
        return [row for row in rows if row]

    @cached_property
    def _active(self) -> Mask:
        return Coordinates(self.space).active(self.evidence.points)


def _judged(evidence: Evidence, local: Mask, everywhere: Mask, space: SearchSpace) -> tuple[bool, str]:
    """Return whether some region is better than the whole space, and how that was found out."""
    if min(local.sum(), everywhere.sum()) >= FEWEST_TOLD:
        near, anywhere = evidence.losses[local], evidence.losses[everywhere]
        share = float(np.mean(near < np.median(anywhere)))
        compared = "the median of those drawn from everywhere"
        subject = f"of the {len(near)} trials near the good ones {100 * share:.0f} % beat {compared}"
    else:
        share, count = _predicted(evidence, Coordinates(space))
        subject = f"of the {count} trials that a model of the others expects to be good {100 * share:.0f} % beat the median"
    if share < BETTER_SHARE:
        limit = f"{100 * BETTER_SHARE:.0f} %"
        return False, f"no better region was found: {subject}, and {limit} would show one"
    if not stands_out(space, evidence.points[evidence.inside], evidence.losses[evidence.inside]):
        return False, f"no better region was found: {subject}, but shuffled values might look the same"
    return True, subject


def _predicted(evidence: Evidence, coordinates: Coordinates) -> tuple[float, int]:
    """Return the share of trials that beat the median among those that look good to a model of the others; and how many."""
    seen = np.sort(thinned(evidence.order))
    targets, _ = standardised(evidence.losses[seen])
    features = coordinates.features(evidence.points[seen])
    predicted = np.empty(len(seen))
    for fold in range(FOLDS):
        hidden = np.arange(len(seen)) % FOLDS == fold
        process = GaussianProcess.fit(features[~hidden], targets[~hidden], len(coordinates.columns))
        predicted[hidden] = process.mean(features[hidden])
    good = np.argsort(predicted, kind="stable")[: len(seen) // 2]
    return float(np.mean(targets[good] < np.median(targets))), len(good)


def _assembled(space: SearchSpace, advice: Sequence[Advice]) -> tuple[SearchSpace, dict[str, Value], tuple[Advice, ...]]:
    """Put the entries together again: conditions that always hold go, and entries whose conditions never hold too.

    Return the new space, the values that are fixed, and the advice with what became of it.
    """
    settled: dict[str, Advice] = {item.name: item for item in advice}
    fixed = {item.name: item.fixed for item in advice if item.fixed is not None}
    entries: dict[str, Entry] = {}
    for name in TopologicalSorter({name: entry.when for name, entry in space.entries.items()}).static_order():
        entry = space.entries[name]
        when = _conditions(entry, settled, fixed)
        if when is None:
            why = (
                "it counts only where " + " and ".join(_condition(*pair) for pair in entry.when.items()) + ", which is gone"
            )
            settled[name] = replace(settled[name], new=None, fixed=None, verdict="left out", why=why, inside=0)
            fixed.pop(name, None)
        elif (domain := settled[name].new) is not None:
            entries[name] = Entry(domain, when, entry.layers)
    if not entries:
        raise UsageError("every parameter is settled: there is nothing left to search")
    depth = deepest(entries[DEPTH].domain) if DEPTH in entries else fixed.get(DEPTH)
    ordered = {name: _with_layers(entries[name], depth) for name in space.entries if name in entries}
    return SearchSpace(ordered), fixed, tuple(settled.values())


def _conditions(
    entry: Entry, settled: Mapping[str, Advice], fixed: Mapping[str, Value]
) -> dict[str, tuple[Value, ...]] | None:
    """Return the conditions of an entry that still tell something; None if one of them never holds."""
    when = {}
    for parent, values in entry.when.items():
        domain = settled[parent].new
        value_left = identity(fixed[parent]) if parent in fixed else None
        left = tuple(value for value in values if (domain.admits(value) if domain else identity(value) == value_left))
        if not left:
            return None
        if domain:
            when[parent] = left
    return when


def _condition(parent: str, values: Sequence[Value]) -> str:
    return f"{parent} is {' or '.join(map(str, values))}"


def _with_layers(entry: Entry, depth: Value | None) -> Entry:
    """Return an entry per layer with as many layers as the deepest network now has."""
    return replace(entry, layers=depth) if entry.layers and isinstance(depth, int) else entry
