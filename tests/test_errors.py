from __future__ import annotations

import pickle
import signal

import pytest

from hpsearch import errors
from hpsearch.errors import (
    CheckFailed,
    DataError,
    HpsearchError,
    Interrupted,
    MissingExtra,
    Mistake,
    NoTrialCompleted,
    Problem,
    RecordError,
    SettingError,
    SpecError,
    UsageError,
    WorkerDied,
)

EXIT_CODES = {
    HpsearchError: 4,
    UsageError: 2,
    SpecError: 2,
    SettingError: 2,
    DataError: 2,
    RecordError: 4,
    WorkerDied: 4,
    CheckFailed: 1,
    NoTrialCompleted: 3,
    MissingExtra: 2,
}


@pytest.mark.parametrize(("kind", "code"), EXIT_CODES.items())
def test_every_error_has_its_exit_code(kind: type[HpsearchError], code: int) -> None:
    assert kind.exit_code == code
    assert issubclass(kind, HpsearchError)


def test_the_table_of_exit_codes_is_whole() -> None:
    declared = {value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, HpsearchError)}
    assert declared == set(EXIT_CODES)


@pytest.mark.parametrize("kind", [SpecError, SettingError, DataError])
def test_mistakes_in_a_spec_and_in_data_are_wrong_usage(kind: type[HpsearchError]) -> None:
    assert issubclass(kind, UsageError)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_is_a_keyboard_interrupt_that_no_task_swallows(number: int, code: int) -> None:
    interrupted = Interrupted(number)
    assert interrupted.exit_code == code
    assert isinstance(interrupted, KeyboardInterrupt)
    assert not isinstance(interrupted, Exception)


def test_a_problem_shows_its_line_with_a_caret_and_a_hint() -> None:
    problem = Problem(
        "digits.yaml", 12, 3, "unknown key `learning_rat`", "  learning_rat: 0.1", "did you mean `learning_rate`?"
    )
    assert str(problem).splitlines() == [
        "digits.yaml:12:3: unknown key `learning_rat`",
        "   12 |   learning_rat: 0.1",
        "      |   ^",
        "      did you mean `learning_rate`?",
    ]


def test_the_caret_stands_under_its_column_whatever_the_lines_number() -> None:
    for line in (1, 99_999, 123_456):
        _, excerpt, caret = str(Problem("a.yaml", line, 4, "no", "abcdef")).splitlines()
        assert excerpt[caret.index("^")] == "d"


def test_a_problem_without_an_excerpt_is_one_line() -> None:
    assert str(Problem("--set", 1, 1, "no such key")) == "--set:1:1: no such key"


def test_a_spec_error_tells_all_problems_at_once() -> None:
    problems = [Problem("a.yaml", 1, 2, "first"), Problem("a.yaml", 3, 4, "second", hint="do this")]
    error = SpecError(problems)
    assert str(error) == "a.yaml:1:2: first\na.yaml:3:4: second\n      do this"
    assert error.problems == tuple(problems)


@pytest.mark.parametrize(
    ("count", "are_all", "last"),
    [
        (50, True, "a.yaml:50:1: no"),
        (51, True, "and 1 more mistake"),
        (60, True, "and 10 more mistakes"),
        (200, False, "and at least 150 more mistakes"),
    ],
)
def test_of_many_problems_fifty_are_told_and_the_others_counted(count: int, are_all: bool, last: str) -> None:
    error = SpecError([Problem("a.yaml", number, 1, "no") for number in range(1, count + 1)], are_all)
    told = str(error).splitlines()
    assert (len(told), told[-1]) == (min(count, 51), last)
    assert len(error.problems) == count


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (DataError("no rows"), "no rows"),
        (DataError("no rows", file="a.csv"), "a.csv: no rows"),
        (DataError("no number", file="a.csv", line=7), "a.csv:7: no number"),
        (DataError("no number", file="a.csv", line=7, hint="name it"), "a.csv:7: no number\n      name it"),
    ],
)
def test_a_data_error_says_where_and_what_to_do(error: DataError, text: str) -> None:
    assert str(error) == text


def test_a_setting_that_does_not_fit_is_told_with_its_keys_and_several_at_once() -> None:
    error = SettingError(
        Mistake(("data", "target"), "no column `y`", "did you mean `x`?"), Mistake(("metric",), "none of these")
    )
    assert str(error) == "data.target: no column `y`\n      did you mean `x`?\nmetric: none of these"


def test_what_failed_for_a_setting_is_told_of_it_with_its_hint() -> None:
    mistake = Mistake.told_by(DataError("no such file", file="a.csv", hint="write\n  b.csv"), "data", "source")
    assert mistake == Mistake(("data", "source"), "a.csv: no such file", "write\n  b.csv")
    assert str(mistake) == "data.source: a.csv: no such file\n      write\n        b.csv"


@pytest.mark.parametrize("kind", [HpsearchError, UsageError, RecordError, CheckFailed, WorkerDied, NoTrialCompleted])
def test_a_hint_stands_below_its_message_and_all_its_lines_are_indented(kind: type[HpsearchError]) -> None:
    error = kind("no", "do this\nor that")
    assert str(error) == "no\n      do this\n      or that"
    assert (error.message, error.hint) == ("no", "do this\nor that")
    assert str(kind("no")) == "no"


@pytest.mark.parametrize(
    "error",
    [
        UsageError("no", "do this"),
        MissingExtra("Sobol", "sobol", "SciPy"),
        SpecError([Problem("a.yaml", 1, 2, "first")], are_all=False),
        SettingError(Mistake(("seed",), "no"), Mistake(("metric",), "none of these")),
        DataError("no number", file="a.csv", line=7, hint="name it"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_crosses_to_another_process_whole(error: HpsearchError) -> None:
    there = pickle.loads(pickle.dumps(error))
    assert type(there) is type(error)
    assert vars(there) == vars(error)
    assert str(there) == str(error)
