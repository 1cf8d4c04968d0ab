"""Lint of the memory: what the workers of a search may need, beside what the machine has."""

from __future__ import annotations

from textwrap import dedent

from hpsearch.spec.lint.kinds import lint, notes
from hpsearch.spec.load import load_spec
from hpsearch.study.preview import Memory

SPEC = "space:\n  learning_rate: {range: [1e-4, 1]}\n"
UNITS = "  hidden_units: {range: [16, 50000]}\n"

FACTS = {"task": "classification", "rows": {"train": 1077, "validation": 360, "test": 360}, "classes": 10}


def found(text: str, need: Memory | None, jobs: int = 2) -> list[str]:
    findings = lint(load_spec(text, "spec.yaml"), FACTS, need, jobs)
    return [str(finding) for finding in findings if finding.code == "memory"]


def test_more_than_there_is_is_told_with_the_workers_that_there_is_room_for() -> None:
    need = Memory(worker=3 * 10**9, driver=10**9, available=4 * 10**9)
    assert found(SPEC + UNITS, need) == [
        dedent("""\
            spec.yaml:3:17: 2 workers may need 7 GB of memory for networks and data, and there are 4 GB [memory]
                3 |   hidden_units: {range: [16, 50000]}
                  |                 ^
                  search with --jobs 1, or let `hidden_units` go less high""")
    ]


def test_where_there_is_room_for_no_worker_smaller_networks_or_fewer_rows_are_the_way() -> None:
    need = Memory(worker=5 * 10**9, driver=10**9, available=4 * 10**9)
    (told,) = found(SPEC, need)
    assert told.endswith("write a smaller `hidden_units` or `batch_size`, or search on fewer rows")


def test_as_much_as_there_is_is_no_finding_and_run_does_not_ask() -> None:
    need = Memory(worker=3 * 10**9, driver=10**9, available=7 * 10**9)
    assert found(SPEC + UNITS, need) == []
    assert notes(load_spec(SPEC, "spec.yaml"), FACTS) == ()
    assert found(SPEC + UNITS, None) == []
