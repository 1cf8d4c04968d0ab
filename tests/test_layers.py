"""The house: a part imports only from rows below it, and each outside dependency has one owner."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import hpsearch

PACKAGE = Path(hpsearch.__file__).parent
PROJECT = Path(__file__).parent.parent

ROWS = (
    {"errors", "seeds", "options", "prose", "trial"},
    {"space", "network", "data"},
    {"search", "objectives"},
    {"study"},
    {"spec", "views"},
    {"cli", "api"},
    {"__main__"},
)
ROW = {part: number for number, parts in enumerate(ROWS) for part in parts}

EXTRAS = ("sobol", "plot", "report", "optuna")
"""What can be installed besides."""

LOOKS = {
    "format": 0,
    "numbers": 1,
    "why": 1,
    "export": 2,
    "ahead_export": 2,
    "words": 2,
    "confirmation": 2,
    "trials_export": 3,
    "optuna_export": 3,
    "terminal": 3,
    "page": 3,
}
"""The rows within `views`: numbers know no look, and no look knows another."""

OWNERS = {
    "click": {"cli"},
    "yaml": {"spec"},
    "pydantic": {"spec"},
    "rich": {"views"},
    "joblib": {"study"},
    "threadpoolctl": {"study"},
    "scipy": {"search"},
    "plotext": {"views"},
    "vl_convert": {"views"},
    "optuna": {"views"},
    "numpy": {"seeds", "trial", "space", "network", "data", "search", "objectives", "study"},
}
"""Who may import what does not come with Python."""

READ_BY_THE_COMMAND_LINE = re.compile(r"hpsearch\.(\w+\.settings|objectives\.metrics)")
"""The modules that import no NumPy although their part may: the command line reads them before anything starts."""


def imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield (relative level, module) of every import, those in functions and under TYPE_CHECKING too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "hpsearch":
            yield from ((node.level, f"hpsearch.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.level, node.module or ""


def faults(module: str, source: str) -> list[str]:
    """Return what is wrong with a module's imports; `module` is its full name."""
    part = module.split(".")[1]
    found = []
    for level, name in imports(ast.parse(source)):
        top, _, rest = name.partition(".")
        if level:
            found.append("a relative import")
        elif top == "hpsearch":
            found += _upward(part, rest.split(".")[0])
            if part == "views" and rest.startswith("views."):
                found += _to_another_look(module.split(".")[2], rest.split(".")[1])
        elif top not in sys.stdlib_module_names:
            if part not in OWNERS.get(top, ()):
                found.append(f"{top} is not {part}'s")
            elif top == "rich" and not module.startswith("hpsearch.views.terminal"):
                found.append("rich is the terminal's")
            elif top == "numpy" and READ_BY_THE_COMMAND_LINE.fullmatch(module):
                found.append("numpy where the command line reads")
    return found


def _upward(part: str, other: str) -> list[str]:
    if other not in ROW:
        return [f"there is no part {other}"]
    downwards = ROW[other] < ROW[part] or ROW[other] == ROW[part] == 0
    alone = part == "network" and other == "trial"  # the network can be lifted out and read by itself
    return [] if part == other or (downwards and not alone) else [f"{part} imports {other}"]


def _to_another_look(look: str, other: str) -> list[str]:
    return [] if look == other or LOOKS[other] < LOOKS[look] else [f"{look} imports {other}"]


def modules() -> dict[str, Path]:
    """Return the files of the package by the name of their module; a part's page by the part's name."""
    names = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        names[".".join(part for part in parts if part != "__init__")] = path
    return names


MODULES = modules()
PAGES = [name for name, path in MODULES.items() if path.name == "__init__.py"]


@pytest.mark.parametrize("module", [name for name in MODULES if name not in PAGES])
def test_a_module_imports_only_from_rows_below_and_what_its_part_owns(module: str) -> None:
    assert faults(module, MODULES[module].read_text()) == []


@pytest.mark.parametrize("module", [name for name in PAGES if name != "hpsearch"])  # tests/test_python_api.py is for that
def test_the_page_of_a_part_is_a_docstring_and_nothing_else(module: str) -> None:
    tree = ast.parse(MODULES[module].read_text())
    assert ast.get_docstring(tree)
    assert len(tree.body) == 1


