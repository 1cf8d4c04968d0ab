from __future__ import annotations

import signal
import threading
from collections.abc import Callable

import pytest

from hpsearch.errors import Interrupted
from hpsearch.study.signals import held, interruptible


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_is_raised_as_an_interruption_with_its_exit_code(number: signal.Signals, code: int) -> None:
    with pytest.raises(Interrupted) as raised, interruptible():
        signal.raise_signal(number)
    assert raised.value.exit_code == code


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_arrives_ignored_interrupts_all_the_same(number: signal.Signals) -> None:
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with pytest.raises(Interrupted), interruptible():
            signal.raise_signal(number)
        assert signal.getsignal(number) is signal.SIG_IGN
    finally:
        signal.signal(number, before)


def test_the_handlers_are_what_they_were_afterwards() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with interruptible():
        assert signal.getsignal(signal.SIGINT) != before[0]
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def hold(arrive: Callable[[], object], seen: list[str]) -> None:
    """Write, with a signal in the middle, and go on."""
    with interruptible():
        with held(), held():
            arrive()
            seen.append("written")
        seen.append("not reached")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_is_held_arrives_at_the_end(number: signal.Signals) -> None:
    seen: list[str] = []
    with pytest.raises(Interrupted) as raised:
        hold(lambda: signal.raise_signal(number), seen)
    assert seen == ["written"]
    assert raised.value.exit_code == 128 + number


def test_a_signal_that_another_thread_takes_is_held_as_well() -> None:
    """The kernel gives a signal to any thread of the process that does not block it."""
    go = threading.Event()
    seen: list[str] = []

    def take() -> None:
        go.wait()
        signal.raise_signal(signal.SIGINT)

    def arrive() -> None:
        go.set()
        thread.join()

    thread = threading.Thread(target=take)
    thread.start()
    with pytest.raises(Interrupted):
        hold(arrive, seen)
    assert seen == ["written"]


def test_in_another_thread_nothing_changes() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    seen = []

    def run() -> None:
        with interruptible():
            seen.append([signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)])

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [before]


def test_an_interruption_is_no_exception_that_a_task_would_swallow() -> None:
    assert issubclass(Interrupted, KeyboardInterrupt)
    assert not issubclass(Interrupted, Exception)
