from __future__ import annotations

import math

import numpy as np
import pytest
from played import FINITE, MIXED, bowl, cube, played, trials_of, tried

from hpsearch.search.evidence import Sources
from hpsearch.search.samplers import Drawn
from hpsearch.search.settings import SearchSettings
from hpsearch.search.strategy import search
from hpsearch.search.zoom import Zoom
from hpsearch.seeds import Streams
from hpsearch.space.parameters import Whole
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.trial import Origin, PriorTrial, Status


def zoom(space: SearchSpace, *prior: PriorTrial, seed: int = 0) -> Zoom:
    return Zoom(space, Streams(seed), Drawn(space, Streams(seed)), Sources(prior))


def test_first_comes_random_search() -> None:
    assert zoom(MIXED).propose(0, range(9), {}) == Drawn(MIXED, Streams(0)).propose(0, range(9), {})


@pytest.mark.parametrize("stage", [1, 2, 3, 4])
def test_the_box_round_the_best_is_halved_from_stage_to_stage(stage: int) -> None:
    history = tried([(0.1, 0.9), (0.5, 0.5), (0.9, 0.1)], [3.0, 1.0, 2.0])
    trials = zoom(cube(2)).propose(stage, range(3, 503), history)
    points = np.array([trial.point for trial in trials])
    width = 0.5**stage
    assert points.min() == pytest.approx(0.5 - width / 2, abs=0.02 * width)
    assert points.max() == pytest.approx(0.5 + width / 2, abs=0.02 * width)
    assert {trial.origin for trial in trials} == {Origin("box", 1)}
    assert {trial.stage for trial in trials} == {stage}


def test_the_box_lies_round_the_best_inside_of_the_space_and_names_it() -> None:
    outside, inside = (
        PriorTrial("parent", n, (u, 0.5), (v,), Status.COMPLETE) for n, u, v in ((4, 1.2, 0.1), (6, 0.8, 0.2))
    )
    trials = zoom(cube(2), outside, inside).propose(3, range(1, 50), tried([(0.1, 0.1)], [1.0]))
    assert {trial.origin for trial in trials} == {Origin("box", 6, "parent")}
    assert all(abs(trial.point[0] - 0.8) <= 1 / 16 for trial in trials)


def test_where_nothing_has_a_value_the_stage_is_drawn() -> None:
    trials = zoom(cube(1)).propose(1, range(2, 6), tried([(0.1,), (0.2,)], [math.nan] * 2))
    assert trials == Drawn(cube(1), Streams(0)).propose(0, range(2, 6), {})


def test_when_the_box_is_used_up_the_whole_space_gives_the_rest() -> None:
    space = SearchSpace({"n": Entry(Whole(1, 100))})
    trials = zoom(space).propose(4, range(1, 41), tried([(0.505,)], [1.0], space))
    kinds = [trial.origin.kind for trial in trials]
    assert kinds == sorted(kinds)  # box, explorer
    assert 3 <= kinds.count("box") <= 8
    assert len({trial.params["n"] for trial in trials} | {51}) == 41
    assert [trial.number for trial in trials] == list(range(1, 41))


@pytest.mark.parametrize("trials", [1, 2, 40, 80])
def test_a_finite_space_is_searched_without_repetition_and_to_its_end(trials: int) -> None:
    history = played(search(SearchSettings(method="zoom", trials=trials), FINITE, Streams(0), 1), bowl)
    assert len({repr(trial.params) for trial in trials_of(history)}) == len(history) == min(trials, 56)


def test_it_comes_close_to_the_bottom_of_a_bowl() -> None:
    history = played(search(SearchSettings(method="zoom", trials=60), cube(2), Streams(0), 1), bowl)
    assert min(record.value for record in history.values()) < 0.012
    assert played(search(SearchSettings(method="zoom", trials=60), cube(2), Streams(0), 1), bowl) == history
