"""The small part of the benchmark of the search: formulas and stored curves, a few seeds, wide margins.

The whole of it, with rivals, tables and standard errors, is `tests/benchmarks/search_quality.py`.
"""

from __future__ import annotations

import math
from statistics import fmean

import pytest
from quality import figures, halves, own

from hpsearch.search.settings import Method

SEEDS = range(5)


def test_coarse_to_fine_beats_random_search_and_the_box_round_the_best_point() -> None:
    def regrets(method: Method) -> list[float]:
        pairs = [(objective, seed) for objective in halves.tuned_formulas() for seed in SEEDS]
        return [own.by_trials(objective, seed, [60], method)[60] for objective, seed in pairs]

    found, random, zoom = regrets("coarse-to-fine"), regrets("random"), regrets("zoom")
    assert fmean(found) < 0.6 * fmean(random)
    assert fmean(found) < 0.85 * fmean(zoom)
    assert fmean(a < b for a, b in zip(found, random, strict=True)) > 0.65


def test_early_stopping_beats_full_trainings_that_cost_as_much() -> None:
    def regrets(method: Method, *, stopping: bool) -> list[float]:
        search = own.by_epochs if stopping else own.by_trials
        return [search(surface, seed, [20], method)[20] for surface in halves.tuned_curves() for seed in SEEDS]

    stopped = fmean(regrets("coarse-to-fine", stopping=True))
    assert stopped < 0.8 * fmean(regrets("random", stopping=False))
    assert stopped < fmean(regrets("coarse-to-fine", stopping=False))


def test_a_search_in_pure_noise_does_not_collapse() -> None:
    assert figures.spread_in_noise(seeds=8).value > 0.65


def test_an_optimum_in_a_corner_is_reached() -> None:
    assert figures.median_in_corner(seeds=7) < 0.01


def test_confirmation_finds_a_better_leader_than_the_luckiest() -> None:
    noisy = [objective for objective in halves.tuned_formulas() if objective.name in figures.CONFIRMED]
    before, after = figures.regret_among_leaders(noisy, seeds=8)
    assert after.value < 0.7 * before.value


def test_an_observation_belongs_to_objective_seed_and_count() -> None:
    for objective in (halves.tuned_formulas()[5], halves.tuned_curves()[0]):
        params = objective.space.decode([0.3] * objective.space.dimensions)
        assert objective.observe(params, 4, 7) == objective.observe(params, 4, 7)
        assert len({objective.observe(params, seed, count) for seed in range(3) for count in range(3)}) == 9
        noise = fmean(objective.observe(params, 0, count) for count in range(400)) - objective.value(params)
        assert abs(noise) < 0.15 * objective.value(params)


def test_the_classics_have_their_least_value_where_the_literature_has_it() -> None:
    branin, hartmann6, *_ = halves.tuned_formulas()
    assert branin.regret({"x0": (math.pi + 5) / 15, "x1": 2.275 / 15}) == pytest.approx(0, abs=1e-6)
    at = (0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573)
    assert hartmann6.regret({f"x{j}": x for j, x in enumerate(at)}) == pytest.approx(0, abs=1e-5)


def test_no_point_is_better_than_the_optimum_on_record() -> None:
    import numpy as np

    rng = np.random.default_rng(3)
    for objective in (*halves.tuned_formulas(), *halves.held_out_formulas(), *halves.tuned_curves()):
        values = objective.values(objective.rows(rng.random((300, objective.space.dimensions))))
        assert values.min() >= objective.optimum
        assert np.median(values) == pytest.approx(objective.median, rel=0.35)
