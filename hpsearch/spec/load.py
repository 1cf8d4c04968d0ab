"""The doors: a file or a text becomes a `StudySpec`, or a SpecError with all its mistakes.

The sections are read one after the other, each noting its own mistakes; only then is it decided whether there is a
study.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from hpsearch.data.messages import escaped
from hpsearch.errors import Problem, SettingError, SpecError, UsageError, reason_of
from hpsearch.prose import first_of, nearest_file
from hpsearch.space.search_space import SearchSpace
from hpsearch.spec.declared import SECTIONS, Heading, has_function
from hpsearch.spec.document import MAX_BYTES, Document, decode, dump, parse
from hpsearch.spec.faults import Faults
from hpsearch.spec.overrides import override
from hpsearch.spec.renamed import with_sections
from hpsearch.spec.search import read_search
from hpsearch.spec.sections import read_sections
from hpsearch.spec.settings import read_section
from hpsearch.study.study_spec import NAME, StudySpec

STDIN = "-"
SUFFIXES = (".yaml", ".yml")

_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class LoadedSpec:
    """A study, the text it was read from, and its document with the overrides in it."""

    study: StudySpec
    given: str
    document: Document

    @property
    def resolved(self) -> str:
        """A text with every default filled in, which reads as an equal study."""
        return dump(self.study.resolved())

    @contextmanager
    def placing(self) -> Iterator[None]:
        """Tell settings that do not go with what they name, raised as a SettingError within, at their places in the text."""
        try:
            yield
        except SettingError as error:
            faults = Faults(self.document)
            for mistake in error.mistakes:
                faults.blame(mistake)
            raise faults.error() from None


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
        raise UsageError(f"the spec {name} cannot be read: {reason_of(error)}{_other_specs(Path(path))}") from None
    return load_spec(text, name, overrides, Path(path).parent)


def _other_specs(path: Path) -> str:
    """Return which spec beside a file that is not there was meant, or which are in a directory; nothing if none is."""
    try:
        names = sorted(it.name for it in (path if path.is_dir() else path.parent).iterdir() if it.suffix in SUFFIXES)
    except (OSError, ValueError):
        return ""
    if path.is_dir():
        return f"; name one of the specs in it: {first_of(map(escaped, names))}" if names else "; there is no spec in it"
    near = None if path.exists() else nearest_file(path.name, names)
    return f"; did you mean {escaped(str(path.with_name(near)))}?" if near else ""


def load_spec(text: str, file: str, overrides: Sequence[str] = (), directory: Path = Path()) -> LoadedSpec:
    """Return the spec in a text; `file` is its name in messages, `directory` what its data paths are relative to.

    Raises SpecError with all mistakes in it.
    """
    faults = Faults(with_sections(_overridden(parse(text, file), overrides)))
    others = [*SECTIONS, "space", *(["metric"] if has_function(faults.document.plain) else [])]
    heading = read_section(Heading, (), faults, others)
    sections = read_sections(directory, faults)
    search = read_search(sections, faults)
    metric = sections.metric or heading.settings.metric
    name = _name(heading.settings.name, "name" in heading.valid, file, faults)
    if faults.problems:
        raise faults.error()
    study = StudySpec(
        name=name,
        seed=heading.settings.seed,
        data=sections.data,
        network=sections.network,
        space=SearchSpace(sections.entries),
        search=search.settled(),
        metric=metric,
        select=heading.settings.select,
        objective=sections.objective,
    )
    return LoadedSpec(study, text, faults.document)


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
