"""Lint of single entries: where it fires, and where it stays silent."""

from __future__ import annotations

import pytest
from lint_specs import FUNCTION, codes, found, in_space


class TestScales:
    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ("l2: {range: [1e-6, 1e-4], scale: linear}", ["linear-scale"]),
            ("l2: {range: [1.1e-6, 1e-4], scale: linear}", []),
            ("l2: {range: [3e-6, 3e-4], scale: linear}", ["linear-scale"]),  # 3e-4 / 3e-6 is less than 100
            ("l2: {range: [0, 1e-4], scale: linear}", ["linear-scale"]),
            ("l2: {range: [0, 0.5], scale: linear, step: 0.1}", []),
            ("l2: {range: [1e-6, 1e-4]}", []),
            ("l2: {range: [0.003, 0.3], scale: linear}", ["linear-scale"]),
            ("l2: {range: [0.1, 0.3], scale: log}", []),  # 0.3 / 0.1 is less than 3
            ("hidden_units: {range: [16, 2048], scale: linear, step: 16}", ["linear-scale"]),
            ("dropout: {range: [0.001, 0.5]}", []),
            ("learning_rate_decay: {range: [0.001, 1]}", ["linear-scale"]),
            ("learning_rate_decay: {range: [0, 1]}", []),
        ],
    )
    def test_a_linear_scale_may_span_less_than_two_decades_or_what_is_linear_by_nature(
        self, line: str, told: list[str]
    ) -> None:
        assert codes(in_space(line)) == told

    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ("beta1: {range: [0.7, 0.9], scale: linear}", ["beta-scale"]),  # windows of 3.3 to 10
            ("beta1: {range: [0.71, 0.9], scale: linear}", []),
            ("beta1: {range: [0.9, 0.95], scale: log}", []),
            ("beta2: {range: [0.9, 0.9999], scale: log}", ["beta-scale"]),
            ("beta1: {range: [0.001, 0.9], scale: linear}", ["beta-scale"]),
            ("batch_norm_momentum: {range: [0, 0.99], scale: linear}", ["beta-scale"]),
            ("beta1: [0.9, 0.99, 0.999]", []),
            ("l2: {range: [0, 0.9], scale: 1-beta}", []),
        ],
    )
    def test_an_average_is_drawn_by_its_window_unless_that_hardly_differs(self, line: str, told: list[str]) -> None:
        assert codes(in_space(line)) == told

    @pytest.mark.parametrize(("high", "told"), [(47, ["narrow-log-scale"]), (48, [])])
    def test_a_log_scale_spans_a_factor_of_three(self, high: int, told: list[str]) -> None:
        assert codes(in_space(f"hidden_units: {{range: [16, {high}]}}")) == told
        assert codes(in_space(f"hidden_units: {{range: [16, {high}], scale: linear}}")) == []

    def test_what_another_search_has_narrowed_is_narrow_for_a_reason(self) -> None:
        prior = f"search: {{prior: {{run: digits-001, trials_sha256: {'a' * 64}}}, trials: 2}}\n"
        assert codes(f"space:\n  learning_rate: {{range: [0.01, 0.02]}}\n{prior}") == []
        assert codes(f"network: {{learning_rate: 0.01}}\nspace:\n  beta1: {{range: [0.8, 0.99]}}\n{prior}") == []

    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ("x: {range: [0.001, 1.0]}", ["linear-scale"]),
            ("x: {range: [0.001, 1.0], scale: linear}", []),
            ("l2: {range: [0.001, 1.0], scale: linear}", ["linear-scale"]),
            ("n: {range: [1, 100]}", ["linear-scale"]),
            ("n: {range: [1, 99]}", []),
            ("x: {range: [-5.0, 10.0]}", []),
            ("x: {range: [0.0, 10.0]}", []),
            ("momentum: {range: [0.9, 0.999]}", ["beta-scale"]),
            ("momentum: {range: [0.9, 2.0]}", []),
        ],
    )
    def test_an_argument_of_a_function_means_what_its_name_says(self, line: str, told: list[str]) -> None:
        assert codes(f"{FUNCTION}space:\n  {line}\n") == told

    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ("n: {range: [0, 9]}", ["whole-numbers"]),
            ("n: {range: [1, 9]}", []),
            ("n: {range: [0, 9], step: 1}", []),
            ("n: {range: [0, 9], step: 3}", []),
            ("n: {range: [0.0, 9]}", []),
            ("n: [1, 9]", []),
        ],
    )
    def test_an_argument_is_whole_if_somebody_said_so_or_it_is_a_count(self, line: str, told: list[str]) -> None:
        assert codes(f"{FUNCTION}space:\n  {line}\n") == told
        assert codes(in_space("hidden_layers: {range: [1, 3]}")) == []

    @pytest.mark.parametrize(
        ("line", "hint"),
        [
            ("l2: [1e-4, 1e-3]", "write l2: {range: [0.0001, 0.001]}, or {choices: [0.0001, 0.001]} if that is meant"),
            ("l2: [1e-3, 1e-4]", ""),
            ("l2: [1e-4, 9e-4]", ""),
            ("l2: [0, 1e-3]", ""),
            ("l2: [1e-4, 1e-3, 1e-2]", ""),
            ("l2: {choices: [1e-4, 1e-3]}", ""),
            ("batch_size: [16, 256]", "write batch_size: {range: [16, 256]}, or {choices: [16, 256]} if that is meant"),
            ("batch_size: [32, 256]", ""),
            ("optimizer: [adam, sgd]", ""),
            ("beta1: [0.9, 0.99]", "write beta1: {range: [0.9, 0.99]}, or {choices: [0.9, 0.99]} if that is meant"),
            ("beta1: [0.9, 0.98]", ""),
            ("hidden_layers: [1, 10]", "write hidden_layers: {range: [1, 10], scale: log}, or {choices: [1, 10]} if"),
        ],
    )
    def test_a_bare_list_of_a_low_and_a_high_number_looks_like_bounds(self, line: str, hint: str) -> None:
        hints = [finding.problem.hint for finding in found(in_space(line))]
        assert len(hints) == bool(hint)
        assert not hint or hints[0].startswith(hint)

    def test_a_range_from_zero_becomes_three_decades(self) -> None:
        (finding,) = found(in_space("l2: {range: [0, 1e-4], scale: linear}"))
        assert finding.problem.message == "90 % of the draws of `l2` lie between 1e-05 and 0.0001: its scale is linear"
        assert finding.problem.hint == "write l2: {range: [1e-07, 0.0001], scale: log}"

    def test_a_fix_keeps_a_step_only_where_the_other_scale_has_room_for_it(self) -> None:
        (kept,) = found(in_space("hidden_units: {range: [16, 2048], scale: linear, step: 16}"))
        assert kept.problem.hint == "write hidden_units: {range: [16, 2048], scale: log, step: 16}"
        (without,) = found(in_space("l2: {range: [0.01, 1], scale: linear, step: 0.33}"))
        assert without.problem.hint == "write l2: {range: [0.01, 1], scale: log}"
        (dropped,) = found(in_space("beta1: {range: [0.5, 0.9], scale: linear, step: 0.2}"))
        assert dropped.problem.hint == "write beta1: {range: [0.5, 0.9], scale: 1-beta}"
