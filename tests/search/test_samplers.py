from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import product
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from played import FINITE, MIXED, cube, trials_of, tried

from hpsearch.errors import MissingExtra, UsageError
from hpsearch.search.region import Candidates
from hpsearch.search.samplers import Drawn, Grid, Sampler, Sobol, Untried
from hpsearch.seeds import Streams
from hpsearch.space.parameters import Choice, Real, Whole
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.trial import DRAWN, History, Origin, Trial, TrialRecord, Value


def as_history(trials: Sequence[Trial]) -> History:
    return {trial.number: TrialRecord(trial, 1) for trial in trials}


def combinations(trials: Sequence[Trial]) -> list[str]:
    return [repr(trial.params) for trial in trials]


def proposed(sampler: Sampler, *ends: int) -> list[Trial]:
    """Return the trials up to the last of these numbers, asked for in so many parts."""
    trials: list[Trial] = []
    for end in ends:
        trials += sampler.propose(0, range(len(trials), end), as_history(trials))
    return trials


def point_of(streams: Streams, stage: int, number: int, dimensions: int) -> tuple[float, ...]:
    """Return the point that a trial of a stage draws from the whole space."""
    space = cube(dimensions)
    (trial,) = Drawn(space, streams).explorers(stage, range(number, number + 1), Untried(space, {}))
    return trial.point


def test_a_point_is_the_beginning_of_the_stream_named_points_stage_number() -> None:
    sequence = np.random.SeedSequence(7, spawn_key=(1, 2, 3))
    assert point_of(Streams(7), 2, 3, 4) == tuple(np.random.default_rng(sequence).random(4).tolist())


def test_the_points_of_a_seed_never_change() -> None:
    assert point_of(Streams(0), 0, 0, 3) == (0.4530936025482247, 0.48013813036459496, 0.1350297113605885)
    assert point_of(Streams(0), 0, 1, 2) == (0.8920319623468619, 0.23581966092628293)


@given(seed=st.integers(0, 2**64), stage=st.integers(0, 9), number=st.integers(0, 10**6), dimensions=st.integers(1, 30))
def test_a_point_lies_in_the_unit_cube_and_comes_again(seed: int, stage: int, number: int, dimensions: int) -> None:
    point = point_of(Streams(seed), stage, number, dimensions)
    assert len(point) == dimensions
    assert all(type(u) is float and 0 <= u < 1 for u in point)
    assert point_of(Streams(seed), stage, number, dimensions) == point


def test_a_further_parameter_leaves_the_coordinates_before_it_alone() -> None:
    assert point_of(Streams(3), 0, 5, 6)[:4] == point_of(Streams(3), 0, 5, 4)


def test_points_of_other_numbers_stages_and_seeds_are_others() -> None:
    points = {point_of(Streams(s), stage, n, 2) for s in range(5) for stage in range(5) for n in range(20)}
    assert len(points) == 500


def test_the_coordinates_are_uniform_and_independent() -> None:
    points = np.array([point_of(Streams(11), 0, number, 3) for number in range(4000)])
    counts = np.stack([np.histogram(column, bins=10, range=(0, 1))[0] for column in points.T])
    chi_squared = ((counts - 400) ** 2 / 400).sum(axis=1)
    assert (chi_squared < 27.9).all()  # the 0.999 quantile for 9 degrees of freedom
    correlations = np.corrcoef(np.vstack([points.T, points[:, 0][np.r_[1:4000, 0]]]))
    assert np.abs(correlations - np.eye(4)).max() == pytest.approx(0, abs=0.055)


def test_a_drawn_trial_has_its_own_point_and_the_params_that_the_space_decodes_there() -> None:
    for trial in Drawn(MIXED, Streams(4)).propose(0, range(3, 20), {}):
        assert trial.point == point_of(Streams(4), 0, trial.number, 4)
        assert trial.params == MIXED.decode(trial.point)
        assert (trial.stage, trial.origin) == (0, DRAWN)


@pytest.mark.parametrize("space", [MIXED, FINITE])
def test_drawn_trials_are_the_same_however_many_are_asked_for_and_when(space: SearchSpace) -> None:
    drawn = Drawn(space, Streams(2), [{"optimizer": "adam"}])
    assert proposed(drawn, 40) == proposed(drawn, 1, 15, 40) == proposed(drawn, 50)[:40]


