"""How the learning rate falls from epoch to epoch."""

from __future__ import annotations

import math

from hpsearch.network.settings import NetworkSettings


def learning_rate(settings: NetworkSettings, epoch: int) -> float:
    """Return alpha of an epoch, counted from 0; a decay of 0 gives alpha_0 exactly.

    Source: the course, week 2, "Learning rate decay": alpha_0 / (1 + rate * epoch), and exponential decay, written here
    with base exp(-rate).
    """
    alpha, rate = settings.learning_rate, settings.learning_rate_decay
    match settings.learning_rate_schedule:
        case "none":
            return alpha
        case "inverse_time":
            return alpha / (1 + rate * epoch)
        case "exponential":
            return alpha * math.exp(-rate * epoch)
