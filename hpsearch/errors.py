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
from textwrap import dedent, indent

_INDENT = " " * 6
"""What a hint begins with, below its message."""


def reason_of(error: Exception) -> str:
    """Return why something failed: what the system says of it, or the error itself."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


class HpsearchError(Exception):
    """The root of the tree."""

    exit_code = 4


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

    `line` and `column` count from 1; `excerpt` is the line itself.
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
            lines.append(f"{number} | {self.excerpt}")
            lines.append(f"{' ' * len(number)} | {' ' * (self.column - 1)}^")
        if self.hint:
            lines.append(f"{_INDENT}{self.hint}")
        return "\n".join(lines)


MOST_SHOWN = 50
"""Mistakes that are told at once."""


class SpecError(UsageError):
    """Mistakes in a spec or in a `--set` override."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(tuple(problems))
        self.problems = tuple(problems)

    def __str__(self) -> str:
        told = [str(problem) for problem in self.problems[:MOST_SHOWN]]
        if (more := len(self.problems) - MOST_SHOWN) > 0:
            told.append(f"and at least {more:,} more mistakes")
        return "\n".join(told)


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
    def told_by(cls, error: Exception | str, *setting: str) -> Mistake:
        """Return what is wrong with a setting for which something failed: the first line, and as a hint all others."""
        message, _, more = str(error).partition("\n")
        return cls(setting, message, indent(dedent(more), _INDENT).strip())

    def __str__(self) -> str:
        message = f"{'.'.join(self.setting)}: {self.message}"
        return f"{message}\n{_INDENT}{self.hint}" if self.hint else message


class SettingError(UsageError):
    """Settings that do not go with what they name, be it the data, a function or another run: all of them at once.

    Who has read them from a text turns it into a SpecError. `task` is that of the data, where it is known all the same.
    """

    def __init__(self, *mistakes: Mistake, task: str | None = None) -> None:
        super().__init__(*mistakes)
        self.mistakes, self.task = mistakes, task

    def __str__(self) -> str:
        return "\n".join(map(str, self.mistakes))


class DataError(UsageError):
    """A data file that is missing or malformed, or rows that hold what cannot be used."""

    def __init__(self, message: str, *, file: str = "", line: int | None = None, hint: str = "") -> None:
        place = f"{file}:{line}: " if line is not None else f"{file}: " if file else ""
        super().__init__(f"{place}{message}" + (f"\n{_INDENT}{hint}" if hint else ""))
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
        self.exit_code = 128 + signal_number
