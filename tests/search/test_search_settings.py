from __future__ import annotations

from dataclasses import fields

import pytest

from hpsearch.search.settings import (
    RULES,
    Confirm,
    EarlyStopping,
    Leaders,
    Method,
    SearchSettings,
    is_staged,
    start_points,
)


@pytest.mark.parametrize("method", ["random", "grid", "sobol", "zoom"])
def test_early_stopping_is_off_unless_asked_for(method: Method) -> None:
    assert SearchSettings(method=method).settled().early_stopping == "off"


def test_in_coarse_to_fine_early_stopping_is_on_unless_switched_off() -> None:
    assert SearchSettings().method == "coarse-to-fine"
    assert SearchSettings().settled().early_stopping == EarlyStopping(reduction_factor=3, min_epochs=1)


@pytest.mark.parametrize("given", ["off", EarlyStopping(4, 2)])
@pytest.mark.parametrize("method", ["coarse-to-fine", "random"])
def test_what_is_given_stays(method: Method, given: EarlyStopping) -> None:
    settings = SearchSettings(method=method, early_stopping=given)
    assert settings.settled() == settings


def test_settling_twice_is_settling_once() -> None:
    settled = SearchSettings(trials=7).settled()
    assert settled.settled() == settled
    assert settled.trials == 7


@pytest.mark.parametrize(
    ("trials", "leaders"), [(1, 0), (49, 0), (50, 2), (60, 2), (89, 3), (90, 3), (120, 4), (150, 5), (10_000, 5)]
)
def test_the_more_trials_the_more_leaders_are_confirmed(trials: int, leaders: int) -> None:
    assert Confirm().count(trials) == leaders


@pytest.mark.parametrize("leaders", [0, 1, 9])
def test_so_many_leaders_as_asked_for_are_confirmed_whatever_the_number_of_trials(leaders: int) -> None:
    assert Confirm(leaders).count(10) == Confirm(leaders).count(1000) == leaders


def test_the_methods_that_learn_are_staged() -> None:
    methods: list[Method] = ["coarse-to-fine", "random", "grid", "sobol", "zoom"]
    assert [method for method in methods if is_staged(method)] == ["coarse-to-fine", "zoom"]


def test_start_points_are_those_that_are_written_down() -> None:
    assert start_points(SearchSettings(start=({"rate": 0.1},))) == ({"rate": 0.1},)
    assert start_points(SearchSettings()) == start_points(SearchSettings(start=Leaders("digits-001"))) == ()


def test_the_rules_are_settings() -> None:
    assert set(RULES) <= {field.name for field in fields(SearchSettings)}
