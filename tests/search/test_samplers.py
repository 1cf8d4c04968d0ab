from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.search.samplers import random_point
from hpsearch.seeds import Streams


def test_a_point_is_the_beginning_of_the_stream_named_points_stage_number() -> None:
    sequence = np.random.SeedSequence(7, spawn_key=(1, 2, 3))
    assert random_point(Streams(7), 2, 3, 4) == tuple(np.random.default_rng(sequence).random(4).tolist())


def test_the_points_of_a_seed_never_change() -> None:
    assert random_point(Streams(0), 0, 0, 3) == (0.4530936025482247, 0.48013813036459496, 0.1350297113605885)
    assert random_point(Streams(0), 0, 1, 2) == (0.8920319623468619, 0.23581966092628293)


@given(seed=st.integers(0, 2**64), stage=st.integers(0, 9), number=st.integers(0, 10**6), dimensions=st.integers(1, 30))
def test_a_point_lies_in_the_unit_cube_and_comes_again(seed: int, stage: int, number: int, dimensions: int) -> None:
    point = random_point(Streams(seed), stage, number, dimensions)
    assert len(point) == dimensions
    assert all(type(u) is float and 0 <= u < 1 for u in point)
    assert random_point(Streams(seed), stage, number, dimensions) == point


def test_a_further_parameter_leaves_the_coordinates_before_it_alone() -> None:
    assert random_point(Streams(3), 0, 5, 6)[:4] == random_point(Streams(3), 0, 5, 4)


def test_points_of_other_numbers_stages_and_seeds_are_others() -> None:
    points = {random_point(Streams(s), stage, n, 2) for s in range(5) for stage in range(5) for n in range(20)}
    assert len(points) == 500


def test_the_coordinates_are_uniform_and_independent() -> None:
    points = np.array([random_point(Streams(11), 0, number, 3) for number in range(4000)])
    counts = np.stack([np.histogram(column, bins=10, range=(0, 1))[0] for column in points.T])
    chi_squared = ((counts - 400) ** 2 / 400).sum(axis=1)
    assert (chi_squared < 27.9).all()  # the 0.999 quantile for 9 degrees of freedom
    correlations = np.corrcoef(np.vstack([points.T, points[:, 0][np.r_[1:4000, 0]]]))
    assert np.abs(correlations - np.eye(4)).max() == pytest.approx(0, abs=0.055)
