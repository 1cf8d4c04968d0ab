"""The spec kept with a run: when it cannot be read any more, its mistakes are told below what that means."""

from __future__ import annotations

from pathlib import Path

from commands import Command

RESOLVED = "runs/bowl-001/resolved.yaml"
SPEC = 'objective: {python: "mine:bowl"}\nspace: {x: {range: [0.0, 1.0]}}\nsearch: {trials: 12}\n'


def given_a_broken_record(hpsearch: Command) -> None:
    """Search, write a refined spec, and then break the spec kept with the run."""
    Path("mine.py").write_text("def bowl(x):\n    return 1 + (x - 0.5) ** 2\n")
    Path("bowl.yaml").write_text(SPEC)
    assert hpsearch("run", "bowl.yaml", "-j1", "-q").code == 0
    assert hpsearch("refine", "latest", "--dry-run").code == 0
    Path(RESOLVED).write_text(Path(RESOLVED).read_text().replace("seed: 0", "sede: 0"))


def test_a_record_whose_spec_cannot_be_read_is_told_with_the_place(hpsearch: Command) -> None:
    given_a_broken_record(hpsearch)
    ended = hpsearch("refine", "latest", "--dry-run")
    assert ended.code == 4
    told = ended.err.splitlines()
    assert told[0] == f"error: {RESOLVED} cannot be read as a spec"
    assert told[1].startswith(f"      {RESOLVED}:")
    assert told[1].endswith(": unknown key `sede`")


def test_a_spec_refined_from_it_is_told_so_at_its_own_place_with_the_way_out(hpsearch: Command) -> None:
    given_a_broken_record(hpsearch)
    ended = hpsearch("check", "bowl-001-refined.yaml")
    assert ended.code == 2
    told = ended.err.splitlines()
    assert told[0].endswith(f": {RESOLVED} cannot be read as a spec")
    assert told[3].startswith(f"      {RESOLVED}:")
    assert told[-1] == "      to search without its trials: --set search.prior=null"
