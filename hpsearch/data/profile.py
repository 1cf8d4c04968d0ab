"""What a data set looks like to a person: its columns, what they were taken for, and how its classes are spread.

Nothing here decides anything: it tells what `load_dataset` made of the same settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from hpsearch.data.columns import column_kinds
from hpsearch.data.dataset import Dataset
from hpsearch.data.readers import read_table
from hpsearch.data.settings import DataSettings
from hpsearch.data.table import Table

Role: TypeAlias = Literal["target", "group", "number", "category", "left out"]


@dataclass(frozen=True)
class ColumnProfile:
    """A column of the source: what it was taken for, the rows without a value, and how many different values there are."""

    name: str
    role: Role
    missing: int
    levels: int


def column_profiles(settings: DataSettings, data: Dataset) -> tuple[ColumnProfile, ...]:
    """Return what the columns of the source are, in its order; `data` is what was made of the same settings."""
    table = read_table(settings.source, settings.missing)
    set_aside: dict[str, Role] = {data.target: "target"}
    if settings.group:
        set_aside[settings.group] = "group"
    kinds = column_kinds(table, settings.columns, set_aside)
    roles: Mapping[str, Role] = {**{name: kinds[name] for name in kinds if name in data.preprocessing.columns}, **set_aside}
    return tuple(_profile(table, name, roles.get(name, "left out")) for name in table.columns)


def _profile(table: Table, name: str, role: Role) -> ColumnProfile:
    column = table.columns[name]
    return ColumnProfile(name, role, int(column.missing.sum()), column.distinct)


def class_counts(data: Dataset) -> dict[str, tuple[int, ...]]:
    """Return how many rows of each class there are, by part, in the order of the labels; empty in regression."""
    parts = {"train": data.train, "validation": data.validation, "test": data.test}
    return {
        name: tuple(np.bincount(part.targets.astype(np.int64), minlength=data.classes).tolist())
        for name, part in parts.items()
        if part is not None and data.classes
    }
