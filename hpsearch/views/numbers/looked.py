"""What a look at the data before a search finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hpsearch.data.profile import ColumnProfile


@dataclass(frozen=True)
class Looked:
    """What the data hold: rows by class and part, the labels, and the columns where they were asked for."""

    labels: tuple[str, ...] = ()
    counts: Mapping[str, tuple[int, ...]] | None = None
    columns: tuple[ColumnProfile, ...] | None = None

    @property
    def by_class(self) -> dict[str, int]:
        """The rows of each class in all parts."""
        return dict(zip(self.labels, map(sum, zip(*(self.counts or {}).values(), strict=True)), strict=True))
