"""The README tells every key of a spec, and every finding, as it is declared. To write its tables anew:

UPDATE_GOLDEN=1 pytest tests/test_option_table.py
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import MISSING, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from hpsearch.network.settings import NetworkSettings
from hpsearch.options import defaults_of, kinds_of, options_of
from hpsearch.spec.declared import ENTRY_KEYS, SECTIONS, Heading
from hpsearch.spec.keys import declared_keys, space_keys
from hpsearch.spec.lint.kinds import LINTS
from hpsearch.spec.wording import declaration_of, expected, words_of, written

README = Path(__file__).parents[1] / "README.md"
COLUMNS = ("key", "what it is", "values", "unless given", "scale")


def option_table() -> str:
    """Return all keys as tables: those at the top, of each section, and of a name of the space.

    The scale is the one that a name is drawn on unless the spec says otherwise; only where names can be searched.
    """
    tables = [table("At the top", list(rows(Heading)))]
    tables += [table(f"`{section}:`", list(rows(declaration))) for section, declaration in SECTIONS.items()]
    said = [(f"`{key}`", meaning) for key, meaning in ENTRY_KEYS.items()]
    return "\n".join([*tables, table("A name in `space:`", said)])


def table(title: str, rows: Sequence[Sequence[str]]) -> str:
    """Return a table under a title, without columns in which nothing stands at the end of every row."""
    width = max(number for row in rows for number, cell in enumerate(row, 1) if cell)
    lines = [COLUMNS, ["---"] * width, *rows]
    return f"**{title}**\n\n" + "".join(f"| {' | '.join(line[:width])} |\n" for line in lines)


def rows(declaration: type, outer: str = "") -> Iterator[tuple[str, ...]]:
    """Yield a row for each option of a dataclass, and below it for those of the mapping that it may be."""
    for name, option in options_of(declaration).items():
        kind = kinds_of(declaration)[name]
        scale = option.scale if option.searchable and not words_of(kind) else ""
        default = default_text(defaults_of(declaration)[name])
        yield f"`{outer}{name}`", option.explained, expected(kind, option.allowed), default, scale
        if (nested := declaration_of(kind)) is not None:
            yield from rows(nested, f"{outer}{name}.")


def default_text(default: Any) -> str:
    if default is MISSING:
        return "must be given"
    return "" if default in (None, "", [], {}) or is_dataclass(default) else f"`{written(default)}`"


def findings_table() -> str:
    return "\n".join(["| code | |", "|---|---|", *(f"| `{code}` | {lint.meaning} |" for code, lint in LINTS.items())])


@pytest.mark.parametrize(("name", "table"), [("options", option_table), ("findings", findings_table)])
def test_the_readme_holds_the_table_of_what_is_declared(name: str, table: Callable[[], str]) -> None:
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->\n"
    before, rest = README.read_text(encoding="utf-8").split(begin)
    shown, after = rest.split(end)
    if os.environ.get("UPDATE_GOLDEN"):
        README.write_text(f"{before}{begin}\n{table()}\n{end}{after}", encoding="utf-8")
    else:
        assert shown == f"\n{table()}\n"


def test_a_row_tells_the_values_the_default_and_the_scale() -> None:
    rows = option_table().splitlines()
    assert "| `learning_rate` | step size alpha of the first epoch | a number above 0 | `0.001` | log |" in rows
    assert "| `confirm.seeds` | fresh seeds, the same for each leader | a whole number from 1 to 1,000 | `3` |" in rows
    assert (
        "| `select` | the epoch of a trial whose metric and weights count: its last, or its best | last_epoch or best_epoch"
        in (row.rpartition(" | ")[0] for row in rows)
    )


def test_every_row_has_the_columns_of_its_table() -> None:
    tables = [part.splitlines() for part in option_table().split("**")[2::2]]
    lines = [[line for line in part if line] for part in tables]
    assert [{line.count("|") - 1 for line in part} for part in lines] == [{4}, {4}, {5}, {4}, {4}, {2}]
    assert all(line.startswith("| ") and line.endswith(" |") for part in lines for line in part)


def test_every_key_that_set_takes_has_one_row() -> None:
    shown = [line.split("`")[1] for line in option_table().splitlines() if line.startswith("| `")]
    keys = [key.partition(".")[2] if key.partition(".")[0] in SECTIONS else key for key in declared_keys()]
    assert shown == [*keys, *ENTRY_KEYS]


def test_the_keys_are_those_that_set_takes() -> None:
    keys = list(declared_keys())
    assert keys[:5] == ["name", "seed", "metric", "select", "data.source"]
    assert {"network.epochs", "objective.python", "search.early_stopping.min_epochs"} < set(keys)
    assert len(keys) == len(set(keys))


PARAMETERS = {"hidden_units": [*ENTRY_KEYS], "l2": ["range", "scale", "step", "choices", "when"]}
"""What may be said of a parameter that each layer can have for itself, and of another."""


def test_the_space_can_hold_each_searchable_option() -> None:
    keys = list(space_keys())
    searchable = [f"space.{name}" for name, option in options_of(NetworkSettings).items() if option.searchable]
    assert [key for key in keys if key.count(".") == 1] == searchable
    said = {name: [key.rpartition(".")[2] for key in keys if key.startswith(f"space.{name}.")] for name in PARAMETERS}
    assert said == PARAMETERS
