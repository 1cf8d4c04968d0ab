from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from played import OFF, played

from hpsearch.errors import UsageError
from hpsearch.network.settings import NetworkSettings
from hpsearch.options import options_of
from hpsearch.search.advice import Advice
from hpsearch.search.refinement import Focus, Refinement, refine
from hpsearch.search.settings import Method, SearchSettings
from hpsearch.search.strategy import search
from hpsearch.seeds import Streams
from hpsearch.space.parameters import Choice, Real, Whole
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.trial import History, Origin, Params, PriorTrial, Status, Trial, TrialRecord, incumbent

OPTIONS = options_of(NetworkSettings)
Function = Callable[[Params], float]

EDGE = SearchSpace(
    {
        "learning_rate": Entry(Real(1e-4, 1e-1, "log")),
        "momentum": Entry(Real(0.8, 0.99, "1-beta")),
        "hidden_layers": Entry(Whole(1, 3)),
        "idle": Entry(Real(0.0, 1.0)),
    }
)


def number(params: Params, name: str) -> float:
    value = params[name]
    assert isinstance(value, (int, float))
    return value


def best_beyond_the_edge(params: Params) -> float:
    """Half a decade beyond the largest learning rate; in the middle of the momenta and of the layers."""
    rate, beta = math.log10(number(params, "learning_rate") / 0.3), math.log10((1 - number(params, "momentum")) / 0.05)
    return 0.1 + rate**2 + 4 * beta**2 + 0.2 * (number(params, "hidden_layers") - 2) ** 2


def found(
    function: Function,
    space: SearchSpace = EDGE,
    trials: int = 40,
    method: Method = "coarse-to-fine",
    prior: Sequence[PriorTrial] = (),
    start: Sequence[Params] = (),
    noise: float = 0.0,
    seed: int = 0,
) -> History:
    """Return the history of a search of a function, with noise of a deviation."""
    settings = SearchSettings(method, trials, OFF.early_stopping, start=tuple(start))
    noises = np.random.default_rng(0).standard_normal(10_000) * noise
    asked = search(settings, space, Streams(seed), 1, prior=prior)
    return played(asked, lambda trial: [function(trial.params) + float(noises[trial.number + 100 * len(prior)])])


def by_name(refinement: Refinement) -> Mapping[str, Advice]:
    return {advice.name: advice for advice in refinement.advice}


def as_prior(history: History, space: SearchSpace) -> list[PriorTrial]:
    trials = [PriorTrial("parent", r.number, space.locate(r.trial.params), r.values, r.status) for r in history.values()]
    return [trial for trial in trials if all(-0.25 <= u <= 1.25 for u in trial.point)]


def at_points(space: SearchSpace, params: Sequence[Params], values: Sequence[float]) -> dict[int, TrialRecord]:
    """Return a history of trials that were drawn at random."""
    records = {}
    for index, (chosen, value) in enumerate(zip(params, values, strict=True)):
        trial = Trial(index, 0, space.encode(chosen), chosen)
        status = Status.COMPLETE if math.isfinite(value) else Status.DIVERGED
        records[index] = TrialRecord(trial, 1, status, values=(value,) if math.isfinite(value) else ())
    return records


@pytest.mark.parametrize("method", ["coarse-to-fine", "zoom"])
def test_an_optimum_beyond_an_edge_makes_its_range_wider_and_the_child_finds_it(method: Method) -> None:
    history = found(best_beyond_the_edge, method=method)
    refinement = refine(EDGE, history, options=OPTIONS)
    rate = by_name(refinement)["learning_rate"]
    assert (rate.verdict, rate.edges) == ("widened", ("upper",))
    assert refinement.found
    best = incumbent(history.values())
    assert best is not None
    prior = as_prior(history, refinement.space)
    child = found(best_beyond_the_edge, refinement.space, prior=prior, start=[best.trial.params])
    assert child[0].trial.params == pytest.approx(best.trial.params)
    winner = incumbent(child.values())
    assert winner is not None
    assert winner.value < 0.11 < best.value


def test_what_matters_is_zoomed_into_and_the_rest_keeps_its_range() -> None:
    advice = by_name(refine(EDGE, found(best_beyond_the_edge), options=OPTIONS))
    momentum, idle = advice["momentum"], advice["idle"]
    assert isinstance(momentum.new, Real)
    assert 0.85 < momentum.new.low < 0.95 < momentum.new.high < 0.98
    assert momentum.verdict == "zoomed"
    assert momentum.inside > momentum.leaders / 2
    assert (idle.verdict, idle.new) == ("kept", idle.old)
    assert "makes little difference (importance " in idle.why


