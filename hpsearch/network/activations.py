"""The hidden layers' non-linearities, in place on column blocks of the wide array.

`forward` turns y (m, n) into g(y); `backward` multiplies d = dJ/da (m, n) by g'(y), which all of these know from a = g(y)
alone. `a` is spent by `backward`: it is scratch space afterwards. Padding columns hold 0 and keep it.
"""

from __future__ import annotations

from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hpsearch.network.settings import Activation

Array: TypeAlias = "NDArray[np.floating]"
Mask: TypeAlias = "NDArray[np.bool_]"

LEAK = 0.01
"""Slope of the leaky relu below 0. Source: Maas, Hannun, Ng 2013, "Rectifier nonlinearities", section 2."""


class ActivationRule(Protocol):
    """One non-linearity.

    `live` (n,) is 1 on the units and 0 on padding; `scratch` and `mask` (bool) are work space of the shape of `y`.
    """

    def forward(self, y: Array, live: Array, scratch: Array) -> None:
        """Turn y into a = g(y)."""

    def backward(self, d: Array, a: Array, mask: Mask) -> None:
        """Turn dJ/da into dJ/dy; `a` is spent."""


class Relu:
    """g(y) = max(0, y)."""

    def forward(self, y: Array, live: Array, scratch: Array) -> None:
        """Turn y into a = g(y)."""
        np.maximum(y, np.zeros_like(live), out=y)  # a row of zeros: the scalar 0 misses the vectorised loop

    def backward(self, d: Array, a: Array, mask: Mask) -> None:
        """Turn dJ/da into dJ/dy; `a` is spent."""
        np.greater(a, 0, out=mask)
        np.multiply(d, mask, out=d)


class LeakyRelu:
    """g(y) = max(y, LEAK y)."""

    def forward(self, y: Array, live: Array, scratch: Array) -> None:
        """Turn y into a = g(y)."""
        np.multiply(y, y.dtype.type(LEAK), out=scratch)
        np.maximum(y, scratch, out=y)

    def backward(self, d: Array, a: Array, mask: Mask) -> None:
        """Turn dJ/da into dJ/dy; `a` is spent."""
        np.greater(a, 0, out=mask)
        a.fill(LEAK)
        np.copyto(a, a.dtype.type(1), where=mask)
        d *= a


class Tanh:
    """g(y) = tanh(y), g'(y) = 1 - a^2."""

    def forward(self, y: Array, live: Array, scratch: Array) -> None:
        """Turn y into a = g(y)."""
        np.tanh(y, out=y)

    def backward(self, d: Array, a: Array, mask: Mask) -> None:
        """Turn dJ/da into dJ/dy; `a` is spent."""
        np.multiply(a, a, out=a)
        np.subtract(a.dtype.type(1), a, out=a)
        d *= a


class Sigmoid:
    """g(y) = 1 / (1 + exp(-y)) = 1/2 + tanh(y / 2) / 2, which cannot overflow; g'(y) = a (1 - a)."""

    def forward(self, y: Array, live: Array, scratch: Array) -> None:
        """Turn y into a = g(y)."""
        half = y.dtype.type(0.5)
        y *= half
        np.tanh(y, out=y)
        y *= half
        y += live * half  # sigmoid(0) is not 0, padding is

    def backward(self, d: Array, a: Array, mask: Mask) -> None:
        """Turn dJ/da into dJ/dy; `a` is spent."""
        d *= a
        np.subtract(a.dtype.type(1), a, out=a)
        d *= a


ACTIVATIONS: dict[Activation, ActivationRule] = {
    "relu": Relu(),
    "leaky_relu": LeakyRelu(),
    "tanh": Tanh(),
    "sigmoid": Sigmoid(),
}
