"""Training recorded trials again, each alone and from its beginning, and comparing every bit."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from hpsearch.data.settings import DataSettings
from hpsearch.errors import UsageError
from hpsearch.study.checkpoint import weights_hash
from hpsearch.study.dispatch import one_blas_thread
from hpsearch.study.environment import changed_since
from hpsearch.study.record import RunRecord
from hpsearch.study.study_spec import StudySpec
from hpsearch.study.subject import subject_of

SAMPLE = 3
"""Trials that are trained again unless some are named."""


@dataclass(frozen=True)
class Verdict:
    """What training trial `trial` again showed.

    `differences` says where the new bits are not the recorded ones, empty when they all agree; `environment` which of the
    things that bits depend on have changed since the record was made.
    """

    trial: int
    epochs: int
    differences: tuple[str, ...]
    environment: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether every bit agrees."""
        return not self.differences


class Verifier:
    """Trains trials of a run again; what that needs is loaded once."""

    def __init__(self, study: StudySpec, run: RunRecord) -> None:
        self._run = run
        self._objective = subject_of(study, fingerprint=run.start["data"]["fingerprint"]).objective
        self._environment = changed_since(run.start["environment"])

    def verify(self, number: int) -> Verdict:
        """Train one trial again; raises UsageError when there is nothing to compare with."""
        record = self._run.history.get(number)
        if record is None:
            raise UsageError(f"{self._run.name} has no trial {number}; it has {len(self._run.history)}, from 0")
        if record.epochs_done == 0:
            what = f"trial {number} of {self._run.name} is {record.status.value}"
            raise UsageError(f"{what}: it has no epoch on record to compare with")
        with one_blas_thread():
            (outcome,) = self._objective.advance([record.trial], [None], record.epochs_done, lambda: False)
        weights = weights_hash(outcome.state) if outcome.state is not None else ""
        differences = [_difference(name, curve, outcome.curves.get(name, ())) for name, curve in record.curves.items()]
        differences = [difference for difference in differences if difference]
        if outcome.epochs_done != record.epochs_done:
            differences.append(f"it ended after epoch {outcome.epochs_done}, on record after {record.epochs_done}")
        if record.weights and weights != record.weights:
            differences.append("the final weights differ")
        return Verdict(number, outcome.epochs_done, tuple(differences), self._environment)


def trained_trials(run: RunRecord) -> list[int]:
    """Return the trials that have something to compare with."""
    return [record.number for record in run.history.values() if record.epochs_done]


def sampled_trials(run: RunRecord, count: int = SAMPLE) -> list[int]:
    """Return some of them, in order: the same ones whenever they are asked for."""
    trained = trained_trials(run)
    drawn = np.random.default_rng(int(run.start.get("seed", 0))).permutation(len(trained))[:count]
    return [trained[place] for place in sorted(drawn.tolist())]


def found_again(data: DataSettings, before: Path, now: Path) -> DataSettings:
    """Return the settings with the files that have moved along with the run's directory, from `before` to `now`.

    That they are the same data is for their fingerprint to say.
    """

    def found(given: Any) -> Any:
        if not isinstance(given, str) or not Path(given).is_absolute() or Path(given).exists():
            return given
        moved = Path(os.path.normpath(now.absolute() / os.path.relpath(given, before)))
        return str(moved) if moved.exists() else given

    return replace(data, source=found(data.source), validation=found(data.validation), test=found(data.test))


def _difference(name: str, recorded: Sequence[float], again: Sequence[float]) -> str:
    """Return where a curve first differs, and in how many epochs; nothing if it does not."""
    if not again:
        return f"{name}: is not measured any more"
    differing = [
        (epoch, old, new)
        for epoch, (old, new) in enumerate(zip(recorded, again, strict=False), 1)
        if old != new and (math.isfinite(old) or math.isfinite(new))  # the record has null for NaN and infinity
    ]
    if not differing:
        return ""
    epoch, old, new = differing[0]
    more = f", and {len(differing) - 1} later ones differ" if differing[1:] else ""
    return f"{name}: epoch {epoch} gave {new!r}, on record is {old!r}{more}"
