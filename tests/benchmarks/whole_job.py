"""A whole search, the start of the process included: the package, Optuna with PyTorch, and scikit-learn, side by side.

200 random trials on the embedded digits, 20 epochs each, mini-batches of 64, two hidden layers of 64, Adam, the learning
rate log-uniform between 0.0001 and 0.1, two workers with one thread each. All learn the same rows.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
from journal_figures import Figures, figures
from machine import THREADS, describe, table
from measure import Price, peak_memory, timed

HERE = Path(__file__).parent
DIGITS_SPEC = HERE.parent.parent / "configs" / "digits.yaml"
PACKAGES = ("hpsearch", "numpy", "joblib", "torch", "optuna", "scikit-learn", "psutil")
ENVIRONMENT = {**THREADS, "PYTHONWARNINGS": "ignore"}  # of scikit-learn's workers: that 20 epochs are few
JOBS = 2
OWN = "hpsearch run"

SPEC = """\
name: whole-job
data: {{source: digits, validation: 0.2, test: 0.2, split_seed: 0}}
network: {{epochs: {epochs}, batch_size: 64, hidden_layers: 2, hidden_units: 64, optimizer: adam, batch_norm: before}}
space:
  learning_rate: {{range: [1e-4, 1e-1], scale: log}}
search: {{method: random, trials: {trials}}}
"""


@dataclass(frozen=True)
class Tool:
    """A way to do the job: `command` gets an empty directory and returns what to run there."""

    name: str
    command: Callable[[Path], list[str]]


@dataclass(frozen=True)
class Result:
    """What the job cost a tool: the price of each round, and the peaks of its memory in MB by kind."""

    prices: Sequence[Price]
    peak_memory_mb: Mapping[str, float]


def save_digits(file: Path) -> None:
    """Write the rows that the package trains on, as it prepares them, for the others."""
    import numpy as np

    from hpsearch.data.dataset import load_dataset
    from hpsearch.data.settings import DataSettings

    data = load_dataset(DataSettings(source="digits", validation=0.2, test=0.2, split_seed=0))
    parts = {"": data.train, "_validation": data.validation}
    arrays: dict[str, Any] = {f"x{suffix}": part.inputs for suffix, part in parts.items()}
    arrays |= {f"y{suffix}": part.targets for suffix, part in parts.items()}
    np.savez(file, **arrays)


def hpsearch_command(spec: Path, directory: Path) -> list[str]:
    """Return the package's command for a spec, with its runs in a directory of its own."""
    program = Path(sys.executable).with_name("hpsearch")
    return [str(program), "run", str(spec), "--jobs", str(JOBS), "--runs-dir", str(directory / "runs"), "--json", "--quiet"]


def tools(home: Path, trials: int, epochs: int) -> list[Tool]:
    """Return the three, with what they share written into `home`."""
    spec, data = home / "whole-job.yaml", home / "digits.npz"
    spec.write_text(SPEC.format(epochs=epochs, trials=trials))
    save_digits(data)
    numbers = [str(data), str(trials), str(epochs)]
    return [
        Tool(OWN, lambda directory: hpsearch_command(spec, directory)),
        Tool("Optuna + PyTorch", lambda _: [sys.executable, str(HERE / "rivals" / "optuna_torch.py"), *numbers]),
        Tool(
            "scikit-learn (no batch norm: less work)",
            lambda _: [sys.executable, str(HERE / "rivals" / "scikit_search.py"), *numbers],
        ),
    ]


@contextmanager
def empty_directory(home: Path) -> Iterator[Path]:
    """Give a directory in which nothing lies, for one command, and delete it afterwards."""
    with tempfile.TemporaryDirectory(dir=home) as name:
        yield Path(name)


def price_of(tool: Tool, home: Path) -> Price:
    """Time a tool's command."""
    with empty_directory(home) as directory:
        return timed(tool.command(directory), directory)


