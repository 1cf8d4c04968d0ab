"""The doors: a file or a text becomes a `StudySpec`, or a SpecError with all its mistakes.

The sections are read one after the other, each noting its own mistakes; only then is it decided whether there is a
study.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import dedent, indent
from typing import Annotated

from hpsearch.data.messages import escaped
from hpsearch.errors import Problem, SpecError, UsageError, reason_of
from hpsearch.network.settings import Task
from hpsearch.objectives.metrics import MetricName, Select, metrics_of
from hpsearch.options import Option
from hpsearch.search.settings import SearchSettings
from hpsearch.space.search_space import SearchSpace
from hpsearch.spec.document import MAX_BYTES, Document, decode, dump, parse
from hpsearch.spec.faults import Faults
from hpsearch.spec.notes import notes_on
from hpsearch.spec.overrides import override
from hpsearch.spec.places import Place
from hpsearch.spec.search import check_search
from hpsearch.spec.sections import read_metric, read_sections
from hpsearch.spec.settings import OBJECTIVE, SECTIONS, has_function, read_section
from hpsearch.study.study_spec import NAME, StudySpec

STDIN = "-"

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
    """A study, the text it was read from, its document with the overrides in it, and notes."""

    study: StudySpec
    given: str
    document: Document
    notes: tuple[str, ...] = ()

    @property
    def metric_at(self) -> Place | None:
        """Where the spec names the metric, if it does."""
        return self.document.values.get(("metric",))

    @property
    def function_at(self) -> Place | None:
        """Where the spec names its function, if it is for one."""
        return self.document.values.get((OBJECTIVE, "python"))

    @property
    def resolved(self) -> str:
        """A text with every default filled in, which reads as an equal study."""
        return dump(self.study.resolved())

    def for_task(self, task: Task) -> LoadedSpec:
        """Return the spec with its metric named, once the task of its data is known; SpecError if the two don't fit.

        The metric of a function is named from the start.
        """
        metric, allowed = self.study.metric, metrics_of(task)
        if self.study.objective is None and metric is not None and metric not in allowed and self.metric_at is not None:
            message = f"the target calls for {task}, and {metric} is no metric of that"
            raise SpecError([self.metric_at.problem(message, f"allowed: {', '.join(allowed)}")])
        return replace(self, study=self.study.for_task(task))

    def blamed(self, error: UsageError) -> UsageError:
        """Return what is wrong with the function as a mistake where the spec names it; of a network the error itself."""
        if self.function_at is None:
            return error
        message, _, more = str(error).partition("\n")
        return SpecError([self.function_at.problem(message, indent(dedent(more), " " * 6).strip())])


def read_spec(path: str | Path, overrides: Sequence[str] = ()) -> LoadedSpec:
    """Return the spec in a file, `-` for standard input, with `a.b=value` overrides.

    Raises SpecError with all mistakes in it, UsageError if the file cannot be read.
    """
    if str(path) == STDIN:
        text = decode(sys.stdin.buffer.read(MAX_BYTES + 1), "stdin")
        return load_spec(text, "stdin", overrides, Path())
    name = escaped(str(path))
    try:
        with Path(path).open("rb") as file:
            text = decode(file.read(MAX_BYTES + 1), name)
    except (OSError, ValueError) as error:
        raise UsageError(f"the spec {name} cannot be read: {reason_of(error)}") from None
    return load_spec(text, name, overrides, Path(path).parent)


def load_spec(text: str, file: str, overrides: Sequence[str] = (), directory: Path = Path()) -> LoadedSpec:
    """Return the spec in a text; `file` is its name in messages, `directory` what its data paths are relative to.

    Raises SpecError with all mistakes in it.
    """
    faults = Faults(_overridden(parse(text, file), overrides))
    others = [*SECTIONS, "space", *(["metric"] if has_function(faults) else [])]
    heading = read_section(Heading, (), faults, others)
    sections = read_sections(directory, faults)
    search = read_section(SearchSettings, ("search",), faults)
    check_search(search, sections, faults)
    metric = read_metric(sections.objective, faults) or heading.settings.metric
    name = _name(heading.settings.name, "name" in heading.valid, file, faults)
    if faults.problems:
        raise faults.error()
    study = StudySpec(
        name=name,
        seed=heading.settings.seed,
        data=sections.data,
        network=sections.network,
        space=SearchSpace(sections.entries),
        search=search.settings.settled(),
        metric=metric,
        select=heading.settings.select,
        objective=sections.objective,
    )
    return LoadedSpec(study, text, faults.document, tuple(notes_on(study, faults)))


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
