"""A model's answers for the rows of a table, as plain data.

With them comes what is unusual about the rows, and how right the answers are where the table holds the truth. How a file or
a screen shows them is not decided here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.messages import named
from hpsearch.data.preprocessing import NumberInput, Preprocessing
from hpsearch.data.quantities import quantities
from hpsearch.data.table import Table
from hpsearch.data.target import class_indices
from hpsearch.errors import DataError
from hpsearch.objectives.model import Model
from hpsearch.prose import first_of

_MOST_NAMED = 10


@dataclass(frozen=True)
class Prediction:
    """What a model says of n rows.

    `answers` (n,) are labels, or values in the target's own unit. `probabilities` (n, C) are in the order of the model's
    labels, each the float with the shortest text that is the network's float32; none in regression. `score` holds `error`
    (a share) and `wrong` (a count), or `rmse` (in the target's unit); it is empty unless the table has the target, with a
    value that can be compared in every row. `notes` tell what is unusual about the rows.
    """

    answers: list[Any]
    probabilities: list[list[float]]
    score: Mapping[str, float]
    notes: tuple[str, ...]


def predict_table(model: Model, table: Table) -> Prediction:
    """Predict the rows of a table, found as `Model.table` gives it; raises DataError when they do not fit the model."""
    outputs = model.outputs(table)
    answers = model.answers(outputs)
    return Prediction(
        answers=answers.tolist(),
        probabilities=[] if model.task == "regression" else [[float(str(p)) for p in row] for row in outputs],
        score=_score(model, table, answers),
        notes=(*table.notes, *model.preprocessing.unseen(table), *_missing(model.preprocessing, table)),
    )


def _score(model: Model, table: Table, answers: NDArray[Any]) -> dict[str, float]:
    truth = _truth(model, table)
    if truth is None:
        return {}
    if model.task == "regression":
        return {"rmse": float(np.sqrt(np.mean((answers - truth) ** 2)))}
    wrong = int((answers != truth).sum())
    return {"error": wrong / len(table), "wrong": wrong}


def _truth(model: Model, table: Table) -> NDArray[Any] | None:
    """Return the target that a table holds (n,), as a model would answer it; None unless every row has a known one."""
    if model.target not in table.columns:
        return None
    try:
        if model.task == "regression":
            return quantities(table, model.target)
        return model.labels[class_indices(table, model.target, model.label_texts)]
    except DataError:
        return None


def _missing(preprocessing: Preprocessing, table: Table) -> tuple[str, ...]:
    """Return a note on the columns without a value in some rows, if there are any."""
    # A category that has no level for missing values counts them as unseen, and is told about there.
    entries = [e for e in preprocessing.inputs if isinstance(e, NumberInput) or e.missing_level]
    counts = {e.column: int(table.columns[e.column].missing.sum()) for e in entries}
    told = [f"{named(name)} in {count:,}" for name, count in counts.items() if count]
    return (f"values are missing, of {len(table):,} rows: {first_of(told, _MOST_NAMED)}",) if told else ()
