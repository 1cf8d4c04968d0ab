"""What cannot be sent to worker processes, and what is told of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import pytest

from hpsearch.errors import UsageError
from hpsearch.study.sending import check_sendable

LOCK = Lock()


class Trainer:
    """Is called, and holds what may not be sendable."""

    def __init__(self, kept: object) -> None:
        self.kept = kept

    def __call__(self, x: float) -> float:
        return x

    def method(self, x: float) -> float:
        return x


def scored(x: float, model: object) -> float:
    return x + len(str(model))


def noted(model: object, x: float) -> float:
    return x + len(str(model))


def iter_of_nothing() -> Iterator[float]:
    yield from ()


def closure(kept: Any) -> Callable[[float], float]:
    def train(x: float) -> float:
        return x + len(str(kept))

    return train


def with_default(kept: Any) -> Callable[[float], float]:
    def train(x: float, kept: Any = kept) -> float:
        return x + len(str(kept))

    return train


def with_global() -> Callable[[float], float]:
    """Return a function of a module that workers do not have, which reads a global lock in a function of its own."""
    names: dict[str, Any] = {"lock": Lock(), "__name__": "__main__"}
    exec("def train(x):\n    return [lock for _ in [x]]\ndef outer(x):\n    return train(x)", names)
    function: Callable[[float], float] = names["outer"]
    return function


@pytest.mark.parametrize(
    ("function", "culprit"),
    [
        (closure(Lock()), "because of `kept`, of the type _thread.lock: cannot pickle '_thread.lock' object\n"),
        (closure({"a": [0, Lock()]}), "because of `kept['a'][1]`, of the type _thread.lock"),
        (closure(Trainer(Lock())), "because of `kept.kept`, of the type _thread.lock"),
        (closure(closure(iter_of_nothing())), "because of `kept`, of the type generator"),
        (closure(with_global()), "because of `lock`, of the type _thread.lock"),
        (with_default(Lock()), "because of `a default`, of the type _thread.lock"),
        (Trainer(Lock()), "because of `self.kept`, of the type _thread.lock"),
        (Trainer(Lock()).method, "because of `self.kept`, of the type _thread.lock"),
        (partial(scored, model=[Lock()]), "because of `model[0]`, of the type _thread.lock"),
        (partial(noted, Lock()), "because of `argument 0`, of the type _thread.lock"),
    ],
)
def test_the_part_that_is_in_the_way_is_named(function: Callable[..., Any], culprit: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_sendable(function)
    assert str(caught.value).startswith(f"the function cannot be sent to worker processes {culprit}")
    assert "`jobs=1`" in str(caught.value)


def test_an_open_file_is_named(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as log, pytest.raises(UsageError, match=r"because of `kept`, of the type _io\.Text"):
        check_sendable(closure(log))


def test_one_that_is_in_the_way_itself_has_the_reason_only() -> None:
    class Odd:
        def __call__(self, x: float) -> float:
            return x

        def __reduce__(self) -> str:
            raise ValueError("not me")

    with pytest.raises(UsageError, match=r"^the function cannot be sent to worker processes: not me\n"):
        check_sendable(Odd())


def test_what_holds_itself_has_an_end() -> None:
    kept: list[Any] = [Lock()]
    kept.insert(0, kept)
    with pytest.raises(UsageError, match=r"`kept\[1\]`"):
        check_sendable(closure(kept))


def test_what_can_be_sent_is_sent_with_what_it_carries() -> None:
    large = np.zeros(100_000)
    for function in (
        closure([1, 2]),
        closure(large),
        closure(np.asfortranarray(large.reshape(100, 1000))),
        Trainer(3),
        Trainer(3).method,
        partial(scored, model=1),
        lambda x: x,
        scored,
    ):
        check_sendable(function)
