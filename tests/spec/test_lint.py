"""Lint: every kind fires with its number, its place and a hint that mends it, and stays silent at its boundary."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from textwrap import dedent
from typing import Any, TypeAlias

import pytest

from hpsearch.data.settings import DataSettings
from hpsearch.network.settings import Task
from hpsearch.search.settings import SearchSettings
from hpsearch.spec.document import dump, parse
from hpsearch.spec.lint import LINTS, Finding, lint, notes
from hpsearch.spec.load import LoadedSpec, load_spec
from hpsearch.study.subject import subject_of

ROOT = Path(__file__).parents[2]
DIGITS = {"train": 1077, "validation": 360, "test": 360}
RATE = "  learning_rate: {range: [1e-4, 1]}\n"
FUNCTION = 'objective: {python: "mine:train"}\n'

Given: TypeAlias = tuple[LoadedSpec, Mapping[str, Any]]


def given(text: str, *overrides: str, rows: dict[str, int] = DIGITS, task: Task = "classification") -> Given:
    """Return a spec, and the facts of data of ten classes, or of a quantity with a deviation of 2, with so many rows."""
    loaded = load_spec(text, "spec.yaml", overrides)
    if loaded.study.objective:
        return loaded, {"task": "python"}
    target = {"classes": 10} if task == "classification" else {"classes": 0, "target_deviation": 2.0}
    return replace(loaded, study=loaded.study.for_task(task)), {"task": task, "rows": rows, **target}


def found(text: str, *overrides: str, rows: dict[str, int] = DIGITS, task: Task = "classification") -> tuple[Finding, ...]:
    """Return the findings in a spec."""
    return lint(*given(text, *overrides, rows=rows, task=task))


def codes(text: str, *overrides: str, rows: dict[str, int] = DIGITS, task: Task = "classification") -> list[str]:
    """Return the codes of the findings."""
    return [finding.code for finding in found(text, *overrides, rows=rows, task=task)]


def in_space(*lines: str) -> str:
    """Return a spec that searches the learning rate, and these."""
    return "space:\n" + RATE + "".join(f"  {line}\n" for line in lines)


@dataclass(frozen=True)
class Example:
    """A spec, and all that is said about it."""

    spec: str
    told: str
    rows: tuple[int, int] = (1077, 360)


EXAMPLES = {
    "linear-scale": Example(
        "space:\n  learning_rate: {range: [1e-4, 1], scale: linear}\n",
        """\
        spec.yaml:2:44: 90 % of the draws of `learning_rate` lie between 0.1 and 1: its scale is linear [linear-scale]
            2 |   learning_rate: {range: [1e-4, 1], scale: linear}
              |                                            ^
              write learning_rate: {range: [0.0001, 1], scale: log}""",
    ),
    "beta-scale": Example(
        in_space("beta1: {range: [0.9, 0.999], scale: linear}"),
        """\
        spec.yaml:3:39: 9.1 % of the draws of `beta1` have windows 1 / (1 - beta) of 100 to 1000 steps, \
on the scale 1-beta half of them [beta-scale]
            3 |   beta1: {range: [0.9, 0.999], scale: linear}
              |                                       ^
              write beta1: {range: [0.9, 0.999], scale: 1-beta}""",
    ),
    "narrow-log-scale": Example(
        "space:\n  learning_rate: {range: [0.01, 0.02]}\n",
        """\
        spec.yaml:2:26: `learning_rate` spans a factor of 2, over which a log scale does little: \
42 % of the draws lie in the upper half [narrow-log-scale]
            2 |   learning_rate: {range: [0.01, 0.02]}
              |                          ^
              write learning_rate: {range: [0.003, 0.06]}, or scale: linear if so little is meant""",
    ),
    "grid": Example(
        in_space("l2: {range: [1e-6, 1e-2]}") + "search: {method: grid, trials: 9}\n",
        """\
        spec.yaml:4:18: a grid: 9 trials try 3 values of each parameter; at random they would try 9 [grid]
            4 | search: {method: grid, trials: 9}
              |                  ^
              write method: random, or coarse-to-fine""",
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
    ),
    "always-active": Example(
        in_space("optimizer: [adam, adamw]", "beta1: {range: [0.8, 0.99], when: {optimizer: [adam, adamw]}}"),
        """\
        spec.yaml:4:38: the condition of `beta1` on `optimizer` holds in all trials: these are all its values [always-active]
            4 |   beta1: {range: [0.8, 0.99], when: {optimizer: [adam, adamw]}}
              |                                      ^
              write beta1: {range: [0.8, 0.99]}""",
    ),
    "batch-above-rows": Example(
        in_space("batch_size: [16, 32, 128, 256]"),
        """\
        spec.yaml:3:24: 50 % of the draws of `batch_size` lie above the 106 training rows: \
