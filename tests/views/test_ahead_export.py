import json
import math
from dataclasses import replace

import pytest
from previewed import previewed
from refined import RATE, REFINEMENT

from hpsearch.data.profile import ColumnProfile
from hpsearch.data.settings import DataSettings
from hpsearch.network.settings import NetworkSettings
from hpsearch.search.plan import Plan
from hpsearch.search.settings import Confirm, SearchSettings
from hpsearch.space.parameters import Real
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.study.study_spec import StudySpec
from hpsearch.views.ahead_export import check_json, plan_json, refine_json
from hpsearch.views.numbers.looked import Looked


def test_a_plan_as_json_has_its_stages_and_what_is_trained_again() -> None:
    study = StudySpec(
        name="a",
        seed=0,
        data=DataSettings(),
        network=NetworkSettings(epochs=27),
        space=SearchSpace({"learning_rate": Entry(Real(1e-3, 1, "log"))}),
        search=SearchSettings(trials=60),
        metric="validation_error",
    )
    facts = {"rows": {"train": 9, "test": 3}}
    content = plan_json(study, Plan((12, 16, 16, 16), (1, 3, 9, 27)), facts, Confirm(2, 3))
    assert content["study"] == json.loads(json.dumps(study.resolved()))
    assert (content["n_trials"], content["stages"], content["rungs"]) == (60, [12, 16, 16, 16], [1, 3, 9, 27])
    assert (content["epochs"], content["rows"]) == (224, facts["rows"])
    assert content["confirm"] == {"leaders": 2, "seeds": 3, "epochs": 162}
    assert plan_json(study, Plan((9,), (27,)), {}, Confirm(0))["confirm"] is None


def test_a_beta_has_its_averaging_windows_in_the_json_too() -> None:
    space = check_json(previewed(), Looked(), 0)["space"]
    parts = space["momentum"]["draws"]
    assert [part[end] for part in parts for end in ("from", "to")] == pytest.approx([0.9, 0.99, 0.99, 0.999])
    assert [part["count"] for part in parts] == [1, 1]
    assert [part[f"window_{end}"] for part in parts for end in ("from", "to")] == pytest.approx([10, 100, 100, 1000])
    assert space["learning_rate"]["draws"][0].keys() == {"from", "to", "count"}


def test_what_the_data_hold_is_told_by_class_and_part_as_json() -> None:
    column = ColumnProfile("age", "number", 3, 40)
    looked = Looked(("no", "yes"), {"train": (90, 4), "validation": (5, 1)}, (column,))
    data = check_json(previewed(), looked, 0)["data"]
    assert data["classes"] == {"train": {"no": 90, "yes": 4}, "validation": {"no": 5, "yes": 1}}
    assert data["columns"] == [{"name": "age", "role": "number", "missing": 3, "levels": 40}]


def test_a_refinement_as_json_has_all_digits() -> None:
    content = json.loads(json.dumps(refine_json(REFINEMENT)))
    assert content["found"] is True
    rate = content["parameters"]["learning_rate"]
    assert rate["elites"] == [0.5, 0.98765]
    assert (rate["old"], rate["new"]) == (RATE.describe(), {"range": [0.01, 5.0], "scale": "log"})
    assert content["parameters"]["optimizer"]["fixed"] == "adam"
    assert content["parameters"]["momentum"]["new"] is None
    assert content["round"] == "the elites"
    unknown = replace(REFINEMENT, advice=(replace(REFINEMENT.advice[0], importance=math.nan),))
    assert [advice["importance"] for advice in refine_json(unknown)["parameters"].values()] == [None]
    assert refine_json(replace(REFINEMENT, round_one="trial 17 (place 12 of 40)"))["round"] == "trial 17 (place 12 of 40)"
