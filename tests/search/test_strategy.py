from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from played import FINITE, HALVED, MIXED, OFF, bowl, cube, decisions, falling, gather, played, trials_of

from hpsearch.search.coarse_to_fine import CoarseToFine
from hpsearch.search.plan import Done, Plan, Promote, Replan, Start, Wait
from hpsearch.search.samplers import Drawn, Grid, Sobol
from hpsearch.search.settings import EarlyStopping, Leaders, Method, SearchSettings
from hpsearch.search.strategy import Search, StopRules, make_plan, search
from hpsearch.search.zoom import Zoom
from hpsearch.seeds import Streams
from hpsearch.space.parameters import Whole
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.trial import PriorTrial, Status, Trial, TrialRecord, incumbent

ENDED = [status for status in Status if status is not Status.WAITING]
RANDOM = SearchSettings(method="random", trials=10)
RUNGS = (1, 3, 9, 27)


def asked(
    method: Method = "random", trials: int = 10, seed: int = 0, epochs: int = 9, recorded: Plan | None = None
) -> Search:
    return search(SearchSettings(method=method, trials=trials), MIXED, Streams(seed), epochs, recorded=recorded)


def started(search: Search, history: dict[int, TrialRecord] | None = None) -> tuple[Trial, ...]:
    decision = search.ask(history or {})
    assert isinstance(decision, Start)
    return decision.trials


def as_history(trials: tuple[Trial, ...], *status: Status) -> dict[int, TrialRecord]:
    """Return the history in which trials stand at `status`, one after the other and over again."""
    return {trial.number: TrialRecord(trial, 9, status[k % len(status)]) for k, trial in enumerate(trials)}


def prior(count: int, u: float = 0.5) -> list[PriorTrial]:
    return [PriorTrial("parent", n, (u,) * 4, (0.01,), Status.COMPLETE) for n in range(count)]


# The plan.


@pytest.mark.parametrize(
    ("trials", "stages"),
    [
        (1, (1,)),
        (2, (1, 1)),
        (3, (1, 1, 1)),
        (4, (2, 1, 1)),
        (16, (8, 4, 4)),
        (39, (8, 16, 15)),
        (40, (8, 11, 11, 10)),
        (60, (12, 16, 16, 16)),
        (100, (20, 27, 27, 26)),
        (10_000, (2000, 2667, 2667, 2666)),
    ],
)
def test_with_early_stopping_there_are_three_fine_stages_and_two_below_40_trials(
    trials: int, stages: tuple[int, ...]
) -> None:
    assert make_plan(replace(HALVED, trials=trials), 27) == Plan(stages, RUNGS, 3, coarse_rungs=(1, 9, 27))


@pytest.mark.parametrize(
    ("trials", "stages"),
    [
        (1, (1,)),
        (3, (1, 2)),
        (5, (2, 3)),
        (10, (5, 3, 2)),
        (16, (8, *[2] * 4)),
        (20, (8, *[2] * 6)),
        (32, (8, *[4] * 6)),
        (40, (8, *[4] * 8)),
        (50, (10, *[4] * 10)),
        (60, (12, *[4] * 12)),
        (100, (20, *[5] * 16)),
        (200, (40, *[10] * 16)),
        (203, (41, 11, 11, *[10] * 14)),
    ],
)
def test_without_it_there_are_6_to_16_of_about_4_trials_and_of_2_at_least(trials: int, stages: tuple[int, ...]) -> None:
    assert make_plan(replace(OFF, trials=trials), 27) == Plan(stages, (27,))


@given(trials=st.integers(1, 500), stages=st.none() | st.integers(1, 30), halved=st.booleans(), start=st.integers(0, 50))
def test_the_stages_hold_all_trials_and_fine_ones_are_equal(
    trials: int, stages: int | None, halved: bool, start: int
) -> None:
    given = replace(HALVED if halved else OFF, trials=trials, stages=stages, start=({},) * start)
    plan = make_plan(given, 27)
    coarse, *fine = plan.stages
    assert plan.trials == trials
    assert min(plan.stages) >= 1
    assert coarse >= min(trials, start)
    assert not fine or max(fine) - min(fine) <= 1
    assert fine == sorted(fine, reverse=True)


