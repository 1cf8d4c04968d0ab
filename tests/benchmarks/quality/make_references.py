"""Makes `references.json`: the optimum and the median of every objective that is no table.

Run it in `tests/benchmarks` as `python -m quality.make_references`. The median is that of 20,000 random points. The optimum
is known of the classics; of the other surfaces it is the best of a long search without noise: random points, then a walk
from the best of them with ever smaller steps.
"""

from __future__ import annotations

import json

import click
import numpy as np

from quality.halves import held_out_curves, held_out_formulas, tuned_curves, tuned_formulas
from quality.objectives import REFERENCES, Array, Objective

KNOWN = {
    "branin": 0.39788735772973816,
    "hartmann6": -3.322368011415515,
    "ackley5": 0.0,
    "rosenbrock4": 0.0,
    "levy8": 0.0,
    "michalewicz5": -4.687658179088148,
    "hartmann3 among ten": -3.862782147820756,
}
RANDOM_POINTS = 20_000
WALKERS = 50
STEPS = 400


def values_at(objective: Objective, points: Array) -> Array:
    """Return the values of points (n, d), some at a time."""
    parts = np.array_split(points, max(1, len(points) // 1000))
    return np.concatenate([objective.values(objective.rows(part)) for part in parts])


def least(objective: Objective, points: Array, values: Array, rng: np.random.Generator) -> float:
    """Walk on from the best of points, each coordinate now and then to anywhere, and return the least value seen."""
    best = np.argsort(values)[:WALKERS]
    walkers, found = points[best], values[best]
    for size in np.geomspace(0.3, 0.0005, STEPS):
        moved = rng.random(walkers.shape) < max(0.25, 1.5 / objective.space.dimensions)
        steps = np.clip(walkers + moved * rng.normal(0, size, walkers.shape), 0, 1)
        trials = np.where(rng.random(walkers.shape) < 0.05, rng.random(walkers.shape), steps)
        reached = values_at(objective, trials)
        better = reached < found
        walkers[better], found[better] = trials[better], reached[better]
    return float(found.min())


def reference(objective: Objective) -> dict[str, float]:
    """Return the optimum and the median of an objective."""
    rng = np.random.default_rng(11)
    points = rng.random((RANDOM_POINTS, objective.space.dimensions))
    values = values_at(objective, points)
    reached = least(objective, points, values, rng)
    click.echo(f"{objective.name}: median {np.median(values):.5f}, least {reached:.5f}, known {KNOWN.get(objective.name)}")
    return {"optimum": KNOWN.get(objective.name, reached), "median": float(np.median(values))}


@click.command()
def main() -> None:
    """Write the references of all objectives that are no tables."""
    objectives = [*tuned_formulas(), *held_out_formulas(), *tuned_curves(), *held_out_curves()]
    found = {objective.name: reference(objective) for objective in objectives}
    REFERENCES.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
