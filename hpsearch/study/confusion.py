"""Confusion matrices as plain CSV: a row for each true class, a column for each that it was taken for."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from hpsearch.errors import RecordError, reason_of
from hpsearch.objectives.objective import Confusion
from hpsearch.study.files import open_regular
from hpsearch.study.record import RunRecord
from hpsearch.study.runs import MODELS

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
        raise RecordError(f"{path}: cannot be read: {reason_of(error)}") from error
    named = [row[:1] for row in rows] == [[label] for label in labels]
    if corner != CORNER or not named or any(len(row) != len(labels) for row in counts):
        raise RecordError(f"{path}: is no confusion matrix")
    return Confusion(tuple(labels), counts)


def confusion_path(directory: Path, part: str) -> Path:
    """Return where the winner's confusion matrix on a part lies."""
    return directory / MODELS / f"confusion_{part}.csv"


def read_confusions(directory: Path, run: RunRecord) -> dict[str, Confusion]:
    """Return the winner's confusion matrices by part; none before it was assessed, and where there are no classes."""
    best = run.winner
    assessed = run.scores.get(best.number, {}) if best else {}
    found = {part: read_confusion(confusion_path(directory, part)) for part in assessed}
    return {part: confusion for part, confusion in found.items() if confusion is not None}
