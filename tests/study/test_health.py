"""Damage done to small runs by hand, and what is told of it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from studies import Listener, interrupted, journal, make_function_study, make_study, run, states

from hpsearch.errors import RecordError
from hpsearch.study import health
from hpsearch.study.events import Event, Trained
from hpsearch.study.health import NEXT
from hpsearch.study.record import RunRecord
from hpsearch.study.runs import locked, read_run
from hpsearch.study.signs import Severity, Sign, size_of
from hpsearch.study.study_spec import StudySpec

FINE, NOTE, DAMAGE = Severity.FINE, Severity.NOTE, Severity.DAMAGE


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    """The directory of a run that has finished, of six trials."""
    return run(make_study(tmp_path), tmp_path / "runs")


@pytest.fixture
def unfinished(tmp_path: Path) -> Path:
    """The directory of a run that was interrupted after three of six trials."""
    return interrupted(make_study(tmp_path), tmp_path / "runs", at=1)


def run_signs(directory: Path, fault: str = "") -> tuple[Sign, ...]:
    """Return the signs of a run whose spec cannot be read because of a fault, if there is one."""

    def read_study(path: Path, _run: RunRecord) -> StudySpec:
        if fault:
            raise RecordError(fault)
        return make_study(path.parent.parent)

    return health.run_signs(directory, read_study)


def sign(directory: Path, about: str) -> Sign:
    """Return the one sign that is about something."""
    (found,) = [sign for sign in run_signs(directory) if sign.about == about]
    return found


def severities(directory: Path) -> dict[str, Severity]:
    """Return what is not fine."""
    return {sign.about: sign.severity for sign in run_signs(directory) if sign.severity is not FINE}


def content(directory: Path) -> dict[str, tuple[int, bytes]]:
    """Return all files of a directory with the time of their last change."""
    files = [path for path in directory.rglob("*") if path.is_file()]
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def replace_line(path: Path, number: int, line: str) -> None:
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[: number - 1], f"{line}\n", *lines[number:]]))


def without_last(path: Path, kind: str) -> None:
    """Cut a journal before its last record of a kind."""
    lines = path.read_text().splitlines(keepends=True)
    last = max(place for place, line in enumerate(lines) if json.loads(line)["type"] == kind)
    path.write_text("".join(lines[:last]))


def test_a_finished_run_is_fine_in_all_respects(finished: Path) -> None:
    assert severities(finished) == {}
    found = {sign.about: sign.facts for sign in run_signs(finished)}
    assert found["search"] == {"finished": "all trials are finished", "ended": 6, "planned": 6}
    assert found["journal.jsonl"] == {"records": len(journal(finished)), "unreadable": (), "torn_bytes": 0}
    assert found["states"] == {"needed": 0, "missing": [], "damaged": []}
    assert found["orphans"] == {"files": [], "bytes": 0}
    assert found["derived files"] == {"missing": [], "stale": []}
    assert found["driver"] == {"holder": None}
    assert found["size"] == {"bytes": sum(path.stat().st_size for path in finished.rglob("*") if path.is_file())}


def test_looking_changes_nothing_in_a_run(unfinished: Path) -> None:
    (unfinished / "checkpoints" / "orphan.npz").write_bytes(b"")
    with (unfinished / "journal.jsonl").open("a") as file:
        file.write('{"v": 1')
    before = content(unfinished)
    run_signs(unfinished)
    assert content(unfinished) == before


def test_an_unfinished_run_is_no_damage(unfinished: Path) -> None:
    assert severities(unfinished) == {"search": NOTE}
    assert sign(unfinished, "search").text == (f"unfinished, trials that have ended: 3 of 6; {NEXT} goes on with it")
    assert sign(unfinished, "model").text == "none yet: it is kept when the search is over"


def test_a_torn_tail_is_a_note_with_its_bytes_and_is_gone_after_the_next_run(unfinished: Path, tmp_path: Path) -> None:
    for name in ("journal.jsonl", "curves.jsonl"):
        with (unfinished / name).open("a") as file:
            file.write('{"v": 1, "ty')
    assert severities(unfinished) == {"search": NOTE, "journal.jsonl": NOTE, "curves.jsonl": NOTE}
    assert sign(unfinished, "curves.jsonl").text.startswith("the last line is torn (12 bytes); ")
    run(make_study(tmp_path), tmp_path / "runs")
    assert severities(unfinished) == {}


def test_an_unreadable_inner_line_of_the_journal_is_damage_with_its_number(finished: Path) -> None:
    for number in (6, 8):  # of blocks
        replace_line(finished / "journal.jsonl", number, "garbage")
    found = sign(finished, "journal.jsonl")
    assert (found.severity, found.facts["unreadable"]) == (DAMAGE, (6, 8))
    assert found.text == (f"no records in lines 6, 8, which are passed over: {NEXT} trains again what they held")


def test_what_an_unreadable_line_held_is_not_missed_where_the_others_say_all(finished: Path) -> None:
    assert json.loads((finished / "journal.jsonl").read_text().splitlines()[1])["type"] == "session"
    replace_line(finished / "journal.jsonl", 2, "garbage")
    text = sign(finished, "journal.jsonl").text
    assert text == "no records in lines 2, which are passed over: what they held is on record again"


def test_lines_without_which_the_record_cannot_be_read_are_told_too(finished: Path) -> None:
    replace_line(finished / "journal.jsonl", 4, "garbage")  # of the trials
    assert severities(finished) == {"record": DAMAGE, "journal.jsonl": DAMAGE}
    assert sign(finished, "journal.jsonl").text == "no records in lines 4"


def test_of_very_many_unreadable_lines_the_first_twenty_are_named(unfinished: Path) -> None:
    with (unfinished / "curves.jsonl").open("a") as file:
        file.write("\n" * 30)
    assert sign(unfinished, "curves.jsonl").text.startswith(
        f"no records in lines {', '.join(map(str, range(4, 24)))} and 10 more, which are passed over: "
    )


def test_missing_curves_are_damage_until_their_trials_are_trained_again(finished: Path, tmp_path: Path) -> None:
    replace_line(finished / "curves.jsonl", 2, "garbage")
    assert severities(finished) == {"search": NOTE, "curves.jsonl": DAMAGE, "curves": DAMAGE, "derived files": NOTE}
    (lost,) = sign(finished, "curves").facts["lost"]
    assert sign(finished, "curves").text == (
        f"missing or damaged, so they count as not trained: trials {lost}; {NEXT} trains them again"
    )
    run(make_study(tmp_path), tmp_path / "runs")
    assert severities(finished) == {"curves.jsonl": NOTE}
    assert sign(finished, "curves.jsonl").text == (
        "no records in lines 2, which are passed over: what they held is on record again"
    )


def test_without_any_curves_all_trainings_are_lost(unfinished: Path) -> None:
    (unfinished / "curves.jsonl").unlink()
    assert len(sign(unfinished, "curves").facts["lost"]) == 3
    assert sign(unfinished, "curves").text.endswith(f"; {NEXT} trains them again")


def test_only_the_winner_needs_its_state_until_its_model_is_kept(finished: Path, tmp_path: Path) -> None:
    without_last(finished / "journal.jsonl", "assess")
    assert sign(finished, "states").facts["needed"] == 1
    number = json.loads((finished / "best.json").read_text())["trial"]
    winner = finished / "checkpoints" / read_run(finished).history[number].checkpoint
    whole = winner.read_bytes()
    winner.write_bytes(whole[:-20])
    assert sign(finished, "states").facts == {"needed": 1, "missing": [], "damaged": [number]}
    winner.unlink()
    assert sign(finished, "states").facts == {"needed": 1, "missing": [number], "damaged": []}
    assert sign(finished, "states").text == (f"needed, but missing: trials {number}; {NEXT} trains them again")
    assert severities(finished)["states"] is DAMAGE
    run(make_study(tmp_path), tmp_path / "runs")
    assert severities(finished) == {}


def test_states_that_nothing_needs_are_a_note_with_their_number_and_go_with_the_next_run(
    unfinished: Path, tmp_path: Path
) -> None:
    for name in ("trial-00005-from-0000-dead.npz", ".trial-00004-from-0000-dead.npz.4711"):
        (unfinished / "checkpoints" / name).write_bytes(bytes(750_000))
    found = sign(unfinished, "orphans")
    assert (found.severity, len(found.facts["files"]), found.facts["bytes"]) == (NOTE, 2, 1_500_000)
    assert found.text == (f"states that nothing needs: 2 (1.5 MB), left by a command that was killed; {NEXT} deletes them")
    run(make_study(tmp_path), tmp_path / "runs")
    assert severities(unfinished) == {}


def test_half_written_files_are_a_note_with_their_names(finished: Path) -> None:
    for name in (".trials.csv.4711", "models/.model.npz.4711"):
        (finished / name).write_bytes(b"12345")
    assert severities(finished) == {"half-written": NOTE}
    assert sign(finished, "half-written").facts == {"files": [".trials.csv.4711", "models/.model.npz.4711"], "bytes": 10}


@pytest.mark.parametrize(
    ("harm", "fault"),
    [
        (lambda models: (models / "model.npz").unlink(), "model.npz: cannot be read"),
        (lambda models: (models / "model.npz").write_bytes(b"no"), "model.npz: not the arrays that model.json describes"),
        (lambda models: (models / "model.json").write_text("{"), "model.json: is not the JSON of a model"),
        (lambda models: (models / "confusion_validation.csv").write_text("?\n"), "is no confusion matrix"),
    ],
)
def test_a_model_that_is_not_what_was_kept_is_damage(harm: Callable[[Path], Any], fault: str, finished: Path) -> None:
    harm(finished / "models")
    assert severities(finished) == {"model": DAMAGE}
    assert fault in sign(finished, "model").text


def test_the_model_of_another_trial_is_damage(finished: Path) -> None:
    path = finished / "models" / "model.json"
    trial = json.loads(path.read_text())["trial"]
    path.write_text(path.read_text().replace(f'"trial": {trial}', f'"trial": {trial + 1}', 1))
    text = f"models/model.json is of trial {trial + 1}, on record is trial {trial}"
    assert sign(finished, "model").text.startswith(text)


def test_a_function_has_no_model(tmp_path: Path) -> None:
    directory = run(make_function_study("distance", trials=3), tmp_path / "runs")
    assert severities(directory) == {}
    assert sign(directory, "model").text == "none: a Python function was searched"


def test_derived_files_that_are_missing_or_say_something_else_are_a_note(unfinished: Path, tmp_path: Path) -> None:
    (unfinished / "best.json").unlink()
    table = unfinished / "trials.csv"
    table.write_text(table.read_text().replace("complete", "stopped", 1))
    found = sign(unfinished, "derived files")
    assert (found.severity, found.facts) == (NOTE, {"missing": ["best.json"], "stale": ["trials.csv"]})
    assert found.text == f"missing: best.json; stale: trials.csv; {NEXT} writes them anew"
    run(make_study(tmp_path), tmp_path / "runs")
    assert severities(unfinished) == {}


def test_a_run_that_was_moved_is_fine(finished: Path, tmp_path: Path) -> None:
    assert severities(finished.rename(tmp_path / "kept")) == {}


def test_a_best_that_is_no_json_is_stale(finished: Path) -> None:
    (finished / "best.json").write_bytes(b"\xff{")
    assert sign(finished, "derived files").facts["stale"] == ["best.json"]


def test_what_has_changed_of_the_environment_is_a_note(finished: Path) -> None:
    path = finished / "journal.jsonl"
    start = json.loads(path.read_text().splitlines()[0])
    start["environment"]["numpy"] = "1.0"
    replace_line(path, 1, json.dumps(start))
    found = sign(finished, "environment")
    assert found.severity is NOTE
    assert found.text.startswith("bits may differ from those on record: numpy: 1.0 then, ")


def test_a_spec_that_cannot_be_read_is_damage(finished: Path) -> None:
    assert sign(finished, "resolved.yaml") == Sign("resolved.yaml", "the spec that was run")
    (found,) = [sign for sign in run_signs(finished, "it is gone") if sign.about == "resolved.yaml"]
    assert (found.text, found.severity) == ("it is gone", DAMAGE)


def test_a_driver_is_named_and_what_it_is_writing_is_no_sign_of_a_crash(tmp_path: Path) -> None:
    seen: list[tuple[Sign, ...]] = []

    def look(event: Event) -> None:
        if isinstance(event, Trained) and not seen:
            directory = next((tmp_path / "runs").glob("*-*"))
            (directory / "checkpoints" / ".in-the-making.npz.4711").write_bytes(b"")
            seen.append(run_signs(directory))

    run(make_study(tmp_path), tmp_path / "runs", listen=look)
    (found,) = seen
    assert {sign.severity for sign in found} == {FINE}
    texts = {sign.about: sign.text for sign in found}
    assert texts["driver"].startswith(f"process {os.getpid()} on ")
    assert texts["search"] == "unfinished, trials that have ended: 3 of 6"


def test_two_readers_do_not_take_each_other_for_drivers_and_leave_the_run_free(finished: Path) -> None:
    with locked(finished):
        assert sign(finished, "driver").facts["holder"]
    assert sign(finished, "driver").facts["holder"] is None
    with locked(finished):  # nothing is held after a look
        pass


@pytest.mark.parametrize(
    ("first", "fault"),
    [
        ("garbage", "does not begin with a start record"),
        ('{"v": 2, "type": "start"}', "format version 2; this hpsearch reads version 1"),
        ('{"v": 1, "type": "start"}', "the start record holds nothing usable as identity"),
    ],
)
def test_a_record_that_cannot_be_read_is_damage_and_not_an_error(first: str, fault: str, finished: Path) -> None:
    replace_line(finished / "journal.jsonl", 1, first)
    record, *_, driver, size = run_signs(finished)
    assert (record.about, record.severity) == ("record", DAMAGE)
    assert fault in record.text
    assert record.text.endswith("; the next search of its spec passes it over and begins another run")
    assert (driver.about, size.about) == ("driver", "size")


def test_what_was_missing_only_while_a_driver_pruned_it_is_not_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = interrupted(make_study(tmp_path), tmp_path / "runs", at=2)
    before = read_run(directory)
    assert sign(directory, "states").facts["needed"] == 1
    run(make_study(tmp_path), tmp_path / "runs", listen=Listener())
    for name in states(directory):
        (directory / "checkpoints" / name).unlink()
    records = iter([before])  # the first look, from before the search went on; the second is as it is now
    monkeypatch.setattr("hpsearch.study.health.read_run", lambda path: next(records, None) or read_run(path))
    assert sign(directory, "states").severity is FINE


def test_the_size_of_a_directory_counts_a_link_as_itself(tmp_path: Path) -> None:
    (tmp_path / "far").write_bytes(bytes(5000))
    (tmp_path / "run" / "deep").mkdir(parents=True)
    (tmp_path / "run" / "deep" / "file").write_bytes(bytes(70))
    (tmp_path / "run" / "link").symlink_to(tmp_path / "far")
    assert size_of(tmp_path / "run") == 70 + len(str(tmp_path / "far"))