@pytest.mark.parametrize("method", ["coarse-to-fine", "random"])
def test_noise_is_said_to_be_noise_and_the_ranges_become_wider(method: Method) -> None:
    refinement = refine(EDGE, found(lambda _: 5.0, method=method, trials=60, noise=1), options=OPTIONS)
    assert not refinement.found
    assert "no better region was found" in refinement.finding
    assert {advice.verdict for advice in refinement.advice} == {"widened"}
    for name, entry in refinement.space.entries.items():
        old, new = EDGE.entries[name].domain, entry.domain
        assert isinstance(new, Real | Whole)
        assert isinstance(old, Real | Whole)
        assert new.low <= old.low
        assert new.high > old.high
    assert refinement.space.entries["hidden_layers"].domain == Whole(1, 4)


def test_noise_in_choices_alone_leaves_the_space_as_it_is() -> None:
    space = SearchSpace({"a": Entry(Choice(list(range(6)))), "b": Entry(Choice(list(range(6))))})
    refinement = refine(space, found(lambda _: 5.0, space, 30, "random", noise=1))
    assert refinement.space == space
    assert all("no region is better than another" in advice.why for advice in refinement.advice)


@pytest.mark.parametrize(
    ("name", "domain", "best", "bound"),
    [
        ("momentum", Real(0.9, 0.99999, "1-beta"), 0.999995, 0.999999),
        ("hidden_units", Whole(4, 64, "log"), 1, 1),
        ("batch_size", Whole(4, 64, "log"), 1, 2),
        ("dropout", Real(0.0, 0.8), 1.0, 0.9),
    ],
)
def test_no_range_goes_past_what_a_parameter_can_be(name: str, domain: Real | Whole, best: float, bound: float) -> None:
    space = SearchSpace({name: Entry(domain)})
    place = domain.locate(best)
    history = found(lambda params: 0.1 + (domain.locate(params[name]) - place) ** 2, space, 60, "random")
    new = refine(space, history, options=OPTIONS).space.entries[name].domain
    assert isinstance(new, Real | Whole)
    assert bound in (new.low, new.high)


def test_what_few_trials_may_show_by_chance_is_not_taken_for_a_region() -> None:
    values = [1.0, 1.1, 1.2, 1.3, 2.0, 2.1, 2.2, 2.3, 0.5, 0.6, 1.15, 1.25, 1.35, 1.4, 2.15, 2.5]
    points = [EDGE.decode(point) for point in np.random.default_rng(0).random((16, 4))]
    history = at_points(EDGE, points, values)
    near = {n: replace(r, trial=replace(r.trial, origin=Origin("elite", 0))) for n, r in history.items() if n >= 8}
    refinement = refine(EDGE, history | near)
    assert not refinement.found
    assert refinement.finding == (
        "no better region was found: of the 8 trials near the good ones 75 % beat the median of those drawn from "
        "everywhere, but shuffled values might look the same"
    )


@pytest.mark.parametrize("trials", [10, *(pytest.param(n, marks=pytest.mark.slow) for n in (12, 15, 20))])
def test_in_a_few_trials_of_noise_a_region_is_seldom_found(trials: int) -> None:
    points = np.random.default_rng(trials).random((25, trials, 4))
    values = np.random.default_rng(trials + 1).random((25, trials))
    histories = [
        at_points(EDGE, [EDGE.decode(point) for point in at.tolist()], told.tolist())
        for at, told in zip(points, values, strict=True)
    ]
    assert sum(refine(EDGE, history).found for history in histories) <= 1


@pytest.mark.parametrize("trials", [15, 20, 60])
def test_in_as_few_trials_of_a_function_it_is_found(trials: int) -> None:
    refinement = refine(EDGE, found(best_beyond_the_edge, method="random", trials=trials))
    assert refinement.found
    assert "that a model of the others expects to be good" in refinement.finding


def test_at_an_edge_that_is_the_end_of_what_can_be_it_says_so() -> None:
    space = SearchSpace({"dropout": Entry(Real(0.0, 0.5))})
    (advice,) = refine(space, found(lambda p: 1 + number(p, "dropout"), space, 30), options=OPTIONS).advice
    assert advice.verdict == "zoomed"
    assert advice.edges == ("lower",)
    assert "beyond which it cannot go" in advice.why