def test_the_number_of_stages_can_be_given_and_is_never_more_than_there_are_trials() -> None:
    assert make_plan(replace(OFF, trials=40, stages=2), 9).stages == (8, 16, 16)
    assert make_plan(replace(HALVED, trials=40, stages=1), 9).stages == (8, 32)
    assert make_plan(replace(OFF, trials=4, stages=100), 9).stages == (2, 1, 1)


def test_the_lectures_recipe_draws_two_fifths_first_and_zooms_four_times() -> None:
    zoom = SearchSettings(method="zoom", trials=40).settled()
    assert make_plan(zoom, 9) == Plan((16, 6, 6, 6, 6), (9,))
    assert make_plan(replace(zoom, trials=3), 9).stages == (1, 1, 1)


@pytest.mark.parametrize("method", ["random", "grid", "sobol"])
def test_what_does_not_learn_has_one_stage(method: Method) -> None:
    assert make_plan(SearchSettings(method=method, trials=13, stages=5).settled(), 9) == Plan((13,), (9,))


def test_random_search_with_early_stopping_is_one_bracket() -> None:
    settings = SearchSettings(method="random", trials=30, early_stopping=EarlyStopping(4, 2))
    assert make_plan(settings, 40) == Plan((30,), (2, 8, 40), 4)


@pytest.mark.parametrize(("epochs", "rungs"), [(1, (1,)), (2, (2,)), (243, (1, 3, 9, 27, 81, 243)), (20, (1, 3, 20))])
def test_the_rungs_follow_from_the_epochs(epochs: int, rungs: tuple[int, ...]) -> None:
    assert make_plan(HALVED, epochs).rungs == rungs
    assert make_plan(OFF, epochs).rungs == (epochs,)


@pytest.mark.parametrize(
    ("epochs", "rungs"),
    [(2, ()), (3, (1, 3)), (9, (3, 9)), (20, (3, 20)), (27, (1, 9, 27)), (243, (1, 9, 81, 243)), (1000, (3, 27, 243, 1000))],
)
def test_the_coarse_stage_compares_at_every_other_rung(epochs: int, rungs: tuple[int, ...]) -> None:
    assert make_plan(HALVED, epochs).coarse_rungs == rungs


def test_when_the_first_rung_lies_beyond_the_last_epoch_nothing_is_stopped() -> None:
    settings = SearchSettings(early_stopping=EarlyStopping(3, 50))
    assert make_plan(settings, 27) == make_plan(replace(settings, early_stopping="off"), 27)


def test_where_one_epoch_is_all_there_is_nothing_to_stop_and_the_stages_are_many() -> None:
    assert make_plan(replace(HALVED, trials=60), 1) == Plan((12, *[4] * 12), (1,))
    assert len(make_plan(replace(HALVED, trials=60), 3).stages) == 4


def test_a_plan_tells_the_epochs_of_all_stages_as_if_none_ended_early() -> None:
    assert Plan((40,), (20,)).epochs == 800
    assert Plan((27,), RUNGS).epochs == 27 + 9 * 2 + 3 * 6 + 1 * 18
    sixty = make_plan(replace(HALVED, trials=60), 27)
    assert sixty.epochs == (12 + 4 * 8 + 2 * 18) + 3 * (16 + 6 * 2 + 2 * 6 + 18)
    assert 9 < sixty.epochs / 27 < 10


def test_points_that_are_given_make_the_coarse_stage_larger_if_it_is_too_small_for_them() -> None:
    given = ({"optimizer": "adam"},) * 11
    assert make_plan(replace(OFF, trials=40, start=given), 9).stages[0] == 11
    assert make_plan(replace(OFF, trials=40, start=given[:3]), 9).stages[0] == 8
    assert make_plan(replace(OFF, trials=5, start=given), 9).stages == (5,)
    assert make_plan(replace(OFF, trials=40, start=Leaders("other")), 9).stages[0] == 8


def test_enough_trials_of_earlier_runs_take_the_coarse_stages_place() -> None:
    assert make_plan(replace(HALVED, trials=40), 9, known=7).stages == (8, 11, 11, 10)
    assert make_plan(replace(HALVED, trials=40), 9, known=8).stages == (1, 13, 13, 13)
    assert make_plan(replace(HALVED, trials=40, start=({}, {})), 9, known=8).stages == (2, 13, 13, 12)
    assert search(replace(HALVED, trials=40), MIXED, Streams(0), 9, prior=prior(8)).plan.stages[0] == 1
    assert search(replace(HALVED, trials=40), MIXED, Streams(0), 9, prior=prior(8, u=1.1)).plan.stages[0] == 8


