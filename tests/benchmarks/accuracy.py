"""Does the package's network learn as well as PyTorch's? The same initial weights, rows and mini-batches for both.

Random configurations on the embedded digits. Promised: the median validation accuracy within 0.5 points of PyTorch's, the
10 % quantile within 3.

PyTorch is used as people use it, with two translations so that both sides mean the same: its SGD adds up v = b v + g where
the course averages, so it gets alpha (1 - b); and its BatchNorm1d calls momentum the weight of the new value, so it gets
0.1 for 0.9. What stays different: its averages start at 0 and 1 and are not corrected for that, take every mini-batch for
the same whatever its rows, and hold the variance with the factor m / (m - 1). The third line corrects the start by hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import click
from machine import describe, hold_one_thread, table

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

    from hpsearch.network.settings import NetworkSettings
    from hpsearch.network.training import Examples, Rows
    from hpsearch.seeds import Streams

Array: TypeAlias = "NDArray[np.floating]"

PACKAGES = ("hpsearch", "numpy", "torch")
EPOCHS = 20
PROMISED = {0.5: 0.5, 0.1: 3.0}
"""The most that a quantile of the accuracies may differ by, in points."""


@dataclass(frozen=True)
class Contest:
    """The data, the streams, and the configurations: what both sides get."""

    examples: Examples
    streams: Streams
    settings: Sequence[NetworkSettings]


def contest(configurations: int, seed: int) -> Contest:
    """Load the digits and draw configurations, those of one depth and batch size side by side."""
    from hpsearch.data.dataset import load_dataset
    from hpsearch.data.settings import DataSettings
    from hpsearch.network.losses import SoftmaxCrossEntropy
    from hpsearch.network.training import Examples, Rows
    from hpsearch.seeds import Streams

    data = load_dataset(DataSettings(source="digits", validation=0.2, test=0.2, split_seed=0))
    train, validation = (Rows(part.inputs, part.targets) for part in (data.train, data.validation))
    drawn = sorted(random_settings(configurations, seed), key=_group)
    return Contest(Examples(train, validation, SoftmaxCrossEntropy(data.classes)), Streams(seed), drawn)


def random_settings(count: int, seed: int) -> Iterator[NetworkSettings]:
    """Draw what a search would draw."""
    import numpy as np

    from hpsearch.network.settings import NetworkSettings

    rng = np.random.default_rng(seed)
    for _ in range(count):
        yield NetworkSettings(
            epochs=EPOCHS,
            learning_rate=float(10 ** rng.uniform(-4, -1)),
            optimizer="adam" if rng.random() < 0.5 else "momentum",
            momentum=float(1 - 10 ** rng.uniform(-2, -0.7)),
            beta1=float(1 - 10 ** rng.uniform(-2, -0.7)),
            hidden_layers=int(rng.integers(1, 4)),
            hidden_units=int(2 ** rng.uniform(4, 7)),
            batch_size=int(rng.choice([32, 64, 128])),
            batch_norm="before" if rng.random() < 0.75 else "off",
        )


def _group(settings: NetworkSettings) -> tuple[int, int]:
    return settings.hidden_layers, settings.batch_size


def of_the_package(contest: Contest) -> list[float]:
    """Return the validation accuracy of each configuration after the last epoch; 0 where it diverged."""
    from hpsearch.network.training import Member, advance

    members = [Member(settings, key) for key, settings in enumerate(contest.settings)]
    results = [
        progress
        for _, alike in groupby(members, key=lambda member: _group(member.settings))
        for progress in advance(list(alike), contest.examples, contest.streams, EPOCHS)
    ]
    return [0.0 if result.diverged else 1 - result.curves["validation_error"][-1] for result in results]


def of_pytorch(contest: Contest) -> tuple[list[float], list[float]]:
    """Return the validation accuracies, as PyTorch has them and with the averages' start corrected."""
    pairs = [train_in_pytorch(contest, settings, key) for key, settings in enumerate(contest.settings)]
    plain, corrected = zip(*pairs, strict=True)
    return list(plain), list(corrected)


