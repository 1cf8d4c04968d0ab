"""Entries of the space in the words of other tools: their keys, their distributions, their function calls."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from hpsearch.spec.calls import Call, expression_in
from hpsearch.spec.declared import ENTRY_KEYS
from hpsearch.spec.elsewhere import inverted, simple

_SAID = {
    "low": "min minimum lower low from min_value",
    "high": "max maximum upper high to max_value",
    "range": "bounds interval limits range",
    "choices": "values options categories items choices",
    "scale": "distribution dist type scale sampling prior",
    "log": "log log_scale",
    "step": "q quantum increment step",
    "when": "if condition conditions depends_on when",
    "value": "value",
}
"""What may be said of an entry, each with the keys that say it; `low`, `high`, `log` and `value` are no keys here."""

_LISTED = ("categorical", "choice", "constant", "suggest_categorical")
_KINDS = ("int", "integer", "float", "double", "real", "range", "interval", "suggest_int", "suggest_float")
"""Distributions that list values, and those that say nothing of a scale, so that another key may."""

_DISTRIBUTIONS = {
    "log": "log loguniform log_uniform log_uniform_values q_log_uniform q_log_uniform_values log10 logarithmic "
    "suggest_loguniform",
    "linear": "uniform linear int_uniform uniform_int q_uniform randint quniform suggest_uniform",
    "1-beta": "1-beta reverse_log reverse_logarithmic",
    "": " ".join((*_KINDS, *_LISTED)),
}
"""The scales, each with the distributions that draw on it."""

_EXCLUSIVE = ("range", "randint")
"""Functions whose upper bound is not drawn."""

_KEYS = inverted(_SAID)
_SCALES = inverted(_DISTRIBUTIONS)
_LISTS = {simple(name) for name in _LISTED}
_SCALELESS = {simple(name) for name in _KINDS}


def foreign_keys(plain: Mapping[str, Any], known: Iterable[str] = tuple(ENTRY_KEYS)) -> list[str]:
    """Return the keys of an entry that mean nothing here."""
    return [key for key in plain if key not in known]


def without_dashes(plain: Any) -> dict[str, Any]:
    """Return the mapping that is meant by a list of mappings with different keys; none if it is no such list."""
    if not isinstance(plain, list) or not all(isinstance(item, dict) for item in plain):
        return {}
    pairs = [pair for item in plain for pair in item.items()]
    return dict(pairs) if len(dict(pairs)) == len(pairs) else {}


def entry_of(plain: Any) -> Any:
    """Return an entry of the space in the words used here; None if it has no others, or ones that nobody knows.

    The result is a mapping, a list of choices, or a single value.
    """
    if isinstance(plain, str):
        return _from_text(plain)
    if isinstance(plain, list) and (merged := without_dashes(plain)).keys() & ENTRY_KEYS.keys():
        return merged
    if not isinstance(plain, dict):
        return None
    pairs = [(word, value) for word, value in _said(plain) if word != "scale" or simple(value) not in _SCALELESS]
    said = dict(pairs)
    return _from_words(said) if len(said) == len(pairs) else None


def _said(plain: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return what the keys of an entry say, each with its value; nothing if it is in no other words than those here."""
    foreign = foreign_keys(plain)
    name = foreign[0] if len(foreign) == 1 else ""
    if simple(name) in _SCALES and isinstance(plain[name], list):
        others = [(key, value) for key, value in plain.items() if key != name]
        return [("scale", name), ("range", plain[name]), *others]
    if not foreign or not all(simple(key) in _KEYS for key in foreign):
        return []
    return [(_KEYS.get(simple(key), (key,))[0], value) for key, value in plain.items()]


def _from_text(text: str) -> Any:
    read = expression_in(text)
    if isinstance(read, Call):
        return _from_call(read)
    if isinstance(read, list) or (read and all(isinstance(item, str) for item in read)):
        return list(read)
    return _from_words({"range": list(read)}) if read else None


def _from_call(call: Call) -> Any:
    """Return an entry from a function and its arguments; a first text names the parameter: `suggest_int("x", 1, 3)`."""
    name, arguments = simple(call.name), [_nested(argument) for argument in call.arguments]
    if name == "tag" and len(arguments) == 2 and isinstance(arguments[1], dict):
        return _from_words({**arguments[1], "scale": arguments[0]})
    if len(arguments) > 1 and isinstance(arguments[0], str) and not isinstance(arguments[1], str):
        arguments = arguments[1:]
    if name in _LISTS:
        choices = arguments[0] if len(arguments) == 1 and isinstance(arguments[0], list) else arguments
        return _from_words({"choices": choices}) if choices and not call.keywords else None
    named = {key: value for key, value in call.keywords.items() if value is not None and key != "name"}
    said = {_KEYS.get(simple(key), (key,))[0]: value for key, value in named.items()}
    if not said.keys() <= {"low", "high", "log", "step"} or (len(arguments) > 2 and "step" in said):
        return None
    bounds = arguments[:2]
    if name in _EXCLUSIVE and len(bounds) == 2 and all(type(bound) is int for bound in bounds):
        bounds[1] -= 1
    step = {"step": arguments[2]} if len(arguments) == 3 and (name[0] == "q" or name in _EXCLUSIVE) else {}
    if len(arguments) - len(step) not in (0, 2):
        return None
    return _from_words(({"range": bounds} if bounds else {}) | said | step | ({"scale": name} if name else {}))


def _nested(argument: Any) -> Any:
    return _from_call(argument) if isinstance(argument, Call) else argument


def _from_words(said: Mapping[str, Any]) -> Any:
    """Return an entry from what was said of it; None if that makes no sense, or says twice what is drawn."""
    if "low" in said and "high" in said and "range" not in said:
        others = {key: value for key, value in said.items() if key not in ("low", "high")}
        return _from_words({"range": [said["low"], said["high"]], **others})
    ways = [way for way in ("range", "choices", "value", "low", "high") if way in said]
    scales = _SCALES.get(simple(said["scale"])) if "scale" in said else ("",)
    if not scales or ways not in (["range"], ["choices"], ["value"]):
        return None
    (way,) = ways
    given, rest = said[way], {key: said[key] for key in ("when", "per") if key in said}
    if way == "value" and not isinstance(given, list):
        return given
    if way == "choices" or simple(said.get("scale", "choice" if way == "value" else "")) in _LISTS:
        return ({"choices": given, **rest} if rest else given) if isinstance(given, list) else None
    if (bounds := _bounds(given, said.get("scale"))) is None:
        return None
    scale = "log" if said.get("log") is True else scales[0]
    step = {"step": said["step"]} if "step" in said else {}
    return {"range": bounds} | ({"scale": scale} if scale else {}) | step | rest


def _bounds(given: Any, distribution: Any = "") -> list[Any] | None:
    """Return two bounds, None if they are no range; those of `log_uniform` that begin below 0 are exponents of e."""
    if not isinstance(given, list) or len(given) != 2 or not all(type(bound) in (int, float) for bound in given):
        return None
    low, high = given
    if simple(distribution) == "loguniform" and low < 0:
        low, high = (float(f"{math.exp(min(bound, 99)):.3g}") for bound in given)
        return [low, high] if 0 < low < high else None
    return given if low < high else None
