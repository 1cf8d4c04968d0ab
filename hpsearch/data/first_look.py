"""What a data file shows before anybody has said a word about it: the target, the task, and the columns to leave out.

Each choice comes with its reason, so that a person can judge it. Where there is none that a person would nod at, it is asked
for, and the answer is an option of `hpsearch init`: nothing else begins with so little. What a number or a category is, and
most mistakes in the file, are for the modules that load it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from hpsearch.data.columns import MOST_LEVELS, Odd, odd_among_numbers
from hpsearch.data.dataset import Dataset, load_dataset
from hpsearch.data.messages import listed, named, shown, unknown
from hpsearch.data.readers import read_table
from hpsearch.data.settings import USUAL_SHARE, DataSettings, Task
from hpsearch.data.table import Table, Texts, number_in
from hpsearch.data.target import find_task, require_values
from hpsearch.errors import SettingError
from hpsearch.prose import counted

USUAL_TARGETS = ("target", "label", "class", "y")
"""What a column is called that is to be predicted."""

LEAST = 5
"""The fewest rows that can be split into three parts with something in each."""

FEW, MANY = 500, 50_000
"""Rows below which larger shares are held out, and from which smaller ones tell as much."""

FEWEST_GROUPS = 10
"""Values below which a column tells kinds of rows rather than groups."""

_BARE = "mend the file: 1234.5 for 1.234,5, $1,234.50 or 1234.5 kg"
_MOST_ODD = 3
_FEW_NAMES = 10
_CALLED_ID = re.compile(r"(.*[_ .-])?(id|uuid|index|key)", re.IGNORECASE)
_CALLED_GROUP = re.compile(r"(.*[_ .-])(id|key)|patient|subject|user|customer|session|group", re.IGNORECASE)
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATE = re.compile(
    r"([0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.]([0-9]{2}|[0-9]{4})"
    rf"|[0-9]{{1,2}}[- ]{_MONTH}[- ][0-9]{{2,4}}|{_MONTH} [0-9]{{1,2}}, [0-9]{{4}}|[0-9]{{1,2}}:[0-9]{{2}})([T :].*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class FirstLook:
    """A data set with settings that it can be searched with, and the reasons for them.

    `ignored` are the columns that are left out, by reason; `constant` those that could be. `group` is a column whose rows
    may belong together, if there is one. `smallest` is the number of training rows of the rarest class, 0 in regression.
    """

    settings: DataSettings
    data: Dataset
    why_target: str
    ignored: Mapping[str, tuple[str, ...]]
    constant: tuple[str, ...]
    group: str | None
    smallest: int


def look_at(source: str, target: str | None = None, task: Task | None = None, missing: Sequence[str] = ()) -> FirstLook:
    """Return what a data file shows; `target`, `task` and the texts `missing` are what has been said of it.

    Raises DataError when the file cannot be read or is no table to learn from, and when the target or the task must be said.
    """
    table = read_table(source, missing)
    _check_rows(table)
    if not target:
        _check_names(table)
    if found := _texts_for_no_value(table):
        missing = [*missing, *found]
        table = read_table(source, missing)
    target, why_target = (target, "as asked for") if target else _target(table)
    _check_target(table, target, why_target, task)
    task = task or _task(table, target)
    constant = tuple(name for name in table.columns if name != target and _is_constant(table, name))
    inputs = [name for name in table.columns if name not in (target, *constant)]
    if not inputs:
        raise table.fault(f"nothing differs from row to row but {named(target)}, so there is nothing to predict it from")
    ignored = _useless_inputs(table, inputs)
    share = 0.3 if len(table) < FEW else 0.1 if len(table) >= MANY else USUAL_SHARE
    settings = DataSettings(source, target, task, validation=share, test=min(share, USUAL_SHARE), missing=[*missing])
    data = _loaded(table, replace(settings, columns=dict.fromkeys(ignored, "ignore")))
    gone = [name for name in table.columns if name not in (target, *ignored, *data.preprocessing.columns)]
    ignored |= dict.fromkeys(gone, "texts that are nearly all different")
    settings = replace(settings, columns=dict.fromkeys(ignored, "ignore"))
    by_reason = {reason: tuple(name for name in ignored if ignored[name] == reason) for reason in ignored.values()}
    smallest = int(np.bincount(data.train.targets.astype(np.int64), minlength=data.classes).min()) if data.classes else 0
    return FirstLook(settings, data, why_target, by_reason, constant, _group(table, data), smallest)


def _check_rows(table: Table) -> None:
    """Raise DataError when there are too few rows, or when the first one stands below the names without being data."""
    if len(table) < LEAST:
        too_few = f"{counted(len(table), 'row')} cannot train, validate and test a network"
        raise table.fault(too_few, hint=f"it takes {LEAST}, and some dozens to learn anything")
    texts = [column for column in table.columns.values() if isinstance(column, Texts)]
    above = [column.text(0) for column in texts if _is_text_above_numbers(column)]
    if any(map(str.isalpha, "".join(above))) and all(np.isnan(column.numbers[0]) for column in texts):
        units = f"the first row below the names has {', '.join(map(shown, above[:_MOST_ODD]))} above numbers, like units"
        raise table.fault(units, row=0, hint="take that row out; texts that mean `no value` are said with --missing")


def _is_text_above_numbers(column: Texts) -> bool:
    numbers, present = np.isfinite(column.numbers), ~column.missing
    return bool(present[0] and not numbers[0] and present[1:].any() and (numbers == present)[1:].all())


def _check_names(table: Table) -> None:
    """Raise DataError when the names look like a row of data: most are numbers, and no years or positions in order."""
    numbers = [number for number in map(number_in, table.columns) if number == number]
    if not table.has_lines or len(numbers) * 2 < len(table.columns):
        return
    is_whole = all(map(float.is_integer, numbers))
    in_order = all(one < other for one, other in pairwise(numbers))
    if not in_order or not (is_whole or len(numbers) > _FEW_NAMES):
        message = f"the first row is read as the names of the columns, and looks like data: {listed(table.columns)}"
        raise table.fault(
            message, hint="write a row of names above it; if these are names, say which to predict with --target"
        )


def _texts_for_no_value(table: Table) -> list[str]:
    """Return the few texts without a digit, like `-`, that stand between numbers."""
    found: dict[str, None] = {}
    for name, column in table.columns.items():
        if isinstance(column, Texts) and odd_among_numbers(name, column):
            pairs = zip(column.levels.texts, column.levels.numbers.tolist(), strict=True)
            odd = [text for text, number in pairs if number != number]
            if len(odd) <= _MOST_ODD and not any(letter.isdigit() for letter in "".join(odd)):
                found |= dict.fromkeys(odd)
    return list(found)


def _target(table: Table) -> tuple[str, str]:
    """Return the column that is to be predicted, as far as that can be known, and how it is known."""
    names = list(table.columns)
    called = [name for name in names if name.lower() in USUAL_TARGETS]
    if len(called) == 1:
        return called[0], "by its name"
    if len(called) > 1:
        raise table.fault(f"which of {listed(called)} is to be predicted?", hint=f"say it with {_targets(table)}")
    if not table.has_lines:  # the arrays of an archive have no order
        raise table.fault("which array is to be predicted?", hint=f"say it with {_targets(table)}")
    return names[-1], "as the last column"


def _targets(table: Table) -> str:
    return f"--target; there are: {listed(table.columns)}"


def _taken(target: str, why: str) -> str:
    return f"the target is {named(target)}, taken {why}; --target names another column"


def _check_target(table: Table, name: str, why: str, task: Task | None) -> None:
    """Raise DataError unless a target is one that can be learnt."""
    if name not in table.columns:
        raise table.fault(f"there is no column {named(name)} for the target", hint=unknown(name, table.columns))
    require_values(table, name, "target")
    column = table.columns[name]
    if task != "classification" and (odd := _odd(table, name)):
        mended = _BARE if odd.is_meant else "mend or remove such rows"
        raise table.fault(odd.message, row=odd.row, hint=f"{mended}\n{_taken(name, why)}")
    if task == "regression" and _is_text(table, name):
        hint = f"say --task classification\n{_taken(name, why)}"
        raise table.fault(f"{named(name)} holds texts, and regression needs numbers", hint=hint)
    reason = "the same in all rows" if _is_constant(table, name) else _uselessness(table, name)
    if not reason and task != "regression" and _is_text(table, name) and column.distinct > len(table) / 2:
        reason = f"{column.distinct:,} different texts in {len(table):,} rows"
    if reason:
        raise table.fault(
            f"{named(name)}, taken {why}, cannot be predicted: {reason}", hint=f"say another with {_targets(table)}"
        )


def _task(table: Table, target: str) -> Task:
    try:
        return find_task(table, target, None)
    except SettingError as error:
        raise table.fault(error.mistakes[0].message, hint="say it: --task classification, or --task regression") from None


def _loaded(table: Table, settings: DataSettings) -> Dataset:
    """Return the data; settings that do not fit them are told of the file, for nobody has written any."""
    try:
        return load_dataset(settings)
    except SettingError as error:
        messages = "; ".join(mistake.message for mistake in error.mistakes)
        raise table.fault(messages, hint="\n".join(mistake.hint for mistake in error.mistakes if mistake.hint)) from None


def _useless_inputs(table: Table, inputs: Iterable[str]) -> dict[str, str]:
    """Return the inputs that teach nothing, with the reason; none of them where nothing else would be left.

    Raises DataError at a text between numbers that spoils a column.
    """
    reasons = {name: reason for name in inputs if (reason := _spoilt(table, name) or _uselessness(table, name))}
    if reasons.keys() != set(inputs):
        return reasons
    if odd := next(filter(None, (_odd(table, name) for name in inputs)), None):
        raise table.fault(odd.message, row=odd.row, hint=_BARE)
    return {}


def _odd(table: Table, name: str) -> Odd | None:
    column = table.columns[name]
    return odd_among_numbers(name, column) if isinstance(column, Texts) else None


def _spoilt(table: Table, name: str) -> str:
    """Return why a column of numbers cannot be read as such, when it is for the units of nearly all.

    Raises DataError when it is for some texts between the numbers, or for commas, which are likely in other columns too.
    """
    odd = _odd(table, name)
    if not odd:
        return ""
    text = table.columns[name].text(odd.row)
    if odd.is_dressed:
        where = f"{shown(text)} in line {table.lines[odd.row]}" if table.has_lines else shown(text)
        return f"numbers with a unit or sign, such as {where} (bare in the file, they could be learnt from)"
    missing = f"mend the file, or say that it means no value: --missing {shlex.quote(text)}"
    raise table.fault(odd.message, row=odd.row, hint=_BARE if odd.is_meant else missing)


def _uselessness(table: Table, name: str) -> str:
    """Return why a column teaches nothing; an empty text when it may."""
    column = table.columns[name]
    if column.missing.all():
        return "without any value"
    if isinstance(column, Texts) and all(map(_DATE.fullmatch, column.levels.texts)):
        return "dates or times (their month, weekday or hour may serve in a column of its own)"
    present, distinct = int((~column.missing).sum()), column.distinct
    if distinct < present or present < 2:
        return ""
    if _is_text(table, name):
        return "texts that are all different" if distinct > MOST_LEVELS or distinct == len(table) else ""
    numbers = column.numbers[~column.missing]
    if (numbers[1:] - numbers[:-1] == 1).all():
        return "numbers that count the rows"
    is_id = _CALLED_ID.fullmatch(name) and (numbers == numbers.round()).all()
    return "numbers that are all different, by its name an id" if is_id else ""


def _is_text(table: Table, name: str) -> bool:
    column = table.columns[name]
    return bool(np.isnan(column.numbers[~column.missing]).any())


def _is_constant(table: Table, name: str) -> bool:
    column = table.columns[name]
    return column.distinct == 1 and not column.missing.any()


def _group(table: Table, data: Dataset) -> str | None:
    """Return the first input whose name and repeated values look like those of a group."""
    called = (name for name in data.preprocessing.columns if _CALLED_GROUP.fullmatch(name))
    return next((name for name in called if FEWEST_GROUPS <= table.columns[name].distinct <= len(table) / 2), None)
