from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from hpsearch.search.importance import Importance, importances, stands_out
from hpsearch.space.parameters import Choice, Domain, Real, Whole
from hpsearch.space.search_space import Entry, SearchSpace

Floats = NDArray[np.float64]

UNIT = Real(0, 1)


def space_of(**domains: Domain) -> SearchSpace:
    return SearchSpace({name: Entry(domain) for name, domain in domains.items()})


THREE = space_of(a=UNIT, b=UNIT, c=UNIT)


def random_points(space: SearchSpace, n: int) -> Floats:
    return np.random.default_rng(3).random((n, space.dimensions))


def shares(space: SearchSpace, loss: Callable[[Floats], Floats], n: int = 120) -> dict[str, Importance]:
    """Importance from n random points; `loss` takes their coordinates, transposed (d, n)."""
    points = random_points(space, n)
    return {found.name: found for found in importances(space, points, loss(points.T))}


def test_the_parts_of_a_sum_have_main_effects_in_proportion_to_their_variances() -> None:
    found = shares(THREE, lambda x: 3 * x[0] + x[2])
    assert found["a"].main_effect == pytest.approx(0.9, abs=0.05)
    assert found["c"].main_effect == pytest.approx(0.1, abs=0.05)
    assert found["b"].main_effect < 0.01


def test_local_importance_is_in_proportion_to_what_a_redraw_costs() -> None:
    found = shares(THREE, lambda x: 3 * (x[0] - 0.5) ** 2 + (x[2] - 0.5) ** 2)
    assert found["a"].local == pytest.approx(0.75, abs=0.08)
    assert found["c"].local == pytest.approx(0.25, abs=0.08)
    assert math.fsum(one.local for one in found.values()) == pytest.approx(1)


def test_an_interaction_has_no_main_effects_but_is_felt_locally() -> None:
    found = shares(THREE, lambda x: (x[0] - 0.5) * (x[1] - 0.5))
    assert all(one.main_effect < 0.05 for one in found.values())
    assert found["a"].local > 0.3
    assert found["b"].local > 0.3
    assert found["c"].local < 0.05


def test_what_only_tells_the_very_bad_apart_does_not_matter() -> None:
    found = shares(THREE, lambda x: np.where(x[0] > 0.95, 5 + 100 * x[1], x[2]), n=200)
    assert found["b"].main_effect < 0.01
    assert found["b"].local < 0.01


def test_what_counts_far_from_the_best_only_has_a_main_effect() -> None:
    found = shares(THREE, lambda x: x[0] + 2 * np.maximum(x[0] - 0.3, 0) * x[1], n=200)
    assert found["b"].main_effect > 0.02
    assert found["b"].local < found["b"].main_effect / 2


@pytest.mark.parametrize(("domain", "levels"), [(Choice(["x", "y", "z"]), 3), (Whole(1, 4), 4), (Choice([True, False]), 2)])
def test_levels_matter_as_numbers_do(domain: Domain, levels: int) -> None:
    space = space_of(a=UNIT, level=domain, b=UNIT)
    effects = {2: np.array([0.0, 1.0]), 3: np.array([0.0, 1.0, 0.5]), 4: np.array([0.0, 3.0, 1.0, 2.0]) / 3}[levels]
    found = shares(space, lambda x: effects[(x[1] * levels).astype(int)] + x[0])
    ratio = float(effects.var() / (effects.var() + 1 / 12))
    assert found["level"].main_effect == pytest.approx(ratio, abs=0.05)
    assert found["a"].main_effect == pytest.approx(1 - ratio, abs=0.05)
    assert found["b"].local < 0.02


def test_whole_numbers_on_a_log_scale_are_taken_as_often_as_they_are_drawn() -> None:
    space = space_of(units=Whole(1, 3, "log"), b=UNIT)
    points = random_points(space, 150)
    units = np.array([space.decode(point)["units"] for point in points.tolist()], float)
    drawn = [space.decode((u, 0.5))["units"] == 1 for u in (np.arange(6000) + 0.5) / 6000]
    p = float(np.mean(drawn))
    found = importances(space, points, (units == 1) + points[:, 1])
    assert found[0].main_effect == pytest.approx(p * (1 - p) / (p * (1 - p) + 1 / 12), abs=0.05)


def test_a_conditional_parameter_matters_where_it_counts_only() -> None:
    space = SearchSpace(
        {
            "optimizer": Entry(Choice(["sgd", "momentum", "adam", "other"])),
            "momentum": Entry(UNIT, when={"optimizer": ("momentum",)}),
            "free": Entry(UNIT),
        }
    )
    found = shares(space, lambda x: np.where((x[0] * 4).astype(int) == 1, x[1], 0.5) + x[2], n=300)
    assert 0 < found["momentum"].main_effect < found["free"].main_effect / 4
    found = shares(space, lambda x: x[2])
    assert found["momentum"].main_effect < 0.01


@pytest.mark.parametrize("slope", [0.0, 0.1])
def test_infinite_losses_count_as_bad(slope: float) -> None:
    found = shares(THREE, lambda x: np.where(x[1] > 0.6, np.inf, 0.3 + slope * x[2] ** 2))
    assert max(found.values(), key=lambda one: one.main_effect).name == "b"


