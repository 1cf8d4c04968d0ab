"""The metrics a study can judge by. No NumPy here: the command line reads this file.

The value of a trial is always minimised. A metric that people know as better when higher is recorded as its complement,
one minus it, and turned back when it is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

MetricName = Literal["validation_error", "validation_loss", "validation_accuracy"]


@dataclass(frozen=True)
class Metric:
    """What a study minimises: a recorded column, and how its value is shown."""

    name: MetricName
    column: str
    higher_is_better: bool = False

    def shown(self, value: float) -> float:
        """Return the metric itself for a value: 1 - value where higher is better."""
        return 1.0 - value if self.higher_is_better else value


METRICS: Mapping[str, Metric] = {
    "validation_error": Metric("validation_error", "validation_error"),
    "validation_loss": Metric("validation_loss", "validation_loss"),
    "validation_accuracy": Metric("validation_accuracy", "validation_error", higher_is_better=True),
}
