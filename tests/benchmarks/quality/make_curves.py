"""Makes `curves_*.npz`: trains networks with the package, and fits surfaces to their learning curves.

Run it in `tests/benchmarks` as `OPENBLAS_NUM_THREADS=1 python -m quality.make_curves`; it takes some minutes. Random
configurations are trained once each, some more often with other seeds. What they are trained on: see `curve_data.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import click
import numpy as np

from hpsearch.network.settings import NetworkSettings
from hpsearch.network.size import population_size
from hpsearch.network.training import Examples, Member, Progress, advance
from hpsearch.seeds import Streams
from hpsearch.space.parameters import Choice, Real, Whole
from hpsearch.space.search_space import Entry, SearchSpace
from quality.curve_data import DATASETS, examples_of
from quality.curves import ACTIVATIONS, BATCH_SIZES, EPOCHS, HERE, LAYERS, OPTIMIZERS, SPACE, features, logit, matern
from quality.objectives import Array, Classic

REPEATED = 24
REPETITIONS = 8
COMPONENTS = 5

TRAINED = SearchSpace(
    {
        "learning_rate": Entry(Real(1e-4, 1, "log")),
        "averaging": Entry(Real(0.5, 0.999, "1-beta")),
        "batch_size": Entry(Choice(BATCH_SIZES)),
        "hidden_units": Entry(Whole(8, 128, "log")),
        "hidden_layers": Entry(Whole(1, LAYERS)),
        "l2": Entry(Real(1e-6, 1e-1, "log")),
        "dropout": Entry(Real(0, 0.6)),
        "learning_rate_decay": Entry(Real(0, 1)),
        "batch_norm_momentum": Entry(Real(0.5, 0.999, "1-beta")),
        "optimizer": Entry(Choice(OPTIMIZERS)),
        "activation": Entry(Choice(ACTIVATIONS)),
    }
)
"""What is trained; its unit cube is that of the surface."""


@dataclass(frozen=True)
class Trained:
    """Learning curves (n, 27) of the configurations at points (n, 11), and of repetitions (configurations, seeds, 27)."""

    points: Array
    errors: Array
    repeated: Array


def settings_at(point: Sequence[float]) -> NetworkSettings:
    """Return the network at a point of the unit cube; the averaging is momentum's or Adam's, whichever is used."""
    params: dict[str, Any] = TRAINED.decode(point)
    averaging = params.pop("averaging")
    return NetworkSettings(epochs=EPOCHS, momentum=averaging, beta1=averaging, **params)


def train(points: Array, keys: Sequence[int], examples: Examples, seed: int) -> Array:
    """Train the networks at points (n, 11) and return their validation errors (n, 27), at the chance level once diverged."""
    members = [Member(settings_at(point), key) for point, key in zip(points.tolist(), keys, strict=True)]
    outputs = examples.loss.outputs
    chance = 1 - 1 / outputs
    curves = np.full((len(points), EPOCHS), chance)
    for number, places in enumerate(_populations(members, examples.features, outputs)):
        company = [members[place] for place in places]
        for place, progress in zip(places, advance(company, examples, Streams(seed, (number,)), EPOCHS), strict=True):
            curves[place] = _errors(progress, chance)
    return curves


def _populations(members: Sequence[Member], inputs: int, outputs: int) -> Iterator[list[int]]:
    """Yield the places of those that train side by side."""

    def group(place: int) -> tuple[int, int]:
        return len(members[place].settings.widths), members[place].settings.batch_size

    for _, alike in groupby(sorted(range(len(members)), key=group), key=group):
        places = list(alike)
        size = max(1, min(population_size(members[place].settings, inputs, outputs) for place in places))
        yield from (places[first : first + size] for first in range(0, len(places), size))


def _errors(progress: Progress, chance: float) -> Array:
    """Return an error for each epoch; a network that diverged guesses from there on."""
    errors = np.full(EPOCHS, chance)
    if not progress.diverged:
        errors[:] = progress.curves["validation_error"]
    return errors


def train_all(dataset: str, configurations: int) -> Trained:
    """Train all configurations once, and the first of them with other seeds."""
    examples = examples_of(dataset)
    points = np.random.default_rng(11).random((configurations, SPACE.dimensions))
    errors = train(points, range(configurations), examples, seed=0)
    some = points[:REPEATED]
    repeated = [train(some, range(REPEATED), examples, seed) for seed in range(1, REPETITIONS + 1)]
    return Trained(points, errors, np.stack(repeated, axis=1))


def fit(trained: Trained, rows_judged: int) -> dict[str, Array]:
    """Fit a surface: the arrays that `CurveSurface` reads."""
    rows = Classic("", [parameter.domain for parameter in SPACE.parameters], np.asarray).rows(trained.points)
    logits = bounded_logits(trained.errors, rows_judged)
    mean = logits.mean(axis=0)
    _, sizes, directions = np.linalg.svd(logits - mean, full_matrices=False)
    components = directions[:COMPONENTS]
    click.echo(f"share of the variance in {COMPONENTS} components: {(sizes**2)[:COMPONENTS].sum() / (sizes**2).sum():.4f}")
    processes = [fit_process(features(rows), (logits - mean) @ component) for component in components]
    lengths, weights, left_out = (np.array(part) for part in zip(*processes, strict=True))
    report_fit(logits[:, -1], mean[-1] + left_out.T @ components[:, -1])
    fitted = {"mean": mean, "components": components, "lengths": lengths, "weights": weights}
    small = {"rows": rows.astype(np.float32), **{name: array.astype(np.float32) for name, array in fitted.items()}}
    return small | noise(bounded_logits(trained.repeated, rows_judged))


def bounded_logits(errors: Array, rows_judged: int) -> Array:
    """Return the logits of errors, no row wrong counted as half a row."""
    return logit(np.clip(errors, 0.5 / rows_judged, 1 - 0.5 / rows_judged))


def fit_process(at: Array, targets: Array) -> tuple[Array, Array, Array]:
    """Fit a Gaussian process by marginal likelihood with a lengthscale for each coordinate.

    Returns the lengthscales (p,), the weights of the trained points (n,), and each point's mean when it is left out (n,).
    """
    from scipy.optimize import minimize

    some = np.random.default_rng(0).permutation(len(at))[:400]
    scale = targets.std()
    scaled = targets / scale

    def negative_evidence(logs: Array) -> float:
        """Minus the log marginal likelihood, the amplitude profiled out, with a weak prior on the lengthscales."""
        kernel = matern(at[some], at[some], np.exp(logs[:-1])) + np.exp(logs[-1]) * np.eye(len(some))
        lower = np.linalg.cholesky(kernel)
        whitened = np.linalg.solve(lower, scaled[some])
        evidence = -np.log(np.diag(lower)).sum() - len(some) / 2 * np.log(np.mean(whitened**2))
        return float(((logs[:-1] - 0.3) ** 2).sum() / 4 - evidence)

    width = at.shape[1]
    start = np.append(np.full(width, 0.3), -3.0)
    bounds = [(-2.5, 3.5)] * width + [(-9.0, 1.0)]
    found = minimize(negative_evidence, start, method="L-BFGS-B", bounds=bounds, options={"maxiter": 40}).x
    lengths = np.exp(found[:-1])
    inverse = np.linalg.inv(matern(at, at, lengths) + np.exp(found[-1]) * np.eye(len(at)))
    weights = inverse @ targets
    return lengths, weights, targets - weights / np.diag(inverse)


def report_fit(true: Array, left_out: Array) -> None:
    """Say how well points that were left out are told."""
    from scipy.stats import spearmanr

    best = true < np.quantile(true, 0.3)
    share = 1 - ((left_out - true) ** 2).mean() / true.var()
    ranks = spearmanr(left_out, true)[0], spearmanr(left_out[best], true[best])[0]
    click.echo(f"left out: R2 {share:.3f}, rank correlation {ranks[0]:.3f}, among the best 30 % {ranks[1]:.3f}")


def noise(logits: Array) -> dict[str, Array]:
    """Return the noise of repeated trainings (configurations, seeds, 27): what it deviates by, and how it moves.

    Of the correlation between epochs, what is left over nine or more of them is `kept` for the whole training; the rest
    falls with each epoch by the factor `persistence`. Configurations that learn nothing are left out.
    """
    learnt = np.median(error := logits[:, :, -1], axis=1) < np.quantile(error, 0.75)
    residuals = logits[learnt] - logits[learnt].mean(axis=1, keepdims=True)
    variances = (residuals**2).sum(axis=1) / (logits.shape[1] - 1)
    deviations = np.sqrt(np.median(variances, axis=0) * 1.1)  # the median of chi squared with 7 degrees lies at 0.907
    scaled = (residuals / np.sqrt(np.maximum(variances, 1e-12))[:, None]).reshape(-1, EPOCHS)
    correlations = np.corrcoef(scaled.T)
    lag = np.abs(np.subtract.outer(np.arange(EPOCHS), np.arange(EPOCHS)))
    kept = float(np.clip(correlations[lag >= 9].mean(), 0, 0.95))
    persistence = float(np.clip((correlations[lag == 1].mean() - kept) / (1 - kept), 0, 0.95))
    click.echo(
        f"noise in logits after 1, 9 and 27 epochs: {deviations[[0, 8, 26]].round(3)}, {kept=:.2f}, {persistence=:.2f}"
    )
    return {"deviations": deviations, "kept": np.array(kept), "persistence": np.array(persistence)}


@click.command()
@click.option("--configurations", default=750, show_default=True, type=click.IntRange(min=100))
@click.option("--directory", default=HERE, type=click.Path(path_type=Path, file_okay=False), help="Where the files go.")
@click.argument("datasets", nargs=-1, type=click.Choice(DATASETS))
def main(configurations: int, directory: Path, datasets: Sequence[str]) -> None:
    """Train, fit and write the surfaces of DATASETS, all of them unless some are named."""
    for dataset in datasets or DATASETS:
        trained = train_all(dataset, configurations)
        last = trained.errors[:, -1]
        quantiles = ", ".join(f"{np.quantile(last, share):.4f}" for share in (0, 0.01, 0.1, 0.5, 0.9))
        click.echo(f"{dataset}: final errors, quantiles 0, 0.01, 0.1, 0.5, 0.9: {quantiles}")
        arrays = fit(trained, len(examples_of(dataset).validation.targets))
        np.savez_compressed(directory / f"curves_{dataset}.npz", **arrays)  # type: ignore[arg-type]  # numpy's stub takes a bool among them


if __name__ == "__main__":
    main()
