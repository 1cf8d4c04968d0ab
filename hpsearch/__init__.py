"""hpsearch finds good hyperparameters from one YAML file; see the README for the command line.

    model = hpsearch.load_model("runs/digits-001")
    model.predict(rows)

The names below are imported when they are first used, so that the command line starts without NumPy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["Model", "load_model"]

if TYPE_CHECKING:
    from hpsearch.objectives.model import Model
    from hpsearch.study.saved_model import load_model
else:  # hidden from type checkers, which would take every name for one of this module
    _HOMES = {"Model": "hpsearch.objectives.model", "load_model": "hpsearch.study.saved_model"}

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
