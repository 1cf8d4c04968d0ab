"""What the page says, and what it is made of."""

import base64
import hashlib
import re
import sys
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from made_run import MARKUP, SPACE, made_run
from pages import CONFUSION, Table, embedded, reported
from recorded import recorded_regression, recorded_run, recorded_search

from hpsearch.errors import MissingExtra
from hpsearch.search.importance import Importance
from hpsearch.space.parameters import Choice, Real, Whole
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.study.record import RunRecord
from hpsearch.trial import Status, Trial, TrialRecord
from hpsearch.views.numbers.importance import Matters
from hpsearch.views.page.report import ReportedRun, report

RECORDED = SearchSpace(
    {
        "learning_rate": Entry(Real(1e-4, 1, "log")),
        "optimizer": Entry(Choice(["adam", "momentum"])),
        "momentum": Entry(Real(0.9, 0.999, "1-beta"), {"optimizer": ("momentum",)}),
        "hidden_units": Entry(Whole(16, 256, "log")),
    }
)
FEW = Matters(4, False, ())


def words(run: RunRecord, matters: Matters | str = FEW, space: SearchSpace | None = RECORDED) -> str:
    """Return the page as it is read: without its tags, style, scripts and data."""
    reader = _Reader()
    reader.feed(report(ReportedRun(run, space, matters)))
    return " ".join(" ".join(reader.parts).split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._tag = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._tag = tag

    def handle_data(self, data: str) -> None:
        if self._tag not in ("style", "script"):
            self.parts.append(data)


def test_a_confirmed_search_tells_its_winner_with_the_interval_and_what_to_do_next() -> None:
    text = words(recorded_search())
    assert "The best is trial 3 Best validation_error 0.08 trial 3, epoch 3" in text
    assert "learning_rate 0.0132 optimizer momentum momentum 0.950 (20) hidden_units 64" in text
    assert "validation_error came from 0.125 to 0.08 with the 4th of 5 trials: it may still be improving" in text
    assert "Fine stage 1 of 1: a copy of trial 0 in which learning_rate (0.01 -> 0.0132)" in text
    # 0.1 +- 4.303 * 0.00577: Student's t with two degrees of freedom
    assert "Confirmed on 3 fresh seeds 0.100 ± 0.006 mean and standard error; 95 % interval 0.0752 to 0.125" in text
    assert "On the test part error 8.5 % 17 of 200 rows; 95 % interval 5.4 % to 13 %" in text
    assert "next: hpsearch show digits-001 3 or: hpsearch refine digits-001" in text
    assert "Confirmed leaders Leaders trained again with fresh seeds trial" in text
    assert "hpsearch verify digits-001 --trial 3" in text


def test_the_head_tells_whether_it_still_improves_whether_an_edge_is_touched_and_what_matters() -> None:
    run = made_run(60)
    best = [record for record in run.history.values() if record.status is Status.COMPLETE][:5]
    for place, record in enumerate(best):  # five that are the best, at the lower end of the last parameter
        trial = replace(record.trial, params={**record.trial.params, "hidden_units": 16})
        run.history[record.number] = replace(record, trial=trial, values=(0.001 - 0.0001 * place,))
    matters = Matters(60, True, (Importance("learning_rate", 0.61, 0.4, 0.05, 0.07),))
    head = words(run, matters, SPACE).partition("History")[0]
    assert re.search(r"validation_error came from 0.0007 to 0.0006 with the \d+th of 60 trials: no better one among", head)
    assert "hidden_units: all of the best 5 are at its lower end, 16; better ones may lie beyond" in head
    assert "learning_rate matters most: main effect 61 % ± 5, near the best 40 % ± 7" in head


def test_failures_are_told_by_reason_with_their_trials() -> None:
    text = words(made_run(60), space=SPACE)
    assert "6 trials (0, 10, 20, 30, 40, 50): the loss was no longer a finite number in epoch 3" in text
    assert "all that trial 1 said Traceback of some lines" in text


def test_an_interval_of_shares_ends_at_one() -> None:
    text = words(recorded_search({3: (0.02, 0.05), 0: (0.2, 0.3)}, metric="validation_accuracy"))
    # 0.965 +- 12.7 * 0.015: Student's t with one degree of freedom
    assert "95 % interval 0.774 to 1 " in text


def test_importance_is_told_in_numbers_or_why_there_are_none() -> None:
    run = made_run(60)
    assert "4 trials with a number say nothing" in words(run, space=SPACE)
    matters = Matters(60, True, (Importance("learning_rate", 0.61, 0.4, 0.05, 0.07),))
    text = words(run, matters, SPACE)
    assert "estimated from 60 trials" in text
    assert "later trials lie near the good ones" in text
    assert "importance" in embedded(report(replace(reported(run), matters=matters)))["charts"]


def test_an_unknown_space_leaves_out_what_is_about_parameters_and_says_why() -> None:
    text = words(recorded_search(), "Nothing can be said of the parameters: changed", None)
    assert "Nothing can be said of the parameters: changed" in text
    assert "Where the good range is" not in text
    assert "All trials" in text


def test_a_regression_is_told_in_its_unit() -> None:
    text = words(recorded_regression(1234.5), space=None)
    assert "Best validation_rmse 98.76" in text
    assert "On the test part rmse 105.1 r2 0.87" in text


def test_a_search_that_is_not_finished_says_so() -> None:
    run = recorded_search(fresh={})
    run.finished = run.ended = ""
    assert "not finished; the command that began it goes on with it" in words(run)


def test_a_search_of_which_nothing_has_come_to_its_end_has_a_page_too() -> None:
    run = recorded_run()
    run.history = {
        0: TrialRecord(Trial(0, 0, (0.5,) * 4, {"learning_rate": 0.1, "optimizer": "adam", "hidden_units": 20}), 3)
    }
    assert "No trial has come to its end" in words(run)
    run.history[0] = replace(run.history[0], status=Status.FAILED, reason="ValueError: no")
    assert "trial 0: ValueError: no" in words(run)
    run.history = {}
    assert "None was started" in words(run)


def test_a_single_complete_trial_has_a_page() -> None:
    run = recorded_run()
    run.history = {1: run.history[1]}
    run.history[1] = replace(
        run.history[1],
        trial=replace(run.history[1].trial, params={"learning_rate": 0.1, "optimizer": "adam", "hidden_units": 20}),
    )
    assert "The best is trial 1" in words(run)


def test_texts_that_are_markup_are_escaped_wherever_they_stand() -> None:
    page = report(reported(made_run(60)))
    assert page.count("<script") == page.count("</script>") == 3
    assert MARKUP not in page
    assert "\u2028" not in page
    assert "<i>nine" not in page
    assert "</pre><b>" not in page
    assert "&lt;/pre&gt;&lt;b&gt;" in page


def test_the_policy_lets_its_own_scripts_and_style_in_and_nothing_else() -> None:
    page = report(reported(made_run(20)))
    found = re.search(r'Content-Security-Policy" content="(.*?)"', page)
    assert found
    policy = found[1]
    own = re.findall(r"<script>(.*?)</script>", page, re.DOTALL) + re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(content.encode()).digest()).decode() for content in own]
    assert len(hashes) == 3
    assert re.findall(r"'sha256-(.*?)'", policy) == hashes
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    body = page.partition("<main>")[2].partition("</main>")[0]
    assert not re.search(r"\s(on\w+|style|src|href)=", body)


