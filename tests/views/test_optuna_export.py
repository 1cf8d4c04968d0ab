import json
import math
import warnings
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import optuna
import pytest
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.study import Study, StudyDirection
from optuna.trial import TrialState
from recorded import recorded_regression, recorded_run, recorded_search

from hpsearch.errors import UsageError
from hpsearch.space.parameters import Choice, Domain, Real, Whole
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.study.record import RunRecord
from hpsearch.trial import Status, Value
from hpsearch.views.optuna_export import distribution, is_journal, journal_with

OPTIMIZERS = Choice(["adam", "momentum"])
SPACE = SearchSpace(
    {
        "learning_rate": Entry(Real(1e-4, 1.0, "log")),
        "optimizer": Entry(OPTIMIZERS),
        "momentum": Entry(Real(0.9, 0.999, "1-beta"), {"optimizer": ("momentum",)}),
        "hidden_units": Entry(Choice([224, [64, 32], 16, 20])),
    }
)
"""That of `recorded_run`."""

STAGED = SearchSpace({**SPACE.entries, "hidden_units": Entry(Whole(16, 64, "log"))})
"""That of `recorded_search`."""


def exported(path: Path, run: RunRecord, space: SearchSpace) -> bytes:
    """Return what a file is to hold once a run is exported to it."""
    return journal_with(run, space, path.read_bytes() if path.exists() else b"")


def renew(path: Path, run: RunRecord, space: SearchSpace) -> None:
    path.write_bytes(exported(path, run, space))


@pytest.fixture
def export(tmp_path: Path) -> Callable[..., Study]:
    """Export a run to a file, and return the study that Optuna reads there."""
    path = tmp_path / "study.journal"

    def study(run: RunRecord, space: SearchSpace = SPACE) -> Study:
        renew(path, run, space)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return optuna.load_study(study_name=run.name, storage=storage(path))

    return study


def storage(path: Path) -> JournalStorage:
    return JournalStorage(JournalFileBackend(str(path)))


def in_utc(when: datetime | None) -> str:
    assert when
    return when.astimezone(UTC).isoformat(timespec="milliseconds")


def test_optuna_reads_the_values_params_and_curves_that_are_on_record(export: Callable[..., Study]) -> None:
    run = recorded_run()
    study = export(run)
    assert study.direction == StudyDirection.MINIMIZE
    assert study.metric_names == ["validation_error"]
    assert run.winner
    assert study.best_trial.number == run.winner.number == 1
    best = study.trials[1]
    assert best.value == run.history[1].value == 0.08
    assert best.intermediate_values == {1: 0.3, 2: 0.2, 3: 0.08}
    assert best.params == {
        "learning_rate": 0.3699,
        "optimizer": "momentum",
        "1-momentum": 0.00128,
        "hidden_units": "[64, 32]",
    }
    assert best.user_attrs["momentum"] == 0.99872
    assert in_utc(best.datetime_start) == run.history[1].started_at
    assert in_utc(best.datetime_complete) == run.history[1].finished_at
    command = "hpsearch verify digits-001 --trial 1"
    told = {"trial": 1, "stage": 0, "seconds": 0.25, "worker": "1", "status": "complete", "command": command}
    assert told.items() <= best.user_attrs.items()
    assert best.user_attrs["train_loss"] == run.history[1].selected("train_loss")


def test_a_conditional_parameter_that_is_not_used_is_absent(export: Callable[..., Study]) -> None:
    adam = export(recorded_run()).trials[0]
    assert adam.params == {"learning_rate": 0.0064919, "optimizer": "adam", "hidden_units": 224}
    assert adam.distributions == {
        "learning_rate": FloatDistribution(1e-4, 1.0, log=True),
        "optimizer": CategoricalDistribution(["adam", "momentum"]),
        "hidden_units": CategoricalDistribution([224, "[64, 32]", 16, 20]),
    }