def memory_of(tool: Tool, home: Path) -> dict[str, float]:
    """Return the peaks of a tool's memory in MB, in a run of its own."""
    with empty_directory(home) as directory:
        return peak_memory(tool.command(directory), directory)


def compare(contestants: Sequence[Tool], home: Path, rounds: int) -> dict[str, Result]:
    """Let the tools take turns, every other round backwards; then run each once more to see its memory."""
    prices: dict[str, list[Price]] = {tool.name: [] for tool in contestants}
    for number in range(rounds):
        for tool in contestants if number % 2 == 0 else reversed(contestants):
            prices[tool.name].append(price_of(tool, home))
    return {tool.name: Result(prices[tool.name], memory_of(tool, home)) for tool in contestants}


def show(results: Mapping[str, Result], trials: int) -> None:
    """Print the medians, and how many times more trials a second the package does."""
    own = results[OWN].prices
    rows = [["tool", "trials/s", "least", "most", "CPU s/trial", "PSS MB", "USS MB", "RSS MB", "hpsearch faster"]]
    for name, result in results.items():
        walls = [price.wall for price in result.prices]
        cpu = statistics.median(price.cpu for price in result.prices) / trials
        faster = statistics.median(other.wall / mine.wall for other, mine in zip(result.prices, own, strict=True))
        speeds = [f"{trials / wall:.2f}" for wall in (statistics.median(walls), max(walls), min(walls))]
        memory = [f"{result.peak_memory_mb[kind]:.0f}" for kind in ("pss", "uss", "rss")]
        rows.append([name, *speeds, f"{cpu:.4f}", *memory, f"{faster:.2f}"])
    click.echo(table(rows))
    click.echo("\nMemory: peaks of sums over the process tree, sampled every 50 ms, in a run that was not timed.\n")


def shipped_digits(home: Path, rounds: int) -> list[Figures]:
    """Run the shipped digits search as it is, with two jobs, and return what its record tells of each run."""
    return [shipped_figures(home) for _ in range(rounds)]


def shipped_figures(home: Path) -> Figures:
    """Run the shipped search once."""
    with empty_directory(home) as directory:
        timed(hpsearch_command(DIGITS_SPEC, directory), directory)
        result = json.loads((directory / "output.txt").read_text().splitlines()[-1])
        return figures(next((directory / "runs").glob("*/journal.jsonl")), result["seconds"], JOBS)


def show_shipped(found: list[Figures]) -> None:
    """Print the medians of the shipped search."""
    click.echo(f"configs/{DIGITS_SPEC.name} as it is, {JOBS} jobs, median of {len(found)}:")
    for name, value in median_figures(found).items():
        click.echo(f"  {name.replace('_', ' ')}: {value:.3g}")


def median_figures(found: list[Figures]) -> dict[str, float]:
    """Return the median of each figure."""
    return {name: statistics.median(asdict(one)[name] for one in found) for name in asdict(found[0])}


@click.command()
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(min=1), help="Turns that each tool takes.")
@click.option("--trials", default=200, show_default=True, type=click.IntRange(min=2), help="Trials of a search.")
@click.option("--epochs", default=20, show_default=True, type=click.IntRange(min=1), help="Epochs of a trial.")
@click.option("--json", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write all figures to a file as well.")
def main(rounds: int, trials: int, epochs: int, file: Path | None) -> None:
    """Time whole searches, and look into the shipped one."""
    os.environ.update(ENVIRONMENT)
    machine = describe(PACKAGES)
    click.echo("\n".join(f"{name}: {value}" for name, value in machine.items()))
    click.echo(f"\n{trials} trials of {epochs} epochs, {JOBS} workers, median of {rounds}\n")
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        results = compare(tools(home, trials, epochs), home, rounds)
        show(results, trials)
        found = shipped_digits(home, rounds)
        show_shipped(found)
    if file is not None:
        record = {
            "machine": machine,
            "trials": trials,
            "epochs": epochs,
            "tools": {name: asdict(result) for name, result in results.items()},
            "shipped_digits": [asdict(one) for one in found],
        }
        file.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