@pytest.mark.parametrize("losses", [[2.0], [2.0, 2.0, 2.0], [2.0, math.inf]])
def test_too_little_to_go_by_gives_shares_and_no_fault(losses: Sequence[float]) -> None:
    points = random_points(THREE, len(losses))
    for one in importances(THREE, points, np.array(losses)):
        assert 0 <= one.main_effect <= 1
        assert 0 <= one.local <= 1


def test_equal_losses_make_nothing_important() -> None:
    assert shares(THREE, lambda x: np.full(x.shape[1], 0.3)) == {name: Importance(name, 0, 0) for name in "abc"}


@pytest.mark.parametrize("level", [0.3, 1.0, 0.0])
def test_what_rounding_leaves_of_equal_losses_makes_nothing_important(level: float) -> None:
    found = shares(THREE, lambda x: level + 1e-15 * np.round(3 * x[0]))
    assert found == {name: Importance(name, 0, 0) for name in "abc"}


def test_losses_that_are_equal_but_for_rounding_are_better_than_infinite_ones() -> None:
    found = shares(THREE, lambda x: np.where(x[1] > 0.6, np.inf, 0.3 + 1e-16 * x[0]))
    assert max(found.values(), key=lambda one: one.main_effect).name == "b"


@pytest.mark.parametrize("trials", [15, 20, 50, 100])
def test_in_noise_no_parameter_stands_out(trials: int) -> None:
    space = space_of(a=UNIT, b=Whole(1, 4), c=Choice(["x", "y"]), d=UNIT)
    generator = np.random.default_rng(trials)
    noise = [(generator.random((trials, 4)), generator.standard_normal(trials)) for _ in range(40)]
    assert sum(stands_out(space, points, losses) for points, losses in noise) <= 2


@pytest.mark.parametrize("losses", [[0.3] * 30, [0.3 + 1e-16 * k for k in range(30)], [0.3], [2.0, math.inf]])
def test_in_losses_that_are_equal_or_too_few_no_parameter_stands_out(losses: Sequence[float]) -> None:
    assert not stands_out(THREE, random_points(THREE, len(losses)), np.array(losses))


@pytest.mark.parametrize(
    "loss",
    [
        lambda x: x[0],
        lambda x: (x[0] - 0.5) ** 2 + (x[1] - 0.2) ** 2,
        lambda x: np.where(x[0] > 0.6, np.inf, 1.0),
        lambda x: x[2] + 0.3 * np.sin(1e4 * x[0]),
    ],
)
def test_what_follows_a_parameter_stands_out_in_thirty_trials(loss: Callable[[Floats], Floats]) -> None:
    points = random_points(THREE, 30)
    assert stands_out(THREE, points, loss(points.T))
    assert stands_out(THREE, points[::-1], loss(points.T)[::-1])


def test_a_single_parameter_is_all_that_matters() -> None:
    (found,) = importances(space_of(a=UNIT), np.linspace(0, 1, 40)[:, None], np.linspace(0, 1, 40) ** 2)
    assert found.main_effect == pytest.approx(1, abs=0.02)
    assert found.local == 1


def test_the_order_of_the_trials_changes_no_bit_nor_does_asking_again() -> None:
    points = random_points(THREE, 80)
    losses = np.sin(4 * points[:, 0]) + points[:, 1]
    found = importances(THREE, points, losses)
    assert importances(THREE, points, losses) == found
    assert importances(THREE, points[::-1], losses[::-1]) == found


def test_of_thousands_of_trials_the_model_sees_some() -> None:
    found = shares(THREE, lambda x: x[1] + 0.2 * x[0], n=5_000)
    assert [one.name for one in found.values()] == ["a", "b", "c"]
    assert found["b"].main_effect > 0.85


def noisy(n: int, seed: int) -> list[Importance]:
    """Importance from n random points, in which two parameters make a difference and so does chance."""
    generator = np.random.default_rng(seed)
    points = generator.random((n, 3))
    return importances(THREE, points, 3 * points[:, 0] + 1.5 * points[:, 2] + 0.5 * generator.standard_normal(n))


def test_with_more_trials_the_errors_are_smaller() -> None:
    few, many = ([found for seed in range(4) for found in noisy(n, seed)] for n in (40, 160))
    for error in ("main_error", "local_error"):
        assert np.mean([getattr(one, error) for one in many]) < 0.7 * np.mean([getattr(one, error) for one in few])


def test_the_truth_is_within_two_standard_errors_in_most_searches_and_within_one_in_many() -> None:
    # The variances of 3 a and 1.5 c are 4 to 1; a share of their ranks is a little less, found from noiseless points.
    truth = importances(THREE, points := random_points(THREE, 400), 3 * points[:, 0] + 1.5 * points[:, 2])
    off = [
        ((one.main_effect - true.main_effect) / one.main_error, (one.local - true.local) / one.local_error)
        for seed in range(20)
        for one, true in list(zip(noisy(60, seed), truth, strict=True))[::2]
    ]
    within = [(np.abs(off).reshape(20, 4) <= errors).sum(axis=0).min() for errors in (1, 2)]
    assert within[0] >= 8
    assert within[1] >= 15


def test_too_few_trials_have_no_errors() -> None:
    found = shares(THREE, lambda x: x[0], n=9)
    assert all(math.isnan(error) for one in found.values() for error in (one.main_error, one.local_error))
