"""Initial weights: each matrix from a stream of its own, so that neither company nor padding changes them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from hpsearch.seeds import Purpose, Streams

OUTPUT_SCALE = 0.03
"""How much smaller than He's the output weights start: nearly equal probabilities, so that a low learning rate need not
first unlearn large random logits."""


def hidden_weights(streams: Streams, key: int, layer: int, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Draw a hidden layer's matrix (fan_in, width), normal with variance 2 / fan_in.

    Source: He, Zhang, Ren, Sun 2015, "Delving deep into rectifiers", eq. 10, which is for relu. It serves all activations:
    under batch norm the scale of the weights does not matter, and networks are to differ in what is searched, not here.
    """
    draws = streams.generator(Purpose.WEIGHTS, key, layer).standard_normal(shape, dtype=np.float32)
    return draws * np.float32(math.sqrt(2.0 / shape[0]))


def output_weights(streams: Streams, key: int, layer: int, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Draw the output matrix (fan_in, C): He's deviation times `OUTPUT_SCALE`."""
    return hidden_weights(streams, key, layer, shape) * np.float32(OUTPUT_SCALE)
