"""Class weights: what each training row weighs in the training loss, so that a rare class is not learnt last.

They change what is learnt, never how it is judged: validation and test count each row once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.messages import shown, unknown
from hpsearch.data.table import Table
from hpsearch.data.target import class_indices, label_reader

_MOST_NAMED = 10


def row_weights(
    wanted: str | Mapping[str, float], train: Table, target: str, labels: Sequence[str]
) -> NDArray[np.float32] | None:
    """Return the weight (n,) of each training row; None when all weigh the same.

    `labels` are those of the classes; in regression there are none. `balanced` gives class c the weight n / (C n_c), as
    scikit-learn's `class_weight="balanced"` does (after King and Zeng 2001), so that all classes weigh the same together.
    Weights are divided by their mean over the rows: the loss and its gradient keep their size, and with them the learning
    rate its meaning. Raises DataError when weights are wanted in regression, and when a mapping lacks a label or has one
    that is no class.
    """
    if wanted == "none":
        return None
    if not labels:
        raise train.fault("`class_weights` are for classes, and a target of regression has none", hint="take the key away")
    classes = class_indices(train, target, labels)
    if isinstance(wanted, str):
        of_class = len(classes) / (len(labels) * np.bincount(classes, minlength=len(labels)))
    else:
        of_class = _declared(wanted, train, labels)
    weights = of_class[classes] / of_class.max()  # the largest first, so that the mean cannot overflow
    return np.asarray(weights / weights.mean(), np.float32)


def _declared(wanted: Mapping[str, float], train: Table, labels: Sequence[str]) -> NDArray[np.float64]:
    """Return the weights (C,) in the order of the labels."""
    label_of = label_reader(labels)
    given = {label_of(str(key)): weight for key, weight in wanted.items()}
    twice = [label for label, times in Counter(label_of(str(key)) for key in wanted).items() if times > 1]
    if twice:
        raise train.fault(f"`class_weights` gives the class {shown(twice[0])} two weights", hint="take one away")
    for label in given:
        if label not in labels:
            raise train.fault(f"`class_weights` has {shown(label)}, which is no class", hint=unknown(label, labels))
    lacking = [shown(label) for label in labels if label not in given]
    if lacking:
        more = f" and {len(lacking) - _MOST_NAMED} more" if len(lacking) > _MOST_NAMED else ""
        message = f"`class_weights` has no weight for {', '.join(lacking[:_MOST_NAMED])}{more}"
        raise train.fault(message, hint="every class needs one, a number above 0")
    return np.array([given[label] for label in labels], np.float64)
