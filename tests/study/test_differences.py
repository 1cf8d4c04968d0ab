"""A new run says which keys of the spec make it another search than an earlier one of its name."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from studies import Listener, blobs, interrupted, journal, make_function_study, make_study, run

from hpsearch.data.settings import DataSettings
from hpsearch.network.settings import NetworkSettings
from hpsearch.objectives.settings import PythonSettings
from hpsearch.search.settings import SearchSettings
from hpsearch.space.parameters import Choice, Real, Whole
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.study.differences import differences
from hpsearch.study.events import Started
from hpsearch.study.outlook import outlook
from hpsearch.study.study_spec import StudySpec
from hpsearch.study.subject import subject_of

RATE, UNITS = Entry(Real(1e-4, 1.0, "log")), Entry(Whole(4, 64))
STUDY = StudySpec(
    "digits",
    3,
    DataSettings(),
    NetworkSettings(),
    SearchSpace({"learning_rate": RATE, "hidden_units": UNITS}),
    SearchSettings(),
    "validation_error",
)
FUNCTION = replace(STUDY, metric=None, objective=PythonSettings("mine:train", 9, ("loss", "size"), "/mine"))


def told(before: StudySpec, now: StudySpec, was: str = "ab", is_now: str = "ab") -> tuple[str, ...]:
    """Return what differs between two studies whose data have these hashes, as it is read from a record."""
    return differences(json.loads(json.dumps(before.identified_by(was))), now.identified_by(is_now))


def with_space(**entries: Entry) -> StudySpec:
    return replace(STUDY, space=SearchSpace(entries))


def noted(study: StudySpec, runs: Path, *, new: bool = False, **facts: object) -> tuple[str, ...]:
    subject = subject_of(study)
    return outlook(replace(subject, facts={**subject.facts, **facts}), runs, new=new).notes


class TestWhatIsTold:
    def test_nothing_differs_in_what_is_no_part_of_the_identity(self) -> None:
        longer = replace(STUDY, name="other", search=SearchSettings(trials=90, target=0.1))
        assert told(STUDY, longer) == told(STUDY, STUDY) == ()

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"seed": 4}, "seed was 3, is 4"),
            ({"select": "best_epoch"}, "select was last_epoch, is best_epoch"),
            ({"metric": "validation_loss"}, "metric was validation_error, is validation_loss"),
            ({"network": NetworkSettings(batch_size=128)}, "network.batch_size was 64, is 128"),
            ({"data": DataSettings(columns={"age": "number"})}, "data.columns.age was not given, is number"),
            ({"data": DataSettings(test="test.csv")}, "data.test was 0.2, is a file"),
            ({"search": SearchSettings(stages=3)}, "search.stages was not given, is 3"),
            (
                {"search": SearchSettings(early_stopping="off")},
                "search.early_stopping was {reduction_factor: 3, min_epochs: 1}, is off",
            ),
        ],
    )
    def test_a_key_is_named_with_both_values(self, changes: dict[str, Any], expected: str) -> None:
        assert told(STUDY, replace(STUDY, **changes)) == (expected,)

    def test_a_parameter_is_told_by_what_of_it_differs(self) -> None:
        narrower = with_space(learning_rate=Entry(Real(1e-3, 1.0, "log")), hidden_units=UNITS)
        assert told(STUDY, narrower) == ("space.learning_rate.range was [0.0001, 1.0], is [0.001, 1.0]",)

    def test_what_is_fixed_in_the_place_of_being_searched_is_told_once(self) -> None:
        fixed = with_space(learning_rate=RATE)
        was, is_now = "{range: [4, 64], scale: linear}", "fixed at 64"
        fixed = replace(fixed, network=NetworkSettings(hidden_units=64))
        assert told(STUDY, fixed) == (f"space.hidden_units was {was}, is {is_now}",)
        assert told(fixed, STUDY) == (f"space.hidden_units was {is_now}, is {was}",)

    def test_the_order_of_the_space_counts_and_is_told(self) -> None:
        assert told(STUDY, with_space(hidden_units=UNITS, learning_rate=RATE)) == ("the order of `space` has changed",)

    def test_a_new_parameter_before_the_others_is_no_other_order(self) -> None:
        space = {"dropout": Entry(Real(0, 0.5)), "learning_rate": RATE, "hidden_units": UNITS}
        assert told(STUDY, with_space(**space)) == ("space.dropout was fixed at 0.0, is {range: [0.0, 0.5], scale: linear}",)

    def test_data_are_told_by_their_bytes_and_functions_by_their_source(self) -> None:
        assert told(STUDY, STUDY, "ab", "cd") == ("its data has changed since",)
        assert told(FUNCTION, FUNCTION, "ab", "cd") == ("its source, or what that uses, has changed since",)
        assert told(STUDY, FUNCTION, "ab", "cd")[0].startswith("objective was not given, is {python: mine:train, epochs: 9")

    def test_long_values_are_cut_and_told_as_changed_where_that_makes_them_alike(self) -> None:
        options = [2**at for at in range(30)]
        before, now = (with_space(hidden_units=Entry(Choice([*options, last]))) for last in (3, 5))
        assert told(before, now) == ("space.hidden_units has changed",)
        (text,) = told(with_space(hidden_units=Entry(Choice([1, 2]))), now)
        assert text == "space.hidden_units was [1, 2], is [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096,..."


class TestWhenItIsTold:
    def test_of_many_the_first_three_are_told_and_how_many_more_there_are(self, tmp_path: Path) -> None:
        study = make_study(tmp_path)
        before = run(study, tmp_path / "runs")
        changed = replace(study, seed=1, network=replace(study.network, activation="tanh", l2=0.1, clip_norm=1.0))
        (text,) = noted(changed, tmp_path / "runs")
        assert text.startswith(f"a new run, not {before}: seed was 0, is 1; network.")
        assert text.count("; ") == 2
        assert text.endswith(" and 1 more")

    def test_a_new_run_is_begun_with_what_it_is_told_to_be(self, tmp_path: Path) -> None:
        before = run(make_study(tmp_path), tmp_path / "runs")
        now = replace(make_study(tmp_path), seed=1)
        text = f"a new run, not {before}: seed was 0, is 1"
        assert noted(now, tmp_path / "runs") == (text,)
        listener = Listener()
        assert run(now, tmp_path / "runs", listen=listener) != before
        assert isinstance(listener.events[0], Started)
        assert listener.events[0].notes == (text,)

    def test_an_unfinished_run_that_is_left_behind_is_told_as_such(self, tmp_path: Path) -> None:
        directory = interrupted(make_study(tmp_path), tmp_path / "runs", at=1)
        blobs(tmp_path, rows=93)
        text = f"a new run, not {directory}, which is unfinished: its data has changed since"
        assert noted(make_study(tmp_path), tmp_path / "runs") == (text,)

    def test_of_several_runs_the_one_that_is_most_alike_is_told_and_of_those_the_latest(self, tmp_path: Path) -> None:
        study = make_function_study("distance", 3)
        first = run(study, tmp_path)
        run(replace(study, seed=5, metric="value", search=SearchSettings("grid", 3)), tmp_path)
        assert noted(replace(study, seed=6), tmp_path) == (f"a new run, not {first}: seed was 0, is 6",)
        third = run(replace(study, seed=6), tmp_path)
        assert noted(replace(study, seed=7), tmp_path) == (f"a new run, not {third}: seed was 6, is 7",)

    def test_nothing_is_told_of_what_goes_on_or_is_wanted_new_or_has_another_name(self, tmp_path: Path) -> None:
        study = make_function_study("distance", 3)
        run(study, tmp_path)
        other = replace(study, seed=1)
        assert noted(other, tmp_path, new=True) == noted(replace(other, name="bowl"), tmp_path) == ()
        assert "a new run" not in "".join(noted(study, tmp_path) + noted(make_function_study("distance", 5), tmp_path))

    @pytest.mark.parametrize(
        "facts", [None, 5, {}, {"data_sha256": "", "space": 3}, {"data_sha256": "", "space": ["ab", []]}]
    )
    def test_a_record_that_does_not_hold_these_facts_tells_nothing(self, facts: object, tmp_path: Path) -> None:
        study = make_function_study("distance", 3)
        path = run(study, tmp_path) / "journal.jsonl"
        first, *rest = path.read_text().splitlines(keepends=True)
        start = {name: value for name, value in json.loads(first).items() if name != "identified_by"}
        if facts is not None:
            start["identified_by"] = facts
        path.write_text("".join([json.dumps(start) + "\n", *rest]))
        assert noted(replace(study, seed=1), tmp_path) == ()

    def test_the_record_of_a_run_holds_what_its_identity_is_the_hash_of(self, tmp_path: Path) -> None:
        study = make_study(tmp_path)
        (start,) = journal(run(study, tmp_path / "runs"), "start")
        assert start["identified_by"] == json.loads(json.dumps(study.identified_by(start["data"]["sha256"])))
