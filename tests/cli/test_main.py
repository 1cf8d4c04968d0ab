import re
import subprocess
import sys
from importlib.metadata import version

import pytest
from commands import Command

from hpsearch.cli import main as program
from hpsearch.errors import Interrupted
from hpsearch.study import run_dir


def test_help_lists_the_commands_and_nothing_that_is_not_built(hpsearch: Command) -> None:
    ended = hpsearch("--help")
    assert ended.code == 0
    commands = ended.out.split("Commands:")[1].split("Start with")[0]
    assert re.findall(r"^  (\w+)  ", commands, re.MULTILINE) == [
        "list",
        "predict",
        "run",
        "show",
        "verify",
    ]


def test_help_needs_neither_numpy_nor_joblib() -> None:
    heavy = "{'numpy', 'joblib', 'rich', 'pydantic', 'yaml'}"
    code = (
        "import sys\nfrom hpsearch.cli.main import main\n"
        f"try: main(['--help'])\nexcept SystemExit: print('loaded', {heavy} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("loaded set()\n")


def test_the_version_is_the_packages(hpsearch: Command) -> None:
    assert hpsearch("--version").out == f"hpsearch {version('hpsearch')}\n"


def test_an_unknown_command_is_wrong_usage(hpsearch: Command) -> None:
    ended = hpsearch("rum")
    assert ended.code == 2
    assert "rum" in ended.err


@pytest.mark.parametrize(("signal_number", "code"), [(2, 130), (15, 143)])
def test_an_interruption_ends_with_its_signals_code(
    hpsearch: Command, monkeypatch: pytest.MonkeyPatch, signal_number: int, code: int
) -> None:
    def interrupted(_: object) -> None:
        raise Interrupted(signal_number)

    monkeypatch.setattr(run_dir, "run_directories", interrupted)
    assert hpsearch("list").code == code


def test_a_bug_is_one_message_and_no_traceback(hpsearch: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: object) -> None:
        raise ZeroDivisionError("oops \x1b[31m")

    monkeypatch.setattr(program.hpsearch, "main", broken)
    ended = hpsearch("list")
    assert ended.code == 4
    assert "ZeroDivisionError: oops \\x1b[31m" in ended.err
    assert "Traceback" not in ended.err
