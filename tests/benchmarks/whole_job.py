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
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import click
from journal_figures import Figures, figures
from machine import describe, table
from measure import Price, peak_memory, timed

HERE = Path(__file__).parent
DIGITS_SPEC = HERE.parent.parent / "configs" / "digits.yaml"
PACKAGES = ("hpsearch", "numpy", "joblib", "torch", "optuna", "scikit-learn", "psutil")
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONWARNINGS": "ignore",  # of scikit-learn's workers: that 20 epochs are few
}
JOBS = 2

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
    prices: list[Price] = field(default_factory=list)
    memory: dict[str, float] = field(default_factory=dict)


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
        Tool("hpsearch run", lambda directory: hpsearch_command(spec, directory)),
        Tool("Optuna + PyTorch", lambda _: [sys.executable, str(HERE / "rivals" / "optuna_torch.py"), *numbers]),
        Tool(
            "scikit-learn (no batch norm: less work)",
            lambda _: [sys.executable, str(HERE / "rivals" / "scikit_search.py"), *numbers],
        ),
    ]


def in_empty_directory(home: Path, tool: Tool, run: Callable[..., Any]) -> Any:
    """Run a tool's command where nothing lies yet; print the end of its output when it fails."""
    with tempfile.TemporaryDirectory(dir=home) as name:
        directory = Path(name)
        try:
            return run(tool.command(directory), directory, ONE_THREAD)
        except Exception:
            click.echo((directory / "output.txt").read_text()[-3000:], err=True)
            raise


def compare(contestants: list[Tool], home: Path, rounds: int) -> None:
    """Let the tools take turns, every other round backwards; then run each once more to see its memory."""
    for number in range(rounds):
        for tool in contestants if number % 2 == 0 else reversed(contestants):
            tool.prices.append(in_empty_directory(home, tool, timed))
    for tool in contestants:
        tool.memory.update(in_empty_directory(home, tool, peak_memory))


def show(contestants: list[Tool], trials: int) -> None:
    """Print the medians, and how many times more trials a second the package does."""
    head = ["tool", "trials/s", "least", "most", "CPU s/trial", "peak MB: PSS", "USS", "RSS", "hpsearch is faster by"]
    rows = [head]
    for tool in contestants:
        walls = [price.wall for price in tool.prices]
        cpu = statistics.median(price.cpu for price in tool.prices) / trials
        faster = statistics.median(
            other.wall / own.wall for other, own in zip(tool.prices, contestants[0].prices, strict=True)
        )
        speeds = [f"{trials / wall:.2f}" for wall in (statistics.median(walls), max(walls), min(walls))]
        memory = [f"{tool.memory[kind]:.0f}" for kind in ("pss", "uss", "rss")]
        rows.append([tool.name, *speeds, f"{cpu:.4f}", *memory, f"{faster:.2f}"])
    click.echo(table(rows))
    click.echo("\nSums over the process tree, sampled every 50 ms, in a run that was not timed.\n")


def shipped_digits(home: Path, rounds: int) -> list[Figures]:
    """Run the shipped digits search as it is, with two jobs, and return what its record tells of each run."""
    found = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(dir=home) as name:
            directory = Path(name)
            timed(hpsearch_command(DIGITS_SPEC, directory), directory, ONE_THREAD)
            result = json.loads((directory / "output.txt").read_text().splitlines()[-1])
            found.append(figures(next((directory / "runs").glob("*/journal.jsonl")), result["seconds"], JOBS))
    return found


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
    os.environ.update(ONE_THREAD)
    machine = describe(PACKAGES)
    click.echo("\n".join(f"{name}: {value}" for name, value in machine.items()))
    click.echo(f"\n{trials} trials of {epochs} epochs, {JOBS} workers, median of {rounds}\n")
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        contestants = tools(home, trials, epochs)
        compare(contestants, home, rounds)
        show(contestants, trials)
        found = shipped_digits(home, rounds)
        show_shipped(found)
    if file is not None:
        results = {t.name: {"prices": [asdict(p) for p in t.prices], "peak_memory_mb": t.memory} for t in contestants}
        digits = [asdict(one) for one in found]
        record = {"machine": machine, "trials": trials, "epochs": epochs, "tools": results, "shipped_digits": digits}
        file.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
