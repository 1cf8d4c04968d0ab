"""hpsearch finds good hyperparameters from one YAML file; see the README for the command line.

    model = hpsearch.load_model("runs/digits-001")
    model.predict(rows)

    found = hpsearch.search(function, {"learning_rate": {"range": (1e-4, 1), "scale": "log"}}, trials=40)
    found.best, found.value

The names below are imported when they are first used, so that the command line starts without NumPy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["Model", "SearchResult", "load_model", "search"]

if TYPE_CHECKING:
    from hpsearch.api import SearchResult, search
    from hpsearch.objectives.model import Model
    from hpsearch.study.saved_model import load_model
else:  # hidden from type checkers, which would take every name for one of this module
    from importlib import import_module
    from types import ModuleType

    from hpsearch import search

    class _CallablePart(ModuleType):
        """The part `hpsearch.search`, which is also the function `hpsearch.api.search`.

        Importing a part binds its name here, whatever the name meant before. So the two are one object, from the start.
        """

        def __call__(self, *args, **kwargs):
            from hpsearch.api import search

            return search(*args, **kwargs)

        def __reduce__(self):
            return import_module, (self.__name__,)

    search.__class__ = _CallablePart

    _HOMES = {
        "Model": "hpsearch.objectives.model",
        "SearchResult": "hpsearch.api",
        "load_model": "hpsearch.study.saved_model",
    }

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_HOMES[name]), name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
