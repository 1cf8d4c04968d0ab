"""Is an objective what it should be? Asked of the cheap ones by the tests, and of all by `search_quality.py check`."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from hpsearch.trial import Params
from quality.objectives import Objective


def faults(objective: Objective, points: int) -> Iterator[str]:
    """Yield what is wrong at so many random points, in words; nothing if all is well."""
    rng = np.random.default_rng(3)
    values = []
    for count, point in enumerate(rng.random((points, objective.space.dimensions))):
        params = objective.space.decode(point.tolist())
        values.append(objective.value(params))
        yield from _faults_at(objective, params, count)
    if min(values) < objective.optimum:
        yield f"{objective.name}: {min(values)} is less than the optimum {objective.optimum}"
    if not objective.optimum < objective.median:
        yield f"{objective.name}: the median {objective.median} is not above the optimum"


def _faults_at(objective: Objective, params: Params, count: int) -> Iterator[str]:
    first, again = (objective.observe(params, 5, count) for _ in range(2))
    if first != again or math.isnan(first):
        yield f"{objective.name}: observation {count} of seed 5 was {first} and then {again}, at {params}"
    active = {
        name for name, number in zip(objective.space.names, objective.row(params), strict=True) if not math.isnan(number)
    }
    if active != set(params):
        yield f"{objective.name}: numbers are given for {sorted(active)}, active are {sorted(params)}"
    turned = next(iter(objective.values(np.array([objective.row(params)]))))
    if turned != objective.value(params) or not math.isfinite(turned):
        yield f"{objective.name}: the value is {objective.value(params)}, that of its row {turned}, at {params}"
