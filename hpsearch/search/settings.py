"""The options of the search, each declared once. No NumPy here: the command line reads this file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from hpsearch.options import Option


@dataclass(frozen=True)
class SearchSettings:
    """How trials are chosen, and how many are started in total."""

    method: Annotated[Literal["random"], Option("how the next trials are chosen", searchable=False)] = "random"
    trials: Annotated[int, Option("trials started, a total", at_least=1, at_most=1_000_000, searchable=False)] = 40
