"""The README tells every key of a spec, and every finding, as it is declared. To write its tables anew:

UPDATE_GOLDEN=1 pytest tests/test_option_table.py
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from hpsearch.network.settings import NetworkSettings
from hpsearch.options import options_of
from hpsearch.spec.lint import LINTS
from hpsearch.spec.reference import declared_keys, option_table, space_keys

README = Path(__file__).parents[1] / "README.md"


def findings_table() -> str:
    return "\n".join(["| code | |", "|---|---|", *(f"| `{code}` | {meaning} |" for code, meaning in LINTS.items())])


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


def test_every_row_has_as_many_cells_as_its_header() -> None:
    for table in re.split(r"\n\n", option_table()):
        rows = [line for line in table.splitlines() if line.startswith("|")]
        assert len({row.count("|") for row in rows}) <= 1


def test_the_keys_are_those_that_set_takes() -> None:
    keys = [key.dotted for key in declared_keys()]
    assert keys[0] == "name"
    assert {"data.source", "network.epochs", "objective.python", "search.early_stopping.min_epochs"} < set(keys)
    assert len(keys) == len(set(keys))


def test_the_space_can_hold_each_searchable_option() -> None:
    keys = space_keys()
    searchable = {f"space.{name}" for name, option in options_of(NetworkSettings).items() if option.searchable}
    assert {key for key in keys if key.count(".") == 1} == searchable
    assert "space.hidden_units.per" in keys
    assert "space.l2.per" not in keys
    assert keys["space.l2.range"].startswith("two bounds")
