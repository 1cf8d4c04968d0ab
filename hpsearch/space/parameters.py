"""Domains: the values a hyperparameter can take, and the coordinate in [0, 1] of each.

A real number without steps goes straight through its scale. Whole numbers, stepped real numbers and choices have
levels; each level owns a part of [0, 1] and stands, for a model of the search, at the middle of its part. A domain that
makes no sense raises `DomainError`. Names, conditions and layers are the business of `search_space.py`.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Protocol, TypeGuard

from hpsearch.options import ScaleName
from hpsearch.space.levels import NOT_SEARCHED, DomainError, Levels, check_levels, check_range, check_step
from hpsearch.space.scales import SCALES
from hpsearch.trial import Value


class Domain(Protocol):
    """What every kind of domain offers. `levels` is None for a continuous one."""

    @property
    def levels(self) -> int | None:
        """How many different values there are."""

    def level(self, index: int) -> Value:
        """Return the value number `index`, from 0, of a domain with levels."""

    def index(self, u: float) -> int:
        """Return the number of the value at the coordinate u, in a domain with levels."""

    def begin(self, index: int) -> float:
        """Return the coordinate from which on the value number `index` is drawn; of one behind the last 1."""

    def share_from(self, least: float) -> float:
        """Return the share of the draws that are at least a number; an option that is no number never is."""

    def decode(self, u: float) -> Value:
        """Return the value at the coordinate u in [0, 1]."""

    def encode(self, value: Value) -> float:
        """Return the coordinate of a value; ValueError if the domain does not hold it."""

    def admits(self, value: Value) -> bool:
        """Whether the domain holds a value."""

    def locate(self, value: Value) -> float:
        """Return where a value lies on the domain's scale: outside of [0, 1] for a number beyond the bounds.

        Raises ValueError for a value that has no place there: another option, or a number that the scale does not take.
        """

    def reach(self, u: float) -> Value:
        """Return the value at a coordinate that `locate` gave, which may lie outside of [0, 1]."""

    def describe(self) -> dict[str, Any]:
        """Return the domain as one would write it in a spec, every default filled in."""


@dataclass(frozen=True)
class Real:
    """Real numbers from low to high; with a step, only low, low + step, low + 2 step and so on up to high."""

    low: float
    high: float
    scale: ScaleName = "linear"
    step: float | None = None

    def __post_init__(self) -> None:
        for name in ("low", "high") if self.step is None else ("low", "high", "step"):
            object.__setattr__(self, name, _float(name, getattr(self, name)))
        check_range(self.low, self.high, self.scale)
        if self.step is not None:
            check_step(self.step, self.low, self.high)
            check_levels(self._levels)

    @cached_property
    def _levels(self) -> Levels:
        """The stepped values' parts of the unit interval."""
        low, high, step = (Fraction(repr(number)) for number in (self.low, self.high, self.step))
        return Levels(SCALES[self.scale], self.low, float(step), (high - low) // step + 1)

    @property
    def levels(self) -> int | None:
        """How many values there are with a step; None without."""
        return None if self.step is None else self._levels.count

    def level(self, index: int) -> float:
        """Return low + index * step, computed in decimals: 3 steps of 0.1 are 0.3."""
        if self.step is None:
            raise ValueError("a range without steps has no levels")
        return float(Fraction(repr(self.low)) + index * Fraction(repr(self.step)))

    def index(self, u: float) -> int:
        """Return the number of the level whose part holds u."""
        return self._levels.at(u)

    def begin(self, index: int) -> float:
        """Return the coordinate from which on the value number `index` is drawn."""
        return self._levels.begin(index)

    def share_from(self, least: float) -> float:
        """Return the share of the draws that are at least a number."""
        if self.step is None:
            return 1 - SCALES[self.scale].warp(least, self.low, self.high)
        return 1 - self.begin(_first_from(self, least))

    def decode(self, u: float) -> float:
        """Return the number at the coordinate u."""
        if self.step is None:
            return SCALES[self.scale].unwarp(u, self.low, self.high)
        return self.level(self.index(u))

    def encode(self, value: Value) -> float:
        """Return the coordinate of a number; ValueError if it lies outside the range or between two steps."""
        number = _member(self, value)
        if self.step is None:
            return SCALES[self.scale].warp(number, self.low, self.high)
        return self._levels.middle(self._index(number))

    def admits(self, value: Value) -> bool:
        """Whether a number lies in the range, and with a step on one of its levels."""
        if not _is_number(value) or not self.low <= value <= self.high:
            return False
        return self.step is None or self.level(self._index(value)) == value

    def locate(self, value: Value) -> float:
        """Return where a number lies; between two steps or beyond a bound there is a place for it too."""
        if self.admits(value):
            return self.encode(value)
        return _placed(value, self._levels.share if self.step is not None else self._share)

    def reach(self, u: float) -> float:
        """Return the number at a coordinate that may lie outside of [0, 1]."""
        if 0 <= u <= 1:
            return self.decode(u)
        return SCALES[self.scale].at(u, self.low, self.high) if self.step is None else self.level(self._levels.nearest(u))

    def _share(self, number: float) -> float:
        return SCALES[self.scale].share(number, self.low, self.high)

    def _index(self, number: float) -> int:
        """Return the level nearest to a number in the range."""
        levels = self._levels
        return min(round((number - self.low) / levels.step), levels.count - 1)

    def describe(self) -> dict[str, Any]:
        """Return range, scale and, if there is one, step."""
        return _described(self.low, self.high, self.scale, self.step)


@dataclass(frozen=True)
class Whole:
    """Whole numbers low, low + step, low + 2 step and so on up to high."""

    low: int
    high: int
    scale: ScaleName = "linear"
    step: int = 1

    def __post_init__(self) -> None:
        for name in ("low", "high", "step"):
            if type(getattr(self, name)) is not int:
                raise DomainError(name, f"{getattr(self, name)!r} is not a whole number")
        check_range(self.low, self.high, self.scale)
        check_step(self.step, self.low, self.high)
        check_levels(self._levels)

    @cached_property
    def _levels(self) -> Levels:
        """The whole numbers' parts of the unit interval."""
        return Levels(SCALES[self.scale], self.low, self.step, (self.high - self.low) // self.step + 1)

    @property
    def levels(self) -> int:
        """How many whole numbers there are."""
        return self._levels.count

    def level(self, index: int) -> int:
        """Return low + index * step."""
        return self.low + index * self.step

    def index(self, u: float) -> int:
        """Return the number of the level whose part holds u."""
        return self._levels.at(u)

    def begin(self, index: int) -> float:
        """Return the coordinate from which on the whole number `index` is drawn."""
        return self._levels.begin(index)

    def share_from(self, least: float) -> float:
        """Return the share of the draws that are at least a number."""
        return 1 - self.begin(_first_from(self, least))

    def decode(self, u: float) -> int:
        """Return the whole number whose part holds u."""
        return self.level(self.index(u))

    def encode(self, value: Value) -> float:
        """Return the middle of a whole number's part; ValueError if the range does not hold it."""
        return self._levels.middle(int((_member(self, value) - self.low) // self.step))

    def admits(self, value: Value) -> bool:
        """Whether a whole number lies in the range and on a step."""
        return _is_number(value) and self.low <= value <= self.high and (value - self.low) % self.step == 0

    def locate(self, value: Value) -> float:
        """Return where a number lies; between two steps or beyond a bound there is a place for it too."""
        return self.encode(value) if self.admits(value) else _placed(value, self._levels.share)

    def reach(self, u: float) -> int:
        """Return the whole number at a coordinate that may lie outside of [0, 1]."""
        return self.decode(u) if 0 <= u <= 1 else self.level(self._levels.nearest(u))

    def describe(self) -> dict[str, Any]:
        """Return range, scale and, unless it is 1, step."""
        return _described(self.low, self.high, self.scale, None if self.step == 1 else self.step)


@dataclass(frozen=True)
class Choice:
    """One of two or more options; each owns an equal part of the unit interval, in their order."""

    options: Sequence[Value]

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", tuple(self.options))
        for error in choice_faults(dict(enumerate(self.options))):
            raise error

    @property
    def levels(self) -> int:
        """How many options there are."""
        return len(self.options)

    def level(self, index: int) -> Value:
        """Return an option; a list is copied, so that the domain's own cannot be changed."""
        option = self.options[index]
        return list(option) if isinstance(option, list) else option

    def index(self, u: float) -> int:
        """Return the number of the option whose part holds u."""
        return min(max(math.floor(u * self.levels), 0), self.levels - 1)

    def begin(self, index: int) -> float:
        """Return where the part of an option begins."""
        return index / self.levels

    def share_from(self, least: float) -> float:
        """Return the share of the options that are numbers and at least so large."""
        return sum(_is_number(option) and option >= least for option in self.options) / self.levels

    def decode(self, u: float) -> Value:
        """Return the option whose part holds u."""
        return self.level(self.index(u))

    def encode(self, value: Value) -> float:
        """Return the middle of an option's part; ValueError if it is none of them."""
        if not self.admits(value):
            raise ValueError(f"{value!r} is not one of {list(self.options)!r}")
        return (self._keys.index(identity(value)) + 0.5) / self.levels

    def admits(self, value: Value) -> bool:
        """Whether a value is one of the options."""
        return identity(value) in self._keys

    def locate(self, value: Value) -> float:
        """Return the middle of an option's part: nothing lies beyond the options."""
        return self.encode(value)

    def reach(self, u: float) -> Value:
        """Return the option whose part holds u."""
        return self.decode(u)

    @property
    def _keys(self) -> list[Hashable]:
        return [identity(option) for option in self.options]

    def describe(self) -> dict[str, Any]:
        """Return the choices."""
        return {"choices": [self.level(index) for index in range(self.levels)]}


def choice_faults(options: Mapping[int, Value], *, is_complete: bool = True) -> Iterator[DomainError]:
    """Yield what is wrong with options by their number; unless they are complete there may be others."""
    if is_complete and len(options) < 2:
        yield DomainError("options", "a choice needs two options or more", NOT_SEARCHED)
    seen: set[Hashable] = set()
    for index, option in options.items():
        if identity(option) in seen:
            yield DomainError(str(index), f"the option {option!r} is given twice", "take one away")
        seen.add(identity(option))


def identity(value: Value) -> Hashable:
    """Return what two values must share to be the same: 1 and 1.0 are, 1 and true are not."""
    return isinstance(value, bool), tuple(value) if isinstance(value, list) else value


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _first_from(domain: Real | Whole, least: float) -> int:
    """Return the number of the first level that is at least a number."""
    return bisect_left(range(domain.levels or 0), least, key=domain.level)


def _float(argument: str, value: object) -> float:
    if not _is_number(value) or not math.isfinite(value):
        raise DomainError(argument, f"{value!r} is not a finite number")
    return float(value)


def _placed(value: Value, share: Callable[[float], float]) -> float:
    place = share(value) if _is_number(value) else math.nan
    if not math.isfinite(place):
        raise ValueError(f"the scale has no place for {value!r}")
    return place


def _member(domain: Real | Whole, value: Value) -> int | float:
    if not _is_number(value) or not domain.admits(value):
        raise ValueError(f"{value!r} is not in {domain.describe()}")
    return value


def _described(low: float, high: float, scale: ScaleName, step: float | None) -> dict[str, Any]:
    return {"range": [low, high], "scale": scale} | ({} if step is None else {"step": step})
