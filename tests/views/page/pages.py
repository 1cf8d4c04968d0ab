"""What the tests of the page share: pages of made-up runs, and reading a page back."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

from made_run import SPACE

from hpsearch.objectives.objective import Confusion
from hpsearch.study.record import RunRecord
from hpsearch.views.numbers.importance import Matters
from hpsearch.views.page.report import ReportedRun

SPEC = "name: digits\nspace: {learning_rate: [</pre><b>, 1]}\n"
CONFUSION = Confusion(("four", "<i>nine"), ((60, 3), (7, 57)))


def reported(run: RunRecord) -> ReportedRun:
    return ReportedRun(run, SPACE, Matters(len(run.history), False, ()), {"spec.yaml": SPEC}, {"test": CONFUSION})


def embedded(page: str) -> dict[str, Any]:
    """Return the data that the page's script reads."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    content: dict[str, Any] = json.loads(found[1])
    return content


class Table(HTMLParser):
    """The table of trials, by reading: the headings, and per row the texts and the values in full."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.heads: list[str] = []
        self.rows: list[list[str]] = []
        self.full: list[list[str]] = []
        self._inside, self._cell, self._text = False, "", ""
        self._title: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "table":
            self._inside = found.get("id") == "trials"
        elif self._inside and tag == "tr":
            self.rows.append([])
            self.full.append([])
        elif self._inside and tag in ("th", "td"):
            self._cell, self._text, self._title = tag, "", found.get("title")

    def handle_data(self, data: str) -> None:
        if self._cell:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self._inside = False
        elif self._inside and tag == "th":
            self.heads.append(self._text)
            self._cell = ""
        elif self._inside and tag == "td":
            self.rows[-1].append(self._text)
            self.full[-1].append(self._text if self._title is None else self._title)
            self._cell = ""