CONDITIONAL = SearchSpace(
    {
        "optimizer": Entry(Choice(["adam", "momentum", "sgd"])),
        "learning_rate": Entry(Real(1e-4, 1.0, "log")),
        "beta1": Entry(Real(0.5, 0.99, "1-beta"), when={"optimizer": ("adam",)}),
        "momentum": Entry(Real(0.5, 0.99, "1-beta"), when={"optimizer": ("momentum", "sgd")}),
        "nested": Entry(Real(0.0, 1.0), when={"fast": (True,)}),
        "fast": Entry(Choice([True, False]), when={"optimizer": ("momentum",)}),
    }
)


def adam_is_best(params: Params) -> float:
    penalty = {"adam": 0.0, "momentum": 2.0, "sgd": 3.0}[str(params["optimizer"])]
    return 0.1 + penalty + 0.2 * math.log10(number(params, "learning_rate") / 0.01) ** 2


def test_options_that_no_leader_has_go_and_what_hangs_on_them_goes_too() -> None:
    refinement = refine(CONDITIONAL, found(adam_is_best, CONDITIONAL, 60, "random"), options=OPTIONS)
    advice = by_name(refinement)
    assert refinement.fixed == {"optimizer": "adam"}
    assert advice["optimizer"].verdict == "fixed"
    assert "no leader has momentum (tried" in advice["optimizer"].why
    assert {name for name in advice if advice[name].verdict == "left out"} == {"momentum", "nested", "fast"}
    assert advice["momentum"].why == "it counts only where optimizer is momentum or sgd, which is gone"
    assert list(refinement.space.entries) == ["learning_rate", "beta1"]
    assert refinement.space.entries["beta1"].when == {}


def test_where_nothing_can_be_fixed_a_choice_keeps_two_options_and_conditions_keep_what_is_left() -> None:
    refinement = refine(CONDITIONAL, found(adam_is_best, CONDITIONAL, 60, "random"))
    assert refinement.fixed == {}
    assert refinement.space.entries["optimizer"].domain == Choice(["adam", "momentum"])
    assert refinement.space.entries["momentum"].when == {"optimizer": ("momentum",)}


def test_an_option_that_was_hardly_tried_stays() -> None:
    points = [{"x": (k % 20) / 20, "kind": "b" if k in (7, 13) else "a"} for k in range(40)]
    space = SearchSpace({"x": Entry(Real(0.0, 1.0)), "kind": Entry(Choice(["a", "b"]))})
    values = [1 + number(p, "x") + 3 * (p["kind"] == "b") for p in points]
    advice = by_name(refine(space, at_points(space, points, values), options=OPTIONS))
    assert advice["kind"].new == advice["kind"].old
    assert "too few trials have b to tell" in advice["kind"].why


def test_a_conditional_parameter_is_judged_by_the_trials_in_which_it_counts() -> None:
    def function(params: Params) -> float:
        if params["optimizer"] != "adam":
            return 3.0
        return 0.1 + math.log10((1 - number(params, "beta1")) / 0.1) ** 2

    advice = by_name(refine(CONDITIONAL, found(function, CONDITIONAL, 80), options=OPTIONS))
    beta = advice["beta1"].new
    assert isinstance(beta, Real)
    assert 0.5 < beta.low < 0.9 < beta.high
    assert advice["beta1"].leaders <= advice["optimizer"].leaders
    assert advice["momentum"].verdict in ("kept", "left out")


LAYERED = SearchSpace(
    {
        "hidden_layers": Entry(Whole(1, 4)),
        "hidden_units": Entry(Whole(4, 256, "log"), layers=4),
        "learning_rate": Entry(Real(1e-4, 1.0, "log")),
    }
)


def test_the_layers_of_a_parameter_share_their_new_range_and_follow_the_depth() -> None:
    def function(params: Params) -> float:
        widths = [number(params, f"hidden_units_{k + 1}") for k in range(int(number(params, "hidden_layers")))]
        return 0.1 + 4 * (len(widths) - 1) ** 2 + sum(math.log2(width / 32) ** 2 for width in widths)

    refinement = refine(LAYERED, found(function, LAYERED, 100), options=OPTIONS)
    assert refinement.space.entries["hidden_layers"].domain == Whole(1, 2)
    units = refinement.space.entries["hidden_units"]
    assert units.layers == 2
    assert isinstance(units.domain, Whole)
    assert 4 < units.domain.low < 32 < units.domain.high < 256
    assert refinement.space.names == ("hidden_layers", "hidden_units_1", "hidden_units_2", "learning_rate")


