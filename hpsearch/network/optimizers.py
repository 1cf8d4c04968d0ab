"""Gradient descent, momentum, Nesterov, RMSprop, Adam and AdamW as one update rule over the flat parameter vector.

    M = b1 M + g          V = b2 V + g^2          theta = shrink theta - step N / (sqrt(V) + eps)

where N is M, or b1 M + g for Nesterov. The moments are the course's averages without their factor (1 - b):
v_dW = (1 - b1) M, s_dW = (1 - b2) V. The factors, the bias corrections and the learning rate are folded into `step` and
`eps`, two numbers per network and mini-batch, computed in float64 and rounded at the end. Rules without V divide by 1.

Source: the course, week 2: "Gradient descent with momentum", "RMSprop", "Adam"; Kingma and Ba 2015, algorithm 1; Sutskever
et al. 2013, "On the importance of initialization and momentum", eq. 3 and 4, for Nesterov's momentum, written for the
parameters after the look-ahead; Loshchilov and Hutter 2019, "Decoupled weight decay regularization", algorithm 2, for
AdamW, with PyTorch's `weight_decay`, which is the paper's lambda divided by alpha, on the matrices only.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from hpsearch.network.layout import Layout, Parameters, Stack
from hpsearch.network.schedules import learning_rates
from hpsearch.network.settings import NetworkSettings

Array: TypeAlias = "NDArray[np.floating]"

WITH_AVERAGED_GRADIENT = frozenset({"momentum", "nesterov", "adam", "adamw"})
WITH_AVERAGED_SQUARE = frozenset({"rmsprop", "adam", "adamw"})


class UpdateRule:
    """The optimizers of K networks, and their moments: `first`, M, and `second`, V, laid out as the parameters."""

    def __init__(self, layout: Layout, theta: Parameters, gradient: Parameters) -> None:
        self._settings, self._dtype = layout.settings, theta.flat.dtype
        self.first, self.second = np.zeros_like(theta.flat), np.zeros_like(theta.flat)
        vectors = theta.flat, gradient.flat, self.first, self.second, np.empty_like(theta.flat)
        self._updates = [_StackUpdate(layout, stack, *map(stack.blocks, vectors)) for stack in layout.stacks]

    def rates(self, epoch: int, first_step: int, steps: int) -> Array:
        """Return `step`, `eps` and `shrink` for each mini-batch of an epoch, (steps, 3, K, 1).

        `epoch` counts from 0, `first_step` from 1: the number t of the epoch's first mini-batch.
        """
        rates = np.empty((steps, 3, len(self._settings), 1), self._dtype)
        for network, settings in enumerate(self._settings):
            rates[:, :, network, 0] = _rates(settings, epoch, first_step, steps, self._dtype).T
        return rates

    def update(self, rates: Array) -> None:
        """Move the parameters by one step; the gradient is spent. `rates` is (3, K, 1)."""
        for update in self._updates:
            update(*rates[:, update.networks])


class _StackUpdate:
    """The update of networks of one shape and one optimizer: every array is (networks, numbers)."""

    def __init__(
        self, layout: Layout, stack: Stack, theta: Array, gradient: Array, first: Array, second: Array, scratch: Array
    ) -> None:
        settings = layout.settings[stack.networks]
        self.networks = stack.networks
        self._theta, self._gradient, self._first, self._second, self._scratch = theta, gradient, first, second, scratch
        self._weights, self._weight_gradients, self._weight_scratch = (
            array[:, : stack.matrices] for array in (theta, gradient, scratch)
        )
        optimizer = stack.settings.optimizer
        self._averaged, self._squared = optimizer in WITH_AVERAGED_GRADIENT, optimizer in WITH_AVERAGED_SQUARE
        self._looks_ahead, self._shrinks = optimizer == "nesterov", optimizer == "adamw"
        self._b1, self._b2 = (np.array(column, theta.dtype)[:, None] for column in zip(*map(_betas, settings), strict=True))
        self._l2 = np.array([s.l2 for s in settings], theta.dtype)[:, None]
        longest = np.array([s.clip_norm for s in settings])
        self._longest = np.where(longest > 0, longest, np.inf)
        self._any_l2, self._any_clip = bool(self._l2.any()), bool(longest.any())

    def __call__(self, step: Array, eps: Array, shrink: Array) -> None:
        """Move the parameters by one step; the arguments are columns (networks, 1)."""
        gradient, scratch = self._gradient, self._scratch
        if self._any_l2:  # dJ/dW of l2 / 2 * sum(W^2); not on gamma, beta, b
            np.multiply(self._weights, self._l2, out=self._weight_scratch)
            self._weight_gradients += self._weight_scratch
        if self._any_clip:
            self._clip()
        if self._shrinks:
            self._weights *= shrink
        numerator = gradient
        if self._averaged:
            self._first *= self._b1
            self._first += gradient  # M = b1 M + g
            numerator = self._first
        if self._squared:
            np.multiply(gradient, gradient, out=scratch)
            self._second *= self._b2
            self._second += scratch  # V = b2 V + g^2
            np.sqrt(self._second, out=scratch)
            scratch += eps
            np.divide(numerator, scratch, out=scratch)  # M / (sqrt(V) + eps)
            scratch *= step
        else:
            if self._looks_ahead:
                np.multiply(numerator, self._b1, out=scratch)
                scratch += gradient  # b1 M + g
                numerator = scratch
            np.multiply(numerator, step, out=scratch)
        self._theta -= scratch

    def _clip(self) -> None:
        """Shorten gradients to their network's longest norm.

        Source: Pascanu, Mikolov, Bengio 2013, "On the difficulty of training recurrent neural networks", algorithm 1.
        """
        rows, columns = self._gradient[:, None, :], self._gradient[:, :, None]
        norms = np.sqrt(np.matmul(rows, columns)[:, 0, 0], dtype=np.float64)
        if not np.isfinite(norms).all():  # squares may be too large for float32 where their gradient is not
            exact = np.sqrt(np.square(self._gradient, dtype=np.float64).sum(axis=1))
            norms = np.where(np.isfinite(norms), norms, exact)
        factors = np.divide(self._longest, norms, out=np.ones_like(norms), where=norms > self._longest)
        self._gradient *= factors[:, None].astype(self._gradient.dtype)


def _rates(settings: NetworkSettings, epoch: int, first_step: int, steps: int, dtype: DTypeLike) -> NDArray[np.float64]:
    """Fold (1 - b), the bias corrections 1 - b^t, and alpha into `step`, `eps` and `shrink`, (3, steps)."""
    t = np.arange(first_step, first_step + steps, dtype=np.float64)
    alpha = learning_rates(settings, epoch, first_step, steps)
    b1, b2 = (float(np.asarray(weight, dtype)) for weight in _betas(settings))  # near 1, rounding changes 1 - b
    one, epsilon = np.ones_like(t), settings.epsilon
    match settings.optimizer:
        case "sgd":  # W = W - alpha dW
            return np.stack([alpha, one, one])
        case "momentum" | "nesterov":  # v = beta v + (1 - beta) dW;  W = W - alpha v, or - alpha (beta v + (1 - beta) dW)
            return np.stack([alpha * (1 - b1), one, one])
        case "rmsprop":  # s = b2 s + (1 - b2) dW^2;  W = W - alpha dW / (sqrt(s) + epsilon)
            root = 1 / np.sqrt(1 - b2)
            return np.stack([alpha * root, epsilon * root * one, one])
        case "adam" | "adamw":  # W = W - alpha v_corrected / (sqrt(s_corrected) + epsilon); adamw: (1 - alpha decay) W - ...
            root = np.sqrt((1 - b2**t) / (1 - b2))
            return np.stack([alpha * (1 - b1) / (1 - b1**t) * root, epsilon * root, 1 - alpha * settings.weight_decay])


def _betas(settings: NetworkSettings) -> tuple[float, float]:
    """Return b1 and b2."""
    if settings.optimizer in ("momentum", "nesterov"):
        return settings.momentum, settings.beta2
    return settings.beta1 if settings.optimizer in WITH_AVERAGED_GRADIENT else 0.0, settings.beta2
