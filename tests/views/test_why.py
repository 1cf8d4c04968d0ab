from dataclasses import replace
from typing import Any

import pytest
from recorded import recorded_run, recorded_search

from hpsearch.trial import Origin
from hpsearch.views.why import why


def told(origin: Origin, number: int = 3, **params: Any) -> str:
    """Return why a trial of a search in two stages was tried, had it come from there."""
    run = recorded_search({})
    record = run.history[number]
    return why(run, replace(record, trial=replace(record.trial, origin=origin, params=params or record.trial.params)))


def test_a_copy_tells_what_was_moved_from_where_to_where_and_what_was_expected_of_it() -> None:
    run = recorded_search()
    assert why(run, run.history[3]) == (
        "fine stage 1 of 1: a copy of trial 0 in which learning_rate (0.01 -> 0.0132), optimizer (adam -> momentum) and "
        "momentum (now 0.950 (20)) were moved; expected improvement at the time 0.031 of the logarithm (3.1 %)"
    )


def test_one_move_is_one_and_an_improvement_that_is_no_logarithm_is_no_share() -> None:
    assert told(Origin("elite", 0, "", ("learning_rate",), 0.25, before={"learning_rate": 0.01})) == (
        "fine stage 1 of 1: a copy of trial 0 in which learning_rate (0.01 -> 0.0132) was moved; "
        "expected improvement at the time 0.25"
    )


def test_a_move_that_rounding_would_hide_is_told_in_more_digits() -> None:
    origin = Origin("elite", 0, moved=("learning_rate",), before={"learning_rate": 1.00001})
    assert told(origin, learning_rate=1.00002).endswith("learning_rate (1.00001 -> 1.00002) was moved")


def test_what_moved_below_what_shows_is_a_copy_and_no_more() -> None:
    assert told(Origin("elite", 0)) == "fine stage 1 of 1: a copy of trial 0"


def test_a_parameter_that_the_copy_does_not_use_has_no_value() -> None:
    origin = Origin("elite", 3, moved=("momentum",))
    assert told(origin, learning_rate=0.1).endswith("in which momentum (not used any more) was moved")


def test_an_elite_of_another_run_is_named_with_what_it_had() -> None:
    before = {"learning_rate": 0.5, "momentum": 0.9}
    assert told(Origin("elite", 0, "digits-000", ("learning_rate", "momentum"), before=before)) == (
        "fine stage 1 of 1: a copy of trial 0 of digits-000 in which learning_rate (0.5 -> 0.0132) and momentum "
        "(0.90 (10) -> 0.950 (20)) were moved"
    )


def test_a_record_that_does_not_say_what_was_moved_from_where_tells_where_to() -> None:
    assert told(Origin("elite", 0, "", ("learning_rate",))) == (
        "fine stage 1 of 1: a copy of trial 0 in which learning_rate (now 0.0132) was moved"
    )


def test_a_leader_of_another_run_that_is_tried_first_is_named() -> None:
    run = recorded_search({}, first={"run": "digits-000", "trials": [7, 5], "points": [{}, {}], "notes": []})
    record = run.history[1]
    assert why(run, replace(record, trial=replace(record.trial, origin=Origin("start")))) == (
        "coarse stage: given what trial 5 of digits-000 had, as one of the points to try first"
    )


@pytest.mark.parametrize(
    ("origin", "number", "text"),
    [
        (Origin("drawn"), 0, "coarse stage: drawn at random from the whole space"),
        (Origin("explorer"), 4, "fine stage 1 of 1: an explorer, drawn at random from the whole space"),
        (Origin("start"), 0, "coarse stage: given, as one of the points to try first"),
        (Origin("grid"), 0, "coarse stage: a point of the grid"),
        (Origin("sobol"), 0, "coarse stage: a point of Sobol's sequence"),
        (
            Origin("box", 0),
            4,
            "fine stage 1 of 1: drawn from a box round trial 0, the best until then, 1 / 2 as wide as the space",
        ),
        (Origin("of a later version"), 3, "fine stage 1 of 1: of a later version"),
    ],
)
def test_every_origin_is_a_sentence(origin: Origin, number: int, text: str) -> None:
    assert told(origin, number) == text


def test_a_search_that_learns_nothing_has_brackets() -> None:
    run = recorded_search({}, method="random")
    told = [why(run, run.history[number]) for number in (0, 4)]
    assert told == [
        "bracket 1 of 2: drawn at random from the whole space",
        "bracket 2 of 2: an explorer, drawn at random from the whole space",
    ]


def test_a_search_of_one_stage_names_none() -> None:
    run = recorded_run()
    assert why(run, run.history[0]) == "drawn at random from the whole space"
