import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded import CONFUSION, recorded_regression, recorded_run, recorded_search

from hpsearch.data.settings import DataSettings
from hpsearch.network.settings import NetworkSettings
from hpsearch.objectives.objective import Confusion
from hpsearch.search.plan import Plan
from hpsearch.search.settings import Confirm, SearchSettings
from hpsearch.space.parameters import Real
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.study.study_spec import StudySpec
from hpsearch.trial import PriorTrial, Status
from hpsearch.views.export import list_row, plan_json, result_json, run_json, trial_json, winner_metrics
from hpsearch.views.numbers.summary import ErrorScore, FitScore, binomial_interval, final_score, most_confused, summarise


def test_a_summary_counts_ends_and_ranks_by_the_last_epoch() -> None:
    summary = summarise(recorded_run())
    assert summary.counts == {"complete": 2, "diverged": 1, "failed": 1}
    assert summary.reasons == {"the loss was no longer a finite number in epoch 2": 1, "ValueError: bad": 1}
    assert [(leader.trial, leader.score, leader.best, leader.best_epoch) for leader in summary.leaders] == [
        (1, 0.08, 0.08, 3),
        (0, 0.125, 0.1, 2),
    ]
    assert (summary.trials, summary.epochs) == (4, 8)


def test_equal_reasons_are_counted_together_wherever_their_objects_lay_in_memory() -> None:
    run = recorded_run()
    for number, address in ((2, "0x7f00aa"), (3, "0x7F11")):
        reason = f"trace\nTypeError: no number: <coroutine object f at {address}>"
        run.history[number] = replace(run.history[number], reason=reason)
    assert summarise(run).reasons == {"TypeError: no number: <coroutine object f>": 2}


def test_where_the_best_epoch_counts_the_last_one_is_told_beside_it() -> None:
    summary = summarise(recorded_run(best_epochs=True))
    assert summary.select == "best_epoch"
    assert [(leader.trial, leader.score, leader.selected_epoch, leader.last) for leader in summary.leaders] == [
        (1, 0.08, 3, 0.08),
        (0, 0.1, 2, 0.125),
    ]


def test_only_the_leaders_asked_for_are_given() -> None:
    assert [leader.trial for leader in summarise(recorded_run(), top=1).leaders] == [1]


def test_an_accuracy_is_shown_as_one_though_its_error_is_minimised() -> None:
    summary = summarise(recorded_run(metric="validation_accuracy"))
    assert summary.leaders[0].score == summary.leaders[0].last == pytest.approx(0.92)
    assert summary.leaders[1].best == pytest.approx(0.9)


def test_a_column_that_is_better_when_higher_is_shown_as_it_is_and_best_where_it_is_highest() -> None:
    run = recorded_run(metric="validation_macro_f1", column="validation_macro_f1")
    run.history[0] = replace(run.history[0], values=(0.125,))
    (leader,) = [leader for leader in summarise(run).leaders if leader.trial == 0]
    assert (leader.score, leader.last, leader.best_epoch) == (0.875, 0.875, 2)
    assert leader.best == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("wrong", "rows", "low", "high"),
    # Wilson score intervals worked by hand from the formula.
    [(0, 10, 0.0, 0.27753), (5, 10, 0.23659, 0.76341), (5, 359, 0.0059606, 0.0321841), (10, 10, 0.72247, 1.0)],
)
def test_the_binomial_interval_is_wilsons(wrong: int, rows: int, low: float, high: float) -> None:
    assert binomial_interval(wrong, rows) == pytest.approx((low, high), abs=1e-5)


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_binomial_interval_holds_the_share_and_stays_a_share(case: tuple[int, int]) -> None:
    low, high = binomial_interval(*case)
    assert 0 <= low <= case[0] / case[1] + 1e-12
    assert case[0] / case[1] - 1e-12 <= high <= 1


def test_the_test_score_counts_wrong_rows() -> None:
    score = final_score({"error": 0.085, "loss": 0.3, "rows": 200})
    assert isinstance(score, ErrorScore)
    assert (score.wrong, score.rows) == (17, 200)
    assert final_score({}) is None


def test_the_test_score_of_a_regression_is_in_the_targets_unit() -> None:
    assert final_score({"rmse": 31.5, "loss": 0.1, "r2": 0.87, "rows": 200}) == FitScore(31.5, 0.87)


def test_the_most_frequent_confusions_come_first_and_right_rows_are_none() -> None:
    assert most_confused(CONFUSION, 3) == [("7", "9", 7), ("4", "9", 3), ("9", "4", 3)]
    assert len(most_confused(CONFUSION, 100)) == 5
    assert most_confused(Confusion(("a", "b"), ((3, 0), (0, 2))), 3) == []


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
    assert content["confusion"]["test"] == {"labels": ["4", "7", "9"], "counts": [[60, 1, 3], [0, 66, 7], [3, 3, 57]]}
    trials = content["trials"]
    assert [trial["epoch"] for trial in trials] == [3, 3, 2, None]
    assert [trial["value"] for trial in trials] == [0.125, 0.08, None, None]
    assert trial_json(run, run.history[2])["curves"]["validation_error"] == [0.7, None]


def test_a_run_as_json_has_its_plan_its_lineage_and_what_confirming_it_gave(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    run = recorded_search({3: (0.09, 0.11), 0: (0.2, float("nan"))}, parent={"run": "a-001", "directory": "", "tests": 2})
    run.prior = (PriorTrial("a-001", 0, (0.5,), (0.1,), Status.COMPLETE),)
    content = run_json(tmp_path_factory.getbasetemp(), run, {})
    assert content["plan"] == {"stages": [3, 2], "rungs": [1, 3], "reduction_factor": 3, "given": 0} | {
        "coarse_rungs": [],
        "in_full": [],
    }
    assert (content["parent"], content["evidence"], content["tests"]) == ("a-001", {"a-001": 1}, 3)
    first, second = content["confirmed"]
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


def test_a_plan_as_json_has_its_stages_and_what_is_trained_again() -> None:
    study = StudySpec(
        name="a",
        seed=0,
        data=DataSettings(),
        network=NetworkSettings(epochs=27),
        space=SearchSpace({"learning_rate": Entry(Real(1e-3, 1, "log"))}),
        search=SearchSettings(trials=60),
        metric="validation_error",
    )
    facts = {"rows": {"train": 9, "test": 3}}
    content = plan_json(study, Plan((12, 16, 16, 16), (1, 3, 9, 27)), facts, Confirm(2, 3))
    assert content["study"] == json.loads(json.dumps(study.resolved()))
    assert (content["trials"], content["stages"], content["rungs"]) == (60, [12, 16, 16, 16], [1, 3, 9, 27])
    assert (content["epochs"], content["rows"]) == (224, facts["rows"])
    assert content["confirm"] == {"leaders": 2, "seeds": 3, "epochs": 162}
    assert plan_json(study, Plan((9,), (27,)), {}, Confirm(0))["confirm"] is None


def test_a_row_of_the_list(tmp_path_factory: pytest.TempPathFactory) -> None:
    row = list_row(tmp_path_factory.getbasetemp() / "digits-001", recorded_run())
    assert (row["run"], row["state"], row["ended"], row["planned"], row["best"]) == ("digits-001", "finished", 4, 4, 0.08)
    assert (row["test_error"], row["test_rmse"]) == (0.085, None)
    row = list_row(tmp_path_factory.getbasetemp() / "houses-001", recorded_regression())
    assert (row["metric"], row["test_error"], row["test_rmse"]) == ("validation_rmse", None, 0.0851234)
