"""The rows that the networks of `make_curves.py` are trained on and judged on, by name.

Of the tuned half, all judged on the same 719 rows of the embedded digits:

- digits: 719 training rows;
- hard_digits: 300 of them, 15 % with a wrong label;
- parity: 200 of them, to be told odd from even.

Held out:

- tumours: 150 rows of scikit-learn's breast cancer data, 20 % with a wrong label, judged on 369 others with the right one;
- spirals: 500 rows on three noisy arms in two dimensions, beside three inputs of pure noise;
- rare: 700 rows labelled by a random network, five classes from 60 % down to 4 %; 5 % have a class at random, judged or not.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.dataset import load_dataset
from hpsearch.data.settings import DataSettings
from hpsearch.network.losses import SoftmaxCrossEntropy
from hpsearch.network.training import Examples, Rows
from quality.curves import ROWS_JUDGED
from quality.objectives import Array

DATASETS = ("digits", "hard_digits", "parity", "tumours", "spirals", "rare")
ARMS = 3
RARE_SHARES = (0.6, 0.2, 0.1, 0.06, 0.04)


def examples_of(dataset: str) -> Examples:
    """Return the rows of one of DATASETS."""
    match dataset:
        case "tumours":
            return tumours()
        case "spirals":
            return _split(*spirals(500 + ROWS_JUDGED[dataset], np.random.default_rng(21)), 500)
        case "rare":
            return _split(*rare(700 + ROWS_JUDGED[dataset], np.random.default_rng(22)), 700)
        case _:
            return handwriting(dataset)


def handwriting(dataset: str) -> Examples:
    """Return the rows of one of the three kinds of digits."""
    data = load_dataset(DataSettings(source="digits", validation=0.4, test=0.2))
    rng = np.random.default_rng(7)
    inputs, targets, validation = data.train.inputs, data.train.targets.astype(int), data.validation.targets.astype(int)
    if dataset == "hard_digits":
        inputs, targets = inputs[:300], mislabelled(targets[:300], 10, 0.15, rng)
    if dataset == "parity":
        inputs, targets, validation = inputs[:200], targets[:200] % 2, validation % 2
    loss = SoftmaxCrossEntropy(2 if dataset == "parity" else 10)
    return Examples(Rows(inputs, targets), Rows(data.validation.inputs, validation), loss)


def mislabelled(targets: NDArray[np.int64], classes: int, share: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return targets (n,) of which a share has another class."""
    count = len(targets)
    wrong = rng.permutation(count) < round(share * count)
    return np.where(wrong, (targets + rng.integers(1, classes, count)) % classes, targets)


def tumours() -> Examples:
    """Return few rows with wrong labels, and many to be judged on with the right ones."""
    from sklearn.datasets import load_breast_cancer

    rng = np.random.default_rng(20)
    inputs, targets = load_breast_cancer(return_X_y=True)
    order = rng.permutation(len(targets))[: 150 + ROWS_JUDGED["tumours"]]
    inputs, targets = inputs[order], targets[order].astype(int)
    return _split(inputs, np.append(mislabelled(targets[:150], 2, 0.2, rng), targets[150:]), 150)


def spirals(count: int, rng: np.random.Generator) -> tuple[Array, NDArray[np.int64]]:
    """Return inputs (count, 5) and the arm (count,) of each."""
    arms = rng.integers(0, ARMS, count)
    radius = np.sqrt(rng.uniform(0.02, 1, count))
    angle = 2 * math.pi * (arms / ARMS + 0.5 * radius) + rng.normal(0, 0.15, count)
    plane = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return np.hstack([plane, rng.normal(size=(count, 3))]), arms


def rare(count: int, rng: np.random.Generator) -> tuple[Array, NDArray[np.int64]]:
    """Return inputs (count, 16), and the classes (count,) that a random network of two layers tells."""
    inputs = rng.normal(size=(count, 16))
    hidden = np.tanh(inputs @ rng.normal(0, 0.2, (16, 12)))
    score = hidden @ rng.normal(size=12)
    edges = np.quantile(score, np.cumsum(RARE_SHARES)[:-1])
    return inputs, mislabelled(np.searchsorted(edges, score), len(RARE_SHARES), 0.05, rng)


def _split(inputs: Array, targets: NDArray[np.int64], trained: int) -> Examples:
    """Return examples of which the first are trained on; inputs are standardised by those."""
    mean, deviation = inputs[:trained].mean(axis=0), inputs[:trained].std(axis=0)
    scaled = ((inputs - mean) / deviation).astype(np.float32)
    loss = SoftmaxCrossEntropy(int(targets.max()) + 1)
    return Examples(Rows(scaled[:trained], targets[:trained]), Rows(scaled[trained:], targets[trained:]), loss)
