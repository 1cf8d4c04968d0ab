from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hpsearch.errors import SpecError, UsageError
from hpsearch.space.parameters import Real
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.spec.document import dump
from hpsearch.spec.load import load_spec
from hpsearch.spec.refined import given_in, making_room, overridden, refined_plain, written

SPEC = """\
name: parent
data: {source: rows/rows.csv, target: label, test: /elsewhere/test.csv}
network:
  epochs: 20
  l2: 0.01
space:
  learning_rate: {range: [1e-4, 1], scale: log}
  optimizer: [adam, momentum]
search:
  trials: 30
  plateau: 10
  start: [{optimizer: adam}]
select: best_epoch
"""
NARROW = SearchSpace({"learning_rate": Entry(Real(1e-3, 1e-2, "log"))})


def test_only_what_was_given_or_is_not_as_by_itself_is_written(tmp_path: Path) -> None:
    study = load_spec(SPEC, "parent.yaml", directory=tmp_path).study.for_task("classification")
    plain = refined_plain(study, given_in(SPEC), NARROW, {"optimizer": "adam"}, tmp_path)
    assert plain == {
        "data": {"source": "rows/rows.csv", "target": "label", "test": "/elsewhere/test.csv"},
        "network": {"epochs": 20, "l2": 0.01, "optimizer": "adam"},
        "space": {"learning_rate": {"range": [1e-3, 1e-2], "scale": "log"}},
        "search": {"trials": 30, "plateau": 10},
        "select": "best_epoch",
    }


def test_what_is_written_reads_as_the_same_study_with_the_new_space(tmp_path: Path) -> None:
    study = load_spec(SPEC, "parent.yaml", directory=tmp_path).study
    text = written(refined_plain(study, given_in(SPEC), NARROW, {"optimizer": "adam"}, tmp_path), ["Why."], {})
    again = load_spec(text, "parent.yaml", directory=tmp_path).study
    expected = replace(
        study,
        space=NARROW,
        network=replace(study.network, optimizer="adam"),
        search=replace(study.search, start=None, prior=None, target=None),
    )
    assert again == expected


def test_a_function_is_found_wherever_the_spec_lies(tmp_path: Path) -> None:
    spec = 'objective: {python: "mine:function"}\nspace: {x: {range: [0.0, 1.0]}}\n'
    study = load_spec(spec, "parent.yaml", directory=tmp_path).study
    space = SearchSpace({"x": Entry(Real(0.2, 0.4))})
    beside = refined_plain(study, given_in(spec), space, {}, tmp_path)
    assert beside["objective"] == {"python": "mine:function"}
    elsewhere = refined_plain(study, given_in(spec), space, {}, tmp_path / "elsewhere")
    assert elsewhere["objective"] == {"python": "mine:function", "path": str(tmp_path)}
    for plain, directory in ((beside, tmp_path), (elsewhere, tmp_path / "elsewhere")):
        again = load_spec(dump(plain), "parent.yaml", directory=directory).study
        assert again == replace(study, space=space)


def test_comments_stand_above_what_they_are_about() -> None:
    plain = {"network": {"optimizer": "adam"}, "space": {"l2": {"range": [0, 1]}, "dropout": [0, 0.5]}}
    comments = {"dropout": ["kept:", "why " * 30], "optimizer": ["fixed"], "momentum": ["momentum is left out"]}
    lines = written(plain, ["Refined from digits-001."], comments).splitlines()
    assert lines[:6] == [
        "# Refined from digits-001.",
        "network:",
        "  # fixed",
        "  optimizer: adam",
        "space:",
        "  # momentum is left out",
    ]
    assert lines[6:8] == ["  l2: {range: [0, 1]}", "  # kept:"]
    assert lines[-1] == "  dropout: [0, 0.5]"
    assert max(map(len, lines)) <= 100


def test_values_that_are_set_take_the_place_of_others() -> None:
    plain = {"space": {"l2": {"range": [0.1, 1]}}, "search": {"trials": 3}}
    assert overridden(plain, ["space.l2.range=[1e-3, 2]", "search.prior=null"]) == {
        "space": {"l2": {"range": [1e-3, 2]}},
        "search": {"trials": 3, "prior": None},
    }
    with pytest.raises(SpecError, match="no `=`"):
        overridden(plain, ["nonsense"])