def test_what_went_wrong_is_a_failure_with_its_reason_and_without_a_value(export: Callable[..., Study]) -> None:
    diverged, failed = export(recorded_run()).trials[2:]
    assert (diverged.state, diverged.value, failed.state, failed.value) == (TrialState.FAIL, None, TrialState.FAIL, None)
    assert diverged.user_attrs["status"] == "diverged"
    assert diverged.user_attrs["reason"] == "the loss was no longer a finite number in epoch 2"
    assert diverged.intermediate_values == {1: 0.7}
    assert failed.user_attrs["reason"] == "trace\nValueError: bad"
    assert failed.datetime_complete is not None


def test_a_trial_that_was_stopped_is_pruned_and_keeps_its_value(export: Callable[..., Study]) -> None:
    study = export(recorded_search(), STAGED)
    assert [trial.state.name for trial in study.trials] == ["COMPLETE", "PRUNED", "PRUNED", "COMPLETE", "PRUNED"]
    assert (study.trials[1].value, study.trials[1].intermediate_values) == (0.5, {1: 0.5})
    assert [trial.user_attrs["stage"] for trial in study.trials] == [0, 0, 0, 1, 1]
    assert study.trials[0].user_attrs["fresh_seeds"] == [0.095, 0.085, 0.09]
    assert study.user_attrs["winner"] == 3
    assert study.trials[3].user_attrs["why"].startswith("fine stage 1 of 1: a copy of trial 0")


def test_a_trial_that_goes_on_is_running_and_one_that_has_not_begun_waits(export: Callable[..., Study]) -> None:
    run = recorded_run()
    run.history[1] = replace(run.history[1], status=Status.WAITING)
    run.history[3] = replace(run.history[3], status=Status.WAITING, started_at="", finished_at="", reason="")
    running, waiting = (export(run).trials[number] for number in (1, 3))
    assert (running.state, running.datetime_complete) == (TrialState.RUNNING, None)
    assert (running.value, running.intermediate_values[3]) == (None, 0.08)
    assert (waiting.state, waiting.datetime_start, waiting.value) == (TrialState.WAITING, None, None)


def test_a_regression_has_all_its_metrics_in_their_own_unit(export: Callable[..., Study]) -> None:
    run = recorded_regression(rmse=100.0)
    study = export(run)
    assert study.metric_names == ["validation_rmse"]
    best = study.trials[1]
    assert (best.value, best.intermediate_values[3]) == (8.0, 8.0)
    assert {name: best.user_attrs[name] for name in run.columns} == {
        "validation_rmse": 8.0,
        "validation_loss": 0.16,
        "validation_r2": 0.92,
        "train_loss": 0.16,
    }
    assert study.user_attrs["test"]["rmse"] == 8.51234


@pytest.mark.parametrize(
    "options",
    [["a, b", 'c"d', "e\nf\r", "", "\u2028\x1b[31m", "</script>"], [True, 1, "1", "true"], [[8, 4], "[8, 4]", 16]],
)
def test_every_option_is_told_from_the_others(options: list[Value], export: Callable[..., Study]) -> None:
    run, kinds = recorded_run(parameters=["kind"]), Choice(options)
    record = run.history[1]
    trials = [replace(record.trial, number=k, params={"kind": kinds.level(k)}) for k in range(kinds.levels)]
    run.history = {trial.number: replace(record, trial=trial) for trial in trials}
    held = [trial.params["kind"] for trial in export(run, SearchSpace({"kind": Entry(kinds)})).trials]
    assert held == (options if options[0] == "a, b" else list(map(json.dumps, options)))


def test_a_metric_that_is_better_when_higher_is_minimised_as_its_complement(export: Callable[..., Study]) -> None:
    study = export(recorded_run(metric="validation_macro_f1", column="validation_macro_f1"))
    assert study.metric_names == ["1 - validation_macro_f1"]
    assert study.user_attrs["metric"] == "validation_macro_f1"
    assert study.trials[1].value == pytest.approx(0.08)
    assert list(study.trials[1].intermediate_values.values()) == pytest.approx([0.3, 0.2, 0.08])


