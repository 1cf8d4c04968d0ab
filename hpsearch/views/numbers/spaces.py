"""Spaces side by side: what each run searched, what it had fixed, and where on a common scale its best trials lie.

A space is read from what the identity of a run is the hash of, so that its record is enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import Any

from hpsearch.search.settings import RULES
from hpsearch.space.parameters import Choice, Real, identity
from hpsearch.space.scales import SCALES
from hpsearch.study.differences import IDENTIFIED_BY
from hpsearch.study.record import RunRecord
from hpsearch.trial import Params, Value, leaders
from hpsearch.views.numbers.slices import BEST

_TOLD_ELSEWHERE = ("data_sha256", "metric", "search.prior", *(f"search.{rule}" for rule in RULES))


@dataclass(frozen=True)
class Searched:
    """What a run did with a parameter: its `domain` as a spec describes it, or the value it was `fixed` at, or neither."""

    domain: Mapping[str, Any] | None = None
    fixed: Any = None


@dataclass(frozen=True)
class Held:
    """The value that a winner has of a parameter; `fixed` where its run did not search that."""

    value: Value
    fixed: bool = False


@dataclass(frozen=True)
class Row:
    """One thing about which runs may differ, with what each has, in their order; None for what is not given."""

    name: str
    cells: tuple[Any, ...]

    @property
    def is_same(self) -> bool:
        """Whether all have the same: 1 and 1.0 are not, as the bounds of whole numbers and of real ones."""
        return len(set(map(repr, self.cells))) == 1


@dataclass(frozen=True)
class Placed:
    """Where a run's best trials have a parameter: its values there, ascending, and their places from 0 to 1.

    Options have the places of their order.
    """

    values: tuple[Value, ...]
    places: tuple[float, ...]


@dataclass(frozen=True)
class Moved:
    """A parameter that all runs searched, and where the best trials of each lie, on one scale from `low` to `high`.

    `scale` is empty for options. `has_moved` says whether those of two runs have nothing in common, where there are enough.
    """

    name: str
    scale: str
    low: Value
    high: Value
    sides: tuple[Placed, ...]
    has_moved: bool


def space_of(run: RunRecord) -> dict[str, Mapping[str, Any]]:
    """Return the domains of a run's parameters as a spec describes them, by entry; those per layer are one.

    Raises one of `entries.MALFORMED` for a record that holds something else.
    """
    described = run.start.get(IDENTIFIED_BY, {}).get("space", ())
    space = {name: entry if isinstance(entry, Mapping) else {"choices": entry} for name, entry in described}
    for entry in space.values():
        if "choices" not in entry:
            low, high = entry["range"]
            Real(low, high, entry["scale"])
    return space


def fixed_in(run: RunRecord) -> Mapping[str, Any]:
    """Return what a run's network has fixed; nothing for a function."""
    network: Mapping[str, Any] = run.start.get(IDENTIFIED_BY, {}).get("network", {})
    return network


def spaces(runs: Sequence[RunRecord]) -> tuple[Row, ...]:
    """Return a row for each parameter that one of the runs searched, with a `Searched` for each run."""
    searched = [space_of(run) for run in runs]
    names = dict.fromkeys(name for space in searched for name in space)
    pairs = list(zip(runs, searched, strict=True))
    return tuple(Row(name, tuple(Searched(own.get(name), _fixed(run, own, name)) for run, own in pairs)) for name in names)


def _fixed(run: RunRecord, space: Mapping[str, Any], name: str) -> Any:
    return None if name in space else fixed_in(run).get(name)


def winners_params(runs: Sequence[RunRecord]) -> tuple[Row, ...]:
    """Return a row for each parameter that one of the winners has, with what each of them holds; None for nothing."""
    best = [run.winner.trial.params if run.winner else {} for run in runs]
    names = dict.fromkeys(name for params in best for name in params)
    pairs = list(zip(runs, best, strict=True))
    return tuple(Row(name, tuple(_held(name, run, params) for run, params in pairs)) for name in names)


def _held(name: str, run: RunRecord, params: Params) -> Held | None:
    if name in params:
        return Held(params[name])
    fixed = None if name in space_of(run) or not params else fixed_in(run).get(name)
    return None if fixed is None else Held(fixed, fixed=True)


def settings(runs: Sequence[RunRecord]) -> tuple[Row, ...]:
    """Return a row for each other key of the spec in which the runs differ."""
    facts = [dict(_settings(run)) for run in runs]
    searched = {f"network.{name}" for run in runs for name in space_of(run)}
    names = dict.fromkeys(name for own in facts for name in own if name not in (*searched, *_TOLD_ELSEWHERE))
    rows = (Row(name, tuple(own.get(name) for own in facts)) for name in names)
    return tuple(row for row in rows if not row.is_same)


def _settings(run: RunRecord) -> Iterator[tuple[str, Any]]:
    for section, content in run.start.get(IDENTIFIED_BY, {}).items():
        if isinstance(content, Mapping):
            yield from ((f"{section}.{name}", value) for name, value in content.items())
        elif section != "space":
            yield section, content


def where_the_best_lie(runs: Sequence[RunRecord]) -> tuple[Moved, ...]:
    """Return, for each parameter that all runs searched, where the best trials of each lie."""
    names = [name for name in runs[0].parameters if all(name in run.parameters for run in runs)]
    return tuple(moved for name in names if (moved := _moved(name, runs)))


def _moved(name: str, runs: Sequence[RunRecord]) -> Moved | None:
    best = [[record.trial.params for record in leaders(run.history.values())[:BEST]] for run in runs]
    values = [[params[name] for params in own if name in params] for own in best]
    common = _common(list(filter(None, (_domain(run, name) for run in runs))))
    if common is None or not any(values):
        return None
    sides = tuple(_placed(own, common) for own in values)
    scale = "" if isinstance(common, Choice) else common.scale
    return Moved(name, scale, common.decode(0.0), common.decode(1.0), sides, _lie_apart(sides, common))


def _domain(run: RunRecord, name: str) -> Mapping[str, Any] | None:
    space = space_of(run)
    return space.get(name) or space.get(name.rpartition("_")[0])  # of one per layer


def _common(domains: Sequence[Mapping[str, Any]]) -> Real | Choice | None:
    """Return a domain that holds those of all runs; None where some hold numbers of a range, and others what is none."""
    held = [value for domain in domains for value in domain.get("range", domain.get("choices", ()))]
    scales = {str(domain["scale"]) for domain in domains if "scale" in domain}
    if not scales:
        options = tuple({identity(value): value for value in held}.values())
        return Choice(options) if len(options) > 1 else None
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in held):
        return None
    low, high = min(held), max(held)
    fitting = (s.name for s in SCALES.values() if s.name in scales and s.admits(low) and s.admits(high))
    return Real(low, high, next(fitting, "linear"))


def _placed(values: Sequence[Value], common: Real | Choice) -> Placed:
    placed = sorted(((common.locate(value), value) for value in values if common.admits(value)), key=lambda pair: pair[0])
    return Placed(tuple(value for _, value in placed), tuple(place for place, _ in placed))


def _lie_apart(sides: Sequence[Placed], common: Real | Choice) -> bool:
    """Return whether the best of two runs lie apart; chance does that with fewer of them, or with many options.

    Two times five draws from one range lie apart once in 126 times.
    """
    full = [side.places for side in sides if len(side.places) == BEST]
    if isinstance(common, Choice):
        return common.levels <= BEST and any(not set(one) & set(other) for one, other in combinations(full, 2))
    return any(one[-1] < other[0] for one, other in permutations(full, 2))
