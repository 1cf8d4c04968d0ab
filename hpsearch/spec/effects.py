"""Names without an effect: a searched `momentum` beside adam, a decay without a schedule that heeds it.

Trials that differ in nothing would be taken for trials that tell something. Which option is used with which values of
another is declared with the options; here only the conditions of the space are followed. A fixed value without an effect
does no harm and passes, but for a decay: whoever writes one expects alpha to fall.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hpsearch.network.settings import NetworkSettings
from hpsearch.options import options_of
from hpsearch.prose import either
from hpsearch.space.conditions import conditions_of
from hpsearch.space.search_space import Entry
from hpsearch.spec.faults import Faults
from hpsearch.spec.settings import Section
from hpsearch.spec.wording import written
from hpsearch.trial import Value

_OPTIONS = options_of(NetworkSettings)
_DECAY = "learning_rate_decay"

Entries = Mapping[str, Entry]


def check_effects(network: Section[NetworkSettings], entries: Entries, faults: Faults) -> None:
    """Note each searched name that some trials would draw without using it, and a fixed decay that does nothing."""
    for name, entry in entries.items():
        for other, useful in _OPTIONS[name].used_with.items():
            if _is_settled(name, entry, faults) and _is_known(other, network, entries, faults):
                values = _possible(other, name, entries, getattr(network.settings, other))
                _check_use(name, other, values, useful, faults)
    for other, useful in _OPTIONS[_DECAY].used_with.items():
        fixed = getattr(network.settings, other)
        if network.settings.learning_rate_decay != 0 and other in network.valid and fixed not in useful:
            message = f"`{_DECAY}` does nothing while `{other}` is {fixed}"
            faults.at_key(("network", _DECAY), message, f"take it away, or let `{other}` be {either(useful)}")


def _is_settled(name: str, entry: Entry, faults: Faults) -> bool:
    """Whether the conditions of an entry are those that the text gives, none of them left out for a mistake."""
    plain = faults.plain(("space", name))
    if not isinstance(plain, dict) or "when" not in plain:
        return True
    given = plain["when"]
    return isinstance(given, dict) and bool(given) and given.keys() == entry.when.keys()


def _is_known(name: str, network: Section[NetworkSettings], entries: Entries, faults: Faults) -> bool:
    """Whether an option's values are those that the text gives, or its default."""
    if faults.plain(("space", name)) is not None:
        return name in entries
    return network.is_known(name)


def _possible(other: str, name: str, entries: Entries, fixed: Value) -> list[Value]:
    """Return the values that an option can have in trials in which `name` is active; `fixed` counts where it is not."""
    conditions = conditions_of(name, entries)
    if other not in entries:
        return [fixed]
    domain = entries[other].domain
    values = [domain.level(index) for index in range(domain.levels or 0)]
    if other in conditions:
        return [value for value in values if value in conditions[other]]
    for parent, wanted in entries[other].when.items():
        if not all(value in wanted for value in conditions.get(parent, (None,))):
            return [*values, fixed]
    return values


def _check_use(name: str, other: str, values: Sequence[Value], useful: Sequence[str], faults: Faults) -> None:
    """Note that a searched name has no effect under some of the values that another option can have."""
    useless = [value for value in dict.fromkeys(values) if value not in useful]
    if not useless:
        return
    used = [value for value in useful if value in values]
    condition = _condition(faults.plain(("space", name)), other, used or list(useful))
    if used:
        hint = f"draw it only where it counts: {condition}"
    else:
        hint = f"it counts where `{other}` is {either(useful)}; if that is searched, add {condition}"
    if name == "weight_decay":
        hint = f"{hint}; the decay that every optimizer heeds is `l2`"
    faults.at_key(("space", name), f"`{name}` does nothing while `{other}` is {either(useless)}", hint)


def _condition(plain: Any, other: str, values: list[str]) -> str:
    """Return the `when` of an entry with a condition more; a bare list of choices has to become a mapping for it."""
    entry = plain if isinstance(plain, dict) else {"choices": plain}
    when = written({**(entry.get("when") or {}), other: values[0] if len(values) == 1 else values})
    return f"when: {when}" if entry is plain else f"`when` as in {{choices: {written(plain)}, when: {when}}}"
