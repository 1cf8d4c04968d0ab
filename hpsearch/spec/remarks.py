"""What every lint gets and gives: a case to judge, and remarks on it; and how a better entry is written.

A remark says where, what the number is that convinces, and what to write instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from hpsearch.network.settings import NetworkSettings
from hpsearch.options import Option, options_of
from hpsearch.search.plan import Plan
from hpsearch.space.parameters import Real, Whole
from hpsearch.space.search_space import Entry
from hpsearch.spec.document import Document, KeyPath
from hpsearch.spec.wording import written
from hpsearch.study.study_spec import StudySpec

_OPTIONS = options_of(NetworkSettings)


@dataclass(frozen=True)
class Remark:
    """A message on the value at a path, and a hint that says what to write instead; `at_key` points at the key."""

    path: KeyPath
    message: str
    hint: str
    at_key: bool = False


Remarks: TypeAlias = Iterator[Remark]


@dataclass(frozen=True)
class Case:
    """A study with its document, the facts of its data, and its plan."""

    study: StudySpec
    document: Document
    facts: Mapping[str, Any]
    plan: Plan

    @property
    def entries(self) -> Mapping[str, Entry]:
        """The entries of the space."""
        return self.study.space.entries

    @property
    def is_refined(self) -> bool:
        """Whether the space comes from the trials of another run, which speak for it."""
        return self.study.search.prior is not None

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

    def scale_path(self, name: str) -> KeyPath:
        """Return where a range says which scale it has, or, if that is left to the default, where its bounds are."""
        return ("space", name, "scale" if self.is_given("space", name, "scale") else "range")

    def rewritten(self, name: str, **changes: Any) -> str:
        """Return a hint: the entry of a name, with some of its keys changed, or taken away where they become None."""
        plain = self.document.value(("space", name))
        entry = plain if isinstance(plain, dict) else {"choices": plain}
        changed = {key: value for key, value in {**entry, **changes}.items() if value is not None}
        return f"write {name}: {written(changed['choices'] if changed.keys() == {'choices'} else changed)}"


def percent(share: float) -> str:
    """Write a share with two digits: 90 %, 9.1 %."""
    return f"{short(100 * share, 2)} %"


def short(number: float, digits: int = 3) -> str:
    """Write a number with so many significant digits, a large one without a power of ten."""
    return f"{float(f'{number:.{digits}g}'):g}"