they all train alike [batch-above-rows]
            3 |   batch_size: [16, 32, 128, 256]
              |                        ^
              write batch_size: [16, 32]""",
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
    ),
    "no-early-stopping": Example(
        "space:\n" + RATE + "search: {early_stopping: {min_epochs: 10}}\n",
        """\
        spec.yaml:3:26: early stopping cannot act: it needs trials of at least 30 epochs, \
and they have 20 [no-early-stopping]
            3 | search: {early_stopping: {min_epochs: 10}}
              |                          ^
              write early_stopping: {reduction_factor: 3, min_epochs: 6}, or epochs: 30 under `network`""",
    ),
    "order-of-importance": Example(
        "space:\n  epsilon: {range: [1e-9, 1e-3]}\n",
        """\
        spec.yaml:2:3: `epsilon` is searched and `learning_rate`, which matters most, is not: \
it is 0.001 in all 40 trials [order-of-importance]
            2 |   epsilon: {range: [1e-9, 1e-3]}
              |   ^
              write learning_rate: {range: [1e-4, 1e-1]} under `space` too""",
    ),
    "two-choices": Example(
        "space:\n  learning_rate: [0.0001, 0.1]\n",
        """\
        spec.yaml:2:18: `learning_rate` is 0.0001 or 0.1 and nothing between: a list of values is a choice [two-choices]
            2 |   learning_rate: [0.0001, 0.1]
              |                  ^
              write learning_rate: {range: [0.0001, 0.1]}, or {choices: [0.0001, 0.1]} if that is meant""",
    ),
    "whole-numbers": Example(
        FUNCTION + "space:\n  x: {range: [0, 10]}\n",
        """\
        spec.yaml:3:14: `x` is searched in whole numbers, as its bounds are [whole-numbers]
            3 |   x: {range: [0, 10]}
              |              ^
              write x: {range: [0.0, 10]} to search between them too, or add step: 1 if that is meant""",
    ),
    "trial-seconds": Example(
        "network: {epochs: 1}\n" + in_space() + "search: {trial_seconds: 10}\n",
        """\
        spec.yaml:4:25: `trial_seconds` ends no trial: it is looked at between two epochs, \
and a trial has one [trial-seconds]
            4 | search: {trial_seconds: 10}
              |                         ^
              take it away, or write epochs: 2 or more under `network`""",
    ),
    "target": Example(
        in_space() + "search: {target: 0.95}\n",
        """\
        spec.yaml:3:18: a target of 0.95 ends the search at once: a guess that looks at no input has error 0.9 [target]
            3 | search: {target: 0.95}
              |                  ^
              write target: 0.05 if that is meant, or take it away""",
    ),
    "plateau": Example(
        in_space() + "search: {plateau: 40}\n",
        """\
        spec.yaml:3:19: a plateau of 40 trials never ends a search of 40 [plateau]
            3 | search: {plateau: 40}
              |                   ^
              write plateau: 20, or take it away""",
    ),
    "one-layer": Example(
        "network: {hidden_layers: 1}\n" + in_space("hidden_units: {range: [16, 64], per: layer}"),
        """\
        spec.yaml:4:40: `hidden_units` is drawn per layer, and no network has more than one hidden layer [one-layer]
            4 |   hidden_units: {range: [16, 64], per: layer}
              |                                        ^
              write hidden_units: {range: [16, 64]}, or search `hidden_layers` too""",
    ),
    "long-warmup": Example(
        in_space("warmup_epochs: {range: [0, 24]}"),
        """\
        spec.yaml:3:18: 20 % of the draws of `warmup_epochs` are 20 or more, and a trial has as many epochs: \
the warm-up is never over [long-warmup]
            3 |   warmup_epochs: {range: [0, 24]}
              |                  ^
              write warmup_epochs: {range: [0, 10]}""",
    ),
    "few-validation-rows": Example(
        "data: {validation: 0.1}\nspace:\n" + RATE,
        """\
        spec.yaml:1:20: there are 50 validation rows, so a single one is 2 % of validation_error [few-validation-rows]
            1 | data: {validation: 0.1}
              |                    ^
              write validation: 0.2, which is about 100 rows""",
        rows=(350, 50),
    ),
}


def rows_of(example: Example) -> dict[str, int]:
    """Return the rows of an example's data by part."""
    return {"train": example.rows[0], "validation": example.rows[1]}


