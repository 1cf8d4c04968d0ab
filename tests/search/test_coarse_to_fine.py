from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from played import FINITE, MIXED, OFF, bowl, cube, decisions, gather, played, trials_of, tried

from hpsearch.search import coarse_to_fine
from hpsearch.search.coarse_to_fine import RELEVANCE_STEPS, CoarseToFine, Surrogate, coarse_trials
from hpsearch.search.coordinates import Coordinates
from hpsearch.search.evidence import Evidence, Sources
from hpsearch.search.gaussian_process import GaussianProcess, expected_improvement
from hpsearch.search.plan import Done, Start
from hpsearch.search.region import Candidates, elites, near_elites
from hpsearch.search.samplers import Drawn
from hpsearch.search.settings import SearchSettings
from hpsearch.search.strategy import search
from hpsearch.seeds import Purpose, Streams
from hpsearch.space.parameters import Choice, Real, Whole
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.trial import DRAWN, History, PriorTrial, Status, Trial, Value

NAN = math.nan


def sampler(
    space: SearchSpace, seed: int = 0, prior: Sequence[PriorTrial] = (), start: Sequence[Mapping[str, Value]] = ()
) -> CoarseToFine:
    return CoarseToFine(space, Streams(seed), Drawn(space, Streams(seed), start), Sources(prior))


def coarse(space: SearchSpace, count: int, seed: int = 0) -> History:
    """Return a history of so many drawn trials with the bowl's values."""
    trials = Drawn(space, Streams(seed)).propose(0, range(count), {})
    return tried([trial.point for trial in trials], [bowl(trial)[0] for trial in trials], space)


def proposed(history: History, space: SearchSpace, count: int, stage: int = 1, seed: int = 0) -> list[Trial]:
    return sampler(space, seed).propose(stage, range(len(history), len(history) + count), history)


def kinds(trials: Sequence[Trial]) -> list[str]:
    return [trial.origin.kind for trial in trials]


def prior_trial(u: float, value: float, number: int = 0) -> PriorTrial:
    return PriorTrial("parent", number, (u,), (value,), Status.COMPLETE)


@pytest.mark.parametrize(
    ("trials", "count"),
    [
        (1, 0),
        (2, 1),
        (3, 1),
        (8, 4),
        (15, 7),
        (16, 8),
        (39, 8),
        (40, 8),
        (42, 8),
        (43, 9),
        (60, 12),
        (100, 20),
        (10_000, 2000),
    ],
)
def test_a_fifth_is_drawn_first_and_8_at_least_but_no_more_than_half(trials: int, count: int) -> None:
    assert coarse_trials(trials) == count


def test_the_coarse_stage_is_random_search() -> None:
    drawn = Drawn(MIXED, Streams(3)).propose(0, range(12), {})
    assert sampler(MIXED, 3).propose(0, range(12), {}) == drawn


def test_explorers_come_last_and_are_a_tenth_on_average() -> None:
    history = coarse(cube(2), 12)
    counts = []
    for seed in range(40):
        found = kinds(proposed(history, cube(2), 5, seed=seed))
        assert found == sorted(found)  # elite, explorer
        counts.append(found.count("explorer"))
    assert set(counts) == {0, 1}
    assert sum(counts) == pytest.approx(20, abs=8)


@pytest.mark.parametrize(("count", "least"), [(1, 0), (9, 0), (10, 1), (27, 2), (30, 3)])
def test_a_tenth_and_a_draw_rounded_down_are_explorers(count: int, least: int) -> None:
    history, stage = coarse(cube(1), 12), 2
    for seed in range(6):
        found = kinds(proposed(history, cube(1), count, stage, seed))
        u = Streams(seed).generator(Purpose.EXPLORE, stage).random()
        assert found.count("explorer") == math.floor(0.1 * count + u)
        assert found.count("explorer") in (least, least + 1)


def test_the_picks_have_the_highest_expected_improvement_over_the_best_predicted_value() -> None:
    space, history, stage = MIXED, coarse(MIXED, 20), 2
    coordinates, evidence = Coordinates(space), gather(history)
    losses = np.minimum(evidence.losses, 2 * np.median(evidence.losses) - evidence.losses.min())[evidence.order]
    targets = (losses - losses.mean()) / losses.std()
    features = coordinates.features(evidence.points[evidence.order])
    process = GaussianProcess.fit_relevance(features, targets, coordinates.columns, RELEVANCE_STEPS)
    best = float(process.mean(features).min())
    candidates = near_elites(evidence, 200, stage, coordinates, Streams(0).generator(Purpose.CANDIDATES, stage, 0))
    posterior = process.posterior(coordinates.features(candidates.points))

    picked: list[int] = []
    for trial in proposed(history, space, 6, stage)[:5]:
        improvement = expected_improvement(posterior.mean, posterior.variance, best)
        improvement[picked] = -1
        picked.append(int(improvement.argmax()))
        assert trial.point == tuple(candidates.points[picked[-1]].tolist())
        assert trial.origin.improvement == pytest.approx(improvement[picked[-1]] * losses.std())
        posterior.observe(picked[-1])


