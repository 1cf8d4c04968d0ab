"""Functions to try a search on, for `objective: {python: "hpsearch.objectives.functions:branin"}`.

Each says where it comes from, where it is searched, and where its minimum lies.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

_HARTMANN_ALPHA = (1.0, 1.2, 3.0, 3.2)
_HARTMANN_A = (
    (10.0, 3.0, 17.0, 3.5, 1.7, 8.0),
    (0.05, 10.0, 17.0, 0.1, 8.0, 14.0),
    (3.0, 3.5, 1.7, 10.0, 17.0, 8.0),
    (17.0, 8.0, 0.05, 10.0, 0.1, 14.0),
)
_HARTMANN_P = (
    (0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886),
    (0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991),
    (0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650),
    (0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381),
)


def cost(w: float) -> float:
    """Return J(w) = w^2 - 10 w + 25 = (w - 5)^2, of any w; the minimum is 0, at w = 5.

    Source: DeepLearning.AI, "Improving deep neural networks", week 3, the lesson on TensorFlow.
    """
    return w * w - 10.0 * w + 25.0


def descent(learning_rate: float, w: float = 0.0) -> Iterator[float]:
    """Yield J(w) after each step w := w - learning_rate * dJ/dw of gradient descent, as the lesson on TensorFlow does.

    It goes on for as many epochs as are asked for. From `learning_rate` 1 on it diverges; 0.5 reaches the minimum, 0, in
    one step.
    """
    while True:
        w -= learning_rate * (2.0 * w - 10.0)
        yield cost(w)


def branin(x1: float, x2: float) -> float:
    """Return Branin's function of x1 in [-5, 10] and x2 in [0, 15].

    The minimum is 0.397887, at (-pi, 12.275), (pi, 2.275) and (9.42478, 2.475). Source: Dixon and Szego 1978, "The global
    optimization problem: an introduction".
    """
    valley = x2 - 5.1 / (4.0 * math.pi**2) * x1 * x1 + 5.0 / math.pi * x1 - 6.0
    return valley * valley + 10.0 * (1.0 - 1.0 / (8.0 * math.pi)) * math.cos(x1) + 10.0


def hartmann6(x1: float, x2: float, x3: float, x4: float, x5: float, x6: float) -> float:
    """Return Hartmann's function of six numbers in [0, 1]: minus the sum of alpha_i exp(-sum of A_ij (x_j - P_ij)^2).

    The minimum is -3.32237, at (0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573). Source: Dixon and Szego 1978.
    """
    x = (x1, x2, x3, x4, x5, x6)
    total = 0.0
    for alpha, a, p in zip(_HARTMANN_ALPHA, _HARTMANN_A, _HARTMANN_P, strict=True):
        total += alpha * math.exp(-sum(a_j * (x_j - p_j) ** 2 for a_j, x_j, p_j in zip(a, x, p, strict=True)))
    return -total
