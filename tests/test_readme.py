"""What the README shows is true: its specs load, its error is what is said, its commands exist."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import Command

from hpsearch.cli.program import hpsearch as program
from hpsearch.data.settings import DataSettings
from hpsearch.errors import SpecError
from hpsearch.network.settings import NetworkSettings
from hpsearch.objectives.settings import PythonSettings
from hpsearch.options import options_of
from hpsearch.search.settings import Confirm, EarlyStopping, SearchSettings
from hpsearch.spec.load import load_spec

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def test_there_are_two_commands_to_paste_each_on_one_line() -> None:
    first, second = blocks("bash")
    assert first.count("\n") == second.count("\n") == 1
    assert first.endswith("hpsearch run configs/digits.yaml\n")
    assert second.endswith("pytest\n")


@pytest.mark.parametrize("text", blocks("yaml"))
def test_a_spec_loads(text: str) -> None:
    load_spec(text, "spec.yaml", (), Path("/specs"))


def test_the_wine_is_searched_and_the_winner_used_as_told(hpsearch: Command) -> None:
    rng = np.random.default_rng(0)
    rows = [f"{rng.normal() + kind:.3f},{rng.normal() - kind:.3f},{kind}" for kind in (1, 2, 3) * 20]
    Path("wine.csv").write_text("\n".join(["alcohol,hue,cultivar", *rows]) + "\n")
    Path("new.csv").write_text("hue,alcohol\n1.04,13.2\n0.9,12.1\n")
    Path("wine.yaml").write_text(blocks("yaml")[0])
    assert hpsearch("run", "wine.yaml", "--set", "search.trials=2", "--set", "network.epochs=2").code == 0
    names: dict[str, Any] = {}
    (using,) = [block for block in blocks("python") if "load_model" in block]
    exec(using, names)
    assert names["model"].predict(names["rows"]).shape == (1,)
    assert names["model"].probabilities("new.csv").shape == (2, 3)


def test_a_function_is_searched_as_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (searching,) = [block for block in blocks("python") if "hpsearch.search(" in block]
    names: dict[str, Any] = {}
    exec(searching.replace("trials=30", "trials=30, jobs=1"), names)
    assert abs(names["found"].best["w"] - 5) < 0.5


def test_the_error_is_what_is_said() -> None:
    (shown,) = [block for block in blocks("text") if block.startswith("error:")]
    spec = "space:\n" + re.findall(r"\| (.*range.*)", shown)[0] + "\n"
    with pytest.raises(SpecError) as caught:
        load_spec(spec, "spec.yaml", (), Path("/specs"))
    assert shown == f"error: {caught.value}\n"


def test_the_commands_exist() -> None:
    named = set(re.findall(r"^hpsearch (\w+)", "\n".join(blocks("text")), re.MULTILINE))
    assert named == set(program.commands)


def test_every_option_of_the_run_command_is_named() -> None:
    options = {name for parameter in program.commands["run"].params for name in parameter.opts if name.startswith("--")}
    assert {name for name in options if name not in README} == set()


@pytest.mark.parametrize(
    "declaration", [DataSettings, NetworkSettings, SearchSettings, EarlyStopping, Confirm, PythonSettings]
)
def test_every_key_is_told_about(declaration: type) -> None:
    told = set(re.findall(r"`(\w+)`", README)) | set(re.findall(r"(\w+):", "\n".join(blocks("yaml"))))
    assert {field.name for field in fields(declaration)} <= told


def test_the_scale_that_is_told_is_the_one_that_is_declared() -> None:
    for name, option in options_of(NetworkSettings).items():
        row = re.search(rf"^\|[^|]*`{name}`[^|]*\|[^|]*\| ([^|]*)\|$", README, re.MULTILINE)
        if row and row[1].strip() and "," not in row[1]:
            assert row[1].strip() == option.scale, name
