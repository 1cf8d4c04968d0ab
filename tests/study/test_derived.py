from __future__ import annotations

import csv
import io
import json
import math
import shlex
from dataclasses import replace
from typing import Any

import pytest

from hpsearch.search.plan import Plan
from hpsearch.study.derived import TIMING_COLUMNS, best_json, trials_csv
from hpsearch.study.record import RunRecord
from hpsearch.study.replay import take
from hpsearch.trial import Status, Trial, TrialRecord

START = {
    "run": "digits-001",
    "metric": "validation_accuracy",
    "column": "validation_error",
    "select": "last_epoch",
    "metrics": ["validation_error", "validation_loss", "train_loss"],
    "parameters": ["learning_rate", "optimizer", "momentum", "hidden_units"],
}
SCORES = {"error": 0.1, "loss": 0.5, "macro_f1": 0.88, "rows": 40}
TIMES: dict[str, Any] = {
    "started_at": "2026-11-21T10:00:00.000+00:00",
    "finished_at": "2026-11-21T10:00:01.250+00:00",
    "worker": "4711",
}


def curves(errors: list[float], losses: list[float], train: list[float]) -> dict[str, tuple[float, ...]]:
    return {"validation_error": tuple(errors), "validation_loss": tuple(losses), "train_loss": tuple(train)}


def record(number: int, params: dict[str, Any], **known: Any) -> TrialRecord:
    """Return a record whose last epoch counts."""
    trial = TrialRecord(Trial(number, 0, (0.5, 0.5, 0.5, 0.5), params), 3, **known)
    return replace(trial, selected_epoch=trial.epochs_done)


def tiny_run() -> RunRecord:
    """A winner, a leader with a list and a 1e-05, a diverged, a failed, a half trained and an unbegun trial."""
    records = [
        record(
            0,
            {"learning_rate": 0.1, "optimizer": "adam", "hidden_units": 64},
            status=Status.COMPLETE,
            curves=curves([0.5, 0.125, 0.25], [1.5, 0.5, 0.1 + 0.2], [2.0, 1.0, 1 / 3]),
            values=(0.25,),
            seconds=1.23456,
            **TIMES,
        ),
        record(
            1,
            {"learning_rate": 1e-05, "optimizer": "momentum", "momentum": 0.99, "hidden_units": [64, 32]},
            status=Status.COMPLETE,
            curves=curves([0.75, 0.5, 0.5], [1.5, 1.25, 1.0], [2.0, 1.5, 1e-07]),
            values=(0.5,),
            seconds=2.0,
            **TIMES,
        ),
        record(
            2,
            {"learning_rate": 1e22, "optimizer": "adam", "hidden_units": 16},
            status=Status.DIVERGED,
            reason="the loss was no longer a finite number in epoch 2",
            curves=curves([0.75, 0.9], [1.5, math.nan], [2.0, math.nan]),
            values=(0.9,),
            seconds=0.0004,
            **TIMES,
        ),
        record(
            3, {"learning_rate": 1.0, "optimizer": "adam", "hidden_units": 8}, status=Status.FAILED, reason="Trace,\nback"
        ),
        record(
            4,
            {"learning_rate": 0.01, "optimizer": "adam", "hidden_units": 8},
            curves=curves([0.5], [1.0], [1.0]),
            values=(0.5,),
        ),
        record(5, {"learning_rate": 0.02, "optimizer": 'a, "b"', "hidden_units": 8}),
    ]
    history = {record.number: record for record in records}
    return RunRecord(START, history, plan=Plan((6,), (1, 3)))


def test_the_table_of_a_tiny_run() -> None:
    assert trials_csv(tiny_run()) == (
        "trial,stage,rung,status,value,validation_error,validation_loss,train_loss,epochs,best_epoch,"
        "learning_rate,optimizer,momentum,hidden_units,seconds,started_at,finished_at,worker\n"
        "0,0,1,complete,0.25,0.25,0.30000000000000004,0.3333333333333333,3,2,"
        "0.1,adam,,64,1.235,2026-11-21T10:00:00.000+00:00,2026-11-21T10:00:01.250+00:00,4711\n"
        "1,0,1,complete,0.5,0.5,1.0,1e-07,3,2,"
        '1e-05,momentum,0.99,"[64, 32]",2.0,2026-11-21T10:00:00.000+00:00,2026-11-21T10:00:01.250+00:00,4711\n'
        "2,0,0,diverged,0.9,0.9,,,2,1,"
        "1e+22,adam,,16,0.0,2026-11-21T10:00:00.000+00:00,2026-11-21T10:00:01.250+00:00,4711\n"
        "3,0,,failed,,,,,0,,1.0,adam,,8,,,,\n"
        "4,0,0,waiting,0.5,0.5,1.0,1.0,1,1,0.01,adam,,8,,,,\n"
        '5,0,,waiting,,,,,0,,0.02,"a, ""b""",,8,,,,\n'
    )


