from __future__ import annotations

import io
import math
import os
import pickle
import random
import signal
import subprocess
import sys
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from digit_networks import never

from hpsearch.errors import HpsearchError, Interrupted, Mistake, SettingError, UsageError
from hpsearch.objectives.objective import Objective
from hpsearch.objectives.python_objective import SEEDS, PythonObjective
from hpsearch.objectives.settings import PythonSettings
from hpsearch.seeds import Streams
from hpsearch.study.signals import interruptible
from hpsearch.trial import Outcome, Params, State, Status, Trial


def objective(
    function: Callable[..., Any], epochs: int = 1, metrics: tuple[str, ...] | None = None, seed: int = 0
) -> PythonObjective:
    settings = PythonSettings(f"__main__:{function.__name__}", epochs, metrics)
    return PythonObjective(settings, metrics[0] if metrics else "value", Streams(seed), function)


def advance(
    tested: PythonObjective,
    params: Params | None = None,
    until: int = 1,
    state: State | None = None,
    number: int = 0,
    repetition: int = 0,
) -> Outcome:
    trial = Trial(number, 0, (), params or {}, repetition=repetition)
    (outcome,) = tested.advance([trial], [state], until, never)
    return outcome


def gives(value: Any) -> Callable[[], Any]:
    def function() -> Any:
        return value

    return function


def counting(*values: Any) -> Callable[[], Iterator[Any]]:
    def function() -> Iterator[Any]:
        yield from values

    return function


def ended(outcome: Outcome) -> tuple[Status, str]:
    """Return how a trial ended, having checked that it keeps no state."""
    assert outcome.state is None
    return outcome.status, outcome.reason


class TestPlainFunctions:
    def test_the_parameters_are_given_by_name_and_the_number_is_the_value(self) -> None:
        def f(a: float, *, b: str, c: int = 3) -> float:
            return a + len(b) + c

        outcome = advance(objective(f), {"b": "four", "a": 0.5})
        assert (outcome.status, outcome.epochs_done, outcome.curves) == (Status.COMPLETE, 1, {"value": (7.5,)})

    @pytest.mark.parametrize("value", [2, 2.0, np.float32(2), np.int64(2), np.array(2.0), np.array(2), Fraction(2)])
    def test_any_kind_of_number_will_do(self, value: Any) -> None:
        (curve,) = advance(objective(gives(value))).curves.values()
        assert curve == (2.0,)
        assert type(curve[0]) is float

    @pytest.mark.parametrize("value", [None, "2", True, np.True_, [2.0], np.array([2.0]), 2j, np.complex128(2), (2.0,)])
    def test_what_is_no_number_fails_and_is_named(self, value: Any) -> None:
        status, reason = ended(advance(objective(gives(value))))
        assert status is Status.FAILED
        assert reason == f"it gave {value!r}, neither a number nor a mapping with `value`"

    @pytest.mark.parametrize(
        ("value", "named"), [(math.nan, "nan"), (math.inf, "inf"), (-math.inf, "-inf"), (np.float32("nan"), "nan")]
    )
    def test_a_value_that_is_not_finite_has_diverged(self, value: Any, named: str) -> None:
        outcome = advance(objective(gives(value)))
        assert ended(outcome) == (Status.DIVERGED, f"`value` was {named} in epoch 1")
        assert len(outcome.curves["value"]) == outcome.epochs_done == 1

    def test_a_whole_number_beyond_all_floats_is_infinite(self) -> None:
        assert advance(objective(gives(10**400))).status is Status.DIVERGED

    def test_a_plain_function_has_no_epochs(self) -> None:
        status, reason = ended(advance(objective(gives(0.5), epochs=9)))
        assert status is Status.FAILED
        assert reason == "it returned 0.5; with `epochs: 9` it must yield a value for each of them"


