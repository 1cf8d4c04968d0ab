"""Who trained what and when, as the journal tells it."""

from typing import Any

import pytest

from hpsearch.study.record import Span
from hpsearch.study.replay import replay

START: dict[str, Any] = {
    "type": "start",
    "run": "tiny-001",
    "metric": "validation_error",
    "select": "last_epoch",
    "metrics": ["validation_error"],
    "data": {"rows": {"validation": 100}},
}
STAGE = {"type": "stage", "stage": 0, "until": 1, "trials": [{"trial": k, "point": [0.5], "params": {}} for k in (0, 1)]}
PROMOTE = {"type": "promote", "trials": [0], "stopped": [1], "until": 3}


def at(second: int) -> str:
    return f"2026-11-21T10:00:{second:02d}.000+00:00"


def block(trial: int, begin: int, end: int, status: str = "waiting", **more: Any) -> dict[str, Any]:
    times = {"started_at": at(begin), "finished_at": at(end), "seconds": 1.0}
    result = {"size": 1, "weights": "", "checkpoint": "", "worker": "7"}
    return {"type": "block", "trial": trial, "from": begin, "to": end, "status": status, **times, **result, **more}


def curves(trial: int, begin: int, end: int, **more: Any) -> dict[str, Any]:
    return {"trial": trial, "from": begin, "to": end, "curves": {"validation_error": [0.5] * (end - begin)}, **more}


JOURNAL = [START, STAGE, block(0, 0, 1), block(1, 0, 1), PROMOTE, block(0, 1, 3, "complete")]
CURVES = [curves(0, 0, 1), curves(1, 0, 1), curves(0, 1, 3)]


def test_each_block_is_a_span_and_each_promotion_is_kept_by_trial() -> None:
    run = replay(JOURNAL, CURVES)
    assert run.spans == [
        Span(0, 0, 0, 1, "7", at(0), at(1)),
        Span(1, 0, 0, 1, "7", at(0), at(1)),
        Span(0, 0, 1, 3, "7", at(1), at(3)),
    ]
    assert run.promotions == {0: [(1, 3)]}
    assert run.spans[0].is_beside(run.spans[1])
    assert not run.spans[0].is_beside(run.spans[2])


def test_a_block_that_is_on_record_twice_is_one_span() -> None:
    assert replay([*JOURNAL, JOURNAL[-1]], CURVES).spans == replay(JOURNAL, CURVES).spans


def test_a_block_without_its_curves_is_none() -> None:
    assert [span.to_epoch for span in replay(JOURNAL, CURVES[:2]).spans] == [1, 1]


def test_a_trial_that_is_ended_by_the_clock_adds_none() -> None:
    timeout = block(0, 1, 1, "timeout", reason="too long")
    assert len(replay([*JOURNAL[:-1], timeout], CURVES).spans) == 2


def test_a_fresh_seed_is_told_by_its_repetition() -> None:
    confirm = {"type": "confirm", "trials": [0], "seeds": 1, "until": 3}
    again = block(0, 0, 3, "complete", repetition=1)
    run = replay([*JOURNAL, confirm, again], [*CURVES, curves(0, 0, 3, repetition=1)])
    assert (run.spans[-1].repetition, run.spans[-1].to_epoch) == (1, 3)


def test_spans_are_of_the_clock_and_make_no_two_runs_different() -> None:
    later = [{**line, "worker": "8"} if line["type"] == "block" else line for line in JOURNAL]
    one, other = replay(JOURNAL, CURVES), replay(later, CURVES)
    assert one.spans != other.spans
    other.history = one.history
    assert one == other


def test_a_time_that_is_none_makes_its_line_malformed() -> None:
    session = {"type": "session", "at": at(0)}
    assert len(replay([START, session, *JOURNAL[1:]], CURVES).spans) == 3
    with pytest.raises(ValueError, match="at noon"):
        replay([START, session, STAGE, block(0, 0, 1, started_at="at noon")], CURVES)
