"""What every lint gets: a case to judge; and how it says where something is, and what to write instead.

A check yields problems: where, what the number is that convinces, and a hint that can be pasted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from hpsearch.errors import Problem
from hpsearch.network.settings import NetworkSettings
from hpsearch.options import Option, options_of
from hpsearch.search.strategy import Search, search
from hpsearch.seeds import Streams
from hpsearch.space.parameters import Real, Whole
from hpsearch.space.search_space import Entry
from hpsearch.spec.declared import OBJECTIVE
from hpsearch.spec.document import Document, KeyPath
from hpsearch.spec.wording import written
from hpsearch.study.study_spec import StudySpec
from hpsearch.trial import Value

if TYPE_CHECKING:
    from hpsearch.study.preview import Memory

Problems: TypeAlias = Iterator[Problem]

_OPTIONS = options_of(NetworkSettings)


@dataclass(frozen=True)
class Case:
    """A study with its document, and the facts of its data; where it is known, the memory that so many jobs need."""

    study: StudySpec
    document: Document
    facts: Mapping[str, Any]
    memory: Memory | None = None
    jobs: int = 1

    @cached_property
    def search(self) -> Search:
        """A new search of the study."""
        return search(self.study.search, self.study.space, Streams(self.study.seed), self.study.epochs)

    @property
    def entries(self) -> Mapping[str, Entry]:
        """The entries of the space."""
        return self.study.space.entries

    @property
    def is_refined(self) -> bool:
        """Whether the space comes from the trials of another run, which speak for it."""
        return self.study.search.prior is not None

    @property
    def epochs_section(self) -> str:
        """The section in which `epochs` stands."""
        return OBJECTIVE if self.study.objective else "network"

    def ranges(self) -> Iterator[tuple[str, Real | Whole, Option | None]]:
        """Yield each range by its name, with the option that is called so; None for an argument that nothing is known of."""
        for name, entry in self.entries.items():
            if isinstance(entry.domain, Real | Whole):
                yield name, entry.domain, self.option(name)

    def option(self, name: str) -> Option | None:
        """Return the network's option of a name, which an argument of a function may have too."""
        return _OPTIONS.get(name)

    def is_given(self, *path: str | int) -> bool:
        """Whether the text says something at a path."""
        return path in self.document.values

    def at(self, path: KeyPath, message: str, hint: str) -> Problem:
        """Return a problem at a value, or at the key of its section where it is left to its default."""
        if self.is_given(*path):
            return self.document.place(path).problem(message, hint)
        return self.at_key(path[:1] if self.is_given(*path[:1]) else ("space",), message, hint)

    def at_key(self, path: KeyPath, message: str, hint: str) -> Problem:
        """Return a problem at a key."""
        return self.document.key_place(path).problem(message, hint)

    def at_scale(self, name: str, message: str, hint: str) -> Problem:
        """Return a problem at the scale of a range, or at its bounds where that is left to its default."""
        return self.at(("space", name, "scale" if self.is_given("space", name, "scale") else "range"), message, hint)

    def rewritten(self, name: str, **changes: Any) -> str:
        """Return a hint: the entry of a name, with some of its keys changed, or taken away where they become None."""
        plain = self.document.value(("space", name))
        entry = plain if isinstance(plain, dict) else {"choices": plain}
        changed = {key: value for key, value in {**entry, **changes}.items() if value is not None}
        return f"write {name}: {written(changed['choices'] if changed.keys() == {'choices'} else changed)}"

    def fixed(self, name: str, value: Value) -> str:
        """Return a hint: one value for all trials."""
        moved = ", and take it away from `space`" if name in self.entries else ""
        return f"write {name}: {written(value)} under `network`{moved}"


def as_written(values: Sequence[Value]) -> Any:
    """Return the values of a condition as one writes them: a single one by itself, unless it is a list."""
    return values[0] if len(values) == 1 and not isinstance(values[0], list) else list(values)
