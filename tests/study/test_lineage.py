from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from studies import SPACE, journal, make_function_study, make_study, run

from hpsearch.errors import UsageError
from hpsearch.network.settings import NetworkSettings
from hpsearch.objectives.python_objective import PythonObjective
from hpsearch.search.settings import Prior, SearchSettings
from hpsearch.space.parameters import Choice, Real, Whole
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.study.lineage import Inherited, inherited, lineage, placed_params, trials_sha256
from hpsearch.study.record import RunRecord
from hpsearch.study.runs import read_run
from hpsearch.study.session import run_study
from hpsearch.study.study_spec import StudySpec
from hpsearch.study.subject import subject_of
from hpsearch.trial import Params

Studies = dict[str, StudySpec]


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def studies() -> Studies:
    """The studies by the names of their runs: what the specs kept with them would say."""
    return {}


@pytest.fixture
def parent(tmp_path: Path, runs: Path, studies: Studies) -> Path:
    """A finished run of eight trials."""
    study = make_study(tmp_path, trials=8)
    directory = run(study, runs)
    studies[directory.name] = study
    return directory


def child_of(directory: Path, study: StudySpec, space: SearchSpace | None = None, **network: Any) -> StudySpec:
    prior = Prior(directory.name, trials_sha256(read_run(directory)))
    fixed = replace(study.network, **network)
    return replace(
        study, name="child", space=space or study.space, network=fixed, search=SearchSettings(trials=4, prior=prior)
    )


def taken(study: StudySpec, runs: Path, studies: Studies) -> Inherited:
    return inherited(subject_of(study), runs, lambda directory, _: studies[directory.name])


NARROW = SearchSpace(
    {
        "learning_rate": Entry(Real(1e-2, 1e-1, "log")),
        "optimizer": Entry(Choice(["momentum", "adam"])),
        "momentum": Entry(Real(0.9, 0.99, "1-beta"), when={"optimizer": ("momentum",)}),
        "hidden_layers": Entry(Whole(1, 3)),
    }
)


def test_trials_are_placed_on_the_scales_of_the_new_space_without_moving_them(
    parent: Path, runs: Path, studies: Studies
) -> None:
    study = child_of(parent, studies[parent.name], NARROW)
    inheritance = taken(study, runs, studies)
    assert inheritance.parent is not None
    assert (inheritance.parent.run, inheritance.parent.directory) == (parent.name, parent)
    history = read_run(parent).history
    placed = {trial.number: trial for trial in inheritance.parent.trials}
    assert {trial.run for trial in placed.values()} == {parent.name}
    for number, record in history.items():
        point = NARROW.locate(record.trial.params)
        is_near = all(-0.25 <= u <= 1.25 for u in point)
        assert (number in placed) == is_near
        if is_near:
            assert placed[number].point == point
            assert placed[number].values == record.values
            assert placed[number].status is record.status
    assert 0 < len(placed) < 8
    assert inheritance.notes == (
        f"{8 - len(placed)} of 8 trials of {parent.name} don't count as evidence: they lie far outside of the space",
    )


def test_a_study_without_a_prior_inherits_nothing(tmp_path: Path, runs: Path, studies: Studies) -> None:
    assert taken(make_study(tmp_path), runs, studies) == Inherited()


def test_what_was_inherited_is_passed_on_to_grandchildren(parent: Path, runs: Path, studies: Studies) -> None:
    study = child_of(parent, studies[parent.name])
    inheritance = taken(study, runs, studies)
    directory, record = run_study(subject_of(study), {}, runs, 1, parent=inheritance.parent)
    studies[directory.name] = study
    assert [trial.number for trial in record.prior] == list(range(8))
    assert journal(directory)[0]["parent"]["run"] == parent.name

    shutil.rmtree(parent)
    grandchild = taken(replace(child_of(directory, study), name="grandchild"), runs, studies).parent
    assert grandchild is not None
    names = [(trial.run, trial.number) for trial in grandchild.trials]
    assert names == [(parent.name, n) for n in range(8)] + [(directory.name, n) for n in range(4)]
    for before, now in zip(record.prior, grandchild.trials, strict=False):
        assert now.point == pytest.approx(before.point)
        assert now.values == before.values


