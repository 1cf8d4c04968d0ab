from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from studies import DIVERGING, Listener, blobs, journal, make_study, verify_trial

from hpsearch.errors import Interrupted, RecordError, UsageError
from hpsearch.objectives.network_objective import NetworkObjective
from hpsearch.study import dispatch
from hpsearch.study.runs import read_run
from hpsearch.study.session import run_study
from hpsearch.study.subject import subject_of
from hpsearch.trial import Outcome, Status

TRIALS = 4


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return run_study(subject_of(make_study(tmp_path, TRIALS)), {}, tmp_path / "runs", 1)[0]


def tamper(path: Path, pattern: str, change: Callable[[re.Match[str]], str]) -> None:
    """Change the first match in a file of the record."""
    text, count = re.subn(pattern, change, path.read_text(), count=1)
    assert count == 1
    path.write_text(text)


def test_every_trial_of_a_run_gives_the_same_bits_alone(directory: Path, tmp_path: Path) -> None:
    for number in range(TRIALS):
        verdict = verify_trial(make_study(tmp_path, TRIALS), read_run(directory), number)
        assert verdict.same
        assert (verdict.trial, verdict.epochs, verdict.differences, verdict.environment) == (number, 3, (), ())


@pytest.mark.parametrize("metric", ["validation_error", "validation_loss", "validation_macro_f1", "train_loss"])
def test_a_changed_value_of_a_curve_is_found(metric: str, directory: Path, tmp_path: Path) -> None:
    study = make_study(tmp_path, TRIALS)
    true = repr(read_run(directory).history[1].at(metric, 2))
    pattern = rf'("trial": 1, .*"{metric}": \[[^,]*, )([^,]*),'
    tamper(directory / "curves.jsonl", pattern, lambda match: f"{match[1]}0.12345,")
    verdict = verify_trial(study, read_run(directory), 1)
    assert not verdict.same
    assert verdict.differences == (f"{metric}: epoch 2 gave {true}, on record is 0.12345",)
    assert verify_trial(study, read_run(directory), 0).same


def test_of_a_curve_the_first_difference_is_told_and_how_many_follow(directory: Path, tmp_path: Path) -> None:
    tamper(directory / "curves.jsonl", r'("trial": 1, .*"train_loss": )\[[^]]*', lambda match: f"{match[1]}[9, 9, 9")
    (difference,) = verify_trial(make_study(tmp_path, TRIALS), read_run(directory), 1).differences
    assert difference.startswith("train_loss: epoch 1 gave ")
    assert difference.endswith("on record is 9.0, and 2 later ones differ")


def test_a_curve_of_another_name_is_told(directory: Path, tmp_path: Path) -> None:
    run = read_run(directory)
    run.history[1] = replace(run.history[1], curves={**run.history[1].curves, "speed": (1.0, 2.0, 3.0)})
    assert verify_trial(make_study(tmp_path, TRIALS), run, 1).differences == ("speed: is not measured any more",)


def test_a_changed_value_in_the_journal_changes_no_winner(directory: Path) -> None:
    before = read_run(directory)
    worst = max(before.history.values(), key=lambda record: record.value).number
    tamper(directory / "journal.jsonl", rf'("trial": {worst}, "from".*"value": )([^,]*)', lambda match: f"{match[1]}0.0")
    assert read_run(directory).history == before.history


def test_the_last_bit_of_a_value_counts(directory: Path, tmp_path: Path) -> None:
    tamper(directory / "curves.jsonl", r'("trial": 1, .*"train_loss": \[)([^,]*),', next_float)
    (difference,) = verify_trial(make_study(tmp_path, TRIALS), read_run(directory), 1).differences
    assert difference.startswith("train_loss: epoch 1 gave ")


def next_float(match: re.Match[str]) -> str:
    return f"{match[1]}{math.nextafter(float(match[2]), math.inf)!r},"


def test_a_changed_hash_of_the_weights_is_found(directory: Path, tmp_path: Path) -> None:
    weights = journal(directory, "block")[0]["weights"]
    number = journal(directory, "block")[0]["trial"]
    tamper(
        directory / "journal.jsonl", weights, lambda match: "0" + match[0][1:] if match[0][0] != "0" else "1" + match[0][1:]
    )
    verdict = verify_trial(make_study(tmp_path, TRIALS), read_run(directory), number)
    assert verdict.differences == ("the final weights differ",)


def test_another_seed_gives_other_bits(directory: Path, tmp_path: Path) -> None:
    verdict = verify_trial(replace(make_study(tmp_path, TRIALS), seed=1), read_run(directory), 0)
    assert "the final weights differ" in verdict.differences
    assert len(verdict.differences) > 3