class TestMappings:
    def test_the_metric_is_taken_and_what_else_is_declared(self) -> None:
        tested = objective(gives({"seconds": 3, "loss": 0.25, "unheard": "of"}), metrics=("loss", "seconds", "accuracy"))
        assert tested.metrics == ("loss", "seconds", "accuracy")
        outcome = advance(tested)
        assert outcome.status is Status.COMPLETE
        assert list(outcome.curves) == ["loss", "seconds", "accuracy"]
        assert outcome.curves["loss"] + outcome.curves["seconds"] == (0.25, 3.0)
        assert math.isnan(outcome.curves["accuracy"][0])

    def test_a_bare_number_is_the_metric_and_the_others_are_missing(self) -> None:
        curves = advance(objective(gives(0.5), metrics=("loss", "seconds"))).curves
        assert curves["loss"] == (0.5,)
        assert math.isnan(curves["seconds"][0])

    def test_another_metric_that_is_not_finite_does_no_harm(self) -> None:
        outcome = advance(objective(gives({"loss": 1, "ratio": math.inf}), metrics=("loss", "ratio")))
        assert outcome.status is Status.COMPLETE

    @pytest.mark.parametrize(
        ("result", "reason"),
        [
            ({"lose": 1}, "it gave a mapping without `loss`: {'lose': 1}"),
            ({}, "it gave a mapping without `loss`: {}"),
            ({"loss": "low"}, "it gave `loss` as 'low', which is no number: {'loss': 'low'}"),
            ({"loss": None}, "it gave `loss` as None, which is no number: {'loss': None}"),
            ({"loss": 1, "note": "x"}, "it gave `note` as 'x', which is no number: {'loss': 1, 'note': 'x'}"),
        ],
    )
    def test_a_mapping_that_cannot_be_judged_fails_and_says_what_came(self, result: Any, reason: str) -> None:
        assert ended(advance(objective(gives(result), metrics=("loss", "note")))) == (Status.FAILED, reason)


