"""What the page draws and lists is what trials.csv says."""

import csv
import io
import math
from dataclasses import replace
from typing import Any

import pytest
from made_run import SPACE, made_run
from pages import Table, embedded, reported

from hpsearch.study.derived import trials_csv
from hpsearch.study.record import RunRecord
from hpsearch.trial import Status, leaders
from hpsearch.views.page.drawn import CURVES, FAILURES, LEADERS, MOST
from hpsearch.views.page.report import report

RUN = made_run(60)


@pytest.fixture(scope="module")
def page() -> str:
    return report(reported(RUN))


def rows_of(run: RunRecord) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(trials_csv(run))))


def marks(page: str) -> dict[int, dict[str, Any]]:
    return {row["t"]: row for row in embedded(page)["data"]["trials"]}


def test_every_mark_stands_at_the_score_of_its_trial(page: str) -> None:
    found = marks(page)
    failed = {row["y"] for row in found.values() if row["s"] == 2}
    assert len(failed) == 1
    for row in rows_of(RUN):
        mark = found[int(row["trial"])]
        assert mark["y"] == float(row["value"]) if row["value"] else mark["y"] in failed


def test_every_mark_stands_at_the_values_of_its_trial_on_their_scales(page: str) -> None:
    content, found = embedded(page), marks(page)
    for row in rows_of(RUN):
        number = int(row["trial"])
        for j, parameter in enumerate(SPACE.parameters):
            written = row[parameter.name]
            place = found[number][f"x{j}"]
            assert place == content["places"][j][content["at"][str(number)]]
            if not written:
                assert place < 0  # in the lane of trials in which it does not count
                continue
            value = (
                written
                if parameter.name == "optimizer"
                else int(written)
                if parameter.name == "hidden_units"
                else float(written)
            )
            assert place == pytest.approx(parameter.domain.locate(value), abs=1e-5)


def test_learning_curves_end_at_the_value_of_their_trial(page: str) -> None:
    by_trial = {int(row["trial"]): row for row in rows_of(RUN)}
    curves = embedded(page)["data"]["curves"]
    assert {curve["t"] for curve in curves} == {n for n, row in by_trial.items() if int(row["epochs"]) > 1}
    for curve in curves:
        row = by_trial[curve["t"]]
        assert curve["e"] == list(range(1, int(row["epochs"]) + 1))
        end = curve["y"][-1]
        assert end == pytest.approx(float(row["value"]), rel=1e-5) if row["value"] else end is None


def test_the_steps_of_the_incumbent_are_values_of_complete_trials_that_get_better(page: str) -> None:
    values = {int(row["trial"]): row for row in rows_of(RUN)}
    steps = embedded(page)["data"]["steps"]
    assert all(float(values[step["t"]]["value"]) == step["y"] for step in steps)
    assert all(values[step["t"]]["status"] == "complete" for step in steps)
    heights = [step["y"] for step in steps]
    assert heights == sorted(heights, reverse=True)
    best = min(float(row["value"]) for row in values.values() if row["status"] == "complete")
    assert heights[-1] == best


def test_the_table_holds_what_trials_csv_holds_to_the_last_digit(page: str) -> None:
    table = Table(page)
    by_trial = {int(row["trial"]): row for row in rows_of(RUN)}
    assert len(table.full) == 1 + len(by_trial)  # the headings are a row
    for cells in table.full[1:]:
        told = dict(zip(table.heads, cells, strict=True))
        row = by_trial[int(told["trial"])]
        assert told["validation_error"] == row["value"]
        for name in ("stage", "status", "epochs", "learning_rate", "momentum", "hidden_units", "validation_loss", "seconds"):
            assert told[name] == row[name]
        assert told["optimizer"] == row["optimizer"].replace("\u2028", r"\u2028")  # what can't be seen is written out


def test_the_table_is_read_with_three_digits_and_the_window_of_a_beta(page: str) -> None:
    table = Table(page)
    first = dict(zip(table.heads, table.rows[1], strict=True))
    best = leaders(RUN.history.values())[0]
    assert first["trial"] == str(best.number)
    assert first["validation_error"] == f"{best.value:.3g}"
    betas = [cells[table.heads.index("momentum")] for cells in table.rows[1:]]
    assert any("(" in beta for beta in betas)


def test_of_many_trials_the_leaders_failures_and_a_sample_are_drawn_the_same_ones_each_time() -> None:
    run = made_run(2_000)
    page = report(reported(run))
    found = marks(page)
    assert len(found) == MOST
    assert {record.number for record in leaders(run.history.values())[:LEADERS]} <= found.keys()
    assert sum(row["s"] == 2 for row in found.values()) == FAILURES
    assert len(embedded(page)["data"]["curves"]) <= CURVES + 5
    told = "400 of 2,000 trials are drawn</strong>: the 40 leaders, up to 80 failures, and a seeded sample of the others."
    assert told in page
    assert "At most 100 rows and 14 columns are printed; all are on screen and in trials.csv." in page
    assert len(Table(page).rows) == 2_001
    assert len(embedded(page)["places"][0]) == 2_000
    assert report(reported(made_run(2_000))) == page


def test_a_score_that_would_squeeze_all_others_stands_at_the_edge_and_the_page_says_so() -> None:
    run = made_run(60)
    worst = next(record for record in run.history.values() if record.status.value == "complete")
    run.history[worst.number] = replace(worst, values=(1e30,))
    page = report(reported(run))
    heights = {row["t"]: row["y"] for row in embedded(page)["data"]["trials"]}
    assert heights[worst.number] < 1e4
    assert "1 trial above" in page


def test_scores_that_are_huge_stand_in_the_lane_that_names_all_who_stand_there() -> None:
    run = made_run(60)
    complete = [number for number, record in run.history.items() if record.status is Status.COMPLETE]
    for number in complete[:20]:
        run.history[number] = replace(run.history[number], values=(1e200,))
    run.history[complete[-1]] = replace(run.history[complete[-1]], values=(-1e200,))
    content = embedded(page := report(reported(run)))
    found = {row["t"]: row for row in content["data"]["trials"]}
    failed = next(row["y"] for row in found.values() if row["s"] == 2)
    assert {found[number]["y"] for number in complete[:20]} == {failed}
    assert found[complete[-1]]["y"] == -1e100  # the best one stands at the best end
    assert "20 trials above 1e+100: too far off for the axis" in page
    assert "beyond, failed" in str(content["charts"]["history"])


def test_a_waiting_trial_with_a_value_has_its_mark_and_a_place_on_the_axis() -> None:
    run = made_run(60)
    stopped = next(record for record in run.history.values() if record.status.value == "stopped")
    run.history[stopped.number] = replace(stopped, status=Status.WAITING, reason="", values=(0.001,))
    content = embedded(report(reported(run)))
    mark = next(row for row in content["data"]["trials"] if row["t"] == stopped.number)
    assert (mark["y"], mark["u"], mark["trials"]) == (0.001, 0, None)


def test_numbers_that_are_none_are_null_in_the_data(page: str) -> None:
    assert "NaN" not in page.partition('id="data">')[2].partition("</script>")[0]
    assert all(row["y"] is None or math.isfinite(row["y"]) for row in embedded(page)["data"]["trials"])