@pytest.mark.parametrize(
    ("before", "given", "now"),
    [
        ([0.5, 1.0], "[0, 2]", [0.0, 2.0]),
        ([1, 4], "[1.0, 8.0]", [1, 8]),
        ([1, 4], "[0.5, 4]", [0.5, 4]),
        ([1, 4], "[1, two]", [1, "two"]),
    ],
)
def test_a_range_in_other_numbers_is_of_the_same_kind(before: list[float], given: str, now: list[object]) -> None:
    plain = overridden({"space": {"x": {"range": before}}}, [f"space.x.range={given}"])
    assert repr(plain["space"]["x"]["range"]) == repr(now)


def test_a_text_that_cannot_be_read_has_given_nothing() -> None:
    assert given_in("a: [") == {}
    assert given_in(SPEC)["search"]["plateau"] == 10


def test_what_depends_on_a_setting_that_is_fixed_is_settled_with_it() -> None:
    space = {
        "optimizer": ["adam", "momentum", "sgd"],
        "momentum": {"range": [0.8, 0.99], "when": {"optimizer": "momentum"}},
        "beta1": {"choices": [0.9, 0.99], "when": {"optimizer": ["adam", "sgd"]}},
        "l2": {"range": [0.1, 1], "when": {"optimizer": "adam", "beta1": 0.9}},
        "dropout": {"range": [0, 0.5]},
    }
    fixed = making_room({"space": space}, ["network.optimizer=momentum"])
    assert fixed == {"space": {"momentum": {"range": [0.8, 0.99]}, "dropout": {"range": [0, 0.5]}}}
    fixed = making_room({"space": space}, ["network.optimizer=adam"])
    assert fixed["space"]["beta1"] == {"choices": [0.9, 0.99]}
    assert fixed["space"]["l2"] == {"range": [0.1, 1], "when": {"beta1": 0.9}}


def test_a_condition_on_a_number_does_not_hold_for_true() -> None:
    space = {
        "hidden_layers": {"range": [1, 3]},
        "momentum": {"range": [0.8, 0.99], "when": {"hidden_layers": 1}},
        "dropout": {"range": [0, 0.5]},
    }
    fixed = making_room({"space": space}, ["network.hidden_layers=true"])
    assert fixed == {"space": {"dropout": {"range": [0, 0.5]}}}
    assert "momentum" in making_room({"space": space}, ["network.hidden_layers=1.0"])["space"]


def test_a_list_of_widths_settles_the_number_of_layers_too() -> None:
    space = {
        "hidden_layers": {"range": [1, 3]},
        "l2": {"range": [0.1, 1], "when": {"hidden_layers": 1}},
        "dropout": {"range": [0, 0.5], "when": {"hidden_layers": [2, 3]}},
    }
    for widths in ({}, {"hidden_units": {"choices": [8, 16], "per": "layer"}}):
        fixed = making_room({"space": {**space, **widths}}, ["network.hidden_units=[16, 8]"])
        assert fixed == {"space": {"dropout": {"range": [0, 0.5]}}}
    fixed = making_room({"network": {"hidden_layers": 3}, "space": {"l2": [0.1, 1]}}, ["network.hidden_units=[16, 8]"])
    assert fixed == {"space": {"l2": [0.1, 1]}}
    fixed = making_room({"space": {"hidden_layers": [1, 2], "hidden_units": [8, 16]}}, ["network.hidden_units=16"])
    assert fixed == {"space": {"hidden_layers": [1, 2]}}


def test_what_is_searched_again_is_fixed_no_longer() -> None:
    plain = {"network": {"l2": 0.1}, "space": {"dropout": [0, 0.5]}}
    assert making_room(plain, ["space.l2=[0.1, 1]"]) == {"space": {"dropout": [0, 0.5]}}
    with pytest.raises(UsageError, match="nothing left to search"):
        making_room(plain, ["network.dropout=0.5"])
