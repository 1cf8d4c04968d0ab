"""Functions by name: what is found, what is told when it is not, and that a changed file is another function."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hpsearch.errors import RecordError, UsageError
from hpsearch.objectives.functions import branin
from hpsearch.objectives.loading import load, named, source_hash


@pytest.fixture(autouse=True)
def as_before(tmp_path: Path) -> Iterator[None]:
    """Leave the path of this process as it was, and no module of a test."""
    path = list(sys.path)
    yield
    sys.path[:] = path
    for name in [name for name, module in sys.modules.items() if str(tmp_path) in str(getattr(module, "__file__", ""))]:
        del sys.modules[name]


def found(python: str, path: Path | None) -> Callable[..., Any]:
    directory = None if path is None else str(path)
    return load(python, directory, source_hash(python, directory))


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return folder


class TestWhatIsFound:
    def test_a_function_of_a_module_in_the_directory(self, tmp_path: Path) -> None:
        write(tmp_path, "mine.py", "def f(x): return x + 1")
        assert found("mine:f", tmp_path)(2) == 3
        assert sys.path[0] == str(tmp_path)
        assert sys.modules["mine"].__file__ == str(tmp_path / "mine.py")

    def test_a_function_in_a_package_and_one_in_a_class(self, tmp_path: Path) -> None:
        write(tmp_path, "parcel/__init__.py", "")
        write(tmp_path, "parcel/inner.py", "class Net:\n    @staticmethod\n    def train(x): return x + 1")
        assert found("parcel.inner:Net.train", tmp_path)(2) == 3
        assert sys.modules["parcel"].inner is sys.modules["parcel.inner"]

    def test_modules_beside_it_are_found_when_it_is_called(self, tmp_path: Path) -> None:
        write(tmp_path, "beside_it.py", "STEP = 5")
        write(tmp_path, "mine.py", "def f(x):\n    from beside_it import STEP\n    return x + STEP")
        assert found("mine:f", tmp_path)(2) == 7

    def test_what_is_installed_needs_no_directory(self) -> None:
        assert found("hpsearch.objectives.functions:branin", None) is branin
        assert found("math:hypot", None)(3, 4) == 5
        assert found("json.decoder:JSONDecoder", None)().decode("1") == 1

    def test_of_two_modules_of_one_name_that_in_the_directory(self, tmp_path: Path) -> None:
        for folder, value in (("a", 1), ("b", 2)):
            write(tmp_path / folder, "mine.py", f"def f(): return {value}")
            write(tmp_path / folder, "parcel/__init__.py", "")
            write(tmp_path / folder, "parcel/inner.py", f"def f(): return {value}")
        functions = [found(name, tmp_path / folder) for folder in ("a", "b", "a") for name in ("mine:f", "parcel.inner:f")]
        assert [function() for function in functions] == [1, 1, 2, 2, 1, 1]

    def test_a_module_that_was_imported_already_is_taken_as_it_is(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.syspath_prepend(write(tmp_path, "mine.py", "def f(): return 1"))
        import mine  # type: ignore[import-not-found]  # made just now

        assert found("mine:f", tmp_path) is mine.f

    def test_a_module_that_lies_there_for_two_directories_is_one(self, tmp_path: Path) -> None:
        write(tmp_path, "parcel/inner.py", "def f(): pass")
        sys.path.insert(0, str(tmp_path))
        function = found("parcel.inner:f", tmp_path / "here")
        assert found("parcel.inner:f", tmp_path / "there") is function
        assert load("parcel.inner:f", None, source_hash("parcel.inner:f", None)) is function

    def test_what_a_module_prints_goes_to_standard_error(self, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
        found("mine:f", write(tmp_path, "mine.py", "print('hello')\ndef f(): pass"))
        assert capfd.readouterr() == ("", "hello\n")


class TestChanges:
    def test_a_changed_file_is_another_function_even_within_one_tick_of_the_clock(self, tmp_path: Path) -> None:
        write(tmp_path, "mine.py", "def f(): return 1")
        first_hash = source_hash("mine:f", str(tmp_path))
        first = found("mine:f", tmp_path)
        write(tmp_path, "mine.py", "def f(): return 2")
        second = found("mine:f", tmp_path)
        assert (first(), second()) == (1, 2)
        assert source_hash("mine:f", str(tmp_path)) != first_hash
        assert load("mine:f", str(tmp_path), first_hash) is first

    def test_a_version_that_this_process_has_never_seen_is_an_error(self, tmp_path: Path) -> None:
        write(tmp_path, "mine.py", "def f(): return 1")
        digest = source_hash("mine:f", str(tmp_path))
        write(tmp_path, "mine.py", "def f(): return 2")
        with pytest.raises(RecordError, match=r"mine\.py: the file has changed since this search began"):
            load("mine:f", str(tmp_path), digest)

    def test_the_same_file_has_the_same_hash_and_is_executed_once(self, tmp_path: Path) -> None:
        write(tmp_path, "mine.py", "calls = []\ndef f(): calls.append(1); return len(calls)")
        assert [found("mine:f", tmp_path)() for _ in range(3)] == [1, 2, 3]

    def test_a_module_that_fails_leaves_the_one_before_in_place(self, tmp_path: Path) -> None:
        write(tmp_path, "mine.py", "def f(): return 1")
        first = found("mine:f", tmp_path)
        write(tmp_path, "mine.py", "raise ValueError")
        with pytest.raises(UsageError, match="ValueError"):
            found("mine:f", tmp_path)
        assert sys.modules["mine"].f is first


class TestWhatIsTold:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        write(tmp_path, "mine.py", "constant = 3\ndef train(x): return x")
        write(tmp_path, "raising.py", "def deep():\n    return 1 / 0\n\ndeep()")
        write(tmp_path, "leaving.py", "import sys\nsys.exit(2)")
        write(tmp_path, "broken.py", "def f(:\n    pass")
        write(tmp_path, "needing.py", "import no_such_thing")
        write(tmp_path, "bad_parcel/__init__.py", "import no_such_thing")
        return tmp_path

    @pytest.mark.parametrize(
        ("python", "told"),
        [
            ("mine", "'mine' names no function; write `package.module:function`"),
            ("mine:", "'mine:' names no function"),
            ("my-file.py:f", "names no function"),
            (
                "__main__:f",
                "`__main__:f` exists only in the Python program that defines it, so it cannot be called from here\n",
            ),
            ("__main__:f", "goes on with an unfinished run; to use this command,\n      put the function into a module"),
            ("mine:make.<locals>.f", "exists only in the Python program that defines it"),
            (
                "absent:f",
                "`absent:f`: there is no module `absent`; it was looked for in {folder} and then where Python looks",
            ),
            ("absent.inner:f", "there is no module `absent.inner`"),
            ("mine.inner:f", "there is no module `mine.inner`"),
            ("mine:tran", "`mine:tran`: the module mine has no `tran`; did you mean `train`?"),
            ("mine:train.x", "the module mine has no `train.x`"),
            ("mine:constant", "`mine:constant` is no function, but of the type int"),
            ("raising:f", "`raising:f` cannot be imported\n"),
            ("leaving:f", "SystemExit: 2"),
            ("broken:f", "SyntaxError: "),
            ("needing:f", "ModuleNotFoundError: No module named 'no_such_thing'"),
            ("bad_parcel.inner:f", "ModuleNotFoundError: No module named 'no_such_thing'"),
        ],
    )
    def test_what_cannot_be_used_is_a_usage_error(self, folder: Path, python: str, told: str) -> None:
        with pytest.raises(UsageError) as caught:
            found(python, folder)
        assert told.format(folder=folder) in str(caught.value)

    def test_the_traceback_of_an_import_is_that_of_the_module(self, folder: Path) -> None:
        with pytest.raises(UsageError) as caught:
            found("raising:f", folder)
        _, first, *_, last = caught.value.hint.splitlines()
        assert first.strip() == f'File "{folder / "raising.py"}", line 4, in <module>'
        assert last == "ZeroDivisionError: division by zero"


def module_level() -> None: ...


class Family:
    def member(self) -> None: ...

    @staticmethod
    def friend() -> None: ...


class TestNames:
    def test_a_function_of_a_module_is_known_by_its_name(self) -> None:
        assert named(module_level) == (f"{__name__}:module_level", str(Path(__file__).parent))
        assert named(Family.friend) == (f"{__name__}:Family.friend", str(Path(__file__).parent))

    def test_what_is_installed_is_found_without_a_directory(self) -> None:
        assert named(json.loads) == ("json:loads", None)

    def test_what_only_this_process_has_is_known_by_none(self) -> None:
        def nested() -> None: ...

        nameless: list[Callable[..., Any]] = [lambda: 1, nested, Family().member, partial(module_level), print]
        assert [named(function) for function in nameless] == [None] * 5
