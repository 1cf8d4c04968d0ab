"""What `--assert` takes: a metric of the winner, a comparison, a number, such as `validation_error <= 0.10`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import click

from hpsearch.errors import UsageError
from hpsearch.network.settings import CURVES, Task
from hpsearch.prose import nearest

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
    "==": operator.eq,
}
_ACCURACY = {"validation_error": "validation_accuracy", "test_error": "test_accuracy"}


def _names(task: Task) -> list[str]:
    """Return what may be claimed of a winner: the columns of a task, the same of the test part, and accuracies."""
    columns = CURVES[task]
    tested = [column.replace("validation_", "test_") for column in columns if column.startswith("validation_")]
    names = [*columns, *tested]
    return names + [_ACCURACY[name] for name in names if name in _ACCURACY]


METRICS = tuple(dict.fromkeys(name for task in CURVES for name in _names(task)))
_FORM = re.compile(r"\s*(\w+)\s*(<=|>=|==|<|>)\s*(\S+)\s*")


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
    match = _FORM.fullmatch(value)
    if match is None:
        raise click.BadParameter(f"{value!r} is not of the form 'validation_error <= 0.10'")
    if match[1] not in METRICS:
        near = nearest(match[1], METRICS)
        hint = f"did you mean {near}?" if near else f"there are {', '.join(METRICS)}"
        raise click.BadParameter(f"{match[1]!r} is not a metric: {hint}")
    try:
        return Assertion(match[1], match[2], float(match[3]))
    except ValueError:
        raise click.BadParameter(f"{match[3]!r} is not a number") from None
