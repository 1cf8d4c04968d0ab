"""Which objectives constants may be tuned on, and which are held out.

`tuned()` is the half that constants of the search may be chosen by, with seeds from 0 on. No constant is changed after a
look at `held_out()`: models of another library trained on other data, other formulas, a search space with conditions, and
networks on other rows, with seeds from 2000 on. The figures that count are those of the held-out half.

The last ten objectives of the tuned half, `ONCE_HELD_OUT`, were held out before, with seeds from 1000 on: constants up to
then were chosen on the first twenty alone. A half that has been looked at is held out no longer.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from quality.curves import CurveSurface
from quality.landscapes import FourOfTwelve, NoisyDescent, Terraces, styblinski6
from quality.models import trained_models
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
LATER_TABLES = (("mlp", "blood_transfusion"), ("mlp", "credit_g"), ("nas", "imagenet"))
ONCE_HELD_OUT = (
    "rosenbrock4",
    "levy8",
    "michalewicz5",
    "hartmann3 among ten",
    "valley",
    "conditional",
    "mlp blood_transfusion",
    "mlp credit_g",
    "nas imagenet",
    "curves parity",
)
HELD_OUT_SEEDS = 2000
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
        Classic("rosenbrock4", [UNIT] * 4, rosenbrock4, noise=0.2),
        Classic("levy8", [UNIT] * 8, levy8, noise=1.0),
        Classic("michalewicz5", [UNIT] * 5, michalewicz5, noise=0.05),
        Classic("hartmann3 among ten", [UNIT] * 10, hartmann3_among_ten, noise=0.1),
        ValleySurface(),
        ConditionalSurface(),
    )


@cache
def held_out_formulas() -> tuple[Objective, ...]:
    """Return the formulas of the held-out half."""
    return Classic("styblinski6", [UNIT] * 6, styblinski6, noise=8.0), Terraces(), NoisyDescent(), FourOfTwelve()


@cache
def tuned_curves() -> tuple[CurveSurface, ...]:
    """Return the surfaces of real trainings of the tuned half."""
    return CurveSurface("digits"), CurveSurface("hard_digits"), CurveSurface("parity")


@cache
def held_out_curves() -> tuple[CurveSurface, ...]:
    """Return the surfaces of real trainings of the held-out half."""
    return CurveSurface("tumours"), CurveSurface("spirals"), CurveSurface("rare")


@cache
def tuned() -> Sequence[Objective]:
    """Return the 30 objectives of the tuned half."""
    return *tuned_formulas(), *(Table(*table) for table in (*TUNED_TABLES, *LATER_TABLES)), *tuned_curves()


@cache
def held_out() -> Sequence[Objective]:
    """Return the 14 objectives of the held-out half; those of `models.py` need scikit-learn to give values."""
    return *held_out_formulas(), *trained_models(), *held_out_curves()