class TestGenerators:
    def test_each_yield_is_an_epoch(self) -> None:
        tested = objective(counting(3, 2.5, {"value": 2}), epochs=3)
        outcome = advance(tested, until=2)
        assert (outcome.status, outcome.epochs_done, outcome.curves) == (Status.WAITING, 2, {"value": (3.0, 2.5)})
        outcome = advance(tested, until=3)
        assert (outcome.status, outcome.epochs_done, outcome.curves) == (Status.COMPLETE, 3, {"value": (3.0, 2.5, 2.0)})

    def test_it_is_asked_for_no_more_than_is_wanted_and_then_closed(self) -> None:
        told: list[str] = []

        def f() -> Iterator[float]:
            try:
                for epoch in range(100):
                    told.append(f"epoch {epoch}")
                    yield 1.0
            finally:
                told.append("closed")

        assert advance(objective(f, epochs=9), until=2).epochs_done == 2
        assert told == ["epoch 0", "epoch 1", "closed"]

    def test_sent_on_from_its_state_it_has_what_it_has_in_one_go(self) -> None:
        tested = objective(counting(3, 2, 1, 0), epochs=4)
        first = advance(tested, until=1)
        assert first.state is not None
        assert {name: array.tolist() for name, array in first.state.items()} == {"curve/value": [3.0]}
        rest = advance(tested, until=3, state=pickle.loads(pickle.dumps(first.state)))
        straight = advance(tested, until=3)
        assert (rest.status, rest.epochs_done, rest.curves) == (Status.WAITING, 3, {"value": (2.0, 1.0)})
        assert rest.state is not None
        assert straight.state is not None
        assert rest.state["curve/value"].tolist() == straight.state["curve/value"].tolist() == [3.0, 2.0, 1.0]

    def test_that_has_come_to_its_end_needs_no_state(self) -> None:
        outcome = advance(objective(counting(3, 2), epochs=2), until=2)
        assert (outcome.status, outcome.state) == (Status.COMPLETE, None)

    def test_sent_on_it_must_give_what_is_on_record(self) -> None:
        first = advance(objective(counting(3, 2, 1), epochs=3), until=2)
        again = advance(objective(counting(3, 2.5, 1), epochs=3), until=3, state=first.state)
        reason = "not reproducible: run again it gave 2.5 in epoch 2, on record is 2.0"
        assert ended(again) == (Status.FAILED, reason)
        assert (again.epochs_done, again.curves) == (2, {})

    def test_only_the_metric_must_be_the_same_again_and_the_rest_stays_as_recorded(self) -> None:
        metrics = ("value", "seconds")
        slow = objective(counting({"value": 3, "seconds": 7}, {"value": 2, "seconds": 8}), 2, metrics)
        fast = objective(counting({"value": 3, "seconds": 1}, {"value": 2, "seconds": 2}), 3, metrics)
        outcome = advance(fast, until=2, state=advance(slow, until=1).state)
        assert outcome.state is not None
        assert outcome.state["curve/seconds"].tolist() == [7.0, 2.0]

    def test_one_that_ends_early_fails_and_keeps_what_it_gave(self) -> None:
        outcome = advance(objective(counting(3, 2), epochs=9), until=9)
        assert ended(outcome) == (Status.FAILED, "it yielded 2 of 9 epochs")
        assert (outcome.epochs_done, outcome.curves) == (2, {"value": (3.0, 2.0)})

    def test_one_that_ends_before_what_is_on_record_fails(self) -> None:
        state = advance(objective(counting(3, 2, 1), epochs=9), until=3).state
        outcome = advance(objective(counting(3, 2), epochs=9), until=9, state=state)
        assert ended(outcome) == (Status.FAILED, "it yielded 2 of 9 epochs")
        assert (outcome.epochs_done, outcome.curves) == (3, {})

    def test_it_ends_in_the_epoch_in_which_it_diverges(self) -> None:
        outcome = advance(objective(counting(3, math.inf, 1), epochs=3), until=3)
        assert ended(outcome) == (Status.DIVERGED, "`value` was inf in epoch 2")
        assert (outcome.epochs_done, outcome.curves) == (2, {"value": (3.0, math.inf)})

    def test_an_exception_keeps_the_epochs_before_it(self) -> None:
        def f() -> Iterator[float]:
            yield 3.0
            raise ValueError("too hot")

        outcome = advance(objective(f, epochs=3), until=3)
        assert (outcome.status, outcome.epochs_done, outcome.curves) == (Status.FAILED, 1, {"value": (3.0,)})
        assert outcome.reason.endswith("ValueError: too hot")

    def test_the_deadline_ends_it_after_its_first_new_epoch(self) -> None:
        trial, tested = Trial(0, 0, (), {}), objective(counting(3, 2, 1), epochs=3)
        (first,) = tested.advance([trial], [None], 3, lambda: True)
        assert (first.status, first.curves) == (Status.WAITING, {"value": (3.0,)})
        (second,) = tested.advance([trial], [first.state], 3, lambda: True)
        assert (second.status, second.curves) == (Status.WAITING, {"value": (2.0,)})
        assert not tested.resumable


