"""Functions by name, `package.module:function`, and the versions of their files.

A run records which version of a source file it calls. Python imports a module once per process, and may take it from a
compiled copy that is as old as the clock can tell; and worker processes outlive a search. So the module is compiled here
from the very bytes that were hashed, and kept by that hash. What it imports in turn is left to Python: a process keeps what
it has imported.
"""

from __future__ import annotations

import hashlib
import os
import sys
import sysconfig
from collections.abc import Callable
from importlib import import_module, invalidate_caches
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias, TypeVar

from hpsearch.errors import RecordError, UsageError
from hpsearch.objectives.foreign_code import imported, told
from hpsearch.objectives.settings import MAIN
from hpsearch.prose import nearest

Function: TypeAlias = Callable[..., Any]
T = TypeVar("T")

_modules: dict[tuple[str, str | None, str], ModuleType] = {}
"""The modules of functions in this process, by their name, the directory of their package, and the hash of their file."""


def named(function: Function) -> tuple[str, str | None] | None:
    """Return the name by which any process can import a function, and the directory where its package lies.

    The directory is None for what is installed. None for a function that only this process has: a lambda, a bound method,
    one that was defined in another function or in `__main__`.
    """
    module = importable(function)
    if module is None or getattr(module, "__file__", None) is None:
        return None
    name = function.__module__
    root = str(Path(str(module.__file__)).absolute().parents[name.count(".") + hasattr(module, "__path__")])
    return f"{name}:{function.__qualname__}", None if root in sysconfig.get_paths().values() else root


def importable(value: object) -> ModuleType | None:
    """Return the module from which any process can import a value; None for what only this one has."""
    name, attributes = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    if not isinstance(name, str) or not isinstance(attributes, str) or name == MAIN:
        return None
    module = sys.modules.get(name)
    return module if module is not None and _attribute(module, attributes) is value else None


def own_file(module: ModuleType) -> Path | None:
    """Return the file of a module; None for what is installed, and what has no file."""
    file = Path(getattr(module, "__file__", None) or sysconfig.get_path("stdlib"))
    installed = (sysconfig.get_path(place) for place in ("stdlib", "platstdlib", "purelib", "platlib"))
    return None if any(file.is_relative_to(place) for place in installed) else file


def source_hash(python: str, path: str | None) -> str:
    """Return the SHA-256 of the file of a named function's module.

    A module that this process had already imported from there is taken to be of this version. Raises UsageError.
    """
    spec, content = _found(python, path)
    digest = hashlib.sha256(content).hexdigest()
    module = sys.modules.get(spec.name)
    if module is not None and getattr(module, "__file__", None) == spec.origin and _versions(module) <= {digest}:
        _modules[spec.name, path, digest] = module
    return digest


def load(python: str, path: str | None, digest: str) -> Function:
    """Return the function of a name, in the version with this hash; `path` is put first on `sys.path`.

    Raises UsageError where it cannot be imported, RecordError where its file is another one now.
    """
    name, _, attributes = python.partition(":")
    if (name, path, digest) not in _modules:
        spec, content = _found(python, path)
        if hashlib.sha256(content).hexdigest() != digest:
            raise RecordError(f"{spec.origin}: the file has changed since this search began, so it cannot go on")
        module = sys.modules.get(name)
        if module is None or _versions(module) != {digest}:
            module = _imported(python, lambda: _executed(spec, content))
        _modules[name, path, digest] = module
    return _function(_modules[name, path, digest], attributes, python)


def _versions(module: ModuleType) -> set[str]:
    """Return the hash by which a module is known here; none for one that others imported."""
    return {digest for (_, _, digest), known in _modules.items() if known is module}


def _found(python: str, path: str | None) -> tuple[ModuleSpec, bytes]:
    """Find the module of a named function, and read its file; the content of one without a file is its name."""
    name, _, attributes = python.partition(":")
    if name == MAIN or "<" in attributes:
        raise UsageError(
            f"`{python}` exists only in the Python program that defines it, so it cannot be called from here",
            "the same call of hpsearch.search in that program goes on with an unfinished run; to use this command,\n"
            "put the function into a module and search it by its name, `module:function`",
        )
    if not all(part.isidentifier() for part in [*name.split("."), *attributes.split(".")]):
        raise UsageError(f"{python!r} names no function; write `package.module:function`")
    spec = _imported(python, lambda: _spec(name, path))
    if spec is None:
        looked = f"in {path} and then where Python looks" if path else "where Python looks for modules"
        raise UsageError(f"`{python}`: there is no module `{name}`; it was looked for {looked}")
    try:
        return spec, Path(str(spec.origin)).read_bytes()
    except OSError:
        return spec, name.encode()


def _imported(python: str, act: Callable[[], T]) -> T:
    """Import; whatever the imported code raises is a mistake of who named it."""
    try:
        with imported():
            return act()
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise UsageError(f"`{python}` cannot be imported", told(error)) from error


def _spec(name: str, path: str | None) -> ModuleSpec | None:
    """Find a module, importing the packages that it lies in; None where there is none."""
    if path is not None and sys.path[:1] != [path]:
        sys.path[:] = [path, *(other for other in sys.path if other != path)]
    invalidate_caches()
    parent, top = name.rpartition(".")[0], name.partition(".")[0]
    if not parent:
        return PathFinder.find_spec(name) or find_spec(name)
    _forget_another(top)
    try:
        package = import_module(parent)
    except ModuleNotFoundError as error:
        if f"{parent}.".startswith(f"{error.name}."):
            return None
        raise
    return PathFinder.find_spec(name, getattr(package, "__path__", ()))


def _forget_another(top: str) -> None:
    """Forget the modules of a package if it is not the one that would be imported now, but one of that name elsewhere."""
    spec, package = PathFinder.find_spec(top), sys.modules.get(top)
    if spec is None or package is None:
        return
    places = [spec.submodule_search_locations or (), getattr(package, "__path__", ())]
    if [*map(os.path.realpath, places[0])] != [*map(os.path.realpath, places[1])]:
        for name in [name for name in sys.modules if f"{name}.".startswith(f"{top}.")]:
            del sys.modules[name]


def _executed(spec: ModuleSpec, content: bytes) -> ModuleType:
    """Execute the source of a module in the place of the one that this process may have; Python imports what has none."""
    if not isinstance(spec.loader, SourceFileLoader):
        return import_module(spec.name)
    before = sys.modules.get(spec.name)
    module = sys.modules[spec.name] = module_from_spec(spec)
    try:
        exec(compile(content, str(spec.origin), "exec", dont_inherit=True), module.__dict__)
    except BaseException:
        del sys.modules[spec.name]
        if before is not None:
            sys.modules[spec.name] = before
        raise
    parent, _, child = spec.name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, module)
    return module


def _function(module: ModuleType, attributes: str, python: str) -> Function:
    found = _attribute(module, attributes)
    if found is None:
        near = nearest(attributes, [name for name in vars(module) if not name.startswith("_")])
        hint = f"; did you mean `{near}`?" if near else ""
        raise UsageError(f"`{python}`: the module {module.__name__} has no `{attributes}`{hint}")
    if not callable(found):
        raise UsageError(f"`{python}` is no function, but of the type {type(found).__name__}")
    function: Function = found
    return function


def _attribute(module: ModuleType | None, attributes: str) -> Any:
    """Return what a dotted name means in a module; None if nothing."""
    found: Any = module
    for attribute in attributes.split("."):
        found = getattr(found, attribute, None)
    return found
