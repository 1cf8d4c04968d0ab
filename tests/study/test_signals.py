from __future__ import annotations

import os
import signal
import threading

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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_is_held_arrives_at_the_end(number: signal.Signals) -> None:
    seen = []
    with pytest.raises(Interrupted), interruptible():
        with held():
            os.kill(os.getpid(), number)
            seen.append("written")
        seen.append("not reached")
    assert seen == ["written"]


def test_a_signal_is_held_until_the_outermost_end() -> None:
    seen = []
    with pytest.raises(Interrupted), interruptible(), held():
        with held():
            os.kill(os.getpid(), signal.SIGINT)
        seen.append("still held")
    assert seen == ["still held"]


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
