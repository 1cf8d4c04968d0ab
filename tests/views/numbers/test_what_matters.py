from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from searched import SPACE, searched

from hpsearch.trial import PriorTrial, Status
from hpsearch.views.numbers.importance import Matters, what_matters


def test_the_most_important_parameter_comes_first() -> None:
    matters = what_matters(searched(50), SPACE)
    assert (matters.trials, matters.zoomed) == (50, False)
    assert [parameter.name for parameter in matters.parameters] == ["steep", "idle"]
    assert matters.parameters[0].main_effect > 0.9
    assert matters.parameters[1].main_effect < 0.01


def test_trials_without_a_number_count_as_bad_ones_but_not_as_trials() -> None:
    assert what_matters(searched(52, diverged=2), SPACE).trials == 50


@pytest.mark.parametrize("trials", [20, 60])
def test_in_noise_nothing_matters(trials: int) -> None:
    run = searched(trials)
    noise = np.random.default_rng(1).random(trials).tolist()
    run.history = {n: replace(record, values=(noise[n],)) for n, record in run.history.items()}
    assert what_matters(run, SPACE) == Matters(trials, zoomed=False, parameters=())


@pytest.mark.parametrize(("trials", "diverged"), [(14, 0), (20, 6)])
def test_of_fewer_than_fifteen_trials_with_a_number_nothing_is_said(trials: int, diverged: int) -> None:
    assert what_matters(searched(trials, diverged), SPACE) == Matters(14, zoomed=False, parameters=())


@pytest.mark.parametrize(("kind", "zoomed"), [("elite", True), ("drawn", False)])
def test_it_is_known_whether_trials_lie_near_good_ones_those_of_another_run_too(kind: str, zoomed: bool) -> None:
    assert what_matters(searched(50, kind=kind), SPACE).zoomed == zoomed
    run = searched(40)
    run.prior = tuple(PriorTrial("a", k, (k / 10, k / 20), (1 + k / 20,), Status.COMPLETE, kind) for k in range(12))
    matters = what_matters(run, SPACE)
    assert (matters.trials, matters.zoomed) == (51, zoomed)  # the last of the others lies outside of the space
