"""The metrics a study can judge by, and which epoch of a trial counts. No NumPy here: the command line reads this file.

The value of a trial is always minimised. A metric that people know as better when higher has as its value its complement,
one minus it, which is turned back when it is shown. What is recorded are the columns of the task: `CURVES` of the network.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from hpsearch.errors import Mistake, SettingError
from hpsearch.network.settings import CURVES, HIGHER_IS_BETTER, Task

MetricName = Literal[
    "validation_error",
    "validation_loss",
    "validation_accuracy",
    "validation_macro_f1",
    "validation_rmse",
    "validation_r2",
]
Select = Literal["last_epoch", "best_epoch"]


@dataclass(frozen=True)
class Metric:
    """What a study minimises: a number made from a recorded column, and how it is shown.

    Of a share of rows 0 is not the least there is: fewer than one row in so many are wrong.
    """

    name: str
    column: str
    higher_is_better: bool = False
    is_share: bool = False

    def value(self, recorded: float) -> float:
        """Return the value of what the column holds: one minus it where the column itself is better when higher."""
        return 1.0 - recorded if self.column in HIGHER_IS_BETTER else recorded

    def shown(self, value: float) -> float:
        """Return the metric itself for a value: 1 - value where higher is better."""
        return 1.0 - value if self.higher_is_better else value

    def best_epoch(self, curve: Sequence[float]) -> int | None:
        """Return the epoch (from 1) in which the column was best, the first of equals; None without a finite one."""
        best = self.selected_epochs(curve, "best_epoch")
        return best[-1] or None if best else None

    def selected_epochs(self, curve: Sequence[float], select: Select) -> list[int]:
        """Return, after each epoch, which one (from 1) counts until then: the last, or the first of the best so far.

        The second is 0 before there was a finite one.
        """
        if select == "last_epoch":
            return list(range(1, len(curve) + 1))
        sign = -1.0 if self.column in HIGHER_IS_BETTER else 1.0
        selected, best, best_epoch = [], math.inf, 0
        for epoch, recorded in enumerate(curve, 1):
            if math.isfinite(recorded) and sign * recorded < best:
                best, best_epoch = sign * recorded, epoch
            selected.append(best_epoch)
        return selected

    @property
    def bounds(self) -> tuple[float, float]:
        """Return between which numbers the metric lies, where that is known: of a share 0 and 1."""
        return (0.0, 1.0) if self.is_share else (-math.inf, math.inf)

    def least(self, rows: int) -> float:
        """Return the least value that can be told from 0 on so many rows: half a row of a share; else 0."""
        return 0.5 / rows if self.is_share and rows else 0.0


METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("validation_error", "validation_error", is_share=True),
        Metric("validation_loss", "validation_loss"),
        Metric("validation_accuracy", "validation_error", higher_is_better=True, is_share=True),
        Metric("validation_macro_f1", "validation_macro_f1", higher_is_better=True, is_share=True),
        Metric("validation_rmse", "validation_rmse"),
        Metric("validation_r2", "validation_r2", higher_is_better=True),
    )
}


def metric_named(name: str, *, of_function: bool) -> Metric:
    """Return a metric by its name; what a Python function returns is minimised as it is."""
    return Metric(name, name) if of_function else METRICS[name]


def metrics_of(task: Task) -> list[str]:
    """Return the names of a task's metrics; the first column is the task's own, for which no name is needed."""
    return [name for name, metric in METRICS.items() if metric.column in CURVES[task]]


def unfit_metric(task: Task, name: str | None) -> Iterator[Mistake]:
    """Yield what is wrong with a metric of this name: that it is none of the task's."""
    if name is not None and name not in metrics_of(task):
        message = f"the target calls for {task}, and {name} is no metric of that"
        yield Mistake(("metric",), message, f"allowed: {', '.join(metrics_of(task))}")


def metric_for(task: Task, name: str | None) -> Metric:
    """Return a metric by its name, or the task's own for None; raises SettingError for a name that is none of the task's."""
    if mistakes := list(unfit_metric(task, name)):
        raise SettingError(*mistakes)
    return METRICS[name or CURVES[task][0]]
