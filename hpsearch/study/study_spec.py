"""A study as data: everything that decides what its trials are and what they give.

A spec in YAML becomes one of these, and a Python caller may build one directly; nothing here knows of YAML. What a run
needs beyond it (how many workers, where the files go, how it is shown) changes no result and stands elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from hpsearch.data.settings import DataSettings
from hpsearch.errors import UsageError
from hpsearch.network.settings import NetworkSettings, Task
from hpsearch.objectives.metrics import Select, metric_for
from hpsearch.objectives.settings import PythonSettings
from hpsearch.options import options_of
from hpsearch.search.settings import RULES, SearchSettings
from hpsearch.space.parameters import Choice
from hpsearch.space.search_space import DEPTH, SearchSpace

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}\Z")
"""What a study may be called: its runs' directories bear the name."""

ONE_NUMBER = ("value",)
"""The metrics of a function that returns one number."""


@dataclass(frozen=True)
class StudySpec:
    """What is searched, on which data, from which seed, and which epoch of a trial counts.

    `objective` is the Python function that is searched; `data` and `network` count only where it is None. `metric` is a
    name in `objectives.metrics.METRICS`, or None for that of the data's task, which `for_task` fills in; of a function it is
    one of its metrics, the first unless given, and another one raises UsageError. `network` holds what is fixed. For a
    searched name it holds the default, which counts only where a condition makes the name inactive.
    """

    name: str
    seed: int
    data: DataSettings
    network: NetworkSettings
    space: SearchSpace
    search: SearchSettings
    metric: str | None = None
    select: Select = "last_epoch"
    objective: PythonSettings | None = None

    def __post_init__(self) -> None:
        if not NAME.match(self.name):
            raise ValueError(f"{self.name!r} is not a name for a directory")
        if self.objective is not None:
            possible = metrics_of_function(self.objective)
            if self.metric is None:
                object.__setattr__(self, "metric", possible[0])
            elif self.metric not in possible:
                raise UsageError(f"{self.metric!r} is no metric of the function; allowed: {', '.join(possible)}")

    @property
    def epochs(self) -> int:
        """How many epochs a trial has that trains to the end."""
        return self.network.epochs if self.objective is None else self.objective.epochs

    @property
    def averaging(self) -> list[str]:
        """The searched parameters that weigh the past in an average: momentum and the other betas."""
        options = {} if self.objective else options_of(NetworkSettings)
        declared = {name for name, option in options.items() if option.scale == "1-beta"}
        return [p.name for p in self.space.parameters if p.name in declared or getattr(p.domain, "scale", "") == "1-beta"]

    def for_task(self, task: Task) -> StudySpec:
        """Return the study with its metric named; raises SettingError if that is none of the task of its data."""
        return replace(self, metric=metric_for(task, self.metric).name) if self.objective is None else self

    def resolved(self) -> dict[str, Any]:
        """Return the study as plain data, as one would write it in a spec with no default left out.

        A metric that is not known yet is left out.
        """
        metric = {} if self.metric is None else {"metric": self.metric}
        return {
            "name": self.name,
            "seed": self.seed,
            **self._resolved_objective(),
            "space": self.space.describe(),
            "search": _plain(self.search.settled()),
            **metric,
            "select": self.select,
        }

    def _resolved_objective(self) -> dict[str, Any]:
        """Return the sections that say what a trial is."""
        if self.objective is not None:
            return {"objective": _plain(self.objective)}
        network = {name: value for name, value in _plain(self.network).items() if name not in self._varied}
        return {"data": _plain(self.data), "network": network}

    def identity(self, data_sha256: str) -> str:
        """Return the hash by which a run of this study is known, as 64 hexadecimal digits."""
        canonical = json.dumps(self.identified_by(data_sha256), sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(canonical.encode()).hexdigest()

    def identified_by(self, data_sha256: str) -> dict[str, Any]:
        """Return what a run of this study must share to be the same search, as plain data.

        `data_sha256` is the hash of the bytes of all files of the data, or of the function's source; it stands for their
        paths. The name and what only ends or checks a search do not count either: a renamed or a longer search is the same
        search. The order of the space does, because it is the order of the coordinates: it is a list of pairs here.
        """
        facts = self.resolved() | {"data_sha256": data_sha256, "space": list(self.space.describe().items())}
        del facts["name"]
        facts["search"] = {name: value for name, value in facts["search"].items() if name not in RULES and value != "off"}
        if self.objective is not None:
            facts["objective"].pop("path", None)
        else:
            del facts["data"]["source"]
            for part in ("validation", "test"):
                if isinstance(facts["data"][part], str):
                    del facts["data"][part]
        return facts

    @property
    def _varied(self) -> set[str]:
        """The names that `network` does not decide; lists of widths decide the number of hidden layers too."""
        widths = self.space.entries.get("hidden_units")
        options = widths.domain.options if widths and isinstance(widths.domain, Choice) else ()
        listed = {DEPTH} if any(isinstance(option, list) for option in options) else set()
        return {*self.space.entries, *listed}


def metrics_of_function(objective: PythonSettings) -> tuple[str, ...]:
    """Return the names of the numbers that a function returns, of which one is searched by."""
    return objective.metrics or ONE_NUMBER


def _plain(settings: Any) -> dict[str, Any]:
    """Return the settings that are given or have a default, by name, in order; lists and mappings are copied."""
    values = {field.name: getattr(settings, field.name) for field in fields(settings)}
    return {name: _copied(value) for name, value in values.items() if value is not None}


def _copied(value: Any) -> Any:
    if is_dataclass(value):
        return _plain(value)
    if isinstance(value, Mapping):
        return {name: _copied(item) for name, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, (list, tuple)) else value
