"""Writes reference.npz, the numbers that test_reference.py holds the network to: PyTorch's, in float64, by autograd.

Run it by hand where PyTorch is installed (`pip install -e '.[bench]'`); the test needs only the file. Nothing is imported
from the package: the formulas are written here a second time, with PyTorch's own functions for the activations, batch norm,
the losses, their gradients, and the optimizers. Where an optimizer is PyTorch's own, the formula of the course is computed
beside it and has to agree.

The file holds two entries. `numbers` is one long float64 vector. `index` is JSON: for every case its kind (`pass` or `run`),
its `settings`, its `loss`, and of each array [name, shape, first place in `numbers`].

A pass is one mini-batch: `loss` and `gradient/<name>`. A run is ten steps in five epochs of two mini-batches: the parameters
after them (`after/<name>`), the averages of batch norm (`averages/...`), the exact moments of the training rows
(`exact/...`), and what each of the two predicts for unseen rows.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from torch.nn import functional

Arrays: TypeAlias = "dict[str, torch.Tensor]"
Settings: TypeAlias = "dict[str, Any]"

FILE = Path(__file__).with_name("reference.npz")
FEATURES, WIDTHS = 3, (5, 4)
LOSSES = {"softmax_2": 2, "softmax_3": 3, "weighted_softmax_2": 2, "weighted_softmax_3": 3, "squared_error": 1}
TRAIN_ROWS, BATCH_SIZE, EPOCHS_RUN = 13, 8, 5
SEED = 9
BATCHES = (slice(0, 8), slice(8, 13))

DEFAULTS: Settings = {
    "epochs": 8,
    "learning_rate": 0.05,
    "momentum": 0.8,
    "hidden_units": list(WIDTHS),
    "hidden_layers": len(WIDTHS),
    "batch_size": BATCH_SIZE,
    "learning_rate_schedule": "none",
    "learning_rate_decay": 0.4,
    "warmup_epochs": 0,
    "optimizer": "sgd",
    "activation": "tanh",
    "batch_norm": "before",
    "l2": 0.0,
    "weight_decay": 0.0,
    "clip_norm": 0.0,
    "beta1": 0.85,
    "beta2": 0.97,
    "epsilon": 1e-6,
    "batch_norm_momentum": 0.7,
    "batch_norm_epsilon": 1e-4,
}

OPTIMIZERS = ("sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw")
ACTIVATIONS = {
    "relu": functional.relu,
    "leaky_relu": lambda y: functional.leaky_relu(y, 0.01),
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
}


@dataclass
class Book:
    """What goes into the file: one vector, and where each case's arrays lie in it."""

    numbers: list[np.ndarray[Any, Any]] = field(default_factory=list)
    index: dict[str, Any] = field(default_factory=dict)
    size: int = 0

    def write(self, name: str, kind: str, settings: Settings, loss: str, arrays: Mapping[str, torch.Tensor]) -> None:
        """Take in a case."""
        places = []
        for array_name, tensor in arrays.items():
            array = tensor.detach().numpy().astype(np.float64)
            places.append([array_name, list(array.shape), self.size])
            self.numbers.append(array.ravel())
            self.size += array.size
        self.index[name] = {"kind": kind, "settings": settings, "loss": loss, "arrays": places}

    def save(self, path: Path) -> None:
        """Write the file."""
        np.savez_compressed(path, numbers=np.concatenate(self.numbers), index=np.array(json.dumps(self.index)))


def forward(
    settings: Settings, params: Arrays, x: torch.Tensor, moments: Arrays | None = None
) -> tuple[torch.Tensor, Arrays]:
    """Return the outputs (m, C) before softmax, and the mini-batch's moments by name; with `moments`, at test time."""
    activate, a = ACTIVATIONS[settings["activation"]], x
    seen: Arrays = {}
    for layer in range(1, len(settings["hidden_units"]) + 1):
        y = a @ params[f"weights_{layer}"]
        if settings["batch_norm"] != "before":
            y = activate(y + params[f"bias_{layer}"])
        if settings["batch_norm"] == "off":
            a = y
            continue
        seen |= {f"mean_{layer}": y.mean(0).detach(), f"variance_{layer}": y.var(0, correction=0).detach()}
        gamma, beta, epsilon = params[f"gamma_{layer}"], params[f"beta_{layer}"], settings["batch_norm_epsilon"]
        if moments is None:
            y = functional.batch_norm(y, None, None, gamma, beta, training=True, eps=epsilon)
        else:
            mean, variance = moments[f"mean_{layer}"], moments[f"variance_{layer}"]
            y = functional.batch_norm(y, mean, variance, gamma, beta, training=False, eps=epsilon)
        a = activate(y) if settings["batch_norm"] == "before" else y
    return a @ params["weights_out"] + params["bias_out"], seen