def test_a_complete_trial_without_a_number_is_a_failure(export: Callable[..., Study]) -> None:
    run = recorded_run()
    run.history[1] = replace(run.history[1], values=(math.inf,))
    assert export(run).trials[1].state == TrialState.FAIL


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        (Real(-5.0, 10.0), FloatDistribution(-5.0, 10.0)),
        (Real(0.0, 1.0, step=0.3), FloatDistribution(0.0, 0.9, step=0.3)),
        (Real(1e-4, 1.0, "log"), FloatDistribution(1e-4, 1.0, log=True)),
        (Real(0.1, 1.0, "log", step=0.1), FloatDistribution(0.1, 1.0, log=True)),
        (Real(0.9, 0.999, "1-beta"), FloatDistribution(0.001, 0.1, log=True)),
        (Whole(1, 9), IntDistribution(1, 9)),
        (Whole(1, 9, step=3), IntDistribution(1, 7, step=3)),
        (Whole(16, 256, "log"), IntDistribution(16, 256, log=True)),
        (Whole(2, 9, "log", step=2), IntDistribution(2, 9, log=True)),
        (Choice(["[red]", True, 1.5, [1, 2]]), CategoricalDistribution(["[red]", True, 1.5, "[1, 2]"])),
    ],
)
def test_a_domain_keeps_its_scale_and_its_steps_where_optuna_has_both(domain: Domain, expected: BaseDistribution) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert distribution(domain) == expected


def test_every_level_of_a_domain_has_a_place_in_its_distribution(export: Callable[..., Study]) -> None:
    run, decay = recorded_run(parameters=["decay"]), Real(0.6, 0.9, "1-beta", step=0.06)
    space = SearchSpace({"decay": Entry(decay)})
    record = run.history[1]
    for number in range(decay.levels or 0):
        trial = replace(record.trial, number=number, params={"decay": decay.level(number)})
        run.history[number] = replace(record, trial=trial)
    assert [trial.params["1-decay"] for trial in export(run, space).trials] == [0.4, 0.34, 0.28, 0.22, 0.16, 0.1]


def test_the_same_record_gives_the_same_bytes_and_one_that_went_on_replaces_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "studies.journal"
    whole, part = recorded_search(), recorded_search({})
    part.history = {number: part.history[number] for number in (0, 1, 2)}
    other = recorded_run(run="other-001")
    first = exported(path, whole, STAGED)
    renew(path, part, STAGED)
    renew(path, other, SPACE)
    renew(path, whole, STAGED)
    assert path.read_bytes().startswith(first)
    assert exported(path, whole, STAGED) == path.read_bytes()
    assert exported(path, other, SPACE) == path.read_bytes()
    counts = {study.study_name: study.n_trials for study in optuna.get_all_study_summaries(storage(path))}
    assert counts == {"digits-001": 5, "other-001": 4}


def test_another_run_of_the_same_name_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "study.journal"
    renew(path, recorded_run(), SPACE)
    with pytest.raises(UsageError, match=r"holds another run that is called digits-001; give another file"):
        exported(path, recorded_run(at="2027-01-01T10:00:00+00:00"), SPACE)


@pytest.mark.parametrize("content", ["a study of Optuna's", "text\n", "1\n", "[]\n", "{}\n", "\xff\n", '{"op_code": 0}\n'])
def test_a_file_of_anybody_else_is_told_from_an_export(content: str, tmp_path: Path) -> None:
    path = tmp_path / "study.journal"
    path.write_text(content, encoding="latin-1")
    if content == "a study of Optuna's":
        path.unlink()
        optuna.create_study(storage=storage(path), study_name="mine")
    assert not is_journal(path.read_bytes())


def test_an_export_that_somebody_wrote_into_is_one_no_more(tmp_path: Path) -> None:
    path = tmp_path / "study.journal"
    renew(path, recorded_run(), SPACE)
    assert is_journal(path.read_bytes())
    optuna.load_study(study_name="digits-001", storage=storage(path)).set_user_attr("note", "mine")
    assert not is_journal(path.read_bytes())


def test_no_line_of_the_file_is_other_than_json(tmp_path: Path) -> None:
    lines = exported(tmp_path / "new", recorded_run(), SPACE).decode().splitlines()

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    assert all(json.loads(line, parse_constant=refuse)["worker_id"] == "hpsearch" for line in lines)
