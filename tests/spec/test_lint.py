"""Lint: every kind fires with its number, its place and a fix that mends it, and stays silent at its boundary."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

from hpsearch.search.strategy import search
from hpsearch.seeds import Streams
from hpsearch.spec.lint import LINTS, Finding, lint
from hpsearch.spec.load import load_spec
from hpsearch.study.subject import subject_of

ROOT = Path(__file__).parents[2]
DIGITS = {"train": 1077, "validation": 360, "test": 360}
RATE = "  learning_rate: {range: [1e-4, 1]}\n"


def found(text: str, *overrides: str, rows: dict[str, int] = DIGITS, task: str = "classification") -> tuple[Finding, ...]:
    """Return the findings in a spec, on data with so many rows."""
    loaded = load_spec(text, "spec.yaml", overrides)
    study = loaded.study
    plan = search(study.search, study.space, Streams(study.seed), study.epochs).plan
    return lint(loaded, {"task": "python"} if study.objective else {"task": task, "rows": rows}, plan)


def codes(text: str, *overrides: str, rows: dict[str, int] = DIGITS, task: str = "classification") -> list[str]:
    """Return the codes of the findings."""
    return [finding.code for finding in found(text, *overrides, rows=rows, task=task)]


def in_space(*lines: str) -> str:
    """Return a spec that searches the learning rate, and these."""
    return "space:\n" + RATE + "".join(f"  {line}\n" for line in lines)


@dataclass(frozen=True)
class Example:
    """A spec, all that is said about it, and the fix, which is in the hint, as an override."""

    spec: str
    told: str
    fix: str
    rows: tuple[int, int] = (1077, 360)


EXAMPLES = {
    "linear-scale": Example(
        "space:\n  learning_rate: {range: [1e-4, 1], scale: linear}\n",
        """\
        spec.yaml:2:44: 90 % of the draws of `learning_rate` lie between 0.1 and 1: its scale is linear [linear-scale]
            2 |   learning_rate: {range: [1e-4, 1], scale: linear}
              |                                            ^
              write learning_rate: {range: [0.0001, 1], scale: log}""",
        "space.learning_rate={range: [0.0001, 1], scale: log}",
    ),
    "beta-scale": Example(
        in_space("beta1: {range: [0.9, 0.999], scale: linear}"),
        """\
        spec.yaml:3:39: 9.1 % of the draws of `beta1` have windows 1 / (1 - beta) of 100 to 1000 steps, \
on the scale 1-beta half of them [beta-scale]
            3 |   beta1: {range: [0.9, 0.999], scale: linear}
              |                                       ^
              write beta1: {range: [0.9, 0.999], scale: 1-beta}""",
        "space.beta1={range: [0.9, 0.999], scale: 1-beta}",
    ),
    "narrow-log-scale": Example(
        "space:\n  learning_rate: {range: [0.01, 0.02]}\n",
        """\
        spec.yaml:2:26: `learning_rate` spans a factor of 2, over which a log scale does little: \
42 % of the draws lie in the upper half [narrow-log-scale]
            2 |   learning_rate: {range: [0.01, 0.02]}
              |                          ^
              write learning_rate: {range: [0.003, 0.06]}, or scale: linear if so little is meant""",
        "space.learning_rate={range: [0.003, 0.06]}",
    ),
    "grid": Example(
        in_space("l2: {range: [1e-6, 1e-2]}") + "search: {method: grid, trials: 9}\n",
        """\
        spec.yaml:4:18: a grid: 9 trials try 3 values of each parameter; at random they would try 9 [grid]
            4 | search: {method: grid, trials: 9}
              |                  ^
              write method: random, or coarse-to-fine""",
        "search.method=random",
    ),
    "few-trials": Example(
        in_space("optimizer: [adam, momentum]", "momentum: {range: [0.8, 0.99], when: {optimizer: momentum}}")
        + "search: {trials: 6}\n",
        """\
        spec.yaml:5:18: 6 trials of 2.5 parameters on average: drawn at random, \
