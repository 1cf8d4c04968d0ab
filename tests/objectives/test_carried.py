"""The hash of a function that only its program has: of its code and of all that it carries, the same in every process."""

from __future__ import annotations

import enum
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import pytest

from hpsearch.objectives.carried import function_hash


def defined(text: str, **names: Any) -> Callable[..., Any]:
    """Return the function `f` of a program, in which these names have values."""
    names["__name__"] = "__main__"
    exec(text, names)
    function: Callable[..., Any] = names["f"]
    return function


def scaled(x: float) -> float:
    return x


def iter_of(*items: object) -> Iterator[object]:
    yield from items


def kind() -> type[enum.Enum]:
    class Kind(enum.Enum):
        A = 1
        B = 2

    return Kind


NUMBERS = [(1, 1, 1), (1, 1, 1), (2, 1, 1), (1, 2, 1), (1, 1, 2)]


class Family:
    def member(self) -> None: ...


class Carrying:
    """Is called, and holds a value and something that may not be picklable."""

    def __init__(self, value: int, other: object) -> None:
        self.value, self.other = value, other

    def __call__(self, x: float) -> float:
        return x * self.value


class TestHashesOfFunctionsWithoutAName:
    @staticmethod
    def make(carried: Any, default: Any = 0) -> Callable[..., Any]:
        def f(x: int, y: Any = default) -> Any:
            return x, y, carried

        return f

    def test_it_is_that_of_the_source_and_of_the_values_carried(self) -> None:
        same = [function_hash(self.make(*values)) for values in [(1,), (1,), ([1, 2],), ([1, 2],), (1, 5)]]
        assert same[0] == same[1]
        assert same[2] == same[3]
        assert len(set(same)) == 3
        assert function_hash(lambda x: x) != same[0]

    def test_functions_within_count_by_what_they_are(self) -> None:
        inner, other = self.make(1), self.make(2)
        assert function_hash(self.make(inner)) == function_hash(self.make(self.make(1)))
        assert function_hash(self.make(inner)) != function_hash(self.make(other))
        assert function_hash(partial(inner, 1)) == function_hash(partial(self.make(1), 1))
        assert len({function_hash(partial(inner, **kw)) for kw in ({"x": 1}, {"x": 2}, {"y": 1})}) == 3

    def test_one_that_calls_itself_has_a_hash_too(self) -> None:
        def f(x: int) -> int:
            return f(x - 1) if x else 0

        assert len(function_hash(f)) == 64

    def test_methods_count_with_their_object(self) -> None:
        assert len({function_hash("a".join), function_hash("b".join), function_hash(Family().member)}) == 3
        assert function_hash(Family().member) == function_hash(Family().member)

    def test_its_code_counts_and_not_where_it_stands(self) -> None:
        texts = ["f = lambda x: x + 1", "# again\n\nf = lambda x: x + 1", "f = lambda x: x + 2", "f = lambda x: x * 1"]
        hashes = [function_hash(defined(text)) for text in texts]
        assert hashes[0] == hashes[1]
        assert len(set(hashes)) == 3

    def test_what_cannot_be_pickled_counts_by_what_it_says_but_not_by_its_place_in_memory(self) -> None:
        locks = [self.make(Lock()), self.make(Lock())]
        assert function_hash(locks[0]) == function_hash(locks[1]) != function_hash(self.make(iter(())))
        values = [function_hash(Carrying(value, Lock())) for value in (1, 1, 2)]
        assert values[0] == values[1] != values[2]

    def test_an_object_that_is_called_counts_with_its_code(self) -> None:
        text = "class Net:\n    def __call__(self, x): return x * {}\nf = Net()"
        one, same, other = (function_hash(defined(text.format(factor))) for factor in (2, 2, 3))
        assert one == same != other

    def test_the_hash_is_the_same_in_another_process(self) -> None:
        program = """
import threading
import numpy as np
from hpsearch.objectives.carried import function_hash
def make(lock):
    def f(x):
        with lock:
            return [y for y in x if y in {"a", "b", "c"}] + [table, kinds, rng, rows, Odd]
    return f
kinds = {frozenset("abc"): [{"x", "y", "z"}], ("d", 1): {"key": {"u", "v"}}}
table = {name: 0 for name in {"r", "s", "t"}}
rng, rows = np.random.default_rng(3), np.arange(6.0).reshape(2, 3)
class Odd:
    __slots__ = "kept", "other"
    @property
    def plain(self): return object()
print(function_hash(make(threading.Lock())))
"""
        runs = [
            subprocess.run(
                [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
            )
            for seed in ("1", "2")
        ]
        assert len({run.stdout for run in runs}) == 1


class TestGlobalVariables:
    """What a function reads of its program is a part of what it is."""

    @pytest.mark.parametrize(
        ("one", "same", "other"),
        [
            (1.0, 1.0, 1000.0),
            ([{"a": [1, 2]}], [{"a": [1, 2]}], [{"a": [1, 3]}]),
            ({"x", "y"}, {"y", "x"}, {"x", "z"}),
            ({"x": 1, "y": 2}, {"y": 2, "x": 1}, {"x": 2, "y": 1}),
            (np.arange(6), np.arange(6), np.arange(6)[::-1]),
            (np.arange(6), np.arange(6), np.arange(6).reshape(2, 3)),
            (np.arange(6), np.arange(6), np.arange(6, dtype=np.float64)),
            (np.array([None, {1}]), np.array([None, {1}]), np.array([None, {2}])),
            (np.float32(2), np.float32(2), np.float32(3)),
            (re.compile("a"), re.compile("a"), re.compile("b")),
            (Carrying(1, Lock()), Carrying(1, Lock()), Carrying(2, Lock())),
            (partial(max, 1), partial(max, 1), partial(max, 2)),
            (cache(lambda: 1), cache(lambda: 1), cache(lambda: 2)),
            (lambda: scaled(1), lambda: scaled(1), lambda: scaled(2)),
            (iter_of(1), iter_of(2), [1]),
            (np, np, re),
            (kind()(1), kind()(1), kind()(2)),
        ],
    )
    def test_they_count_with_their_content(self, one: object, same: object, other: object) -> None:
        text = "def f(x):\n    return x, [scale for _ in [x]]"
        hashes = [function_hash(defined(text, scale=value)) for value in (one, same, other)]
        assert hashes[0] == hashes[1] != hashes[2]

    def test_those_that_it_does_not_read_do_not_count(self) -> None:
        text = "def f(x): return x.scale"
        assert function_hash(defined(text, scale=1)) == function_hash(defined(text, scale=2))

    def test_a_counter_of_its_own_does_not_count(self) -> None:
        counting = defined("calls = 0\ndef f(x):\n    global calls\n    calls += 1\n    return x")
        before = function_hash(counting)
        counting(1)
        assert function_hash(counting) == before

    def test_what_passes_does_not_count(self, monkeypatch: pytest.MonkeyPatch) -> None:
        text = (
            "from random import random, randint\nfrom os import environ\nf = lambda: (random(), rng, rand, randint, environ)"
        )
        draws = defined(text, rng=np.random.default_rng(0), rand=np.random.rand)
        before = function_hash(draws)
        monkeypatch.setenv("HPSEARCH_TESTED", "1")
        draws()[1].random()
        np.random.rand()  # noqa: NPY002  # as people write it
        assert function_hash(draws) == before

    def test_functions_and_classes_that_it_uses_count_with_theirs(self) -> None:
        text = """
scale = {scale}
class Base:
    def scaled(self, x): return x * scale
class Net(Base):
    @property
    def one(self): return {one}
    @staticmethod
    def two(x): return x + {two}
def inner(x): return Net().scaled(x)
def f(x): return inner(x)
"""
        hashes = [function_hash(defined(text.format(scale=s, one=o, two=t))) for s, o, t in NUMBERS]
        assert hashes[0] == hashes[1]
        assert len(set(hashes)) == len(NUMBERS) - 1

    def test_of_modules_beside_the_program_the_file_counts(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.syspath_prepend(tmp_path)
        programs = ["from lately_written import g\ndef f(x): return g(x)", "import lately_written as g\nf = lambda: g"]
        hashes: list[str] = []
        for text in ("def g(x): return x", "def g(x): return -x"):
            (tmp_path / "lately_written.py").write_text(text)
            hashes += [function_hash(defined(program)) for program in programs]
            del sys.modules["lately_written"]
        assert len(set(hashes)) == 4

    def test_what_lies_too_deep_has_an_end(self) -> None:
        deep: list[Any] = []
        for _ in range(10_000):
            deep = [deep]
        assert len(function_hash(defined("f = lambda: deep", deep=deep))) == 64
