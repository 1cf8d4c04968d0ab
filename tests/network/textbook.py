"""The network as a textbook writes it: float64, one network, one line per formula.

The tests hold the population against this. It shares nothing with the code under test but the names of the settings and
of the arrays in a state, and it is slow: gradients are central differences.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.network.settings import NetworkSettings

Array = NDArray[np.float64]
Params = dict[str, Array]
Moments = Mapping[str, NDArray[np.floating]]


@dataclass(frozen=True)
class Pass:
    """A forward pass: the outputs (m, C), what went into each activation, and the moments of what batch norm saw."""

    outputs: Array
    before: list[Array]
    moments: Params


def activate(kind: str, y: Array) -> Array:
    match kind:
        case "relu":
            return np.where(y > 0, y, 0.0)
        case "leaky_relu":
            return np.where(y > 0, y, 0.01 * y)
        case "tanh":
            return np.asarray((np.exp(y) - np.exp(-y)) / (np.exp(y) + np.exp(-y)))
        case "sigmoid":
            return np.asarray(1 / (1 + np.exp(-y)))
    raise ValueError(kind)


def forward(
    settings: NetworkSettings,
    params: Mapping[str, Array],
    x: Array,
    moments: Moments | None = None,
    kept: Sequence[NDArray[np.bool_]] | None = None,
) -> Pass:
    """Run rows forward: with the `moments` of test time, or with their own; `kept` says what dropout spares, by layer."""
    a, before = x, []
    own: Params = {}
    for layer in range(1, len(settings.widths) + 1):
        z = a @ params[f"weights_{layer}"]
        if settings.batch_norm == "before":
            own |= moments_of(z, layer)
            y = normalise(settings, params, z, own if moments is None else moments, layer)
        else:
            y = z + params[f"bias_{layer}"]
        before.append(y)
        a = activate(settings.activation, y)
        if settings.batch_norm == "after":
            own |= moments_of(a, layer)
            a = normalise(settings, params, a, own if moments is None else moments, layer)
        if kept is not None:
            a = np.where(kept[layer - 1], a / (1 - settings.dropout), 0.0)
    return Pass(a @ params["weights_out"] + params["bias_out"], before, own)


def moments_of(u: Array, layer: int) -> Params:
    mean = u.sum(axis=0) / len(u)
    return {f"mean_{layer}": mean, f"variance_{layer}": ((u - mean) ** 2).sum(axis=0) / len(u)}


def normalise(settings: NetworkSettings, params: Mapping[str, Array], u: Array, moments: Moments, layer: int) -> Array:
    u_norm = (u - moments[f"mean_{layer}"]) / np.sqrt(moments[f"variance_{layer}"] + settings.batch_norm_epsilon)
    return np.asarray(params[f"gamma_{layer}"] * u_norm + params[f"beta_{layer}"])


def softmax(logits: Array) -> Array:
    scores: Array = np.exp(logits)
    probabilities: Array = scores / scores.sum(axis=1, keepdims=True)
    return probabilities


def row_losses(outputs: Array, targets: NDArray[Any]) -> Array:
    """Return each row's cross-entropy where the targets are classes, else half its squared error."""
    if targets.dtype.kind == "i":
        return np.asarray(-np.log(softmax(outputs)[np.arange(len(targets)), targets]))
    return np.asarray(0.5 * (outputs[:, 0] - targets) ** 2)


def cost(outputs: Array, targets: NDArray[Any], weights: NDArray[np.floating] | None = None) -> float:
    """J: the mean over the rows, each loss times its row's weight."""
    losses = row_losses(outputs, targets)
    return float((losses if weights is None else weights * losses).mean())


def metrics(outputs: Array, targets: NDArray[Any], deviation: float) -> dict[str, float]:
    """Return what is judged of predictions; `deviation` is that of a regression's target."""
    if targets.dtype.kind == "i":
        answers = [max(range(len(row)), key=lambda c: row[c]) for row in outputs.tolist()]
        wrong = sum(a != t for a, t in zip(answers, targets, strict=True))
        found = {"error": wrong / len(targets), "macro_f1": macro_f1(answers, targets.tolist())}
    else:
        errors = outputs[:, 0] - targets
        spread = ((targets - targets.mean()) ** 2).sum()
        found = {"rmse": deviation * math.sqrt((errors**2).mean()), "r2": 1 - (errors**2).sum() / spread}
    return found | {"loss": cost(outputs, targets)}


