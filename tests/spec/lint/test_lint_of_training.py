"""Lint of mini-batches, the order of importance and the validation rows: where it fires, and where it stays silent."""

from __future__ import annotations

import pytest
from lint_specs import RATE, codes, found, in_space

from hpsearch.network.settings import Task


class TestMiniBatches:
    @pytest.mark.parametrize(
        ("size", "told"), [("106", []), ("107", ["batch-above-rows"]), ("8", []), ("7", ["tiny-batches"])]
    )
    def test_hold_from_8_to_all_rows(self, size: str, told: list[str]) -> None:
        assert codes(in_space(), f"network.batch_size={size}", rows={"train": 106, "validation": 36}) == told

    @pytest.mark.parametrize(("high", "told"), [(108, []), (109, ["batch-above-rows"])])
    def test_are_drawn_above_the_rows_in_fewer_than_1_percent_of_the_trials(self, high: int, told: list[str]) -> None:
        rows = {"train": 106, "validation": 36}
        assert codes(in_space(f"batch_size: {{range: [8, {high}]}}"), rows=rows) == told

    @pytest.mark.parametrize(("high", "told"), [(107, []), (105, ["tiny-batches"])])
    def test_are_tiny_in_fewer_than_1_percent_of_the_trials(self, high: int, told: list[str]) -> None:
        assert codes(in_space(f"batch_size: {{range: [7, {high}], scale: linear}}")) == told

    @pytest.mark.parametrize(("section", "place"), [("", "1:1"), ("network: {epochs: 9}\n", "1:1")])
    def test_of_the_default_size_are_held_to_the_rows_too(self, section: str, place: str) -> None:
        (finding,) = found(section + in_space(), rows={"train": 63, "validation": 3})
        assert str(finding).startswith(f"spec.yaml:{place}: `batch_size` is 64, and there are 63 training rows: every epoch")
        assert finding.problem.hint == "write batch_size: 16 under `network`"
        assert finding.problem.excerpt == (section or "space:\n").rstrip()
        assert codes(in_space(), rows={"train": 64, "validation": 3}) == []

    def test_may_be_tiny_without_batch_norm(self) -> None:
        assert codes(in_space("batch_size: [4, 16]"), "network.batch_norm=off") == []
        conditional = ("batch_norm: [before, off]", "batch_size: {choices: [4, 16], when: {batch_norm: off}}")
        assert codes(in_space(*conditional)) == []
        assert codes(in_space("batch_norm: [before, off]", "batch_size: [4, 16]")) == ["tiny-batches"]

    def test_that_hold_all_of_few_rows_are_not_tiny(self) -> None:
        assert codes(in_space(), "network.batch_size=7", rows={"train": 7, "validation": 3}) == []

    @pytest.mark.parametrize(
        ("line", "rows", "hint"),
        [
            ("batch_size: [2, 16, 32, 2000]", 1077, "write batch_size: [16, 32]"),
            ("batch_size: {range: [8, 2000], step: 8}", 1077, "write batch_size: {range: [8, 1077], step: 8}"),
            ("batch_size: [512, 1024]", 106, "write batch_size: [32, 64]"),
            ("batch_size: {range: [512, 2048]}", 106, "write batch_size: [32, 64]"),
            ("batch_size: {range: [512, 2048], scale: linear, step: 512}", 106, "write batch_size: [32, 64]"),
            ("batch_size: [16, 32]", 7, "write batch_size: 7 under `network`, and take it away from `space`"),
        ],
    )
    def test_above_the_rows_are_mended_within_all_bounds(self, line: str, rows: int, hint: str) -> None:
        told = found(in_space(line), rows={"train": rows, "validation": 100})
        assert [it.problem.hint for it in told if it.code == "batch-above-rows"] == [hint]


class TestTheOrder:
    @pytest.mark.parametrize(
        ("network", "line", "told"),
        [
            ("{}", "hidden_units: {range: [16, 256]}", ["order-of-importance"]),
            ("{learning_rate: 0.01}", "hidden_units: {range: [16, 256]}", []),
            ("{learning_rate: 0.01}", "beta2: {range: [0.9, 0.999]}", ["order-of-importance"]),
            ("{}", "dropout: {range: [0, 0.5]}", []),
            ("{}", "hidden_layers: {range: [1, 3]}", ["order-of-importance"]),
            ("{}", "batch_size: {range: [16, 256]}", ["order-of-importance"]),
            ("{}", "learning_rate_decay: {range: [0.1, 1]}", ["order-of-importance"]),
            ("{optimizer: momentum}", "momentum: {range: [0.8, 0.99]}", ["order-of-importance"]),
            ("{optimizer: momentum, learning_rate: 0.01}", "momentum: {range: [0.8, 0.99]}", []),
            ("{learning_rate: 0.01}", "beta1: {range: [0.8, 0.99]}", ["order-of-importance"]),
            ("{learning_rate: 0.01}", "epsilon: {range: [1e-9, 1e-6]}", ["order-of-importance"]),
            ("{learning_rate: 0.01}", "batch_norm_momentum: {range: [0.8, 0.99]}", ["order-of-importance"]),
            ("{learning_rate: 0.01}", "batch_norm_epsilon: {range: [1e-6, 1e-3]}", ["order-of-importance"]),
        ],
    )
    def test_puts_the_learning_rate_first_unless_it_was_chosen(self, network: str, line: str, told: list[str]) -> None:
        assert codes(f"network: {network}\nspace:\n  {line}\n") == told

    def test_is_one_finding_for_all_that_come_later(self) -> None:
        text = "network: {learning_rate: 0.01}\nspace:\n  beta1: {range: [0.8, 0.99]}\n  epsilon: {range: [1e-9, 1e-3]}\n"
        (finding,) = found(text)
        assert finding.problem.message.startswith("`beta1` and `epsilon` are searched and `learning_rate`")
        assert finding.problem.hint.endswith("under `space` too, and take it away from `network`")


class TestTheValidationRows:
    @pytest.mark.parametrize(
        ("share", "rows", "task", "metric", "told"),
        [
            ("0.1", 99, "classification", "validation_error", ["few-validation-rows"]),
            ("0.1", 100, "classification", "validation_error", []),
            ("0.2", 36, "classification", "validation_error", []),
            ("0.1", 50, "classification", "validation_macro_f1", ["few-validation-rows"]),
            ("0.1", 50, "classification", "validation_loss", []),
            ("0.1", 50, "regression", "validation_rmse", []),
            ("held_out.csv", 50, "classification", "validation_error", []),
        ],
    )
    def test_are_100_where_a_usual_share_has_them(
        self, share: str, rows: int, task: Task, metric: str, told: list[str]
    ) -> None:
        text = f"data: {{validation: {share}}}\nspace:\n{RATE}metric: {metric}\n"
        assert codes(text, rows={"train": 500, "validation": rows}, task=task) == told
