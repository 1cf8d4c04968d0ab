"""Lint of the trials and of what ends the search: where it fires, and where it stays silent."""

from __future__ import annotations

import pytest
from lint_specs import FUNCTION, codes, found, given, in_space

from hpsearch.network.settings import Task
from hpsearch.spec.lint.kinds import notes


class TestTheSearch:
    @pytest.mark.parametrize(("trials", "told"), [(5, ["few-trials"]), (6, [])])
    def test_has_three_trials_for_each_parameter(self, trials: int, told: list[str]) -> None:
        assert codes(in_space("dropout: {range: [0, 0.5]}"), f"search.trials={trials}") == told

    @pytest.mark.parametrize(("trials", "told"), [(11, ["few-trials"]), (12, [])])
    def test_counts_a_layer_by_how_often_it_is_there(self, trials: int, told: list[str]) -> None:
        # The rate, the depth, and of three widths 1 + 2/3 + 1/3: four parameters.
        space = in_space("hidden_layers: {range: [1, 3]}", "hidden_units: {range: [16, 64], per: layer}")
        assert codes(space, f"search.trials={trials}") == told

    @pytest.mark.parametrize(("trials", "told"), [(58, ["few-trials"]), (59, [])])
    def test_finds_a_good_trial_among_59_whatever_the_dimensions(self, trials: int, told: list[str]) -> None:
        arguments = "".join(f"  x{index}: {{range: [0.0, 1.0]}}\n" for index in range(30))
        text = f'objective: {{python: "mine:train"}}\nspace:\n{arguments}search: {{method: random, trials: {trials}}}\n'
        assert codes(text) == told

    def test_needs_no_more_trials_than_there_are_combinations(self) -> None:
        space = "space: {learning_rate: [0.1, 0.01], optimizer: [adam, sgd]}\n"
        assert codes(space, "search.trials=4") == []
        assert codes(space, "search.trials=100") == []
        assert codes(space, "search.trials=3") == ["few-trials"]

    def test_points_at_the_space_where_the_trials_are_not_given(self) -> None:
        arguments = "".join(f"  x{index}: {{range: [0.0, 1.0]}}\n" for index in range(14))
        (finding,) = found(f'objective: {{python: "mine:train"}}\nspace:\n{arguments}')
        assert str(finding).startswith("spec.yaml:2:1: 40 trials of 14 parameters: drawn at random, ")

    def test_may_be_a_grid_of_all_choices(self) -> None:
        space = "space: {learning_rate: [0.1, 0.01, 0.001], optimizer: [adam, sgd]}\n"
        assert codes(space, "search.method=grid", "search.trials=6") == []

    @pytest.mark.parametrize(
        ("overrides", "hint"),
        [
            (["network.epochs=2"], "write epochs: 3 under `network`, or early_stopping: off"),
            (["network.epochs=3"], ""),
            (["search.early_stopping.min_epochs=6"], ""),
            (
                ["search.early_stopping.min_epochs=7"],
                "write early_stopping: {reduction_factor: 3, min_epochs: 6}, or epochs: 21 under `network`",
            ),
            (["search.early_stopping=off", "network.epochs=2"], ""),
        ],
    )
    def test_stops_early_only_where_a_rung_comes_before_the_last_epoch(self, overrides: list[str], hint: str) -> None:
        assert [finding.problem.hint for finding in found(in_space(), *overrides)] == ([hint] if hint else [])

    @pytest.mark.parametrize(
        ("space", "trials", "told"),
        [
            ("l2: {range: [1e-4, 1]}, dropout: {range: [0, 0.5]}", 10, "9 trials try 3 values of each parameter"),
            ("l2: {range: [1e-4, 1]}, dropout: [0, 0.5]", 9, "8 trials try 4 values of l2"),
            (
                "l2: {range: [1e-4, 1]}, dropout: {range: [0, 0.5]}, learning_rate: [1, 2]",
                12,
                "12 trials try 3 values of l2, 2 values of dropout",
            ),
            ("l2: [0, 0.1], batch_size: [16, 32]", 4, ""),
            ("l2: {range: [1e-4, 1]}", 9, ""),
        ],
    )
    def test_as_a_grid_tries_few_values(self, space: str, trials: int, told: str) -> None:
        spec = given(f"space: {{{space}}}\nsearch: {{method: grid, trials: {trials}}}\n")
        expected = (f"a grid: {told}; at random they would try {told.split()[0]}",) if told else ()
        assert notes(*spec) == expected

    @pytest.mark.parametrize(
        ("overrides", "told"),
        [
            (["network.epochs=1"], []),
            (["network.epochs=1", "search.early_stopping={}"], ["no-early-stopping"]),
            (["network.epochs=2", "search.method=random"], []),
            (["network.epochs=1", "search.trial_seconds=9"], ["trial-seconds"]),
            (["network.epochs=2", "search.trial_seconds=9", "search.early_stopping=off"], []),
            (["search.plateau=39"], []),
            (["search.plateau=40"], ["plateau"]),
            (["network.warmup_epochs=19"], []),
            (["network.warmup_epochs=20"], ["long-warmup"]),
            (["space.warmup_epochs={range: [0, 19]}"], []),
            (["space.warmup_epochs={range: [0, 20]}"], ["long-warmup"]),
            (["space.hidden_units={range: [16, 64], per: layer}"], []),
            (["space.hidden_units={range: [16, 64], per: layer}", "network.hidden_layers=1"], ["one-layer"]),
        ],
    )
    def test_can_be_ended_in_time(self, overrides: list[str], told: list[str]) -> None:
        assert codes(in_space(), *overrides) == told

    @pytest.mark.parametrize(
        ("task", "metric", "target", "told"),
        [
            ("classification", "error", 0.0, ""),
            ("classification", "error", -0.01, "no trial reaches a target of -0.01: the error is never below 0"),
            ("classification", "error", 0.89, ""),
            ("classification", "error", 0.9, "a target of 0.9 ends the search at once: a guess that looks at no input has"),
            ("classification", "accuracy", 1.0, ""),
            ("classification", "accuracy", 95.0, "no trial reaches a target of 95: the accuracy is never above 1"),
            ("classification", "accuracy", 0.11, ""),
            ("classification", "accuracy", 0.1, "a target of 0.1 ends the search at once"),
            ("classification", "macro_f1", 0.01, ""),
            ("classification", "macro_f1", 0.0, "a target of 0 ends the search at once"),
            ("classification", "loss", 2.3, ""),
            ("classification", "loss", 2.31, "a target of 2.31 ends the search at once"),
            ("regression", "rmse", 1.9, ""),
            ("regression", "rmse", 2.0, "a target of 2 ends the search at once: a guess that looks at no input has rmse 2"),
            ("regression", "r2", 1.1, "no trial reaches a target of 1.1: the r2 is never above 1"),
            ("regression", "r2", 0.5, ""),
            ("regression", "r2", 0.0, "a target of 0 ends the search at once: a guess that looks at no input has r2 0"),
            ("regression", "loss", 9.0, ""),
        ],
    )
    def test_has_a_target_between_perfection_and_a_blind_guess(
        self, task: Task, metric: str, target: float, told: str
    ) -> None:
        findings = found(in_space() + f"metric: validation_{metric}\n", f"search.target={target}", task=task)
        assert [finding.code for finding in findings] == ["target"] * bool(told)
        assert not told or findings[0].problem.message.startswith(told)

    def test_of_a_function_may_have_any_target(self) -> None:
        assert codes(f"{FUNCTION}space: {{x: {{range: [0.0, 1.0]}}}}\nsearch: {{target: -3}}\n") == []

    @pytest.mark.parametrize(
        ("metric", "target", "hint"),
        [
            ("error", 5.0, "write target: 0.05 if that is meant, or take it away"),
            ("error", 0.95, "write target: 0.05 if that is meant, or take it away"),
            ("error", -0.05, "write target: 0.05 if that is meant, or take it away"),
            ("accuracy", 95.0, "write target: 0.95 if that is meant, or take it away"),
            ("accuracy", 0.05, "write target: 0.95 if that is meant, or take it away"),
            ("loss", 5.0, "take it away, or write another"),
        ],
    )
    def test_may_have_meant_a_percentage_or_the_other_way_round(self, metric: str, target: float, hint: str) -> None:
        (finding,) = found(in_space() + f"metric: validation_{metric}\n", f"search.target={target}")
        assert finding.problem.hint == hint