def data_loss(loss: str, outputs: torch.Tensor, targets: torch.Tensor, weights: torch.Tensor | None) -> torch.Tensor:
    """Return J without l2: the mean over the rows of the weighted cross-entropy, or half the mean squared error."""
    if loss == "squared_error":
        return functional.mse_loss(outputs[:, 0], targets) / 2
    rows = functional.cross_entropy(outputs, targets, reduction="none")
    return (rows if weights is None else rows * weights).mean()


def penalty(settings: Settings, params: Arrays) -> torch.Tensor:
    """Return l2 / 2 * sum(W^2) over the weight matrices."""
    matrices = [params[name] for name in params if name.startswith("weights")]
    return sum(((matrix**2).sum() for matrix in matrices), torch.zeros((), dtype=torch.float64)) * settings["l2"] / 2


def predictions(loss: str, outputs: torch.Tensor) -> torch.Tensor:
    """Return what the network says of each row: probabilities, or standardised values."""
    return outputs if loss == "squared_error" else torch.softmax(outputs, dim=1)


def random_params(settings: Settings, outputs: int, rng: np.random.Generator) -> Arrays:
    """Draw all parameters, so that no gamma is 1 and no beta 0."""
    sizes = [FEATURES, *settings["hidden_units"], outputs]
    shapes: dict[str, tuple[int, ...]] = {}
    for layer, shape in enumerate(pairwise(sizes[:-1]), 1):
        shapes[f"weights_{layer}"] = shape
        vectors = {"before": ("gamma", "beta"), "after": ("bias", "gamma", "beta"), "off": ("bias",)}[settings["batch_norm"]]
        shapes |= {f"{vector}_{layer}": shape[1:] for vector in vectors}
    shapes |= {"weights_out": (sizes[-2], outputs), "bias_out": (outputs,)}
    return {name: torch.tensor(rng.standard_normal(shape), requires_grad=True) for name, shape in shapes.items()}


def random_rows(loss: str, rows: int, rng: np.random.Generator) -> Arrays:
    """Draw inputs, targets, and weights of mean 1 where the loss has them."""
    arrays = {"inputs": torch.tensor(rng.standard_normal((rows, FEATURES)))}
    if loss == "squared_error":
        return arrays | {"targets": torch.tensor(rng.standard_normal(rows))}
    arrays["targets"] = torch.tensor(rng.permutation(np.arange(rows) % LOSSES[loss]))
    if loss.startswith("weighted"):
        weights = rng.uniform(0.2, 2.0, LOSSES[loss])[arrays["targets"].numpy()]
        arrays["weights"] = torch.tensor(weights / weights.mean())
    return arrays


def one_pass(settings: Settings, loss: str, seed: int) -> Arrays:
    """Return a mini-batch with its loss and the gradients of all parameters."""
    rng = np.random.default_rng(seed)
    params, rows = random_params(settings, LOSSES[loss], rng), random_rows(loss, BATCH_SIZE - 1, rng)
    outputs, moments = forward(settings, params, rows["inputs"])
    value = data_loss(loss, outputs, rows["targets"], rows.get("weights"))
    value.backward()
    gradients = {f"gradient/{name}": param.grad for name, param in params.items()}
    before = {f"before/{name}": param for name, param in params.items()}
    return {**rows, **before, "predictions": predictions(loss, outputs), "loss": value, **gradients, **moments}


def alpha(settings: Settings, epoch: int, t: int) -> float:
    """Return the learning rate of mini-batch t, counted from 1, in an epoch counted from 0."""
    start, warm, rate = settings["learning_rate"], settings["warmup_epochs"], settings["learning_rate_decay"]
    if epoch < warm:
        return float(start * t / (warm * len(BATCHES)))
    since = epoch - warm
    falls = {
        "none": 1.0,
        "inverse_time": 1 / (1 + rate * since),
        "exponential": math.exp(-rate * since),
        "cosine": (1 + math.cos(math.pi * since / (settings["epochs"] - warm))) / 2,
    }
    return float(start * falls[settings["learning_rate_schedule"]])


