"""`run` and `watch` in a window: what they show, which keys they hear, and that they leave the terminal as they found it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyte
import pytest
from hanging import FUNCTIONS, SPEC
from seen import Program

PATIENCE = 30.0
"""Seconds after which what should have happened counts as failed."""


class Window:
    """A terminal with one command in its foreground, or with a shell that has it."""

    def __init__(
        self,
        program: Program,
        folder: Path,
        *arguments: str,
        width: int = 100,
        height: int = 24,
        in_shell: bool = False,
        **environment: str,
    ) -> None:
        self._ours, self._theirs = pty.openpty()
        self.screen = pyte.Screen(width, height)
        self._stream = pyte.ByteStream(self.screen)
        self.resize(width, height)
        self.before = termios.tcgetattr(self._theirs)
        self._program = program
        self._code: int | None = None
        terminal = os.ttyname(self._theirs)
        self.process = program.begun(*arguments, terminal=terminal, in_shell=in_shell, cwd=folder, **environment)

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

    @property
    def code(self) -> int | None:
        """The command's exit code; None while it goes on."""
        if self._code is None:
            self._code = self._program.code(self.process)
        return self._code

    def end(self, typing: str = "") -> int | None:
        """Wait for the command's end, pressing keys again and again; return its exit code."""

        def has_ended() -> bool:
            if typing and self.code is None:
                self.type(typing)
            return self.code is not None

        assert self.comes_to(has_ended)
        assert self.comes_to(lambda: True)  # what it wrote last
        return self.code

    @property
    def settings(self) -> list[Any]:
        """The settings of the terminal, but for the one that tells that typed text is pending."""
        settings = termios.tcgetattr(self._theirs)
        settings[3] &= ~termios.PENDIN
        return settings

    def close(self) -> None:
        """Close the window, and end what is still in it."""
        if self.code is None:
            os.kill(self.process, signal.SIGKILL)
        os.close(self._ours)  # a command in a shell is hung up
        os.close(self._theirs)


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    with Program() as program:
        yield program


@pytest.fixture
def opened(program: Program, tmp_path: Path) -> Iterator[Callable[..., Window]]:
    """What opens windows in a folder with functions and specs of them."""
    (tmp_path / "functions.py").write_text(FUNCTIONS)
    for name in ("train", "swallows", "quick"):
        (tmp_path / f"{name}.yaml").write_text(SPEC.format(name="window", function=name, trials=8))
    windows: list[Window] = []

    def opens(*arguments: str, **options: Any) -> Window:
        windows.append(Window(program, tmp_path, *arguments, **options))
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
        os.kill(window.process, signal.SIGTERM)
    again = typed if typed == "q" else ""  # read together with what was typed before, it may be a part of that
    assert window.end(typing=again) == code
    assert "interrupted; what has finished is on record. To go on: hpsearch run train.yaml --jobs 1" in window.text
    assert_clean(window)


def test_a_second_ctrl_c_ends_it_at_once_and_leaves_a_clean_terminal(opened: Callable[..., Window], tmp_path: Path) -> None:
    window = opened("run", "swallows.yaml", "--jobs", "1")
    assert window.shows("q or Ctrl-C interrupts")
    assert window.comes_to((tmp_path / "begun").exists)
    assert window.end(typing="\x03") == 130
    assert window.settings == window.before
    assert not window.screen.cursor.hidden


@pytest.mark.parametrize(("typed", "code"), [("\x1c", 131), ("", 129)])
def test_ctrl_backslash_and_a_hangup_end_it_at_once_and_leave_a_clean_terminal(
    typed: str, code: int, opened: Callable[..., Window]
) -> None:
    window = opened("run", "train.yaml", "--jobs", "1")
    assert window.shows("of 8 trials ended: 1 complete")
    assert window.screen.cursor.hidden
    window.type(typed) if typed else os.kill(window.process, signal.SIGHUP)
    assert window.end() == code
    assert window.settings == window.before
    assert not window.screen.cursor.hidden


def test_ctrl_z_gives_the_terminal_back_until_the_search_goes_on(opened: Callable[..., Window]) -> None:
    window = opened("run", "train.yaml", "--jobs", "1", in_shell=True)
    assert window.shows("of 8 trials ended: 1 complete")
    assert window.screen.cursor.hidden
    window.type("\x1a")
    assert window.shows("\n$")
    assert window.settings == window.before
    assert not window.screen.cursor.hidden
    assert "q or Ctrl-C interrupts" in window.text
    assert window.screen.display[window.screen.cursor.y].rstrip() == "$"
    window.type("\n")
    assert window.comes_to(lambda: window.screen.cursor.hidden and window.text.count("q or Ctrl-C interrupts") == 2)
    assert not window.settings[3] & termios.ECHO
    assert window.end(typing="q") == 130
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