OTHERS = [
    Example(text, "", rows)
    for text, rows in [
        ("space: {l2: {range: [0, 1e-2], scale: linear}, learning_rate: {range: [1e-4, 1]}}\n", (1077, 360)),
        (in_space("hidden_units: {range: [16, 2048], scale: linear, step: 16}"), (1077, 360)),
        (in_space("beta1: {range: [0.5, 0.9], scale: linear, step: 0.2}"), (1077, 360)),
        (in_space("hidden_units: {range: [1, 2]}"), (1077, 360)),
        (in_space("beta2: [0.99, 0.9999]"), (1077, 360)),
        (in_space("hidden_layers: [1, 10]"), (1077, 360)),
        (FUNCTION + "space: {n: [1, 100], x: [0.1, 5.0], learning_rate: [0.001, 0.1], beta1: [0.9, 0.999]}\n", (0, 0)),
        (FUNCTION + "space: {x: {range: [0, 5], when: {y: 1}}, y: [1, 2, 3], n: {range: [-3, 3]}}\n", (0, 0)),
        (FUNCTION + "space: {" + ", ".join(f"x{k}: {{range: [0.0, 1.0]}}" for k in range(14)) + "}\n", (0, 0)),
        ("network: {epochs: 2}\n" + in_space(), (1077, 360)),
        (in_space() + "search: {plateau: 1, trials: 1}\n", (1077, 360)),
        (in_space() + "search: {target: -0.05}\n", (1077, 360)),
        (in_space() + "search: {target: 95}\nmetric: validation_accuracy\n", (1077, 360)),
        (in_space() + "search: {target: 3}\nmetric: validation_loss\n", (1077, 360)),
        ("network: {warmup_epochs: 20}\n" + in_space(), (1077, 360)),
        (in_space("warmup_epochs: [20, 30]"), (1077, 360)),
        (in_space("warmup_epochs: {range: [0, 24], step: 4}"), (1077, 360)),
        (in_space(), (40, 360)),
        ("network: {batch_size: 1000}\n" + in_space(), (5, 360)),
        ("network: {batch_size: 4}\n" + in_space(), (1077, 360)),
        (in_space("batch_size: [64, 128]"), (20, 360)),
        (in_space("batch_size: {range: [64, 128], step: 32}"), (60, 360)),
        (in_space("batch_size: {range: [2, 7]}"), (1077, 360)),
        (in_space("batch_size: [2, 4]"), (5, 360)),
        ("network: {learning_rate: 0.01}\nspace: {beta1: {range: [0.8, 0.99]}}\n", (1077, 360)),
    ]
]
"""Further findings, for their hints."""


def pasted(text: str, finding: Finding) -> str:
    """Return a spec after the first thing that a hint says has been done: a line written, or the key taken away."""
    plain = parse(text, "spec.yaml").plain
    hint = finding.problem.hint
    if hint.startswith("take it away"):
        del plain["search"][finding.code.replace("-", "_")]
        return dump(plain)
    written = re.fullmatch(r"write (\w+): (.+?)(, or .*|,? (?:under|if|to|which|\().*|)", hint)
    assert written, hint
    key, value, more = written.groups()
    owners = {"search": SearchSettings, "data": DataSettings}
    section = next((name for name, owner in owners.items() if key in {field.name for field in fields(owner)}), "space")
    if place := re.match(r" under `(\w+)`", more):
        section = place[1]
    if moved := re.search(r"and take it away from `(\w+)`", more):
        del plain[moved[1]][key]
    plain.setdefault(section, {})[key] = parse(f"it: {value}", "hint").plain["it"]
    return dump(plain)


class TestEveryLint:
    def test_has_an_example_but_for_the_memory_which_no_spec_tells(self) -> None:
        assert EXAMPLES.keys() == LINTS.keys() - {"memory"}

    @pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
    def test_tells_what_is_wasted_and_where(self, example: Example) -> None:
        (finding,) = found(example.spec, rows=rows_of(example))
        assert str(finding) == dedent(example.told)

    @pytest.mark.parametrize("spec", [*EXAMPLES.values(), *OTHERS], ids=lambda spec: spec.spec)
    def test_has_a_hint_that_mends_it_when_pasted(self, spec: Example) -> None:
        findings = found(spec.spec, rows=rows_of(spec))
        before = Counter(finding.code for finding in findings)
        assert before
        for finding in findings:
            after = {**rows_of(spec), "validation": 100} if finding.code == "few-validation-rows" else rows_of(spec)
            left = Counter(codes(pasted(spec.spec, finding), rows=after))
            assert left <= before, finding.problem.hint
            assert left[finding.code] == before[finding.code] - 1, finding.problem.hint

    @pytest.mark.parametrize(("code", "example"), EXAMPLES.items(), ids=EXAMPLES)
    def test_is_a_note_of_run_where_the_spec_may_not_be_as_it_was_meant(self, code: str, example: Example) -> None:
        (finding,) = found(example.spec, rows=rows_of(example))
        is_told = code in ("whole-numbers", "grid", "no-early-stopping", "trial-seconds")
        assert notes(*given(example.spec, rows=rows_of(example))) == ((finding.problem.message,) if is_told else ())

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
        assert lint(replace(loaded, study=subject.study), subject.facts) == ()

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
