import json
import re
import shlex
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from commands import Command

from hpsearch.cli import main, program
from hpsearch.errors import Interrupted
from hpsearch.study import runs


def test_help_lists_the_commands_and_nothing_that_is_not_built(hpsearch: Command) -> None:
    ended = hpsearch("--help")
    assert ended.code == 0
    commands = ended.out.split("Commands:")[1].split("Start with")[0]
    assert re.findall(r"^  (\w+)  ", commands, re.MULTILINE) == [
        "check",
        "compare",
        "completion",
        "confirm",
        "doctor",
        "export",
        "init",
        "list",
        "predict",
        "refine",
        "report",
        "run",
        "show",
        "verify",
        "watch",
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

    hpsearch("list")  # imports all that it uses, before that is another
    monkeypatch.setattr(runs, "run_directories", interrupted)
    assert hpsearch("list").code == code


def test_a_bug_is_one_message_and_no_traceback(hpsearch: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: object) -> None:
        raise ZeroDivisionError("oops \x1b[31m")

    monkeypatch.setattr(program.hpsearch, "main", broken)
    ended = hpsearch("list")
    assert ended.code == 4
    assert "ZeroDivisionError: oops \\x1b[31m" in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("name", ["lock", "checkpoints", ".numbers/tiny"])
def test_what_the_system_refuses_is_no_bug_and_told_with_its_path(hpsearch: Command, name: str) -> None:
    """A directory stands where a file is to be, or the other way round."""
    hpsearch("run", "tiny.yaml", "-j1", "-q")
    journal = Path("runs/tiny-001/journal.jsonl")
    journal.write_text("".join(journal.read_text().splitlines(keepends=True)[:3]))
    path = Path("runs", name) if "/" in name else Path("runs/tiny-001", name)
    if path.is_dir():
        shutil.rmtree(path)
        path.write_text("")
    else:
        path.unlink()
        path.mkdir()
    if "/" in name:
        shutil.rmtree("runs/tiny-001")
    ended = hpsearch("run", "tiny.yaml", "-j1")
    code, told = {
        "lock": (4, "cannot be locked: Is a directory"),
        "checkpoints": (4, "File exists"),
        ".numbers/tiny": (2, "cannot be read: Is a directory"),
    }[name]
    assert (ended.code, ended.err) == (code, f"error: {path}: {told}\n")


def test_a_name_that_is_too_long_is_told(hpsearch: Command) -> None:
    hpsearch("run", "tiny.yaml", "-j1", "-q")
    ended = hpsearch("show", "x" * 300)
    assert ended.code == 2
    assert f"no run is called '{'x' * 60}...'" in ended.err


def program_with(redirection: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program in a shell that redirects its streams."""
    start = [sys.executable, "-c", "from hpsearch.cli.main import main; main()", *arguments]
    command = f"{shlex.join(start)} {redirection}"
    return subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full is Linux's")
@pytest.mark.parametrize(
    ("redirection", "arguments", "code"),
    [
        ("2>/dev/full", "run nope.yaml", 2),
        ("2>/dev/full", "rum", 2),
        ("2>/dev/full", "run tiny.yaml -j1", 0),
        ("2>/dev/full", "run tiny.yaml -j1 --set network.optimizer=sgd --set space.learning_rate.range=[1e30,1e33]", 3),
        (">/dev/full", "list", 4),
        (">/dev/full", "--help", 4),
    ],
)
@pytest.mark.usefixtures("hpsearch")
def test_a_full_disk_behind_a_stream_changes_no_other_exit_code(redirection: str, arguments: str, code: int) -> None:
    if "list" in arguments:
        assert program_with("", "run", "tiny.yaml", "-j1").returncode == 0
    done = program_with(redirection, *arguments.split())
    assert done.returncode == code
    assert done.stderr == ("error: No space left on device\n" if code == 4 else "")


@pytest.mark.usefixtures("hpsearch")
def test_closed_streams_stop_nothing() -> None:
    done = program_with("2>&-", "run", "tiny.yaml", "-j2", "--json")
    assert (done.returncode, json.loads(done.stdout)["run"], done.stderr) == (0, "runs/tiny-001", "")
    done = program_with(">&- 2>&- <&-", "run", "tiny.yaml", "-j1", "--new")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = program_with("<&-", "run", "-")
    assert done.returncode == 2
    assert "the spec is empty" in done.stderr
    for run in ("tiny-001", "tiny-002"):
        assert Path("runs", run, "journal.jsonl").read_text().splitlines()[-1].startswith('{"v": 1, "type": "finish", ')


def test_an_interruption_while_the_program_is_imported_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main, "_exit_code", interrupted)
    with pytest.raises(SystemExit) as ended:
        main.main([])
    assert ended.value.code == 130


def interrupted(_: object) -> None:
    raise KeyboardInterrupt