def test_with_the_best_epoch_the_columns_are_those_of_that_epoch() -> None:
    run = tiny_run()
    run.history[0] = replace(run.history[0], values=(0.5, 0.125), selected_epoch=2)
    row = next(csv.DictReader(io.StringIO(trials_csv(run))))
    cells = [row[name] for name in ("value", "validation_error", "validation_loss", "train_loss")]
    assert cells == ["0.125", "0.125", "0.5", "1.0"]
    assert (row["epochs"], row["best_epoch"]) == ("3", "2")
    best = json.loads(best_json(run, "runs/x") or "")
    assert (best["value"], best["epoch"], best["epochs"]) == (0.125, 2, 3)


@pytest.mark.parametrize("text", ["a\rb", "a\nb", "a\r\nb", " a", "\u2028", "NA"])
def test_a_text_of_any_letters_is_one_cell(text: str) -> None:
    run = tiny_run()
    run.history[0] = record(0, {"learning_rate": 0.1, "optimizer": text, "hidden_units": 64})
    table = trials_csv(run)
    assert next(csv.DictReader(io.StringIO(table, newline="")))["optimizer"] == text
    assert (f'"{text}"' in table) == ("\r" in text or "\n" in text)


def test_the_timing_columns_are_the_last() -> None:
    header = next(csv.reader(io.StringIO(trials_csv(tiny_run()))))
    assert tuple(header[-len(TIMING_COLUMNS) :]) == TIMING_COLUMNS == ("seconds", "started_at", "finished_at", "worker")


def test_the_rows_are_in_the_order_of_the_numbers() -> None:
    run = tiny_run()
    run.history = dict(sorted(run.history.items(), reverse=True))
    assert trials_csv(run) == trials_csv(tiny_run())


def test_a_run_without_trials_is_a_table_without_rows() -> None:
    assert trials_csv(RunRecord(START)).count("\n") == 1


def test_best_json_of_a_tiny_run() -> None:
    assert best_json(tiny_run(), "runs/digits-001") == (
        "{\n"
        '  "trial": 0,\n'
        '  "value": 0.25,\n'
        '  "metric": "validation_accuracy",\n'
        '  "select": "last_epoch",\n'
        '  "epoch": 3,\n'
        '  "params": {\n'
        '    "learning_rate": 0.1,\n'
        '    "optimizer": "adam",\n'
        '    "hidden_units": 64\n'
        "  },\n"
        '  "epochs": 3,\n'
        '  "confirmed": null,\n'
        '  "test": null,\n'
        '  "command": "hpsearch verify runs/digits-001 --trial 0"\n'
        "}\n"
    )


def test_the_test_metrics_have_no_prefix() -> None:
    run = tiny_run()
    take(run, {"type": "assess", "trial": 0, "validation": SCORES, "test": SCORES}, {})
    assert json.loads(best_json(run, "runs/x") or "")["test"] == {"error": 0.1, "loss": 0.5, "macro_f1": 0.88}


def test_the_test_metrics_of_another_trial_are_not_the_incumbents() -> None:
    run = tiny_run()
    take(run, {"type": "assess", "trial": 1, "validation": SCORES, "test": SCORES}, {})
    assert json.loads(best_json(run, "runs/x") or "")["test"] is None


def test_no_command_can_call_a_function_that_only_its_program_has() -> None:
    for function, told in [("__main__:bowl", False), ("bowls:bowl", True)]:
        run = tiny_run()
        run.start = {**run.start, "data": {**run.start.get("data", {}), "function": function}}
        assert bool(json.loads(best_json(run, "runs/x") or "")["command"]) == told


def test_the_command_can_be_pasted_whatever_the_directory_is_called() -> None:
    command = json.loads(best_json(tiny_run(), "my runs/it's-001") or "")["command"]
    assert shlex.split(command) == ["hpsearch", "verify", "my runs/it's-001", "--trial", "0"]


def test_while_no_trial_is_complete_there_is_no_best() -> None:
    run = tiny_run()
    del run.history[0], run.history[1]
    assert best_json(run, "runs/x") is None
