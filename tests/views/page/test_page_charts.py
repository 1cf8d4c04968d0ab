"""The charts are right as Vega-Lite: its own schema finds no word that it does not know, and each can be drawn."""

import importlib.resources
import json
import re
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
import vl_convert
from made_run import made_run
from pages import reported

from hpsearch.search.importance import Importance
from hpsearch.space.parameters import Choice
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.views.numbers.importance import Matters
from hpsearch.views.numbers.timeline import Lane, Task, Timeline
from hpsearch.views.page.overviews import importance, stages_drawn, workers
from hpsearch.views.page.report import charts_of

MATTERS = Matters(60, False, (Importance("learning_rate", 0.61, 0.4, 0.05, 0.07), Importance("<b>", 0.1, 0.6, 0.12, 0.07)))
TIMELINE = Timeline((Lane((Task("1", (3, 4), 0, 18, 0.0, 1.5), Task("1", (5,), 2, 9, 2.0, 3.0)), 0.8),), 3.0, (0.0,))
CHARTS = {**charts_of(reported(made_run(60))), "importance": importance(MATTERS), "workers": workers(TIMELINE)}


@pytest.fixture(scope="module")
def schema() -> jsonschema.Draft7Validator:
    text = (importlib.resources.files("altair") / "vegalite/v6/schema/vega-lite-schema.json").read_text()
    content = json.loads(text)
    return jsonschema.Draft7Validator({**content, "$ref": "#/definitions/TopLevelLayerSpec"})


def test_the_page_has_a_chart_for_each_parameter_and_each_question() -> None:
    slices = [f"slice-x{place}" for place in range(4)]
    assert list(CHARTS) == ["history", *slices, "combinations", "curves", "stages", "importance", "workers"]


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_has_no_word_that_the_schema_does_not_know(name: str, schema: jsonschema.Draft7Validator) -> None:
    faults = [error.message[:200] for error in schema.iter_errors(CHARTS[name])]
    assert faults == []


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_can_be_drawn(name: str) -> None:
    chart: dict[str, Any] = {**CHARTS[name], "width": 400}
    svg = vl_convert.vega_to_svg(vl_convert.vegalite_to_vega(chart))
    assert svg.startswith("<svg")
    assert "NaN" not in svg


def test_the_slice_of_a_beta_has_betas_on_its_ticks() -> None:
    axis = CHARTS["slice-x2"]["layer"][-1]["encoding"]["x"]["axis"]
    assert json.loads(axis["labelExpr"].partition("[indexof")[0]) == [
        "0.9",
        "0.95",
        "0.98",
        "0.99",
        "0.995",
        "0.998",
        "0.999",
        "not used",
    ]
    assert axis["values"][3] == pytest.approx(0.5)


def test_names_that_begin_alike_are_told_apart_where_they_are_too_long() -> None:
    names = [f"a_name_of_a_parameter_that_goes_on_and_on_{place}" for place in range(2)]
    matters = Matters(60, False, tuple(Importance(name, 0.5, 0.4, 0.05, 0.07) for name in names))
    svg = vl_convert.vegalite_to_svg({**importance(matters), "width": 600})
    assert texts(svg)[-2:] == ["a_name_of_a_pa\u2026es_on_and_on_0", "a_name_of_a_pa\u2026es_on_and_on_1"]


def test_each_of_many_options_has_its_label() -> None:
    options = [f"option_number_{place}" for place in range(9)]
    space = SearchSpace({"kind": Entry(Choice(options))})
    run = made_run(60)
    for number, record in run.history.items():
        trial = replace(record.trial, params={"kind": options[number % 9]}, point=((number % 9 + 0.5) / 9,))
        run.history[number] = replace(record, trial=trial)
    chart = charts_of(replace(reported(run), space=space))["slice-x0"]
    assert set(options) <= set(texts(vl_convert.vegalite_to_svg({**chart, "width": 300})))


def texts(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_the_stages_have_the_axis_of_each_parameter_and_tell_each_range() -> None:
    lines, ticks, _, ranges = CHARTS["stages"]["layer"]
    rate = [(row["at"], row["label"]) for row in ticks["data"]["values"] if row["name"] == "learning_rate"]
    assert rate == [(0, "0.0001"), (0.25, "0.001"), (0.5, "0.01"), (0.75, "0.1"), (1, "1")]
    assert [row["at"] for row in lines["data"]["values"] if row["name"] == "learning_rate"] == [at for at, _ in rate]
    assert [(row["name"], row["stage"]) for row in ranges["data"]["values"] if row["name"] == "hidden_units"] == [
        ("hidden_units", 0),
        ("hidden_units", 1),
    ]
    assert all(row["range"] for row in ranges["data"]["values"])


def test_of_many_stages_the_first_the_last_and_some_between_are_drawn() -> None:
    assert stages_drawn(3) == [0, 1, 2]
    assert stages_drawn(17) == [0, 3, 6, 10, 13, 16]


def test_tasks_and_importance_tell_themselves_in_words() -> None:
    tasks = CHARTS["workers"]["data"]["values"]
    assert [task["text"] for task in tasks] == [
        "trials 3 and 4: 18 epochs in 1.5 s",
        "trial 5, fresh seed 2: 9 epochs in 1.0 s",
    ]
    rows = CHARTS["importance"]["data"]["values"]
    assert rows[0]["told"] == "learning_rate: main effect 61 % ± 5"
    assert rows[1]["told"] == "learning_rate: near the best 40 % ± 7"


def test_the_range_of_an_importance_is_a_standard_error_to_each_side_as_far_as_there_are_such_shares() -> None:
    rows = CHARTS["importance"]["data"]["values"]
    assert [(row["name"], row["from"], row["to"]) for row in rows[1:3]] == [("learning_rate", 0.33, 0.47), ("<b>", 0, 0.22)]
