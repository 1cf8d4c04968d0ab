"""A range of the `space` section: two bounds, and perhaps a scale and a step."""

from __future__ import annotations

from typing import Any, cast, get_args

from hpsearch.options import ScaleName
from hpsearch.space.levels import NOT_SEARCHED, DomainError
from hpsearch.space.parameters import Domain, Real, Whole
from hpsearch.spec.document import KeyPath
from hpsearch.spec.faults import Faults
from hpsearch.spec.settings import INVALID, Declared, check
from hpsearch.spec.wording import meant, shown, words_of, written

_SCALES = get_args(ScaleName)
_LARGEST_EXPONENT = 30

IN_THE_FUNCTION = "let the function itself hold a fixed value"
"""What to do with one value where no section of the spec can hold it."""


def read_range(declared: Declared, path: KeyPath, faults: Faults) -> Domain | None:
    """Return the numbers that the entry at a path spans; None after noting what is wrong."""
    bounds = _read_bounds(declared, (*path, "range"), faults)
    scale = _read_scale(declared, path, faults)
    step = _read_step(declared, path, faults)
    if bounds is None or scale is None or step is INVALID:
        return None
    try:
        return Whole(*bounds, scale, 1 if step is None else step) if _is_whole(declared) else Real(*bounds, scale, step)
    except DomainError as error:
        at = {"low": (*path, "range", 0), "high": (*path, "range", 1)}.get(error.argument, (*path, error.argument))
        faults.at(at, f"`{declared.name}`: {error}", advice_on(error, declared) or f"for example {example(declared, scale)}")
        return None


def advice_on(error: DomainError, declared: Declared) -> str:
    """Return what to do about a domain that makes no sense."""
    return IN_THE_FUNCTION if error.advice == NOT_SEARCHED and not declared.section else error.advice


def example(declared: Declared, scale: ScaleName | None = None) -> str:
    """Return what the `space` may say of an option: plausible values of its kind, on a scale, or on its own."""
    words = words_of(declared.kind)
    if words:
        return written(list(words[:2]))
    whole = {"linear": "[1, 3]", "log": "[16, 256]"}
    real = {"linear": "[0, 0.5]", "log": "[1e-4, 1e-1]", "1-beta": "[0.9, 0.999]"}
    bounds, own = whole if _is_whole(declared) else real, declared.option.scale
    if scale is None or scale == own or scale not in bounds:
        return f"{{range: {bounds[own]}}}"
    return f"{{range: {bounds[scale]}, scale: {scale}}}"


def _is_whole(declared: Declared) -> bool:
    return declared.kind is int or int in get_args(declared.kind)


def _read_bounds(declared: Declared, path: KeyPath, faults: Faults) -> tuple[Any, Any] | None:
    """Return two numbers that the option takes, in either order."""
    bounds = faults.plain(path)
    advice = f"for example {example(declared)}"
    if not isinstance(bounds, list) or len(bounds) != 2:
        count = f"a list of {len(bounds)}" if isinstance(bounds, list) else shown(bounds)
        faults.at(path, f"`range` must be two bounds, [low, high], not {count}", advice)
        return None
    if meaning := _meaning_of_exponents(declared, bounds):
        message = f"the bounds of `{declared.name}` are the values themselves, not exponents"
        faults.at((*path, 0), message, f"write range: {written(meaning)}")
        return None
    low, high = [check(declared, bound, (*path, index), faults, advice, single=True) for index, bound in enumerate(bounds)]
    return None if low is INVALID or high is INVALID else (low, high)


def _meaning_of_exponents(declared: Declared, bounds: list[object]) -> list[float]:
    """Return the bounds that were meant by whole exponents of ten, for an option that must not be negative."""
    option = declared.option
    exponents = [bound for bound in bounds if type(bound) is int and -_LARGEST_EXPONENT <= bound <= 0]
    if len(exponents) < 2 or min(exponents) == 0 or option.admits(min(exponents)) or option.scale == "linear":
        return []
    values = [10.0**exponent for exponent in sorted(exponents)]
    return [float(f"{1 - value:.12g}") for value in reversed(values)] if option.scale == "1-beta" else values


def _read_scale(declared: Declared, path: KeyPath, faults: Faults) -> ScaleName | None:
    """Return the scale in the entry at a path, or the option's own."""
    if "scale" not in faults.plain(path):
        return declared.option.scale
    given = faults.plain((*path, "scale"))
    if given in _SCALES:
        return cast("ScaleName", given)
    faults.at((*path, "scale"), f"`scale` must be linear, log or 1-beta, not {shown(given)}", meant(given, _SCALES))
    return None


def _read_step(declared: Declared, path: KeyPath, faults: Faults) -> Any:
    """Return the step in the entry at a path, None if there is none, INVALID after noting that it is no number."""
    if "step" not in faults.plain(path):
        return None
    given = faults.plain((*path, "step"))
    is_number = isinstance(given, (int, float)) and not isinstance(given, bool)
    if is_number and (not _is_whole(declared) or float(given).is_integer()):
        return int(given) if _is_whole(declared) else given
    kind = "a whole number" if _is_whole(declared) else "a number"
    faults.at(
        (*path, "step"), f"the step of `{declared.name}` must be {kind} above 0, not {shown(given)}", "for example step: 2"
    )
    return INVALID