one of them is among the best 5 % with a chance of 26 % [few-trials]
            5 | search: {trials: 6}
              |                  ^
              write trials: 13 under `search` (a chance of 49 %), or search fewer parameters""",
        "search.trials=13",
    ),
    "never-active": Example(
        in_space(
            "optimizer: [adam, momentum]",
            "activation: {choices: [relu, tanh], when: {optimizer: momentum}}",
            "l2: {range: [1e-6, 1e-2], when: {activation: relu, optimizer: adam}}",
        ),
        """\
        spec.yaml:5:54: `l2` is in no trial: it needs `optimizer` to be adam, \
and `activation` needs `optimizer` to be momentum [never-active]
            5 |   l2: {range: [1e-6, 1e-2], when: {activation: relu, optimizer: adam}}
              |                                                      ^
              write l2: {range: [1e-06, 0.01], when: {activation: relu}}""",
        "space.l2={range: [1e-06, 0.01], when: {activation: relu}}",
    ),
    "always-active": Example(
        in_space("optimizer: [adam, adamw]", "beta1: {range: [0.8, 0.99], when: {optimizer: [adam, adamw]}}"),
        """\
        spec.yaml:4:38: the condition of `beta1` on `optimizer` holds in all trials: these are all its values [always-active]
            4 |   beta1: {range: [0.8, 0.99], when: {optimizer: [adam, adamw]}}
              |                                      ^
              write beta1: {range: [0.8, 0.99]}""",
        "space.beta1={range: [0.8, 0.99]}",
    ),
    "batch-above-rows": Example(
        in_space("batch_size: [16, 32, 128, 256]"),
        """\
        spec.yaml:3:24: 50 % of the draws of `batch_size` lie above the 106 training rows: \
they all train alike [batch-above-rows]
            3 |   batch_size: [16, 32, 128, 256]
              |                        ^
              write batch_size: [16, 32]""",
        "space.batch_size=[16, 32]",
        rows=(106, 36),
    ),
    "tiny-batches": Example(
        in_space("batch_size: {range: [4, 256]}"),
        """\
        spec.yaml:3:24: 18 % of the draws of `batch_size` lie below 8: \
the mean of 4 rows, which batch norm takes off, is wrong by 0.5 deviations [tiny-batches]
            3 |   batch_size: {range: [4, 256]}
              |                        ^
              write batch_size: {range: [8, 256]}, or batch_norm: off under `network`""",
        "space.batch_size={range: [8, 256]}",
    ),
    "no-early-stopping": Example(
        "space:\n" + RATE + "search: {early_stopping: {min_epochs: 10}}\n",
        """\
        spec.yaml:3:26: early stopping cannot act: it needs trials of at least 30 epochs, \
and they have 20 [no-early-stopping]
            3 | search: {early_stopping: {min_epochs: 10}}
              |                          ^
              write early_stopping: {reduction_factor: 3, min_epochs: 6}, or epochs: 30 under `network`""",
        "search.early_stopping={reduction_factor: 3, min_epochs: 6}",
    ),
    "order-of-importance": Example(
        "space:\n  epsilon: {range: [1e-9, 1e-3]}\n",
        """\
        spec.yaml:2:3: `epsilon` is searched and `learning_rate`, which matters most, is not: \
it is 0.001 in all 40 trials [order-of-importance]
            2 |   epsilon: {range: [1e-9, 1e-3]}
              |   ^
              write learning_rate: {range: [1e-4, 1e-1]} under `space` too""",
        "space.learning_rate={range: [1e-4, 1e-1]}",
    ),
    "few-validation-rows": Example(
        "data: {validation: 0.1}\nspace:\n" + RATE,
        """\
        spec.yaml:1:20: there are 50 validation rows, so a single one is 2 % of validation_error [few-validation-rows]
            1 | data: {validation: 0.1}
              |                    ^
              write validation: 0.2, which is about 100 rows""",
        "data.validation=0.2",
        rows=(350, 50),
    ),
}


def rows_of(example: Example) -> dict[str, int]:
    """Return the rows of an example's data by part."""
    return {"train": example.rows[0], "validation": example.rows[1]}


