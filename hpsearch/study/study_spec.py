"""A study as data: everything that decides what its trials are and what they give.

A spec in YAML becomes one of these, and a Python caller may build one directly; nothing here knows of YAML. What a run
needs beyond it (how many workers, where the files go, how it is shown) changes no result and stands elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from hpsearch.data.settings import DataSettings
from hpsearch.network.settings import NetworkSettings, Task
from hpsearch.objectives.metrics import Select, metric_for
from hpsearch.search.settings import SearchSettings
from hpsearch.space.parameters import Choice
from hpsearch.space.search_space import DEPTH, SearchSpace

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}\Z")
"""What a study may be called: its runs' directories bear the name."""


@dataclass(frozen=True)
class StudySpec:
    """What is searched, on which data, from which seed, and which epoch of a trial counts.

    `metric` is a name in `objectives.metrics.METRICS`, or None for that of the data's task, which `for_task` fills in.
    `network` holds what is fixed. For a searched name it holds the default, which counts only where a condition makes
    the name inactive.
    """

    name: str
    seed: int
    data: DataSettings
    network: NetworkSettings
    space: SearchSpace
    search: SearchSettings
    metric: str | None = None
    select: Select = "last_epoch"

    def __post_init__(self) -> None:
        if not NAME.match(self.name):
            raise ValueError(f"{self.name!r} is not a name for a directory")

    def for_task(self, task: Task) -> StudySpec:
        """Return the study with its metric named; raises UsageError if that is none of the task of its data."""
        return replace(self, metric=metric_for(task, self.metric).name)

    def resolved(self) -> dict[str, Any]:
        """Return the study as plain data, as one would write it in a spec with no default left out.

        A metric that is not known yet is left out.
        """
        metric = {} if self.metric is None else {"metric": self.metric}
        return {
            "name": self.name,
            "seed": self.seed,
            "data": _plain(self.data),
            "network": {name: value for name, value in _plain(self.network).items() if name not in self._varied},
            "space": self.space.describe(),
            "search": _plain(self.search),
            **metric,
            "select": self.select,
        }

    def identity(self, data_sha256: str) -> str:
        """Return the hash by which a run of this study is known, as 64 hexadecimal digits.

        `data_sha256` is the hash of the bytes of all files of the data; it stands for their paths. The name and the
        number of trials do not count either: a renamed or a longer search is the same search. The order of the space
        does, because it is the order of the coordinates.
        """
        facts = self.resolved() | {"data_sha256": data_sha256, "space": list(self.space.describe().items())}
        del facts["name"], facts["search"]["trials"], facts["data"]["source"]
        for part in ("validation", "test"):
            if isinstance(facts["data"][part], str):
                del facts["data"][part]
        canonical = json.dumps(facts, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(canonical.encode()).hexdigest()

    @property
    def _varied(self) -> set[str]:
        """The names that `network` does not decide; lists of widths decide the number of hidden layers too."""
        widths = self.space.entries.get("hidden_units")
        options = widths.domain.options if widths and isinstance(widths.domain, Choice) else ()
        listed = {DEPTH} if any(isinstance(option, list) for option in options) else set()
        return {*self.space.entries, *listed}


def _plain(settings: DataSettings | NetworkSettings | SearchSettings) -> dict[str, Any]:
    """Return the settings that are given or have a default, by name, in order; lists and mappings are copied."""
    values = {field.name: getattr(settings, field.name) for field in fields(settings)}
    return {name: _copied(value) for name, value in values.items() if value is not None}


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, (list, tuple)) else value
