from dataclasses import replace
from typing import Any

import pytest
from recorded import recorded_run, recorded_search

from hpsearch.trial import Origin
from hpsearch.views.why import why


def told(origin: Origin, stage: int = 1, params: dict[str, Any] | None = None) -> str:
    """Return why trial 3 of a search in two stages was tried, had it come from there."""
    run = recorded_search({})
    trial = replace(run.history[3].trial, origin=origin, stage=stage)
    return why(run, replace(run.history[3], trial=replace(trial, params=trial.params if params is None else params)))


def test_a_copy_tells_what_was_moved_from_where_to_where_and_what_was_expected_of_it() -> None:
    run = recorded_search()
    assert why(run, run.history[3]) == (
        "stage 1: a copy of trial 0 in which learning_rate (0.01 -> 0.0132), optimizer (adam -> momentum) and momentum (now "
        "0.950 (20)) were moved; expected improvement at the time 0.031 of the logarithm (3.1 %)"
    )


def test_one_move_is_one_and_an_improvement_that_is_no_logarithm_is_no_share() -> None:
    assert told(Origin("elite", 0, "", ("learning_rate",), 0.25)) == (
        "stage 1: a copy of trial 0 in which learning_rate (0.01 -> 0.0132) was moved; expected improvement at the time 0.25"
    )


def test_what_moved_below_what_shows_is_a_copy_and_no_more() -> None:
    assert told(Origin("elite", 0)) == "stage 1: a copy of trial 0"


def test_a_parameter_that_the_copy_does_not_use_has_no_value() -> None:
    origin = Origin("elite", 3, moved=("momentum",))
    assert told(origin, params={"learning_rate": 0.1}).endswith("in which momentum (not used any more) was moved")


def test_the_values_of_an_elite_of_another_run_are_not_known_here() -> None:
    assert told(Origin("elite", 0, "digits-000", ("learning_rate", "momentum"))) == (
        "stage 1: a copy of trial 0 of digits-000 in which learning_rate (now 0.0132) and momentum (now 0.950 (20)) "
        "were moved"
    )


@pytest.mark.parametrize(
    ("origin", "stage", "text"),
    [
        (Origin("drawn"), 0, "stage 0, the coarse one: drawn at random from the whole space"),
        (Origin("explorer"), 1, "stage 1: an explorer, drawn at random from the whole space"),
        (Origin("start"), 0, "stage 0, the coarse one: given, as one of the points to try first"),
        (Origin("grid"), 0, "stage 0, the coarse one: a point of the grid"),
        (Origin("sobol"), 0, "stage 0, the coarse one: a point of Sobol's sequence"),
        (
            Origin("box", 0),
            2,
            "stage 2: drawn from a box round trial 0, the best until then, 1 / 4 as wide as the space",
        ),
        (Origin("\x1b[31m"), 1, "stage 1: \\x1b[31m"),
    ],
)
def test_every_origin_is_a_sentence(origin: Origin, stage: int, text: str) -> None:
    assert told(origin, stage) == text


@pytest.mark.parametrize("stage", [0, 1])
def test_a_search_that_learns_nothing_has_no_coarse_stage_however_often_it_grew(stage: int) -> None:
    run = recorded_search({}, method="random")
    trial = replace(run.history[3].trial, origin=Origin("drawn"), stage=stage)
    assert why(run, replace(run.history[3], trial=trial)) == f"stage {stage}: drawn at random from the whole space"


def test_a_search_of_one_stage_names_none() -> None:
    run = recorded_run()
    assert why(run, run.history[0]) == "drawn at random from the whole space"
