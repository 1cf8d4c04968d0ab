"""What the tests of the command line share: a small spec, and how a command ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

SPEC = """\
name: tiny
network: {epochs: 3}
space:
  learning_rate: {range: [1e-3, 1e-1], scale: log}
  hidden_units: {range: [8, 16]}
search: {method: random, trials: 4}
"""


@dataclass
class Ended:
    """How a command ended: its exit code and what it wrote."""

    code: int
    out: str
    err: str


Command = Callable[..., Ended]
