"""In a script's background, under nohup, without a standard input, in a pipe that nobody reads: a run comes to its end."""

from __future__ import annotations

import os
import pty
import signal
from pathlib import Path

import pytest
from killed import SMALL, Command, assert_same, journal, run


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of one job that nothing disturbed."""
    folder = tmp_path_factory.mktemp("whole")
    assert run(folder, "--jobs", "1", spec=SMALL).code == 0
    return folder


@pytest.mark.parametrize(
    "shell",
    [
        '("$@"; echo $? > code) 2>&1 | head -1; exit $(cat code)',
        *(
            pytest.param(shell, marks=pytest.mark.slow)
            for shell in (
                '"$@" & wait $!',
                '("$@"; echo $? > code) | head -c 1; exit $(cat code)',
                '{ ("$@"; echo $? > code) 2>&1 >&3 | head -1; } 3>&1; exit $(cat code)',
                'nohup "$@" & wait $!',
                'nohup "$@" > out 2>&1 < /dev/null & wait $!',
                '"$@" <&-',
                '"$@" <&- >&- 2>&-',
            )
        ),
    ],
)
def test_a_run_comes_to_its_end_wherever_a_shell_puts_it(shell: str, whole: Path, tmp_path: Path) -> None:
    command = Command(tmp_path, "--jobs", "2", spec=SMALL, shell=shell)
    ended = command.end()
    assert ended.code == 0
    assert "Traceback" not in ended.out + ended.err
    assert "Exception" not in ended.out + ended.err
    assert command.orphans() == []
    assert_same(tmp_path, whole)


def test_an_interruption_reaches_a_command_in_a_scripts_background(whole: Path, tmp_path: Path) -> None:
    """Where the shell has told it to ignore Ctrl-C."""
    command = Command(tmp_path, "--jobs", "1", spec=SMALL, shell='"$@" & echo $! > pid; wait $!')
    assert command.reached(4)
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGINT)
    assert command.end().code in (0, 130)
    assert run(tmp_path, "--jobs", "1", spec=SMALL).code == 0
    assert_same(tmp_path, whole)


@pytest.mark.parametrize("shell", ["", pytest.param('trap "" HUP; exec "$@"', marks=pytest.mark.slow)])
def test_a_terminal_that_is_closed_loses_nothing(shell: str, whole: Path, tmp_path: Path) -> None:
    """Where the signal is ignored not even the command, whose messages can't be written any more."""
    ours, theirs = pty.openpty()
    command = Command(tmp_path, "--jobs", "2", spec=SMALL, shell=shell, stderr=theirs)
    os.close(theirs)
    assert command.reached(4)
    os.close(ours)
    command.send(signal.SIGHUP)
    assert command.end().code == (0 if shell else 128 + signal.SIGHUP)
    assert command.orphans() == []
    assert bool(journal(tmp_path, "finish")) == bool(shell)
    assert run(tmp_path, "--jobs", "1", spec=SMALL).code == 0
    assert_same(tmp_path, whole)
