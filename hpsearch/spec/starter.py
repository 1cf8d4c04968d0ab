"""The spec that `init` writes for a data file: one that runs as it is, and says of each key why it is there.

Sizes follow from the rows and inputs, the budget from what can be trained in a minute or two. The constants are the ones a
careful person would begin with, not the result of a measurement: the search is there for that. What stands in the file
besides data and comments is the text of this module, so that it is written as people write it; names and paths go through
the writer of specs.
"""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Any

from hpsearch.data.first_look import FirstLook, look_at
from hpsearch.data.messages import escaped, listed, named
from hpsearch.data.readers import DIGITS
from hpsearch.data.settings import Task
from hpsearch.network.settings import NetworkSettings
from hpsearch.network.size import epoch_cost
from hpsearch.prose import counted
from hpsearch.search.settings import Confirm, EarlyStopping, SearchSettings
from hpsearch.search.strategy import make_plan
from hpsearch.spec.document import dump
from hpsearch.spec.lint.training import FEW_ROWS

SCHEMA_FILE = "hpsearch.schema.json"
"""Where an editor finds what the keys mean: beside the spec."""

MULTIPLICATIONS = 2e9
"""What a machine of two cores trains a second, in the units of `epoch_cost`, measured and rounded down."""

SECONDS = 100
"""How long a search may take."""

UNBALANCED = 0.25
"""The share of an equal part below which a class is rare."""

HARDLY_ANY = 10
"""Training rows of a class from which hardly anything can be learnt."""

_WIDTH = 110
_WIDEST = 48


@dataclass(frozen=True)
class Starter:
    """The text of a spec, what was chosen with its reasons in a line each, and the columns that are left out."""

    text: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Sizes:
    """The ranges of a network that suit so many rows, and how long it is trained."""

    layers: int
    units: tuple[int, int]
    batches: tuple[int, ...]
    epochs: int
    min_epochs: int
    trials: int


def starter(
    source: str,
    directory: Path,
    target: str | None = None,
    task: Task | None = None,
    trials: int | None = None,
    missing: Sequence[str] = (),
) -> Starter:
    """Return the spec for a data file, to be written into a directory; what is not said is found out.

    `missing` are further texts that mean: no value.

    Raises DataError when the file cannot be read, and when the target or the task must be said.
    """
    look = look_at(source, target, task, missing)
    sizes = _sizes(look, trials)
    place = source if source == DIGITS else Path(os.path.relpath(source, directory)).as_posix()
    sections = (_head(look), _data(look, place), _network(look, sizes), _space(look, sizes), _search(sizes), _metric(look))
    text = "\n".join("".join(_aligned([*lines])) for lines in sections)
    return Starter(text, tuple(_notes(look, is_known=target is not None or source == DIGITS)))


def _notes(look: FirstLook, *, is_known: bool) -> Iterator[str]:
    if not is_known:
        yield f"the target is {named(look.data.target)}, taken {look.why_target}; --target names another"
    for reason, names in look.ignored.items():
        yield f"left out as {reason}: {listed(names)}"
    if look.settings.missing:
        yield f"taken for no value: {_texts(look)}"


def _sizes(look: FirstLook, trials: int | None) -> _Sizes:
    """Return the sizes that suit the data: of several budgets the first that can be trained in time, else the last."""
    rows = look.data.rows["train"]
    layers = 2 if rows < 1000 else 3
    units = (8, 64) if rows < 300 else (16, 128) if rows < 2000 else (16, 256)
    batches = next(sizes for least, sizes in _BATCHES.items() if rows >= least) or (max(rows, 2),)
    budgets = [(81, 3, 60)] if rows < 300 else []
    budgets += [(27, 1, 60), (27, 1, 40), (9, 1, 40), (9, 1, 24)]
    for epochs, min_epochs, count in budgets:
        sizes = _Sizes(layers, units, batches, epochs, min_epochs, trials or count)
        if _seconds(look, sizes) <= SECONDS:
            break
    return sizes


_BATCHES = {20_000: (64, 128, 256), 2000: (32, 64, 128), 200: (16, 32, 64), 64: (16, 32), 16: (16,), 0: ()}
"""Batch sizes from so many training rows on: an epoch has several steps, and batch norm some rows to average over."""


