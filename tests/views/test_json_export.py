from dataclasses import replace

import pytest
from recorded import CONFUSION, recorded_regression, recorded_run, recorded_search

from hpsearch.trial import PriorTrial, Status
from hpsearch.views.export import list_row, result_json, run_json, trial_json, winner_metrics


def test_assertions_find_the_winners_metrics_by_name() -> None:
    metrics = winner_metrics(recorded_run())
    assert metrics["validation_error"] == 0.08
    assert metrics["validation_accuracy"] == pytest.approx(0.92)
    assert metrics["test_error"] == 0.085
    assert metrics["test_accuracy"] == pytest.approx(0.915)
    assert metrics["train_loss"] == 0.16
    assert (metrics["validation_macro_f1"], metrics["test_macro_f1"]) == (0.92, 0.9)
    assert "test_rows" not in metrics


def test_assertions_judge_the_epoch_that_counts() -> None:
    run = recorded_run(best_epochs=True)
    del run.history[1]
    assert winner_metrics(run)["validation_error"] == 0.1
    assert winner_metrics(run)["train_loss"] == 0.2


def test_assertions_about_a_regression() -> None:
    metrics = winner_metrics(recorded_regression(rmse=100.0))
    assert metrics["validation_rmse"] == pytest.approx(8.0)
    assert metrics["test_rmse"] == pytest.approx(8.51234)
    assert metrics["test_r2"] == 0.87
    assert not [name for name in metrics if "accuracy" in name]


def test_the_end_of_a_run_as_json(tmp_path_factory: pytest.TempPathFactory) -> None:
    directory = tmp_path_factory.getbasetemp() / "digits-001"
    result = result_json(directory, recorded_run(), 1.23456)
    assert result["counts"] == {"complete": 2, "diverged": 1, "failed": 1}
    assert result["seconds"] == 1.235
    assert result["best"]["trial"] == 1
    assert result["best"]["test"] == {"error": 0.085, "loss": 0.3, "macro_f1": 0.9}
    assert result["best"]["command"] == f"hpsearch verify {directory} --trial 1"


def test_a_run_as_json_has_null_where_there_is_no_number(tmp_path_factory: pytest.TempPathFactory) -> None:
    run = recorded_run()
    content = run_json(tmp_path_factory.getbasetemp(), run, {"test": CONFUSION})
    assert (content["metric"], content["select"]) == ("validation_error", "last_epoch")
    standing = {"state": "finished", "ended": 4, "planned": 4, "reason": "all trials are finished", "parent": None}
    assert {name: content[name] for name in standing} == standing
    assert content["confusion"]["test"] == {"labels": ["4", "7", "9"], "counts": [[60, 1, 3], [0, 66, 7], [3, 3, 57]]}
    trials = content["trials"]
    assert [trial["epoch"] for trial in trials] == [3, 3, 2, None]
    assert [trial["value"] for trial in trials] == [0.125, 0.08, None, None]
    run.history[3] = replace(run.history[3], seconds=0.0)
    assert trial_json(run, run.history[3])["seconds"] is None
    assert trial_json(run, run.history[2])["curves"]["validation_error"] == [0.7, None]


def test_a_run_as_json_has_its_plan_its_lineage_and_what_confirming_it_gave(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    run = recorded_search({3: (0.09, 0.11), 0: (0.2, float("nan"))}, parent={"run": "a-001", "directory": "", "tests": 2})
    run.prior = (PriorTrial("a-001", 0, (0.5,), (0.1,), Status.COMPLETE),)
    content = run_json(tmp_path_factory.getbasetemp(), run, {})
    assert (content["state"], content["reason"], content["ended"]) == ("finished", "all trials are finished", 5)
    assert content["plan"] == {"stages": [3, 2], "rungs": [1, 3], "reduction_factor": 3, "given": 0} | {
        "coarse_rungs": [],
        "in_full": [],
    }
    assert (content["parent"], content["evidence"], content["tests"]) == ("a-001", {"a-001": 1}, 3)
    first, second = content["confirmed"]
    assert (first["size"], second["size"]) == (17034, 1290)
    assert (first["trial"], first["picked"], first["values"], first["mean"]) == (3, 0.08, [0.09, 0.11], 0.1)
    assert first["standard_error"] == pytest.approx(0.01)
    assert (second["values"], second["mean"], second["standard_error"]) == ([0.2, None], None, None)


def test_a_trial_as_json_tells_where_it_came_from_and_its_trainings_with_fresh_seeds() -> None:
    run = recorded_search({3: (0.09, 0.11), 0: (0.2, float("nan"))})
    content = trial_json(run, run.history[3])
    assert content["origin"] == {
        "kind": "elite",
        "elite": 0,
        "elite_run": None,
        "moved": ["learning_rate", "optimizer", "momentum"],
        "improvement": 0.031,
        "logarithmic": True,
        "before": {"learning_rate": 0.01, "optimizer": "adam"},
    }
    assert [again["value"] for again in content["repetitions"]] == [0.09, 0.11]
    content = trial_json(run, run.history[0])
    assert (content["origin"]["kind"], content["origin"]["elite"], content["origin"]["improvement"]) == ("drawn", None, None)
    assert [again["status"] for again in content["repetitions"]] == ["complete", "diverged"]


def test_a_row_of_the_list(tmp_path_factory: pytest.TempPathFactory) -> None:
    directory = tmp_path_factory.getbasetemp() / "digits-001"
    row = list_row(directory, recorded_run())
    assert (row["run"], row["state"], row["ended"], row["planned"], row["score"]) == (str(directory), "finished", 4, 4, 0.08)
    assert (row["test_error"], row["test_rmse"]) == (0.085, None)
    row = list_row(tmp_path_factory.getbasetemp() / "houses-001", recorded_regression())
    assert (row["metric"], row["test_error"], row["test_rmse"]) == ("validation_rmse", None, 0.0851234)
