from __future__ import annotations

import math
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.errors import Mistake, SettingError
from hpsearch.network.settings import CURVES, Task
from hpsearch.objectives.metrics import METRICS, MetricName, metric_for, metrics_of


def test_every_metric_is_made_from_a_column_of_a_task() -> None:
    assert list(METRICS) == list(get_args(MetricName))
    columns = {column for curves in CURVES.values() for column in curves}
    assert all(metric.name == name and metric.column in columns for name, metric in METRICS.items())


@pytest.mark.parametrize(
    ("name", "recorded", "value", "shown"),
    [
        ("validation_error", 0.25, 0.25, 0.25),
        ("validation_accuracy", 0.25, 0.25, 0.75),
        ("validation_macro_f1", 0.75, 0.25, 0.75),
        ("validation_rmse", 31.5, 31.5, 31.5),
        ("validation_r2", -3.0, 4.0, -3.0),
        ("validation_loss", 1.5, 1.5, 1.5),
    ],
)
def test_a_value_is_minimised_and_the_metric_is_shown(name: str, recorded: float, value: float, shown: float) -> None:
    metric = METRICS[name]
    assert metric.value(recorded) == value
    assert metric.shown(value) == shown


@given(st.floats(-100, 1), st.floats(-100, 1))
def test_the_lower_value_is_the_better_metric(one: float, other: float) -> None:
    metric = METRICS["validation_r2"]
    if metric.value(one) < metric.value(other):
        assert one > other


@pytest.mark.parametrize(
    ("curve", "lowest", "highest"),
    [
        ((0.5, 0.25, 0.25), 2, 1),
        ((0.25, 0.5, 0.5), 1, 2),
        ((0.5,), 1, 1),
        ((math.nan, 0.5, math.inf, -math.inf), 2, 2),
        ((0.1, math.nextafter(0.1, 1)), 1, 2),
        ((math.nan,), None, None),
        ((), None, None),
    ],
)
def test_the_best_epoch_is_the_first_of_the_best(curve: tuple[float, ...], lowest: int | None, highest: int | None) -> None:
    """A difference that one minus it would round away counts, as it does where the weights are kept."""
    assert METRICS["validation_error"].best_epoch(curve) == METRICS["validation_accuracy"].best_epoch(curve) == lowest
    assert METRICS["validation_macro_f1"].best_epoch(curve) == highest


@pytest.mark.parametrize(
    ("curve", "best"), [((0.5, 0.25, 0.3, 0.25), [1, 2, 2, 2]), ((math.nan, 0.5, math.inf), [0, 2, 2]), ((), [])]
)
def test_after_each_epoch_the_last_or_the_best_so_far_counts(curve: tuple[float, ...], best: list[int]) -> None:
    metric = METRICS["validation_error"]
    assert metric.selected_epochs(curve, "last_epoch") == list(range(1, len(curve) + 1))
    assert metric.selected_epochs(curve, "best_epoch") == best
    assert (best[-1] if best else 0) == (metric.best_epoch(curve) or 0)


def test_of_a_column_that_is_better_when_higher_the_highest_counts() -> None:
    assert METRICS["validation_macro_f1"].selected_epochs((0.5, 0.75, 0.25), "best_epoch") == [1, 2, 2]


def test_the_least_share_that_can_be_told_from_none_is_half_a_row() -> None:
    assert METRICS["validation_accuracy"].least(200) == 0.0025
    assert METRICS["validation_rmse"].least(200) == 0
    assert METRICS["validation_error"].least(0) == 0


@pytest.mark.parametrize("task", CURVES)
def test_a_task_has_a_metric_of_its_own_and_takes_none_of_another(task: Task) -> None:
    assert metric_for(task, None).name == CURVES[task][0]
    for metric in METRICS.values():
        if metric.column in CURVES[task]:
            assert metric_for(task, metric.name) is metric
        else:
            with pytest.raises(SettingError) as caught:
                metric_for(task, metric.name)
            message = f"the target calls for {task}, and {metric.name} is no metric of that"
            assert caught.value.mistakes == (Mistake(("metric",), message, f"allowed: {', '.join(metrics_of(task))}"),)
