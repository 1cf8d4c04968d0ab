"""Makes `references.json`: the optimum and the median of every objective that is no table.

Run it in `tests/benchmarks` as `OPENBLAS_NUM_THREADS=1 python -m quality.make_references`. The median is that of random
points. The optimum is known of the classics; of all others it is a stand-in, the best of a long search without noise: random
points, then a walk from the best of them with ever smaller steps. Models that have to be trained get a much shorter one,
which still takes minutes for each: a search may do slightly better than their optimum, and its regret is below 0 then.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import click
import numpy as np

from quality.halves import held_out, tuned
from quality.objectives import REFERENCES, Array, Objective
from quality.tables import Table

KNOWN = {
    "branin": 0.39788735772973816,
    "hartmann6": -3.322368011415515,
    "ackley5": 0.0,
    "rosenbrock4": 0.0,
    "levy8": 0.0,
    "michalewicz5": -4.687658179088148,
    "hartmann3 among ten": -3.862782147820756,
    "styblinski6": -234.99699422242522,
    "terraces": 0.05,
}


@dataclass(frozen=True)
class Effort:
    """How many random points, how many walkers from the best of them, how many steps of each, and the size of the last."""

    points: int
    walkers: int
    steps: int
    last: float


CHEAP, TRAINED = Effort(20_000, 50, 400, 0.0005), Effort(400, 10, 60, 0.02)


def values_at(objective: Objective, points: Array) -> Array:
    """Return the values of points (n, d), some at a time."""
    parts = np.array_split(points, max(1, len(points) // 1000))
    return np.concatenate([objective.values(objective.rows(part)) for part in parts])


def least(objective: Objective, points: Array, values: Array, effort: Effort, rng: np.random.Generator) -> float:
    """Walk on from the best of points, each coordinate now and then to anywhere, and return the least value seen."""
    best = np.argsort(values)[: effort.walkers]
    walkers, found = points[best], values[best]
    for size in np.geomspace(0.3, effort.last, effort.steps):
        moved = rng.random(walkers.shape) < max(0.25, 1.5 / objective.space.dimensions)
        steps = np.clip(walkers + moved * rng.normal(0, size, walkers.shape), 0, 1)
        trials = np.where(rng.random(walkers.shape) < 0.05, rng.random(walkers.shape), steps)
        reached = values_at(objective, trials)
        better = reached < found
        walkers[better], found[better] = trials[better], reached[better]
    return float(found.min())


def reference(objective: Objective) -> dict[str, float]:
    """Return the optimum and the median of an objective."""
    rng, effort = np.random.default_rng(11), CHEAP if objective.is_cheap else TRAINED
    points = rng.random((effort.points, objective.space.dimensions))
    values = values_at(objective, points)
    reached = least(objective, points, values, effort, rng)
    click.echo(f"{objective.name}: median {np.median(values):.5f}, least {reached:.5f}, known {KNOWN.get(objective.name)}")
    return {"optimum": KNOWN.get(objective.name, reached), "median": float(np.median(values))}


@click.command()
@click.argument("names", nargs=-1)
def main(names: Sequence[str]) -> None:
    """Write the references of all objectives that are no tables, or only of those with these NAMES."""
    objectives = [objective for objective in (*tuned(), *held_out()) if not isinstance(objective, Table)]
    known: dict[str, dict[str, float]] = json.loads(REFERENCES.read_text())
    for objective in objectives:
        if not names or objective.name in names:
            known[objective.name] = reference(objective)
    found = {objective.name: known[objective.name] for objective in objectives if objective.name in known}
    REFERENCES.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
