from typing import Any

import pytest
from side_by_side import NETWORK, SPACE, run_of

from hpsearch.views.numbers.spaces import Held, Searched, settings, spaces, where_the_best_lie, winners_params

RATES: list[dict[str, Any]] = [
    {"learning_rate": rate, "optimizer": "adam"} for rate in (0.001, 0.002, 0.003, 0.004, 0.005, 0.5)
]
FALLING = (0.1, 0.2, 0.3, 0.4, 0.5, 0.9)


def test_what_one_run_searched_and_the_other_had_fixed_stands_side_by_side() -> None:
    other = {**SPACE, "l2": {"range": [1e-6, 1e-2], "scale": "log"}}
    rows = {row.name: row for row in spaces([run_of([0.1]), run_of([0.1], space=other)])}
    assert list(rows) == ["learning_rate", "optimizer", "l2"]
    assert rows["learning_rate"].is_same
    assert rows["optimizer"].cells[0] == Searched({"choices": ["adam", "momentum"]})
    assert rows["l2"].cells == (Searched(None, 0.0), Searched(other["l2"]))


def test_whole_numbers_are_another_range_than_real_ones() -> None:
    whole, real = ({"x": {"range": bounds, "scale": "linear"}} for bounds in ([0, 10], [0.0, 10.0]))
    (row,) = spaces([run_of([0.1], space=whole), run_of([0.1], space=real)])
    assert not row.is_same


def test_other_settings_are_told_where_they_differ_and_are_not_told_elsewhere() -> None:
    other = run_of(
        [0.1],
        network={**NETWORK, "epochs": 9, "l2": 0.1},
        space={**SPACE, "batch_size": [32, 64]},
        search={"method": "zoom", "trials": 99, "prior": {"run": "a-001"}},
    )
    rows = {row.name: row.cells for row in settings([run_of([0.1]), other])}
    assert rows == {"network.epochs": (3, 9), "network.l2": (0.0, 0.1), "search.method": ("random", "zoom")}


def test_the_winners_params_hold_what_a_run_had_fixed() -> None:
    one = run_of([0.3, 0.1], [{"learning_rate": 0.1, "optimizer": "adam"}, {"learning_rate": 0.2, "optimizer": "adam"}])
    space = {**SPACE, "l2": {"range": [1e-6, 1e-2], "scale": "log"}}
    other = run_of([0.1], [{"learning_rate": 0.2, "optimizer": "momentum", "l2": 0.001}], space=space)
    rows = {row.name: row for row in winners_params([one, other])}
    assert rows["learning_rate"].is_same
    assert rows["optimizer"].cells == (Held("adam"), Held("momentum"))
    assert rows["l2"].cells == (Held(0.0, fixed=True), Held(0.001))


def test_a_parameter_that_does_not_count_is_held_by_no_winner() -> None:
    space = {**SPACE, "momentum": {"range": [0.8, 0.99], "scale": "1-beta", "when": {"optimizer": "momentum"}}}
    params = {"learning_rate": 0.1, "optimizer": "momentum", "momentum": 0.9}
    one, other = run_of([0.1], space=space), run_of([0.1], [params], space=space)
    rows = {row.name: row.cells for row in winners_params([one, other])}
    assert rows["momentum"] == (None, Held(0.9))


def test_the_best_trials_lie_on_a_scale_that_holds_the_ranges_of_all() -> None:
    wide = {**SPACE, "learning_rate": {"range": [0.0001, 10.0], "scale": "log"}}
    rate, _ = where_the_best_lie([run_of(FALLING, RATES), run_of([0.2], [RATES[5]], space=wide)])
    assert (rate.name, rate.scale, rate.low, rate.high) == ("learning_rate", "log", 0.0001, 10.0)
    assert rate.sides[0].values == (0.001, 0.002, 0.003, 0.004, 0.005)
    assert rate.sides[0].places[0] == pytest.approx(0.2)  # one of five decades
    assert rate.sides[1].values == (0.5,)
    assert not rate.has_moved  # one trial says nothing


def test_a_parameter_has_moved_where_the_best_of_two_runs_lie_apart() -> None:
    higher = [{"learning_rate": 10 * params["learning_rate"], "optimizer": "momentum"} for params in RATES]
    rate, optimizer = where_the_best_lie([run_of(FALLING, RATES), run_of(FALLING, higher)])
    assert rate.has_moved
    assert optimizer.has_moved
    assert optimizer.sides[0].values == ("adam",) * 5
    near = [{**params, "learning_rate": 3 * params["learning_rate"]} for params in RATES]
    rate, optimizer = where_the_best_lie([run_of(FALLING, RATES), run_of(FALLING, near)])
    assert not rate.has_moved
    assert not optimizer.has_moved


def test_numbers_of_a_choice_and_of_a_range_have_one_scale() -> None:
    space: dict[str, Any] = {"learning_rate": [0.01, 0.1, 10.0]}
    (rate,) = where_the_best_lie([run_of([0.1], [{"learning_rate": 0.1}], space=space), run_of([0.1])])
    assert (rate.scale, rate.low, rate.high) == ("log", 0.001, 10.0)


def test_a_range_and_words_have_no_scale_in_common() -> None:
    space: dict[str, Any] = {"learning_rate": ["low", "high"]}
    assert where_the_best_lie([run_of([0.1], [{"learning_rate": "low"}], space=space), run_of([0.1])]) == ()


def test_widths_per_layer_lie_on_the_scale_of_their_entry() -> None:
    space = {"hidden_units": {"range": [16, 64], "scale": "log", "per": "layer"}}
    runs = [
        run_of([0.1], [{"hidden_units_1": units}], space=space, parameters=["hidden_units_1", "hidden_units_2"])
        for units in (16, 32)
    ]
    (first,) = where_the_best_lie(runs)
    assert first.name == "hidden_units_1"
    assert [side.places for side in first.sides] == [(0.0,), (pytest.approx(0.5),)]


@pytest.mark.parametrize("space", [[["x", {"range": [1, "a"], "scale": "log"}]], [["x", {"range": [1, 2]}]], "abc"])
def test_a_space_that_is_none_is_an_error_of_the_record(space: Any) -> None:
    run = run_of([0.1])
    run.start = {**run.start, "identified_by": {"space": space}}
    with pytest.raises((KeyError, TypeError, ValueError)):
        spaces([run, run])
