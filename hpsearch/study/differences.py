"""Why a search is not the one of an earlier run: the keys of the spec that differ, as people write them, and the data.

Compared is what the identity of a run is the hash of, which its start record keeps.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

IDENTIFIED_BY = "identified_by"
"""What holds these facts in the start record."""

LONGEST_VALUE = 60

_UNLESS_GIVEN = {"search.early_stopping": "off", "data.validation": "a file", "data.test": "a file"}
"""What it means that one of these is not among the facts; of all else that it was not given."""


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what differs between the facts of two studies, each key with both values.

    Raises one of `entries.MALFORMED` where the facts are not what `StudySpec.identified_by` gives.
    """
    return tuple(_told(before, now))


def _told(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    is_of_function = "objective" in now
    if before["data_sha256"] != now["data_sha256"] and ("objective" in before) == is_of_function:
        yield f"{'its source, or what that uses,' if is_of_function else 'its data'} has changed since"
    for key, was, is_now in _changes(_by_key(before, now), _by_key(now, before)):
        old, new = (_shown(value, _UNLESS_GIVEN.get(key, "not given")) for value in (was, is_now))
        yield f"{key} has changed" if old == new else f"{key} was {old}, is {new}"
    order, order_now = ([name for name, _ in facts["space"]] for facts in (before, now))
    if [name for name in order if name in order_now] != [name for name in order_now if name in order]:
        yield "the order of `space` has changed"


def _by_key(facts: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts as mappings of mappings; what the network holds and the other study searches is moved to the space."""
    space, network = dict(facts["space"]), facts.get("network", {})
    fixed = {name: f"fixed at {_shown(network[name])}" for name, _ in other["space"] if name in network}
    left = {name: value for name, value in network.items() if name not in dict(other["space"])}
    sections = {section: content for section, content in facts.items() if section != "data_sha256"}
    return {**sections, **({"network": left} if network else {}), "space": {**space, **fixed}}


def _changes(before: Mapping[str, Any], now: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield each key whose values differ, dotted, with both; None where there is no value."""
    for key in dict.fromkeys([*now, *before]):
        was, is_now = before.get(key), now.get(key)
        if isinstance(was, Mapping) and isinstance(is_now, Mapping):
            yield from _changes(was, is_now, f"{above}{key}.")
        elif json.dumps(was, sort_keys=True) != json.dumps(is_now, sort_keys=True):
            yield f"{above}{key}", was, is_now


def _shown(value: Any, absent: str = "") -> str:
    """Return a value on one line as in a spec, a long one cut."""
    text = absent if value is None else _flow(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 3]}..."


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {_flow(item)}' for key, item in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_flow, value))}]"
    return value if isinstance(value, str) else json.dumps(value)
