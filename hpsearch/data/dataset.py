"""The data as the training sees it: arrays of a training, a validation and a test part, ready and read-only.

`load_dataset` is the part's door, and a pure function of the settings and the files' bytes: a worker that loads the same
settings gets the same bits, and `fingerprint` tells whether it did. Nothing is dropped without a note.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.class_weights import row_weights
from hpsearch.data.columns import column_kinds, worth_keeping
from hpsearch.data.lookup import Named, check_inputs, look_up
from hpsearch.data.messages import escaped, named, shown
from hpsearch.data.preprocessing import Preprocessing
from hpsearch.data.quantities import TargetScale, quantities
from hpsearch.data.settings import DataSettings, Task
from hpsearch.data.split import PARTS, part_sizes, split_rows
from hpsearch.data.table import Rows, Table
from hpsearch.data.target import class_indices, require_values
from hpsearch.errors import Mistake, SettingError
from hpsearch.prose import first_of

_MOST_NAMED = 10


@dataclass(frozen=True, eq=False)
class Part:
    """The rows of one part: `inputs` (n, F) row by row in memory, and their `targets` (n,). Both are read-only.

    Targets are class indices (int64), or in regression standardised values (float32).
    """

    inputs: NDArray[np.float32]
    targets: NDArray[np.int64] | NDArray[np.float32]

    def __post_init__(self) -> None:
        self.inputs.flags.writeable = False
        self.targets.flags.writeable = False


@dataclass(frozen=True, eq=False)
class Dataset:
    """What a study trains and is judged on.

    `target` is the name of the predicted column. `labels` (C,) are the classes by index; there are none in regression,
    where a target is standardised value * `target_deviation` + `target_mean`, both of the training part. `weights` (n,)
    are what the training rows weigh in the training loss, 1 on average; None when all weigh the same.

    `notes` tell what was left out or stands thin. The hashes are SHA-256 in hex: `source_sha256` of the file's bytes (of
    the files' hashes, when validation or test are files), `split_sha256` of which row of which file went where,
    `fingerprint` of the parts' arrays and weights, with the labels or the scale of the target.
    """

    task: Task
    target: str
    train: Part
    validation: Part
    test: Part | None
    labels: tuple[str, ...]
    preprocessing: Preprocessing
    notes: tuple[str, ...]
    source_sha256: str
    split_sha256: str
    fingerprint: str
    target_mean: float = 0.0
    target_deviation: float = 1.0
    weights: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        if self.weights is not None:
            self.weights.flags.writeable = False

    @property
    def features(self) -> int:
        """The number F of inputs."""
        return int(self.train.inputs.shape[1])

    @property
    def rows(self) -> dict[str, int]:
        """The number of rows of each part, by the part's name."""
        parts = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: len(part.targets) for name, part in parts.items() if part is not None}

    @property
    def classes(self) -> int:
        """The number C of classes; 0 in regression."""
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class _Piece:
    """Some rows of a file: what a part is made of."""

    table: Table
    rows: Rows

    @property
    def taken(self) -> Table:
        return self.table.take(self.rows)


def load_dataset(settings: DataSettings) -> Dataset:
    """Read, split and prepare the data.

    Raises SettingError for settings that do not go with the files, and DataError for rows that cannot be used.
    """
    named = look_up(settings)
    source, target, labels = named.source, named.target, named.labels
    set_aside = {target, settings.group} if settings.group else {target}
    kinds = column_kinds(source, settings.columns, set_aside)
    pieces = _pieces(settings, named)
    train = pieces["train"].taken
    kept, left_out = worth_keeping(train, kinds, settings.columns)
    check_inputs(named, kept)
    preprocessing = Preprocessing.fit(train, kept, settings.inputs, settings.missing)
    scale = TargetScale() if labels else TargetScale.fit(train, target)
    parts = {name: _part(piece.taken, target, labels, preprocessing, scale) for name, piece in pieces.items()}
    weights = row_weights(settings.class_weights, train, target, labels)
    return Dataset(
        task=named.task,
        target=target,
        train=parts["train"],
        validation=parts["validation"],
        test=parts.get("test"),
        labels=labels,
        preprocessing=preprocessing,
        notes=(*source.notes, *left_out, *_absent_classes(parts, labels)),
        source_sha256=_source_hash(pieces),
        split_sha256=_split_hash(pieces),
        fingerprint=_fingerprint(parts, weights, labels or (scale.mean, scale.deviation)),
        target_mean=scale.mean,
        target_deviation=scale.deviation,
        weights=weights,
    )


