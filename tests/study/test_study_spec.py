"""A study as plain data, its identity, and the metric it is judged by."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields, replace
from typing import Any

import pytest

from hpsearch.data.settings import DataSettings
from hpsearch.errors import SettingError, UsageError
from hpsearch.network.settings import NetworkSettings, Task
from hpsearch.objectives.settings import PythonSettings
from hpsearch.search.settings import Confirm, EarlyStopping, Leaders, Prior, SearchSettings
from hpsearch.space.parameters import Choice, Real
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.study.study_spec import StudySpec

SPACE = SearchSpace({"learning_rate": Entry(Real(1e-4, 1.0, "log")), "batch_size": Entry(Choice([32, 64]))})
STUDY = StudySpec("digits", 3, DataSettings(), NetworkSettings(), SPACE, SearchSettings(), "validation_error")
DATA = "ab" * 32
FUNCTION = replace(STUDY, metric=None, objective=PythonSettings("mine:train", 9, ("loss", "size"), "/mine"))


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


def test_resolved_holds_the_search_as_the_method_settles_it() -> None:
    search = STUDY.resolved()["search"]
    assert search == {
        "method": "coarse-to-fine",
        "trials": 40,
        "early_stopping": {"reduction_factor": 3, "min_epochs": 1},
        "confirm": {"seeds": 3},
    }
    assert replace(STUDY, search=SearchSettings("random")).resolved()["search"]["early_stopping"] == "off"


def test_resolved_writes_nested_settings_as_mappings_and_points_as_a_list() -> None:
    start = ({"learning_rate": 0.01}, {"batch_size": 32})
    search = SearchSettings(start=start, prior=Prior("digits-001", "00"), confirm=Confirm(0, 1), target=0.1)
    resolved = replace(STUDY, search=search).resolved()["search"]
    assert resolved["start"] == list(start)
    assert resolved["prior"] == {"run": "digits-001", "trials_sha256": "00"}
    assert resolved["confirm"] == {"leaders": 0, "seeds": 1}
    assert resolved["target"] == 0.1
    resolved["start"][0]["learning_rate"] = 1.0
    assert start[0] == {"learning_rate": 0.01}
    assert replace(STUDY, search=SearchSettings(start=Leaders("a"))).resolved()["search"]["start"] == {"run": "a", "top": 5}


def test_resolved_has_the_function_in_the_place_of_data_and_network() -> None:
    resolved = FUNCTION.resolved()
    assert list(resolved) == ["name", "seed", "objective", "space", "search", "metric", "select"]
    assert resolved["objective"] == {"python": "mine:train", "epochs": 9, "metrics": ["loss", "size"], "path": "/mine"}


def test_a_trial_has_the_epochs_of_what_is_searched() -> None:
    assert (STUDY.epochs, FUNCTION.epochs) == (NetworkSettings().epochs, 9)


def test_the_identity_is_a_sha256_that_stays() -> None:
    assert re.fullmatch("[0-9a-f]{64}", STUDY.identity(DATA))
    assert STUDY.identity(DATA) == replace(STUDY).identity(DATA)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "other"},
        {"search": SearchSettings(trials=999)},
        {"search": SearchSettings(target=0.1, plateau=20, hours=0.5, confirm=Confirm(0, 9))},
        {"search": SearchSettings(early_stopping=EarlyStopping())},
        {"data": DataSettings(source="/moved/digits.csv")},
    ],
)
def test_the_identity_does_not_depend_on_names_paths_or_what_only_ends_and_checks_a_search(changes: dict[str, Any]) -> None:
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
        {"search": SearchSettings("random")},
        {"search": SearchSettings(early_stopping="off")},
        {"search": SearchSettings(early_stopping=EarlyStopping(4))},
        {"search": SearchSettings(stages=5)},
        {"search": SearchSettings(start=({"learning_rate": 0.1},))},
        {"search": SearchSettings(prior=Prior("digits-001", "00"))},
        {"objective": PythonSettings("mine:train", metrics=("validation_error",))},
        {"space": SearchSpace({name: SPACE.entries[name] for name in ("batch_size", "learning_rate")})},
        {"space": SearchSpace({**SPACE.entries, "batch_size": Entry(Choice([64, 32]))})},
    ],
)
def test_the_identity_depends_on_everything_that_changes_a_trial(changes: dict[str, Any]) -> None:
    assert replace(STUDY, **changes).identity(DATA) != STUDY.identity(DATA)


def test_a_function_is_known_by_its_source_and_not_by_where_that_lies() -> None:
    moved = PythonSettings("mine:train", 9, ("loss", "size"), "/elsewhere")
    assert replace(FUNCTION, objective=moved).identity(DATA) == FUNCTION.identity(DATA) != FUNCTION.identity("cd" * 32)
    assert replace(FUNCTION, objective=replace(moved, path=None)).identity(DATA) == FUNCTION.identity(DATA)
    assert replace(FUNCTION, objective=replace(moved, epochs=27)).identity(DATA) != FUNCTION.identity(DATA)


def test_data_and_network_do_not_count_beside_a_function() -> None:
    other = replace(FUNCTION, data=DataSettings(validation=0.3), network=NetworkSettings(epochs=3))
    assert other.identity(DATA) == FUNCTION.identity(DATA)


def test_the_identity_depends_on_the_data() -> None:
    assert STUDY.identity("cd" * 32) != STUDY.identity(DATA)


@pytest.mark.parametrize(("task", "metric"), [("classification", "validation_error"), ("regression", "validation_rmse")])
def test_a_metric_that_is_not_named_is_that_of_the_task(task: Task, metric: str) -> None:
    assert replace(STUDY, metric=None).for_task(task).metric == metric


def test_a_metric_that_is_named_stays_and_must_be_one_of_the_task() -> None:
    assert replace(STUDY, metric="validation_accuracy").for_task("classification").metric == "validation_accuracy"
    with pytest.raises(
        SettingError, match="metric: the target calls for regression, and validation_error is no metric of that"
    ):
        STUDY.for_task("regression")


def test_a_function_is_judged_by_its_first_metric_or_by_the_one_that_is_named() -> None:
    assert FUNCTION.metric == "loss"
    assert replace(FUNCTION, metric="size").for_task("classification").metric == "size"
    assert replace(FUNCTION, metric=None, objective=PythonSettings("mine:train")).metric == "value"
    with pytest.raises(UsageError, match="'validation_error' is no metric of the function; allowed: loss, size"):
        replace(FUNCTION, metric="validation_error")


def test_reading_a_spec_needs_no_numpy() -> None:
    """`--help` and a mistake in a spec must not wait for it."""
    code = "import sys, hpsearch.spec.load; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_what_weighs_the_past_is_known_by_its_name_or_by_its_scale() -> None:
    space = {"beta1": Entry(Choice([0.8, 0.9])), "l2": Entry(Real(0.1, 0.9, "1-beta")), "epsilon": Entry(Real(0.1, 0.9))}
    assert STUDY.averaging == []
    assert replace(STUDY, space=SearchSpace(space)).averaging == ["beta1", "l2"]
    assert replace(FUNCTION, space=SearchSpace(space)).averaging == ["l2"]
