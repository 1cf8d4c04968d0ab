"""How the learning rate grows at first and then falls, from epoch to epoch."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from hpsearch.network.settings import NetworkSettings


def learning_rate(settings: NetworkSettings, epoch: int) -> float:
    """Return alpha of an epoch, counted from 0, warm-up apart; a decay of 0 gives alpha_0 exactly.

    The fall begins when the warm-up is over, and the cosine ends with the last epoch.

    Source: the course, week 2, "Learning rate decay": alpha_0 / (1 + rate * epoch), and exponential decay, written here
    with base exp(-rate); Loshchilov and Hutter 2017, "SGDR", eq. 5 without restarts, down to 0.
    """
    alpha, rate = settings.learning_rate, settings.learning_rate_decay
    epoch = max(0, epoch - settings.warmup_epochs)
    match settings.learning_rate_schedule:
        case "none":
            return alpha
        case "inverse_time":
            return alpha / (1 + rate * epoch)
        case "exponential":
            return alpha * math.exp(-rate * epoch)
        case "cosine":
            epochs = max(1, settings.epochs - settings.warmup_epochs)
            return alpha * (1 + math.cos(math.pi * min(epoch / epochs, 1.0))) / 2


def learning_rates(settings: NetworkSettings, epoch: int, first_step: int, steps: int) -> NDArray[np.float64]:
    """Return alpha (steps,) for the mini-batches of an epoch; `first_step` is the number, from 1, of its first one.

    During the warm-up mini-batch t has the share t / (warm-up's mini-batches) of alpha.
    Source: after Goyal et al. 2017, "Accurate, large minibatch SGD", section 2.2; theirs starts at the rate of one worker.
    """
    t = np.arange(first_step, first_step + steps, dtype=np.float64)
    warmup = settings.warmup_epochs * steps
    share = np.minimum(t / warmup, 1.0) if warmup else np.ones_like(t)
    return learning_rate(settings, epoch) * share
