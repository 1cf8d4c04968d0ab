"""Gradient descent, momentum, RMSprop and Adam as one update rule over the flat parameter vector.

    M = b1 M + g          V = b2 V + g^2          theta = theta - step * M / (sqrt(V) + eps)

The moments are the course's averages without their factor (1 - b): v_dW = (1 - b1) M, s_dW = (1 - b2) V. The factors, the
bias corrections and the learning rate are folded into `step` and `eps`, two numbers per network and mini-batch, computed
in float64 and rounded at the end. Rules that have no V divide by 1; those that have no M use b1 = 0.

Source: the course, week 2: "Gradient descent with momentum", "RMSprop", "Adam"; Kingma and Ba 2015, algorithm 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from hpsearch.network.layout import Layout, PerNetwork, Vector
from hpsearch.network.schedules import learning_rate
from hpsearch.network.settings import NetworkSettings

Array: TypeAlias = "NDArray[np.floating]"

WITH_AVERAGED_GRADIENT = frozenset({"momentum", "adam"})
WITH_AVERAGED_SQUARE = frozenset({"rmsprop", "adam"})


class UpdateRule:
    """The optimizers of K networks and their moments.

    `first` and `second` are the moments M and V. A population in which nobody uses V skips its passes; one in which only
    some do computes V for all and divides the others by 1.
    """

    def __init__(self, settings: Sequence[NetworkSettings], layout: Layout, dtype: DTypeLike) -> None:
        self._settings = tuple(settings)
        self._dtype = np.dtype(dtype)
        self._per_network = PerNetwork(layout, dtype)
        self.first, self.second, self._scratch = (layout.vector(dtype) for _ in range(3))
        self._b1 = self._column([_first_weight(s) for s in settings])
        self._b2 = self._column([s.beta2 for s in settings])
        self._l2 = self._column([s.l2 for s in settings])
        self._any_l2 = bool(self._l2.any())
        self._matrices = slice(0, layout.shared)
        squares = np.array([s.optimizer in WITH_AVERAGED_SQUARE for s in settings])
        self._any_square = bool(squares.any())
        self._plain: NDArray[np.bool_] | None = None
        if self._any_square and not squares.all():
            plain = layout.vector(dtype)
            self._per_network.apply(np.add, plain, (~squares).astype(dtype), plain)
            self._plain = plain.flat.astype(bool)

    def rates(self, epoch: int, first_step: int, steps: int) -> tuple[Array, Array]:
        """Return `step` and `eps` for each mini-batch of an epoch, (steps, K) each.

        `epoch` counts from 0, `first_step` from 1: the number t of the epoch's first mini-batch.
        """
        t = np.arange(first_step, first_step + steps, dtype=np.float64)
        pairs = [self._rates(s, learning_rate(s, epoch), t) for s in self._settings]
        step, eps = (np.stack(column, axis=1) for column in zip(*pairs, strict=True))
        return step.astype(self._dtype), eps.astype(self._dtype)

    def update(self, theta: Vector, gradient: Vector, step: Array, eps: Array) -> None:
        """Move the parameters by one step; the gradient is spent. `step` and `eps` are (K,)."""
        g, scratch, apply = gradient.flat, self._scratch, self._per_network.apply
        if self._any_l2:
            apply(np.multiply, theta, self._l2, scratch)
            g[self._matrices] += scratch.flat[self._matrices]  # dJ/dW of l2 / 2 * sum(W^2); not on gamma, beta, b
        apply(np.multiply, self.first, self._b1, self.first)
        self.first.flat += g
        if self._any_square:
            np.multiply(g, g, out=g)
            apply(np.multiply, self.second, self._b2, self.second)
            self.second.flat += g
            np.sqrt(self.second.flat, out=scratch.flat)
            apply(np.add, scratch, eps, scratch)
            if self._plain is not None:
                np.copyto(scratch.flat, self._dtype.type(1), where=self._plain)
            np.divide(self.first.flat, scratch.flat, out=scratch.flat)
            apply(np.multiply, scratch, step, scratch)
        else:
            apply(np.multiply, self.first, step, scratch)
        theta.flat -= scratch.flat

    def _rates(self, settings: NetworkSettings, alpha: float, t: NDArray[np.float64]) -> tuple[Array, Array]:
        """Fold (1 - b), the bias corrections 1 - b^t, and alpha into `step` and `eps` for the steps t."""
        # The weights as the moments have them: near 1, rounding changes 1 - b.
        b1, b2 = (float(np.asarray(weight, self._dtype)) for weight in (_first_weight(settings), settings.beta2))
        one = np.ones_like(t)
        match settings.optimizer:
            case "sgd":  # W = W - alpha dW
                return alpha * one, one
            case "momentum":  # v = beta v + (1 - beta) dW;  W = W - alpha v
                return alpha * (1 - b1) * one, one
            case "rmsprop":  # s = b2 s + (1 - b2) dW^2;  W = W - alpha dW / (sqrt(s) + epsilon)
                root = 1 / np.sqrt(1 - b2)
                return alpha * root * one, settings.epsilon * root * one
            case "adam":  # W = W - alpha v_corrected / (sqrt(s_corrected) + epsilon)
                root = np.sqrt((1 - b2**t) / (1 - b2))
                return alpha * (1 - b1) / (1 - b1**t) * root, settings.epsilon * root

    def _column(self, values: Sequence[float]) -> Array:
        return np.array(values, dtype=self._dtype)


def _first_weight(settings: NetworkSettings) -> float:
    if settings.optimizer == "adam":
        return settings.beta1
    return settings.momentum if settings.optimizer == "momentum" else 0.0
