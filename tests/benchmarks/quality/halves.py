"""Which objectives constants may be tuned on, and which are held out.

`tuned()` is the half that constants of the search may be chosen by, with seeds from 0 on. No constant is changed after a
look at `held_out()`: other data sets, other formulas, a space with conditions and another set of real trainings, with seeds
from 1000 on. The figures that count are those of the held-out half.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from quality.curves import CurveSurface
from quality.objectives import (
    UNIT,
    Classic,
    ConditionalSurface,
    MlpSurface,
    Objective,
    ValleySurface,
    ackley5,
    branin,
    hartmann3_among_ten,
    hartmann6,
    levels,
    levy8,
    michalewicz5,
    options,
    rosenbrock4,
)
from quality.tables import Table

TUNED_TABLES = (
    *(("mlp", dataset) for dataset in ("car", "phoneme", "segment", "vehicle", "kc1", "australian")),
    *(("fcnet", d) for d in ("naval_propulsion", "parkinsons_telemonitoring", "protein_structure", "slice_localization")),
    *(("nas", dataset) for dataset in ("cifar10", "cifar100")),
)
HELD_OUT_TABLES = (("mlp", "blood_transfusion"), ("mlp", "credit_g"), ("nas", "imagenet"))
HELD_OUT_SEEDS = 1000
"""The first seed of the held-out half."""


@cache
def tuned_formulas() -> tuple[Objective, ...]:
    """Return the formulas of the tuned half: NumPy is enough for them."""
    return (
        Classic("branin", [UNIT] * 2, branin),
        Classic("hartmann6", [UNIT] * 6, hartmann6),
        Classic("ackley5", [UNIT] * 5, ackley5),
        MlpSurface("network"),
        MlpSurface("network at an edge, two basins", edge=True, two_basins=True),
        MlpSurface("network, six inert, noisy", (0.008, 0.1), [UNIT, UNIT, levels(20), options(4), UNIT, UNIT]),
    )


@cache
def held_out_formulas() -> tuple[Objective, ...]:
    """Return the formulas of the held-out half."""
    return (
        Classic("rosenbrock4", [UNIT] * 4, rosenbrock4, noise=0.2),
        Classic("levy8", [UNIT] * 8, levy8, noise=1.0),
        Classic("michalewicz5", [UNIT] * 5, michalewicz5, noise=0.05),
        Classic("hartmann3 among ten", [UNIT] * 10, hartmann3_among_ten, noise=0.1),
        ValleySurface(),
        ConditionalSurface(),
    )


@cache
def tuned_curves() -> tuple[CurveSurface, ...]:
    """Return the surfaces of real trainings of the tuned half."""
    return CurveSurface("digits"), CurveSurface("hard_digits")


@cache
def held_out_curves() -> tuple[CurveSurface, ...]:
    """Return the surface of real trainings of the held-out half."""
    return (CurveSurface("parity"),)


@cache
def tuned() -> Sequence[Objective]:
    """Return the 20 objectives of the tuned half."""
    return *tuned_formulas(), *(Table(*table) for table in TUNED_TABLES), *tuned_curves()


@cache
def held_out() -> Sequence[Objective]:
    """Return the 10 objectives of the held-out half."""
    return *held_out_formulas(), *(Table(*table) for table in HELD_OUT_TABLES), *held_out_curves()