def test_an_explorer_is_drawn_from_its_own_stages_stream() -> None:
    (explorer,) = Drawn(MIXED, Streams(4)).explorers(3, range(9, 10), Untried(MIXED, {}))
    assert explorer == Trial(9, 3, point_of(Streams(4), 3, 9, 4), explorer.params, Origin("explorer"))


def test_the_users_own_points_come_first_and_what_they_leave_open_is_drawn() -> None:
    start: list[Mapping[str, Value]] = [{"learning_rate": 0.01, "optimizer": "momentum", "momentum": 0.99}, {}]
    first, second, third = Drawn(MIXED, Streams(1), start).propose(0, range(3), {})
    assert first.params["learning_rate"] == pytest.approx(0.01)
    assert first.params["momentum"] == pytest.approx(0.99)
    assert first.point[3] == point_of(Streams(1), 0, 0, 4)[3]
    assert second.point == point_of(Streams(1), 0, 1, 4)
    assert [trial.origin.kind for trial in (first, second, third)] == ["start", "start", "drawn"]
    assert third == Drawn(MIXED, Streams(1)).propose(0, range(3), {})[2]


def test_the_users_own_points_are_tried_though_they_are_the_same() -> None:
    space = SearchSpace({"n": Entry(Whole(1, 4))})
    trials = Drawn(space, Streams(0), [{"n": 2}, {"n": 2}]).propose(0, range(10), {})
    assert [trial.params["n"] for trial in trials[:2]] == [2, 2]
    assert sorted(combinations(trials[2:])) == ["{'n': 1}", "{'n': 3}", "{'n': 4}"]


@pytest.mark.parametrize("seed", range(3))
def test_a_finite_space_is_drawn_completely_and_no_combination_twice(seed: int) -> None:
    trials = Drawn(FINITE, Streams(seed), [{"hidden_layers": 2}]).propose(0, range(100), {})
    assert len(trials) == len(set(combinations(trials))) == 56
    assert [trial.number for trial in trials] == list(range(56))
    assert all(trial.params == FINITE.decode(trial.point) for trial in trials)


def test_explorers_avoid_what_was_tried_before_and_end_when_all_was() -> None:
    trials = Drawn(FINITE, Streams(0)).propose(0, range(50), {})
    explorers = Drawn(FINITE, Streams(0)).explorers(1, range(50, 80), Untried(FINITE, as_history(trials)))
    assert len(explorers) == 6
    assert len(set(combinations([*trials, *explorers]))) == 56


def test_true_and_1_are_two_values() -> None:
    space = SearchSpace({"x": Entry(Choice([1, True, 0, False]))})
    values = [trial.params["x"] for trial in Drawn(space, Streams(0)).propose(0, range(9), {})]
    assert sorted(map(repr, values)) == ["0", "1", "False", "True"]


def test_lists_of_widths_are_values_like_others() -> None:
    space = SearchSpace({"hidden_units": Entry(Choice([[64, 32], [128]]))})
    assert len(Drawn(space, Streams(0)).propose(0, range(9), {})) == 2


def test_a_combination_can_be_taken_once_and_not_at_all_if_it_was_tried() -> None:
    space = SearchSpace({"n": Entry(Whole(1, 4))})
    untried = Untried(space, tried([(0.1,)], [1.0], space))
    assert [untried.take({"n": n}) for n in (1, 2, 2, 3)] == [False, True, False, True]
    generator = np.random.default_rng(0)
    drawn = untried.draw(generator)
    assert drawn is not None
    assert drawn[1] == space.decode(drawn[0]) == {"n": 4}
    assert untried.draw(generator) is None


def test_of_candidates_each_untried_combination_is_kept_once_and_not_taken() -> None:
    space = SearchSpace({"n": Entry(Whole(1, 4))})
    untried = Untried(space, tried([(0.1,)], [1.0], space))
    candidates = Candidates(np.array([[0.2], [0.3], [0.4], [0.9]]), np.array([5, 6, 7, 8]))
    kept = untried.only(candidates)
    assert (kept.points.tolist(), kept.elites.tolist()) == ([[0.3], [0.9]], [6, 8])
    assert untried.take({"n": 2})
    assert untried.only(Candidates(np.array([[0.2]]), np.array([5]))).points.shape == (0, 1)


