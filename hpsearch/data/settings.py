"""The options of the data, each declared once. No NumPy here: the command line reads this file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Literal

from hpsearch.errors import Mistake
from hpsearch.options import Option

ColumnKind = Literal["number", "category", "ignore"]
Task = Literal["classification", "regression"]

ENDINGS = (".csv", ".csv.gz", ".npz")
"""How the names of data files end."""

USUAL_SHARE = 0.2
"""The share of the rows that the search judges by unless another is given, and of those kept for the final score."""


@dataclass(frozen=True)
class DataSettings:
    """Where the rows come from, what is predicted, and how they are split and prepared.

    Paths are absolute or relative to the working directory: the loader of the spec has resolved them.
    """

    source: Annotated[str, Option("`digits` (embedded), or a .csv, .csv.gz or .npz file", searchable=False)] = "digits"
    target: Annotated[
        str | None, Option("the column to predict; in an .npz file the array, `y` unless given", searchable=False)
    ] = None
    task: Annotated[
        Task | None,
        Option("whether the target is classes or a quantity; guessed where there is no doubt", searchable=False),
    ] = None
    class_weights: Annotated[
        Literal["none", "balanced"] | dict[str, float],
        Option("what rows weigh in the training loss: `balanced`, or a number for each label", above=0, searchable=False),
    ] = "none"
    validation: Annotated[
        float | str, Option("share of the rows the search judges by, or a file", above=0, below=1, searchable=False)
    ] = USUAL_SHARE
    test: Annotated[
        float | str,
        Option("share of the rows kept for the final score, or a file", at_least=0, below=1, searchable=False),
    ] = USUAL_SHARE
    split_seed: Annotated[int, Option("seed of the split, and of nothing else", at_least=0, searchable=False)] = 0
    group: Annotated[
        str | None, Option("a column whose rows with one value stay in one part; not an input", searchable=False)
    ] = None
    inputs: Annotated[
        Literal["standardise", "scale", "none"],
        Option("numbers to mean 0 and deviation 1, to 0..1, or as they are", searchable=False),
    ] = "standardise"
    columns: Annotated[dict[str, ColumnKind], Option("what a column is, where its values mislead", searchable=False)] = (
        field(default_factory=dict)
    )
    missing: Annotated[list[str], Option("further texts that mean: no value", searchable=False)] = field(
        default_factory=list
    )

    @property
    def held_out(self) -> tuple[float, float]:
        """The shares of the source's rows that validate and test; 0 where a file does."""
        validation, test = (0.0 if isinstance(part, str) else part for part in (self.validation, self.test))
        return validation, test

    def unfit_shares(self) -> Iterator[Mistake]:
        """Yield what is wrong with the shares together."""
        validation, test = self.held_out
        if validation + test >= 1:
            message = f"`validation` {validation:g} and `test` {test:g} leave nothing to train on"
            yield Mistake(("data", "validation" if validation >= test else "test"), message, "their sum must be below 1")
        if self.validation == 0:
            message = "`validation` 0 leaves the search nothing to judge by"
            yield Mistake(("data", "validation"), message, "give it a share above 0, or a file")