class TestArguments:
    def test_a_required_argument_that_is_inactive_fails_with_its_name(self) -> None:
        def train(rate: float, momentum: float) -> float:
            return rate + momentum

        status, reason = ended(advance(objective(train), {"rate": 0.1}))
        assert (status, reason) == (Status.FAILED, "train() needs `momentum`; active in this trial are rate")

    def test_an_argument_with_a_default_may_be_inactive(self) -> None:
        def train(rate: float, momentum: float = 0.9) -> float:
            return rate + momentum

        assert advance(objective(train), {"rate": 0.1}).curves == {"value": (1.0,)}

    def test_what_it_does_not_take_fails_unless_it_takes_everything(self) -> None:
        def some(rate: float) -> float:
            return rate

        def everything(**given: float) -> float:
            return sum(given.values())

        params = {"rate": 1.0, "depth": 2}
        assert ended(advance(objective(some), params))[1] == "some() takes no `depth`; active in this trial are rate, depth"
        assert advance(objective(everything), params).curves == {"value": (3.0,)}

    def test_a_function_whose_signature_is_unknown_is_simply_called(self) -> None:
        assert advance(objective(min), {"default": 2.0}).status is Status.FAILED
        with pytest.raises(ValueError, match="no signature"):
            __import__("inspect").signature(min)

    def test_what_the_function_changes_is_its_own(self) -> None:
        def f(widths: list[int]) -> int:
            widths.append(1)
            return len(widths)

        params: dict[str, Any] = {"widths": [8, 8]}
        assert advance(objective(f), params).curves == {"value": (3.0,)}
        assert params == {"widths": [8, 8]}

    def test_before_a_search_it_is_told_what_cannot_fit(self) -> None:
        def train(rate: float, momentum: float, size: int = 1, *, seed: int) -> float:
            return rate + momentum + size + seed

        tested = objective(train)
        tested.check(["momentum", "rate"])
        with pytest.raises(SettingError) as told:
            tested.check(["rate", "momentun", "depth"])
        assert told.value.mistakes == (
            Mistake(("space", "momentun"), "train() takes no `momentun`", "did you mean momentum?", of_key=True),
            Mistake(
                ("space", "depth"), "train() takes no `depth`", "its arguments are rate, momentum, size, seed", of_key=True
            ),
            Mistake(("space",), "train() needs `momentum`", "search it too, or give a default in the function", of_key=True),
        )

    def test_a_function_without_names_is_told_as_that(self) -> None:
        def train(*_values: float) -> float:
            return 1.0

        with pytest.raises(SettingError, match=r"takes no `rate`\n +it has no arguments that are passed by name"):
            objective(train).check(["rate"])

    def test_before_a_search_an_async_function_is_refused(self) -> None:
        async def waiting() -> float:
            return 1.0

        async def yielding() -> AsyncIterator[float]:
            yield 1.0

        class Called:
            async def __call__(self) -> float:
                return 1.0

        for function in (waiting, yielding, partial(waiting)):
            with pytest.raises(UsageError, match=r"is async.*\n.*asyncio\.run\("):
                PythonObjective(PythonSettings("__main__:f"), "value", Streams(0), function).check([])
        with pytest.raises(UsageError, match="is async"):
            PythonObjective(PythonSettings("__main__:f"), "value", Streams(0), Called()).check([])


class TestSeed:
    @staticmethod
    def seeded(seed: int) -> float:
        return seed

    def value(self, number: int = 0, repetition: int = 0, study_seed: int = 0) -> float:
        tested = objective(self.seeded, seed=study_seed)
        return advance(tested, number=number, repetition=repetition).curves["value"][0]

    def test_a_function_that_names_a_seed_gets_one_of_its_trial(self) -> None:
        seeds = [self.value(number) for number in range(20)]
        assert len(set(seeds)) == 20
        assert all(seed.is_integer() and 0 <= seed < SEEDS for seed in seeds)
        assert seeds == [self.value(number) for number in range(20)]
        assert self.value(study_seed=1) != self.value()

    def test_in_a_repetition_all_trials_get_the_same_one(self) -> None:
        assert self.value(3, repetition=1) == self.value(8, repetition=1)
        assert len({self.value(0, repetition) for repetition in range(4)}) == 4

    def test_a_function_that_takes_anything_gets_none_and_a_searched_seed_stays(self) -> None:
        assert advance(objective(lambda **given: len(given)), {"a": 1}).curves == {"value": (1.0,)}
        assert advance(objective(self.seeded), {"seed": 7}).curves == {"value": (7.0,)}

    def test_the_seed_need_not_stand_in_the_space(self) -> None:
        objective(self.seeded).check([])


