"""A target of regression: its numbers, and the scale that the network learns them on.

The scale is the training part's: mean 0 and deviation 1. So a learning rate that suits one target suits another,
whatever its unit, and the loss of predicting the mean is 1/2. Validation, test and predictions go through the same two
numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.columns import LARGEST
from hpsearch.data.messages import named, shown
from hpsearch.data.table import Table
from hpsearch.data.target import no_quantity, require_values
from hpsearch.errors import Mistake, SettingError

_FARTHEST = 1e15
"""How many deviations from the mean a target may be: float32 must hold the sum of squared differences."""

_SMALLEST = 1e-152
"""The smallest deviation: of smaller ones float64 holds the squares with fewer digits, or none."""


def quantities(table: Table, name: str) -> NDArray[np.float64]:
    """Return the numbers (n,) of a target.

    Raises DataError at the first row whose target is missing, is no number, is infinite, or is beyond float32.
    """
    require_values(table, name, "target")
    numbers = table.columns[name].numbers
    bad = ~(np.abs(numbers) <= LARGEST)
    if bad.any():
        raise no_quantity(table, name, int(np.argmax(bad)))
    return numbers


@dataclass(frozen=True)
class TargetScale:
    """The mean and the population deviation of the training part's targets; without change when 0 and 1."""

    mean: float = 0.0
    deviation: float = 1.0

    @classmethod
    def fit(cls, train: Table, name: str) -> TargetScale:
        """Learn the scale from the training part; raises SettingError when its targets do not differ."""
        values = quantities(train, name)
        mean = float(values.mean())
        deviation = float(np.sqrt(np.mean((values - mean) ** 2)))
        if values.min() == values.max() or deviation < _SMALLEST:
            text = shown(train.columns[name].text(0))
            message = f"all training rows have the same target, or nearly so: {named(name)} is {text}"
            raise SettingError(Mistake(("data", "target"), message, "predict another column"))
        return cls(mean, deviation)

    def standardised(self, table: Table, name: str) -> NDArray[np.float32]:
        """Return the targets (n,) on the scale; raises DataError as `quantities`, and at one that is far too far away."""
        values = (quantities(table, name) - self.mean) / self.deviation
        far = np.abs(values) > _FARTHEST
        if far.any():
            row = int(np.argmax(far))
            where = f"more than {_FARTHEST:.0e} deviations away from the mean of the training rows"
            raise table.fault(f"the target {shown(table.columns[name].text(row))} is {where}", row=row)
        return values.astype(np.float32)
