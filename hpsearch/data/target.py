"""The target: which column it is, whether it is classes or a quantity, and the class of each row.

A target that may be either is asked about, never guessed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.columns import odd_among_numbers
from hpsearch.data.messages import named, shown
from hpsearch.data.readers import DIGITS
from hpsearch.data.settings import DataSettings, Task
from hpsearch.data.table import Table, exact_number, number_in, number_text
from hpsearch.errors import DataError, Mistake, SettingError

_FEW = 20
_MOST_CLASSES = 1000
_WAYS = "if they are classes, write `task: classification` under `data:`; if they are quantities, `task: regression`"


def target_name(settings: DataSettings) -> str:
    """Return the name of the column to predict; an empty text where it is neither given nor usual."""
    if settings.target or settings.source == DIGITS:
        return settings.target or "label"
    return "y" if settings.source.lower().endswith(".npz") else ""


def require_values(table: Table, name: str, role: str) -> None:
    """Raise DataError at the first row that has no value in a column."""
    missing = table.columns[name].missing
    if missing.any():
        rows = "1 row has" if missing.sum() == 1 else f"{missing.sum():,} rows have"
        message = f"no value of the {role} {named(name)}; {rows} none, this is the first"
        raise table.fault(message, row=int(np.argmax(missing)), hint="complete or remove such rows")


def find_task(table: Table, name: str, task: Task | None) -> Task:
    """Return the task that was said, or the one that the target's values leave no doubt about.

    Texts are classes, and so are up to 20 different whole numbers. Numbers with fractions are a quantity, unless there
    are up to 20 different ones that stand twice on average. All else is in doubt. Raises SettingError then, or where a text
    is said to be a quantity, and DataError where a value is missing, or is a text among numbers.
    """
    require_values(table, name, "target")
    texts = np.isnan(table.columns[name].numbers)
    if task == "regression" and texts.any():
        error = no_quantity(table, name, int(np.argmax(texts)))
        hint = f"{error.hint}; if they are classes, write `task: classification`"
        raise SettingError(Mistake(("data", "task"), error.message, hint))
    return task or _guess(table, name)


def no_quantity(table: Table, name: str, row: int) -> DataError:
    """Return the error that the target of a row makes which regression cannot use."""
    text, number = table.columns[name].text(row), table.columns[name].numbers[row]
    what = "is no number" if math.isnan(number) else "is infinite or too large for float32"
    hint = "a number has a point, and no comma" if "," in text else "regression needs numbers: mend or remove such rows"
    return table.fault(f"the target {shown(text)} {what}", row=row, hint=hint)


def _guess(table: Table, name: str) -> Task:
    column = table.columns[name]
    if np.isnan(column.numbers).any():
        odd = odd_among_numbers(name, column.texts)
        if odd:
            hint = "mend or remove such rows; if all values are classes, write `task: classification` under `data:`"
            raise table.fault(odd.message, row=odd.row, hint=hint)
        return "classification"
    distinct = np.unique(column.numbers)
    whole = bool(np.all(np.isfinite(distinct) & (np.rint(distinct) == distinct)))
    if len(distinct) == 1 or (whole and len(distinct) <= _FEW):
        return "classification"
    if not whole and (len(distinct) > _FEW or len(column) < 2 * len(distinct)):
        return "regression"
    what = "whole" if whole else "different"
    message = f"are the {len(distinct):,} {what} numbers in {named(name)} classes, or quantities?"
    raise SettingError(Mistake(("data", "task"), message, _WAYS))


def find_labels(table: Table, name: str) -> tuple[str, ...]:
    """Return the labels (C,) of a target, sorted: as numbers when all are numbers, else as texts.

    `1` and `1.0` are then one class, `1`. Raises DataError when a value is missing, and SettingError when there are fewer
    than 2 classes or more than 1,000.
    """
    require_values(table, name, "target")
    labels = _sorted_labels(table.columns[name].texts.levels.texts)
    if len(labels) == 1:
        message = f"all rows have the same target: {named(name)} is {shown(labels[0])}"
        raise SettingError(Mistake(("data", "target"), message, "predict another column"))
    if len(labels) > _MOST_CLASSES:
        message = f"{named(name)} has {len(labels):,} different values; at most {_MOST_CLASSES:,} can be classes"
        raise SettingError(Mistake(("data", "target"), message, "predict another column, or write `task: regression`"))
    return labels


def _sorted_labels(texts: Sequence[str]) -> tuple[str, ...]:
    if _all_numbers(texts):
        return tuple(sorted(set(map(_number_label, texts)), key=exact_number))
    return tuple(sorted(texts))


def label_reader(labels: Sequence[str]) -> Callable[[str], str]:
    """Return what turns a text into the label it stands for: among numbers `1.0` stands for `1`."""
    return _number_label if _all_numbers(labels) else str


def _all_numbers(texts: Sequence[str]) -> bool:
    return all(math.isfinite(number_in(text)) for text in texts)


def _number_label(text: str) -> str:
    """Return a number's label; a text that spells none as it is."""
    return number_text(exact_number(text)) if math.isfinite(number_in(text)) else text


def class_indices(table: Table, name: str, labels: Sequence[str]) -> NDArray[np.int64]:
    """Return the class (n,) of each row: an index into `labels`.

    Raises DataError at the first row whose target is missing or is none of the labels.
    """
    require_values(table, name, "target")
    texts = table.columns[name].texts
    index = {label: position for position, label in enumerate(labels)}
    label_of = label_reader(labels)
    known = [index.get(label_of(text), -1) for text in texts.levels.texts]
    classes = np.array(known, np.int64)[texts.codes]
    if (classes < 0).any():
        row = int(np.argmax(classes < 0))
        hint = f"the classes of the source are: {', '.join(map(shown, labels[:20]))}"
        raise table.fault(f"the target {shown(texts.text(row))} is none of the classes", row=row, hint=hint)
    return classes
