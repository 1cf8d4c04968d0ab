"""Names and values that people bring from other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.errors import SpecError
from hpsearch.network.settings import NetworkSettings
from hpsearch.options import Option, defaults_of, options_of
from hpsearch.spec.declared import SECTIONS, Heading
from hpsearch.spec.document import dump, parse
from hpsearch.spec.elsewhere import CALLED, names_of, value_of
from hpsearch.spec.exponents import meaning_of
from hpsearch.spec.load import load_spec
from hpsearch.spec.wording import written

L2: dict[str, Any] = {"space": {"l2": {"range": [1e-6, 1e-2]}}}
DROPOUT: dict[str, Any] = {"space": {"dropout": {"range": [0.0, 0.5]}}}


def hints(plain: dict[str, Any]) -> list[str]:
    with pytest.raises(SpecError) as caught:
        load_spec(dump(plain), "spec.yaml", (), Path("/specs"))
    return [problem.hint for problem in caught.value.problems]


def test_every_name_of_the_table_is_a_key_here() -> None:
    nested = {"reduction_factor", "min_epochs", "top"}
    declared = {name for declaration in (Heading, *SECTIONS.values()) for name in options_of(declaration)}
    assert CALLED.keys() <= declared | nested | {*SECTIONS, "space"}


AMBIGUOUS = {
    "layers": ("hidden_layers", "hidden_units"),
    "budget": ("trials", "hours"),
    "alpha": ("learning_rate", "l2"),
    "eta": ("learning_rate", "reduction_factor"),
    "scheduler": ("learning_rate_schedule", "early_stopping"),
    "train": ("network", "source"),
    "dataset": ("data", "source"),
    "random_state": ("seed", "split_seed"),
    "random_seed": ("seed", "split_seed"),
}


def test_few_names_stand_for_several_keys() -> None:
    words = [word for words in CALLED.values() for word in words.split()]
    assert {word: names_of(word) for word in words if len(names_of(word)) > 1} == AMBIGUOUS
    assert len({*words}) == 206


@pytest.mark.parametrize("name", [name for name in CALLED if name in options_of(NetworkSettings)])
def test_another_name_of_an_option_of_the_network_is_understood_in_its_section(name: str) -> None:
    value = defaults_of(NetworkSettings)[name]
    for other in {*CALLED[name].split()} - AMBIGUOUS.keys():
        (hint,) = hints({**(L2 if name == "dropout" else DROPOUT), "network": {other: value}})
        assert hint == f"it is called `{name}` here: write `{name}: {written(value)}`"


@pytest.mark.parametrize(
    ("section", "key", "value", "hint"),
    [
        ("network", "alpha", 0.1, "`learning_rate` here (or `l2`): write `learning_rate: 0.1`"),
        ("network", "alpha", 0, "`l2` here: write `l2: 0`"),
        ("search", "alpha", 0.1, "`learning_rate` here (or `l2`): write `learning_rate: 0.1` under `network`"),
        ("network", "eta", 0.1, "`learning_rate` here: write `learning_rate: 0.1`"),
        ("search", "eta", 4, "`reduction_factor` here: write `reduction_factor: 4` under `search.early_stopping`"),
        ("", "eta", 4, "`learning_rate` here: write `learning_rate: 4` under `network`"),
        ("", "scheduler", "asha", "`early_stopping` here: write `early_stopping: {}` under `search`"),
        ("network", "scheduler", "asha", "`early_stopping` here: write `early_stopping: {}` under `search`"),
        ("network", "scheduler", "cosine", "`learning_rate_schedule` here: write `learning_rate_schedule: cosine`"),
        ("", "train", "x.csv", "`source` here: write `source: x.csv` under `data`"),
        ("", "train", {"epochs": 3}, "`network` here: write `network:` in its place"),
        ("", "dataset", "x.csv", "`source` here: write `source: x.csv` under `data`"),
        ("search", "random_state", 3, "`seed` here: write `seed: 3` at the top of the spec"),
        ("data", "random_state", 3, "`split_seed` here: write `split_seed: 3`"),
        ("network", "lr", "fast", "`learning_rate` here: write `learning_rate:` in its place"),
        ("search", "hidden_sizes", [32, 16], "`hidden_units` here: write `hidden_units: [32, 16]` under `space`"),
        ("network", "hidden_sizes", [32, 16], "`hidden_units` here: write `hidden_units: [32, 16]`"),
        ("", "hidden_sizes", [32, 32], "`hidden_units` here: write `hidden_units: [32, 32]` under `network`"),
        ("", "drop_rate", "0..0.5", "`dropout` here: write `dropout: {range: [0, 0.5]}` under `space`"),
    ],
)
def test_a_name_is_told_for_where_it_stands_and_what_it_holds(section: str, key: str, value: Any, hint: str) -> None:
    given = {section: {key: value}} if section else {key: value}
    assert hints({**(L2 if key == "drop_rate" else DROPOUT), **given}) == [f"it is called {hint}"]


@pytest.mark.parametrize(
    ("plain", "hint"),
    [
        ({"early_stopping": True}, "write `early_stopping: {}` under `search`"),
        ({"optimizer": {"name": "adam"}}, "write `optimizer: adam` under `network`"),
        ({"optimizer": {"kind": "adam"}}, "it belongs under `space`"),
        ({"trials": "many"}, "it belongs under `search`"),
        ({"network": {"optimizer": {"type": "adam"}}}, "write `optimizer: adam`"),
        ({"search": {"confirm": True}}, "write `confirm: {}`"),
    ],
)
def test_a_value_that_its_key_does_not_take_is_mended_or_left_out(plain: dict[str, Any], hint: str) -> None:
    assert hints({**L2, **plain}) == [hint]


@pytest.mark.parametrize(
    ("plain", "hint"),
    [
        ({"search": {"hours": "1:30"}}, "write `hours: 1.5`"),
        ({"search": {"trial_seconds": "30s"}}, "write `trial_seconds: 30`"),
        ({"network": {"dropout": "50%"}}, "write `dropout: 0.5`"),
        ({"network": {"dropout": 20}}, "write `dropout: 0.2`"),
        ({"data": {"val_size": "20%"}}, "it is called `validation` here: write `validation: 0.2`"),
        ({"max_evals": "50"}, "it is called `trials` here: write `trials: 50` under `search`"),
        ({"search": {"confirm": [3, 5]}}, "write `confirm: {leaders: 3, seeds: 5}`"),
        ({"network": {"lr": {"default": 0.1}}}, "it is called `learning_rate` here: write `learning_rate: 0.1`"),
        (
            {"network": {"learning_rate": "loguniform(1e-4, 1)"}},
            "what is searched stands in `space`: write `learning_rate: {range: [0.0001, 1], scale: log}` under `space`",
        ),
        ({"weights": "imagenet"}, "allowed: name, seed, metric, select, data, network, objective, search, space"),
        ({"search": {"metrics": "accuracy"}}, "did you mean `metric`? it belongs at the top of the spec"),
    ],
)
def test_a_line_is_given_only_with_a_value_that_its_key_takes(plain: dict[str, Any], hint: str) -> None:
    assert hints({**L2, **plain}) == [hint]


def test_what_cannot_be_searched_is_told_so_in_the_space() -> None:
    assert hints({"space": {**L2["space"], "seed": [1, 2]}}) == ["give it one value at the top of the spec"]
    assert hints({"space": {**L2["space"], "seed": 1}}) == ["write `seed: 1` at the top of the spec"]


@pytest.mark.parametrize("written", ["lr", "LR", "learning-rate-init", "learningRateInit", "Initial_LR"])
def test_case_and_hyphens_of_a_name_do_not_count(written: str) -> None:
    assert hints({**L2, "network": {written: 0.1}}) == ["it is called `learning_rate` here: write `learning_rate: 0.1`"]


@pytest.mark.parametrize(
    ("option", "value", "here"),
    [
        *(("batch_norm", False, "off"), ("batch_norm", True, "before"), ("early_stopping", False, "off")),
        *(("confirm", "off", {"leaders": 0}), ("confirm", False, {"leaders": 0}), ("confirm", 3, None)),
        *(("dropout", "none", 0), ("l2", False, 0), ("clip_norm", -1, 0), ("dropout", -1, None), ("epochs", "none", None)),
        *(
            ("metric", "mse", "validation_rmse"),
            ("metric", "r2", "validation_r2"),
            ("metric", "Accuracy", "validation_accuracy"),
        ),
        *(
            ("method", "GridSearch", "grid"),
            ("inputs", True, "standardise"),
            ("target", ["y"], "y"),
            ("missing", "?", ["?"]),
        ),
        *(("activation", ["relu", "relu"], "relu"), ("activation", ["relu", "tanh"], None), ("hidden_layers", [64], None)),
        *(("hidden_units", "(50, 30)", [50, 30]), ("hidden_units", {"layer_1": 64, "layer_2": 32}, [64, 32])),
        *(
            ("hidden_units", [{"units": 64}, {"neurons": 32}], [64, 32]),
            ("hidden_units", [{"type": "dense"}, {"units": 3}], None),
        ),
        ("start", {"l2": 0.1}, [{"l2": 0.1}]),
        ("start", {"l2": [0.1, 0.2], "dropout": [0, 0.5]}, [{"l2": 0.1, "dropout": 0}, {"l2": 0.2, "dropout": 0.5}]),
        ("start", {"l2": [0.1, 0.2], "dropout": [0]}, [{"l2": [0.1, 0.2], "dropout": [0]}]),
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


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_a_text_is_written_on_one_line_that_is_read_as_the_text(text: str) -> None:
    assert written(text).isprintable()
    assert parse(f"it: [{written(text)}]", "x").plain["it"] == [text]


def test_texts_are_written_so_that_they_are_read_as_texts() -> None:
    for text in ("1e-4", "true", "null", "a: b", "it's", "a\nb", "#1", "a, b", "{x}", "C:\\x y"):
        (hint,) = hints({**L2, "data": {"path": text}})
        line = hint.partition("write `")[2].removesuffix("`")
        assert load_spec(dump(L2), "spec.yaml", [f"data={{{line}}}"], Path("/specs")).study.data.source.endswith(text)
