from __future__ import annotations

import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from hpsearch.errors import Interrupted
from hpsearch.study import signals
from hpsearch.study.signals import ending_at_once, held, interruptible


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


def test_signals_that_come_together_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signals, "AS_ONE_SECONDS", 1e9)
    seen: list[int] = []
    raise_two(seen)
    assert seen == [130]


def raise_two(seen: list[int]) -> None:
    with interruptible():
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                signal.raise_signal(number)
            except Interrupted as error:
                seen.append(error.exit_code)


class TestTheSecondSignal:
    @pytest.fixture(autouse=True)
    def _at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let signals be two however soon they follow each other."""
        monkeypatch.setattr(signals, "AS_ONE_SECONDS", 0.0)

    def test_it_is_told_in_a_thread_of_its_own(self) -> None:
        told: queue.Queue[tuple[int, bool]] = queue.Queue()
        here = threading.current_thread()
        with ending_at_once(lambda number: told.put((number, threading.current_thread() is here))):
            raise_two([])
            assert told.get(timeout=60) == (signal.SIGTERM, False)
        assert signal.set_wakeup_fd(-1) == -1

    def test_it_is_raised_like_the_first_where_nobody_asked_to_be_told(self) -> None:
        seen: list[int] = []
        raise_two(seen)
        assert seen == [130, 143]

    @pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGQUIT])
    def test_a_signal_that_ends_programs_is_told_the_first_time_but_where_it_is_ignored(
        self, number: signal.Signals
    ) -> None:
        told: queue.Queue[int] = queue.Queue()
        with ending_at_once(told.put):
            signal.raise_signal(number)
            assert told.get(timeout=60) == number
        assert signal.signal(number, signal.SIG_IGN) is signal.SIG_DFL
        with ending_at_once(told.put):
            signal.raise_signal(number)
            raise_two([])
            assert told.get(timeout=60) == signal.SIGTERM
        assert signal.signal(number, signal.SIG_DFL) is signal.SIG_IGN

    def test_in_another_thread_nothing_changes(self) -> None:
        seen: list[int] = []

        def run() -> None:
            with ending_at_once(seen.append):
                seen.append(7)

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        assert seen == [7]

    def test_what_a_forked_child_gets_does_not_count(self) -> None:
        """In a process of its own, since this one has threads."""
        program = (
            "import os, signal\nfrom hpsearch.study.signals import ending_at_once\n"
            "signal.signal(signal.SIGINT, lambda *_: None)\n"
            "with ending_at_once(lambda number: os._exit(number)):\n"
            "    if child := os.fork(): os.waitpid(child, 0)\n"
            "    else: [signal.raise_signal(signal.SIGINT) for _ in range(9)]\n"
            "    if not child: print(signal.getsignal(signal.SIGQUIT).name)\n"
            "    signal.raise_signal(signal.SIGINT)\n"
            "if child: print('here')\n"
        )
        command = [sys.executable, "-W", "ignore", "-c", program]
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "SIG_DFL\nhere\n"
