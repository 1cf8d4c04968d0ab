"""What the settings name, looked up in the files: tables, columns, what is predicted, the classes.

All that is not there is told at once, each at its setting; so nothing is split or prepared here, and a value that cannot be
used counts only once there is no more to be said of the settings.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hpsearch.data.class_weights import unfit_weights
from hpsearch.data.columns import unfit_columns
from hpsearch.data.messages import listed, named, unknown
from hpsearch.data.readers import read_table
from hpsearch.data.settings import DataSettings, Task
from hpsearch.data.table import Table
from hpsearch.data.target import find_labels, find_task, target_name
from hpsearch.errors import DataError, Mistake, SettingError

_SHARE = re.compile(r"([0-9]*[.,]?[0-9]+) ?(%?)")


@dataclass(frozen=True, eq=False)
class Named:
    """The table of the source, those of the parts that are `files`, and what is predicted; no labels in regression."""

    source: Table
    files: Mapping[str, Table]
    target: str
    task: Task
    labels: tuple[str, ...]


class UnfitData(SettingError):
    """Settings that do not go with the data; `task` is what is learnt from these, where it is known all the same."""

    def __init__(self, *mistakes: Mistake, task: Task | None = None) -> None:
        super().__init__(*mistakes)
        self.task = task


def look_up(settings: DataSettings) -> Named:
    """Return what the settings name.

    Raises UnfitData with all that is not there or does not fit, and DataError where a file is malformed, or its target
    has a value that cannot be used.
    """
    found = {name: _table(settings, name) for name in ("source", "validation", "test")}
    tables = {name: table for name, table in found.items() if isinstance(table, Table)}
    mistakes = [*settings.unfit_shares(), *(it for it in found.values() if isinstance(it, Mistake))]
    source, target, task = tables.pop("source", None), target_name(settings), settings.task
    labels: tuple[str, ...] | None = () if task == "regression" else None
    if source is not None:
        mistakes += _unknown_names(settings, target, source, tables)
    if source is not None and target in source.columns:
        try:
            task = find_task(source, target, settings.task)
            labels = find_labels(source, target) if task == "classification" else ()
        except SettingError as error:
            mistakes += error.mistakes
        except DataError:
            if not mistakes:
                raise
    if labels is not None:
        mistakes += unfit_weights(settings.class_weights, labels)
    if mistakes or source is None or task is None or labels is None:
        raise UnfitData(*mistakes, task=task)
    return Named(source, tables, target, task, labels)


def check_inputs(found: Named, inputs: Collection[str]) -> None:
    """Raise UnfitData for each file of a part that lacks some of the inputs."""
    mistakes = []
    for part, table in found.files.items():
        if lacking := [name for name in inputs if name not in table.columns]:
            message = f"columns of {found.source.name} are not in {table.name}: {listed(lacking)}"
            mistakes.append(Mistake(("data", part), message, f"there are: {listed(table.columns)}"))
    if mistakes:
        raise UnfitData(*mistakes, task=found.task)


def _table(settings: DataSettings, name: str) -> Table | Mistake | None:
    """Return the table in the file that a setting names, or why it can't be read; None where a share stands there."""
    file = getattr(settings, name)
    if not isinstance(file, str):
        return None
    try:
        return read_table(file, settings.missing)
    except DataError as error:
        meant = "" if name == "source" else _share_meant(file)
        return Mistake(("data", name), error.message, meant or error.hint)


def _share_meant(file: str) -> str:
    """Return a hint for what is taken for a path, and was probably meant for a share."""
    if match := _SHARE.fullmatch(Path(file).name):
        share = float(match[1].replace(",", ".")) / (100 if match[2] else 1)
        return f"for a share write {share:g}" if 0 < share < 1 else ""
    return ""


def _unknown_names(settings: DataSettings, target: str, source: Table, files: Mapping[str, Table]) -> Iterator[Mistake]:
    """Yield the columns that are named and not there, in the source or in the file of a part."""
    if not target:
        hint = f"write `target:` with its name under `data:`; there are: {listed(source.columns)}"
        yield Mistake(("data", "target"), f"which column of {source.name} is to be predicted?", hint)
    roles = {"target": target, "group": settings.group}
    if target and target == settings.group:
        message = f"{named(target)} cannot be both the target and the group"
        yield Mistake(("data", "group"), message, "group by another column, or by none")
        del roles["group"]
    for role, name in roles.items():
        if not name:
            continue
        for setting, table in (files if name in source.columns else {role: source}).items():
            if name not in table.columns:
                message = f"there is no column {named(name)} for the {role} in {table.name}"
                yield Mistake(("data", setting), message, unknown(name, table.columns))
    yield from unfit_columns(source, settings.columns, {target, settings.group or target})
