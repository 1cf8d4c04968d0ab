"""An objective without networks: what a trial does is written in its params. It stands in a file so that workers find it."""

from __future__ import annotations

import os
import signal
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from hpsearch.errors import DataError
from hpsearch.objectives.objective import Assessment, Deadline
from hpsearch.trial import Outcome, Params, State, Status, Trial, TrialRecord

EPOCHS = 4


@dataclass(frozen=True)
class FakeObjective:
    """The value of trial n after epoch e is 1 / (n + e), and its state is the sum of its values.

    Params: `group`, `cost` of an epoch, `raises` an epoch in which it fails, `data` that is missing, `kills` how often it
    kills its process, as counted in the folder `graves`.
    """

    largest: int = 3
    graves: Path = Path()
    metrics: tuple[str, ...] = field(default=("validation_error",), init=False)
    is_seeded: bool = field(default=True, init=False)
    resumable: bool = field(default=True, init=False)

    def group_key(self, params: Params) -> Hashable:
        return str(params.get("group"))

    def population_size(self, params: Params) -> int:
        return self.largest

    def cost(self, params: Params) -> float:
        cost = params.get("cost", 1.0)
        assert isinstance(cost, (int, float))
        return float(cost)

    def memory(self, trials: Sequence[Trial]) -> int:
        return 100 * len(trials)

    def advance(
        self, trials: Sequence[Trial], states: Sequence[State | None], until_epoch: int, deadline: Deadline
    ) -> list[Outcome]:
        done = 0 if states[0] is None else int(states[0]["training/epochs"][0])
        sums = [0.0 if state is None else float(state["sum"][0]) for state in states]
        curves: list[list[float]] = [[] for _ in trials]
        for epoch in range(done + 1, until_epoch + 1):
            for place, trial in enumerate(trials):
                if trial.params.get("raises") == epoch:
                    raise ZeroDivisionError(f"trial {trial.number}: {'very ' * 2000}bad")
                if len(list(self.graves.glob(f"{trial.number}-*"))) < int(str(trial.params.get("kills", 0))):
                    (self.graves / f"{trial.number}-{os.getpid()}").touch()
                    os.kill(os.getpid(), signal.SIGKILL)
                if "data" in trial.params:
                    raise DataError("is missing", file=str(trial.params["data"]))
                curves[place].append(1 / (trial.number + epoch))
                sums[place] += curves[place][-1]
            done = epoch
            if deadline():
                break
        status = Status.COMPLETE if done == EPOCHS else Status.WAITING
        return [
            Outcome(
                trial=trial.number,
                epochs_done=done,
                curves={"validation_error": tuple(curve)},
                state={"sum": np.array([total]), "training/epochs": np.array([done])},
                status=status,
                size=7,
            )
            for trial, curve, total in zip(trials, curves, sums, strict=True)
        ]

    def assess(self, params: Params, state: State) -> Mapping[str, Assessment]:
        return {"validation": Assessment({"error": float(state["sum"][0])}, 1)}

    def model(self, params: Params, state: State) -> tuple[Mapping[str, Any], State]:
        return {"params": params}, state


class SignalsObjective(FakeObjective):
    """Fails with the signals that its process keeps back."""

    def advance(
        self, trials: Sequence[Trial], states: Sequence[State | None], until_epoch: int, deadline: Deadline
    ) -> list[Outcome]:
        raise RuntimeError(f"kept back {self.kept_back()}")

    def kept_back(self) -> list[int]:
        return [int(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, ())]


def waiting(number: int, params: Params | None = None, epochs_done: int = 0, checkpoint: str = "") -> TrialRecord:
    """Return the record of a trial that waits to be trained until the last epoch."""
    trial = Trial(number, 0, (0.5,), params or {})
    curves = {"validation_error": tuple(1 / (number + epoch) for epoch in range(1, epochs_done + 1))}
    return TrialRecord(trial, EPOCHS, curves=curves, checkpoint=checkpoint)
