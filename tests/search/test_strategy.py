from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.search.samplers import random_point
from hpsearch.search.settings import SearchSettings
from hpsearch.search.strategy import Done, Plan, RandomSearch, Start, Wait, strategy
from hpsearch.seeds import Streams
from hpsearch.space.parameters import Choice, Real, Whole
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.trial import Status, Trial, TrialRecord

SPACE = SearchSpace(
    {
        "learning_rate": Entry(Real(1e-4, 1, "log")),
        "optimizer": Entry(Choice(["adam", "momentum"])),
        "momentum": Entry(Real(0.9, 0.999, "1-beta"), when={"optimizer": ("momentum",)}),
        "hidden_units": Entry(Whole(16, 256, "log")),
    }
)
ENDED = [status for status in Status if status is not Status.WAITING]


def search(trials: int, seed: int = 0, epochs: int = 9) -> RandomSearch:
    return RandomSearch(SPACE, Streams(seed), trials, epochs)


def started(search: RandomSearch, history: dict[int, TrialRecord] | None = None) -> tuple[Trial, ...]:
    decision = search.ask(history or {})
    assert isinstance(decision, Start)
    return decision.trials


def as_history(trials: tuple[Trial, ...], *status: Status) -> dict[int, TrialRecord]:
    """Return the history in which trials stand at `status`, one after the other and over again."""
    return {trial.number: TrialRecord(trial, 9, status[k % len(status)]) for k, trial in enumerate(trials)}


def test_at_first_all_trials_are_started_until_the_last_epoch() -> None:
    decision = search(5).ask({})
    assert isinstance(decision, Start)
    assert decision.until_epoch == 9
    assert [trial.number for trial in decision.trials] == [0, 1, 2, 3, 4]
    assert {trial.stage for trial in decision.trials} == {0}


def test_a_trial_has_its_own_point_and_the_params_that_the_space_decodes_there() -> None:
    for trial in started(search(20, seed=4)):
        assert trial.point == random_point(Streams(4), 0, trial.number, 4)
        assert trial.params == SPACE.decode(trial.point)
        assert ("momentum" in trial.params) == (trial.params["optimizer"] == "momentum")


def test_a_trial_of_ten_is_that_trial_of_fifty() -> None:
    assert started(search(10)) == started(search(50))[:10]


def test_another_seed_gives_other_trials() -> None:
    assert not {t.point for t in started(search(10))} & {t.point for t in started(search(10, seed=1))}


def test_when_the_number_of_trials_is_raised_only_the_missing_ones_are_started() -> None:
    ten = started(search(10))
    for status in Status:
        assert ten + started(search(50), as_history(ten, status)) == started(search(50))


def test_while_any_trial_waits_there_is_nothing_to_decide() -> None:
    trials = started(search(4))
    assert search(4).ask(as_history(trials, Status.WAITING)) == Wait()
    history = as_history(trials, Status.COMPLETE)
    history[2] = replace(history[2], status=Status.WAITING)
    assert search(4).ask(history) == Wait()


def test_the_search_is_over_when_every_trial_has_ended_however_it_did() -> None:
    history = as_history(started(search(len(ENDED))), *ENDED)
    assert search(len(ENDED)).ask(history) == Done("all trials are finished")


def test_lowering_the_number_of_trials_starts_none_and_forgets_none() -> None:
    trials = started(search(6))
    assert search(3).ask(as_history(trials, Status.WAITING)) == Wait()
    assert isinstance(search(3).ask(as_history(trials, Status.COMPLETE)), Done)


@given(
    trials=st.integers(1, 12),
    known=st.integers(0, 12),
    status=st.lists(st.sampled_from(list(Status)), min_size=1, max_size=5),
    seed=st.integers(0, 99),
)
def test_the_decision_is_a_function_of_the_history(trials: int, known: int, status: list[Status], seed: int) -> None:
    history = as_history(started(search(12, seed))[:known], *status)
    before = dict(history)
    decision = search(trials, seed).ask(history)
    assert decision == search(trials, seed).ask(history)
    assert history == before
    if known < trials:
        assert decision == Start(started(search(12, seed))[known:trials], 9)
    else:
        assert isinstance(decision, Wait if any(not r.status.ended for r in history.values()) else Done)


def test_the_plan_is_one_stage_with_one_rung() -> None:
    plan = search(40, epochs=20).plan()
    assert plan == Plan(stages=(40,), rungs=(20,))
    assert plan.epochs == 800


@pytest.mark.parametrize(("stages", "rungs", "epochs"), [((40,), (20,), 800), ((20, 10, 10), (1, 3, 9), 360)])
def test_a_plan_counts_the_epochs_of_all_stages_as_if_none_ended_early(
    stages: tuple[int, ...], rungs: tuple[int, ...], epochs: int
) -> None:
    assert Plan(stages, rungs).epochs == epochs


def test_the_strategy_called_random_is_random_search_with_the_settings_numbers() -> None:
    named = strategy(SearchSettings(method="random", trials=13), SPACE, Streams(2), 7)
    assert named == RandomSearch(SPACE, Streams(2), 13, 7)


def test_the_settings_search_at_random_unless_told_otherwise() -> None:
    assert strategy(SearchSettings(), SPACE, Streams(0), 3).plan() == Plan((40,), (3,))
