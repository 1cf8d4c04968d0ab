"""What a refinement proposes, made up, for what shows it."""

from __future__ import annotations

from hpsearch.search.advice import Advice
from hpsearch.search.refinement import Refinement
from hpsearch.space.parameters import Choice, Real
from hpsearch.space.search_space import Entry, SearchSpace

RATE, BETA = Real(1e-4, 1.0, "log"), Real(0.9, 0.999, "1-beta")
KINDS = Choice(["adam", "momentum"])
ADVICE = (
    Advice("learning_rate", RATE, Real(0.01, 5.0, "log"), "widened", "why", None, (0.5, 0.98765), 7, 8, ("upper",), 0.7),
    Advice("beta1", BETA, BETA, "kept", "it makes little difference (1 %)", None, (0.95, 0.9987), 8, 8, (), 0.01),
    Advice("optimizer", KINDS, None, "fixed", "no leader has momentum (tried 9 times)", "adam", ("adam",), 8, 8, (), 0.2),
    Advice("momentum", BETA, None, "left out", "it counts only where optimizer is momentum, which is gone"),
)
REFINEMENT = Refinement(
    SearchSpace({"learning_rate": Entry(Real(0.01, 5.0, "log")), "beta1": Entry(BETA)}),
    {"optimizer": "adam"},
    ADVICE,
    True,
    "of the 30 trials near the good ones 90 % beat the median of those drawn from everywhere",
    40,
)
