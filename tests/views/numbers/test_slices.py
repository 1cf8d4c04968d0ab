import math
from dataclasses import replace

import pytest
from recorded import recorded_run

from hpsearch.objectives.metrics import METRICS
from hpsearch.space.parameters import Choice, Domain, Real, Whole
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.trial import Origin, Status, Trial, TrialRecord, Value
from hpsearch.views.numbers.slices import Crowded, Region, crowded_edges, regions, slices

ERROR = METRICS["validation_error"]


def a_trial(number: int, value: float, stage: int = 0, kind: str = "drawn", **params: Value) -> TrialRecord:
    trial = Trial(number, stage, (), params, Origin(kind))
    return TrialRecord(trial, 1, Status.COMPLETE, values=(value,), curves={"validation_error": (value,)})


def a_history(domain_values: list[float | int]) -> dict[int, TrialRecord]:
    """The earlier in the list, the better."""
    return {number: a_trial(number, number / 100, x=value) for number, value in enumerate(domain_values)}


def a_space(domain: Domain) -> SearchSpace:
    return SearchSpace({"x": Entry(domain)})


def test_a_slice_places_each_value_on_the_scale_it_was_drawn_on_and_leaves_out_where_it_does_not_count() -> None:
    space = SearchSpace(
        {
            "learning_rate": Entry(Real(1e-4, 1, "log")),
            "optimizer": Entry(Choice(["adam", "momentum"])),
            "momentum": Entry(Real(0.9, 0.999, "1-beta"), {"optimizer": ("momentum",)}),
        }
    )
    history = {
        0: a_trial(0, 0.2, learning_rate=0.01, optimizer="adam"),
        1: a_trial(1, 0.1, stage=1, learning_rate=1.0, optimizer="momentum", momentum=0.99),
    }
    rate, optimizer, momentum = slices(space, history, ERROR, ["momentum"])
    assert [dot.place for dot in rate.dots] == pytest.approx([0.5, 1.0])
    assert [dot.place for dot in optimizer.dots] == [0.25, 0.75]
    assert [(dot.trial, dot.score, dot.stage) for dot in momentum.dots] == [(1, 0.1, 1)]
    assert momentum.dots[0].place == pytest.approx(0.5)
    assert (rate.is_beta, momentum.is_beta) == (False, True)


def test_a_trial_without_a_number_is_in_the_slice_with_its_status() -> None:
    run = recorded_run()
    space = SearchSpace({"learning_rate": Entry(Real(1e-4, 1, "log"))})
    (found,) = slices(space, run.history, run.metric, [])
    assert [dot.status for dot in found.dots] == [Status.COMPLETE, Status.COMPLETE, Status.DIVERGED, Status.FAILED]
    assert math.isnan(found.dots[3].score)


def test_a_region_spans_what_a_stage_drew_but_for_given_trials_and_explorers() -> None:
    space = SearchSpace({"rate": Entry(Real(0, 1)), "colour": Entry(Choice(["red", "green", "blue", "grey"]))})
    history = {
        0: a_trial(0, 0.1, rate=0.0, colour="red"),
        1: a_trial(1, 0.1, rate=0.75, colour="blue"),
        2: a_trial(2, 0.1, rate=0.5, colour="blue"),
        3: a_trial(3, 0.1, stage=1, rate=0.25, colour="green"),
        4: a_trial(4, 0.1, stage=1, kind="explorer", rate=1.0, colour="red"),
        5: a_trial(5, 0.1, kind="start", rate=1.0, colour="green"),
    }
    assert regions(space, history) == (
        Region(0, "rate", 0.0, 0.75),
        Region(0, "colour", 0.125, 0.625, ("red", "blue")),
        Region(1, "rate", 0.25, 0.25),
        Region(1, "colour", 0.375, 0.375, ("green",)),
    )


MIDDLE = [0.5] * 36


def test_an_edge_that_four_of_the_best_five_lie_at_is_crowded() -> None:
    space = a_space(Real(0, 1))
    assert crowded_edges(space, a_history([0.95, 0.91, 0.5, 0.99, 0.92, *MIDDLE])) == (Crowded("x", "upper", 1.0, 4, 5),)
    assert crowded_edges(space, a_history([0.05, 0.1, 0.5, 0.01, 0.08, *MIDDLE])) == (Crowded("x", "lower", 0.0, 4, 5),)


@pytest.mark.parametrize(
    "values",
    [
        [0.95, 0.91, 0.5, 0.5, 0.92, *MIDDLE],
        [0.95, 0.89, 0.5, 0.99, 0.92, *MIDDLE],
        [0.95, 0.91, 0.93, 0.99, 0.92, *MIDDLE[:34]],
        [0.05, 0.91, 0.03, 0.99, 0.92, *MIDDLE],
    ],
    ids=["three of five", "one not quite at it", "too few trials", "both ends"],
)
def test_less_than_that_may_be_chance(values: list[float | int]) -> None:
    assert crowded_edges(a_space(Real(0, 1)), a_history(values)) == ()


def test_the_outermost_of_few_levels_is_crowded_only_where_that_is_no_chance() -> None:
    three, eight = a_space(Whole(1, 3)), a_space(Whole(1, 8))
    assert crowded_edges(three, a_history([3, 3, 3, 3, 3, *[2] * 36])) == (Crowded("x", "upper", 3, 5, 5),)
    assert crowded_edges(three, a_history([3, 3, 3, 3, 2, *[2] * 36])) == ()
    assert crowded_edges(eight, a_history([8, 8, 8, 8, 2, *[2] * 36])) == (Crowded("x", "upper", 8, 4, 5),)


def test_a_choice_has_no_edge_and_only_trials_in_which_a_parameter_counts_say_something() -> None:
    assert crowded_edges(a_space(Choice([1, 2, 3])), a_history([3] * 50)) == ()
    history = a_history([1.0] * 39)
    assert crowded_edges(a_space(Real(0, 1)), history | {99: a_trial(99, 1.0, y=1.0)}) == ()
    assert crowded_edges(a_space(Real(0, 1)), a_history([1.0] * 40)) != ()


def test_trials_that_cannot_win_are_none_of_the_best() -> None:
    history = a_history([1.0, 1.0, 1.0, 1.0, 0.5, *MIDDLE])
    history[0] = replace(history[0], status=Status.STOPPED)
    assert crowded_edges(a_space(Real(0, 1)), history) == ()
