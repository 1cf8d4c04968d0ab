"""A range of the `space` section: two bounds, and perhaps a scale and a step."""

from __future__ import annotations

from typing import Any, cast, get_args

from hpsearch.options import ScaleName
from hpsearch.space.levels import NOT_SEARCHED, DomainError, range_faults
from hpsearch.space.parameters import Domain, Real, Whole
from hpsearch.spec.declared import Declared
from hpsearch.spec.document import KeyPath
from hpsearch.spec.elsewhere import value_of
from hpsearch.spec.entries import entry_of
from hpsearch.spec.exponents import complements_of, meaning_of
from hpsearch.spec.faults import Faults
from hpsearch.spec.hints import to_write
from hpsearch.spec.settings import INVALID, check
from hpsearch.spec.wording import came, meant, words_of, written

_SCALES = get_args(ScaleName)

IN_THE_FUNCTION = "let the function itself hold a fixed value"
"""What to do with one value where no section of the spec can hold it."""


def read_range(declared: Declared, path: KeyPath, faults: Faults) -> Domain | None:
    """Return the numbers that the entry at a path spans; None after noting everything that is wrong."""
    scale, step = _read_scale(declared, path, faults), _read_step(declared, path, faults)
    bounds = _read_bounds(declared, path, scale or "linear", faults)
    if bounds is None:
        return None
    errors = list(range_faults(*bounds, scale or "linear"))
    for error in errors:
        _note(error, declared, path, scale, faults)
    if errors or scale is None or step is INVALID:
        return None
    try:
        return Whole(*bounds, scale, 1 if step is None else step) if _is_whole(declared) else Real(*bounds, scale, step)
    except DomainError as error:
        _note(error, declared, path, scale, faults)
        return None


def _note(error: DomainError, declared: Declared, path: KeyPath, scale: ScaleName | None, faults: Faults) -> None:
    """Note what is wrong with bounds that could be read."""
    at = {"low": (*path, "range", 0), "high": (*path, "range", 1)}.get(error.argument, (*path, error.argument))
    faults.at(at, f"`{declared.name}`: {error}", advice_on(error, declared) or f"for example {example(declared, scale)}")


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


def _read_bounds(declared: Declared, path: KeyPath, scale: ScaleName, faults: Faults) -> tuple[Any, Any] | None:
    """Return two numbers that the option takes, in either order."""
    at = (*path, "range")
    bounds = faults.plain(at)
    advice = f"for example {example(declared)}"
    if not isinstance(bounds, list) or len(bounds) != 2:
        count = f"a list of {len(bounds)}" if isinstance(bounds, list) else came(bounds)
        entry = entry_of(bounds)
        if isinstance(entry, dict) and entry.keys() == {"range"}:
            advice = to_write(at, at, entry["range"], faults)
        elif isinstance(entry, dict) and "range" in entry:
            advice = to_write(at, path, {**faults.plain(path), **entry}, faults)
        faults.at(at, f"`range` must be two bounds, [low, high], not {count}", advice)
        return None
    own = scale if declared.option.scale == "linear" else declared.option.scale
    if meaning := meaning_of(declared.option, own, bounds):
        message = f"the bounds of `{declared.name}` are the values themselves, not exponents"
    elif meaning := complements_of(own, *bounds):
        message = f"the bounds of `{declared.name}` are betas themselves, not 1 - beta"
    if meaning:
        faults.at((*at, 0), message, to_write(at, at, meaning, faults))
        return None
    low, high = [check(declared, bound, (*at, index), faults, advice, single=True) for index, bound in enumerate(bounds)]
    if low is INVALID or high is INVALID:
        return None
    return (low, high) if _is_whole(declared) else (float(low), float(high))


def _read_scale(declared: Declared, path: KeyPath, faults: Faults) -> ScaleName | None:
    """Return the scale in the entry at a path, or the option's own; None after noting that it is none."""
    at = (*path, "scale")
    given = faults.plain(at)
    if "scale" not in faults.plain(path):
        return declared.option.scale
    if given in _SCALES:
        return cast("ScaleName", given)
    known = value_of("scale", given)
    hint = to_write(at, at, known, faults) if known else meant(given, _SCALES)
    faults.at(at, f"`scale` must be linear, log or 1-beta, not {came(given)}", hint)
    return None


def _read_step(declared: Declared, path: KeyPath, faults: Faults) -> Any:
    """Return the step in the entry at a path, None if there is none, INVALID after noting that it can be none."""
    if "step" not in faults.plain(path):
        return None
    given = faults.plain((*path, "step"))
    is_number = isinstance(given, (int, float)) and not isinstance(given, bool) and given > 0
    if is_number and (not _is_whole(declared) or float(given).is_integer()):
        return int(given) if _is_whole(declared) else given
    kind = "a whole number" if _is_whole(declared) else "a number"
    message = f"the step of `{declared.name}` must be {kind} above 0, not {came(given)}"
    faults.at((*path, "step"), message, "leave it out to take any value" if given == 0 else "for example step: 2")
    return INVALID
