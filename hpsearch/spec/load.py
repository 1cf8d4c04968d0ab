"""The doors: a file or a text becomes a `StudySpec`, or a SpecError with all its mistakes.

The sections are read one after the other, each noting its own mistakes; only then is it decided whether there is a
study. Data files are named here, not opened.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from hpsearch.data.settings import DataSettings
from hpsearch.errors import Problem, SpecError, UsageError
from hpsearch.network.settings import NetworkSettings, Task
from hpsearch.objectives.metrics import MetricName, Select, metrics_of
from hpsearch.options import Option
from hpsearch.search.settings import SearchSettings
from hpsearch.space.search_space import SearchSpace
from hpsearch.spec.agreement import check_agreement, with_depth
from hpsearch.spec.document import MAX_BYTES, Document, decode, dump, parse
from hpsearch.spec.effects import check_effects
from hpsearch.spec.faults import Faults
from hpsearch.spec.overrides import override
from hpsearch.spec.places import Place
from hpsearch.spec.settings import SECTIONS, read_section
from hpsearch.spec.space import read_space
from hpsearch.study.study_spec import NAME, StudySpec

STDIN = "-"
EMBEDDED = "digits"
"""The one data source that is a name and no path."""

_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Heading:
    """The options at the top level of a spec."""

    name: Annotated[str, Option("what its runs are called; the file's name unless given", searchable=False)] = ""
    seed: Annotated[int, Option("seed of every random stream but the split's", at_least=0, searchable=False)] = 0
    metric: Annotated[
        MetricName | None,
        Option(
            "what the search makes as good as it can: of classes the error, of a quantity the rmse, unless it is given",
            searchable=False,
        ),
    ] = None
    select: Annotated[
        Select, Option("the epoch of a trial whose metric and weights count: its last, or its best", searchable=False)
    ] = "last_epoch"


@dataclass(frozen=True)
class LoadedSpec:
    """A study, the text it was read from, and where that names the metric, if it does."""

    study: StudySpec
    given: str
    metric_at: Place | None = None

    @property
    def resolved(self) -> str:
        """A text with every default filled in, which reads as an equal study."""
        return dump(self.study.resolved())

    def for_task(self, task: Task) -> LoadedSpec:
        """Return the spec with its metric named, once the task of its data is known; SpecError if the two don't fit."""
        metric, allowed = self.study.metric, metrics_of(task)
        if metric is not None and metric not in allowed and self.metric_at is not None:
            message = f"the target calls for {task}, and {metric} is no metric of that"
            raise SpecError([self.metric_at.problem(message, f"allowed: {', '.join(allowed)}")])
        return replace(self, study=self.study.for_task(task))


def read_spec(path: str | Path, overrides: Sequence[str] = ()) -> LoadedSpec:
    """Return the spec in a file, `-` for standard input, with `a.b=value` overrides.

    Raises SpecError with all mistakes in it, UsageError if the file cannot be read.
    """
    if str(path) == STDIN:
        text = decode(sys.stdin.buffer.read(MAX_BYTES + 1), "stdin")
        return load_spec(text, "stdin", overrides, Path())
    try:
        with Path(path).open("rb") as file:
            text = decode(file.read(MAX_BYTES + 1), str(path))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UsageError(f"the spec {path} cannot be read: {reason}") from None
    return load_spec(text, str(path), overrides, Path(path).parent)


def load_spec(text: str, file: str, overrides: Sequence[str] = (), directory: Path = Path()) -> LoadedSpec:
    """Return the spec in a text; `file` is its name in messages, `directory` what its data paths are relative to.

    Raises SpecError with all mistakes in it.
    """
    faults = Faults(_overridden(parse(text, file), overrides))
    heading = read_section(Heading, (), faults, others=(*SECTIONS, "space"))
    data = read_section(DataSettings, ("data",), faults)
    network = read_section(NetworkSettings, ("network",), faults)
    search = read_section(SearchSettings, ("search",), faults)
    check_agreement(network, faults)
    settled = with_depth(network, faults)
    entries = read_space(settled, faults)
    check_effects(network, entries, faults)
    name = _name(heading.settings.name, "name" in heading.valid, file, faults)
    if faults.problems:
        raise faults.error()
    study = StudySpec(
        name=name,
        seed=heading.settings.seed,
        data=_located(data.settings, directory),
        network=settled,
        space=SearchSpace(entries),
        search=search.settings,
        metric=heading.settings.metric,
        select=heading.settings.select,
    )
    return LoadedSpec(study, text, faults.document.values.get(("metric",)))


def _overridden(document: Document, overrides: Sequence[str]) -> Document:
    """Return the document with all overrides that can be understood, and the problems of the others."""
    problems: list[Problem] = []
    for argument in overrides:
        try:
            document = override(document, argument)
        except SpecError as error:
            problems.extend(error.problems)
    return replace(document, problems=[*document.problems, *problems])


def _name(given: str, is_given: bool, file: str, faults: Faults) -> str:
    """Return the study's name: the given one, or what can be made of the file's."""
    if not is_given:
        return _NOT_IN_A_NAME.sub("-", Path(file).stem).strip(".-")[:64] or "study"
    if not NAME.match(given):
        message = f"`name` must be a name for a directory, not {given[:80]!r}"
        hint = "up to 64 letters, digits, `-`, `_` and `.`, the first a letter, a digit or `_`"
        faults.at(("name",), message, hint)
    return given


def _located(data: DataSettings, directory: Path) -> DataSettings:
    """Return the settings with absolute paths; `digits` is none wherever a file may stand."""

    def absolute(path: str) -> str:
        if path == EMBEDDED:
            return path
        return os.path.normpath(Path(directory).absolute() / os.path.expanduser(path))  # noqa: PTH111  # raises for no user

    return replace(
        data,
        source=absolute(data.source),
        validation=absolute(data.validation) if isinstance(data.validation, str) else data.validation,
        test=absolute(data.test) if isinstance(data.test, str) else data.test,
    )