class TestFaults:
    def test_the_traceback_begins_in_the_function(self) -> None:
        def f(x: float) -> float:
            return deeper(x)

        def deeper(x: float) -> float:
            return 1 / x

        status, reason = ended(advance(objective(f), {"x": 0.0}))
        assert status is Status.FAILED
        first, where, *_, last = reason.splitlines()
        assert first == "Traceback (most recent call last):"
        assert __file__ in where
        assert last == "ZeroDivisionError: float division by zero"
        assert "hpsearch/objectives" not in reason.replace("tests/objectives", "")

    def test_of_a_long_traceback_the_end_is_kept(self) -> None:
        def f() -> float:
            raise ValueError("very " * 5000 + "bad")

        reason = advance(objective(f)).reason
        assert len(reason) < 5000
        *_, end, last = reason.splitlines()
        assert end.endswith("very bad")
        assert last.startswith("ValueError: very very")
        assert len(last) == 200

    @pytest.mark.parametrize(
        ("error", "last"),
        [
            (SystemExit(3), "SystemExit: 3"),
            (HpsearchError("not the record's fault"), "hpsearch.errors.HpsearchError: not the record's fault"),
            (MemoryError(), "MemoryError"),
            (StopIteration(), "RuntimeError: generator raised StopIteration"),
            (GeneratorExit(), "GeneratorExit"),
            (KeyboardInterrupt(), "KeyboardInterrupt"),
            (ValueError("boom\nand more\n"), "ValueError: boom"),
            (ValueError("\nboom"), "ValueError: "),
            (ExceptionGroup("two", [ValueError("one"), KeyError("other")]), "ExceptionGroup: two (2 sub-exceptions)"),
            (SyntaxError("odd", ("file", 1, 1, "text", 1, 2)), "SyntaxError: odd"),
        ],
    )
    def test_whatever_it_raises_is_the_end_of_its_trial_alone(self, error: BaseException, last: str) -> None:
        def f() -> float:
            raise error

        status, reason = ended(advance(objective(f)))
        assert (status, reason.splitlines()[-1]) == (Status.FAILED, last)

    def test_a_note_to_an_exception_does_not_hide_it(self) -> None:
        def f() -> float:
            error = ValueError("too hot")
            error.add_note("in the sun")
            raise error

        *_, note, last = advance(objective(f)).reason.splitlines()
        assert (note, last) == ("in the sun", "ValueError: too hot")

    def test_an_interruption_is_not_the_functions(self) -> None:
        def f() -> float:
            signal.raise_signal(signal.SIGINT)
            return 1.0

        def leaving() -> float:
            try:
                return f()
            except KeyboardInterrupt:
                sys.exit(1)

        for function in (f, leaving):
            with pytest.raises(Interrupted), interruptible():
                advance(objective(function))

    def test_what_it_prints_goes_to_standard_error(self, capfd: pytest.CaptureFixture[str]) -> None:
        def f() -> Iterator[float]:
            print("by print")
            yield 1.0
            os.write(1, b"by its number\n")
            subprocess.run([sys.executable, "-c", "print('by another process')"], check=True)
            yield 1.0
            raise ValueError

        advance(objective(f, epochs=3), until=3)
        print("afterwards")
        out, err = capfd.readouterr()
        assert out == "afterwards\n"
        assert err == "by print\nby its number\nby another process\n"

    def test_what_waits_in_the_buffer_of_a_stream_that_it_kept_goes_there_too(self) -> None:
        program = """
import sys
from hpsearch.objectives.foreign_code import stdout_on_stderr
kept = sys.stdout
print("data")
with stdout_on_stderr():
    kept.write("not data\\n")
print("more data")
"""
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert (done.stdout, done.stderr) == ("data\nmore data\n", "not data\n")


