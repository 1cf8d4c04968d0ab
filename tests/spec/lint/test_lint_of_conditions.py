"""Lint of `when` and `per: layer`: where it fires, and where it stays silent."""

from __future__ import annotations

from textwrap import dedent

import pytest
from lint_specs import codes, found, in_space


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
