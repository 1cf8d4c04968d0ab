"""The leaders of another run as the points that a search begins with: looked up once, and then taken from the record."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from studies import SPACE, Listener, interrupted, journal, make_study, run, table

from hpsearch.errors import RecordError, UsageError
from hpsearch.search.settings import Leaders, SearchSettings
from hpsearch.space.parameters import Real, Whole
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.study.events import Started
from hpsearch.study.first_points import as_recorded, first_points, fitted
from hpsearch.study.runs import read_run
from hpsearch.study.study_spec import StudySpec
from hpsearch.trial import leaders


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def source(tmp_path: Path, runs: Path) -> Path:
    """A finished run of eight trials."""
    return run(make_study(tmp_path, trials=8), runs)


def starting(folder: Path, leaders: Leaders, trials: int = 6, space: SearchSpace = SPACE) -> StudySpec:
    """Return a study whose trials are of one epoch less than those of the source."""
    study = make_study(folder, space=space, epochs=2)
    return replace(study, name="second", search=SearchSettings("random", trials, start=leaders))


NARROW = SearchSpace(
    {"learning_rate": Entry(Real(0.2, 0.3, "log")), "hidden_layers": Entry(Whole(1, 2)), "l2": Entry(Real(0, 1))}
)


class TestWhatTheyAre:
    def test_values_beyond_a_bound_are_moved_to_it_and_that_is_told(self, source: Path, runs: Path, tmp_path: Path) -> None:
        first = first_points(starting(tmp_path, Leaders(source.name, 3), space=NARROW), runs)
        assert first is not None
        best = leaders(read_run(source).history.values())[:3]
        assert first.run == source.name
        assert first.trials[0] == best[0].number
        assert set(first.trials) <= {record.number for record in best}
        for number, point in zip(first.trials, first.points, strict=True):
            assert set(point) == {"learning_rate", "hidden_layers"}
            assert all(NARROW.entries[name].domain.admits(value) for name, value in point.items())
            assert point["hidden_layers"] == read_run(source).history[number].trial.params["hidden_layers"]
        rate = best[0].trial.params["learning_rate"]
        bound = first.points[0]["learning_rate"]
        assert bound in (0.2, 0.3)
        told = (
            f"search.start: trial {best[0].number} of {source.name}: learning_rate {rate} becomes {bound}, which the space"
        )
        assert first.notes[0].startswith(told)
        assert "optimizer adam is left out" not in first.notes[0]  # which is what the network is fixed to

    def test_a_study_that_names_no_run_has_none(self, tmp_path: Path, runs: Path) -> None:
        study = make_study(tmp_path)
        assert first_points(study, runs) is None
        assert as_recorded(study, {}) is study

    def test_options_and_names_that_are_gone_are_left_out_and_told_of(self, tmp_path: Path) -> None:
        study = make_study(tmp_path, dropout=0.5)
        found, faults = fitted(
            {"learning_rate": 5.0, "optimizer": "sgd", "hidden_layers": 7, "dropout": 0.5, "l2": 1}, study
        )
        assert found == {"learning_rate": 1.0, "hidden_layers": 2}
        assert faults == [
            "learning_rate 5.0 becomes 1.0, which the space holds",
            "optimizer sgd is left out, as the space has no place for it",
            "hidden_layers 7 becomes 2, which the space holds",
            "l2 1 is left out, as it is not searched here",
        ]

    def test_leaders_that_become_the_same_point_are_tried_once(self, source: Path, runs: Path, tmp_path: Path) -> None:
        space = SearchSpace({"learning_rate": Entry(Real(10.0, 20.0)), "l2": Entry(Real(0, 1))})
        first = first_points(starting(tmp_path, Leaders(source.name, 2), space=space), runs)
        assert first is not None
        one, other = (record.number for record in leaders(read_run(source).history.values())[:2])
        assert (first.trials, first.points) == ((one,), ({"learning_rate": 10.0},))
        assert first.notes[1].endswith(f"it is the same point as trial {one}, and tried once")
        assert first.notes[1].startswith(f"search.start: trial {other} of {source.name}: ")

    def test_a_run_without_leaders_or_with_nothing_in_common_is_refused(
        self, source: Path, runs: Path, tmp_path: Path
    ) -> None:
        strange = starting(tmp_path, Leaders(source.name), space=SearchSpace({"l2": Entry(Real(0, 1))}))
        with pytest.raises(UsageError, match=r"the leaders of blobs-001 hold no value of what is searched here\n.*: l2"):
            first_points(strange, runs)
        with pytest.raises(UsageError, match=r"search.start.run: no run is called 'nobody'"):
            first_points(starting(tmp_path, Leaders("nobody")), runs)
        records = [line for line in journal(source) if line["type"] in ("start", "plan")]
        (source / "journal.jsonl").write_text("".join(json.dumps(line) + "\n" for line in records))
        with pytest.raises(UsageError, match="no trial of blobs-001 completed, so it has no leaders to start from"):
            first_points(starting(tmp_path, Leaders(source.name)), runs)


class TestOnRecord:
    def test_the_search_begins_with_them_and_says_so(self, source: Path, runs: Path, tmp_path: Path) -> None:
        listener = Listener()
        directory = run(starting(tmp_path, Leaders(source.name, 2)), runs, listen=listener)
        best = leaders(read_run(source).history.values())[:2]
        history = read_run(directory).history
        assert [history[number].trial.params for number in (0, 1)] == [record.trial.params for record in best]
        recorded = journal(directory, "start")[0]["first"]
        assert (recorded["run"], recorded["trials"]) == (source.name, [record.number for record in best])
        assert recorded["notes"] == []
        assert isinstance(listener.events[0], Started)
        one, other = recorded["trials"]
        assert listener.events[0].notes == (f"search.start: begins with what trials {one}, {other} of {source.name} had",)

    def test_what_did_not_fit_is_on_record_and_told(self, source: Path, runs: Path, tmp_path: Path) -> None:
        listener = Listener()
        directory = run(starting(tmp_path, Leaders(source.name, 1), space=NARROW), runs, listen=listener)
        (note,) = journal(directory, "start")[0]["first"]["notes"]
        assert isinstance(listener.events[0], Started)
        assert listener.events[0].notes[1:] == (note,)

    @pytest.mark.parametrize("fate", ["grown", "gone"])
    @pytest.mark.parametrize("name", ["blobs-001", "latest"])
    def test_an_interrupted_search_goes_on_with_them_whatever_has_become_of_the_other_run(
        self, name: str, fate: str, source: Path, runs: Path, tmp_path: Path
    ) -> None:
        study = starting(tmp_path, Leaders(name, 2))
        expected = table(run(study, runs))
        shutil.rmtree(runs / "second-001")
        directory = interrupted(study, runs, at=1)
        if fate == "gone":
            shutil.rmtree(source)
        else:
            before = leaders(read_run(source).history.values())[:2]
            assert run(make_study(tmp_path, trials=30), runs) == source
            assert leaders(read_run(source).history.values())[:2] != before
        assert run(study, runs) == directory
        assert table(directory) == expected
        assert run(starting(tmp_path, Leaders(name, 2), trials=9), runs) == directory
        assert table(directory)[:6] == expected

    def test_a_run_that_is_not_there_leaves_nothing_behind(self, runs: Path, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match=r"search.start.run: there are no runs"):
            run(starting(tmp_path, Leaders("nobody")), runs)
        assert list(runs.glob("second*")) == []
        assert not (runs / ".numbers" / "second").exists()

    def test_a_record_without_them_cannot_be_gone_on_with(self, tmp_path: Path) -> None:
        with pytest.raises(RecordError, match="a-001: its record lacks the points that the search begins with"):
            as_recorded(starting(tmp_path, Leaders("other")), {"run": "a-001"})
