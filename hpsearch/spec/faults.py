"""Collects the problems of one document, each by the path of the key or value that is wrong."""

from __future__ import annotations

from typing import Any

from hpsearch.errors import Mistake, Problem, SpecError
from hpsearch.spec.document import Document, KeyPath
from hpsearch.spec.overrides import FILE as OVERRIDE
from hpsearch.spec.slips import look_alike_in

_MOST = 200
"""Mistakes after which reading ends: nobody mends more at once, and a damaged file has any number."""


def in_the_text(problem: Problem) -> tuple[bool, int, int]:
    """Return what problems are sorted by: their order in the text, those of `--set` last."""
    return problem.file == OVERRIDE, problem.line, problem.column


def _look_alike(text: object) -> str:
    """Return what looks like another character in what was told wrong."""
    return look_alike_in(text) if isinstance(text, str) else ""


class Faults:
    """The problems found so far in a document; once they are too many, the last raises the SpecError with all."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = list(document.problems)
        self._unreadable = {(problem.file, problem.line, problem.column) for problem in document.problems}

    def at(self, path: KeyPath, message: str, hint: str = "") -> None:
        """Note a mistake at a value, or where it is missing at the value that should hold it.

        A value that YAML itself could not read is blamed once.
        """
        place = self.document.place(path)
        if (place.file, place.line, place.column) not in self._unreadable:
            self._note(place.problem(message, _look_alike(self.plain(path)) or hint))

    def at_key(self, path: KeyPath, message: str, hint: str = "") -> None:
        """Note a mistake at a key."""
        self._note(self.document.key_place(path).problem(message, _look_alike(path[-1]) or hint))

    def blame(self, mistake: Mistake) -> None:
        """Note a mistake that others found in a setting; where it is a default, at the key of what should hold it."""
        path: KeyPath = mistake.setting
        while path and path not in self.document.values:
            path = path[:-1]
        note = self.at if path == mistake.setting and not mistake.of_key else self.at_key
        note(path, mistake.message, mistake.hint)

    def _note(self, problem: Problem) -> None:
        self.problems.append(problem)
        if len(self.problems) >= _MOST:
            raise self.error(are_all=False)

    def plain(self, path: KeyPath) -> Any:
        """Return the value at a path; None where nothing stands."""
        return self.document.value(path)

    def error(self, *, are_all: bool = True) -> SpecError:
        """Return the error that shows every problem once, in the order of the text, those of `--set` last."""
        return SpecError(sorted(dict.fromkeys(self.problems), key=in_the_text), are_all)