def macro_f1(answers: Sequence[int], targets: Sequence[int]) -> float:
    """Return the mean over the classes that occur of the harmonic mean of precision and recall, 0 without a hit."""
    scores = []
    for label in {*answers, *targets}:
        hits = sum(a == t == label for a, t in zip(answers, targets, strict=True))
        precision, recall = hits / max(1, answers.count(label)), hits / max(1, targets.count(label))
        scores.append(2 * precision * recall / (precision + recall) if hits else 0.0)
    return sum(scores) / len(scores)


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
    """The optimizers: parameters, averages v and s, and the number of steps t; epochs count from 0."""

    def __init__(self, settings: NetworkSettings, params: Params, steps_per_epoch: int) -> None:
        self.settings, self.params, self.steps_per_epoch, self.t = settings, params, steps_per_epoch, 0
        self.v = {name: np.zeros_like(array) for name, array in params.items()}
        self.s = {name: np.zeros_like(array) for name, array in params.items()}

    def alpha(self, epoch: int) -> float:
        """Return alpha of step t: growing with every mini-batch of the warm-up, then falling from epoch to epoch."""
        k = self.settings
        if epoch < k.warmup_epochs:
            return k.learning_rate * self.t / (k.warmup_epochs * self.steps_per_epoch)
        e, rate = epoch - k.warmup_epochs, k.learning_rate_decay
        falls = {
            "none": 1.0,
            "inverse_time": 1 / (1 + rate * e),
            "exponential": math.exp(-rate * e),
            "cosine": 0.5 + 0.5 * math.cos(math.pi * e / (k.epochs - k.warmup_epochs)),
        }
        return k.learning_rate * falls[k.learning_rate_schedule]

    def step(self, gradients: Params, epoch: int) -> None:
        """Take a step; `gradients` are those of J without the penalty l2 / 2 * sum(W^2)."""
        self.t += 1
        k = self.settings
        full = {name: g + k.l2 * self.params[name] * name.startswith("weights") for name, g in gradients.items()}
        length = math.sqrt(sum(float((g**2).sum()) for g in full.values()))
        for name, param in self.params.items():
            g = full[name] * k.clip_norm / length if 0 < k.clip_norm < length else full[name]
            decay = k.weight_decay * param if k.optimizer == "adamw" and name.startswith("weights") else 0.0
            param -= self.alpha(epoch) * (self.direction(name, g) + decay)

    def direction(self, name: str, g: Array) -> Array:
        k = self.settings
        match k.optimizer:
            case "sgd":
                return g
            case "momentum":
                self.v[name] = k.momentum * self.v[name] + (1 - k.momentum) * g
                return self.v[name]
            case "nesterov":
                self.v[name] = k.momentum * self.v[name] + (1 - k.momentum) * g
                return k.momentum * self.v[name] + (1 - k.momentum) * g
            case "rmsprop":
                self.s[name] = k.beta2 * self.s[name] + (1 - k.beta2) * g**2
                return g / (np.sqrt(self.s[name]) + k.epsilon)
            case "adam" | "adamw":
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
        self.moments.append(batch.moments)

    def values(self) -> Params:
        return {
            name: np.average([moments[name] for moments in self.moments], axis=0, weights=self.weights)
            for name in self.moments[0]
        }


def exact_moments(settings: NetworkSettings, params: Mapping[str, Array], x: Array) -> Params:
    """Return the moments of all training rows, layer by layer, over layers below that are normalised by theirs."""
    depth = len(settings.widths)
    known: Params = {f"{name}_{layer}": np.ones(1) for name in ("mean", "variance") for layer in range(1, depth + 1)}
    for layer in range(1, depth + 1):
        own = forward(settings, params, x, known).moments
        known |= {name: own[name] for name in (f"mean_{layer}", f"variance_{layer}")}
    return known
