"""The target: which column it is, what its classes are, and the class of each row.

Only classification is built. A target that may be a quantity is asked about, never guessed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.columns import check_not_mostly_numbers
from hpsearch.data.messages import listed, named, shown, unknown
from hpsearch.data.readers import DIGITS
from hpsearch.data.settings import DataSettings
from hpsearch.data.table import Table, number_in, number_text

_FEW_WHOLE_NUMBERS = 20
_MOST_CLASSES = 1000
_CLASSIFY = "write `task: classification` under `data:`"


def target_name(settings: DataSettings, table: Table) -> str:
    """Return the name of the column to predict; raise DataError when none is given or it is not there."""
    name = settings.target or _usual_target(settings.source)
    if not name:
        hint = f"write `target:` with its name under `data:`; there are: {listed(table.columns)}"
        raise table.fault("which column is to be predicted?", hint=hint)
    require(table, name, "target")
    return name


def _usual_target(source: str) -> str:
    if source == DIGITS:
        return "label"
    return "y" if source.lower().endswith(".npz") else ""


def require(table: Table, name: str, role: str) -> None:
    """Raise DataError unless a table has a column."""
    if name not in table.columns:
        raise table.fault(f"there is no column {named(name)} for the {role}", hint=unknown(name, table.columns))


def find_labels(table: Table, name: str, task: str | None) -> tuple[str, ...]:
    """Return the labels (C,) of a target, sorted: as numbers when all are numbers, else as texts.

    `1` and `1.0` are then one class, `1`. Raises DataError when a value is missing, when there are fewer than 2 classes
    or more than 1,000, and when it is not clear that the values are classes and `task` does not say so.
    """
    require_values(table, name, "target")
    texts = table.columns[name].texts
    labels = _sorted_labels(texts.levels.texts)
    if len(labels) == 1:
        raise table.fault(f"all rows have the same target: {named(name)} is {shown(labels[0])}")
    if task is None:
        check_not_mostly_numbers(table, name, texts, yaml="task: classification")
        _check_doubt(table, name, labels)
    if len(labels) > _MOST_CLASSES:
        raise table.fault(f"{named(name)} has {len(labels):,} different values; at most {_MOST_CLASSES:,} can be classes")
    return labels


def _all_numbers(texts: Sequence[str]) -> bool:
    return all(math.isfinite(number_in(text)) for text in texts)


def _sorted_labels(texts: Sequence[str]) -> tuple[str, ...]:
    if _all_numbers(texts):
        return tuple(sorted(set(map(_number_label, texts)), key=_exact))
    return tuple(sorted(texts))


def _number_label(text: str) -> str:
    """Return a number's label; a text that spells none as it is."""
    return number_text(_exact(text)) if math.isfinite(number_in(text)) else text


def _exact(text: str) -> int | float:
    """Return the number in a text, in full when it is whole: float64 would merge long identifiers."""
    try:
        return int(text)
    except ValueError:
        return float(text)


def _check_doubt(table: Table, name: str, labels: Sequence[str]) -> None:
    """Raise DataError when the labels may be quantities."""
    numbers = [number_in(label) for label in labels]
    if any(math.isnan(number) for number in numbers):
        return
    if not all(number.is_integer() for number in numbers):
        message = f"{named(name)} has numbers that are not whole: it looks like a target of regression"
        raise table.fault(
            message, hint=f"hpsearch trains classifiers; if these {len(labels):,} numbers are classes, {_CLASSIFY}"
        )
    if len(labels) > _FEW_WHOLE_NUMBERS:
        message = f"are the {len(labels):,} whole numbers in {named(name)} classes, or quantities?"
        hint = f"if they are classes, {_CLASSIFY}; hpsearch trains classifiers only"
        raise table.fault(message, hint=hint)


def require_values(table: Table, name: str, role: str) -> None:
    """Raise DataError at the first row that has no value in a column."""
    missing = table.columns[name].missing
    if missing.any():
        rows = "1 row has" if missing.sum() == 1 else f"{missing.sum():,} rows have"
        message = f"no value of the {role} {named(name)}; {rows} none, this is the first"
        raise table.fault(message, row=int(np.argmax(missing)), hint="complete or remove such rows")


def class_indices(table: Table, name: str, labels: Sequence[str]) -> NDArray[np.int64]:
    """Return the class (n,) of each row: an index into `labels`.

    Raises DataError at the first row whose target is missing or is none of the labels.
    """
    require_values(table, name, "target")
    texts = table.columns[name].texts
    index = {label: position for position, label in enumerate(labels)}
    label_of = _number_label if _all_numbers(labels) else str
    known = [index.get(label_of(text), -1) for text in texts.levels.texts]
    classes = np.array(known, np.int64)[texts.codes]
    if (classes < 0).any():
        row = int(np.argmax(classes < 0))
        hint = f"the classes of the source are: {', '.join(map(shown, labels[:20]))}"
        raise table.fault(f"the target {shown(texts.text(row))} is none of the classes", row=row, hint=hint)
    return classes
