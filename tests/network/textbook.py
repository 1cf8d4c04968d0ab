"""The network as a textbook writes it: float64, one network, one line per formula.

The tests hold the population against this. It shares nothing with the code under test but the names of the settings and
of the arrays in a state, and it is slow: gradients are central differences.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hpsearch.network.settings import NetworkSettings

Array = NDArray[np.float64]
Params = dict[str, Array]


@dataclass(frozen=True)
class Pass:
    """A forward pass: the logits (m, C), and per hidden layer what went into the activation, and the batch's moments."""

    logits: Array
    before: list[Array]
    means: list[Array]
    variances: list[Array]


def activate(kind: str, y: Array) -> Array:
    formulas: dict[str, Callable[[Array], Array]] = {
        "relu": lambda y: np.where(y > 0, y, 0.0),
        "leaky_relu": lambda y: np.where(y > 0, y, 0.01 * y),
        "tanh": lambda y: (np.exp(y) - np.exp(-y)) / (np.exp(y) + np.exp(-y)),
        "sigmoid": lambda y: 1 / (1 + np.exp(-y)),
    }
    return formulas[kind](y)


def forward(
    settings: NetworkSettings,
    params: Mapping[str, Array],
    x: Array,
    averages: Mapping[str, NDArray[np.floating]] | None = None,
) -> Pass:
    """Run a mini-batch forward; with `averages`, at test time."""
    a, before, means, variances = x, [], [], []
    for layer in range(1, len(settings.widths) + 1):
        z = a @ params[f"weights_{layer}"]
        means.append(z.mean(axis=0))
        variances.append(((z - z.mean(axis=0)) ** 2).mean(axis=0))
        if settings.batch_norm == "before":
            mu = means[-1] if averages is None else averages[f"mean_{layer}"]
            sigma2 = variances[-1] if averages is None else averages[f"variance_{layer}"]
            z_norm = (z - mu) / np.sqrt(sigma2 + settings.batch_norm_epsilon)
            y = params[f"gamma_{layer}"] * z_norm + params[f"beta_{layer}"]
        else:
            y = z + params[f"bias_{layer}"]
        before.append(y)
        a = activate(settings.activation, y)
    return Pass(a @ params["weights_out"] + params["bias_out"], before, means, variances)


def softmax(logits: Array) -> Array:
    scores: Array = np.exp(logits)
    probabilities: Array = scores / scores.sum(axis=1, keepdims=True)
    return probabilities


def cross_entropy(logits: Array, targets: NDArray[np.int64]) -> float:
    return float(-np.log(softmax(logits)[np.arange(len(targets)), targets]).mean())


def loss(settings: NetworkSettings, x: Array, targets: NDArray[np.int64], params: Mapping[str, Array]) -> float:
    return cross_entropy(forward(settings, params, x).logits, targets)


def numerical_gradient(function: Callable[[Params], float], params: Mapping[str, Array], step: float = 1e-6) -> Params:
    """Central differences of a function of named arrays."""
    moved = {name: array.copy() for name, array in params.items()}
    gradient = {name: np.zeros_like(array) for name, array in params.items()}
    for name, array in moved.items():
        for place in np.ndindex(array.shape):
            here = array[place]
            array[place] = here + step
            above = function(moved)
            array[place] = here - step
            below = function(moved)
            array[place] = here
            gradient[name][place] = (above - below) / (2 * step)
    return gradient


class ByHand:
    """The course's optimizers: parameters, averages v and s, and the number of steps t; epochs count from 0."""

    def __init__(self, settings: NetworkSettings, params: Params) -> None:
        self.settings, self.params, self.t = settings, params, 0
        self.v = {name: np.zeros_like(array) for name, array in params.items()}
        self.s = {name: np.zeros_like(array) for name, array in params.items()}

    def alpha(self, epoch: int) -> float:
        rate = self.settings.learning_rate_decay
        falls = {"none": 1.0, "inverse_time": 1 / (1 + rate * epoch), "exponential": math.exp(-rate * epoch)}
        return self.settings.learning_rate * falls[self.settings.learning_rate_schedule]

    def step(self, gradients: Params, epoch: int) -> None:
        self.t += 1
        for name, param in self.params.items():
            penalty = self.settings.l2 * param if name.startswith("weights") else 0.0
            param -= self.alpha(epoch) * self.direction(name, gradients[name] + penalty)

    def direction(self, name: str, g: Array) -> Array:
        k = self.settings
        match k.optimizer:
            case "sgd":
                return g
            case "momentum":
                self.v[name] = k.momentum * self.v[name] + (1 - k.momentum) * g
                return self.v[name]
            case "rmsprop":
                self.s[name] = k.beta2 * self.s[name] + (1 - k.beta2) * g**2
                return g / (np.sqrt(self.s[name]) + k.epsilon)
            case "adam":
                self.v[name] = k.beta1 * self.v[name] + (1 - k.beta1) * g
                self.s[name] = k.beta2 * self.s[name] + (1 - k.beta2) * g**2
                v_corrected = self.v[name] / (1 - k.beta1**self.t)
                s_corrected = self.s[name] / (1 - k.beta2**self.t)
                return v_corrected / (np.sqrt(s_corrected) + k.epsilon)


class Averages:
    """Moments of mini-batches, weighted by their rows and by momentum for every batch since."""

    def __init__(self, settings: NetworkSettings) -> None:
        self.settings = settings
        self.weights: list[float] = []
        self.moments: list[Params] = []

    def take(self, batch: Pass, rows: int) -> None:
        self.weights = [self.settings.batch_norm_momentum * weight for weight in self.weights] + [float(rows)]
        means = {f"mean_{layer}": mean for layer, mean in enumerate(batch.means, 1)}
        self.moments.append(means | {f"variance_{layer}": sigma2 for layer, sigma2 in enumerate(batch.variances, 1)})

    def values(self) -> Params:
        return {
            name: np.average([moments[name] for moments in self.moments], axis=0, weights=self.weights)
            for name in self.moments[0]
        }
