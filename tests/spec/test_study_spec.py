"""A study as plain data, its identity, and the metric it is judged by."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields, replace
from typing import Any

import pytest

from hpsearch.data.settings import DataSettings
from hpsearch.errors import UsageError
from hpsearch.network.settings import NetworkSettings, Task
from hpsearch.search.settings import SearchSettings
from hpsearch.space.parameters import Choice, Real
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.study.study_spec import StudySpec

SPACE = SearchSpace({"learning_rate": Entry(Real(1e-4, 1.0, "log")), "batch_size": Entry(Choice([32, 64]))})
STUDY = StudySpec("digits", 3, DataSettings(), NetworkSettings(), SPACE, SearchSettings(), "validation_error")
DATA = "ab" * 32


def test_resolved_has_the_sections_in_the_order_of_a_spec() -> None:
    assert list(STUDY.resolved()) == ["name", "seed", "data", "network", "space", "search", "metric", "select"]
    assert "metric" not in replace(STUDY, metric=None).resolved()


def test_resolved_fills_in_every_default_but_for_what_is_searched() -> None:
    network = STUDY.resolved()["network"]
    assert set(network) == {field.name for field in fields(NetworkSettings)} - {"learning_rate", "batch_size"}
    assert network["epochs"] == NetworkSettings().epochs


def test_resolved_leaves_out_what_is_not_given_and_has_no_default() -> None:
    assert "target" not in STUDY.resolved()["data"]
    assert replace(STUDY, data=DataSettings(target="y")).resolved()["data"]["target"] == "y"


def test_resolved_leaves_the_number_of_layers_to_searched_lists_of_widths() -> None:
    space = SearchSpace({"hidden_units": Entry(Choice([[64, 32], [128]]))})
    assert "hidden_layers" not in replace(STUDY, space=space).resolved()["network"]


def test_resolved_cannot_change_the_study() -> None:
    STUDY.resolved()["data"]["columns"]["age"] = "number"
    assert STUDY.data.columns == {}


def test_the_identity_is_a_sha256_that_stays() -> None:
    assert re.fullmatch("[0-9a-f]{64}", STUDY.identity(DATA))
    assert STUDY.identity(DATA) == replace(STUDY).identity(DATA)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "other"},
        {"search": SearchSettings(trials=999)},
        {"data": DataSettings(source="/moved/digits.csv")},
    ],
)
def test_the_identity_does_not_depend_on_names_paths_or_the_number_of_trials(changes: dict[str, Any]) -> None:
    assert replace(STUDY, **changes).identity(DATA) == STUDY.identity(DATA)


def test_files_for_validation_and_test_are_known_by_their_bytes() -> None:
    one = replace(STUDY, data=DataSettings(validation="/a.csv", test="/b.csv"))
    other = replace(STUDY, data=DataSettings(validation="/c.csv", test="/d.csv"))
    assert one.identity(DATA) == other.identity(DATA) != STUDY.identity(DATA)


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 4},
        {"data": DataSettings(validation=0.3)},
        {"network": NetworkSettings(epochs=21)},
        {"metric": "validation_loss"},
        {"select": "best_epoch"},
        {"space": SearchSpace({name: SPACE.entries[name] for name in ("batch_size", "learning_rate")})},
        {"space": SearchSpace({**SPACE.entries, "batch_size": Entry(Choice([64, 32]))})},
    ],
)
def test_the_identity_depends_on_everything_that_changes_a_trial(changes: dict[str, Any]) -> None:
    assert replace(STUDY, **changes).identity(DATA) != STUDY.identity(DATA)


def test_the_identity_depends_on_the_data() -> None:
    assert STUDY.identity("cd" * 32) != STUDY.identity(DATA)


@pytest.mark.parametrize(("task", "metric"), [("classification", "validation_error"), ("regression", "validation_rmse")])
def test_a_metric_that_is_not_named_is_that_of_the_task(task: Task, metric: str) -> None:
    assert replace(STUDY, metric=None).for_task(task).metric == metric


def test_a_metric_that_is_named_stays_and_must_be_one_of_the_task() -> None:
    assert replace(STUDY, metric="validation_accuracy").for_task("classification").metric == "validation_accuracy"
    with pytest.raises(UsageError) as caught:
        STUDY.for_task("regression")
    assert str(caught.value) == (
        "'validation_error' is no metric of regression; allowed: validation_loss, validation_rmse, validation_r2"
    )


def test_reading_a_spec_needs_no_numpy() -> None:
    """`--help` and a mistake in a spec must not wait for it."""
    code = "import sys, hpsearch.spec.load; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
