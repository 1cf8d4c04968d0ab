"""The hidden layers' non-linearities, in place on neighbouring columns of the wide array.

`forward` turns y (m, n) into a = g(y); `backward` multiplies d = dJ/da (m, n) by g'(y), which all of these know from a
alone, and spends a. `live` (n,) is 1 on the units and 0 on padding columns, which hold 0 and keep it. Nothing is cast on
the way: a pass that casts goes through NumPy's small buffers.
"""

from __future__ import annotations

from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hpsearch.network.settings import Activation

Array: TypeAlias = "NDArray[np.floating]"

LEAK = 0.01
"""Slope of the leaky relu below 0. Source: Maas, Hannun, Ng 2013, "Rectifier nonlinearities", section 2."""


class ActivationRule(Protocol):
    """One non-linearity, for the columns it was made for."""

    def __init__(self, live: Array) -> None: ...

    def forward(self, y: Array, scratch: Array) -> None:
        """Turn y into a = g(y); `scratch` has its shape."""

    def backward(self, d: Array, a: Array) -> None:
        """Turn dJ/da into dJ/dy; `a` is spent."""


class Relu:
    """g(y) = max(0, y)."""

    def __init__(self, live: Array) -> None:
        self._zeros = np.zeros_like(live)  # a row: the scalar 0 misses the vectorised loop
        self._whole = np.dtype(f"i{live.dtype.itemsize}")
        self._sign_bit = self._whole.type(8 * live.dtype.itemsize - 1)

    def forward(self, y: Array, scratch: Array) -> None:
        """Turn y into a = g(y)."""
        np.maximum(y, self._zeros, out=y)

    def backward(self, d: Array, a: Array) -> None:
        """Turn dJ/da into dJ/dy; `a` is spent.

        The bits of a float >= 0 are a whole number that is 0 only for 0; the sign bit of its negative, spread over all bits,
        is a mask that keeps d or clears it.
        """
        bits, d_bits = a.view(self._whole), d.view(self._whole)
        np.negative(bits, out=bits)
        np.right_shift(bits, self._sign_bit, out=bits)
        np.bitwise_and(d_bits, bits, out=d_bits)


class LeakyRelu:
    """g(y) = max(y, LEAK y)."""

    def __init__(self, live: Array) -> None:
        self._leak = np.full_like(live, LEAK)

    def forward(self, y: Array, scratch: Array) -> None:
        """Turn y into a = g(y)."""
        np.multiply(y, self._leak, out=scratch)
        np.maximum(y, scratch, out=y)

    def backward(self, d: Array, a: Array) -> None:
        """Turn dJ/da into dJ/dy; `a` is spent: max(sign(a), LEAK) is the slope."""
        np.sign(a, out=a)
        np.maximum(a, self._leak, out=a)
        d *= a


class Tanh:
    """g(y) = tanh(y), g'(y) = 1 - a^2."""

    def __init__(self, live: Array) -> None:
        self._one = live.dtype.type(1)

    def forward(self, y: Array, scratch: Array) -> None:
        """Turn y into a = g(y)."""
        np.tanh(y, out=y)

    def backward(self, d: Array, a: Array) -> None:
        """Turn dJ/da into dJ/dy; `a` is spent."""
        np.multiply(a, a, out=a)
        np.subtract(self._one, a, out=a)
        d *= a


class Sigmoid:
    """g(y) = 1 / (1 + exp(-y)) = 1/2 + tanh(y / 2) / 2, which cannot overflow; g'(y) = a (1 - a)."""

    def __init__(self, live: Array) -> None:
        self._half, self._one = live.dtype.type(0.5), live.dtype.type(1)
        self._offset = live * self._half  # sigmoid(0) is not 0, padding is

    def forward(self, y: Array, scratch: Array) -> None:
        """Turn y into a = g(y)."""
        y *= self._half
        np.tanh(y, out=y)
        y *= self._half
        y += self._offset

    def backward(self, d: Array, a: Array) -> None:
        """Turn dJ/da into dJ/dy; `a` is spent."""
        d *= a
        np.subtract(self._one, a, out=a)
        d *= a


ACTIVATIONS: dict[Activation, type[ActivationRule]] = {
    "relu": Relu,
    "leaky_relu": LeakyRelu,
    "tanh": Tanh,
    "sigmoid": Sigmoid,
}
