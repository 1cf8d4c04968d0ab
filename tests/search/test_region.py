from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from played import MIXED, cube

from hpsearch.search.coordinates import Coordinates
from hpsearch.search.evidence import Evidence
from hpsearch.search.region import Candidates, box_round_best, elites, near_elites, reflected
from hpsearch.space.parameters import Choice, Real, Whole
from hpsearch.space.search_space import Entry, SearchSpace

LATE = 200
"""A stage in which steps have come down to nothing."""


def evidence(points: Sequence[Sequence[float]], losses: Sequence[float] | None = None) -> Evidence:
    found = np.arange(len(points), dtype=float) if losses is None else np.array(losses)
    return Evidence(
        np.array(points, dtype=float),
        found,
        tuple(("", n) for n in range(len(points))),
        ("drawn",) * len(points),
        is_log=False,
    )


def near(
    points: Sequence[Sequence[float]], space: SearchSpace, stage: int = 1, count: int = 4000, seed: int = 0
) -> Candidates:
    return near_elites(evidence(points), count, stage, Coordinates(space), np.random.default_rng(seed))


def at(space: SearchSpace, **given: float) -> list[float]:
    """Return a point that is 0.5 but for the given coordinates."""
    return [given.get(name, 0.5) for name in space.names]


@pytest.mark.parametrize(
    ("trials", "count"), [(1, 1), (2, 2), (3, 3), (20, 3), (43, 3), (44, 4), (56, 4), (57, 5), (100, 8), (400, 32)]
)
def test_the_best_8_percent_are_elites_and_at_least_3(trials: int, count: int) -> None:
    assert len(elites(evidence([[0.5]] * trials))) == count


def test_elites_come_best_first_and_the_first_of_equals_first() -> None:
    assert elites(evidence([[0.5]] * 6, [2, 1, 1, 3, 2, 5])).tolist() == [1, 2, 0]


def test_a_trial_without_a_number_is_no_elite_but_counts_as_tried() -> None:
    assert elites(evidence([[0.5]] * 5, [math.inf, 3, math.inf, 2, math.inf])).tolist() == [3, 1]
    assert len(elites(evidence([[0.5]] * 100, [*range(50), *[math.inf] * 50]))) == 8


def test_a_trial_outside_of_the_space_is_no_elite() -> None:
    assert elites(evidence([[1.1], [0.5], [-0.1], [1.0], [0.0]])).tolist() == [1, 3, 4]


def test_candidates_are_copies_of_the_elites_each_as_often() -> None:
    candidates = near([[0.2], [0.5], [0.8], [0.99]], cube(1), stage=LATE)
    assert np.bincount(candidates.elites, minlength=4) == pytest.approx([1333, 1333, 1333, 0], abs=110)
    assert candidates.points[:, 0] == pytest.approx(np.array([0.2, 0.5, 0.8])[candidates.elites], abs=1e-6)


def test_a_parameter_moves_with_probability_two_fifths_and_at_least_one_does() -> None:
    moved = near([[0.5] * 6], cube(6)).points != 0.5
    assert moved.any(axis=1).all()
    assert moved.mean(axis=0) == pytest.approx(0.4 + 0.6 / 6, abs=0.03)
    # 1 of d is chosen in any case: the others move with probability 0.4 each.
    assert moved.sum(axis=1).mean() == pytest.approx(1 + 5 * 0.4, abs=0.07)
    assert (moved.sum(axis=1) == 1).mean() == pytest.approx(0.6**5, abs=0.02)


def test_a_parameter_that_does_not_count_is_not_the_one_that_moves() -> None:
    points = near([at(MIXED, optimizer=0.25, learning_rate=0.3, hidden_units=0.6)], MIXED).points
    assert (points[:, [0, 3]] != [0.3, 0.6]).any(axis=1).all()
    alone = SearchSpace({"kind": Entry(Choice(["a", "b"])), "x": Entry(Real(0, 1), when={"kind": ("b",)})})
    assert (near([[0.75, 0.5]], alone).points[:, 1] != 0.5).all()


