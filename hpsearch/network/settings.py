"""The options of one network and its training, each declared once. No NumPy here: the command line reads this file.

The names are the field's; DeepLearning.AI's course on improving deep networks, weeks 2 and 3, is the source of the
formulas behind them. `hidden_units` may be one number, or a list with a width for each hidden layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, get_args

from hpsearch.options import Option

Optimizer = Literal["sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw"]
Activation = Literal["relu", "leaky_relu", "tanh", "sigmoid"]
BatchNorm = Literal["before", "after", "off"]
Statistics = Literal["averages", "exact"]
Schedule = Literal["none", "inverse_time", "exponential", "cosine"]
Task = Literal["classification", "regression"]

CURVES: Mapping[Task, tuple[str, ...]] = {
    "classification": ("validation_error", "validation_loss", "validation_macro_f1", "train_loss"),
    "regression": ("validation_rmse", "validation_loss", "validation_r2", "train_loss"),
}
"""What is recorded of every epoch, by the kind of target."""

HIGHER_IS_BETTER = frozenset({"validation_macro_f1", "validation_r2"})

_NAMES = {
    "optimizer": get_args(Optimizer),
    "activation": get_args(Activation),
    "batch_norm": get_args(BatchNorm),
    "batch_norm_statistics": get_args(Statistics),
    "learning_rate_schedule": get_args(Schedule),
}

LARGEST_BETA = 0.999999
"""The largest weight of the past, a window of a million steps: float32 rounds little above it to 1."""

_MOMENTUM = {"optimizer": ("momentum", "nesterov")}
_ADAM = {"optimizer": ("adam", "adamw")}
_SQUARED_GRADIENT = {"optimizer": ("adam", "adamw", "rmsprop")}
_NORMALISED = {"batch_norm": ("before", "after")}


@dataclass(frozen=True)
class NetworkSettings:
    """What one network is and how it is trained."""

    epochs: Annotated[int, Option("passes over the training set", at_least=1, at_most=1_000_000, searchable=False)] = 20
    learning_rate: Annotated[float, Option("step size alpha of the first epoch", above=0, scale="log")] = 0.001
    momentum: Annotated[
        float,
        Option(
            "weight beta of the averaged gradient", at_least=0, at_most=LARGEST_BETA, scale="1-beta", used_with=_MOMENTUM
        ),
    ] = 0.9
    hidden_units: Annotated[
        int | list[int],
        Option(
            "units of a hidden layer: one number, or one per layer",
            at_least=1,
            at_most=100_000,
            scale="log",
            per_layer=True,
        ),
    ] = 64
    batch_size: Annotated[int, Option("rows in a mini-batch", at_least=2, at_most=1_000_000, scale="log")] = 64
    hidden_layers: Annotated[int, Option("number of hidden layers", at_least=1, at_most=50)] = 2
    learning_rate_schedule: Annotated[
        Schedule,
        Option("how alpha falls: not, as 1 / (1 + rate * epoch), as exp(-rate * epoch), or as half a cosine down to 0"),
    ] = "inverse_time"
    learning_rate_decay: Annotated[
        float,
        Option(
            "rate per epoch at which alpha falls",
            at_least=0,
            used_with={"learning_rate_schedule": ("inverse_time", "exponential")},
        ),
    ] = 0.0
    warmup_epochs: Annotated[
        int, Option("epochs in which alpha grows linearly, before it falls", at_least=0, at_most=1_000_000)
    ] = 0
    optimizer: Annotated[Optimizer, Option("rule of the parameter update")] = "adam"
    activation: Annotated[Activation, Option("non-linearity of the hidden layers")] = "relu"
    batch_norm: Annotated[BatchNorm, Option("before or after the activation, or off")] = "before"
    l2: Annotated[
        float, Option("weight of the penalty l2 / 2 * sum(w^2); the course's lambda / m", at_least=0, scale="log")
    ] = 0.0
    weight_decay: Annotated[
        float,
        Option(
            "each step shrinks the weights by alpha times this",
            at_least=0,
            scale="log",
            used_with={"optimizer": ("adamw",)},
        ),
    ] = 0.01
    dropout: Annotated[float, Option("share of a hidden layer's outputs set to 0 in training", at_least=0, below=1)] = 0.0
    clip_norm: Annotated[
        float, Option("largest norm of the gradient; longer ones are shortened; 0 is off", at_least=0, scale="log")
    ] = 0.0
    beta1: Annotated[
        float, Option("weight of the averaged gradient", at_least=0, at_most=LARGEST_BETA, scale="1-beta", used_with=_ADAM)
    ] = 0.9
    beta2: Annotated[
        float,
        Option(
            "weight of the averaged squared gradient",
            at_least=0,
            at_most=LARGEST_BETA,
            scale="1-beta",
            used_with=_SQUARED_GRADIENT,
        ),
    ] = 0.999
    epsilon: Annotated[
        float,
        Option(
            "added to the root of the squared-gradient average", at_least=1e-30, scale="log", used_with=_SQUARED_GRADIENT
        ),
    ] = 1e-8
    batch_norm_momentum: Annotated[
        float,
        Option(
            "weight of the past in the averages that serve at test time",
            at_least=0,
            at_most=LARGEST_BETA,
            scale="1-beta",
            used_with={**_NORMALISED, "batch_norm_statistics": ("averages",)},
        ),
    ] = 0.9
    batch_norm_epsilon: Annotated[
        float, Option("added to the variance in batch norm", at_least=1e-30, scale="log", used_with=_NORMALISED)
    ] = 1e-5
    batch_norm_statistics: Annotated[
        Statistics,
        Option("at test time: averages of the mini-batches, or one exact pass over the training set", used_with=_NORMALISED),
    ] = "averages"

    def __post_init__(self) -> None:
        for name, names in _NAMES.items():
            if getattr(self, name) not in names:
                raise ValueError(f"{name} is one of {', '.join(names)}, not {getattr(self, name)!r}")

    @property
    def widths(self) -> tuple[int, ...]:
        """The widths of the hidden layers, from the inputs to the outputs."""
        if isinstance(self.hidden_units, int):
            return (self.hidden_units,) * self.hidden_layers
        return tuple(self.hidden_units)
