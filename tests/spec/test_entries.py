"""Entries of the space in the words of other tools."""

from __future__ import annotations

import math
from typing import Any

import pytest

from hpsearch.spec.entries import entry_of


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
        ("choice(16, 32)", [16, 32]),
        ("loguniform(-9, 0)", {"range": [1.23e-4, 1.0], "scale": "log"}),
        ({"loguniform": [-9, 0]}, {"range": [1.23e-4, 1.0], "scale": "log"}),
        ({"choice": [8, 16], "when": {"l2": 0}}, {"choices": [8, 16], "when": {"l2": 0}}),
        ({"type": "float", "scale": "log", "min": 0.1, "max": 1}, {"range": [0.1, 1], "scale": "log"}),
        ({"options": [8, 16], "if": {"optimizer": "adam"}}, {"choices": [8, 16], "when": {"optimizer": "adam"}}),
        ({"value": 3}, 3),
        ("(1, 9)", {"range": [1, 9]}),
        ("tune.loguniform(1e-3, 1)", {"range": [1e-3, 1], "scale": "log"}),
        ("0.5 to 1", {"range": [0.5, 1]}),
        ("1e-4..1", {"range": [1e-4, 1]}),
        ("tune.choice([16, 32, 64])", [16, 32, 64]),
        ("choice(adam, sgd)", ["adam", "sgd"]),
        ("adam, sgd", ["adam", "sgd"]),
        ("[8, 16]", [8, 16]),
        ('suggest_float("lr", 1e-5, 1e-1, log=True)', {"range": [1e-5, 0.1], "scale": "log"}),
        ('trial.suggest_float(name="lr", low=1e-5, high=1e-1, log=True)', {"range": [1e-5, 0.1], "scale": "log"}),
        ('trial.suggest_int("n", 8, 64, step=8)', {"range": [8, 64], "step": 8}),
        ('suggest_categorical("opt", ["adam", "sgd"])', ["adam", "sgd"]),
        ("hp.loguniform('lr', -9, 0)", {"range": [1.23e-4, 1.0], "scale": "log"}),
        ("quniform(0, 0.5, 0.1)", {"range": [0, 0.5], "scale": "linear", "step": 0.1}),
        ("range(1, 4)", {"range": [1, 3]}),
        ("interval(1e-4, 1)", {"range": [1e-4, 1]}),
        ("tag(log, interval(1e-4, 1))", {"range": [1e-4, 1], "scale": "log"}),
        ([{"range": [1, 2]}, {"scale": "log"}], {"range": [1, 2], "scale": "log"}),
    ],
)
def test_an_entry_in_other_words_is_understood(entry: Any, here: Any) -> None:
    assert entry_of(entry) == here


@pytest.mark.parametrize(
    "entry",
    [
        *({"range": [1, 2]}, [1, 2], 3, None, "fast", "normal(0, 1)", "(1, 2, 3)", "2026-01-02"),
        *("C:\\d(1, 2)", "choice()", "uniform(0, 1, 2)", "uniform(low=0)", "f" * 400 + "(1, 2)", "(" * 299, "1or 2", "a-b"),
        *(
            '__import__("os").getcwd()',
            "uniform(*a)",
            "uniform(0, 1, size=3)",
            [{"range": [1, 2]}, {"range": [1, 2]}],
            [{"a": 1}],
        ),
        *({"min": 1}, {"min": 1, "max": 2, "foo": 3}, {"distribution": "normal", "min": 0, "max": 1}),
        {"values": [1, 2], "min": 1, "max": 2},
        *({"min": 1e-4, "max": 1, "low": 2}, {"range": [1, 2], "min": 3, "max": 4}, {"bounds": [1, 2], "range": [1, 3]}),
        *({"min": "a", "max": 1}, {"min": "-3", "max": 1}, {"min": True, "max": 1}, {"min": None, "max": 1}),
        *({"min": 0.0, "max": 0.0}, {"min": 1, "max": 0}, {"bounds": [1, 2, 3]}, {"values": 3}, "uniform(2, 1)"),
        *({"loguniform": [-9999, -999]}, {"distribution": "log_uniform", "min": -9, "max": -9.0001}),
    ],
)
def test_an_entry_in_no_known_words_stays_as_it_is(entry: Any) -> None:
    assert entry_of(entry) is None
