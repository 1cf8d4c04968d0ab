"""Is the search good? Regrets of the package's searches and of others, on 20 objectives and on 10 that are held out."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from machine import THREADS, table

if TYPE_CHECKING:
    from quality.methods import Method
    from quality.objectives import Objective

RESULTS = click.option(
    "--results",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file of regrets; what is on it is not computed again.",
)
HALF = click.option("--half", type=click.Choice(["tuned", "held-out"]), default="tuned", show_default=True)
CONSTANT = click.option(
    "--constant", "constants", multiple=True, help="Change a constant of hpsearch/search, as in region.MOVED_SHARE=0.5."
)


def objectives_of(half: str) -> Sequence[Objective]:
    """Return the objectives of a half."""
    from quality import halves

    return halves.tuned() if half == "tuned" else halves.held_out()


def first_seed(half: str) -> int:
    """Return the first seed of a half."""
    from quality.halves import HELD_OUT_SEEDS

    return 0 if half == "tuned" else HELD_OUT_SEEDS


def change(constants: Sequence[str]) -> None:
    """Set constants of the package's searches, each given as module.NAME=VALUE."""
    import ast
    import importlib

    for constant in constants:
        place, _, value = constant.partition("=")
        module, _, name = place.rpartition(".")
        owner = importlib.import_module(f"hpsearch.search.{module}")
        if not hasattr(owner, name):
            raise click.UsageError(f"hpsearch.search.{module} has no constant {name}")
        setattr(owner, name, ast.literal_eval(value))


def missing_marks(file: Path, constants: Sequence[str]) -> Callable[[Objective, Method, int, Sequence[int]], list[int]]:
    """Return a function that tells which marks of a search are not on file."""
    from quality.results import Key, read

    known = {(result.key, result.objective_version, result.method_version) for result in read(file)}

    def missing(objective: Objective, method: Method, seed: int, marks: Sequence[int]) -> list[int]:
        versions = objective.version, method.version(constants)
        keys = {mark: Key(objective.name, method.name, seed, method.unit, mark) for mark in marks}
        return [mark for mark, key in keys.items() if (key, *versions) not in known]

    return missing


@click.group()
def main() -> None:
    """Judge the search. The regret of a search is 0 at the optimum and 1 at the median of random points."""
    os.environ.update(THREADS)


@main.command()
@RESULTS
@HALF
@click.option("--methods", required=True, help="Names with semicolons between them.")
@click.option(
    "--seeds", default=15, show_default=True, type=click.IntRange(min=1), help="How many, from the half's first on."
)
@click.option("--marks", default="", help="Budgets with commas between them; those of the tables unless given.")
@click.option("--only", default="", help="Objectives with this in their names.")
@CONSTANT
def run(results: Path, half: str, methods: str, seeds: int, marks: str, only: str, constants: Sequence[str]) -> None:
    """Search, and put the regrets on file: seed after seed, so that any part of it is a fair sample."""
    from quality import rivals
    from quality.methods import MARKS, METHODS
    from quality.results import Result, append

    rivals.quiet()
    change(constants)
    chosen = [METHODS[name.strip()] for name in methods.split(";")]
    objectives = [objective for objective in objectives_of(half) if only in objective.name]
    begun, count, missing = time.perf_counter(), 0, missing_marks(results, constants)
    seeds_of_half = range(first_seed(half), first_seed(half) + seeds)
    for seed, objective, method in itertools.product(seeds_of_half, objectives, chosen):
        wanted = [int(mark) for mark in marks.split(",") if mark] or MARKS[method.unit]
        left = missing(objective, method, seed, wanted) if method.suits(objective) else []
        if left:
            begin = time.perf_counter()
            regrets = method.run(objective, seed, left)
            whole = time.perf_counter() - begin, objective.version, method.version(constants)
            keys = ((objective.name, method.name, seed, method.unit, mark) for mark in regrets)
            append(results, [Result(*key, regret, *whole) for key, regret in zip(keys, regrets.values(), strict=True)])
            count += 1
    click.echo(f"{methods}: {count} searches in {time.perf_counter() - begun:.0f} s")