def test_the_step_shrinks_by_8_percent_from_stage_to_stage() -> None:
    before, after = (near([[0.5, 0.4]], cube(2), stage).points - [0.5, 0.4] for stage in (40, 41))
    assert after == pytest.approx(before * 0.92, abs=1e-12)


def test_each_candidate_has_a_step_of_its_own_from_a_quarter_of_the_cube() -> None:
    stage = 60
    steps = near([[0.5] * 400], cube(400), stage, count=400).points - 0.5
    sizes = np.array([row[row != 0].std() for row in steps]) / (0.25 * 0.92 ** (stage - 1))
    assert sizes.min() == pytest.approx(math.exp(-1.5), rel=0.15)
    assert sizes.max() == pytest.approx(math.exp(0.75), rel=0.15)
    assert np.log(sizes).mean() == pytest.approx(-0.375, abs=0.1)
    assert np.log(sizes).std() == pytest.approx(2.25 / math.sqrt(12), rel=0.1)


def test_the_first_stage_steps_a_quarter_of_the_cube() -> None:
    points = near([[0.5]], cube(1), 1).points
    # Candidates with a step below exp(-1) of the stage's stay inside: a normal deviate within 1 deviation has 68.3 %.
    within = np.mean(np.abs(points - 0.5) < 0.25 * math.exp(-1.5))
    assert within == pytest.approx(_share_within(math.exp(-1.5)), abs=0.025)


def _share_within(distance: float) -> float:
    """Return how often |z| exp(u) is below a distance, u uniform in (-1.5, 0.75)."""
    factors = np.exp(np.linspace(-1.5, 0.75, 1001))
    return float(np.mean([math.erf(distance / factor / math.sqrt(2)) for factor in factors]))


def test_what_lies_beyond_an_end_is_mirrored_there() -> None:
    beyond = np.array([-0.2, 1.3, 0.4, 0.0, 1.0, 2.5, -1.2, -2.1])
    assert reflected(beyond) == pytest.approx([0.2, 0.7, 0.4, 0.0, 1.0, 0.5, 0.8, 0.1])


@given(st.floats(-1e6, 1e6))
def test_a_mirrored_point_lies_in_the_cube(u: float) -> None:
    assert 0 <= reflected(np.array([u]))[0] <= 1


def test_candidates_near_an_edge_stay_in_the_cube_and_off_the_edge() -> None:
    points = near([[0.0, 1.0], [0.01, 0.99]], cube(2)).points
    assert ((points >= 0) & (points <= 1)).all()
    assert 0.005 < points[:, 0].mean() < 0.3


def test_a_whole_number_moves_by_half_a_level_at_least() -> None:
    space = SearchSpace({"few": Entry(Whole(1, 3)), "most": Entry(Whole(1, 24)), "many": Entry(Whole(1, 25))})
    steps = near([[0.5, 0.5, 0.5]], space, LATE).points - 0.5
    few, most = (column[column != 0] for column in steps.T[:2])
    assert np.median(np.abs(few)) == pytest.approx(0.6745 * 0.5 / 3, rel=0.1)
    assert most.std() == pytest.approx(0.5 / 24, rel=0.1)
    assert np.abs(steps[:, 2]).max() < 1e-5


def test_a_level_half_a_level_away_is_reached() -> None:
    space = SearchSpace({"layers": Entry(Whole(1, 5))})
    layers = [space.decode(point)["layers"] for point in near([[0.5]], space, LATE).points.tolist()]
    assert {2, 3, 4} <= set(layers)
    # A normal deviate of deviation 1/2 stays within 1/2 with probability 0.683.
    assert layers.count(3) / len(layers) == pytest.approx(0.683, abs=0.03)