def test_where_a_parameter_is_continuous_everything_that_is_drawn_counts_as_untried() -> None:
    untried = Untried(MIXED, tried([(0.5,) * 4], [1.0], MIXED))
    assert all(untried.take(MIXED.decode((0.5,) * 4)) for _ in range(2))
    point = tuple(np.random.default_rng(0).random(4).tolist())
    assert untried.draw(np.random.default_rng(0)) == (point, MIXED.decode(point))


def test_where_conditions_leave_no_continuous_parameter_candidates_do_not_repeat_what_was_tried() -> None:
    """With `b` the continuous parameter counts, with `a` it does not."""
    space = SearchSpace({"kind": Entry(Choice(["a", "b"])), "x": Entry(Real(0, 1), when={"kind": ("b",)})})
    untried = Untried(space, tried([(0.25, 0.5)], [1.0], space))
    points = np.array([[0.25, 0.1], [0.75, 0.5], [0.25, 0.9], [0.75, 0.6]])
    assert untried.only(Candidates(points, np.zeros(4, int))).points.tolist() == [[0.75, 0.5], [0.75, 0.6]]


def test_a_candidate_that_is_nothing_but_a_copy_does_not_count_as_untried() -> None:
    """A step of a whole number may end on its level, and a choice be drawn as it was."""
    space = SearchSpace({"x": Entry(Real(0, 1)), "layers": Entry(Whole(1, 3))})
    untried = Untried(space, tried([(0.5, 0.5)], [1.0], space))
    points = np.array([[0.5, 0.6], [0.5, 0.7], [0.4, 0.5]])
    assert untried.only(Candidates(points, np.zeros(3, int))).points.tolist() == [[0.5, 0.7], [0.4, 0.5]]


def grid(space: SearchSpace, trials: int, start: Sequence[Mapping[str, Value]] = ()) -> list[Trial]:
    return Grid(space, trials, Drawn(space, Streams(0), start)).propose(0, range(trials + len(start)), {})


@pytest.mark.parametrize(
    ("space", "trials", "values"),
    [
        (cube(2), 16, (4, 4)),
        (cube(2), 15, (5, 3)),
        (cube(2), 1, (1, 1)),
        (cube(3), 40, (4, 3, 3)),
        (cube(1), 7, (7,)),
        (cube(14), 100, (3,) + (2,) * 5 + (1,) * 8),
        (MIXED, 60, (4, 2, 4, 3)),
    ],
)
def test_as_many_values_of_each_parameter_as_fit_make_a_grid(
    space: SearchSpace, trials: int, values: tuple[int, ...]
) -> None:
    assert Grid(space, trials, Drawn(space, Streams(0))).values == values


def test_the_values_stand_at_the_middles_of_equal_parts() -> None:
    trials = grid(cube(2), 6)
    assert [trial.point for trial in trials] == list(product([1 / 6, 0.5, 5 / 6], [0.25, 0.75]))
    assert {trial.origin for trial in trials} == {Origin("grid")}
    assert [trial.number for trial in trials] == list(range(6))


def test_a_grid_of_all_levels_has_each_of_them_on_every_scale() -> None:
    space = SearchSpace({"n": Entry(Whole(1, 4, "log")), "rate": Entry(Real(0.1, 0.4, "log", step=0.1))})
    params = [trial.params for trial in grid(space, 16)]
    assert params == [{"n": n, "rate": rate} for n, rate in product([1, 2, 3, 4], [0.1, 0.2, 0.3, 0.4])]


def test_combinations_that_differ_in_what_does_not_count_stand_in_a_grid_once() -> None:
    trials = grid(FINITE, 1000)
    assert len(trials) == len(set(combinations(trials))) == 56


OPTIMIZERS = {
    "learning_rate": Entry(Real(1e-4, 1, "log")),
    "optimizer": Entry(Choice(["adam", "momentum", "sgd"])),
    "momentum": Entry(Real(0.9, 0.999, "1-beta"), when={"optimizer": ("momentum",)}),
}