class TestEveryLint:
    def test_has_an_example(self) -> None:
        assert EXAMPLES.keys() == LINTS.keys()

    @pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
    def test_tells_what_is_wasted_and_where(self, example: Example) -> None:
        (finding,) = found(example.spec, rows=rows_of(example))
        assert str(finding) == dedent(example.told)

    @pytest.mark.parametrize(("code", "example"), EXAMPLES.items(), ids=EXAMPLES)
    def test_has_a_fix_that_mends_it(self, code: str, example: Example) -> None:
        path, _, value = example.fix.partition("=")
        (finding,) = found(example.spec, rows=rows_of(example))
        assert finding.code == code
        assert f"write {path.rpartition('.')[2]}: {value}" in finding.problem.hint
        after = {**rows_of(example), "validation": 100} if code == "few-validation-rows" else rows_of(example)
        assert found(example.spec, example.fix, rows=after) == ()

    def test_of_several_in_one_spec_is_told_in_the_order_of_the_text_those_of_overrides_last(self) -> None:
        text = "network: {batch_size: 4}\n" + in_space("l2: {range: [1e-6, 1], scale: linear}")
        told = found(text, "space.learning_rate.scale=linear", "search.trials=2")
        places = [(finding.code, finding.problem.file, finding.problem.line) for finding in told]
        assert places == [
            ("tiny-batches", "spec.yaml", 1),
            ("linear-scale", "spec.yaml", 4),
            ("few-trials", "--set", 1),
            ("linear-scale", "--set", 1),
        ]

    def test_points_into_an_override(self) -> None:
        (finding,) = found(in_space(), "space.learning_rate.scale=linear")
        assert str(finding).splitlines()[:3] == [
            "--set:1:27: 90 % of the draws of `learning_rate` lie between 0.1 and 1: its scale is linear [linear-scale]",
            "    1 | space.learning_rate.scale=linear",
            "      |                           ^",
        ]

    @pytest.mark.parametrize("config", ["digits", "branin", "smoke"])
    def test_is_silent_on_the_configs_that_come_with_it(self, config: str) -> None:
        path = ROOT / "configs" / f"{config}.yaml"
        loaded = load_spec(path.read_text(), path.name, directory=path.parent)
        subject = subject_of(loaded.study)
        assert lint(loaded, subject.facts, subject.search().plan) == ()

    def test_is_silent_on_the_specs_of_the_readme(self) -> None:
        specs = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
        assert len(specs) >= 5
        assert [found(spec) for spec in specs] == [()] * len(specs)


class TestScales:
    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ("l2: {range: [1e-6, 1e-4], scale: linear}", ["linear-scale"]),
            ("l2: {range: [1.1e-6, 1e-4], scale: linear}", []),
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
        assert codes(f'objective: {{python: "mine:train"}}\nspace:\n  {line}\n') == told

    def test_a_fix_keeps_a_step_only_where_the_other_scale_has_room_for_it(self) -> None:
        (kept,) = found(in_space("hidden_units: {range: [16, 2048], scale: linear, step: 16}"))
        assert kept.problem.hint == "write hidden_units: {range: [16, 2048], scale: log, step: 16}"
        (dropped,) = found(in_space("beta1: {range: [0.5, 0.9], scale: linear, step: 0.2}"))
        assert dropped.problem.hint == "write beta1: {range: [0.5, 0.9], scale: 1-beta}"


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

    def test_says_no_more_than_the_note_of_the_loader_where_that_speaks(self) -> None:
        text = in_space("l2: {range: [1e-6, 1e-2]}")
        for overrides in (["search.method=grid", "search.trials=9"], ["network.epochs=2"]):
            (finding,) = found(text, *overrides)
            assert load_spec(text, "spec.yaml", overrides).notes == (finding.problem.message,)