def test_few_trials_are_refused_with_the_reason() -> None:
    with pytest.raises(UsageError, match="9 trials have finished: with fewer than 10 the best of them lie where chance"):
        refine(EDGE, found(best_beyond_the_edge, trials=9))


def test_a_run_whose_trials_all_diverged_is_refused() -> None:
    points = [EDGE.decode([k / 20] * 4) for k in range(20)]
    with pytest.raises(UsageError, match="no trial has finished with a number"):
        refine(EDGE, at_points(EDGE, points, [math.nan] * 20))


def test_trials_that_diverged_do_no_harm() -> None:
    history = dict(found(best_beyond_the_edge, method="random", trials=60))
    broken = {n: replace(r, status=Status.DIVERGED, values=()) for n, r in history.items() if r.value > 1.5}
    assert broken
    assert by_name(refine(EDGE, history | broken))["learning_rate"].verdict == "widened"


def test_a_box_can_be_put_round_one_trial() -> None:
    history = found(best_beyond_the_edge)
    ranked = sorted(history.values(), key=lambda record: record.value)
    number_of = next(r.number for r in ranked[5:] if 1e-3 < number(r.trial.params, "learning_rate") < 1e-2)
    rate = by_name(refine(EDGE, history, focus=Focus(around=number_of)))["learning_rate"]
    assert isinstance(rate.new, Real)
    assert rate.new.low < number(history[number_of].trial.params, "learning_rate") < rate.new.high < 0.05
    place = [record.number for record in ranked].index(number_of) + 1
    assert rate.why == f"trial {number_of} (place {place} of 40) lies in this part of the range"
    with pytest.raises(UsageError, match="no trial 999"):
        refine(EDGE, history, focus=Focus(around=999))


def test_the_trial_that_a_box_is_put_round_is_no_leader_by_that() -> None:
    space = SearchSpace({"x": Entry(Real(0.0, 1.0))})
    history = at_points(space, [{"x": k / 20} for k in range(20)], [1 + k / 20 for k in range(20)])
    refinement = refine(space, history, focus=Focus(around=19))
    (advice,) = refinement.advice
    assert refinement.round_one == "trial 19 (place 20 of 20)"
    assert advice.span == (0.95, 0.95)
    assert (advice.inside, advice.leaders) == (0, 5)
    assert advice.why == "trial 19 (place 20 of 20) lies at the upper edge, so the range goes beyond it"


def test_a_trial_that_diverged_has_no_box() -> None:
    space = SearchSpace({"x": Entry(Real(0.0, 1.0))})
    history = at_points(space, [{"x": k / 20} for k in range(20)], [1 + k / 20 for k in range(19)] + [math.nan])
    with pytest.raises(UsageError, match="no trial 19 that has finished"):
        refine(space, history, focus=Focus(around=19))


def test_the_box_can_be_put_round_more_trials() -> None:
    history = found(best_beyond_the_edge, method="random", trials=60)
    few, many = (by_name(refine(EDGE, history, focus=Focus(top=k)))["learning_rate"].new for k in (2, 30))
    assert isinstance(few, Real)
    assert isinstance(many, Real)
    assert many.low < few.low


def test_one_that_asks_for_a_box_gets_it_even_in_noise() -> None:
    history = found(lambda _: 5.0, method="random", trials=60, noise=1)
    refinement = refine(EDGE, history, focus=Focus(top=3))
    assert not refinement.found
    assert "widened" not in {advice.verdict for advice in refinement.advice if not advice.edges}


def test_the_winner_of_the_retraining_counts_as_the_best() -> None:
    space = SearchSpace({"x": Entry(Real(0, 1))})
    history = at_points(space, [{"x": k / 20} for k in range(20)], [1 + abs(k / 20 - 0.5) for k in range(20)])
    (advice,) = refine(space, history, focus=Focus(best=19)).advice
    assert advice.edges == ("upper",)


def test_trials_of_earlier_runs_count_but_those_outside_are_no_leaders() -> None:
    space = SearchSpace({"x": Entry(Real(0.0, 1.0))})
    prior = [PriorTrial("p", k, (-0.2 + k / 20,), (1.0 + k / 20,), Status.COMPLETE) for k in range(21)]
    history = at_points(space, [{"x": 0.5}, {"x": 0.6}], [1.7, 1.8])
    refinement = refine(space, history, prior)
    (advice,) = refinement.advice
    assert refinement.trials == 19
    assert advice.span[0] == 0.0
    assert advice.edges == ("lower",)
    assert isinstance(advice.new, Real)
    assert advice.new.low == -0.5


