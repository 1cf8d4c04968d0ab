"""Some values of a domain, evenly: the coordinates that a grid takes, made only as they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hpsearch.space.parameters import Domain


@dataclass(frozen=True)
class Evenly:
    """The coordinates of `count` different values of a domain, in order.

    They are the middles of equal parts of [0, 1], or of the parts of the levels that these fall on. As many as there are
    levels are all levels. Grids are often only counted, and their values never made.
    """

    domain: Domain
    count: int

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[float]:
        levels, after = self.domain.levels, 0
        for place in range(self.count):
            u = (place + 0.5) / self.count
            if levels is None:
                yield u
                continue
            # Where several middles fall on one level, the next ones stand in, as far as there are any.
            index = place if levels == self.count else min(max(self.domain.index(u), after), levels - self.count + place)
            yield (self.domain.begin(index) + self.domain.begin(index + 1)) / 2
            after = index + 1