def _seconds(look: FirstLook, sizes: _Sizes) -> float:
    """Return about how long a search takes, from the cost of a network in the middle of the ranges."""
    network = NetworkSettings(
        hidden_units=round(sqrt(sizes.units[0] * sizes.units[1])),
        hidden_layers=2,
        batch_size=sizes.batches[len(sizes.batches) // 2],
    )
    cost = epoch_cost(network, look.data.features, max(look.data.classes, 1), look.data.rows["train"])
    search = SearchSettings(trials=sizes.trials, early_stopping=EarlyStopping(min_epochs=sizes.min_epochs))
    confirmed = Confirm().count(sizes.trials) * Confirm().seeds * sizes.epochs
    return cost * (make_plan(search, sizes.epochs).epochs + confirmed) / MULTIPLICATIONS


def _head(look: FirstLook) -> Iterator[str]:
    columns = counted(len(look.data.preprocessing.columns), "column")
    yield f"# yaml-language-server: $schema={SCHEMA_FILE}\n"
    yield from _said(
        f"Searches the hyperparameters of a network that predicts {named(look.data.target)} from {columns}. It runs as it "
        "is, and every line may be changed; what is not written has a default. `hpsearch check` tells what it will do, "
        "`hpsearch run` does it, and `hpsearch refine latest` searches once more around what worked. The line above lets "
        f"editors explain and complete the keys; `hpsearch check --schema > {SCHEMA_FILE}` renews what they read.",
        "",
    )
    yield "\n"
    yield _line("seed: 0", "another seed draws other trials, weights and mini-batches", "")


def _data(look: FirstLook, place: str) -> Iterator[str]:
    data, settings, rows = look.data, look.settings, look.data.rows
    yield "data:\n"
    yield _line(
        _key("source", place), "the path, seen from this file" if place != DIGITS else "8 x 8 images that come with hpsearch"
    )
    yield _line(_key("target", data.target), f"the column to predict, taken {look.why_target}")
    yield _line(f"task: {data.task}", f"{data.classes} classes" if data.classes else "a quantity")
    if _is_unbalanced(look):
        fair = rows["train"] / data.classes
        yield from _said(
            f"The rarest class has {counted(look.smallest, 'training row')}, where equal classes would have {fair:,.0f}. "
            "Balanced, each class weighs as much as any other; without that a network may do well by never naming it."
        )
        if look.smallest < HARDLY_ANY:
            yield from _said("From so few hardly anything can be learnt: more rows of that class would help most.")
        yield "  class_weights: balanced\n"
    yield _line(f"validation: {settings.validation}", f"share of the rows that the search judges by: {rows['validation']:,}")
    tested = f"share kept for the final score: {rows['test']:,}; the search never sees them"
    yield _line(f"test: {settings.test}", tested)
    yield _line("inputs: standardise", "mean 0 and deviation 1, as measured on the training rows")
    if settings.missing:
        yield _line(_key("missing", settings.missing), "texts that are taken for no value")
    if look.ignored:
        yield from (
            line for reason, names in look.ignored.items() for line in _said(f"Left out, as {reason}: {listed(names)}.")
        )
        yield _key("columns", dict(settings.columns)) + "\n"
    if look.constant:
        yield from _said(f"{listed(look.constant)}: the same in all rows, which does no harm and teaches nothing.")
    if look.group:
        yield from _said(
            f"If rows with the same {named(look.group)} belong together, this keeps them in one part, and the column out of "
            "the inputs:"
        )
        yield f"  # {_key('group', look.group).strip()}\n"


def _is_unbalanced(look: FirstLook) -> bool:
    """Whether a class is so rare that a model may do without it."""
    data = look.data
    return data.classes > 0 and look.smallest < UNBALANCED * data.rows["train"] / data.classes


def _network(look: FirstLook, sizes: _Sizes) -> Iterator[str]:
    yield _line("network:", "what all trials share", "")
    yield _line(f"epochs: {sizes.epochs}", "passes over the training rows, for trials that are not stopped early")
    yield _line("activation: relu", "or leaky_relu, tanh, sigmoid")
    if _is_normalised(sizes):
        yield _line("batch_norm: before", "normalise each layer before its activation; `off` trains without")
    else:
        yield _line("batch_norm: off", "so few rows have no mean and variance worth the name")
    if len(sizes.batches) == 1:
        yield _line(f"batch_size: {sizes.batches[0]}", f"rows in a mini-batch, of {look.data.rows['train']}")


def _is_normalised(sizes: _Sizes) -> bool:
    return min(sizes.batches) >= 16


def _space(look: FirstLook, sizes: _Sizes) -> Iterator[str]:
    yield _line("space:", "what differs from trial to trial, what matters most first", "")
    yield from _said(
        "The learning rate matters most, and its order of magnitude is unknown. The log scale gives every decade the same "
        "share of the trials; a linear one would spend nine of ten between 0.1 and 1."
    )
    yield "  learning_rate: {range: [1e-4, 1], scale: log}\n\n"
    batches = ", the units and the batch size" if len(sizes.batches) > 1 else " and the units"
    yield from _said(
        f"Then momentum{batches}. A momentum of beta averages over about 1 / (1 - beta) steps: 10 at 0.9, 100 at 0.99; the "
        "scale 1-beta gives every factor in that the same share. A list is a choice; `when` draws a value only where it "
        "counts."
    )
    yield "  optimizer: [adam, momentum]\n"
    yield "  momentum: {range: [0.8, 0.99], scale: 1-beta, when: {optimizer: momentum}}\n"
    low, high = sizes.units
    yield _line(f"hidden_units: {{range: [{low}, {high}], scale: log}}", "in each hidden layer")
    if len(sizes.batches) > 1:
        yield _line(f"batch_size: [{', '.join(map(str, sizes.batches))}]", "rows in a mini-batch")
    yield "\n"
    yield from _said("Then the layers, and what holds back a network that learns its rows by heart.")
    yield _line(f"hidden_layers: {{range: [1, {sizes.layers}]}}", "bounds without a point are whole numbers")
    yield _line("l2: {range: [1e-6, 1e-2], scale: log}", "the penalty on large weights")
    off = "" if _is_dropped(look) else "# "
    yield _line(f"{off}dropout: {{range: [0.0, 0.5]}}", "share of the units that are left out at random")
    yield _line("# learning_rate_decay: {range: [1e-3, 0.3], scale: log}", "alpha / (1 + decay * epoch)")
    yield "\n"
    yield from _said("Adam's own constants, beta1, beta2 and epsilon, come last: their defaults serve nearly always.")


def _is_dropped(look: FirstLook) -> bool:
    """Whether inputs are so many for the rows that a network can learn them by heart."""
    return look.data.features * 10 > look.data.rows["train"]


def _search(sizes: _Sizes) -> Iterator[str]:
    yield "search:\n"
    yield from _said(
        "Coarse to fine: the first trials are drawn at random from the whole space, for every one then tries a new value of "
        "what matters, as a grid would not; the later ones near the best of those before."
    )
    yield _line("method: coarse-to-fine", "or random, sobol, grid, zoom")
    yield _line(f"trials: {sizes.trials}", "in total; the same command goes on when it is raised")
    told = (
        f"after {sizes.min_epochs} epoch{'s' * (sizes.min_epochs > 1)} the best third goes on to 3 times as many, and so on"
    )
    yield _line(f"early_stopping: {{reduction_factor: 3, min_epochs: {sizes.min_epochs}}}", told)


def _metric(look: FirstLook) -> Iterator[str]:
    rows = look.data.rows["validation"]
    if look.data.task == "regression":
        yield _line(
            "metric: validation_rmse", "the root of the mean squared error, in the target's unit; or validation_r2", ""
        )
    elif _is_unbalanced(look):
        yield _line(
            "metric: validation_macro_f1", "all classes count the same; the error would hardly see the rare ones", ""
        )
    elif rows < FEW_ROWS:
        yield _line("metric: validation_loss", f"tells more than the error, which moves in steps of 1 in {rows} rows", "")
    else:
        yield _line("metric: validation_error", "share of the validation rows that are taken for another class", "")


def _texts(look: FirstLook) -> str:
    return ", ".join(f"`{escaped(text)}`" for text in look.settings.missing)


def _key(name: str, value: Any) -> str:
    """Return a key of a section with its value, indented."""
    return dump({"section": {name: value}}).partition("\n")[2].rstrip("\n")


def _line(text: str, comment: str, indent: str = "  ") -> str:
    return f"{indent + text.strip()}\t# {comment}\n"


def _aligned(lines: Sequence[str]) -> Iterator[str]:
    """Yield lines with the comments behind them in one column, but for those behind long lines."""
    pairs = [line.partition("\t") for line in lines]
    column = max((len(text) for text, tab, _ in pairs if tab and len(text) <= _WIDEST), default=0)
    yield from (f"{text:<{column}}  {comment}" if tab else text for text, tab, comment in pairs)


def _said(text: str, indent: str = "  ") -> Iterable[str]:
    return [f"{indent}# {line}\n" for line in textwrap.wrap(text, _WIDTH, break_on_hyphens=False)]