def test_a_choice_is_kept_or_drawn_again_mostly_as_often_as_the_elites_have_it() -> None:
    space = SearchSpace({"kind": Entry(Choice(["a", "b", "c", "d"])), "x": Entry(Real(0, 1))})
    a, b = 0.125, 0.375
    candidates = near([[a, 0.5], [a, 0.5], [b, 0.5]], space, count=60_000)
    again = {"a": 0.75 * 2 / 3 + 0.25 / 4, "b": 0.75 / 3 + 0.25 / 4, "c": 0.25 / 4, "d": 0.25 / 4}
    options = (candidates.points[:, 0] * 4).astype(int)
    for elite, kept in ((0, "a"), (1, "a"), (2, "b")):
        found = np.bincount(options[candidates.elites == elite], minlength=4) / (candidates.elites == elite).sum()
        assert found == pytest.approx([0.75 * (name == kept) + 0.25 * again[name] for name in "abcd"], abs=0.01)
    assert np.isin(candidates.points[:, 0], [a, b, 0.625, 0.875]).all()


def test_an_elite_says_nothing_of_a_choice_that_does_not_count_there() -> None:
    entries = {"kind": Entry(Choice(["a", "b"])), "mode": Entry(Choice(["x", "y"]), when={"kind": ("b",)})}
    space = SearchSpace({**entries, "rate": Entry(Real(0, 1))})
    inactive, active = [0.25, 0.9, 0.5], [0.75, 0.25, 0.5]
    candidates = near([active, inactive, inactive], space, count=20_000)
    modes = candidates.points[candidates.elites == 0][:, 1]
    assert (modes > 0.5).mean() == pytest.approx(0.25 * 0.25 / 2, abs=0.01)
    nobody = near([inactive] * 3, space, count=20_000).points[:, 1]
    assert (nobody < 0.5).mean() == pytest.approx(0.25 / 2, abs=0.015)


def test_where_there_are_only_choices_copies_are_drawn_too() -> None:
    space = SearchSpace({name: Entry(Choice([1, 2, 3])) for name in "abc"})
    options = near([[1 / 6, 0.5, 5 / 6]], space).points
    assert options.shape == (4000, 3)
    assert {space.decode(point)["a"] for point in options.tolist()} == {1, 2, 3}


def test_candidates_are_a_function_of_their_stream() -> None:
    first, second, other = (near([[0.5] * 3] * 4, cube(3), seed=seed) for seed in (0, 0, 1))
    assert np.array_equal(first.points, second.points)
    assert not np.array_equal(first.points, other.points)


def box(
    points: Sequence[Sequence[float]], space: SearchSpace, width: float, losses: Sequence[float] | None = None
) -> Candidates:
    return box_round_best(evidence(points, losses), 4000, width, Coordinates(space), np.random.default_rng(0))


def test_a_box_lies_round_the_best_and_is_cut_off_at_the_bounds() -> None:
    candidates = box([[0.9, 0.9], [0.4, 0.1], [2.0, 0.0]], cube(2), 0.5, [3, 2, 1])
    assert candidates.points.min(axis=0) == pytest.approx([0.15, 0.0], abs=0.001)
    assert candidates.points.max(axis=0) == pytest.approx([0.65, 0.35], abs=0.001)
    assert candidates.points.mean(axis=0) == pytest.approx([0.4, 0.175], abs=0.01)
    assert (candidates.elites == 1).all()


def test_in_a_box_a_whole_number_reaches_a_level_to_both_sides_and_choices_are_mostly_the_elites() -> None:
    space = SearchSpace({"n": Entry(Whole(1, 5)), "kind": Entry(Choice(["a", "b"]))})
    points = box([[0.5, 0.25], [0.5, 0.25], [0.5, 0.25]], space, 0.001).points
    assert {space.decode(point)["n"] for point in points.tolist()} == {2, 3, 4}
    assert (points[:, 1] > 0.5).mean() == pytest.approx(0.05, abs=0.015)
