"""Points as a model of the search sees them: levels at the middle of their part, inactive parameters at 0.5.

The same as encoding each point's params one by one, for many points at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hpsearch.search.gaussian_process import Floats
from hpsearch.space.parameters import Choice, Domain
from hpsearch.space.search_space import INACTIVE, Parameter, SearchSpace
from hpsearch.trial import Params

ONE_HOT = 0.5
"""The entry of a choice's own column: two options are sqrt(1/2) apart, where the ends of a range are 1 apart."""

FINEST = 1_000
"""Levels up to which a point is moved to the middle of its level's part; finer ones are as good as continuous."""


@dataclass(frozen=True)
class Coordinates:
    """The coordinates of a space: d parameters, p feature columns."""

    space: SearchSpace

    @cached_property
    def is_choice(self) -> NDArray[np.bool_]:
        """Which parameters are choices (d,)."""
        return np.array([isinstance(parameter.domain, Choice) for parameter in self.space.parameters])

    @cached_property
    def levels(self) -> NDArray[np.int64]:
        """How many levels each parameter has (d,); 0 for a continuous one."""
        return np.array([parameter.domain.levels or 0 for parameter in self.space.parameters])

    @cached_property
    def columns(self) -> tuple[slice, ...]:
        """The feature columns of each parameter: one of a number, one for each option of a choice."""
        widths = np.where(self.is_choice, self.levels, 1)
        ends = np.cumsum(widths)
        return tuple(slice(int(end - width), int(end)) for end, width in zip(ends, widths, strict=True))

    def model(self, points: Floats) -> Floats:
        """Return points (n, d) with levels at the middle of their part and inactive parameters at 0.5.

        A number beyond 0 or 1, as evidence from another space may have it, stays where it is.
        """
        snapped = points.copy()
        for j, grid in enumerate(self._grids):
            if grid is not None:
                snapped[:, j] = grid.middles[grid.levels_at(points[:, j])]
        beyond = ((points < 0) | (points > 1)) & ~self.is_choice
        return np.where(self.active(points), np.where(beyond, points, snapped), INACTIVE)

    def active(self, points: Floats) -> NDArray[np.bool_]:
        """Return which parameters count at each point: (n, d)."""
        if not self.space.is_conditional:
            return np.ones(points.shape, bool)
        rows = [self.space.active(self._parents(point)) for point in points]
        return np.array([[name in row for name in self.space.names] for row in rows], bool).reshape(points.shape)

    def features(self, points: Floats) -> Floats:
        """Return the features (n, p) of points (n, d): numbers as in `model`, choices one-hot."""
        model, parts = self.model(points), []
        for j, columns in enumerate(self.columns):
            if not self.is_choice[j]:
                parts.append(model[:, j : j + 1])
                continue
            count = columns.stop - columns.start
            chosen = np.minimum((model[:, j] * count).astype(int), count - 1)
            parts.append(ONE_HOT * np.eye(count)[chosen])
        return np.hstack(parts)

    @cached_property
    def _grids(self) -> list[_Grid | None]:
        return [_grid(parameter) for parameter in self.space.parameters]

    @cached_property
    def _parent_domains(self) -> dict[str, tuple[int, Domain]]:
        names = {parent for parameter in self.space.parameters for parent in parameter.parents}
        return {p.name: (j, p.domain) for j, p in enumerate(self.space.parameters) if p.name in names}

    def _parents(self, point: Floats) -> Params:
        return {name: domain.decode(float(point[j])) for name, (j, domain) in self._parent_domains.items()}


@dataclass(frozen=True)
class _Grid:
    """The parts of the unit interval that the levels of a domain own: their inner edges and their middles."""

    edges: Floats
    middles: Floats

    def levels_at(self, u: Floats) -> NDArray[np.int64]:
        return np.searchsorted(self.edges, u, side="right")


def _grid(parameter: Parameter) -> _Grid | None:
    count = parameter.domain.levels
    if count is None or count > FINEST:
        return None
    middles = np.array([parameter.domain.encode(parameter.domain.level(index)) for index in range(count)])
    # A level's part ends as far beyond its middle as it began before it.
    edges = [0.0]
    for middle in middles[:-1]:
        edges.append(2 * middle - edges[-1])
    return _Grid(np.array(edges[1:]), middles)