def test_a_half_trained_trial_is_trained_as_far_as_the_record_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "TASK_SECONDS", -1)
    study = make_study(tmp_path, TRIALS)
    with pytest.raises(Interrupted):
        run_study(subject_of(study), {}, tmp_path / "runs", 1, Listener(1))
    run = read_run(tmp_path / "runs" / "blobs-001")
    (begun,) = {record.epochs_done for record in run.history.values() if record.epochs_done}
    assert begun == 1
    for record in run.history.values():
        if record.epochs_done:
            verdict = verify_trial(study, run, record.number)
            assert (verdict.epochs, verdict.differences) == (1, ())


def test_a_diverged_trial_diverges_again(tmp_path: Path) -> None:
    study = make_study(tmp_path, 6, space=DIVERGING, optimizer="sgd", batch_norm="off")
    directory, run = run_study(subject_of(study), {}, tmp_path / "runs", 1)
    diverged = [number for number, record in run.history.items() if record.status is Status.DIVERGED]
    assert diverged
    for number in diverged:
        assert verify_trial(study, run, number).same
        assert verify_trial(study, read_run(directory), number).same


def test_a_trial_that_ends_in_another_epoch_is_told(tmp_path: Path) -> None:
    study = make_study(tmp_path, 6, space=DIVERGING, optimizer="sgd", batch_norm="off")
    run = run_study(subject_of(study), {}, tmp_path / "runs", 1)[1]
    number, record = next((n, r) for n, r in run.history.items() if r.trial.params["learning_rate"] == 0.05)
    assert record.epochs_done == 3
    run.history[number] = replace(record, trial=replace(record.trial, params={"learning_rate": 1e30}))
    verdict = verify_trial(study, run, number)
    assert verdict.epochs == 1
    assert "it ended after epoch 1, on record after 3" in verdict.differences


def test_a_loss_that_overflowed_overflows_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The record holds null for it, as for NaN."""
    advance = NetworkObjective.advance

    def overflowing(*arguments: Any) -> list[Outcome]:
        outcomes = advance(*arguments)
        return [replace(o, curves={**o.curves, "validation_loss": (1.0, 2.0, math.inf)}) for o in outcomes]

    monkeypatch.setattr(NetworkObjective, "advance", overflowing)
    study = make_study(tmp_path, TRIALS)
    directory, run = run_study(subject_of(study), {}, tmp_path / "runs", 1)
    assert verify_trial(study, run, 0).same
    assert verify_trial(study, read_run(directory), 0).same


def test_a_trial_that_failed_after_some_epochs_left_no_weights_to_compare(directory: Path, tmp_path: Path) -> None:
    run = read_run(directory)
    run.history[2] = replace(run.history[2], status=Status.FAILED, weights="", checkpoint="")
    assert verify_trial(make_study(tmp_path, TRIALS), run, 2).same


class TestNothingToCompare:
    def test_a_trial_that_the_run_does_not_have(self, directory: Path, tmp_path: Path) -> None:
        with pytest.raises(UsageError) as raised:
            verify_trial(make_study(tmp_path, TRIALS), read_run(directory), 4)
        assert str(raised.value) == "blobs-001 has no trial 4; it has 4, from 0"

    def test_a_trial_without_epochs(self, directory: Path, tmp_path: Path) -> None:
        run = read_run(directory)
        run.history[3] = replace(run.history[3], status=Status.FAILED, curves={})
        with pytest.raises(UsageError) as raised:
            verify_trial(make_study(tmp_path, TRIALS), run, 3)
        assert str(raised.value) == "trial 3 of blobs-001 is failed: it has no epoch on record to compare with"

    def test_data_that_has_changed(self, directory: Path, tmp_path: Path) -> None:
        run = read_run(directory)
        blobs(tmp_path, rows=96)
        data: dict[str, Any] = {**run.start["data"], "fingerprint": "of data no process has loaded"}
        run.start = {**run.start, "data": data}
        with pytest.raises(RecordError, match=r"blobs\.npz: the data has changed since the run began"):
            verify_trial(make_study(tmp_path, TRIALS), run, 0)


def test_what_has_changed_of_the_environment_is_told(directory: Path, tmp_path: Path) -> None:
    run = read_run(directory)
    now = run.start["environment"]["numpy"]
    run.start = {**run.start, "environment": {**run.start["environment"], "numpy": "1.0"}}
    verdict = verify_trial(make_study(tmp_path, TRIALS), run, 0)
    assert verdict.environment == (f"numpy: 1.0 then, {now} now",)
    assert verdict.same
