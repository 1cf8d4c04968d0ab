from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from studies import make_function_study, make_staged, make_study, run

from hpsearch.search.settings import Leaders, SearchSettings
from hpsearch.study.preview import Preview, preview
from hpsearch.study.runs import read_run
from hpsearch.study.study_spec import StudySpec
from hpsearch.study.subject import subject_of


def ahead(study: StudySpec, folder: Path, jobs: int = 2, *, quick: bool = True) -> Preview:
    return preview(subject_of(study), folder / "runs", None, jobs, quick=quick)


def test_the_first_trials_are_those_that_the_search_will_train(tmp_path: Path) -> None:
    study = make_staged(tmp_path)
    found = ahead(study, tmp_path)
    history = read_run(run(study, tmp_path / "runs")).history
    assert found.first == tuple(history[number].trial for number in range(found.plan.sizes[0]))
    assert found.plan == replace(read_run(tmp_path / "runs" / "blobs-001").plan or found.plan, in_full=())


def test_nothing_is_written(tmp_path: Path) -> None:
    study = make_study(tmp_path)
    there = sorted(tmp_path.rglob("*"))
    ahead(study, tmp_path, quick=False)
    assert sorted(tmp_path.rglob("*")) == there


def test_of_a_random_search_its_own_draws_are_counted(tmp_path: Path) -> None:
    found = ahead(make_study(tmp_path, trials=6), tmp_path)
    optimizer = next(draws for draws in found.draws if draws.name == "optimizer")
    assert (found.counted, found.is_sample) == (6, False)
    assert {part.low: part.count for part in optimizer.parts} == {
        name: sum(trial.params["optimizer"] == name for trial in found.first) for name in ("adam", "momentum")
    }


def test_of_a_search_in_stages_a_sample_of_the_space_is_counted(tmp_path: Path) -> None:
    found = ahead(make_staged(tmp_path), tmp_path)
    rate, optimizer, momentum, _ = found.draws
    assert (found.counted, found.is_sample) == (1000, True)
    assert all(300 < part.count < 370 for part in rate.parts)
    assert momentum.active == optimizer.parts[1].count / 1000 == pytest.approx(0.5, abs=0.05)


def test_a_large_first_stage_is_counted_itself_up_to_a_thousand_trials(tmp_path: Path) -> None:
    found = ahead(make_staged(tmp_path, trials=10_000), tmp_path)
    assert (found.is_sample, found.counted, len(found.first)) == (False, 1000, 1000)
    assert found.drawn == found.plan.sizes[0] > 1000


def test_what_random_draws_buy_is_the_chance_of_one_among_the_best_five_percent(tmp_path: Path) -> None:
    found = ahead(make_study(tmp_path, trials=59), tmp_path)
    assert found.drawn == 59
    assert found.chance == pytest.approx(0.9515, abs=1e-4)
    given = replace(make_study(tmp_path).search, start=({"learning_rate": 0.1},))
    assert ahead(replace(make_study(tmp_path), search=given), tmp_path).drawn == 5
    grid = replace(make_study(tmp_path).search, method="grid")
    assert ahead(replace(make_study(tmp_path), search=grid), tmp_path).drawn == 0


def test_networks_that_share_depth_and_batch_size_are_a_group(tmp_path: Path) -> None:
    found = ahead(make_study(tmp_path, trials=12), tmp_path, jobs=1)
    assert found.groups is not None
    depths = {trial.params["hidden_layers"] for trial in found.first}
    assert (found.groups.networks, found.groups.groups, found.groups.mean) == (12, len(depths), 6.0)
    assert found.groups.populations == 2
    many = ahead(make_study(tmp_path, trials=12), tmp_path, jobs=2).groups
    assert many is not None
    assert (many.populations, many.population_mean) == (4, 3.0)


def test_a_short_training_tells_the_time_and_the_states(tmp_path: Path) -> None:
    found = ahead(make_study(tmp_path), tmp_path, quick=False)
    assert found.measured is not None
    assert found.seconds is not None
    assert found.states is not None
    assert found.measured.seconds_per_cost > 0
    assert 12 * 4 * 100 < found.states < 12 * 10_000  # networks of 100 parameters and more
    quick = ahead(make_study(tmp_path), tmp_path)
    assert (quick.measured, quick.seconds, quick.states) == (None, None, None)
    assert quick.record == found.record


def test_memory_is_that_of_the_largest_population_and_of_the_inputs(tmp_path: Path) -> None:
    study = make_study(tmp_path, trials=2)
    subject, found = subject_of(study), ahead(study, tmp_path, jobs=1)
    largest = max(subject.objective.memory([trial]) for trial in found.first)
    assert largest + 90 * 4 * 4 <= found.memory <= 2 * largest + 90 * 4 * 4


def test_of_a_function_no_time_and_no_groups_are_told(tmp_path: Path) -> None:
    found = ahead(make_function_study("distance"), tmp_path, quick=False)
    assert (found.groups, found.seconds, found.memory) == (None, None, 0)
    assert (found.counted, found.draws[0].name) == (12, "x")


def test_the_leaders_of_another_run_are_looked_up(tmp_path: Path) -> None:
    run(make_study(tmp_path), tmp_path / "runs")
    study = replace(make_study(tmp_path), search=SearchSettings("random", 5, start=Leaders("blobs-001", 2)))
    found = ahead(study, tmp_path)
    assert [trial.origin.kind for trial in found.first] == ["start", "start", "drawn", "drawn", "drawn"]
    assert found.notes[0].startswith("search.start: begins with what trials ")
