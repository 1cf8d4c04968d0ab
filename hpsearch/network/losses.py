"""Softmax with cross-entropy, class-major: logits are (K, C, m), which the vectorised passes run along m.

Source: the course, week 3, "Softmax regression" and "Training a softmax classifier".
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = "NDArray[np.floating]"

SMALLEST_PROBABILITY = float(np.finfo(np.float32).tiny)
"""A probability that underflowed counts as this in the training loss: 87.3 nats, not infinity."""


def softmax_cross_entropy(logits: Array, truth: NDArray[np.intp], peak: Array, probability: Array) -> None:
    """Turn logits into the gradient dJ/dz = (y_hat - y) / m, in place.

    `truth` (K, m) are the positions of the true classes in the flat logits; `peak` (K, 1, m) is scratch. The probability
    given to the true class is left in `probability` (K, m): J = -mean(log(probability)).
    """
    rows = logits.dtype.type(logits.shape[-1])
    np.maximum.reduce(logits, axis=1, out=peak, keepdims=True)
    logits -= peak
    np.exp(logits, out=logits)
    np.add.reduce(logits, axis=1, out=peak, keepdims=True)
    peak *= rows
    logits /= peak  # y_hat / m: the mean over the batch rides on softmax's division
    flat = logits.reshape(-1)
    np.take(flat, truth, out=probability, mode="clip")
    flat[truth] = probability - 1 / rows
    probability *= rows


def score(logits: Array, targets: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Count the wrong answers and add up the cross-entropy of each network.

    `logits` (K, C, m) are spent; `targets` (m,) are the true classes. Returns two vectors (K,). A network whose logits are
    not finite has a loss that is not finite.
    """
    wrong = (logits.argmax(axis=1) != targets).sum(axis=1)
    logits -= logits.max(axis=1, keepdims=True)
    truth = logits[:, targets, np.arange(targets.size)].astype(np.float64)
    np.exp(logits, out=logits)
    losses = np.log(logits.sum(axis=1), dtype=np.float64) - truth
    return wrong, losses.sum(axis=1)
