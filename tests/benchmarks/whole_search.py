"""Does a whole search, as shipped, find better networks than random search that trains as many epochs?

Two data sets: the embedded digits, and a hard one: 300 training rows of them, of which 15 % have a wrong label. One side
is coarse to fine with early stopping and its confirmation, all defaults; the other random search in which every trial is
trained to the end, with as many trials as the first side's epochs pay for. Each seed has a split, and streams, of its own;
both sides have the same. The winner of each is retrained with fresh seeds, and judged by its mean error on validation and
test rows together.
"""

from __future__ import annotations

import math
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from machine import describe, table

if TYPE_CHECKING:
    from hpsearch.study.study_spec import StudySpec
    from hpsearch.trial import Trial

CONFIG = Path(__file__).parents[2] / "configs" / "digits.yaml"
RETRAININGS = 5
FIRST_RETRAINING = 100
"""Repetitions from here on: no confirmation has used their seeds."""

TRAINING_ROWS, WRONG_LABELS = 300, 0.15


@dataclass(frozen=True)
class Pair:
    """The winners' errors of the two searches of a seed, and the epochs that each trained."""

    ours: float
    random: float
    our_epochs: int
    random_epochs: int


def study_of(dataset: str, seed: int, trials: int, directory: Path) -> StudySpec:
    """Return the study of a data set whose split and streams belong to a seed."""
    from hpsearch.spec.load import read_spec

    source = [] if dataset == "digits" else hard_digits(seed, directory)
    settings = [f"seed={seed}", f"data.split_seed={seed}", f"search.trials={trials}", *source]
    return read_spec(CONFIG, settings).study


def hard_digits(seed: int, directory: Path) -> list[str]:
    """Write a hard split of the digits as three files; return the settings that name them."""
    import numpy as np

    from hpsearch.data.dataset import load_dataset
    from hpsearch.data.settings import DataSettings

    data = load_dataset(DataSettings(source="digits", validation=0.4, test=0.4, split_seed=seed))
    rng = np.random.default_rng(seed)
    parts = {"train": data.train, "validation": data.validation, "test": data.test}
    for name, part in parts.items():
        assert part is not None
        inputs, labels = part.inputs, part.targets.astype(int)
        if name == "train":
            inputs, labels = inputs[:TRAINING_ROWS], labels[:TRAINING_ROWS]
            wrong = rng.permutation(TRAINING_ROWS) < round(WRONG_LABELS * TRAINING_ROWS)
            labels = np.where(wrong, (labels + rng.integers(1, 10, TRAINING_ROWS)) % 10, labels)
        np.savez(directory / f"{name}-{seed}.npz", x=inputs, y=labels)
    files = {"source": "train", "validation": "validation", "test": "test"}
    return [f"data.{key}={directory / f'{name}-{seed}.npz'}" for key, name in files.items()]


def searched(study: StudySpec, directory: Path, jobs: int) -> tuple[float, int]:
    """Search; return the winner's mean error over fresh seeds, and the epochs that were trained."""
    from hpsearch.study.session import run_study
    from hpsearch.study.subject import subject_of

    subject = subject_of(study)
    _, run = run_study(subject, {}, directory / "runs", jobs)
    epochs = sum(record.epochs_done for record in (*run.history.values(), *run.repetitions.values()))
    assert run.winner is not None
    return retrained(study, run.winner.trial), epochs


def retrained(study: StudySpec, winner: Trial) -> float:
    """Return the mean error of a trial's params on validation and test rows, trained with fresh seeds."""
    from hpsearch.study.dispatch import one_blas_thread
    from hpsearch.study.subject import subject_of

    objective = subject_of(study).objective
    errors = []
    with one_blas_thread():
        for repetition in range(FIRST_RETRAINING, FIRST_RETRAINING + RETRAININGS):
            trial = replace(winner, repetition=repetition)
            (outcome,) = objective.advance([trial], [None], study.epochs, lambda: False)
            if outcome.state is None:
                errors.append(1.0)
                continue
            parts = objective.assess(trial.params, outcome.state).values()
            errors.append(sum(part.metrics["error"] * part.rows for part in parts) / sum(part.rows for part in parts))
    return statistics.fmean(errors)


def pair(dataset: str, seed: int, trials: int, jobs: int) -> Pair:
    """Search both ways."""
    from hpsearch.search.settings import Confirm

    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        study = study_of(dataset, seed, trials, directory)
        ours, epochs = searched(study, directory, jobs)
        # As many full trainings as the other side's epochs pay for, rounded up: random search gets what is over.
        search = replace(
            study.search,
            method="random",
            early_stopping="off",
            trials=-(-epochs // study.epochs),
            confirm=Confirm(leaders=0),
        )
        random, random_epochs = searched(replace(study, search=search), directory, jobs)
    return Pair(ours, random, epochs, random_epochs)


def sign_test(pairs: Sequence[Pair]) -> tuple[int, int, float]:
    """Return the wins, the losses, and the two-sided probability of at least so uneven a result between equals."""
    wins, losses = sum(p.ours < p.random for p in pairs), sum(p.ours > p.random for p in pairs)
    n, k = wins + losses, max(wins, losses)
    tail = sum(math.comb(n, i) for i in range(k, n + 1)) / 2**n
    return wins, losses, min(1.0, 2 * tail)


@click.command()
@click.option("--seeds", default=20, show_default=True, type=click.IntRange(min=1))
@click.option("--trials", default=60, show_default=True, type=click.IntRange(min=1), help="Of coarse to fine.")
@click.option("--jobs", default=2, show_default=True, type=click.IntRange(min=1))
def main(seeds: int, trials: int, jobs: int) -> None:
    """Search both data sets both ways with each seed, and print errors, epochs and the sign test."""
    click.echo(", ".join(f"{name} {value}" for name, value in describe(["hpsearch", "numpy"]).items()) + "\n")
    rows = [["data", "coarse to fine", "random", "difference", "epochs", "wins", "losses", "p (sign test)"]]
    for dataset in ("digits", "hard digits"):
        pairs = [pair(dataset, seed, trials, jobs) for seed in range(seeds)]
        wins, losses, p = sign_test(pairs)
        differences = [found.random - found.ours for found in pairs]
        error = statistics.stdev(differences) / math.sqrt(seeds) if seeds > 1 else math.nan
        ours, random = (statistics.fmean(values) for values in zip(*((p.ours, p.random) for p in pairs), strict=True))
        epochs = " / ".join(
            f"{statistics.fmean(v):.0f}" for v in zip(*((p.our_epochs, p.random_epochs) for p in pairs), strict=True)
        )
        difference = f"{100 * statistics.fmean(differences):.2f} ± {100 * error:.2f}"
        rows.append(
            [dataset, f"{100 * ours:.2f} %", f"{100 * random:.2f} %", difference, epochs, str(wins), str(losses), f"{p:.2g}"]
        )
    click.echo(table(rows))


if __name__ == "__main__":
    main()
