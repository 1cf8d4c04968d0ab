from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from studies import SPACE, make_function_study, make_staged, make_study, run

from hpsearch.search.settings import Confirm, EarlyStopping, Leaders, SearchSettings
from hpsearch.space.parameters import Real, Whole
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.study.estimate import Disk
from hpsearch.study.preview import Memory, Preview, preview
from hpsearch.study.resources import peak_memory
from hpsearch.study.runs import read_run
from hpsearch.study.study_spec import StudySpec
from hpsearch.study.subject import subject_of


def ahead(study: StudySpec, folder: Path, jobs: int = 2, *, quick: bool = True, held: int | None = None) -> Preview:
    return preview(subject_of(study), folder / "runs", None, jobs, quick=quick, held=held)


@contextmanager
def counting(owner: type, name: str) -> Iterator[Callable[[], int]]:
    """Count the calls of a method."""
    method, calls = getattr(owner, name), 0

    def counted(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        return method(*arguments)

    with patch.object(owner, name, counted):
        yield lambda: calls


def test_the_first_trials_are_those_that_the_search_will_train_and_the_plan_is_its_plan(tmp_path: Path) -> None:
    study = make_staged(tmp_path)
    found = ahead(study, tmp_path)
    record = read_run(run(study, tmp_path / "runs"))
    assert record.plan is not None
    assert found.outlook.plan == replace(record.plan, in_full=())
    assert found.outlook.plan.sizes == (6, 6)
    assert found.first == tuple(record.history[number].trial for number in range(6))


def test_nothing_is_written(tmp_path: Path) -> None:
    study = make_study(tmp_path)
    there = sorted(tmp_path.rglob("*"))
    ahead(study, tmp_path, quick=False)
    assert sorted(tmp_path.rglob("*")) == there


def test_of_a_random_search_its_own_draws_are_counted(tmp_path: Path) -> None:
    found = ahead(make_study(tmp_path, trials=6), tmp_path)
    optimizer = next(own for own in found.histograms if own.name == "optimizer")
    assert (found.counted, found.source) == (6, "the first stage")
    assert {part.low: part.count for part in optimizer.bins} == {
        name: sum(trial.params["optimizer"] == name for trial in found.first) for name in ("adam", "momentum")
    }


def test_of_a_search_in_stages_a_sample_of_the_space_is_counted(tmp_path: Path) -> None:
    found = ahead(make_staged(tmp_path), tmp_path)
    rate, optimizer, momentum, _ = found.histograms
    assert (found.counted, found.source) == (1000, "the whole space")
    assert all(300 < part.count < 370 for part in rate.bins)
    assert momentum.active == optimizer.bins[1].count / 1000 == pytest.approx(0.5, abs=0.05)


def test_a_large_first_stage_is_counted_itself_up_to_a_thousand_trials(tmp_path: Path) -> None:
    found = ahead(make_staged(tmp_path, trials=10_000), tmp_path)
    assert (found.source, found.counted, len(found.first)) == ("the first stage", 1000, 1000)
    assert found.drawn == found.outlook.plan.sizes[0] > 1000


def test_of_a_large_grid_combinations_from_all_over_it_are_counted(tmp_path: Path) -> None:
    """Its first thousand trials have the lowest of its learning rates, and hardly any of the others."""
    study = make_study(tmp_path)
    found = ahead(replace(study, search=SearchSettings("grid", 100_000)), tmp_path)
    rate, optimizer, momentum, layers = found.histograms
    assert (found.source, found.counted, len(found.first)) == ("the whole grid", 1000, 1000)
    assert all(280 < part.count < 390 for part in rate.bins)
    assert all(450 < part.count < 550 for part in layers.bins)
    assert optimizer.bins[0].count < 20  # adam stands once beside each of the many values of the momentum
    assert momentum.active == optimizer.bins[1].count / 1000
    assert found.groups is not None
    assert found.groups.groups == 2


@pytest.mark.parametrize("method", ["random", "grid", "coarse-to-fine"])
def test_a_search_of_a_million_combinations_is_not_gone_through(method: Any, tmp_path: Path) -> None:
    units = {name: Entry(Whole(1, 100_000)) for name in ("hidden_units", "batch_size")}
    study = replace(make_study(tmp_path, space=SearchSpace(units)), search=SearchSettings(method, 1_000_000))
    with counting(Whole, "level") as calls:
        assert ahead(study, tmp_path).outlook.plan.asked == 1_000_000
    assert calls() < 100_000


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
    assert found.seconds is not None
    assert 0.5 < found.seconds.mean <= found.seconds.costliest < 60
    slow = preview(subject_of(make_study(tmp_path)), tmp_path / "runs", None, 1, reading=1000.0)
    assert slow.seconds is not None
    assert 1000 < slow.seconds.mean < 1060
    quick = ahead(make_study(tmp_path), tmp_path)
    assert (quick.seconds, quick.disk) == (None, Disk(found.disk.record, None, None))


MANY = SearchSpace(
    {
        "learning_rate": Entry(Real(1e-3, 0.1, "log")),
        "momentum": Entry(Real(0.5, 0.99, "1-beta")),
        "l2": Entry(Real(1e-6, 1e-2, "log")),
        "dropout": Entry(Real(0, 0.2)),
        "learning_rate_decay": Entry(Real(0.01, 1, "log")),
        "clip_norm": Entry(Real(1, 10, "log")),
        "batch_norm_momentum": Entry(Real(0.8, 0.99, "1-beta")),
        "batch_norm_epsilon": Entry(Real(1e-6, 1e-3, "log")),
        "hidden_layers": Entry(Whole(1, 5)),
        "hidden_units": Entry(Whole(4, 8), layers=5),
    }
)


@pytest.mark.parametrize(
    ("space", "epochs", "search"),
    [
        (SPACE, 2, SearchSettings("random", 30)),
        (MANY, 2, SearchSettings("random", 30)),
        (SPACE, 60, SearchSettings("random", 15)),
        (SPACE, 9, SearchSettings("random", 30, early_stopping=EarlyStopping())),
        (SPACE, 3, SearchSettings("random", 12, confirm=Confirm(3, 5))),
    ],
    ids=["few parameters", "many", "long curves", "rungs", "confirmed"],
)
def test_a_run_takes_about_as_much_of_the_disk_as_was_told(
    space: SearchSpace, epochs: int, search: SearchSettings, tmp_path: Path
) -> None:
    network: dict[str, Any] = {"optimizer": "momentum", "learning_rate_schedule": "exponential"} if space is MANY else {}
    study = replace(make_study(tmp_path, space=space, epochs=epochs, **network), search=search)
    told = ahead(study, tmp_path, jobs=1, quick=False).disk
    directory = run(study, tmp_path / "runs")

    def size(*paths: Path) -> int:
        return sum(path.stat().st_size for path in paths if path.is_file())

    assert size(*directory.iterdir()) / 1.5 < told.record < 1.5 * size(*directory.iterdir())
    model = size(*(directory / "models").iterdir())
    assert told.model is not None
    assert told.states is not None
    assert model / 2 < told.model < 2 * model  # a few kB, most of which are the names of what is in it
    assert size(*(directory / "checkpoints").iterdir()) <= told.states


def test_memory_is_that_of_the_program_with_the_data_and_of_the_largest_population(tmp_path: Path) -> None:
    study = make_study(tmp_path, trials=4)
    alone, two = (ahead(study, tmp_path, jobs, held=70_000_000).memory for jobs in (1, 2))
    assert alone is not None
    assert two is not None
    subject = subject_of(study)
    largest = max(subject.objective.memory([trial]) for trial in ahead(study, tmp_path).first)
    assert two.worker == 70_000_000 + largest <= alone.worker
    assert alone.needed(1) == alone.worker
    assert two.needed(2) == 2 * two.worker + 70_000_000


def test_as_many_workers_as_there_is_room_for() -> None:
    need = Memory(worker=10, driver=4, available=24)
    assert [need.room(jobs) for jobs in (1, 2, 3, 8)] == [1, 2, 2, 2]
    assert Memory(worker=10, driver=4, available=9).room(3) == 0


def test_nothing_is_trained_that_the_memory_has_no_room_for(tmp_path: Path) -> None:
    assert ahead(make_study(tmp_path), tmp_path, quick=False, held=10**18).seconds is None


def test_what_this_process_has_held_counts_where_nothing_is_said(tmp_path: Path) -> None:
    need = ahead(make_study(tmp_path), tmp_path).memory
    assert need is not None
    assert 10_000_000 < need.driver <= peak_memory()


def test_no_more_workers_are_counted_than_there_are_trials(tmp_path: Path) -> None:
    assert ahead(make_study(tmp_path, trials=2), tmp_path, jobs=9).jobs == 2


def test_of_a_function_no_time_and_no_groups_are_told(tmp_path: Path) -> None:
    found = ahead(make_function_study("distance"), tmp_path, quick=False)
    assert (found.groups, found.seconds, found.memory) == (None, None, None)
    assert (found.counted, found.histograms[0].name) == (12, "x")


def test_the_leaders_of_another_run_are_looked_up(tmp_path: Path) -> None:
    run(make_study(tmp_path), tmp_path / "runs")
    study = replace(make_study(tmp_path), search=SearchSettings("random", 5, start=Leaders("blobs-001", 2)))
    found = ahead(study, tmp_path)
    assert [trial.origin.kind for trial in found.first] == ["start", "start", "drawn", "drawn", "drawn"]
    assert found.outlook.notes[0].startswith("search.start: begins with what trials ")