def test_a_grid_counts_a_combination_once_whatever_does_not_count_in_it() -> None:
    """Adam and sgd with each learning rate, and momentum with each of its values."""
    space = SearchSpace(OPTIMIZERS)
    laid_out = Grid(space, 30, Drawn(space, Streams(0)))
    assert laid_out.values == (5, 3, 4)
    assert laid_out.most == 5 * (2 + 4) == len(grid(space, 100)[:30]) == len({repr(t.params) for t in grid(space, 30)})


@pytest.mark.parametrize("space", [FINITE, MIXED, SearchSpace(OPTIMIZERS), SearchSpace({"n": Entry(Whole(1, 8, "log"))})])
def test_a_grid_has_as_many_trials_as_it_says_and_that_many_give_the_same_one(space: SearchSpace) -> None:
    for trials in range(1, 70):
        most = Grid(space, trials, Drawn(space, Streams(0))).most
        params = [repr(trial.params) for trial in grid(space, trials)]
        assert len(params) == len(set(params)) == most <= trials
        assert params == [repr(trial.params) for trial in grid(space, most)]


def test_a_large_grid_of_many_conditions_is_counted_and_not_gone_through() -> None:
    """Of 21 parameters two count at a time; 3 ** 20 combinations would be too many to go through."""
    arms = {f"x{k}": Entry(Real(0, 1), when={"arm": (k,)}) for k in range(20)}
    space = SearchSpace({"arm": Entry(Whole(0, 19)), **arms})
    laid_out = Grid(space, 10_000, Drawn(space, Streams(0)))
    assert laid_out.values == (20, *(500,) * 20)
    assert laid_out.most == 10_000


@pytest.mark.parametrize("space", [FINITE, MIXED, SearchSpace(OPTIMIZERS)])
def test_a_sample_of_a_grid_has_each_of_its_combinations_as_often_as_any_other(space: SearchSpace) -> None:
    sampler = Grid(space, 30, Drawn(space, Streams(0)))
    drawn = Counter(map(repr, sampler.sample(2000)))
    assert drawn.keys() == {repr(trial.params) for trial in grid(space, 30)}
    share = 2000 / sampler.most
    assert max(abs(count - share) for count in drawn.values()) < 5 * share**0.5
    assert sampler.sample(20) == sampler.sample(2000)[:20]


def test_of_a_grid_only_what_is_asked_for_is_laid_out() -> None:
    """A million values of each of two parameters would take seconds."""
    space = SearchSpace({"n": Entry(Whole(1, 10**6)), "m": Entry(Whole(1, 10**6))})
    with patch.object(Whole, "index", side_effect=Whole.index, autospec=True) as calls:
        laid_out = Grid(space, 10**6, Drawn(space, Streams(0)))
        assert (laid_out.most, laid_out.values) == (10**6, (1000, 1000))
        assert len(laid_out.propose(0, range(10), {})) == 10
    assert calls.call_count < 100


def test_a_grid_can_be_asked_for_in_parts_and_ends() -> None:
    sampler = Grid(cube(2), 10, Drawn(cube(2), Streams(0)))
    assert len(proposed(sampler, 10)) == 10 - 1
    assert proposed(sampler, 4, 7, 30) == proposed(sampler, 9)


def test_the_users_own_points_come_before_the_grid() -> None:
    start: list[Mapping[str, Value]] = [{"x0": 0.7, "x1": 0.7}, {"x0": 0.2, "x1": 0.7}]
    trials = grid(cube(2), 4, start)
    assert [trial.point for trial in trials[:2]] == [(0.7, 0.7), (0.2, 0.7)]
    assert [trial.point for trial in trials[2:]] == [trial.point for trial in grid(cube(2), 4)]
    assert [trial.number for trial in trials] == list(range(6))
    sampler = Grid(cube(2), 4, Drawn(cube(2), Streams(0), start))
    assert proposed(sampler, 1, 3, 6) == trials


def sobol(space: SearchSpace, seed: int = 0, start: Sequence[Mapping[str, Value]] = ()) -> Sobol:
    return Sobol(space, Streams(seed), Drawn(space, Streams(seed), start))


def test_sobol_points_are_the_same_however_many_are_asked_for_and_when() -> None:
    trials = proposed(sobol(MIXED), 50)
    assert trials == proposed(sobol(MIXED), 1, 2, 19, 50) == proposed(sobol(MIXED), 64)[:50]
    assert all(trial.params == MIXED.decode(trial.point) for trial in trials)
    assert {trial.origin for trial in trials} == {Origin("sobol")}