def test_every_part_has_a_page_and_a_row() -> None:
    assert {name.split(".")[1] for name in MODULES if name != "hpsearch"} == set(ROW)
    folders = {path.parent.relative_to(PACKAGE.parent).parts for path in PACKAGE.rglob("*.py")}
    assert set(map(".".join, folders)) == set(PAGES)


def test_every_dependency_of_the_project_has_an_owner_and_no_owner_lacks_one() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    optional = project["optional-dependencies"]
    requirements = [*project["dependencies"], *(one for extra in EXTRAS for one in optional[extra])]
    names = {re.split(r"[<>=~! ]", requirement)[0] for requirement in requirements}
    assert {{"pyyaml": "yaml", "vl-convert-python": "vl_convert"}.get(name, name) for name in names} == set(OWNERS)
    assert optional["all"] == [f"hpsearch[{','.join(EXTRAS)}]"]


def test_help_imports_nothing_heavy() -> None:
    program = "import sys; from hpsearch.cli.main import main\ntry: main(['--help'])\nexcept SystemExit: print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.startswith("Usage: hpsearch")
    loaded = set(result.stdout.splitlines()[-1].split())
    assert "hpsearch.cli.run" in loaded
    assert loaded & (set(OWNERS) - {"click"}) == set()


@pytest.mark.parametrize(
    ("module", "source", "fault"),
    [
        ("hpsearch.search.strategy", "from hpsearch.objectives.objective import Objective", "search imports objectives"),
        ("hpsearch.network.layers", "import hpsearch.seeds\nimport hpsearch.space.box", "network imports space"),
        ("hpsearch.network.training", "from hpsearch.trial import Trial", "network imports trial"),
        ("hpsearch.trial", "from hpsearch import study", "trial imports study"),
        ("hpsearch.study.loop", "def late():\n    from hpsearch.views.terminal import live", "study imports views"),
        (
            "hpsearch.spec.load",
            "if TYPE_CHECKING:\n    from hpsearch.views.terminal.tables import x",
            "spec imports views",
        ),
        ("hpsearch.cli.run", "from hpsearch.manager import x", "there is no part manager"),
        ("hpsearch.cli.run", "from . import options", "a relative import"),
        ("hpsearch.data.dataset", "from ..trial import Trial", "a relative import"),
        ("hpsearch.study.loop", "import rich.console", "rich is not study's"),
        ("hpsearch.network.training", "import os, threadpoolctl", "threadpoolctl is not network's"),
        ("hpsearch.views.terminal.tables", "import numpy as np", "numpy is not views's"),
        ("hpsearch.views.numbers.slices", "from hpsearch.views.terminal.tables import x", "numbers imports terminal"),
        ("hpsearch.views.page.report", "from hpsearch.views.terminal.tables import x", "page imports terminal"),
        ("hpsearch.views.export", "from rich.text import Text", "rich is the terminal's"),
        ("hpsearch.options", "import numpy", "numpy is not options's"),
        ("hpsearch.data.readers", "def read():\n    import pandas", "pandas is not data's"),
        ("hpsearch.data.settings", "from numpy.typing import NDArray", "numpy where the command line reads"),
        ("hpsearch.objectives.metrics", "import numpy as np", "numpy where the command line reads"),
    ],
)
def test_the_checker_finds_a_wrong_import(module: str, source: str, fault: str) -> None:
    assert faults(module, source) == [fault]


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("hpsearch.search.strategy", "import math\nfrom hpsearch.space.search_space import SearchSpace"),
        ("hpsearch.objectives.network_objective", "import numpy as np\nfrom hpsearch.network.training import advance"),
        ("hpsearch.trial", "from hpsearch.errors import UsageError"),
        ("hpsearch.cli.run", "import click\nfrom hpsearch.cli.options import json_option"),
        ("hpsearch.views.terminal.tables", "import rich.table\nfrom hpsearch.study.record import RunRecord"),
    ],
)
def test_the_checker_lets_a_right_import_pass(module: str, source: str) -> None:
    assert faults(module, source) == []