def test_a_trial_belongs_to_a_stage() -> None:
    plan = Plan((3, 2), (9,))
    assert [plan.stage_at(number) for number in range(5)] == [(0, range(3))] * 3 + [(1, range(3, 5))] * 2
    with pytest.raises(IndexError):
        plan.stage_at(5)


# More trials, or fewer, than were planned.


def test_for_more_trials_stages_of_the_size_of_the_first_fine_one_follow() -> None:
    before = asked("coarse-to-fine", 40).plan
    assert asked("coarse-to-fine", 100, recorded=before).plan == replace(
        before, stages=(8, 11, 11, 10, 11, 11, 11, 11, 11, 5)
    )
    assert asked("coarse-to-fine", 40, recorded=before).plan == before


def test_a_last_stage_that_was_cut_short_makes_those_after_it_no_smaller() -> None:
    plan = asked("coarse-to-fine", 40).plan
    for trials in (41, 60, 70):
        plan = asked("coarse-to-fine", trials, recorded=plan).plan
    assert plan.stages == (8, 11, 11, 10, 1, 11, 8, 10)


def test_of_random_search_the_one_stage_grows_unless_it_was_a_bracket() -> None:
    assert asked("random", 25, recorded=asked("random", 10).plan).plan == asked("random", 25).plan
    halved = SearchSettings(method="random", trials=10, early_stopping=EarlyStopping())
    before = make_plan(halved, 9)
    assert search(replace(halved, trials=25), MIXED, Streams(0), 9, recorded=before).plan.stages == (10, 10, 5)
    after = search(replace(halved, trials=11), MIXED, Streams(0), 9, recorded=before).plan
    assert search(replace(halved, trials=25), MIXED, Streams(0), 9, recorded=after).plan.stages == (10, 1, 10, 4)


def test_for_fewer_trials_the_plan_is_cut_off() -> None:
    before = asked("coarse-to-fine", 40).plan
    assert asked("coarse-to-fine", 20, recorded=before).plan.stages == (8, 11, 1)
    assert asked("coarse-to-fine", 19, recorded=before).plan.stages == (8, 11)
    assert asked("random", 4, recorded=Plan((10,), (9,))).plan.stages == (4,)


def test_a_grid_of_more_points_is_another_grid() -> None:
    before = asked("grid", 16).plan
    more = asked("grid", 60, recorded=before)
    assert more.plan == before
    assert started(more) == started(asked("grid", 16))


def test_when_trials_are_raised_those_that_were_are_kept_and_the_missing_ones_follow() -> None:
    before = asked("coarse-to-fine", 20, epochs=1)
    history = played(before, bowl)
    after = asked("coarse-to-fine", 30, epochs=1, recorded=before.plan)
    longer = played(after, bowl, history)
    assert list(longer) == list(range(30))
    assert {number: longer[number] for number in history} == history
    assert [trial.stage for trial in trials_of(longer)][20:] == [stage for stage in range(7, 12) for _ in range(2)]
    # Cut off and asked for in one go, the same trials come.
    assert played(asked("coarse-to-fine", 30, epochs=1, recorded=before.plan), bowl) == longer


@pytest.mark.parametrize("method", ["random", "sobol"])
@pytest.mark.parametrize("space", [MIXED, FINITE])
def test_50_trials_and_then_50_more_are_the_100(method: Method, space: SearchSpace) -> None:

    def play(trials: int, history: dict[int, TrialRecord] | None = None) -> dict[int, TrialRecord]:
        return played(search(SearchSettings(method=method, trials=trials), space, Streams(1), 1), bowl, history)

    assert play(100, play(50)) == play(100)


# One decision after the other.


def test_at_first_all_trials_are_started_until_the_last_epoch() -> None:
    decision = asked(trials=5).ask({})
    assert isinstance(decision, Start)
    assert decision.until_epoch == 9
    assert [trial.number for trial in decision.trials] == [0, 1, 2, 3, 4]
    assert {trial.stage for trial in decision.trials} == {0}


def test_when_the_number_of_trials_is_raised_only_the_missing_ones_are_started() -> None:
    ten = started(asked(trials=10))
    for status in ENDED:
        assert ten + started(asked(trials=50), as_history(ten, status)) == started(asked(trials=50))


