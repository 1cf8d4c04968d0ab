"""Collects the problems of one document, each by the path of the key or value that is wrong."""

from __future__ import annotations

from typing import Any

from hpsearch.errors import Problem, SpecError
from hpsearch.spec.document import Document, KeyPath
from hpsearch.spec.overrides import FILE as OVERRIDE

_MOST = 200
"""Mistakes after which reading ends: nobody mends more at once, and a damaged file has any number."""


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
            self._note(place.problem(message, hint))

    def at_key(self, path: KeyPath, message: str, hint: str = "") -> None:
        """Note a mistake at a key."""
        place = self.document.keys.get(path) or self.document.place(path)
        self._note(place.problem(message, hint))

    def _note(self, problem: Problem) -> None:
        self.problems.append(problem)
        if len(self.problems) >= _MOST:
            raise self.error()

    def plain(self, path: KeyPath) -> Any:
        """Return the value at a path; None where nothing stands."""
        return self.document.value(path)

    def error(self) -> SpecError:
        """Return the error that shows every problem once, in the order of the text, those of `--set` last."""
        ranked = sorted(dict.fromkeys(self.problems), key=lambda it: (it.file == OVERRIDE, it.line, it.column))
        return SpecError(ranked)