class TestTheProcess:
    """What a function changes of the process it runs in, which with one job is the driver's."""

    @staticmethod
    def standing() -> tuple[object, ...]:
        handlers = tuple(map(signal.getsignal, (signal.SIGINT, signal.SIGTERM)))
        return Path.cwd(), dict(os.environ), np.geterr(), list(warnings.filters), handlers, sys.stdin, sys.stdout, sys.stderr

    @pytest.mark.parametrize(
        "change",
        [
            lambda: os.chdir("/"),
            lambda: os.environ.update(HPSEARCH_TESTED="1"),
            os.environ.clear,
            lambda: np.seterr(all="raise"),
            lambda: warnings.simplefilter("ignore"),
            warnings.resetwarnings,
            lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
            lambda: signal.signal(signal.SIGTERM, signal.SIG_IGN),
            lambda: setattr(sys, "stdout", io.StringIO()),
            lambda: setattr(sys, "stderr", io.StringIO()),
            lambda: setattr(sys, "stdin", io.StringIO()),
        ],
    )
    @pytest.mark.parametrize("fault", [False, True])
    def test_it_is_as_it_was_after_each_trial(self, change: Callable[[], object], fault: bool) -> None:
        def f() -> Iterator[float]:
            inside = self.standing()
            change()
            changed.append(self.standing() != inside)
            yield 1 / (not fault)

        changed: list[bool] = []
        before = self.standing()
        outcome = advance(objective(f))
        assert changed == [True]
        assert self.standing() == before
        assert outcome.status is (Status.FAILED if fault else Status.COMPLETE)

    def test_a_function_that_closes_the_standard_streams_closes_nothing(self) -> None:
        program = """
import sys
from hpsearch.objectives.foreign_code import called
for _ in range(2):
    with called():
        for line in sys.stdin:
            print("read", line, end="")
        with sys.stderr as stream:
            stream.write("error\\n")
        for stream in (sys.stdin, sys.stdout, sys.stderr):
            stream.close()
print(sys.stdin.read() + "data")
print("the end", file=sys.stderr)
"""
        done = subprocess.run([sys.executable, "-c", program], input="line\n", capture_output=True, text=True, check=True)
        assert (done.stdout, done.stderr) == ("data\n", "read line\nerror\nerror\nthe end\n")

    def test_a_function_may_leave_from_a_directory_that_is_gone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        gone = tmp_path / "gone"
        gone.mkdir()
        os.chdir(gone)
        gone.rmdir()
        assert advance(objective(gives(1.0))).status is Status.COMPLETE

    def test_random_numbers_that_are_not_seeded_differ_from_trial_to_trial(self) -> None:
        tested = objective(lambda: np.random.rand() + random.random())  # noqa: NPY002  # as people write it
        assert len({advance(tested).curves["value"] for _ in range(5)}) == 5

    def test_a_warning_is_shown_once_and_not_in_every_trial(self) -> None:
        program = """
import warnings
from hpsearch.objectives.foreign_code import called
def f():
    warnings.warn("look out")
for _ in range(3):
    with called():
        f()
"""
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert done.stderr.count("look out") == 1


def test_it_keeps_the_contract_of_an_objective() -> None:
    tested: Objective = objective(gives(1.0))
    assert tested.metrics == ("value",)
    assert not tested.is_seeded
    assert tested.group_key({"x": 1}) == tested.group_key({})
    assert (tested.population_size({}), tested.cost({}), tested.memory([])) == (1, 1.0, 0)
    assert tested.assess({}, {}) == {}
    assert tested.model({}, {}) is None


def test_several_trials_in_one_call_get_what_each_gets_alone() -> None:
    tested = objective(lambda x, seed: x + seed)
    crowd = [Trial(number, 0, (), {"x": number / 8}) for number in (4, 1)]
    together = tested.advance(crowd, [None, None], 1, never)
    assert [outcome.trial for outcome in together] == [4, 1]
    for trial, outcome in zip(crowd, together, strict=True):
        (alone,) = tested.advance([trial], [None], 1, never)
        assert alone.curves == outcome.curves