def test_the_lineage_goes_back_as_far_as_the_runs_are_there(parent: Path, runs: Path, studies: Studies) -> None:
    names = [parent.name]
    directory = parent
    for name in ("child", "grandchild"):
        study = replace(child_of(directory, studies[directory.name]), name=name)
        directory, _ = run_study(subject_of(study), {}, runs, 1, parent=taken(study, runs, studies).parent)
        studies[directory.name] = study
        names.insert(0, directory.name)
    assert lineage(read_run(directory)) == names[1:]
    shutil.rmtree(runs / names[1])
    assert lineage(read_run(directory)) == names[1:2]
    assert lineage(read_run(parent)) == []


@pytest.mark.parametrize(
    ("network", "reason"),
    [({"epochs": 2}, "the number of epochs is 2 now, it was 3"), ({"hidden_units": 5}, "their fixed settings are others")],
)
def test_trials_of_other_networks_do_not_count(
    parent: Path, runs: Path, studies: Studies, network: dict[str, Any], reason: str
) -> None:
    inheritance = taken(child_of(parent, studies[parent.name], **network), runs, studies)
    assert inheritance.parent is not None
    assert inheritance.parent.trials == ()
    assert reason in inheritance.notes[0]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"metric": "validation_loss"}, "the metric is validation_loss now, it was validation_error"),
        ({"select": "best_epoch"}, "the epoch that counts is best_epoch now, it was last_epoch"),
    ],
)
def test_trials_that_were_judged_in_another_way_do_not_count(
    parent: Path, runs: Path, studies: Studies, change: dict[str, Any], reason: str
) -> None:
    inheritance = taken(replace(child_of(parent, studies[parent.name]), **change), runs, studies)
    assert inheritance.notes == (f"the trials of {parent.name} don't count as evidence: {reason}",)


@pytest.mark.parametrize(
    ("change", "reason"), [({"split_seed": 1}, "the rows are split"), ({"inputs": "scale"}, "prepared in another way")]
)
def test_trials_on_other_rows_do_not_count(
    parent: Path, runs: Path, studies: Studies, change: dict[str, Any], reason: str
) -> None:
    study = child_of(parent, studies[parent.name])
    inheritance = taken(replace(study, data=replace(study.data, **change)), runs, studies)
    assert inheritance.parent is not None
    assert inheritance.parent.trials == ()
    assert reason in inheritance.notes[0]


def test_without_the_parent_the_way_out_is_named(parent: Path, runs: Path, studies: Studies) -> None:
    study = child_of(parent, studies[parent.name])
    shutil.rmtree(parent)
    with pytest.raises(UsageError, match=rf"there is no run {parent.name} in .*\n.*--set search.prior=null"):
        taken(study, runs, studies)


def test_a_parent_with_other_trials_is_refused(parent: Path, runs: Path, studies: Studies) -> None:
    study = child_of(parent, studies[parent.name])
    run(replace(studies[parent.name], search=SearchSettings(method="random", trials=9)), runs)
    with pytest.raises(UsageError, match=r"not those that were meant.*\n.*--set search.prior=null"):
        taken(study, runs, studies)


def test_a_run_that_goes_on_needs_its_parent_no_more(parent: Path, runs: Path, studies: Studies) -> None:
    study = child_of(parent, studies[parent.name])
    run_study(subject_of(study), {}, runs, 1, parent=taken(study, runs, studies).parent)
    shutil.rmtree(parent)
    more = replace(study, search=replace(study.search, trials=6))
    assert taken(more, runs, studies) == Inherited()
    _, record = run_study(subject_of(more), {}, runs, 1)
    assert len(record.history) == 6
    assert len(record.prior) == 8


def test_one_that_was_killed_before_it_took_them_over_needs_its_parent(parent: Path, runs: Path, studies: Studies) -> None:
    study = child_of(parent, studies[parent.name])
    run_study(subject_of(study), {}, runs, 1, parent=taken(study, runs, studies).parent)
    child = runs / "child-001" / "journal.jsonl"
    start, prior, *_ = child.read_text().splitlines(keepends=True)
    shutil.rmtree(parent)
    child.write_text(start)
    with pytest.raises(UsageError, match=rf"there is no run {parent.name}"):
        taken(study, runs, studies)
    child.write_text(start + prior)
    assert taken(study, runs, studies) == Inherited()


