"""What a search would do: told beforehand, it is what then happens."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from studies import Listener, interrupted, journal, make_function_study, make_study, run

from hpsearch.errors import UsageError
from hpsearch.search.settings import EarlyStopping, Leaders, SearchSettings
from hpsearch.study.events import Noted, Started
from hpsearch.study.outlook import Outlook, outlook
from hpsearch.study.run_dir import RunDir
from hpsearch.study.runs import read_run
from hpsearch.study.study_spec import StudySpec
from hpsearch.study.subject import subject_of


def ahead(study: StudySpec, runs: Path) -> Outlook:
    return outlook(subject_of(study), runs)


def of_trials(trials: int, method: str = "random") -> StudySpec:
    return make_function_study("distance", trials, method=method)


def test_a_new_run_has_no_directory_yet_and_nothing_is_made(tmp_path: Path) -> None:
    told = ahead(of_trials(4), tmp_path / "runs")
    assert (told.directory, told.run, told.notes, told.plan.stages) == (None, None, (), (4,))
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("method", ["random", "coarse-to-fine", "sobol", "grid"])
@pytest.mark.parametrize("is_cut", [True, False])
@pytest.mark.parametrize("trials", [12, 20])
def test_what_is_told_is_what_happens(trials: int, is_cut: bool, method: str, tmp_path: Path) -> None:
    """Of an unfinished run and of a finished one, with as many trials as it has or with more."""
    if is_cut:
        directory = interrupted(of_trials(12, method), tmp_path, at=3)
    else:
        directory = run(of_trials(12, method), tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    told = ahead(of_trials(trials, method), tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    goes_on = is_cut or trials == 12 or method != "grid"
    assert told.is_over == (not is_cut and trials == 12)
    assert told.directory == (directory if goes_on else None)
    assert told.run == (read_run(directory) if goes_on else None)
    listener = Listener()
    searched = run(of_trials(trials, method), tmp_path, listen=listener)
    assert searched == told.directory or not goes_on
    if told.is_over:
        assert listener.events == [Noted(text) for text in told.notes]
    else:
        assert isinstance(listener.events[0], Started)
        assert listener.events[0].notes == told.notes
    assert journal(searched, "plan")[-1]["stages"] == list(told.plan.stages)


def test_of_a_run_that_was_cut_off_before_its_plan_the_plan_is_a_new_one(tmp_path: Path) -> None:
    directory = run(of_trials(4), tmp_path)
    lines = (directory / "journal.jsonl").read_text().splitlines(keepends=True)
    (directory / "journal.jsonl").write_text(lines[0])
    told = ahead(of_trials(4), tmp_path)
    assert (told.directory, told.plan.stages, told.notes) == (directory, (4,), ())


def test_fewer_trials_than_were_begun_are_refused_as_the_search_would(tmp_path: Path) -> None:
    interrupted(of_trials(12), tmp_path, at=3)
    with pytest.raises(UsageError, match=r"has begun 12 trials, more than search.trials: 5"):
        ahead(of_trials(5), tmp_path)
    with pytest.raises(UsageError, match=r"has begun 12 trials, more than search.trials: 5"):
        run(of_trials(5), tmp_path)


def test_several_unfinished_runs_are_refused_as_the_search_would(tmp_path: Path) -> None:
    start = journal(interrupted(of_trials(12), tmp_path, at=3), "start")[0]
    (tmp_path / "blobs-002").mkdir()
    RunDir.create(
        tmp_path / "blobs-002", {}, {key: value for key, value in start.items() if key not in ("v", "type", "run")}
    )
    with pytest.raises(UsageError, match=r"2 unfinished runs of this spec: .*blobs-001, .*blobs-002; delete those"):
        ahead(of_trials(12), tmp_path)


def test_leaders_to_begin_with_are_those_of_now_or_those_on_record(tmp_path: Path) -> None:
    source = run(make_study(tmp_path, trials=8), tmp_path / "runs")
    study = make_study(tmp_path, epochs=2)
    stopping = EarlyStopping(reduction_factor=2)
    settings = SearchSettings("random", 6, early_stopping=stopping, start=Leaders(source.name, 2))
    study = replace(study, name="second", search=settings)
    told = ahead(study, tmp_path / "runs")
    points = told.subject.study.search.start
    assert isinstance(points, tuple)
    assert len(points) == 2
    assert told.notes[0].startswith("search.start: begins with what trials ")
    directory = interrupted(study, tmp_path / "runs", at=1)
    run(make_study(tmp_path, trials=30), tmp_path / "runs")
    again = ahead(study, tmp_path / "runs")
    assert (again.directory, again.subject.study.search.start, again.notes) == (directory, points, ())


def test_an_unfinished_run_of_another_environment_goes_on_with_a_warning(tmp_path: Path) -> None:
    directory = interrupted(of_trials(6), tmp_path, at=2)
    assert not any("environment" in text for text in ahead(of_trials(6), tmp_path).notes)
    file = directory / "journal.jsonl"
    start, *others = file.read_text().splitlines(keepends=True)
    content = json.loads(start)
    content["environment"]["threads_per_worker"] = 8
    file.write_text(json.dumps(content) + "\n" + "".join(others))
    (told,) = ahead(of_trials(6), tmp_path).notes
    assert told == "bits may differ from here on, the environment has changed: threads_per_worker: 8 then, 1 now"
