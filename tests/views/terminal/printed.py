"""What a console of the program's own prints."""

from __future__ import annotations

import io

from rich.console import RenderableType

from hpsearch.views.terminal.console import console_on


def printed(what: RenderableType, width: int = 300, encoding: str = "utf-8", height: int = 40) -> str:
    """Return what a terminal of this size and encoding is written."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    console = console_on(stream)
    console.width, console.height, console.soft_wrap = width, height, False
    console.print(what)
    stream.seek(0)
    return stream.read()
