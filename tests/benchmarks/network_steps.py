"""How many training steps a second: the package, PyTorch, JAX, scikit-learn and bare matrix products, side by side.

One process, one core, one thread; the contestants take turns, so that a machine that slows down slows all of them.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import click
from machine import Contestant, alternate, describe, hold_one_thread, ratio, table

if TYPE_CHECKING:
    from contestants import Problem

    from hpsearch.network.settings import NetworkSettings

Ratio: TypeAlias = tuple[float, float, float]
"""The median over the rounds, the least, and the most."""

SHAPES: dict[str, tuple[tuple[int, ...], int]] = {  # sizes of the layers, rows of a mini-batch
    "E": ((30, 32, 32, 2), 32),
    "A": ((64, 64, 64, 10), 64),
    "B": ((30, 128, 128, 128, 2), 128),
    "C": ((784, 100, 100, 100, 10), 60),  # the MNIST experiment of Ioffe and Szegedy 2015
    "D": ((784, 512, 512, 10), 256),
}
POPULATIONS = (4, 16, 64)
WIDTHS = "equal widths", "random widths", "random widths by layer"
PACKAGES = ("hpsearch", "numpy", "torch", "scikit-learn", "jax", "jaxlib")

ONE, USUAL, FAST, SCIKIT, PRODUCTS = (
    "hpsearch, one network",
    "PyTorch, usual loop",
    "PyTorch, fused Adam, no DataLoader",
    "scikit-learn MLPClassifier (no batch norm: less work)",
    "matrix products alone, one network",
)


def line_up(problem: Problem, jax: bool) -> list[Contestant]:
    """Return all contestants on a shape."""
    import contestants as c

    picked = problem.picked
    found = [c.hpsearch_networks(ONE, problem, c.alike(problem, 1))]
    for networks in sorted({*POPULATIONS, picked}):
        for widths, settings in _widths(problem, networks):
            found.append(c.hpsearch_networks(f"hpsearch, {networks} of {widths}", problem, settings))
            searched = c.as_in_a_search(settings)
            found.append(c.hpsearch_networks(f"hpsearch, {networks} of {widths}, as in a search", problem, searched))
    for widths, settings in _widths(problem, picked):
        found.append(c.one_after_another(f"hpsearch, {picked} of {widths}, each alone", problem, settings))
        found.append(c.matrix_products(f"matrix products alone, {picked} of {widths}", problem, settings))
    found += [
        c.stacked_products(_stacked(picked), problem, picked),
        c.matrix_products(PRODUCTS, problem, c.alike(problem, 1)),
        c.pytorch_usual(USUAL, problem),
        c.pytorch_fast(FAST, problem),
        c.scikit_learn(SCIKIT, problem),
    ]
    if jax:
        found.append(c.jax_population(_jax(picked), problem, picked))
    return found


def _widths(problem: Problem, networks: int) -> list[tuple[str, list[NetworkSettings]]]:
    import contestants as c

    settings = c.alike(problem, networks), c.of_random_widths(problem, networks), c.of_random_widths(problem, networks, True)
    return list(zip(WIDTHS, settings, strict=True))


def _stacked(networks: int) -> str:
    return f"matrix products alone, {networks} of equal widths in one call each"


def _jax(networks: int) -> str:
    return f"JAX, jit of scan and vmap, {networks} of equal widths"


def targets(times: Mapping[str, Sequence[float]], picked: int) -> dict[str, Ratio]:
    """Return the five ratios that there are targets for, of a population as a search trains it."""
    equal, random = (f"hpsearch, {picked} of {widths} widths, as in a search" for widths in ("equal", "random"))
    return {
        f"{equal}: faster than one network": ratio(times, ONE, equal),
        f"{random}: faster than one network": ratio(times, ONE, random),
        f"{equal}: time over matrix products": ratio(times, equal, f"matrix products alone, {picked} of equal widths"),
        f"{equal}: faster than {USUAL}": ratio(times, USUAL, equal),
        f"{equal}: faster than {FAST}": ratio(times, FAST, equal),
    }


def ratios(times: Mapping[str, Sequence[float]], picked: int) -> dict[str, Ratio]:
    """Return how many times faster, or how many times the time: the targets' ratios first, then all others."""
    found = targets(times, picked)
    for widths in WIDTHS:
        for kind in ("", ", as in a search"):
            name = f"hpsearch, {picked} of {widths}{kind}"
            found[f"{name}: faster than one network"] = ratio(times, ONE, name)
            found[f"{name}: faster than each alone"] = ratio(times, f"hpsearch, {picked} of {widths}, each alone", name)
            found[f"{name}: time over matrix products"] = ratio(times, name, f"matrix products alone, {picked} of {widths}")
            found |= {f"{name}: faster than {rival}": ratio(times, rival, name) for rival in (USUAL, FAST)}
    searched = f"hpsearch, {picked} of equal widths, as in a search"
    found[f"{searched}: time over matrix products in one call each"] = ratio(times, searched, _stacked(picked))
    if _jax(picked) in times:
        found[f"{searched}: faster than JAX"] = ratio(times, _jax(picked), searched)
    found[f"{ONE}: time over matrix products"] = ratio(times, ONE, PRODUCTS)
    found |= {f"{ONE}: faster than {rival}": ratio(times, rival, ONE) for rival in (USUAL, FAST)}
    return found