@main.command()
@RESULTS
@HALF
@click.option("--seeds", default=1000, show_default=True, type=click.IntRange(min=1), help="How many at most.")
@click.option("--by-objective", is_flag=True, help="Show the mean regret of each objective as well.")
@click.option("--code", help="A version of the package's searches that is on file, instead of the code as it is now.")
@CONSTANT
def report(results: Path, half: str, seeds: int, by_objective: bool, code: str | None, constants: Sequence[str]) -> None:
    """Print the tables of what is on file of a half."""
    from quality.methods import METHODS
    from quality.report import mean_regrets, own_versions, regrets, tables

    version = code or METHODS["coarse-to-fine"].version(constants)
    if version not in (on_file := own_versions(results)):
        raise click.UsageError(f"nothing is on file of {version}, the code as it is now; only of: {'; '.join(on_file)}")
    click.echo(f"The package's searches: {version}")
    found = regrets(results, objectives_of(half), range(first_seed(half), first_seed(half) + seeds), version)
    click.echo(f"\nThe {half} half\n")
    for rows in tables(found):
        click.echo(table(rows) + "\n")
    if by_objective:
        click.echo(table(mean_regrets(found)) + "\n")


@main.command()
@HALF
@click.option("--points", default=20, show_default=True, type=click.IntRange(min=1), help="How many of each objective.")
def check(half: str, points: int) -> None:
    """Check the objectives: values, observations, conditions, and the optimum on record."""
    from quality.checks import faults

    found = [fault for objective in objectives_of(half) for fault in faults(objective, points)]
    click.echo("\n".join(found) or f"all {len(objectives_of(half))} objectives are as they should be")
    raise SystemExit(bool(found))


@main.command()
@click.option("--seeds", default=20, show_default=True, type=click.IntRange(min=2))
@CONSTANT
def noise(seeds: int, constants: Sequence[str]) -> None:
    """Search where there is only noise: how far do the last 30 of 100 trials spread?"""
    from quality.figures import spread_in_noise

    change(constants)
    click.echo(f"spread of the last 30 of 100 trials, uniform = 1: {spread_in_noise(seeds)}")


@main.command()
@click.option("--seeds", default=20, show_default=True, type=click.IntRange(min=2))
@CONSTANT
def corner(seeds: int, constants: Sequence[str]) -> None:
    """Search for an optimum in a corner."""
    from quality.figures import median_in_corner

    change(constants)
    click.echo(f"median regret after 60 trials, optimum in a corner of 6 dimensions: {median_in_corner(seeds):.4f}")


@main.command()
@click.option("--trials", default="200,10000", show_default=True, help="Searches of so many trials.")
@CONSTANT
def price(trials: str, constants: Sequence[str]) -> None:
    """Time the search's own work, in 10 dimensions."""
    from quality.figures import own_seconds

    change(constants)
    rows = [["trials", "early stopping", "seconds", "ms per trial", "slowest stage, s"]]
    for count in map(int, trials.split(",")):
        for stopping in (False, True):
            seconds = own_seconds(count, stopping)
            figures = f"{sum(seconds):.2f}", f"{1000 * sum(seconds) / count:.2f}", f"{max(seconds):.2f}"
            rows.append([str(count), "on" if stopping else "off", *figures])
    click.echo(table(rows))


@main.command()
@click.option("--seeds", default=20, show_default=True, type=click.IntRange(min=2))
@CONSTANT
def confirm(seeds: int, constants: Sequence[str]) -> None:
    """Observe the five leaders of 100 trials three times more: how much better is the pick?"""
    from quality.figures import CONFIRMED, regret_among_leaders

    change(constants)
    objectives = [objective for objective in objectives_of("tuned") if objective.name in CONFIRMED]
    before, after = regret_among_leaders(objectives, seeds)
    click.echo(f"regret among the five leaders: {before} as they come, {after} by the mean with three fresh observations")


if __name__ == "__main__":
    main()
