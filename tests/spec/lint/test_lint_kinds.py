"""Lint: every kind fires with its number, its place and a hint that mends it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, fields, replace
from textwrap import dedent

import pytest
from lint_specs import FUNCTION, RATE, ROOT, codes, found, given, in_space

from hpsearch.data.settings import DataSettings
from hpsearch.search.settings import SearchSettings
from hpsearch.spec.document import dump, parse
from hpsearch.spec.lint.kinds import LINTS, Finding, lint, notes
from hpsearch.spec.load import load_spec
from hpsearch.study.subject import subject_of


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
    "short-windows": Example(
        in_space("beta1: {range: [0.001, 0.1]}"),
        """\
        spec.yaml:3:18: the windows 1 / (1 - beta) of `beta1` are at most 1.11 steps, \
which averages next to nothing [short-windows]
            3 |   beta1: {range: [0.001, 0.1]}
              |                  ^
              write beta1: {range: [0.9, 0.999]} if 1 - beta was meant""",
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
    "same-start": Example(
        in_space("l2: {range: [1e-6, 1e-2]}")
        + "search:\n  start:\n  - {learning_rate: 0.1, l2: 1e-3}\n  - {l2: 0.001, learning_rate: 0.1}\n",
        """\
        spec.yaml:7:5: this start point is the same as the one on line 6, column 5 [same-start]
            7 |   - {l2: 0.001, learning_rate: 0.1}
              |     ^
              take it away: twice the same tells nothing new""",
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
        del plain["search"]["start" if finding.code == "same-start" else finding.code.replace("-", "_")]
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
