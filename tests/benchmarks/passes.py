"""The choices inside a training step, each beside what it was chosen over, in microseconds."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import click
from machine import Contestant, alternate, describe, hold_one_thread, table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array: TypeAlias = "NDArray[np.float32]"

Action: TypeAlias = Callable[[], object]

SIZES = ((64, 32, 32), (16, 64, 64))  # networks, rows of a mini-batch, width


def choices(networks: int, rows: int, width: int) -> dict[str, Action]:
    """Return the actions on layers of networks side by side, chosen ones and others."""
    import numpy as np

    rng = np.random.default_rng(0)
    span = networks * width

    def wide() -> Array:
        return rng.standard_normal((rows, span), dtype=np.float32)

    def stacked(array: Array) -> Array:
        return array.reshape(len(array), networks, width).transpose(1, 0, 2)

    a, z, row, ones = wide(), wide(), np.zeros(span, np.float32), np.ones((1, rows), np.float32)
    w = rng.standard_normal((networks, width, width), dtype=np.float32) * np.float32(0.01)
    one_by_one = list(zip(stacked(a), w, stacked(z), strict=True))
    transposed, copy = w.transpose(0, 2, 1), np.empty_like(w)
    slices = [np.zeros((rows, span + 16), np.float32)[:, :span] for _ in range(2)]
    mask, bits, d = np.empty((rows, span), np.bool_), a.view(np.int32).copy(), wide()
    sums = row.reshape(networks, 1, width)

    def by_copy() -> None:
        np.copyto(copy, transposed)
        np.matmul(stacked(a), copy, out=stacked(z))

    def by_bits() -> None:
        np.negative(bits, out=bits)
        np.right_shift(bits, 31, out=bits)
        np.bitwise_and(d.view(np.int32), bits, out=d.view(np.int32))

    def by_mask() -> None:
        np.greater(a, 0, out=mask)
        np.multiply(d, mask, out=d)

    return {
        "products: one call for the stack": lambda: np.matmul(stacked(a), w, out=stacked(z)),
        "products: one call for each network": lambda: [np.matmul(*triple[:2], out=triple[2]) for triple in one_by_one],
        "products with transposed weights: copy, then product": by_copy,
        "products with transposed weights: product with the view": lambda: np.matmul(stacked(a), transposed, out=stacked(z)),
        "sums over the batch: add.reduce": lambda: np.add.reduce(a, axis=0, out=row),
        "sums over the batch: product with ones, one call for the stack": lambda: np.matmul(ones, stacked(a), out=sums),
        "relu's derivative: by bits": by_bits,
        "relu's derivative: by a mask of booleans": by_mask,
        "pass over a slice of columns": lambda: np.subtract(slices[0], row, out=slices[1]),
    }


def compare(networks: int, rows: int, width: int, rounds: int, seconds: float) -> list[list[str]]:
    """Return the rows of a table: every action with the package's buffers, and with NumPy's own."""
    import numpy as np

    from hpsearch.network.population import numpy_loops

    def repeated(action: Action, package: bool) -> Callable[[int], None]:
        def run(n: int) -> None:
            with numpy_loops() if package else np.errstate(all="ignore"):
                for _ in range(n):
                    action()

        return run

    actions = choices(networks, rows, width)
    kinds = {"package's": True, "NumPy's": False}
    contestants = [
        Contestant(f"{name}|{kind}", repeated(action, ours))
        for name, action in actions.items()
        for kind, ours in kinds.items()
    ]
    times = alternate(contestants, rounds, seconds)
    return [[name, *(f"{statistics.median(times[f'{name}|{kind}']) * 1e6:.1f}" for kind in kinds)] for name in actions]


@click.command()
@click.option("--rounds", default=9, show_default=True, type=click.IntRange(min=1), help="Turns that each action takes.")
@click.option("--seconds", default=0.02, show_default=True, help="About how long a turn takes.")
def main(rounds: int, seconds: float) -> None:
    """Time the passes of a training step."""
    hold_one_thread()
    click.echo("\n".join(f"{name}: {value}" for name, value in describe(("hpsearch", "numpy")).items()) + "\n")
    for networks, rows, width in SIZES:
        click.echo(f"{networks} networks, {rows} rows, {width} units: microseconds for all of them, by NumPy's buffers\n")
        click.echo(table([["", "package's", "NumPy's"], *compare(networks, rows, width, rounds, seconds)]) + "\n")


if __name__ == "__main__":
    main()