def show(times: Mapping[str, Sequence[float]], found: Mapping[str, Ratio]) -> None:
    """Print a shape's two tables: the medians, and the ratios with their least and most over the rounds."""
    medians = {name: statistics.median(values) for name, values in times.items()}
    rows = [["contestant", "network-steps/s", "us/network-step", "x one network"]]
    for name, seconds in medians.items():
        rows.append([name, f"{1 / seconds:,.0f}", f"{seconds * 1e6:.1f}", f"{medians[ONE] / seconds:.2f}"])
    click.echo(table(rows) + "\n")
    ratio_rows = [[name, f"{middle:.2f}", f"{least:.2f}", f"{most:.2f}"] for name, (middle, least, most) in found.items()]
    click.echo(table([["ratio", "median", "least", "most"], *ratio_rows]) + "\n")


@click.command()
@click.option("--shapes", default=" ".join(SHAPES), show_default=True, help="Letters of the shapes: 'A E'.")
@click.option("--rounds", default=9, show_default=True, type=click.IntRange(min=1), help="Turns that each contestant takes.")
@click.option("--seconds", default=0.2, show_default=True, help="About how long a turn takes.")
@click.option("--quick", is_flag=True, help="Three short rounds, without JAX: to see that it works.")
@click.option("--json", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write all figures to a file as well.")
def main(shapes: str, rounds: int, seconds: float, quick: bool, file: Path | None) -> None:
    """Time training steps on five shapes of network."""
    wanted = shapes.replace(",", " ").split()
    if unknown := [shape for shape in wanted if shape not in SHAPES]:
        raise click.BadParameter(f"{unknown[0]}: the shapes are {' '.join(SHAPES)}", param_hint="--shapes")
    if quick:
        rounds, seconds = min(rounds, 3), min(seconds, 0.05)
    hold_one_thread()
    from contestants import Problem

    machine = describe(PACKAGES)
    click.echo("\n".join(f"{name}: {value}" for name, value in machine.items()) + "\n")
    results: dict[str, Any] = {}
    for shape in wanted:
        sizes, batch_size = SHAPES[shape]
        problem = Problem.seeded(sizes, batch_size)
        click.echo(f"{shape}: {'-'.join(map(str, sizes))}, batch {batch_size}, populations of {problem.picked} picked\n")
        times = alternate(line_up(problem, jax=not quick), rounds, seconds)
        found = ratios(times, problem.picked)
        show(times, found)
        results[shape] = {"picked": problem.picked, "seconds_per_network_step": times, "ratios": found}
    if file is not None:
        file.write_text(json.dumps({"machine": machine, "rounds": rounds, "shapes": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
