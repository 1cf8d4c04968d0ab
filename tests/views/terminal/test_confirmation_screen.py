import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from recorded import recorded_search

from hpsearch.objectives.metrics import METRICS, Metric
from hpsearch.study.confirmation import Confirmation, Confirmed
from hpsearch.views.confirmation import confirmation_lines, fresh_cell
from hpsearch.views.numbers.summary import Fresh, finding, summarise

ERROR, ACCURACY, LOSS = METRICS["validation_error"], METRICS["validation_accuracy"], Metric("value", "value")


def told(fresh: Mapping[int, Sequence[float]] | None = None) -> list[str]:
    return confirmation_lines(summarise(recorded_search(fresh)))


def pick_line(picked: float, fresh: tuple[float, ...], metric: Metric = ERROR, trials: int = 100) -> str:
    """Return what is said of a search's pick with such values."""
    found = finding(Confirmation((Confirmed(17, picked, fresh, 1290),)), metric)
    summary = replace(summarise(recorded_search()), metric=metric.name, trials=trials, confirmed=found)
    return confirmation_lines(summary)[0]


def test_without_fresh_seeds_nothing_is_told() -> None:
    assert told({}) == []
    assert summarise(recorded_search({})).confirmed is None


def test_the_pick_its_optimism_and_the_leaders_that_are_alike_are_told() -> None:
    assert told() == [
        "trial 3: picked at 0.08, confirmed 0.100 ± 0.006 (3 fresh seeds): the best of 5 trials looked 25 % too good",
        "trials 3 and 0 cannot be told apart; the cheapest is 0 (1,290 parameters)",
        "seeds vary weights, batches and dropout, not the split",
    ]


def test_another_winner_than_the_pick_is_named_and_comes_first() -> None:
    fresh = {3: (0.2, 0.21, 0.22), 0: (0.13, 0.125, 0.12)}
    assert told(fresh)[:3] == [
        "trial 3: picked at 0.08, confirmed 0.210 ± 0.006 (3 fresh seeds): the best of 5 trials looked 0.13 too good",
        "trial 0 is the best in the mean of all its trainings: 0.125 in the search, 0.125 ± 0.003 with fresh seeds",
        "trial 0 can be told apart from the other leader",
    ]
    summary = summarise(recorded_search(fresh))
    assert [leader.trial for leader in summary.leaders] == [0, 3]
    best = summary.leaders[0].fresh
    assert best is not None
    assert (best.mean, best.judged) == pytest.approx((0.125, 0.125))


@pytest.mark.parametrize(
    ("picked", "fresh", "ending"),
    [
        (
            0.069,
            (0.074, 0.076, 0.078),
            "confirmed 0.076 ± 0.001 (3 fresh seeds): the best of 100 trials looked 10 % too good",
        ),
        (0.08, (0.07, 0.075, 0.065), "confirmed 0.070 ± 0.003 (3 fresh seeds): it is better than it looked"),
        (0.08, (0.08, 0.08, 0.08), "confirmed 0.08 ± 0 (3 fresh seeds): it is as good as it looked"),
        (0.0, (0.01, 0.02, 0.03), "confirmed 0.020 ± 0.006 (3 fresh seeds): the best of 100 trials looked 0.02 too good"),
        (0.0, (0.0, 0.0), "confirmed 0 ± 0 (2 fresh seeds): it is as good as it looked"),
        (0.08, (0.09,), "confirmed 0.09 (1 fresh seed): the best of 100 trials looked 12 % too good"),
        (0.08, (math.inf, 0.09, math.inf), "of its trainings with 3 fresh seeds 2 did not come to the end"),
    ],
)
def test_an_optimism_is_a_share_where_that_says_something(picked: float, fresh: tuple[float, ...], ending: str) -> None:
    line = pick_line(picked, fresh)
    assert line.startswith(f"trial 17: picked at {picked:g}")
    assert line.endswith(ending)


def test_a_metric_that_is_better_when_higher_is_told_as_it_is() -> None:
    assert pick_line(0.069, (0.074, 0.076, 0.078), ACCURACY) == (
        "trial 17: picked at 0.931, confirmed 0.924 ± 0.001 (3 fresh seeds): the best of 100 trials looked 0.007 too good"
    )


def test_a_value_below_zero_has_no_share() -> None:
    assert pick_line(-1.0, (-0.5, -0.75), LOSS) == (
        "trial 17: picked at -1, confirmed -0.6 ± 0.1 (2 fresh seeds): the best of 100 trials looked 0.375 too good"
    )
    assert pick_line(-1.0, (-1.5, -1.25), LOSS).endswith("it is better than it looked")


def test_one_seed_tells_nobody_apart() -> None:
    assert told({3: (0.1,), 0: (0.3,)})[1] == "one seed cannot tell the leaders apart"


def test_a_leader_that_diverged_with_a_fresh_seed_does_not_win() -> None:
    fresh = {3: (0.07, math.nan, 0.07), 0: (0.3, 0.2, 0.4)}
    assert told(fresh)[1:3] == [
        "trial 0 is the best in the mean of all its trainings: 0.125 in the search, 0.30 ± 0.06 with fresh seeds",
        "trial 0 can be told apart from the other leader",
    ]
    cells = {leader.trial: fresh_cell(leader.fresh) for leader in summarise(recorded_search(fresh)).leaders}
    assert cells == {0: "0.30 ± 0.06", 3: "1 of 3 failed"}


def test_a_function_has_no_parameters_to_count_and_no_dropout() -> None:
    run = recorded_search(data={"task": "python", "notes": []})
    for key in ("history", "repetitions"):
        records = getattr(run, key)
        records.update({number: replace(record, size=0) for number, record in records.items()})
    assert confirmation_lines(summarise(run))[1:] == ["trials 3 and 0 cannot be told apart"]


def test_the_cell_of_a_leader_that_was_not_trained_again_is_empty() -> None:
    assert fresh_cell(None) == ""
    assert fresh_cell(Fresh(0.1, math.nan, 0.1, 1, 0)) == "0.1"
