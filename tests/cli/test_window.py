"""`run` and `watch` in a window: what they show, which keys they hear, and that they leave the terminal as they found it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyte
import pytest

PATIENCE = 60.0
"""Seconds after which what should have happened counts as failed."""

FUNCTIONS = """\
import pathlib
import threading


def train(x):
    if x > 0.5:
        raise ValueError("[red]</script>")
    if pathlib.Path("begun").exists():
        threading.Event().wait()
    pathlib.Path("begun").touch()
    return x


def swallows(x):
    pathlib.Path("begun").touch()
    while True:
        try:
            threading.Event().wait()
        except BaseException:
            pass


def quick(x):
    return x
"""

SPEC = """\
name: window
objective: {{python: "functions:{}"}}
space: {{x: {{range: [0.0, 1.0]}}}}
search: {{method: random, trials: 8}}
"""

PROGRAM = """\
import os, sys
os.close(os.open(os.ttyname(0), os.O_RDWR))
os.tcsetpgrp(0, os.getpgrp())
from hpsearch.cli.main import main
sys.argv[0] = "hpsearch"
main()
"""
"""Opening the terminal makes it that of the new session."""


class Window:
    """A terminal with one command in its foreground."""

    def __init__(self, folder: Path, *arguments: str, width: int = 100, height: int = 24, **environment: str) -> None:
        self._ours, self._theirs = pty.openpty()
        self.screen = pyte.Screen(width, height)
        self._stream = pyte.ByteStream(self.screen)
        self.resize(width, height)
        self.before = termios.tcgetattr(self._theirs)
        inherited = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *arguments],
            cwd=folder,
            env={**inherited, "TERM": "xterm-256color", **environment},
            stdin=self._theirs,
            stdout=self._theirs,
            stderr=self._theirs,
            start_new_session=True,
        )

    def resize(self, width: int, height: int) -> None:
        """Give the window another size."""
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self.screen.resize(height, width)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._ours, keys.encode())

    @property
    def text(self) -> str:
        """What the window shows."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def comes_to(self, happened: Callable[[], bool]) -> bool:
        """Take in what is written until something has happened; return whether it has."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if select.select([self._ours], [], [], 0.02)[0]:
                self._stream.feed(os.read(self._ours, 65536))
            elif happened():
                return True
        return False

    def shows(self, text: str) -> bool:
        """Whether the window comes to show a text."""
        return self.comes_to(lambda: text in self.text)

    def end(self) -> int:
        """Wait for the command's end and return its exit code."""
        assert self.comes_to(lambda: self.process.poll() is not None)
        return self.process.wait()

    @property
    def settings(self) -> list[Any]:
        """The settings of the terminal, but for the one that tells that typed text is pending."""
        settings = termios.tcgetattr(self._theirs)
        settings[3] &= ~termios.PENDIN
        return settings

    def close(self) -> None:
        """Close the window, and end what is still in it."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self._ours)
        os.close(self._theirs)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., Window]]:
    """What opens windows in a folder with functions and specs of them."""
    (tmp_path / "functions.py").write_text(FUNCTIONS)
    for name in ("train", "swallows", "quick"):
        (tmp_path / f"{name}.yaml").write_text(SPEC.format(name))
    windows: list[Window] = []

    def opens(*arguments: str, **options: Any) -> Window:
        windows.append(Window(tmp_path, *arguments, **options))
        return windows[-1]

    yield opens
    for window in windows:
        window.close()


def assert_clean(window: Window) -> None:
    assert window.settings == window.before
    assert not window.screen.cursor.hidden
    assert "search  " not in window.text


def test_a_search_that_comes_to_its_end_leaves_its_result_and_a_clean_terminal(opened: Callable[..., Window]) -> None:
    window = opened("run", "quick.yaml", "--jobs", "1")
    assert window.end() == 0
    assert "8 trials: 8 complete" in window.text
    assert_clean(window)


@pytest.mark.parametrize(("typed", "code"), [("q", 130), ("\x03", 130), ("", 143)])
def test_q_and_ctrl_c_and_sigterm_interrupt_a_search_which_says_how_it_goes_on(
    typed: str, code: int, opened: Callable[..., Window]
) -> None:
    window = opened("run", "train.yaml", "--jobs", "1")
    assert window.shows("q or Ctrl-C interrupts")
    assert window.shows("of 8 trials ended: 1 complete")
    assert not window.settings[3] & termios.ECHO
    window.type("anything but that letter")
    if typed:
        window.type(typed)
    else:
        window.process.send_signal(signal.SIGTERM)
    if typed == "q":  # read together with what was typed before, it may be a part of that
        while window.process.poll() is None and "interrupted" not in window.text:
            window.comes_to(lambda: True)
            window.type("q")
    assert window.end() == code
    assert "interrupted; what has finished is on record. To go on: hpsearch run train.yaml --jobs 1" in window.text
    assert_clean(window)


def test_a_second_ctrl_c_ends_it_at_once_and_leaves_a_clean_terminal(opened: Callable[..., Window], tmp_path: Path) -> None:
    window = opened("run", "swallows.yaml", "--jobs", "1")
    assert window.shows("q or Ctrl-C interrupts")
    assert window.comes_to((tmp_path / "begun").exists)
    while window.process.poll() is None:
        with suppress(OSError):
            window.type("\x03")
        window.comes_to(lambda: True)
    assert window.end() == 130
    assert window.settings == window.before
    assert not window.screen.cursor.hidden


def test_a_search_is_watched_from_another_window_of_any_size(opened: Callable[..., Window]) -> None:
    searching = opened("run", "train.yaml", "--jobs", "1")
    assert searching.shows("of 8 trials ended: 1 complete")
    watching = opened("watch", "latest", width=60, height=16, LC_ALL="C", PYTHONIOENCODING="ascii")
    assert watching.shows("of 8 trials ended: 1 complete")
    assert watching.text.isascii()
    assert "##" in watching.text
    watching.resize(100, 12)
    assert watching.comes_to(lambda: watching.text.count("window-001: 8 trials, 1 worker") == 1 and "#" * 5 in watching.text)
    watching.type("q")
    assert watching.end() == 0
    assert "works on window-001" in watching.text.replace("\n", "")
    assert watching.settings == watching.before
    left = opened("watch", "latest")
    assert left.shows("q leaves; the search goes on")
    searching.type("\x03")
    assert searching.end() == 130
    assert left.end() == 1
    assert "it was interrupted by signal 2; the" in left.text.replace("\n", "")
    assert "q leaves" not in left.text


def test_a_terminal_that_cannot_be_redrawn_is_given_lines(opened: Callable[..., Window]) -> None:
    window = opened("run", "quick.yaml", "--jobs", "1", height=60, TERM="dumb")
    assert window.end() == 0
    assert "[8/8] trial " in window.text
    assert window.settings == window.before
