"""HTML elements. Every text goes through `element` or `text`, which escape it: names, reasons and labels come from files."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from hpsearch.views.format import printable


class Html(str):
    """A text that is HTML already."""

    __slots__ = ()


def text(content: object) -> Html:
    """Return a text as it is to be seen; what is HTML already stays so."""
    return content if isinstance(content, Html) else Html(html.escape(printable(str(content))))


def joined(parts: Iterable[object], between: str = "") -> Html:
    """Return parts after each other."""
    return Html(between.join(map(text, parts)))


def element(name: str, *content: object, **attributes: object) -> Html:
    """Return an element; attributes that are None or False are left out, a `_` at the end of their names too."""
    written = [
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    ]
    return Html(f"<{name}{''.join(written)}>{joined(content)}</{name}>")


def paragraph(*content: object, quiet: bool = False) -> Html:
    """Return a paragraph."""
    return element("p", *content, class_="quiet" if quiet else None)


def listed(items: Iterable[object], class_: str | None = None) -> Html:
    """Return a list."""
    return element("ul", *(element("li", item) for item in items), class_=class_)


def plain_table(heads: Sequence[object], rows: Iterable[Sequence[object]], caption: str) -> Html:
    """Return a table whose first column names its rows; `caption` is told to screen readers."""
    head = element("tr", *(element("th", one, scope="col") for one in heads))
    body = [element("tr", element("th", first, scope="row"), *(element("td", one) for one in rest)) for first, *rest in rows]
    return element("table", element("caption", caption), element("thead", head), element("tbody", *body), class_="plain")


def chart_place(name: str) -> Html:
    """Return where a chart is drawn."""
    return element("div", id=name, class_="chart")


def section(title: str, *content: object, **attributes: object) -> Html:
    """Return a section with its heading."""
    return element("section", element("h2", title), *content, **attributes)
