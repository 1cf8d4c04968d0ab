"""Names, values and ways of writing that people bring from other tools."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.errors import SpecError
from hpsearch.network.settings import NetworkSettings
from hpsearch.options import Option, options_of
from hpsearch.spec.declared import SECTIONS, Heading
from hpsearch.spec.document import dump
from hpsearch.spec.elsewhere import CALLED, entry_of, names_of, value_of
from hpsearch.spec.exponents import meaning_of
from hpsearch.spec.load import load_spec

L2: dict[str, Any] = {"space": {"l2": {"range": [1e-6, 1e-2]}}}


def hints(plain: dict[str, Any]) -> list[str]:
    with pytest.raises(SpecError) as caught:
        load_spec(dump(plain), "spec.yaml", (), Path("/specs"))
    return [problem.hint for problem in caught.value.problems]


def test_every_name_of_the_table_is_a_key_here() -> None:
    nested = {"reduction_factor", "min_epochs"}
    declared = {name for declaration in (Heading, *SECTIONS.values()) for name in options_of(declaration)}
    assert CALLED.keys() <= declared | nested | {*SECTIONS, "space"}


@pytest.mark.parametrize("name", [name for name in CALLED if name in options_of(NetworkSettings)])
def test_another_name_of_an_option_of_the_network_is_understood_in_its_section(name: str) -> None:
    for other in CALLED[name].split():
        (hint,) = hints({**L2, "network": {other: 3}})
        assert f"it is called `{names_of(other)[0]}` here" in hint or name in names_of(other)[1:]


@pytest.mark.parametrize("written", ["lr", "LR", "learning-rate-init", "learningRateInit", "Initial_LR"])
def test_case_and_hyphens_of_a_name_do_not_count(written: str) -> None:
    assert hints({**L2, "network": {written: 0.1}}) == ["it is called `learning_rate` here: write `learning_rate: 0.1`"]


@pytest.mark.parametrize(
    ("entry", "here"),
    [
        ({"min": 1, "max": 9}, {"range": [1, 9]}),
        ({"low": 0.1, "high": 1, "log": True}, {"range": [0.1, 1], "scale": "log"}),
        ({"low": 0.1, "high": 1, "log": False}, {"range": [0.1, 1]}),
        ({"type": "int", "bounds": [1, 9], "q": 2}, {"range": [1, 9], "step": 2}),
        ({"distribution": "uniform", "min": 0, "max": 1}, {"range": [0, 1], "scale": "linear"}),
        ({"distribution": "log_uniform", "min": math.log(1e-3), "max": 0}, {"range": [1e-3, 1.0], "scale": "log"}),
        ({"distribution": "log_uniform", "min": 1e-3, "max": 1}, {"range": [1e-3, 1], "scale": "log"}),
        ({"_type": "loguniform", "_value": [1e-3, 1]}, {"range": [1e-3, 1], "scale": "log"}),
        ({"_type": "choice", "_value": [8, 16]}, [8, 16]),
        ({"loguniform": [1e-3, 1]}, {"range": [1e-3, 1], "scale": "log"}),
        ({"values": [8, 16]}, [8, 16]),
        ({"options": [8, 16], "if": {"optimizer": "adam"}}, {"choices": [8, 16], "when": {"optimizer": "adam"}}),
        ({"value": 3}, 3),
        ({"range": "(1", "2)": None, "scale": "log"}, {"range": [1, 2], "scale": "log"}),
        ("(1, 9)", {"range": [1, 9]}),
        ("tune.loguniform(1e-3, 1)", {"range": [1e-3, 1], "scale": "log"}),
        ("0.5 to 1", {"range": [0.5, 1]}),
        ("1e-4..1", {"range": [1e-4, 1]}),
    ],
)
def test_an_entry_in_other_words_is_understood(entry: Any, here: Any) -> None:
    assert entry_of(entry) == here


@pytest.mark.parametrize(
    "entry",
    [
        *({"range": [1, 2]}, [1, 2], 3, None, "fast", "normal(0, 1)", "(1, 2, 3)", "2026-01-02"),
        *({"min": 1}, {"min": 1, "max": 2, "foo": 3}, {"distribution": "normal", "min": 0, "max": 1}),
        {"values": [1, 2], "min": 1, "max": 2},
    ],
)
def test_an_entry_in_no_known_words_stays_as_it_is(entry: Any) -> None:
    assert entry_of(entry) is None


@pytest.mark.parametrize(
    ("option", "value", "here"),
    [
        *(("batch_norm", False, "off"), ("batch_norm", True, "before"), ("early_stopping", False, "off")),
        *(("confirm", "off", {"leaders": 0}), ("confirm", False, {"leaders": 0}), ("confirm", 3, None)),
        *(("metric", "val_loss", "validation_loss"), ("metric", {"name": "acc"}, "validation_accuracy")),
        ("early_stopping", {"type": "hyperband", "eta": 4}, {"reduction_factor": 4}),
        *(("activation", "logistic", "sigmoid"), ("activation", "relu", None), ("trials", "many", None)),
    ],
)
def test_a_value_in_other_words_is_understood(option: str, value: Any, here: Any) -> None:
    assert value_of(option, value) == here


class TestExponents:
    RATE = Option("a rate", above=0, scale="log")
    BETA = Option("a beta", at_least=0, at_most=0.999999, scale="1-beta")

    @given(st.lists(st.integers(-30, 0), min_size=2, max_size=5).filter(lambda numbers: min(numbers) < 0))
    def test_of_a_positive_option_mean_their_powers_of_ten(self, exponents: list[int]) -> None:
        assert meaning_of(self.RATE, "log", exponents) == [float(f"1e{number}") for number in sorted(exponents)]

    @pytest.mark.parametrize(
        ("values", "meaning"),
        [
            ([-4.5, -0.5], [3.16e-05, 0.316]),
            ([-4, 1], [1e-4, 10.0]),
            ([-3], [1e-3]),
            ([0, 1], []),
            ([1e-4, -1], []),
            ([-31, 0], []),
            ([-4, "0"], []),
            ([-4, True], []),
        ],
    )
    def test_are_told_from_values_by_their_sign(self, values: list[Any], meaning: list[float]) -> None:
        assert meaning_of(self.RATE, "log", values) == meaning

    def test_of_an_averaging_weight_are_those_of_one_minus_beta(self) -> None:
        assert meaning_of(self.BETA, "1-beta", [-3, -1]) == [0.9, 0.999]
        assert meaning_of(self.BETA, "1-beta", [-7, -1]) == []
        assert meaning_of(self.BETA, "1-beta", [-3, 1]) == []

    def test_are_none_where_the_option_takes_negative_numbers(self) -> None:
        free = Option("any number")
        assert meaning_of(free, "linear", [-4, -1]) == []
        assert meaning_of(free, "1-beta", [-4, -1]) == []
        assert meaning_of(free, "log", [-4, -1]) == [1e-4, 0.1]


def test_a_key_in_the_wrong_place_gets_its_line() -> None:
    assert hints({**L2, "search": {"seed": 3}}) == ["write `seed: 3` at the top of the spec"]
    assert hints({**L2, "trials": 20}) == ["write `trials: 20` under `search`"]
    assert hints({**L2, "learning_rate": [0.1, 0.2]}) == ["write `learning_rate: [0.1, 0.2]` under `space`"]
    assert hints({**L2, "learning_rate": 0.1}) == ["write `learning_rate: 0.1` under `network`"]


def test_a_key_that_is_given_by_both_names_or_in_both_places_is_to_be_taken_away() -> None:
    given_too = "is given too, so take one of them away"
    assert hints({**L2, "network": {"lr": 0.1, "learning_rate": 0.1}}) == [
        f"it is called `learning_rate` here: `network.learning_rate` {given_too}"
    ]
    assert hints({**L2, "l2": 0.1}) == [f"`space.l2` {given_too}"]
    assert hints({**L2, "search": {"trials": 3}, "n_trials": 4}) == [
        f"it is called `trials` here: `search.trials` {given_too}"
    ]


def test_a_value_too_long_for_a_line_is_left_out() -> None:
    assert hints({**L2, "batch_size": list(range(2, 99))}) == ["write `batch_size: ...` under `space`"]
    assert hints({**L2, "data": {"path": "x" * 101}}) == ["it is called `source` here: write `source: ...`"]


def test_texts_are_written_so_that_they_are_read_as_texts() -> None:
    for text in ("1e-4", "true", "null", "a: b", "it's", "a\nb", "#1", "a, b", "{x}", "C:\\x y"):
        (hint,) = hints({**L2, "data": {"path": text}})
        line = hint.partition("write `")[2].removesuffix("`")
        assert load_spec(dump(L2), "spec.yaml", [f"data={{{line}}}"], Path("/specs")).study.data.source.endswith(text)