def test_a_trial_tells_the_elite_it_came_from_and_what_was_moved() -> None:
    history = coarse(MIXED, 20)
    best = set(elites(gather(history)).tolist())
    for trial in proposed(history, MIXED, 20):
        if trial.origin.kind == "explorer":
            assert trial.origin.elite == -1
            continue
        elite = history[trial.origin.elite].trial
        assert trial.origin.elite in best
        changed = {name for name in MIXED.names if trial.params.get(name) != elite.params.get(name)}
        assert set(trial.origin.moved) == changed
        assert trial.origin.before == {name: value for name, value in elite.params.items() if name in changed}
        assert list(trial.origin.moved) == [name for name in MIXED.names if name in changed]
        assert trial.origin.improvement >= 0
        assert trial.origin.logarithmic


@pytest.mark.parametrize(
    ("count", "expected"),
    [(1, [200]), (21, [200]), (30, [270]), (150, [1350]), (300, [2000, 700]), (500, [2000, 2000, 500])],
)
def test_candidates_are_200_or_10_for_each_trial_and_2000_at_most(
    count: int, expected: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = []

    def counted(
        evidence: Evidence, count: int, stage: int, coordinates: Coordinates, generator: np.random.Generator
    ) -> Candidates:
        counts.append(count)
        return near_elites(evidence, count, stage, coordinates, generator)

    monkeypatch.setattr(coarse_to_fine, "near_elites", counted)
    trials = proposed(coarse(cube(1), 12), cube(1), count)
    explored = kinds(trials).count("explorer")
    picked = count - explored
    rounds = [min(200, picked - begin) for begin in range(0, picked, 200)]
    assert counts == [max(200, 10 * wanted) for wanted in rounds]
    assert counts == pytest.approx(expected, abs=10)
    assert len({trial.point for trial in trials}) == count


def test_the_model_sees_no_more_than_that() -> None:
    space = cube(1)
    history = tried([(n / 600,) for n in range(600)], [1 + n for n in range(600)])
    surrogate = Surrogate.fit(gather(history), Coordinates(space))
    assert surrogate.process.rows.shape == (400, 1)


@pytest.mark.parametrize("values", [[1e-170, 3e-170, 2e-170, 0.0], [-1e140, 1.0, 2.0, 1e200]])
def test_values_that_hardly_differ_and_hugely_negative_ones_are_learnt_from_without_a_warning(values: list[float]) -> None:
    history = tried([(0.1,), (0.5,), (0.7,), (0.9,)], values)
    origins = {trial.origin.elite for trial in proposed(history, cube(1), 3, 1) if trial.origin.kind == "elite"}
    assert origins <= {n for n in range(4) if values[n] < 1e100}


def test_no_more_candidates_are_picked_than_there_are_and_none_twice() -> None:
    surrogate = Surrogate.fit(gather(coarse(cube(1), 12)), Coordinates(cube(1)))
    picks = surrogate.pick(np.linspace(0, 1, 7)[:, None], 9)
    assert sorted(index for index, _ in picks) == list(range(7))
    assert surrogate.pick(np.empty((0, 1)), 3) == []


def test_after_a_pick_the_next_one_lies_elsewhere() -> None:
    flat = tried([(n / 20,) for n in range(21)], [1 + n % 2 for n in range(21)])
    surrogate = Surrogate.fit(gather(flat), Coordinates(cube(1)))
    places = np.sort([index for index, _ in surrogate.pick(np.repeat(np.linspace(0, 1, 11), 20)[:, None], 6)])
    assert len(set(places // 20)) > 1  # each place is there 20 times


def test_a_stage_is_a_function_of_the_trials_and_the_same_bits_come_again() -> None:
    history = coarse(MIXED, 20)
    first = proposed(history, MIXED, 20)
    assert proposed(history, MIXED, 20) == first
    assert proposed(history, MIXED, 20, seed=1) != first
    assert proposed(history, MIXED, 20, stage=2) != first


def test_the_order_in_which_trials_end_makes_no_difference() -> None:
    def play(order: np.random.Generator | None) -> list[Trial]:
        return trials_of(played(search(SearchSettings(trials=24), MIXED, Streams(5), 1), bowl, order=order))

    assert play(None) == play(np.random.default_rng(0)) == play(np.random.default_rng(1))


@pytest.mark.parametrize("stage", [1, 2])
def test_where_nothing_has_a_value_the_next_stage_is_drawn(stage: int) -> None:
    history = tried([(0.1,), (0.5,), (0.9,)], [NAN] * 3)
    trials = proposed(history, cube(1), 5, stage)
    assert trials == Drawn(cube(1), Streams(0)).propose(0, range(3, 8), {})
    assert {trial.origin for trial in trials} == {DRAWN}


def test_a_single_value_draws_the_search_towards_it() -> None:
    history = tried([(n / 10, 0.5) for n in range(10)], [*[NAN] * 7, 0.3, NAN, NAN])
    trials = [trial for trial in proposed(history, cube(2), 10) if trial.origin.kind == "elite"]
    assert {trial.origin.elite for trial in trials} == {7}
    assert len({trial.point for trial in trials}) == len(trials) >= 8
    near_ones = [trial for trial in trials if abs(trial.point[0] - 0.7) < 0.25]
    assert len(near_ones) >= len(trials) / 2


@pytest.mark.parametrize("value", [0.1, 0.0, -3.0, 1e-300, 1e99])
def test_where_all_values_are_equal_the_search_goes_on(value: float) -> None:
    trials = proposed(tried([(n / 10, 0.5) for n in range(9)], [value] * 9), cube(2), 12)
    assert len({trial.point for trial in trials}) == 12
    assert all(0 <= u <= 1 for trial in trials for u in trial.point)


@pytest.mark.parametrize("values", [[0.0, 0.5, 1.0, 0.2], [-3.0, 2.0, -5.0, 1.0], [0.0] * 4, [1e308, -1.0, 1e308, 1e308]])
@pytest.mark.parametrize("floor", [0.0, 0.005])
def test_values_of_0_and_below_work(values: list[float], floor: float) -> None:
    history = tried([(0.1,), (0.4,), (0.7,), (0.9,)], values)
    trials = CoarseToFine(cube(1), Streams(0), Drawn(cube(1), Streams(0)), Sources(floor=floor)).propose(
        1, range(4, 16), history
    )
    assert len(trials) == 12
    assert all(math.isfinite(t.origin.improvement) for t in trials if t.origin.kind == "elite")


def test_a_trial_of_another_run_outside_of_the_cube_is_in_the_model_and_never_an_elite() -> None:
    history = tried([(n / 8,) for n in range(9)], [1.0 + n % 2 / 10 for n in range(9)])
    prior = [prior_trial(1.05 + n / 50, 0.5, n) for n in range(3)]
    trials = sampler(cube(1), prior=prior).propose(1, range(9, 19), history)
    assert {trial.origin.elite_run for trial in trials} == {""}
    assert all(0 <= trial.point[0] <= 1 for trial in trials)

    surrogate = Surrogate.fit(gather(history, prior), Coordinates(cube(1)))
    outside, edge, middle = surrogate.process.mean(np.array([[1.07], [0.99], [0.5]]))
    assert outside < edge < middle - 0.3
    # The best to be improved upon is the best inside.
    assert surrogate.best == pytest.approx(surrogate.process.mean(np.arange(9)[:, None] / 8).min())


def test_a_trial_of_another_run_inside_is_an_elite_and_named() -> None:
    history = tried([(0.9,)], [1.0])
    trials = sampler(cube(1), prior=[prior_trial(0.2, 0.1, 4), prior_trial(0.25, 0.1, 8)]).propose(1, range(1, 12), history)
    runs = {(trial.origin.elite_run, trial.origin.elite) for trial in trials if trial.origin.kind == "elite"}
    assert runs & {("parent", 4), ("parent", 8)}
    assert runs <= {("parent", 4), ("parent", 8), ("", 0)}


def test_where_only_trials_outside_have_a_value_the_stage_is_drawn() -> None:
    history = tried([(0.9,)], [NAN])
    trials = sampler(cube(1), prior=[prior_trial(1.2, 0.1)]).propose(1, range(1, 5), history)
    assert set(kinds(trials)) == {"drawn"}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("trials", [40, 200])
def test_in_a_finite_space_no_combination_comes_twice_and_all_come(trials: int, seed: int) -> None:
    settings = SearchSettings(trials=trials, early_stopping="off", start=({"optimizer": "sgd"}, {"hidden_layers": 3}))
    history = played(search(settings, FINITE, Streams(seed), 1), bowl)
    found = [repr(trial.params) for trial in trials_of(history)]
    assert len(found) == len(set(found)) == min(trials, 56)
    assert list(history) == list(range(len(found)))


def test_a_space_of_two_ends_after_both() -> None:
    space = SearchSpace({"switch": Entry(Choice([True, False]))})
    *_, done = decisions(search(SearchSettings(), space, Streams(0), 1), bowl, {})
    assert done == Done("every combination of values has been tried", 2)


def test_when_the_candidates_are_used_up_explorers_take_their_place() -> None:
    space = SearchSpace({"n": Entry(Whole(1, 400))})
    points = [space.encode({"n": n}) for n in range(100, 300)]
    history = tried(points, [abs(n - 200) + 1 for n in range(100, 300)], space)
    trials = sampler(space).propose(150, range(200, 260), history)  # a late stage: all candidates lie near the elites
    assert len({trial.params["n"] for trial in trials}) == 60
    assert kinds(trials).count("explorer") > 40


@pytest.mark.parametrize("trials", [1, 2, 3, 5, 21])
@pytest.mark.parametrize("early_stopping", [None, "off"])
def test_a_search_may_be_as_short_as_one_likes(trials: int, early_stopping: None) -> None:
    history = played(search(SearchSettings(trials=trials, early_stopping=early_stopping), MIXED, Streams(0), 1), bowl)
    assert list(history) == list(range(trials))


def test_in_one_dimension_it_finds_the_bottom() -> None:
    space = SearchSpace({"rate": Entry(Real(1e-4, 1, "log"))})
    history = played(search(replace(OFF, trials=30), space, Streams(0), 1), bowl)
    assert min(record.value for record in history.values()) - 0.01 < 1e-4


def test_among_choices_it_finds_the_best() -> None:
    space = SearchSpace({name: Entry(Choice([0, 1, 2, 3, 4])) for name in "abcd"})

    def wrong(trial: Trial) -> list[float]:
        return [0.1 + sum(value != right for value, right in zip(trial.params.values(), [3, 0, 2, 4], strict=True))]

    searches = (search(replace(OFF, trials=60), space, Streams(seed), 1) for seed in range(5))
    best = [min(record.value for record in played(one, wrong).values()) for one in searches]
    assert np.median(best) == pytest.approx(0.1)  # of 625 combinations 60 random ones hold it once in ten times


def test_14_dimensions_work() -> None:
    history = played(search(replace(OFF, trials=60), cube(14), Streams(0), 1), bowl)
    first = min(history[number].value for number in range(12))
    assert min(record.value for record in history.values()) < 0.5 * first


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_an_optimum_in_a_corner_is_found(noise: float) -> None:
    def regret(trial: Trial) -> float:
        corner = np.array([1.0, 0.0, 1.0])
        return float(2.2 * ((np.array(trial.point[:3]) - corner) ** 2).mean())

    def one(seed: int) -> float:
        noisy = np.random.default_rng(seed).normal(size=60) * noise
        asked = search(replace(OFF, trials=60), cube(6), Streams(seed), 1)
        history = played(asked, lambda trial: [regret(trial) * math.exp(noisy[trial.number])])
        return regret(min(history.values(), key=lambda record: record.value).trial)

    assert np.median([one(seed) for seed in range(5)]) < 0.01


def test_pure_noise_does_not_make_the_search_collapse() -> None:
    def spread(seed: int) -> float:
        noise = np.random.default_rng(1000 + seed).normal(size=100)
        space = SearchSpace({**cube(5).entries, "kind": Entry(Choice(["a", "b", "c"]))})
        one = search(replace(OFF, trials=100), space, Streams(seed), 1)
        history = played(one, lambda trial: [noise[trial.number]])
        points = np.array([trial.point for trial in trials_of(history)][-30:])
        return float(points[:, :5].std(axis=0).mean() / math.sqrt(1 / 12))

    assert np.mean([spread(seed) for seed in range(4)]) > 0.55


def test_the_settings_search_coarse_to_fine_unless_told_otherwise() -> None:
    asked = search(OFF, MIXED, Streams(0), 1)
    assert isinstance(asked.sampler, CoarseToFine)
    start = asked.ask({})
    assert isinstance(start, Start)
    assert start.trials == tuple(Drawn(MIXED, Streams(0)).propose(0, range(8), {}))