@pytest.mark.parametrize("method", ["random", "coarse-to-fine"])
def test_while_any_trial_waits_there_is_nothing_to_decide(method: Method) -> None:
    trials = started(asked(method, 4))
    assert asked(method, 4).ask(as_history(trials, Status.WAITING)) == Wait()
    history = as_history(trials, Status.COMPLETE)
    history[1] = replace(history[1], status=Status.WAITING)
    assert asked(method, 4).ask(history) == Wait()


def test_the_search_is_over_when_every_trial_has_ended_however_it_did() -> None:
    history = as_history(started(asked(trials=len(ENDED))), *ENDED)
    assert asked(trials=len(ENDED)).ask(history) == Done("all trials are finished", len(ENDED))


def test_lowering_the_number_of_trials_starts_none_and_forgets_none() -> None:
    trials = started(asked(trials=6))
    assert asked(trials=3).ask(as_history(trials, Status.WAITING)) == Wait()
    assert asked(trials=3).ask(as_history(trials, Status.COMPLETE)) == Done("all trials are finished", 6)


@given(
    trials=st.integers(1, 12),
    known=st.integers(0, 12),
    status=st.lists(st.sampled_from(list(Status)), min_size=1, max_size=5),
    seed=st.integers(0, 99),
)
def test_the_decision_is_a_function_of_the_history(trials: int, known: int, status: list[Status], seed: int) -> None:
    history = as_history(started(asked("random", 12, seed))[:known], *status)
    before = dict(history)
    decision = asked("random", trials, seed).ask(history)
    assert decision == asked("random", trials, seed).ask(history)
    assert history == before
    if any(not record.status.ended for record in history.values()):
        assert decision == Wait()
    elif known < trials:
        assert decision == Start(started(asked("random", 12, seed))[known:trials], 9)
    else:
        assert isinstance(decision, Done)


@pytest.mark.parametrize(
    ("method", "sampler"),
    [("coarse-to-fine", CoarseToFine), ("random", Drawn), ("grid", Grid), ("sobol", Sobol), ("zoom", Zoom)],
)
def test_each_method_has_its_sampler(method: Method, sampler: type) -> None:
    assert isinstance(asked(method).sampler, sampler)


@pytest.mark.parametrize("method", ["coarse-to-fine", "random", "grid", "sobol", "zoom"])
def test_every_method_keeps_the_contract(method: Method) -> None:
    given = SearchSettings(method=method, trials=30, start=({"optimizer": "adam"}, {"learning_rate": 0.5}))
    one, other = (search(given, MIXED, Streams(0), 3) for _ in range(2))
    history = played(one, falling(3))
    assert list(history) == list(range(len(history)))
    assert 15 < len(history) <= 30  # of a grid, what does not count leaves fewer
    assert all(record.status.ended and record.number == number for number, record in history.items())
    assert all(trial.params == pytest.approx(MIXED.decode(trial.point)) for trial in trials_of(history))
    assert history[1].trial.params["learning_rate"] == 0.5  # to the bit, as it was given
    assert [trial.origin.kind for trial in trials_of(history)[:3]].count("start") == 2
    assert history[0].trial.params["optimizer"] == "adam"
    assert played(other, falling(3), order=np.random.default_rng(0)) == history


def test_a_finite_search_ends_early_and_says_why() -> None:
    history: dict[int, TrialRecord] = {}
    *_, done = decisions(search(SearchSettings(method="random", trials=100), FINITE, Streams(0), 1), bowl, history)
    assert done == Done("every combination of values has been tried", 56)


# Early stopping.


def test_a_stage_is_a_bracket_and_the_next_one_begins_when_it_is_over() -> None:
    history: dict[int, TrialRecord] = {}
    made = decisions(search(replace(HALVED, trials=16), cube(1), Streams(0), 9), falling(9), history)
    told = [(type(d).__name__, getattr(d, "until_epoch", 0)) for d in itertools.islice(made, 11)]
    coarse = [("Start", 3), ("Wait", 0), ("Promote", 9), ("Wait", 0)]
    fine = [("Start", 1), ("Wait", 0), ("Promote", 3), ("Wait", 0), ("Promote", 9), ("Wait", 0), ("Start", 1)]
    assert told == coarse + fine
    statuses = [history[number].status for number in range(8)]
    assert statuses.count(Status.COMPLETE) == 3
    assert statuses.count(Status.STOPPED) == 5
    assert sorted(len(history[number].values) for number in range(8)) == [3, 3, 3, 3, 3, 9, 9, 9]
    assert sorted(len(history[number].values) for number in range(8, 12)) == [1, 1, 3, 9]


