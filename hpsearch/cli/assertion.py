"""What `--assert` takes: a metric of the winner, a comparison, a number, such as `validation_error <= 0.10`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import click

from hpsearch.errors import UsageError
from hpsearch.network.settings import CURVES, Task
from hpsearch.prose import nearest
from hpsearch.views.numbers.conditions import COMPARISONS, parsed

_ACCURACY = {"validation_error": "validation_accuracy", "test_error": "test_accuracy"}


def _names(task: Task) -> list[str]:
    """Return what may be claimed of a winner: the columns of a task, the same of the test part, and accuracies."""
    columns = CURVES[task]
    tested = [column.replace("validation_", "test_") for column in columns if column.startswith("validation_")]
    names = [*columns, *tested]
    return names + [_ACCURACY[name] for name in names if name in _ACCURACY]


METRICS = tuple(dict.fromkeys(name for task in CURVES for name in _names(task)))


@dataclass(frozen=True)
class Assertion:
    """One claim about the winner."""

    metric: str
    comparison: str
    limit: float

    def __str__(self) -> str:
        return f"{self.metric} {self.comparison} {repr(self.limit).removesuffix('.0')}"

    def holds(self, metrics: Mapping[str, float]) -> bool:
        """Whether the claim is true; a metric that was not measured, or is NaN, fulfils none."""
        return self.metric in metrics and COMPARISONS[self.comparison](metrics[self.metric], self.limit)

    def told(self, metrics: Mapping[str, float]) -> str:
        """Return what came instead, with all digits where the usual few would look as if they fulfilled the claim."""
        from hpsearch.views.format import metric_value

        if self.metric not in metrics:
            return f"{self} does not hold: it was not measured"
        value = metrics[self.metric]
        short = metric_value(self.metric, value)
        return f"{self} does not hold: it is {repr(value) if self.holds({self.metric: float(short)}) else short}"


def read_assertions(_context: click.Context, _parameter: click.Parameter, values: Sequence[str]) -> tuple[Assertion, ...]:
    """Return the assertions on the command line, or fail with what is allowed."""
    return tuple(_read(value) for value in values)


def check_measured(assertions: Sequence[Assertion], task: Task) -> None:
    """Raise UsageError if a claim is about a metric that the task of the data does not have."""
    for claim in assertions:
        if claim.metric not in _names(task):
            allowed = ", ".join(_names(task))
            raise UsageError(f"the claim {str(claim)!r}: {claim.metric} is not measured in {task}; there are {allowed}")


def _read(value: str) -> Assertion:
    claim = parsed(value)
    if claim is None or not claim.operand or claim.comparison == "!=":  # NaN would fulfil that
        raise click.BadParameter(f"{value!r} is not of the form 'validation_error <= 0.10'")
    if claim.column not in METRICS:
        near = nearest(claim.column, METRICS)
        hint = f"did you mean {near}?" if near else f"there are {', '.join(METRICS)}"
        raise click.BadParameter(f"{claim.column!r} is not a metric: {hint}")
    if claim.number is None:
        raise click.BadParameter(f"{claim.operand!r} is not a number")
    return Assertion(claim.column, claim.comparison, claim.number)