def refined_before(drawn: str, near: str, trials: int = 10) -> tuple[SearchSpace, History, list[PriorTrial]]:
    """Return a search near 0.5 after one that ended there; `drawn` and `near` are what is told of how that one drew."""
    space = SearchSpace({"x": Entry(Real(0.0, 1.0))})
    places = [(k / 11, drawn) for k in range(12)] + [(0.45 + k / 300, near) for k in range(30)]
    prior = [PriorTrial("p", k, (u,), (1 + abs(u - 0.5),), Status.COMPLETE, kind) for k, (u, kind) in enumerate(places)]
    own = at_points(space, [{"x": 0.45 + k / 100} for k in range(trials)], [1 + abs(k / 100 - 0.05) for k in range(trials)])
    elite = {n: replace(r, trial=replace(r.trial, origin=Origin("elite", 0))) for n, r in own.items()}
    return space, elite, prior


@pytest.mark.parametrize(("own", "near"), [(7, 37), (8, 8)])
def test_the_neighbours_of_an_earlier_runs_elites_are_near_good_ones_unless_a_search_has_neighbours_enough_of_its_own(
    own: int, near: int
) -> None:
    assert refine(*refined_before("drawn", "elite", own)).finding == (
        f"of the {near} trials near the good ones 100 % beat the median of those drawn from everywhere"
    )


@pytest.mark.parametrize("seed", range(4))
def test_a_search_that_found_the_optimum_beyond_the_old_edge_has_a_better_region_again(seed: int) -> None:
    def bowl(params: Params) -> float:
        return (number(params, "x") - 1.3) ** 2 + 0.01 * number(params, "y")

    space = SearchSpace({"x": Entry(Real(0, 1)), "y": Entry(Real(0, 1))})
    before = found(bowl, space, seed=seed)
    wider = refine(space, before).space
    prior = [
        PriorTrial("p", r.number, wider.locate(r.trial.params), r.values, r.status, r.trial.origin.kind)
        for r in before.values()
    ]
    after = refine(wider, found(bowl, wider, prior=prior, seed=seed), prior)
    assert after.found
    (advice,) = (advice for advice in after.advice if advice.name == "x")
    assert advice.verdict == "zoomed"
    assert advice.new is not None
    assert advice.new.admits(1.3)


def test_an_option_that_only_the_named_trial_has_stays_and_what_hangs_on_it_too() -> None:
    history = found(adam_is_best, CONDITIONAL, 60, "random")
    around = next(r.number for r in history.values() if r.trial.params["optimizer"] == "momentum")
    refinement = refine(CONDITIONAL, history, options=OPTIONS, focus=Focus(around=around))
    assert refinement.space.entries["optimizer"].domain == Choice(["adam", "momentum"])
    assert "momentum" in refinement.space.entries
    why = by_name(refinement)["optimizer"].why
    assert why.startswith(f"neither trial {around} (place ")
    assert " nor a leader has sgd (tried " in why


def test_1_and_true_are_two_options_of_which_the_leaders_may_have_one() -> None:
    space = SearchSpace({"x": Entry(Real(0, 1)), "kind": Entry(Choice([True, 1, 0, False]))})
    points: list[Params] = [{"x": k / 40, "kind": option} for k, option in enumerate((True, 1, 0, False) * 10)]
    values = [1 + 0.01 * k + (0.0 if p["kind"] is True else 5.0) for k, p in enumerate(points)]
    advice = by_name(refine(space, at_points(space, points, values), options=OPTIONS, focus=Focus(top=3)))["kind"]
    assert (advice.fixed, advice.verdict) == (True, "fixed")
    assert advice.why == "no leader has 1 (tried 10 times) or 0 (tried 10 times) or False (tried 10 times)"
    assert repr(advice.span) == "(True,)"


def test_values_that_hardly_differ_are_judged_without_a_warning() -> None:
    space = SearchSpace({"x": Entry(Real(0.0, 1.0))})
    history = at_points(space, [{"x": k / 20} for k in range(20)], [-1e-170 * k for k in range(20)])
    assert refine(space, history).trials == 20


def test_of_earlier_trials_that_do_not_tell_how_they_were_drawn_a_model_judges() -> None:
    refinement = refine(*refined_before("", ""))
    assert refinement.found
    assert refinement.finding.startswith("of the 26 trials that a model of the others expects to be good")


def test_the_same_trials_give_the_same_proposal() -> None:
    history = found(best_beyond_the_edge)
    assert refine(EDGE, history) == refine(EDGE, dict(history))
