"""Confusion matrices as plain CSV: a row for each true class, a column for each that it was taken for."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from hpsearch.errors import RecordError
from hpsearch.objectives.objective import Confusion
from hpsearch.study.line_file import open_regular

CORNER = "true\\predicted"


def confusion_csv(confusion: Confusion) -> str:
    """Return a matrix as text; the first line and the first column are the labels."""
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow([CORNER, *confusion.labels])
    writer.writerows([label, *counts] for label, counts in zip(confusion.labels, confusion.counts, strict=True))
    return output.getvalue()


def read_confusion(path: Path) -> Confusion | None:
    """Return the matrix in a file, None if there is no file; raises RecordError if it holds something else."""
    try:
        with open_regular(path) as file:
            (corner, *labels), *rows = csv.reader(io.StringIO(file.read().decode(), newline=""))
        counts = tuple(tuple(map(int, row[1:])) for row in rows)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, csv.Error) as error:
        raise RecordError(f"{path}: cannot be read: {getattr(error, 'strerror', error)}") from error
    named = [row[:1] for row in rows] == [[label] for label in labels]
    if corner != CORNER or not named or any(len(row) != len(labels) for row in counts):
        raise RecordError(f"{path}: is no confusion matrix")
    return Confusion(tuple(labels), counts)
