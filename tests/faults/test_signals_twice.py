"""A second Ctrl-C or SIGTERM ends a command at once, whatever it is in the middle of."""

from __future__ import annotations

import os
import pty
import signal
from contextlib import suppress
from pathlib import Path

import pytest
from hanging import FUNCTIONS, SPEC
from killed import Command, directory, journal

TERMINAL = "import os; os.environ['TERM'] = 'xterm'; "
INTERRUPTED, TERMINATED = (signal.SIGINT, 130), (signal.SIGTERM, 143)


def read_all(terminal: int) -> bytes:
    """Return what was written to a terminal that no process has open any more."""
    content = b""
    with suppress(OSError), os.fdopen(terminal, "rb", buffering=0) as file:
        while more := file.read(4096):
            content += more
    return content


@pytest.mark.parametrize(
    ("function", "jobs", "number", "code"),
    [
        ("swallows", 1, *INTERRUPTED),
        ("waits_in_c", 1, *TERMINATED),
        *(
            pytest.param(function, jobs, *sent, marks=pytest.mark.slow)
            for function in ("swallows", "waits_in_c")
            for jobs in (1, 2)
            for sent in (INTERRUPTED, TERMINATED)
        ),
    ],
)
def test_a_second_signal_ends_a_command_in_the_middle_of_anything(
    function: str, jobs: int, number: signal.Signals, code: int, tmp_path: Path
) -> None:
    (tmp_path / "functions.py").write_text(FUNCTIONS)
    ours, theirs = pty.openpty()
    command = Command(
        tmp_path,
        "--jobs",
        str(jobs),
        spec=SPEC.format(name="faults", function=function, trials=4),
        before=TERMINAL,
        stderr=theirs,
    )
    os.close(theirs)
    assert command.came_to((tmp_path / "begun").exists)
    for _ in range(100):  # the kernel makes one of two signals that arrive while nothing runs
        command.send(number)
        if not command.lasted(0.1):
            break
    assert command.end().code in (code, -number)  # a shell tells them alike
    assert command.orphans() == []
    shown = read_all(ours)
    assert shown.rindex(b"\x1b[?25h") > shown.rindex(b"\x1b[?25l")
    assert len(journal(tmp_path, "session")) == 1
    assert directory(tmp_path).name == "faults-001"
