"""Batch-norm networks on a data set, as an objective.

A worker gets the data's settings and fingerprint and loads the data itself, once; a file that changed meanwhile is an
error, not another result. The population does the work: this file only translates between trials and networks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.dataset import Dataset, Part, load_dataset
from hpsearch.data.settings import DataSettings
from hpsearch.errors import DataError, RecordError, SettingError
from hpsearch.network.losses import SoftmaxCrossEntropy, SquaredError
from hpsearch.network.population import Population
from hpsearch.network.settings import NetworkSettings
from hpsearch.network.size import epoch_cost, parameter_count, population_bytes, population_size
from hpsearch.network.training import Examples, Member, Progress, Rows, advance, largest_batch, selected
from hpsearch.objectives.model import describe
from hpsearch.objectives.objective import Assessment, Confusion, Deadline
from hpsearch.seeds import Streams
from hpsearch.trial import Outcome, Params, State, Status, Trial

_loaded: deque[tuple[DataSettings, Dataset]] = deque(maxlen=2)
"""The data sets that this process loaded last. They are told apart by equality: settings hold lists, which have no hash."""


def dataset(settings: DataSettings, fingerprint: str = "") -> Dataset:
    """Load a data set; with a fingerprint, once per process, the very data that has it or a RecordError."""
    for known, data in tuple(_loaded):
        if data.fingerprint == fingerprint and known == settings:
            return data
    data = _load(settings, fingerprint)
    _loaded.append((settings, data))
    return data


def _load(settings: DataSettings, fingerprint: str) -> Dataset:
    try:
        data = load_dataset(settings)
    except (DataError, SettingError) as error:
        if fingerprint:
            moved = "if it has moved, its new path may be written into the run's resolved.yaml"
            raise RecordError(f"the data of the run cannot be read again: {error}", moved) from error
        raise
    if fingerprint and data.fingerprint != fingerprint:
        todo = "put back the rows that it was begun with, or search the new ones in a run of their own"
        raise RecordError(f"{settings.source}: the data has changed since the run began", todo)
    return data


def network_settings(fixed: NetworkSettings, params: Params) -> NetworkSettings:
    """Put a trial's hyperparameters in place of the fixed settings.

    `hidden_units_1`, `hidden_units_2`, ... of a `per: layer` parameter become the list of widths; a list of widths sets the
    number of layers.
    """
    changes: dict[str, Any] = {name: value for name, value in params.items() if not name.startswith("hidden_units_")}
    widths = [value for name, value in params.items() if name.startswith("hidden_units_")]
    if widths:
        changes["hidden_units"] = widths
    settings = replace(fixed, **changes)
    if isinstance(settings.hidden_units, list):
        return replace(settings, hidden_layers=len(settings.hidden_units))
    return settings


@dataclass(frozen=True)
class NetworkObjective:
    """Trials are networks: `fixed` settings with each trial's params in place, initial weights keyed by its number.

    In a repetition all streams are that repetition's, and every trial has the number 0: leaders that are compared begin
    with the same draws and see the same mini-batches.

    With `select_by`, the name of a curve, the epoch in which that was best counts, and its weights are kept; without it
    the last one does.
    """

    data: DataSettings
    fingerprint: str
    fixed: NetworkSettings
    streams: Streams
    select_by: str | None = None
    is_seeded: bool = field(default=True, init=False)
    resumable: bool = field(default=True, init=False)

    @property
    def metrics(self) -> tuple[str, ...]:
        """The names of the curves: those of the data's task."""
        return self._loss.curves

    def settings(self, params: Params) -> NetworkSettings:
        """Return the settings of a trial's network."""
        settings = network_settings(self.fixed, params)
        return replace(settings, batch_size=min(settings.batch_size, len(self._dataset.train.targets)))

    def group_key(self, params: Params) -> tuple[int, int]:
        """Return depth and batch size: what the networks of a population share."""
        settings = self.settings(params)
        return len(settings.widths), settings.batch_size

    def population_size(self, params: Params) -> int:
        """Return how many networks like this one train best side by side."""
        return population_size(self.settings(params), self._dataset.features, self._loss.outputs)

    def cost(self, params: Params) -> float:
        """Return the cost of an epoch, in multiplications."""
        data = self._dataset
        return epoch_cost(self.settings(params), data.features, self._loss.outputs, len(data.train.targets))

    def memory(self, trials: Sequence[Trial]) -> int:
        """Return the bytes of the trials' population."""
        settings = [self.settings(trial.params) for trial in trials]
        rows = len(self._dataset.train.targets)
        batch_rows = largest_batch(rows, settings[0].batch_size)
        best = self.select_by is not None
        return population_bytes(settings, self._dataset.features, self._loss.outputs, batch_rows, rows, best=best)

    def advance(
        self, trials: Sequence[Trial], states: Sequence[State | None], until_epoch: int, deadline: Deadline
    ) -> list[Outcome]:
        """Train the trials' networks as one population; each outcome's seconds are left to the caller's clock."""
        data = self._dataset
        repetition = trials[0].repetition
        members = [
            Member(self.settings(trial.params), 0 if repetition else trial.number, state)
            for trial, state in zip(trials, states, strict=True)
        ]
        train = Rows(data.train.inputs, data.train.targets, data.weights)
        examples = Examples(train, Rows(data.validation.inputs, data.validation.targets), self._loss)
        streams = self.streams.repetition(repetition)
        results = advance(members, examples, streams, until_epoch, deadline, self.select_by)
        return list(map(self._outcome, trials, members, results))

    def assess(self, params: Params, state: State) -> dict[str, Assessment]:
        """Judge a trained network on the validation part, with the bits of its curves, and on the test part."""
        data = self._dataset
        parts = {"validation": data.validation, "test": data.test}
        settings, rows = self.settings(params), len(data.train.targets)
        # As many rows at a time as in training: BLAS rounds the same shapes alike.
        population = Population([settings], data.features, self._loss, largest_batch(rows, settings.batch_size))
        population.restore([selected(state)])
        return {name: self._assessed(population, part) for name, part in parts.items() if part is not None}

    def model(self, params: Params, state: State) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Return a trained network as a plain description and named arrays, to be used without this package."""
        return describe(self.settings(params), self._dataset), selected(state)

    def _outcome(self, trial: Trial, member: Member, result: Progress) -> Outcome:
        status, reason = Status.WAITING, ""
        if result.diverged:
            status, reason = Status.DIVERGED, f"the loss was no longer a finite number in epoch {result.epochs_done}"
        elif result.epochs_done == self.fixed.epochs:
            status = Status.COMPLETE
        size = parameter_count(member.settings, self._dataset.features, self._loss.outputs)
        return Outcome(trial.number, result.epochs_done, result.curves, result.state, status, reason=reason, size=size)

    def _assessed(self, population: Population, part: Part) -> Assessment:
        scores = population.evaluate(part.inputs, part.targets)
        metrics = {name: float(values[0]) for name, values in scores.items()}
        labels, confusion = self._dataset.labels, None
        if labels:
            pairs = part.targets * len(labels) + population.predict(part.inputs)[0].argmax(axis=1)
            counts = np.bincount(pairs, minlength=len(labels) ** 2).reshape(len(labels), len(labels))
            confusion = Confusion(labels, tuple(map(tuple, counts.tolist())))
        return Assessment(metrics, len(part.targets), confusion)

    @property
    def _dataset(self) -> Dataset:
        return dataset(self.data, self.fingerprint)

    @property
    def _loss(self) -> SoftmaxCrossEntropy | SquaredError:
        data = self._dataset
        return SoftmaxCrossEntropy(data.classes) if data.task == "classification" else SquaredError(data.target_deviation)
