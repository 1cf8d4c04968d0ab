"""What a trial is: the sections of a network, or the one of a Python function, and the space that goes with either.

Files are named here, not opened, and no function is imported.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from hpsearch.data.settings import DataSettings
from hpsearch.network.settings import NetworkSettings
from hpsearch.objectives.settings import PythonSettings
from hpsearch.prose import either, nearest
from hpsearch.space.search_space import Entry
from hpsearch.spec.agreement import check_agreement, with_depth
from hpsearch.spec.declared import OBJECTIVE, OF_A_NETWORK, has_function
from hpsearch.spec.document import KeyPath
from hpsearch.spec.effects import check_effects
from hpsearch.spec.faults import Faults
from hpsearch.spec.names import ArgumentNames, Names, NetworkNames
from hpsearch.spec.settings import read_section
from hpsearch.spec.space import read_space
from hpsearch.spec.wording import came
from hpsearch.study.derived import RESERVED
from hpsearch.study.study_spec import metrics_of_function

EMBEDDED = "digits"
"""The one data source that is a name and no path."""


@dataclass(frozen=True)
class Sections:
    """What the sections say of a trial; `epochs` is None where that is wrong, `metric` unless there is a function."""

    names: Names
    entries: Mapping[str, Entry]
    epochs: int | None
    data: DataSettings = field(default_factory=DataSettings)
    network: NetworkSettings = field(default_factory=NetworkSettings)
    objective: PythonSettings | None = None
    metric: str | None = None


def read_sections(directory: Path, faults: Faults) -> Sections:
    """Return what a trial is, and note everything that is wrong; paths are seen from the directory of the spec."""
    return _read_function(directory, faults) if has_function(faults.document.plain) else _read_network(directory, faults)


def _read_network(directory: Path, faults: Faults) -> Sections:
    data = read_section(DataSettings, ("data",), faults)
    if data.is_known("validation") and data.is_known("test"):
        for mistake in data.settings.unfit_shares():
            faults.blame(mistake)
    network = read_section(NetworkSettings, ("network",), faults)
    check_agreement(network, faults)
    settled = with_depth(network, faults)
    names = NetworkNames(settled)
    entries = read_space(names, faults)
    check_effects(network, entries, faults)
    epochs = settled.epochs if network.is_known("epochs") else None
    return Sections(names, entries, epochs, _located(data.settings, directory), settled)


def _located(data: DataSettings, directory: Path) -> DataSettings:
    """Return the settings with absolute paths; `digits` is none wherever a file may stand."""

    def absolute(path: str) -> str:
        return path if path == EMBEDDED else _absolute(path, directory)

    return replace(
        data,
        source=absolute(data.source),
        validation=absolute(data.validation) if isinstance(data.validation, str) else data.validation,
        test=absolute(data.test) if isinstance(data.test, str) else data.test,
    )


def _absolute(path: str, directory: Path) -> str:
    return os.path.normpath(Path(directory).absolute() / os.path.expanduser(path))  # noqa: PTH111  # raises for no user


def _read_function(directory: Path, faults: Faults) -> Sections:
    for section in OF_A_NETWORK:
        if faults.plain((section,)) is not None:
            message = f"`{section}` has no place beside `objective`: a function is searched, and no network"
            faults.at_key((section,), message, f"take `{section}` away, or `objective`")
    names = ArgumentNames()
    entries = read_space(names, faults)
    function = read_section(PythonSettings, (OBJECTIVE,), faults, python="")
    settings = function.settings
    if "python" in function.valid:
        _check_function(settings.python, faults)
    _check_metrics(settings.metrics, faults)
    metric = _read_metric(metrics_of_function(settings), faults) if function.is_known("metrics") else None
    epochs = settings.epochs if function.is_known("epochs") else None
    located = replace(settings, path=_absolute(settings.path or ".", directory))
    return Sections(names, entries, epochs, objective=located, metric=metric)


def _check_function(python: str, faults: Faults) -> None:
    """Note a text that does not name a function in a module."""
    module, _, function = python.partition(":")
    if module.endswith(".py") or not all(name.isidentifier() for name in (*module.split("."), *function.split("."))):
        message = f"`python` must be package.module:function, not {came(python)}"
        faults.at((OBJECTIVE, "python"), message, "for example my_module:train for the function train of my_module.py")


def _check_metrics(metrics: Sequence[str] | None, faults: Faults) -> None:
    """Note names that cannot stand side by side as columns."""
    path: KeyPath = (OBJECTIVE, "metrics")
    if metrics is None:
        return
    if not metrics:
        faults.at(path, "`metrics` must name one number or more", "take it away for a function that returns one number")
    for index, name in enumerate(metrics):
        if not name.isidentifier():
            faults.at((*path, index), f"{came(name)} cannot name a column", "letters, digits and `_`, the first no digit")
        elif name in RESERVED:
            faults.at((*path, index), f"`{name}` is a column of trials.csv already", "call the number something else")
        elif name in metrics[:index]:
            faults.at((*path, index), f"`{name}` is given twice", "take one away")


def _read_metric(possible: Sequence[str], faults: Faults) -> str | None:
    """Return which of a function's metrics is searched by: the given one, or the first; None after noting a mistake."""
    given = faults.plain(("metric",))
    if given is None or given in possible:
        return given or next(iter(possible), None)
    near = nearest(given, possible)
    hint = f"did you mean {near}?" if near else "`metrics` of `objective` names them"
    faults.at(("metric",), f"`metric` must be {either(dict.fromkeys(possible))}, not {came(given)}", hint)
    return None