def test_the_same_record_gives_the_same_bytes() -> None:
    assert report(reported(made_run(60))) == report(reported(made_run(60)))


def test_the_confusions_of_the_winner_are_a_table() -> None:
    page = report(reported(made_run(60)))
    assert '<td class="s5">60</td><td class="e2">3</td>' in page
    assert '<th scope="row">&lt;i&gt;nine</th><td class="e3">7</td>' in page
    assert CONFUSION.labels[0] in page


def test_a_metric_that_is_better_when_higher_is_sorted_from_the_top() -> None:
    run = made_run(60)
    run.start = {**run.start, "metric": "validation_accuracy"}
    page = report(reported(run))
    assert 'data-first="descending"' in page
    table = Table(page)
    scores = [float(cells[3]) for cells in table.full[1:] if cells[2] == "complete"]
    assert scores == sorted(scores, reverse=True)
    assert [step["y"] for step in embedded(page)["data"]["steps"]][-1] == scores[0]


def test_the_order_of_the_rows_is_claimed_only_where_they_stand_in_it() -> None:
    run = made_run(60)
    assert "aria-sort=" not in report(reported(run)).partition("<main>")[2].partition("</main>")[0]
    run.history = {number: one for number, one in run.history.items() if one.status is Status.COMPLETE}
    assert '<th scope="col" data-first="ascending" aria-sort="ascending">' in report(reported(run))


def test_the_key_names_only_what_is_drawn() -> None:
    run = recorded_run()
    assert "complete best failed or diverged" in words(run, space=None)
    run.history = {number: run.history[number] for number in (2, 3)}
    assert "complete failed" not in words(run, space=None)
    assert "failed or diverged" in words(run, space=None)


def test_learning_curves_that_leave_the_axis_are_counted() -> None:
    run = made_run(60)
    assert "Cut off above 0.423: 4 curves in part." in words(run, space=SPACE)
    complete = [number for number, one in run.history.items() if one.status is Status.COMPLETE]
    run.history[complete[0]] = replace(run.history[complete[0]], curves={"validation_error": (1e30,) * 9})
    assert re.search(r"Cut off above [\d.]+: (\d+ curves? in part and )?1 curve wholly\.", words(run, space=SPACE))


def test_a_number_and_its_unit_stand_on_one_line() -> None:
    run = made_run(60)
    run.sessions = [("2026-11-21T10:00:00+00:00", 37.0)]
    assert "epochs in 37\u00a0s<" in report(reported(run))


def test_empty_cells_of_a_column_of_words_are_aligned_as_its_words_are() -> None:
    assert re.search(r"<td class=w></td></tr>", report(reported(made_run(60))))


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(MissingExtra, match=r"pip install 'hpsearch\[report\]'"):
        report(reported(made_run(10)))