def test_training_goes_on_where_it_stopped_with_the_best_third() -> None:
    one = search(replace(HALVED, trials=16), cube(1), Streams(0), 9)
    trials = started(one)
    values = [0.5, 0.1, 0.9, 0.3, 0.2, 0.4, 0.8, 0.7]
    history = {
        t.number: TrialRecord(t, 3, values=(v,) * 3, curves={"value": (v,) * 3}, selected_epoch=3)
        for t, v in zip(trials, values, strict=True)
    }
    assert one.ask(history) == Promote((1, 3, 4), (0, 2, 5, 6, 7), 9)
    for number in (0, 2):
        history[number] = replace(history[number], status=Status.DIVERGED)
    assert one.ask(history) == Promote((1, 3, 4), (5, 6, 7), 9)


def memorising(trial: Trial) -> list[float]:
    """Return a curve that falls to the bowl's value, and rises again after the third epoch."""
    return [bowl(trial)[0] * factor for factor in (2.0, 1.5, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6)]


def test_where_trials_get_worse_after_the_last_comparison_later_stages_train_fewer_and_in_full() -> None:
    one = search(replace(HALVED, trials=60), cube(2), Streams(0), 9)
    history: dict[int, TrialRecord] = {}
    made = list(decisions(one, memorising, history))
    plans = [decision.plan for decision in made if isinstance(decision, Replan)]
    assert [plan.in_full for plan in plans] == [(1,), (1, 2), (1, 2, 3)]
    last = plans[-1]
    assert last.stages == one.plan.stages == (12, 16, 16, 16)
    assert last.sizes == (12, 4, 4, 4)  # 16 + 6 x 2 + 2 x 6 epochs, by 9
    assert (last.trials, last.asked) == (24, 60)
    assert abs(last.epochs - one.plan.epochs) <= 3 * 9 / 2
    assert [decision.until_epoch for decision in made if isinstance(decision, Start)] == [3, 9, 9, 9]
    assert [history[number].status for number in range(12, 24)] == [Status.COMPLETE] * 12
    assert made[-1] == Done("all trials are finished", 24)
    assert last.stage_at(16) == (2, range(16, 20))


def test_a_stage_of_few_trials_that_is_trained_in_full_has_one_at_least() -> None:
    assert Plan((4, 2), (1, 9), coarse_rungs=(1, 9), in_full=(1,)).sizes == (4, 1)


def test_a_search_that_goes_on_with_the_recorded_plan_decides_the_same() -> None:
    one = search(replace(HALVED, trials=30), cube(2), Streams(0), 9)
    history: dict[int, TrialRecord] = {}
    for decision in decisions(one, memorising, history):
        if isinstance(decision, Replan):
            again = search(replace(HALVED, trials=30), cube(2), Streams(0), 9, recorded=decision.plan)
            assert played(again, memorising, history) == played(one.replanned(decision.plan), memorising, history)


def test_more_trials_for_a_search_that_trained_in_full_are_planned_as_brackets() -> None:
    recorded = Plan((12, 16, 16), (1, 3, 9), 3, 0, (1, 9), (1,))
    grown = search(replace(HALVED, trials=60), cube(2), Streams(0), 9, recorded=recorded).plan
    assert grown == replace(recorded, stages=(12, 16, 16, 16))
    assert grown.sizes == (12, 4, 16, 16)


def test_random_search_and_one_without_early_stopping_are_never_trained_in_full() -> None:
    assert not make_plan(replace(HALVED, method="random"), 9).coarse_rungs
    assert not make_plan(OFF, 9).coarse_rungs
    made = decisions(search(replace(HALVED, method="random", trials=30), cube(2), Streams(0), 9), memorising, {})
    assert not any(isinstance(decision, Replan) for decision in made)


@pytest.mark.parametrize("epochs", [1, 2, 27])
@pytest.mark.parametrize("trials", [1, 3, 40])
def test_every_stage_trains_at_least_one_trial_to_the_end(trials: int, epochs: int) -> None:
    one = search(replace(HALVED, trials=trials), MIXED, Streams(0), epochs)
    history = played(one, falling(epochs))
    begin = 0
    for count in one.plan.stages:
        stage = [history[number] for number in range(begin, begin + count)]
        assert any(record.status is Status.COMPLETE and len(record.values) == epochs for record in stage)
        begin += count
    assert sum(len(record.values) for record in history.values()) == one.plan.epochs