def test_the_hash_is_that_of_the_trials_wherever_they_lie(parent: Path) -> None:
    before = trials_sha256(read_run(parent))
    assert len(before) == 64
    moved = parent.rename(parent.with_name("elsewhere"))
    assert trials_sha256(read_run(moved)) == before
    changed = (moved / "curves.jsonl").read_text().replace("validation_error", "validation_eror")
    (moved / "curves.jsonl").write_text(changed)
    assert trials_sha256(read_run(moved)) != before


def study_of(space: SearchSpace, **network: Any) -> StudySpec:
    return replace(make_study_without_data(), space=space, network=NetworkSettings(**network))


def make_study_without_data() -> StudySpec:
    from hpsearch.data.settings import DataSettings

    return StudySpec("s", 0, DataSettings(), NetworkSettings(), SPACE, SearchSettings())


RATE = {"learning_rate": Entry(Real(1e-3, 1.0, "log"))}
UNITS = {"hidden_units": Entry(Whole(4, 64, "log"), layers=2)}


@pytest.mark.parametrize(
    ("before", "params", "now", "expected"),
    [
        pytest.param(
            study_of(SearchSpace(RATE | {"optimizer": Entry(Choice(["adam", "momentum"]))})),
            {"learning_rate": 5.0, "optimizer": "adam"},
            study_of(SearchSpace(RATE), optimizer="adam"),
            {"learning_rate": 5.0},
            id="what is fixed now may have been searched",
        ),
        pytest.param(
            study_of(SearchSpace(RATE), l2=0.01),
            {"learning_rate": 0.1},
            study_of(SearchSpace(RATE | {"l2": Entry(Real(1e-4, 1.0, "log"))})),
            {"learning_rate": 0.1, "l2": 0.01},
            id="what is searched now may have been fixed",
        ),
        pytest.param(
            study_of(SearchSpace(RATE), momentum=0.5),
            {"learning_rate": 0.1},
            study_of(SearchSpace(RATE), momentum=0.7),
            {"learning_rate": 0.1},
            id="what makes no difference may differ: momentum beside adam",
        ),
        pytest.param(
            study_of(SearchSpace(RATE)),
            {"learning_rate": 0.1},
            study_of(SearchSpace(RATE), activation="tanh"),
            None,
            id="another activation is another network",
        ),
        pytest.param(
            study_of(SearchSpace(UNITS)),
            {"hidden_units_1": 16, "hidden_units_2": 16},
            study_of(SearchSpace({"hidden_units": Entry(Choice([[16, 16], [32]]))})),
            {"hidden_units": [16, 16]},
            id="widths per layer are a list of widths",
        ),
        pytest.param(
            study_of(SearchSpace(RATE), hidden_units=[32, 16]),
            {"learning_rate": 0.1},
            study_of(SearchSpace(RATE | UNITS)),
            {"learning_rate": 0.1, "hidden_units_1": 32, "hidden_units_2": 16},
            id="fixed widths are widths per layer",
        ),
        pytest.param(
            study_of(SearchSpace({"hidden_layers": Entry(Whole(1, 3)), "hidden_units": Entry(Whole(4, 64), layers=3)})),
            {"hidden_layers": 3, "hidden_units_1": 4, "hidden_units_2": 5, "hidden_units_3": 6},
            study_of(SearchSpace({"hidden_layers": Entry(Whole(1, 2)), "hidden_units": Entry(Whole(4, 64), layers=2)})),
            None,
            id="a deeper network than there are layers for has no place",
        ),
    ],
)
def test_a_trial_counts_where_it_would_have_been_the_same_network(
    before: StudySpec, params: Params, now: StudySpec, expected: Params | None
) -> None:
    assert placed_params(params, before, now) == expected


def test_of_a_function_whose_source_has_changed_that_is_the_reason(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = make_function_study("distance")
    parent = run(study, runs)
    child = replace(study, name="child", search=SearchSettings(prior=Prior(parent.name, trials_sha256(read_run(parent)))))
    assert taken(child, runs, {parent.name: study}).notes == ()
    monkeypatch.setattr(PythonObjective, "source_sha256", lambda _: "another")
    inheritance = taken(child, runs, {parent.name: study})
    reason = "the source of functions:distance, or what that uses, has changed since"
    assert inheritance.notes == (f"the trials of {parent.name} don't count as evidence: {reason}",)


def test_a_parent_that_points_to_itself_ends() -> None:
    record = RunRecord({"run": "a", "parent": {"run": "a", "directory": "nowhere"}})
    assert lineage(record) == ["a"]
