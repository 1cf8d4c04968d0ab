"""Batch-norm networks on a data set, as an objective.

A worker gets the data's settings and fingerprint and loads the data itself, once; a file that changed meanwhile is an
error, not another result. The population does the work: this file only translates between trials and networks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.dataset import Dataset, Part, load_dataset
from hpsearch.data.settings import DataSettings
from hpsearch.errors import DataError, RecordError
from hpsearch.network.activations import LEAK
from hpsearch.network.population import Population, parameter_count, population_bytes, population_size
from hpsearch.network.settings import NetworkSettings
from hpsearch.network.training import METRICS, Examples, Member, Rows, advance, largest_batch
from hpsearch.objectives.objective import Deadline
from hpsearch.seeds import Streams
from hpsearch.trial import Outcome, Params, State, Status, Trial

_EPOCHS = "training/epochs"
_loaded: dict[str, Dataset] = {}


def dataset(settings: DataSettings, fingerprint: str = "") -> Dataset:
    """Load a data set; with a fingerprint, once per process, the very data that has it or a RecordError."""
    if fingerprint in _loaded:
        return _loaded[fingerprint]
    try:
        data = load_dataset(settings)
    except DataError as error:
        if fingerprint:
            raise RecordError(f"the data of the run cannot be read again: {error}") from error
        raise
    if fingerprint and data.fingerprint != fingerprint:
        raise RecordError(f"{settings.source}: the data has changed since the run began")
    _loaded[data.fingerprint] = data
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
    """Trials are networks: `fixed` settings with each trial's params in place, initial weights keyed by its number."""

    data: DataSettings
    fingerprint: str
    fixed: NetworkSettings
    streams: Streams
    metrics: tuple[str, ...] = field(default=METRICS, init=False)
    resumable: bool = field(default=True, init=False)

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
        return population_size(self.settings(params))

    def cost(self, params: Params) -> float:
        """Return an epoch's multiplications, with a fixed price per mini-batch and layer for the passes around them."""
        settings = self.settings(params)
        rows = len(self._dataset.train.targets)
        weights = parameter_count(settings, self._dataset.features, self._dataset.classes)
        return 3.0 * rows * weights + 2e5 * rows / settings.batch_size * len(settings.widths)

    def memory(self, trials: Sequence[Trial]) -> int:
        """Return the bytes of the trials' population."""
        settings = [self.settings(trial.params) for trial in trials]
        data, rows = self._dataset, len(self._dataset.train.targets)
        return population_bytes(settings, data.features, data.classes, largest_batch(rows, settings[0].batch_size), rows)

    def advance(
        self, trials: Sequence[Trial], states: Sequence[State | None], until_epoch: int, deadline: Deadline
    ) -> list[Outcome]:
        """Train the trials' networks as one population; each outcome's seconds are left to the caller's clock."""
        data = self._dataset
        members = [
            Member(self.settings(trial.params), trial.number, state) for trial, state in zip(trials, states, strict=True)
        ]
        examples = Examples(_rows(data.train), _rows(data.validation), data.classes)
        epochs_done = int(states[0][_EPOCHS][0]) if states[0] is not None else 0
        results = advance(members, examples, self.streams, epochs_done, until_epoch, deadline)
        outcomes = []
        for trial, member, result in zip(trials, members, results, strict=True):
            state = None
            if result.state is not None:
                state = {**result.state, _EPOCHS: np.array([result.epochs_done])}
            status = Status.COMPLETE if result.epochs_done == self.fixed.epochs else Status.WAITING
            outcome = Outcome(
                trial.number,
                result.epochs_done,
                result.curves,
                state,
                Status.DIVERGED if result.diverged else status,
                reason=f"the loss was no longer a finite number in epoch {result.epochs_done}" if result.diverged else "",
                size=parameter_count(member.settings, data.features, data.classes),
            )
            outcomes.append(outcome)
        return outcomes

    def test(self, params: Params, state: State) -> dict[str, float]:
        """Score a trained network on the test part: `error`, `loss`, and the number of `rows`; empty without one."""
        data = self._dataset
        if data.test is None:
            return {}
        population = self._restored(params, state, len(data.test.targets))
        errors, losses = population.evaluate(data.test.inputs, data.test.targets)
        return {"error": float(errors[0]), "loss": float(losses[0]), "rows": len(data.test.targets)}

    def model(self, params: Params, state: State) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Return a trained network as a plain description and named arrays, to be used without this package."""
        data = self._dataset
        settings = self.settings(params)
        description = {
            "kind": "batch-norm network",
            "computation": (
                "a = encoded inputs; for each layer l: z = a @ weights_l; with batch norm z = gamma_l * (z - mean_l) / "
                "sqrt(variance_l + batch_norm_epsilon) + beta_l, without z = z + bias_l; a = activation(z), leaky_relu "
                "being max(z, leaky_relu_slope * z); then softmax(a @ weights_out + bias_out)"
            ),
            "leaky_relu_slope": LEAK,
            "settings": asdict(settings),
            "labels": list(data.labels),
            "inputs": data.preprocessing.to_plain(),
        }
        return description, {name: array for name, array in state.items() if not name.startswith("training/")}

    def _restored(self, params: Params, state: State, rows: int) -> Population:
        data = self._dataset
        population = Population([self.settings(params)], data.features, data.classes, min(rows, 256))
        population.restore([state])
        return population

    @property
    def _dataset(self) -> Dataset:
        return dataset(self.data, self.fingerprint)


def _rows(part: Part) -> Rows:
    return Rows(part.inputs, part.targets)