class TestConditions:
    def test_of_which_one_value_never_comes_blame_that_value(self) -> None:
        (finding,) = found(
            in_space(
                "optimizer: [adam, momentum, sgd]",
                "activation: {choices: [relu, tanh], when: {optimizer: momentum}}",
                "l2: {range: [1e-6, 1e-2], when: {activation: relu, optimizer: [momentum, sgd]}}",
            )
        )
        assert str(finding) == dedent("""\
            spec.yaml:5:76: `l2` is never drawn where `optimizer` is sgd: \
`activation` needs `optimizer` to be momentum [never-active]
                5 |   l2: {range: [1e-6, 1e-2], when: {activation: relu, optimizer: [momentum, sgd]}}
                  |                                                                            ^
                  write l2: {range: [1e-06, 0.01], when: {activation: relu, optimizer: momentum}}""")

    def test_that_contradict_each_other_blame_only_the_first_in_a_chain(self) -> None:
        told = found(
            in_space(
                "optimizer: [adam, momentum]",
                "activation: {choices: [relu, tanh], when: {optimizer: momentum}}",
                "batch_norm: {choices: [before, after], when: {optimizer: adam}}",
                "dropout: {range: [0, 0.5], step: 0.1, when: {activation: relu, batch_norm: after}}",
                "l2: {range: [1e-6, 1e-2], when: {dropout: 0.1}}",
            )
        )
        assert [(finding.code, finding.problem.line) for finding in told] == [("never-active", 6)]
        assert told[0].problem.message == (
            "`dropout` is in no trial: `activation` needs `optimizer` to be momentum "
            "and `batch_norm` needs `optimizer` to be adam"
        )

    def test_keep_in_the_fix_what_an_option_is_of_no_use_without(self) -> None:
        (finding,) = found(
            in_space(
                "optimizer: [adam, momentum]",
                "activation: {choices: [relu, tanh], when: {optimizer: adam}}",
                "momentum: {range: [0.8, 0.99], when: {activation: relu, optimizer: momentum}}",
            )
        )
        assert finding.problem.hint == "write momentum: {range: [0.8, 0.99], when: {optimizer: momentum}}"

    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ("l2: {range: [1e-6, 1e-2], when: {hidden_layers: [1, 2, 3]}}", ["always-active"]),
            ("l2: {range: [1e-6, 1e-2], when: {hidden_layers: [1, 2]}}", []),
            ("l2: {range: [1e-6, 1e-2], when: {activation: [relu, tanh]}}", []),  # where it is there
        ],
    )
    def test_decide_something_unless_they_name_all_values_of_what_is_always_there(self, line: str, told: list[str]) -> None:
        above = ("hidden_layers: {range: [1, 3]}", "activation: {choices: [relu, tanh], when: {hidden_layers: 1}}")
        assert codes(in_space(*above, line)) == told


class TestMiniBatches:
    @pytest.mark.parametrize(
        ("size", "told"), [("106", []), ("107", ["batch-above-rows"]), ("8", []), ("7", ["tiny-batches"])]
    )
    def test_hold_from_8_to_all_rows(self, size: str, told: list[str]) -> None:
        assert codes(in_space(), f"network.batch_size={size}", rows={"train": 106, "validation": 36}) == told

    @pytest.mark.parametrize(("high", "told"), [(106, []), (107, ["batch-above-rows"])])
    def test_are_drawn_up_to_the_rows(self, high: int, told: list[str]) -> None:
        rows = {"train": 106, "validation": 36}
        assert codes(in_space(f"batch_size: {{range: [8, {high}]}}"), rows=rows) == told

    def test_of_the_default_size_may_be_all_of_few_rows(self) -> None:
        assert codes(in_space(), rows={"train": 7, "validation": 3, "test": 2}) == []

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
            ("batch_size: [16, 32]", 7, "write batch_size: 7 under `network`"),
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
        self, share: str, rows: int, task: str, metric: str, told: list[str]
    ) -> None:
        text = f"data: {{validation: {share}}}\nspace:\n{RATE}metric: {metric}\n"
        assert codes(text, rows={"train": 500, "validation": rows}, task=task) == told
