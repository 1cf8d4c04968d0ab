"""Class weights: what each training row weighs in the training loss, so that a rare class is not learnt last.

They change what is learnt, never how it is judged: validation and test count each row once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.messages import shown, unknown
from hpsearch.data.table import Table
from hpsearch.data.target import class_indices, label_reader
from hpsearch.errors import Mistake
from hpsearch.prose import first_of

_SETTING = ("data", "class_weights")
_MOST_NAMED = 10


def unfit_weights(wanted: str | Mapping[str, float], labels: Sequence[str]) -> Iterator[Mistake]:
    """Yield what is wrong with weights for classes of these labels; in regression there are no labels, and no weights."""
    if wanted == "none":
        return
    if not labels:
        message = "`class_weights` are for classes, and a target of regression has none"
        yield Mistake(_SETTING, message, "take the key away", of_key=True)
    elif not isinstance(wanted, str):
        yield from _unfit_labels([str(key) for key in wanted], labels)


def _unfit_labels(keys: Sequence[str], labels: Sequence[str]) -> Iterator[Mistake]:
    label_of, given = label_reader(labels), set[str]()
    for key in keys:
        label = label_of(key)
        if label in given:
            yield Mistake((*_SETTING, key), f"the class {shown(label)} is given two weights", "take one away", of_key=True)
        elif label not in labels:
            yield Mistake((*_SETTING, key), f"{shown(key)} is no class", unknown(label, labels), of_key=True)
        given.add(label)
    lacking = [shown(label) for label in labels if label not in given]
    if lacking and given <= set(labels):  # else one of them may be what was meant
        message = f"`class_weights` has no weight for {first_of(lacking, _MOST_NAMED)}"
        yield Mistake(_SETTING, message, "every class needs one, a number above 0")


def row_weights(
    wanted: str | Mapping[str, float], train: Table, target: str, labels: Sequence[str]
) -> NDArray[np.float32] | None:
    """Return the weight (n,) of each training row; None when all weigh the same.

    `labels` are those of the classes; in regression there are none. `balanced` gives class c the weight n / (C n_c), as
    scikit-learn's `class_weight="balanced"` does (after King and Zeng 2001), so that all classes weigh the same together.
    Weights are divided by their mean over the rows: the loss and its gradient keep their size, and with them the learning
    rate its meaning. The weights must fit: `unfit_weights` has nothing to say of them.
    """
    if wanted == "none":
        return None
    classes = class_indices(train, target, labels)
    if isinstance(wanted, str):
        of_class = len(classes) / (len(labels) * np.bincount(classes, minlength=len(labels)))
    else:
        label_of = label_reader(labels)
        given = {label_of(str(key)): weight for key, weight in wanted.items()}
        of_class = np.array([given[label] for label in labels], np.float64)
    weights = of_class[classes] / of_class.max()  # the largest first, so that the mean cannot overflow
    return np.asarray(weights / weights.mean(), np.float32)