def train_in_pytorch(contest: Contest, settings: NetworkSettings, key: int) -> tuple[float, float]:
    """Train one configuration from the package's initial weights on the package's mini-batches."""
    import torch

    from hpsearch.network.training import mini_batches
    from hpsearch.seeds import Purpose

    x, y = _tensors(contest.examples.train)
    model = pytorch_model(settings, initial_state(contest, settings, key))
    optimizer, loss_function = pytorch_optimizer(settings, model), torch.nn.CrossEntropyLoss()
    for epoch in range(EPOCHS):
        order = contest.streams.generator(Purpose.BATCHES, epoch).permutation(len(y))
        for batch in mini_batches(len(y), settings.batch_size):
            rows = torch.from_numpy(order[batch])
            optimizer.zero_grad()
            loss = loss_function(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            if not loss.isfinite():
                return 0.0, 0.0
    plain = accuracy_of(model, contest)
    correct_averages(model)
    return plain, accuracy_of(model, contest)


def initial_state(contest: Contest, settings: NetworkSettings, key: int) -> dict[str, Array]:
    """Return the arrays that the package starts from."""
    from hpsearch.network.population import Population

    population = Population([settings], contest.examples.features, contest.examples.loss, settings.batch_size)
    population.initialise(contest.streams, [key])
    return population.state(0)


def pytorch_model(settings: NetworkSettings, state: dict[str, Array]) -> torch.nn.Sequential:
    """Return the network as PyTorch modules with these weights."""
    import torch
    from torch import nn

    modules: list[nn.Module] = []
    for layer in range(1, settings.hidden_layers + 1):
        weights, norm = state[f"weights_{layer}"], settings.batch_norm != "off"
        modules.append(_linear(weights, None if norm else state[f"bias_{layer}"]))
        if norm:
            momentum, epsilon = 1 - settings.batch_norm_momentum, settings.batch_norm_epsilon
            modules.append(nn.BatchNorm1d(weights.shape[1], momentum=momentum, eps=epsilon))
        modules.append(nn.ReLU())
    torch.set_num_threads(1)
    return nn.Sequential(*modules, _linear(state["weights_out"], state["bias_out"]))


def _linear(weights: Array, bias: Array | None) -> torch.nn.Linear:
    import torch

    linear = torch.nn.Linear(*weights.shape, bias=bias is not None)
    with torch.no_grad():
        linear.weight.copy_(torch.from_numpy(weights.T.copy()))
        if bias is not None:
            linear.bias.copy_(torch.from_numpy(bias))
    return linear


def pytorch_optimizer(settings: NetworkSettings, model: torch.nn.Module) -> torch.optim.Optimizer:
    """Return PyTorch's optimizer for the same formulas."""
    import torch

    if settings.optimizer == "adam":
        betas = (settings.beta1, settings.beta2)
        return torch.optim.Adam(model.parameters(), lr=settings.learning_rate, betas=betas, eps=settings.epsilon)
    learning_rate = settings.learning_rate * (1 - settings.momentum)
    return torch.optim.SGD(model.parameters(), lr=learning_rate, momentum=settings.momentum)


def correct_averages(model: torch.nn.Sequential) -> None:
    """Take out what the averages still hold of the 0 and the 1 that they started from."""
    import torch

    for module in model:
        if isinstance(module, torch.nn.BatchNorm1d):
            start = (1 - module.momentum) ** int(module.num_batches_tracked)
            module.running_mean /= 1 - start
            module.running_var.sub_(start).div_(1 - start)


def accuracy_of(model: torch.nn.Module, contest: Contest) -> float:
    """Return the share of validation rows that are read right, at test time."""
    import torch

    x, y = _tensors(contest.examples.validation)
    model.eval()
    with torch.no_grad():
        return float((model(x).argmax(1) == y).double().mean())


def _tensors(rows: Rows) -> tuple[torch.Tensor, torch.Tensor]:
    import torch

    return torch.from_numpy(rows.inputs.copy()), torch.from_numpy(rows.targets.copy())


def differences(own: Sequence[float], other: Sequence[float]) -> dict[float, float]:
    """Return how many points the package's quantiles lie above the other's."""
    import numpy as np

    return {share: 100 * float(np.quantile(own, share) - np.quantile(other, share)) for share in PROMISED}


def show(accuracies: dict[str, list[float]], promised: dict[float, float]) -> None:
    """Print the quantiles, the pairs' differences, and whether the promise holds."""
    import numpy as np

    own = np.array(accuracies["hpsearch"])
    rows = [["% of validation rows", "10 % quantile", "median", "mean", "best", "pairs' mean difference", "pairs' largest"]]
    for name, values in accuracies.items():
        quantiles = [f"{100 * np.quantile(values, share):.2f}" for share in (0.1, 0.5)]
        gaps = 100 * (own - np.array(values))
        ends = [f"{100 * np.mean(values):.2f}", f"{100 * np.max(values):.2f}", f"{gaps.mean():+.2f}"]
        rows.append([name, *quantiles, *ends, f"{np.abs(gaps).max():.2f}"])
    click.echo(table(rows) + "\n")
    for share, points in promised.items():
        verdict = "held" if abs(points) <= PROMISED[share] else "BROKEN"
        click.echo(f"quantile {share}: hpsearch {points:+.2f} points from PyTorch, promised {PROMISED[share]}: {verdict}")


@click.command()
@click.option("--configurations", default=60, show_default=True, type=click.IntRange(min=2))
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0))
@click.option("--json", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write all figures to a file as well.")
def main(configurations: int, seed: int, file: Path | None) -> None:
    """Compare validation accuracies with PyTorch's; exit with 1 when the promise is broken."""
    hold_one_thread()
    machine = describe(PACKAGES)
    click.echo("\n".join(f"{name}: {value}" for name, value in machine.items()))
    click.echo(f"\n{configurations} random configurations on digits, {EPOCHS} epochs\n")
    both = contest(configurations, seed)
    plain, corrected = of_pytorch(both)
    accuracies = {
        "hpsearch": of_the_package(both),
        "PyTorch": plain,
        "PyTorch, averages corrected": corrected,
    }
    promised = differences(accuracies["hpsearch"], plain)
    show(accuracies, promised)
    if file is not None:
        settings = [asdict(s) for s in both.settings]
        file.write_text(json.dumps({"machine": machine, "settings": settings, "accuracies": accuracies}, indent=1) + "\n")
    if any(abs(points) > PROMISED[share] for share, points in promised.items()):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
