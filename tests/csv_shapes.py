"""Data files as people have them, of each kind one: small, seeded, and with something to be learnt."""

from __future__ import annotations

import csv
import datetime
import gzip
import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

Row = Sequence[Any]

LABELS = ("no", "yes")


def _numbers(rows: int, inputs: int, outputs: int, seed: int) -> tuple[list[list[str]], Any]:
    """Return inputs as texts, and what is to be learnt from them (n, outputs)."""
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(rows, inputs))
    y = x @ generator.normal(size=(inputs, outputs)) + 0.3 * generator.normal(size=(rows, outputs))
    return [[f"{value:.3f}" for value in row] for row in x], y


def classes(rows: int, inputs: int, labels: Sequence[Any], seed: int) -> Iterator[Row]:
    """Yield rows of numbers that end with a label."""
    x, y = _numbers(rows, inputs, len(labels), seed)
    yield from ([*row, labels[place]] for row, place in zip(x, y.argmax(axis=1).tolist(), strict=True))


def quantities(rows: int, inputs: int, seed: int, form: str = "{:.4f}") -> Iterator[Row]:
    """Yield rows of numbers that end with a quantity."""
    x, y = _numbers(rows, inputs, 1, seed)
    yield from ([*row, form.format(200 + 50 * value)] for row, value in zip(x, y[:, 0].tolist(), strict=True))


def table(header: Sequence[str], rows: Iterator[Row], delimiter: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([header, *rows])
    return text.getvalue()


def columns(count: int, target: str) -> list[str]:
    return [*(f"x{number}" for number in range(count)), target]


def _with_missing() -> Iterator[Row]:
    for number, row in enumerate(classes(300, 3, LABELS, 4)):
        yield [
            "" if number % 7 == 0 else row[0],
            "-" if number % 20 == 3 else row[1],
            ("red", "", "blue")[number % 3],
            *row[2:],
        ]


def _unbalanced() -> Iterator[Row]:
    ranked = sorted(quantities(1500, 4, 5), key=lambda row: float(row[-1]))
    yield from ([*row[:-1], int(place >= 1470)] for place, row in enumerate(ranked))


def _with_ids() -> Iterator[Row]:
    for number, row in enumerate(classes(300, 3, LABELS, 6)):
        yield [number + 1, f"u-{number:04}", 31 * number % 40, *row]


def _with_dates() -> Iterator[Row]:
    for number, row in enumerate(quantities(200, 3, 7)):
        yield [(datetime.date(2020, 1, 1) + datetime.timedelta(number)).isoformat(), *row]


def _with_units() -> Iterator[Row]:
    for number, row in enumerate(classes(300, 3, LABELS, 14)):
        yield [f"${37 * number:,}.50", f"{7 * number % 31} kg", f"{number % 60}%", f"{number % 4 + 1} rooms", *row]


def _with_one_of_a_class() -> Iterator[Row]:
    for number, row in enumerate(classes(200, 3, LABELS, 15)):
        yield row if number != 5 else [*row[:-1], "maybe"]


def _carelessly_written() -> str:
    rows = (
        [row[-1], f"{row[0]} ", f"one\ntwo {place}", *row[1:-1]]
        for place, row in enumerate(classes(90, 3, ("TRUE", "FALSE"), 16))
    )
    return table(["Class", "Größe (cm)", "a: note", "# 名", "no"], rows) + "\n\n  \n"


TEXTS: dict[str, Callable[[], str]] = {
    "twelve_rows.csv": lambda: table(columns(3, "class"), classes(12, 3, LABELS, 0)),
    "wide.csv": lambda: table(columns(500, "kind"), classes(120, 500, "abc", 1)),
    "text_labels.csv": lambda: table(columns(4, "species"), classes(150, 4, ("setosa", "versicolor", "virginica"), 2)),
    "twenty_thousand.csv": lambda: table(columns(6, "class"), classes(20_000, 6, (0, 1, 2), 3)),
    "missing.csv": lambda: table(["a", "b", "colour", "c", "label"], _with_missing()),
    "unbalanced.csv": lambda: table(columns(4, "fraud"), _unbalanced()),
    "regression.csv": lambda: table(columns(5, "price"), quantities(400, 5, 5)),
    "ids.csv": lambda: table(["id", "code", "customer_id", "a", "b", "c", "churn"], _with_ids()),
    "boolean.csv": lambda: table(columns(4, "ok"), classes(200, 4, ("False", "True"), 8)),
    "many_classes.csv": lambda: table(columns(8, "product"), classes(2000, 8, [f"p{k:03}" for k in range(100)], 9)),
    "semicolons.csv": lambda: table(columns(4, "quality"), classes(200, 4, (3, 4, 5), 10), ";"),
    "constant.csv": lambda: table(
        ["country", "none", *columns(4, "y")], (["NL", "", *row] for row in classes(200, 4, LABELS, 11))
    ),
    "dates.csv": lambda: table(["date", "a", "b", "c", "demand"], _with_dates()),
    "levels.csv": lambda: table(
        ["city", *columns(3, "target")],
        ([f"city {place % 5000}", *row] for place, row in enumerate(classes(12_000, 3, LABELS, 12))),
    ),
    "units.csv": lambda: table(["price", "weight", "share", "size", *columns(3, "sold")], _with_units()),
    "one_of_a_class.csv": lambda: table(columns(3, "answer"), _with_one_of_a_class()),
    "careless.csv": _carelessly_written,
}
PACKED, ARRAYS = "packed.csv.gz", "arrays.npz"
SHAPES = (*TEXTS, PACKED, ARRAYS)


def write(name: str, directory: Path) -> Path:
    """Write one of the shapes into a directory."""
    path = directory / name
    if name == ARRAYS:
        x, y = _numbers(200, 9, 3, 13)
        np.savez(path, x=np.array(x, np.float32), y=y.argmax(axis=1))
    elif name == PACKED:
        path.write_bytes(gzip.compress(TEXTS["boolean.csv"]().encode()))
    else:
        path.write_text(TEXTS[name]())
    return path
