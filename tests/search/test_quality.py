"""The small part of the benchmark of the search: formulas and stored curves, a few seeds, wide margins.

The whole of it, with rivals, tables and standard errors, is `tests/benchmarks/search_quality.py`.
"""

from __future__ import annotations

import math
from statistics import fmean

import numpy as np
import pytest
from quality import figures, halves, own
from quality.checks import faults
from quality.landscapes import FourOfTwelve, NoisyDescent, Terraces
from quality.methods import METHODS
from quality.models import trained_models
from quality.objectives import Array, Objective
from quality.trained import WORST, Data, TrainedModel

from hpsearch.search.settings import Method
from hpsearch.space.parameters import Choice, Real, Whole
from hpsearch.space.search_space import Entry
from hpsearch.trial import Value

SEEDS = range(5)


@pytest.mark.slow
def test_coarse_to_fine_beats_random_search_and_the_box_round_the_best_point() -> None:
    def regrets(method: Method) -> list[float]:
        pairs = [(objective, seed) for objective in halves.tuned_formulas() for seed in SEEDS]
        return [own.by_trials(objective, seed, [60], method)[60] for objective, seed in pairs]

    found, random, zoom = regrets("coarse-to-fine"), regrets("random"), regrets("zoom")
    assert fmean(found) < 0.7 * fmean(random)
    assert fmean(found) < 0.95 * fmean(zoom)
    assert fmean(a < b for a, b in zip(found, random, strict=True)) > 0.65


@pytest.mark.slow
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


@pytest.mark.slow
def test_the_confirmed_leader_of_a_noisy_search_is_nearly_the_best_of_the_leaders() -> None:
    noisy = [objective for objective in halves.tuned_formulas() if objective.name in figures.CONFIRMED]
    _, confirmed = figures.regret_among_leaders(noisy, seeds=8)
    assert confirmed.value < 0.02


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


CHEAP = (*halves.tuned_formulas(), *halves.held_out_formulas(), *halves.tuned_curves(), *halves.held_out_curves())


@pytest.mark.parametrize("objective", CHEAP, ids=lambda objective: objective.name)
def test_an_objective_is_what_it_should_be(objective: Objective) -> None:
    assert list(faults(objective, 100)) == []
    points = np.random.default_rng(3).random((300, objective.space.dimensions))
    assert np.median(objective.values(objective.rows(points))) == pytest.approx(objective.median, rel=0.35)


def test_what_was_held_out_once_is_tuned_on_and_nothing_is_in_both_halves() -> None:
    tuned = {objective.name for objective in (*halves.tuned_formulas(), *halves.tuned_curves())}
    tuned |= {f"{family} {dataset}" for family, dataset in (*halves.TUNED_TABLES, *halves.LATER_TABLES)}
    held_out = [objective.name for objective in halves.held_out()]
    assert len(tuned) == 30
    assert tuned > set(halves.ONCE_HELD_OUT)
    assert len(set(held_out)) == len(held_out) == 14
    assert not tuned & set(held_out)


def test_the_steps_are_flat_and_lead_to_the_optimum() -> None:
    terraces = Terraces()
    params: dict[str, Value] = {"x0": 0.77, "x1": 0.34, "x2": 18, "x3": "option 3", "x4": 0.1}
    assert terraces.regret(params) == 0
    assert terraces.value(params | {"x0": 0.775, "x4": 0.9}) == terraces.value(params)
    assert terraces.regret(params | {"x0": 0.0}) == 1


def test_a_descent_that_diverges_is_seen_as_infinite_and_worth_its_start() -> None:
    descent = NoisyDescent()
    params: dict[str, Value] = {"momentum": 0.9, "decay": 0.01, "batch_size": 32, "l2": 1e-5, "warm_up": 4}
    good, wild = ({**params, "schedule": "exponential", "learning_rate": rate} for rate in (0.3, 9.0))
    assert descent.value(good) < 0.1 * descent.START
    assert (descent.value(wild), descent.observe(wild, 0, 0)) == (descent.START, math.inf)


def test_four_of_twelve_parameters_matter() -> None:
    objective = FourOfTwelve()
    points = np.random.default_rng(5).random((50, 12))
    values = objective.values(objective.rows(points))
    for j in range(12):
        moved = points.copy()
        moved[:, j] = 1 - points[:, j]
        assert np.array_equal(objective.values(objective.rows(moved)), values) == (j >= 4)


class Guess:
    """Tells every row the same number."""

    def __init__(self, number: float) -> None:
        self.number, self.trained = number, 0

    def fit(self, inputs: Array, targets: Array) -> Guess:
        self.trained += 1
        return self

    def predict(self, inputs: Array) -> Array:
        return np.full(len(inputs), self.number)


def trained_guess(data: Data, guess: Guess) -> TrainedModel:
    entries = {
        "kind": Entry(Choice(["a", "b"])),
        "rate": Entry(Real(1e-3, 1, "log"), when={"kind": ("b",)}),
        "trees": Entry(Whole(1, 9)),
    }
    return TrainedModel("guess", entries, lambda _params, _seed: guess, lambda: data, floor=0.01)


def test_a_trained_model_is_judged_on_rows_that_it_has_not_seen_and_its_value_is_kept() -> None:
    classes = np.arange(60) % 3
    guess = Guess(1)
    objective = trained_guess(Data(np.zeros((60, 2)), classes, 30, 30), guess)
    params = objective.space.decode([0.9, 0.5, 0.5])
    assert objective.observe(params, 0, 0) == objective.observe(params, 0, 0)
    assert len({objective.observe(params, 0, count) for count in range(12)}) > 3
    before = guess.trained
    assert objective.value(params) == objective.value(dict(params)) == pytest.approx(2 / 3, abs=0.05)
    assert guess.trained == before + 25


def test_a_number_that_comes_to_nothing_is_as_bad_as_any() -> None:
    data = Data(np.zeros((40, 2)), np.linspace(-1, 1, 40), 20, 20)
    params: dict[str, Value] = {"kind": "a", "trees": 1}
    assert trained_guess(data, Guess(math.nan)).value(params) == trained_guess(data, Guess(50.0)).value(params) == WORST
    assert trained_guess(data, Guess(0.0)).value(params) == pytest.approx(1, abs=0.1)


def test_params_of_models_come_back_from_their_rows() -> None:
    for objective in trained_models():
        for point in np.random.default_rng(6).random((30, objective.space.dimensions)).tolist():
            params = objective.space.decode(point)
            back = objective.params(objective.row(params))
            assert (back, [type(back[name]) for name in params]) == (params, [type(value) for value in params.values()])
            assert {name for name in params if name in objective.space.active(params)} == set(params)


def test_regrets_of_random_search_stay_on_file_when_a_constant_is_changed() -> None:
    random, own_search = METHODS["random"], METHODS["coarse-to-fine"]
    assert random.version(["region.MOVED_SHARE=0.5"]) == random.version() != own_search.version()
    assert own_search.version(["region.MOVED_SHARE=0.5"]) != own_search.version()