def test_a_stage_in_which_all_that_went_on_diverge_is_over() -> None:
    history = played(
        search(replace(HALVED, trials=16), cube(2), Streams(0), 9),
        lambda trial: [1.0] * 3 if trial.number < 8 else falling(9)(trial),
    )
    statuses = [record.status for record in history.values()]
    assert sorted(statuses[:8]) == [Status.DIVERGED] * 3 + [Status.STOPPED] * 5
    assert statuses.count(Status.COMPLETE) == 2


def test_where_everything_diverges_all_stages_are_drawn() -> None:
    history = played(search(replace(HALVED, trials=16), cube(2), Streams(0), 9), lambda _: [])
    assert {record.status for record in history.values()} == {Status.DIVERGED}
    drawn = Drawn(cube(2), Streams(0)).propose(0, range(16), {})
    assert trials_of(history) == drawn


def test_after_a_first_stage_that_diverged_it_learns_from_the_next() -> None:
    def curve(trial: Trial) -> list[float]:
        return [] if trial.number < 8 else [*falling(9)(trial)]

    history = played(search(replace(HALVED, trials=24), cube(2), Streams(0), 9), curve)
    kinds = [trial.origin.kind for trial in trials_of(history)]
    assert set(kinds[:16]) == {"drawn"}
    assert "elite" in kinds[16:]


@settings(max_examples=20)
@given(seed=st.integers(0, 1000), share=st.sampled_from([0.0, 0.3, 0.9]))
def test_no_stopped_trial_is_ranked_before_the_best_finished_one(seed: int, share: float) -> None:
    def curve(trial: Trial) -> list[float]:
        generator = np.random.default_rng([seed, trial.number])
        length = int(generator.integers(9)) if generator.random() < share else 9
        return [math.exp(generator.normal()) / epoch for epoch in range(1, length + 1)]

    history = played(search(replace(HALVED, trials=12), cube(2), Streams(seed), 9), curve)
    best, evidence = incumbent(history.values()), gather(history)
    if best is not None:
        assert evidence.losses[best.number] == evidence.losses.min()


def test_the_search_is_the_same_in_whatever_order_trials_end() -> None:
    def play(order: int | None) -> dict[int, TrialRecord]:
        generator = None if order is None else np.random.default_rng(order)
        return played(search(replace(HALVED, trials=24), MIXED, Streams(3), 27), falling(27), order=generator)

    assert play(None) == play(0) == play(1)


def test_it_can_be_taken_up_anywhere() -> None:
    one = search(replace(HALVED, trials=20), MIXED, Streams(3), 9)
    whole = played(one, falling(9))
    history: dict[int, TrialRecord] = {}
    for number, decision in enumerate(decisions(one, falling(9), history)):
        copy = dict(history)
        assert one.ask(copy) == decision
        if number % 5 == 0:
            assert played(one, falling(9), copy) == whole


# What ends it early.


def values(*numbers: float, waiting: tuple[int, ...] = ()) -> dict[int, TrialRecord]:
    """Return a history with these values, NaN for a trial that diverged."""
    found = {}
    for number, value in enumerate(numbers):
        status = Status.DIVERGED if math.isnan(value) else Status.COMPLETE
        status = Status.WAITING if number in waiting else status
        found[number] = TrialRecord(Trial(number, 0, (0.5,) * 4, {}), 9, status, values=(value,))
    return found


def ruled(target: float | None = None, plateau: int | None = None, method: Method = "random", trials: int = 40) -> Search:
    return search(SearchSettings(method=method, trials=trials, plateau=plateau), MIXED, Streams(0), 9, target=target)


def test_a_target_ends_the_search_with_the_first_trial_that_reaches_it() -> None:
    assert ruled(0.2).ask(values(0.5, 0.3, 0.2, 0.1)) == Done("the target is reached", 3)
    assert ruled(0.2).over(values(0.5, 0.3, 0.21)) is None
    assert ruled(-1.0).over(values(0.5, -1.5)) == Done("the target is reached", 2)
    assert ruled(0.0).over(values(0.5, 0.0)) == Done("the target is reached", 2)


