"""The `search` section, and what it must agree on with the rest: the method, the epochs of a trial, points of the space."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hpsearch.prose import both, either, nearest
from hpsearch.search.settings import EarlyStopping, Leaders, SearchSettings, is_staged
from hpsearch.space.parameters import Choice, Domain
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.spec.declared import Declared
from hpsearch.spec.document import KeyPath
from hpsearch.spec.faults import Faults
from hpsearch.spec.sections import Sections
from hpsearch.spec.settings import INVALID, check, read_section
from hpsearch.spec.values import admits, validated
from hpsearch.spec.wording import came, item_of, unquoted, written
from hpsearch.trial import Params

_START: KeyPath = ("search", "start")


def read_search(sections: Sections, faults: Faults) -> SearchSettings:
    """Return the settings of the search, and note what is wrong, what is given and cannot count, and unfit start points."""
    search = read_section(SearchSettings, ("search",), faults, ("start",))
    settings = replace(search.settings, start=_read_start(sections, faults))
    if search.is_known("method"):
        _check_method(settings, faults)
    if sections.epochs is not None:
        _check_rungs(settings, sections.epochs, faults)
    if search.is_known("trials"):
        _check_count(settings, faults)
    return settings


def _check_method(search: SearchSettings, faults: Faults) -> None:
    for name in ("stages", "prior"):
        if getattr(search, name) is not None and not is_staged(search.method):
            message = f"`{name}` counts only where one stage learns from another, and `method` is {search.method}"
            faults.at_key(("search", name), message, "take it away, or write method: coarse-to-fine")


def _check_rungs(search: SearchSettings, epochs: int, faults: Faults) -> None:
    stopping = search.early_stopping
    if isinstance(stopping, EarlyStopping) and stopping.min_epochs > epochs:
        message = f"`min_epochs` is {stopping.min_epochs}, but a trial has {epochs} epoch{'s' * (epochs != 1)}"
        most = epochs // stopping.reduction_factor
        hint = f"to stop trials early it must be at most {most}" if most else "so short a trial cannot be stopped early"
        faults.at(("search", "early_stopping", "min_epochs"), message, hint)


def _check_count(search: SearchSettings, faults: Faults) -> None:
    """Note start points for which there are no trials."""
    place: KeyPath
    if isinstance(search.start, Leaders):
        count, place = search.start.top, (*_START, "top")
    else:
        count, place = len(search.start or ()), (*_START, search.trials)
    if count > search.trials:
        faults.at(place, f"there are {count} start points, but `trials` is {search.trials}", "leave some out, or raise it")


def _read_start(sections: Sections, faults: Faults) -> tuple[Params, ...] | Leaders | None:
    """Return what is tried first; a list is read point by point, and its values are judged by the space."""
    declared, given = Declared.by(SearchSettings, "start"), faults.plain(_START)
    if not isinstance(given, list):
        leaders = check(declared, given, _START, faults)
        return None if leaders is INVALID else leaders
    domains = _domains(sections.entries)
    for index, point in enumerate(given):
        if isinstance(point, dict):
            _check_point(point, (*_START, index), domains, sections, faults)
        else:
            check(replace(declared, kind=item_of(declared.kind)), point, (*_START, index), faults)
    return validated(declared, given) if admits(declared, given) else tuple(given)


def _check_point(point: Params, path: KeyPath, domains: Mapping[str, Domain], sections: Sections, faults: Faults) -> None:
    """Note names that are not searched and values outside the space; those of inactive parameters may stand."""
    for name, value in point.items():
        at = (*path, name)
        if name in domains:
            _check_value(name, value, domains[name], at, faults)
        elif faults.plain(("space", name)) is None:
            sections.names.note_unsearched(at, list(domains), "take it away, or search it in `space`", faults)
        elif name in sections.entries:
            faults.at_key(at, f"`{name}` is drawn per layer", f"write {both(_layers(name, sections.entries))}")


def _domains(entries: Mapping[str, Entry]) -> dict[str, Domain]:
    """Return the domains by the names of the parameters, those per layer each by its own."""
    if not entries:
        return {}
    free = {name: Entry(entry.domain, layers=entry.layers) for name, entry in entries.items()}
    return {parameter.name: parameter.domain for parameter in SearchSpace(free).parameters}


def _layers(name: str, entries: Mapping[str, Entry]) -> list[str]:
    return [f"{name}_{layer}" for layer in range(1, entries[name].layers + 1)]


def _check_value(name: str, value: Any, domain: Domain, path: KeyPath, faults: Faults) -> None:
    if domain.admits(value):
        return
    if isinstance(domain, Choice):
        options = [written(option) for option in domain.options]
        near = nearest(value, options)
        faults.at(path, f"`{name}` must be {either(options)}, not {came(value)}", f"did you mean {near}?" if near else "")
    else:
        hint = unquoted(value) if isinstance(value, str) else ""
        hint = hint or f"the space holds {written(domain.describe())}"
        faults.at(path, f"`{name}` cannot start at {came(value)}", hint)