def _part(table: Table, target: str, labels: tuple[str, ...], preprocessing: Preprocessing, scale: TargetScale) -> Part:
    targets = class_indices(table, target, labels) if labels else scale.standardised(table, target)
    return Part(preprocessing.encode(table), targets)


def _pieces(settings: DataSettings, named: Named) -> dict[str, _Piece]:
    """Return the pieces that the parts are made of, in the order of the parts."""
    source, target, labels = named.source, named.target, named.labels
    targets = class_indices(source, target, labels) if labels else quantities(source, target)
    groups = _groups(source, settings.group)
    rows = split_rows(targets, part_sizes(len(source), *settings.held_out), settings.split_seed, groups)
    pieces = {part: _Piece(source, some) for part, some in zip(PARTS, rows, strict=True) if len(some)}
    pieces |= {part: _Piece(table, np.arange(len(table))) for part, table in named.files.items()}
    _check_apart(pieces, settings.group)
    return {part: pieces[part] for part in PARTS if part in pieces}


def _groups(source: Table, group: str | None) -> NDArray[np.int32] | None:
    """Return the group (n,) of each row, numbered from 0."""
    if group is None:
        return None
    require_values(source, group, "group")
    return source.columns[group].texts.codes


def _check_apart(pieces: Mapping[str, _Piece], group: str | None) -> None:
    """Raise SettingError when files of different parts hold the same rows, DataError when they share a group."""
    for first, second in itertools.combinations(pieces, 2):
        table, other = pieces[first].table, pieces[second].table
        if table is other:
            continue
        if table.has_same_rows(other):
            message = f"the {second} part has the same rows as {table.name}, which holds the {first} part"
            raise SettingError(Mistake(("data", second), message, "give a file of other rows, or a share"))
        if group is not None:
            _check_groups_apart(table, other, group)


def _check_groups_apart(table: Table, other: Table, group: str) -> None:
    for file in (table, other):
        require_values(file, group, "group")
    seen = set(table.columns[group].texts.levels.texts)
    texts = other.columns[group].texts
    shared = np.array([text in seen for text in texts.levels.texts])[texts.codes]
    if shared.any():
        row = int(np.argmax(shared))
        message = f"the group {shown(texts.text(row))} of {named(group)} is in {escaped(table.file)} as well"
        raise other.fault(message, row=row, hint="rows of one group must stay in one part")


def _absent_classes(parts: Mapping[str, Part], labels: tuple[str, ...]) -> tuple[str, ...]:
    """Return a note for each part that lacks a class."""
    notes = []
    for name, part in parts.items():
        present = set(part.targets.tolist())
        absent = [shown(label) for number, label in enumerate(labels) if number not in present]
        if absent:
            notes.append(f"the {name} part has no row of class {first_of(absent, _MOST_NAMED)}")
    return tuple(notes)


def _source_hash(pieces: Mapping[str, _Piece]) -> str:
    files = list(dict.fromkeys(piece.table.sha256 for piece in pieces.values()))
    return files[0] if len(files) == 1 else hashlib.sha256("".join(files).encode()).hexdigest()


def _split_hash(pieces: Mapping[str, _Piece]) -> str:
    digest = hashlib.sha256()
    for name, piece in pieces.items():
        digest.update(f"{name} {piece.table.sha256} {len(piece.rows)}\n".encode())
        digest.update(piece.rows.astype("<i8").tobytes())
    return digest.hexdigest()


def _fingerprint(
    parts: Mapping[str, Part], weights: NDArray[np.float32] | None, meaning: tuple[str, ...] | tuple[float, float]
) -> str:
    """Return the hash of the arrays, and of what the targets mean: the labels, or the mean and the deviation."""
    digest = hashlib.sha256(json.dumps(meaning).encode())
    for name, part in parts.items():
        digest.update(f"{name} {part.inputs.shape}\n".encode())
        digest.update(part.inputs.astype("<f4", copy=False).data)
        digest.update(part.targets.astype(part.targets.dtype.newbyteorder("<"), copy=False).data)
    if weights is not None:
        digest.update(weights.astype("<f4", copy=False).data)
    return digest.hexdigest()