def test_a_plateau_ends_it_after_so_many_trials_without_a_better_one() -> None:
    assert ruled(plateau=2).over(values(0.5, 0.3, 0.4)) is None
    assert ruled(plateau=2).ask(values(0.5, 0.3, 0.4, 0.3, 0.1)) == Done("no better trial among the last 2", 4)
    assert ruled(plateau=2).over(values(0.5, 0.4, 0.3, 0.2)) is None
    assert ruled(plateau=2).over(values(0.5, math.nan, math.nan)) == Done("no better trial among the last 2", 3)


def test_before_there_is_a_value_there_is_no_plateau() -> None:
    assert ruled(plateau=2).over(values(math.nan, math.nan, math.nan, math.nan)) is None
    assert ruled(plateau=2).over(values(math.nan, math.nan, math.nan, 0.5, 0.6)) is None


def test_whichever_rule_holds_first_ends_it() -> None:
    both = ruled(0.1, 3)
    assert both.over(values(0.5, 0.6, 0.6, 0.6, 0.1)) == Done("no better trial among the last 3", 4)
    assert both.over(values(0.5, 0.6, 0.6, 0.1)) == Done("the target is reached", 4)


@pytest.mark.parametrize("status", [status for status in ENDED if status is not Status.COMPLETE])
def test_only_a_complete_trial_can_reach_a_target(status: Status) -> None:
    history = values(0.5, 0.1)
    history[1] = replace(history[1], status=status)
    assert ruled(0.2).over(history) is None


def test_a_value_that_is_no_number_reaches_nothing() -> None:
    assert ruled(0.2).over(values(-math.inf, math.inf)) is None
    assert ruled(plateau=1).over(values(-math.inf, math.inf)) is None


def test_rules_are_judged_on_the_trials_before_the_first_that_still_trains() -> None:
    assert ruled(0.2).over(values(0.5, 0.3, 0.1, waiting=(1,))) is None
    assert ruled(0.2).over(values(0.5, 0.1, 0.3, waiting=(2,))) == Done("the target is reached", 2)


def test_with_several_stages_they_are_judged_at_the_end_of_one() -> None:
    staged = ruled(0.2, method="coarse-to-fine")
    assert staged.over(values(0.1, 0.5, waiting=(1,))) is None
    assert staged.over(values(0.1, 0.5, 0.6)) == Done("the target is reached", 3)
    halved = SearchSettings(method="random", trials=9, early_stopping=EarlyStopping())
    bracket = search(halved, MIXED, Streams(0), 9, target=0.2)
    assert bracket.over(values(0.1, 0.5, waiting=(1,))) is None
    assert bracket.over(values(0.1, 0.5)) == Done("the target is reached", 2)


@pytest.mark.parametrize("given", [{"target": 0.05}, {"plateau": 5}, {"target": 0.02, "plateau": 7}])
@pytest.mark.parametrize("settings", [RANDOM, OFF, HALVED, SearchSettings(method="zoom")])
def test_the_same_trials_are_kept_in_whatever_order_they_end(settings: SearchSettings, given: dict[str, float]) -> None:
    plateau, target = given.get("plateau"), given.get("target")
    settings = replace(settings, trials=40, plateau=None if plateau is None else int(plateau))

    def play(order: int | None) -> dict[int, TrialRecord]:
        generator = None if order is None else np.random.default_rng(order)
        one = search(settings, cube(1), Streams(1), 3, target=target)
        return played(one, falling(3), order=generator)

    history = play(None)
    assert len(history) < 40
    assert play(0) == play(1) == history


def test_a_random_search_that_was_raised_ends_where_it_would_have_ended_at_once() -> None:
    def one(trials: int, target: float | None) -> Search:
        settings = SearchSettings(method="random", trials=trials)
        return search(settings, cube(1), Streams(0), 1, target=target, recorded=Plan((10,), (1,)))

    ten = played(one(10, None), bowl)
    best = min(record.value for record in ten.values())
    ended = played(one(200, best * 0.999), bowl, ten)
    assert ended == played(search(replace(RANDOM, trials=200), cube(1), Streams(0), 1, target=best * 0.999), bowl)
    assert 10 < len(ended) < 200


def test_without_rules_nothing_is_judged() -> None:
    assert StopRules().first_met(values(0.0).values()) is None
    assert ruled().over(values(-math.inf, 0.0)) is None


# Points that are given, and the smallest spaces.


