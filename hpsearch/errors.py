"""Every error a user can meet, in one tree; the command line turns them into messages and exit codes in one place.

HpsearchError          4  it broke while running; what was finished is on disk
├── UsageError         2  wrong usage: nothing was started
│   ├── MissingExtra   2  something needs a package that an extra of this one installs
│   ├── SpecError      2  mistakes in the spec, all of them at once, each with its place
│   ├── SettingError   2  settings that do not go with what they name, all of them at once
│   └── DataError      2  a data file cannot be used for what it holds
├── RecordError        4  files of a run, or its data, cannot be read or written any more
├── WorkerDied         4  a worker process could not load what it was sent
├── CheckFailed        1  it ran, but what was asked of it did not hold
└── NoTrialCompleted   3  every trial diverged or failed
Interrupted          130  Ctrl-C, or 143 for SIGTERM; a KeyboardInterrupt, so that no task swallows it
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import indent

from hpsearch.prose import counted

_INDENT = " " * 6
"""What a hint begins with, below its message."""


_WIDEST, _WINDOW = 200, 100
"""The letters of a line that is shown whole, and those that are shown of a longer one."""


def reason_of(error: Exception) -> str:
    """Return why something failed: what the system says of it, or the error itself."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _with_hint(message: str, hint: str) -> str:
    return f"{message}\n{indent(hint, _INDENT)}" if hint else message


class HpsearchError(Exception):
    """The root of the tree: what is wrong, and as a hint what can be done about it; both may have several lines."""

    exit_code = 4

    def __init__(self, message: str, hint: str = "") -> None:
        # Exception's own __init__ is left out: `args` stay what an error was made with, which is how it is made again
        # in another process.
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return _with_hint(self.message, self.hint)


class UsageError(HpsearchError):
    """A command, an option, or a name of a run that cannot be understood."""

    exit_code = 2


class MissingExtra(UsageError):
    """An optional package is not installed."""

    def __init__(self, what: str, extra: str, package: str) -> None:
        super().__init__(f"{what} needs {package}; install it with: pip install 'hpsearch[{extra}]'")


@dataclass(frozen=True)
class Problem:
    """One mistake at one place of a text: where, what came, and what to write instead.

    `line` and `column` count from 1; `excerpt` is the line itself, of which a long one is shown round the column.
    """

    file: str
    line: int
    column: int
    message: str
    excerpt: str = ""
    hint: str = ""

    def __str__(self) -> str:
        lines = [f"{self.file}:{self.line}:{self.column}: {self.message}"]
        if self.excerpt:
            number = f"{self.line:>5}"
            excerpt, before = self._window()
            lines.append(f"{number} | {excerpt}")
            lines.append(f"{' ' * len(number)} | {' ' * before}^")
        return _with_hint("\n".join(lines), self.hint)

    def _window(self) -> tuple[str, int]:
        """Return what is shown of the line, and how many letters of that stand before the column."""
        if len(self.excerpt) <= _WIDEST:
            return self.excerpt, self.column - 1
        begin = max(min(self.column - 1, len(self.excerpt)) - _WINDOW // 2, 0)
        end = begin + _WINDOW
        cut, more = "..." if begin else "", "..." if end < len(self.excerpt) else ""
        return f"{cut}{self.excerpt[begin:end]}{more}", len(cut) + self.column - 1 - begin


MOST_SHOWN = 50
"""Mistakes that are told at once."""


class SpecError(UsageError):
    """Mistakes in a spec or in a `--set` override; `are_all` says that there are no others."""

    def __init__(self, problems: Sequence[Problem], are_all: bool = True) -> None:
        told = [str(problem) for problem in problems[:MOST_SHOWN]]
        if more := len(problems) - len(told):
            told.append(f"and {'' if are_all else 'at least '}{counted(more, 'more mistake')}")
        super().__init__("\n".join(told))
        self.problems = tuple(problems)
        self.are_all = are_all


@dataclass(frozen=True)
class Mistake:
    """One setting that cannot be as it is: where it stands in a spec, what is wrong, and what to write instead.

    `setting` are its keys, as in `("data", "target")`; `of_key` says that the last of them is wrong, and not its value.
    """

    setting: tuple[str, ...]
    message: str
    hint: str = ""
    of_key: bool = False

    @classmethod
    def told_by(cls, error: HpsearchError, *setting: str) -> Mistake:
        """Return what is wrong with a setting for which something failed."""
        return cls(setting, error.message, error.hint)

    def __str__(self) -> str:
        return _with_hint(f"{'.'.join(self.setting)}: {self.message}", self.hint)


class SettingError(UsageError):
    """Settings that do not go with what they name, be it the data, a function or another run: all of them at once.

    Who has read them from a text turns it into a SpecError.
    """

    def __init__(self, *mistakes: Mistake) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = mistakes


class DataError(UsageError):
    """A data file that is missing or malformed, or rows that hold what cannot be used."""

    def __init__(self, message: str, *, file: str = "", line: int | None = None, hint: str = "") -> None:
        place = f"{file}:{line}: " if line is not None else f"{file}: " if file else ""
        super().__init__(f"{place}{message}", hint)
        self.file = file
        self.line = line


class RecordError(HpsearchError):
    """A file of a run, or its data, that is missing, has changed, is unreadable, or cannot be written."""


class WorkerDied(HpsearchError):
    """A worker process could not load what it was sent."""


class CheckFailed(HpsearchError):
    """What was asserted, verified, or asked for did not hold."""

    exit_code = 1


class NoTrialCompleted(HpsearchError):
    """A search in which no trial reached its last epoch."""

    exit_code = 3


class Interrupted(KeyboardInterrupt):
    """SIGINT or SIGTERM arrived; the search can be resumed."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal_number)
        self.signal = signal_number
        self.exit_code = 128 + signal_number