def torch_optimizer(settings: Settings, params: Arrays) -> tuple[Any, float]:
    """Return PyTorch's optimizer, and what its learning rate is alpha times.

    Its momentum adds up v = b v + g; the course's averages, v = b v + (1 - b) g, are 1 - b times that.
    """
    matrices = [param for name, param in params.items() if name.startswith("weights")]
    vectors = [param for name, param in params.items() if not name.startswith("weights")]
    betas, epsilon = (settings["beta1"], settings["beta2"]), settings["epsilon"]
    momentum = settings["momentum"]
    match settings["optimizer"]:
        case "sgd":
            return torch.optim.SGD(params.values(), lr=1.0), 1.0
        case "momentum":
            return torch.optim.SGD(params.values(), lr=1.0, momentum=momentum), 1 - momentum
        case "nesterov":
            return torch.optim.SGD(params.values(), lr=1.0, momentum=momentum, nesterov=True), 1 - momentum
        case "rmsprop":
            return torch.optim.RMSprop(params.values(), lr=1.0, alpha=settings["beta2"], eps=epsilon), 1.0
        case "adam":
            return torch.optim.Adam(params.values(), lr=1.0, betas=betas, eps=epsilon), 1.0
    groups = [{"params": matrices, "weight_decay": settings["weight_decay"]}, {"params": vectors, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=1.0, betas=betas, eps=epsilon), 1.0


class Course:
    """The course's optimizers, one line per formula: they have to agree with PyTorch's."""

    def __init__(self, settings: Settings, params: Arrays) -> None:
        self.settings, self.params, self.t = settings, {name: p.detach().clone() for name, p in params.items()}, 0
        self.v = {name: torch.zeros_like(p) for name, p in self.params.items()}
        self.s = {name: torch.zeros_like(p) for name, p in self.params.items()}

    def step(self, gradients: Arrays, rate: float) -> None:
        """Move the parameters; `gradients` are those of J with l2, clipped."""
        self.t += 1
        for name, param in self.params.items():
            if self.settings["optimizer"] == "adamw" and name.startswith("weights"):
                param -= rate * self.settings["weight_decay"] * param
            param -= rate * self.direction(name, gradients[name])

    def direction(self, name: str, g: torch.Tensor) -> torch.Tensor:
        """Return what alpha multiplies."""
        k = self.settings
        adam = k["optimizer"] in ("adam", "adamw")
        b = k["beta1"] if adam else k["momentum"]
        self.v[name] = b * self.v[name] + (1 - b) * g
        self.s[name] = k["beta2"] * self.s[name] + (1 - k["beta2"]) * g**2
        match k["optimizer"]:
            case "sgd":
                return g
            case "momentum":
                return self.v[name]
            case "nesterov":
                return b * self.v[name] + (1 - b) * g
            case "rmsprop":
                return g / (self.s[name].sqrt() + k["epsilon"])
        s_corrected = self.s[name] / (1 - k["beta2"] ** self.t)
        return self.v[name] / (1 - b**self.t) / (s_corrected.sqrt() + k["epsilon"])


def clip(settings: Settings, params: Arrays) -> float:
    """Shrink the gradient to the norm c where it is longer; return the factor."""
    if not settings["clip_norm"]:
        return 1.0
    norm = math.sqrt(sum(float((param.grad**2).sum()) for param in params.values()))
    factor = min(1.0, float(settings["clip_norm"]) / norm)
    for param in params.values():
        param.grad *= factor
    return factor


def ten_steps(settings: Settings, loss: str, seed: int) -> Arrays:
    """Return training rows and their order, and what ten steps make of the parameters, the averages and the predictions."""
    rng = np.random.default_rng(seed)
    params, train, unseen = (
        random_params(settings, LOSSES[loss], rng),
        random_rows(loss, TRAIN_ROWS, rng),
        random_rows(loss.removeprefix("weighted_"), 6, rng),
    )
    order = np.stack([rng.permutation(TRAIN_ROWS) for _ in range(EPOCHS_RUN)])
    result = {**train, "order": torch.tensor(order)} | {f"unseen/{name}": array for name, array in unseen.items()}
    result |= {f"before/{name}": param.detach().clone() for name, param in params.items()}
    moments = descend(settings, loss, params, train, order)
    result |= {f"after/{name}": param for name, param in params.items()}
    statistics: dict[str, Arrays] = {"averages": weighted_average(settings, moments)}
    statistics["exact"] = forward(settings, params, train["inputs"])[1]
    for kind, values in statistics.items():
        outputs, _ = forward(settings, params, unseen["inputs"], values)
        result |= {f"{kind}/{name}": array for name, array in values.items()}
        result[f"{kind}/predictions"] = predictions(loss, outputs)
        result[f"{kind}/loss"] = data_loss(loss, outputs, unseen["targets"], None)
    return result


def descend(settings: Settings, loss: str, params: Arrays, train: Arrays, order: np.ndarray[Any, Any]) -> list[Arrays]:
    """Take ten steps; return the moments of the ten mini-batches."""
    optimizer, scale = torch_optimizer(settings, params)
    course, moments, factors, t = Course(settings, params), [], [], 0
    for epoch, epoch_order in enumerate(order):
        for batch in BATCHES:
            t += 1
            rows = {name: array[epoch_order[batch]] for name, array in train.items()}
            outputs, seen = forward(settings, params, rows["inputs"])
            optimizer.zero_grad()
            (data_loss(loss, outputs, rows["targets"], rows.get("weights")) + penalty(settings, params)).backward()
            factors.append(clip(settings, params))
            for group in optimizer.param_groups:
                group["lr"] = alpha(settings, epoch, t) * scale
            course.step({name: param.grad for name, param in params.items()}, alpha(settings, epoch, t))
            optimizer.step()
            moments.append(seen)
    for name, param in params.items():
        torch.testing.assert_close(course.params[name], param.detach(), rtol=1e-11, atol=1e-13)
    if settings["clip_norm"] and not min(factors) < max(factors) == 1:
        raise SystemExit(f"clip_norm should cut some steps of {settings} and not others: {factors}")
    return moments


def weighted_average(settings: Settings, moments: list[Arrays]) -> Arrays:
    """Average the mini-batches' moments, each weighted by its rows and by momentum^(steps since)."""
    rows = np.tile([batch.stop - batch.start for batch in BATCHES], EPOCHS_RUN)
    weights = rows * settings["batch_norm_momentum"] ** np.arange(len(rows))[::-1]
    shares = torch.tensor(weights / weights.sum())
    return {name: torch.tensordot(shares, torch.stack([m[name] for m in moments]), dims=1) for name in moments[0]}


def passes() -> Iterator[tuple[str, Settings, str]]:
    """Yield every combination of batch norm, activation and loss."""
    for batch_norm in ("before", "after", "off"):
        for activation in ACTIVATIONS:
            for loss in LOSSES:
                yield f"{batch_norm}-{activation}-{loss}", {"batch_norm": batch_norm, "activation": activation}, loss


def runs() -> Iterator[tuple[str, Settings, str]]:
    """Yield every optimizer plain and with l2 and clipping, every schedule with and without warm-up, every loss."""
    for optimizer in OPTIMIZERS:
        own: Settings = {"optimizer": optimizer} | ({"weight_decay": 0.3} if optimizer == "adamw" else {})
        yield optimizer, own, "softmax_3"
        for batch_norm, activation in (("before", "relu"), ("after", "sigmoid"), ("off", "leaky_relu")):
            place: Settings = {"batch_norm": batch_norm, "activation": activation, "l2": 0.02, "clip_norm": 1.7}
            yield f"{optimizer}-{batch_norm}-l2-clip", own | place, "weighted_softmax_3"
    for schedule in ("none", "inverse_time", "exponential", "cosine"):
        for warmup_epochs in (0, 2):
            falls: Settings = {"learning_rate_schedule": schedule, "warmup_epochs": warmup_epochs, "optimizer": "adam"}
            yield f"{schedule}-warmup-{warmup_epochs}", falls, "softmax_2"
    for loss in LOSSES:
        yield f"{loss}-adam", {"optimizer": "adam"}, loss


def main() -> None:
    """Write the file."""
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    book = Book()
    for kind, cases, compute in (("pass", passes(), one_pass), ("run", runs(), ten_steps)):
        for name, changes, loss in cases:
            settings = DEFAULTS | changes
            book.write(f"{kind}/{name}", kind, settings, loss, compute(settings, loss, SEED))
    book.save(FILE)
    size = FILE.stat().st_size
    print(f"{FILE.name}: {len(book.index)} cases, {book.size} numbers, {size} bytes; torch {torch.__version__}")


if __name__ == "__main__":
    main()