def test_points_that_are_given_come_first_and_count_as_trials() -> None:
    given = replace(OFF, trials=20, start=({"learning_rate": 0.01}, {"optimizer": "momentum", "momentum": 0.99}))
    history = played(search(given, MIXED, Streams(0), 1), bowl)
    assert len(history) == 20
    assert [record.trial.origin.kind for record in history.values()][:3] == ["start", "start", "drawn"]
    assert history[0].trial.params["learning_rate"] == pytest.approx(0.01)
    assert history[1].trial.params["momentum"] == pytest.approx(0.99)


@pytest.mark.parametrize("method", ["coarse-to-fine", "random", "zoom"])
def test_points_that_are_given_train_to_the_end_however_poor_they_look_and_the_plan_counts_them(method: Method) -> None:
    settings = SearchSettings(method, 20, EarlyStopping(), start=({"x0": 1.0, "x1": 1.0}, {"x0": 0.0}))
    found = search(settings, cube(2), Streams(0), 9)
    history = played(found, falling(9))
    assert [record.status for record in history.values()][:2] == [Status.COMPLETE] * 2
    assert found.plan.given == 2
    assert found.plan.epochs == sum(record.epochs_done for record in history.values())
    without = search(replace(settings, start=None, trials=18), cube(2), Streams(0), 9).plan
    if method == "random":
        assert found.plan.epochs == without.epochs + 2 * 9


def test_given_points_that_are_left_for_a_later_stage_count_there() -> None:
    plan = Plan((3, 4), (1, 3), 3, given=5)
    assert [plan.stage_epochs(stage) for stage in (0, 1)] == [9, 6 + 2 + 2]
    assert replace(plan, given=0).epochs == (3 + 2) + (4 + 2 * 2)


def test_of_more_given_points_than_trials_the_first_are_tried_and_the_rest_when_trials_are_raised() -> None:
    given = SearchSettings(method="random", trials=2, start=tuple({"learning_rate": 10.0**-k} for k in range(4)))
    history = played(search(given, MIXED, Streams(0), 1), bowl)
    assert [record.trial.params["learning_rate"] for record in history.values()] == pytest.approx([1, 0.1])
    longer = played(search(replace(given, trials=5), MIXED, Streams(0), 1, recorded=Plan((2,), (1,))), bowl, history)
    assert [r.trial.origin.kind for r in longer.values()] == ["start"] * 4 + ["drawn"]


@pytest.mark.parametrize("method", ["coarse-to-fine", "zoom"])
def test_given_points_that_are_left_over_come_first_among_the_further_trials(method: Method) -> None:
    given = SearchSettings(method=method, trials=2, start=tuple({"learning_rate": 10.0**-k} for k in range(4)))
    before = search(given, MIXED, Streams(0), 1)
    history = played(before, bowl)
    longer = played(search(replace(given, trials=12), MIXED, Streams(0), 1, recorded=before.plan), bowl, history)
    kinds = [record.trial.origin.kind for record in longer.values()]
    assert kinds[:4] == ["start"] * 4
    assert "start" not in kinds[4:]


def test_logarithms_are_taken_where_trials_may_be_stopped() -> None:
    def logarithmic(settings: SearchSettings, epochs: int) -> set[bool]:
        history = played(search(replace(settings, trials=20), cube(1), Streams(0), epochs), falling(epochs))
        return {trial.origin.logarithmic for trial in trials_of(history) if trial.origin.kind == "elite"}

    assert logarithmic(HALVED, 9) == {True}
    assert logarithmic(HALVED, 1) == logarithmic(OFF, 9) == {False}


@pytest.mark.parametrize("method", ["coarse-to-fine", "random", "zoom"])
def test_a_space_of_one_whole_number_is_gone_through(method: Method) -> None:
    space = SearchSpace({"n": Entry(Whole(1, 7, "log"))})
    history = played(search(SearchSettings(method=method, trials=20), space, Streams(0), 1), bowl)
    assert sorted(str(trial.params["n"]) for trial in trials_of(history)) == list("1234567")


def test_trials_of_earlier_runs_change_what_is_tried_and_cost_nothing() -> None:
    given = replace(OFF, trials=20)
    with_prior = played(search(given, MIXED, Streams(0), 1, prior=prior(8)), bowl)
    assert len(with_prior) == 20
    assert {trial.origin.elite_run for trial in trials_of(with_prior)} >= {"parent"}
    assert trials_of(with_prior)[1:] != trials_of(played(search(given, MIXED, Streams(0), 1), bowl))[1:]
