"""Charts as Vega, and the script that draws them in a browser: both by vl-convert, the library of the extra `report`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import ModuleType
from typing import Any

from hpsearch.errors import MissingExtra
from hpsearch.views.page.style import Spec

EXPORTED = "window.vegaEmbed = vegaEmbed;"


def library() -> ModuleType:
    """Return vl-convert; raises MissingExtra where it is not installed."""
    try:
        import vl_convert
    except ImportError:
        raise MissingExtra("the report", "report", "vl-convert-python") from None
    return vl_convert


def compiled(charts: Mapping[str, Spec]) -> dict[str, Any]:
    """Return the charts as Vega, by name."""
    return {name: _compiled(chart) for name, chart in charts.items()}


def _compiled(chart: Spec) -> dict[str, Any]:
    vega: dict[str, Any] = library().vegalite_to_vega(chart)
    vega.pop("$schema", None)
    for mark in vega["marks"]:
        if str(mark.get("name", "")).startswith("brush_"):
            mark["aria"] = False  # the lists below the chart are what a screen reader is told of
    return vega


@cache
def drawing_script() -> str:
    """Return the script that gives a page `vegaEmbed`; its other names stay its own, and it cannot end its element."""
    script: str = library().javascript_bundle(EXPORTED)
    return "{" + script.replace("</script", r"<\/script").replace("<!--", r"<\!--") + "}"