def test_sobol_points_fill_the_cube_evenly() -> None:
    points = np.array([trial.point for trial in proposed(sobol(cube(5)), 64)])
    for column in points.T:
        assert (np.histogram(column, bins=64, range=(0, 1))[0] == 1).all()
    assert proposed(sobol(cube(5), seed=1), 1) != proposed(sobol(cube(5)), 1)


def test_the_users_own_points_take_the_place_of_the_first_sobol_points() -> None:
    own = proposed(sobol(cube(2), start=[{"x0": 0.7}]), 5)
    assert own[0].origin == Origin("start")
    assert own[0].point == (0.7, point_of(Streams(0), 0, 0, 2)[1])
    assert own[1:] == proposed(sobol(cube(2)), 5)[1:]
    assert proposed(sobol(cube(2), start=[{"x0": 0.7}] * 3), 2, 5) == proposed(sobol(cube(2), start=[{"x0": 0.7}] * 3), 5)


@pytest.mark.parametrize("seed", range(3))
def test_a_finite_space_is_gone_through_by_sobol_completely_and_no_combination_twice(seed: int) -> None:
    trials = proposed(sobol(FINITE, seed, [{"hidden_layers": 2}]), 100)
    assert len(trials) == len(set(combinations(trials))) == 56
    assert [trial.number for trial in trials] == list(range(56))
    assert all(trial.params == FINITE.decode(trial.point) for trial in trials)
    assert {trial.origin.kind for trial in trials} == {"start", "sobol", "drawn"}


def test_sobol_points_of_a_finite_space_are_the_same_however_many_are_asked_for_and_when() -> None:
    sampler = sobol(FINITE, start=[{}])
    trials = proposed(sampler, 50)
    assert trials == proposed(sampler, 1, 2, 19, 50) == proposed(sampler, 70)[:50]
    sequence = proposed(sobol(cube(FINITE.dimensions), start=[{}]), 50)
    in_place = [trial for trial in trials if trial.origin == Origin("sobol")]
    assert all(trial.point == sequence[trial.number].point for trial in in_place)
    assert len(in_place) > 25


@pytest.mark.parametrize(
    ("space", "start", "trials", "most"),
    [
        (FINITE, [], 100, 56),
        (FINITE, [], 40, 40),
        (FINITE, [{"hidden_layers": 2}] * 2, 100, 56),
        (SearchSpace({"n": Entry(Whole(1, 4))}), [{"n": 2}] * 3, 9, 6),
        (SearchSpace({"n": Entry(Whole(1, 4))}), [{"n": 2}] * 3, 2, 2),
        (MIXED, [{}], 100, 100),
    ],
)
def test_how_many_trials_there_are_is_known_before(
    space: SearchSpace, start: Sequence[Mapping[str, Value]], trials: int, most: int
) -> None:
    drawn = Drawn(space, Streams(0), start)
    assert drawn.most(trials) == most == len(drawn.propose(0, range(trials), {}))


@pytest.mark.parametrize(("space", "trials", "most"), [(cube(2), 40, 36), (cube(1), 7, 7), (cube(3), 40, 36)])
def test_how_many_points_a_grid_has_is_known_before_and_so_many_give_the_same_one(
    space: SearchSpace, trials: int, most: int
) -> None:
    laid_out, again = (Grid(space, count, Drawn(space, Streams(0), [{}])) for count in (trials, most))
    assert laid_out.most == most + 1 == len(laid_out.propose(0, range(trials + 1), {}))
    assert again.values == laid_out.values


def test_without_scipy_sobol_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("scipy", "scipy.stats", "scipy.stats.qmc"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtra, match=r"search.method: sobol needs SciPy; .*pip install 'hpsearch\[sobol\]'") as error:
        Sobol(cube(2), Streams(0), Drawn(cube(2), Streams(0)))
    assert isinstance(error.value, UsageError)


def test_a_sampler_leaves_the_history_alone() -> None:
    history = as_history(proposed(Drawn(FINITE, Streams(0)), 10))
    before = trials_of(history)
    Drawn(FINITE, Streams(0)).propose(0, range(10, 20), history)
    assert trials_of(history) == before
