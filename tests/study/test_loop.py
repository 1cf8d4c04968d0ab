from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from crashes import Crash, CrashingDisk
from studies import (
    DIVERGING,
    TEXTS,
    Listener,
    best,
    failing_at,
    finished,
    interrupted,
    journal,
    lines,
    make_study,
    run,
    spans,
    states,
    table,
    tasks_of,
    verify_trial,
)

from hpsearch.errors import Interrupted
from hpsearch.objectives.network_objective import NetworkObjective
from hpsearch.search.plan import Plan
from hpsearch.search.settings import SearchSettings
from hpsearch.space.parameters import Choice, Real
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.study.confusion import read_confusions
from hpsearch.study.events import Decided, Finished, Started, Trained
from hpsearch.study.parent import Parent
from hpsearch.study.run_dir import RunDir
from hpsearch.study.runs import read_run
from hpsearch.study.session import run_study
from hpsearch.study.study_spec import StudySpec
from hpsearch.study.subject import subject_of
from hpsearch.trial import Outcome, PriorTrial, Status, leaders


@pytest.fixture
def epoch_tasks() -> Iterator[None]:
    """Every task comes back after one epoch."""
    with tasks_of(seconds=-1):
        yield


class TestTheSameResults:
    """Promises 1 to 3."""

    def test_two_workers_and_an_interruption_give_what_one_job_gives(self, tmp_path: Path) -> None:
        study = make_study(tmp_path, trials=12)
        alone = run(study, tmp_path / "alone", jobs=1)
        together = interrupted(study, tmp_path / "together", at=2, jobs=2)
        assert run(study, tmp_path / "together", jobs=2) == together
        assert table(together) == table(alone)
        assert best(together) == best(alone)
        assert len(spans(together)) == len(set(spans(together))) == 12

    def test_workers_of_an_earlier_search_follow_into_another_working_directory(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = run(make_study(tmp_path), tmp_path / "runs", jobs=2)
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        assert table(run(make_study(tmp_path), Path("runs"), jobs=2)) == table(first)

    def test_a_new_run_of_a_finished_study_has_the_same_results(self, tmp_path: Path) -> None:
        study = make_study(tmp_path)
        first, second = run(study, tmp_path / "runs"), run(study, tmp_path / "runs", new=True)
        assert (first.name, second.name) == ("blobs-001", "blobs-002")
        assert table(first) == table(second)
        assert best(first) == best(second)
        for name in ("model.json", "model.npz"):
            texts = [(directory / "models" / name).read_bytes() for directory in (first, second)]
            assert texts[0].replace(b"blobs-001", b"blobs-002") == texts[1]

    def test_the_first_six_of_twelve_trials_are_the_run_of_six(self, tmp_path: Path) -> None:
        six = run(make_study(tmp_path, trials=6), tmp_path / "six")
        twelve = run(make_study(tmp_path, trials=12), tmp_path / "twelve")
        assert table(twelve)[:6] == table(six)
        assert len(table(twelve)) == 12

    @pytest.mark.usefixtures("epoch_tasks")
    def test_tasks_that_return_after_every_epoch_give_what_one_call_gives(self, tmp_path: Path) -> None:
        study = make_study(tmp_path)
        by_epoch = run(study, tmp_path / "by-epoch")
        with tasks_of(seconds=1e9):
            straight = run(study, tmp_path / "straight")
        assert sorted(spans(by_epoch)) == [(trial, e, e + 1) for trial in range(6) for e in range(3)]
        assert sorted(spans(straight)) == [(trial, 0, 3) for trial in range(6)]
        assert table(by_epoch) == table(straight)
        assert best(by_epoch) == best(straight)
        assert (by_epoch / "models/model.npz").read_bytes() == (straight / "models/model.npz").read_bytes()


class TestGoingOn:
    @pytest.mark.usefixtures("epoch_tasks")
    @pytest.mark.parametrize("at", [1, 2, 3, 5])
    def test_an_interrupted_run_goes_on_and_trains_no_recorded_block_again(self, at: int, tmp_path: Path) -> None:
        study = make_study(tmp_path)
        whole = run(study, tmp_path / "whole")
        directory = interrupted(study, tmp_path / "runs", at)
        assert journal(directory)[-1] == {"v": 1, "type": "stop", "reason": "interrupted", "signal": 2, "decisions": 2}
        trained = spans(directory)
        assert 0 < len(trained) < 18
        with tasks_of(seconds=1e9):
            assert run(study, tmp_path / "runs") == directory
        assert spans(directory)[: len(trained)] == trained
        assert len({(trial, begin) for trial, begin, _ in spans(directory)}) == len(spans(directory))
        assert sum(end - begin for _, begin, end in spans(directory)) == 18
        assert table(directory) == table(whole)
        assert best(directory) == best(whole)

    def test_a_run_that_was_interrupted_before_its_first_block_goes_on(self, tmp_path: Path) -> None:
        study = make_study(tmp_path)
        directory = interrupted(study, tmp_path / "runs", at=1, kind=Started)
        assert spans(directory) == []
        assert run(study, tmp_path / "runs") == directory
        assert table(directory) == table(run(study, tmp_path / "whole"))

    @pytest.mark.usefixtures("epoch_tasks")
    @pytest.mark.parametrize("line_stays", [True, False])
    @pytest.mark.parametrize("step", [2, pytest.param(1, marks=pytest.mark.slow)])
    def test_a_crash_at_many_writes_leaves_a_run_that_goes_on_to_the_same_results(
        self, step: int, line_stays: bool, tmp_path: Path
    ) -> None:
        """By day the odd writes without their line, the even ones with it."""
        study = make_study(tmp_path, trials=3, epochs=2)
        whole = run(study, tmp_path / "whole")
        for write in itertools.count(1 + line_stays, step):
            runs, disk = tmp_path / f"runs-{write}", CrashingDisk(write, line_stays)
            with disk.in_place(), suppress(Crash):
                run(study, runs)
                break
            directory = finished(runs) or run(study, runs)
            assert table(directory) == table(whole), write
            assert best(directory) == best(whole), write
            assert sorted(spans(directory)) == sorted(spans(whole)), write
            assert len(journal(directory, "assess")) == 1, write
            assert (directory / "models/model.npz").read_bytes() == (whole / "models/model.npz").read_bytes(), write
            assert states(directory) == {record.checkpoint for record in leaders(read_run(directory).history.values())}
        assert write > 25

    def test_more_trials_of_an_unfinished_run_are_the_longer_run(self, tmp_path: Path) -> None:
        directory = interrupted(make_study(tmp_path, trials=6), tmp_path / "runs", at=1)
        longer = make_study(tmp_path, trials=12)
        assert run(longer, tmp_path / "runs") == directory
        assert [plan["stages"] for plan in journal(directory, "plan")] == [[6], [12]]
        assert [[t["trial"] for t in stage["trials"]] for stage in journal(directory, "stage")] == [
            list(range(6)),
            list(range(6, 12)),
        ]
        whole = run(longer, tmp_path / "whole")
        assert table(directory) == table(whole)
        assert best(directory) == best(whole)

    def test_a_winner_found_after_a_test_score_is_scored_itself(self, tmp_path: Path) -> None:
        """A run may be killed after the score and before the end, and then get more trials."""
        directory = run(make_study(tmp_path, trials=2), tmp_path / "runs")
        path = directory / "journal.jsonl"
        path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
        longer = make_study(tmp_path, trials=24)
        assert run(longer, tmp_path / "runs") == directory
        whole = run(longer, tmp_path / "whole")
        assert best(directory)["trial"] >= 2
        assert best(directory) == best(whole)
        assert json.loads((directory / "models/model.json").read_text())["trial"] == best(whole)["trial"]

    @pytest.mark.usefixtures("epoch_tasks")
    @pytest.mark.parametrize("damage", ["delete", "truncate", "change", "swap"])
    def test_trials_whose_state_is_lost_are_trained_again_and_that_is_told(self, damage: str, tmp_path: Path) -> None:
        study = make_study(tmp_path)
        whole = run(study, tmp_path / "whole")
        directory = interrupted(study, tmp_path / "runs", at=2)
        for path in (directory / "checkpoints").iterdir():
            content = path.read_bytes()
            if damage == "delete":
                path.unlink()
            elif damage == "truncate":
                path.write_bytes(content[: len(content) // 2])
            elif damage == "change":
                path.write_bytes(
                    content[: len(content) // 2] + bytes([content[len(content) // 2] ^ 1]) + content[len(content) // 2 + 1 :]
                )
            else:
                path.write_bytes((directory / "resolved.yaml").read_bytes())
        listener = Listener()
        assert run(study, tmp_path / "runs", listen=listener) == directory
        started = listener.events[0]
        assert isinstance(started, Started)
        (again,) = started.notes
        assert again.startswith("trained again, as their curves or states were lost: trials ")
        assert table(directory) == table(whole)
        assert best(directory) == best(whole)
        assert read_run(directory).history == read_run(directory).history
        assert read_run(directory).notes == []

    @pytest.mark.parametrize("part", ["checkpoints", "curves.jsonl"])
    def test_a_winner_whose_state_or_curves_are_lost_before_it_is_scored_is_trained_again(
        self, part: str, tmp_path: Path
    ) -> None:
        study = make_study(tmp_path)
        whole = run(study, tmp_path / "whole")
        with pytest.raises(Crash), patch.object(NetworkObjective, "assess", failing_at(1, NetworkObjective.assess, Crash())):
            run(study, tmp_path / "runs")
        directory = tmp_path / "runs" / "blobs-001"
        winner = best(whole)["trial"]
        if part == "checkpoints":
            shutil.rmtree(directory / "checkpoints")
        else:
            kept = [line for line in lines(directory / part) if line["trial"] != winner]
            (directory / part).write_text("".join(json.dumps(line) + "\n" for line in kept))
        assert run(study, tmp_path / "runs") == directory
        assert [record["trial"] for record in journal(directory, "again")] == [winner]
        assert table(directory) == table(whole)
        assert best(directory) == best(whole)
        assert (directory / "models/model.npz").read_bytes() == (whole / "models/model.npz").read_bytes()


class TestPrior:
    """Trials of an earlier run are on record once, before the plan, and that record is what counts."""

    PRIOR = tuple(
        PriorTrial("blobs-007", number, (0.1 * number, 0.2, 0.3, 0.4), (0.5, 0.1 * number), Status.COMPLETE)
        for number in range(9)
    )

    def study(self, folder: Path) -> StudySpec:
        return replace(make_study(folder, epochs=2), search=SearchSettings(trials=8, stages=1))

    def parent(self, tmp_path: Path, *trials: PriorTrial) -> Parent:
        return Parent("blobs-007", tmp_path / "runs" / "blobs-007", 2, trials)

    def run(self, folder: Path, runs: Path, parent: Parent | None, listen: Listener | None = None) -> Path:
        return run_study(subject_of(self.study(folder)), TEXTS, runs, 1, listen or Listener(), parent)[0]

    def test_they_are_recorded_before_the_plan_and_replace_the_coarse_stage(self, tmp_path: Path) -> None:
        directory = self.run(tmp_path, tmp_path / "runs", self.parent(tmp_path, *self.PRIOR))
        assert [record["type"] for record in journal(directory)][:4] == ["start", "prior", "session", "plan"]
        record = read_run(directory)
        assert record.prior == self.PRIOR
        assert record.plan == Plan((1, 7), (2,), 3)
        assert record.history[1].trial.origin.elite_run == "blobs-007"
        (start,) = journal(directory, "start")
        where = str((tmp_path / "runs" / "blobs-007").absolute())
        assert start["parent"] == {"run": "blobs-007", "directory": where, "tests": 2, "best": None}
        assert record.tests == 3
        without = self.run(tmp_path, tmp_path / "without", None)
        assert read_run(without).prior == ()
        assert table(without) != table(directory)

    def test_a_run_that_goes_on_uses_what_is_on_record_whatever_the_parent_has_become(self, tmp_path: Path) -> None:
        whole = self.run(tmp_path, tmp_path / "whole", self.parent(tmp_path, *self.PRIOR))
        for number, parent in enumerate([None, self.parent(tmp_path), self.parent(tmp_path, self.PRIOR[0])]):
            runs = tmp_path / f"runs-{number}"
            with pytest.raises(Interrupted):
                self.run(tmp_path, runs, self.parent(tmp_path, *self.PRIOR), Listener(1, Started))
            directory = self.run(tmp_path, runs, parent)
            assert len(journal(directory, "prior")) == 1
            assert table(directory) == table(whole)

    def test_a_crash_before_they_were_recorded_loses_none(self, tmp_path: Path) -> None:
        parent = self.parent(tmp_path, *self.PRIOR)
        whole = self.run(tmp_path, tmp_path / "whole", parent)
        with pytest.raises(Crash), patch.object(RunDir, "write_prior", failing_at(1, RunDir.write_prior, Crash())):
            self.run(tmp_path, tmp_path / "runs", parent)
        assert len(journal(tmp_path / "runs" / "blobs-001")) == 1
        directory = self.run(tmp_path, tmp_path / "runs", parent)
        assert read_run(directory).prior == self.PRIOR
        assert table(directory) == table(whole)


class TestTheBestEpoch:
    """`select: best_epoch`, with learning rates so large that the last epoch is rarely the best."""

    SPACE = SearchSpace({"learning_rate": Entry(Real(0.05, 0.5, "log"))})

    def study(self, folder: Path, metric: str = "validation_error", **changes: Any) -> StudySpec:
        return replace(make_study(folder, space=self.SPACE, epochs=6, **changes), select="best_epoch", metric=metric)

    @pytest.mark.parametrize("metric", ["validation_error", "validation_loss", "validation_macro_f1"])
    def test_the_value_is_the_metric_where_it_was_best(self, metric: str, tmp_path: Path) -> None:
        directory, record = run_study(subject_of(self.study(tmp_path, metric)), TEXTS, tmp_path / "runs", 1)
        best_of = max if metric == "validation_macro_f1" else min
        early = 0
        for trial, row in zip(record.history.values(), table(directory), strict=True):
            curve = trial.curves[metric]
            epoch = curve.index(best_of(curve)) + 1
            early += epoch < 6
            assert (trial.selected_epoch, row["best_epoch"], row["epochs"]) == (epoch, str(epoch), "6")
            for column in record.columns:
                assert float(row[column]) == trial.curves[column][epoch - 1]
            assert float(row["value"]) == (1 - curve[epoch - 1] if best_of is max else curve[epoch - 1])
        assert early
        assert (best(directory)["select"], best(directory)["epoch"]) == (
            "best_epoch",
            record.history[best(directory)["trial"]].selected_epoch,
        )

    def test_the_weights_that_are_kept_are_those_of_the_epoch_that_counts(self, tmp_path: Path) -> None:
        directory, record = run_study(subject_of(self.study(tmp_path, "validation_loss")), TEXTS, tmp_path / "runs", 1)
        winner = record.incumbent
        assert winner is not None
        (assessed,) = journal(directory, "assess")
        assert winner.selected_epoch < 6
        assert assessed["validation"] == {
            **{name: winner.selected(f"validation_{name}") for name in ("error", "loss", "macro_f1")},
            "rows": 18,
        }
        shorter = replace(self.study(tmp_path), network=replace(self.study(tmp_path).network, epochs=winner.selected_epoch))
        (outcome,) = subject_of(replace(shorter, select="last_epoch")).objective.advance(
            [winner.trial], [None], winner.selected_epoch, lambda: False
        )
        with np.load(directory / "models/model.npz") as arrays:
            assert outcome.state is not None
            assert set(arrays.files) == {name for name in outcome.state if not name.startswith("training/")}
            for name in arrays.files:
                assert arrays[name].tobytes() == outcome.state[name].tobytes(), name

    @pytest.mark.usefixtures("epoch_tasks")
    @pytest.mark.parametrize("at", [2, 5, 9])
    def test_an_interruption_changes_neither_the_table_nor_the_model(self, at: int, tmp_path: Path) -> None:
        study = self.study(tmp_path, "validation_loss")
        with tasks_of(seconds=1e9):
            whole = run(study, tmp_path / "whole")
        directory = interrupted(study, tmp_path / "runs", at)
        assert run(study, tmp_path / "runs") == directory
        assert table(directory) == table(whole)
        assert best(directory) == best(whole)
        for name in ("model.npz", "confusion_validation.csv", "confusion_test.csv"):
            assert (directory / "models" / name).read_bytes() == (whole / "models" / name).read_bytes()

    def test_two_workers_give_what_one_job_gives_and_more_trials_begin_alike(self, tmp_path: Path) -> None:
        alone = run(self.study(tmp_path), tmp_path / "alone", jobs=1)
        together = run(self.study(tmp_path), tmp_path / "together", jobs=2)
        longer = run(self.study(tmp_path, trials=9), tmp_path / "longer")
        assert table(together) == table(alone) == table(longer)[:6]

    def test_every_trial_can_be_verified(self, tmp_path: Path) -> None:
        study = self.study(tmp_path)
        _, record = run_study(subject_of(study), TEXTS, tmp_path / "runs", 1)
        assert all(verify_trial(study, record, number).same for number in record.history)

    def test_another_choice_of_the_epoch_is_another_run(self, tmp_path: Path) -> None:
        study = self.study(tmp_path)
        directory = interrupted(study, tmp_path / "runs", at=1)
        assert run(replace(study, select="last_epoch"), tmp_path / "runs") != directory


class TestEnds:
    def test_diverged_trials_are_results_and_never_win(self, tmp_path: Path) -> None:
        study = make_study(tmp_path, trials=8, space=DIVERGING, optimizer="sgd", batch_norm="off")
        directory, record = run_study(subject_of(study), TEXTS, tmp_path / "runs", 1)
        statuses = {row["trial"]: row["status"] for row in table(directory)}
        for row in table(directory):
            assert row["status"] == ("diverged" if float(row["learning_rate"]) > 1 else "complete")
        assert set(statuses.values()) == {"diverged", "complete"}
        assert statuses[str(best(directory)["trial"])] == "complete"
        reasons = {r.reason for r in record.history.values() if r.status is Status.DIVERGED}
        assert all(reason.startswith("the loss was no longer a finite number in epoch ") for reason in reasons)

    def test_when_all_diverge_there_is_no_winner_no_model_and_no_score(self, tmp_path: Path) -> None:
        space = SearchSpace({"learning_rate": Entry(Choice([1e29, 1e30]))})
        study = make_study(tmp_path, trials=2, space=space, optimizer="sgd", batch_norm="off")
        listener = Listener()
        directory = run(study, tmp_path / "runs", listen=listener)
        assert {row["status"] for row in table(directory)} == {"diverged"}
        assert sorted(path.name for path in directory.iterdir()) == [
            "checkpoints",
            "curves.jsonl",
            "journal.jsonl",
            "lock",
            "resolved.yaml",
            "spec.yaml",
            "trials.csv",
        ]
        assert list((directory / "checkpoints").iterdir()) == []
        assert journal(directory, "assess") == []
        assert read_run(directory).finished == "all trials are finished"
        finished = listener.events[-1]
        assert isinstance(finished, Finished)
        assert finished.history == read_run(directory).history

    def test_a_trial_that_raises_is_a_failed_result_and_changes_no_other(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        study = make_study(tmp_path)
        whole = run(study, tmp_path / "whole")
        advance = NetworkObjective.advance

        def failing(self: NetworkObjective, trials: Any, *arguments: Any) -> list[Outcome]:
            if any(trial.number == 2 for trial in trials):
                raise MemoryError("no room for trial 2")
            return advance(self, trials, *arguments)

        monkeypatch.setattr(NetworkObjective, "advance", failing)
        directory, record = run_study(subject_of(study), TEXTS, tmp_path / "runs", 1)
        assert record.history[2].status is Status.FAILED
        assert record.history[2].reason.endswith("MemoryError: no room for trial 2\n")
        rows, expected = table(directory), table(whole)
        assert (rows[2]["status"], rows[2]["value"], rows[2]["epochs"]) == ("failed", "", "0")
        assert rows[:2] + rows[3:] == expected[:2] + expected[3:]


class TestRecord:
    def test_the_journal_tells_the_search_in_order(self, tmp_path: Path) -> None:
        directory = run(make_study(tmp_path), tmp_path / "runs")
        kinds = [record["type"] for record in journal(directory)]
        assert kinds == ["start", "session", "plan", "stage", *["block"] * 6, "end", "assess", "finish"]
        (end,), (finish,) = journal(directory, "end"), journal(directory, "finish")
        assert (end["reason"], end["keep"], finish["reason"]) == ("all trials are finished", 6, "all trials are finished")
        assert len(lines(directory / "curves.jsonl")) == 6
        for block in journal(directory, "block"):
            assert (block["from"], block["to"], block["status"], block["reason"]) == (0, 3, "complete", "")
            assert len(block["weights"]) == 64

    def test_the_test_part_is_scored_once_by_the_winner(self, tmp_path: Path) -> None:
        directory, record = run_study(subject_of(make_study(tmp_path)), TEXTS, tmp_path / "runs", 1)
        (assessed,) = journal(directory, "assess")
        assert record.incumbent is not None
        assert assessed["trial"] == record.incumbent.number == best(directory)["trial"]
        assert assessed["test"]["rows"] == 18
        assert best(directory)["test"] == {name: assessed["test"][name] for name in ("error", "loss", "macro_f1")}
        model = json.loads((directory / "models/model.json").read_text())
        assert (model["run"], model["trial"], model["arrays"]) == ("blobs-001", assessed["trial"], "model.npz")

    def test_the_states_of_the_five_leaders_are_kept(self, tmp_path: Path) -> None:
        with tasks_of(seconds=-1), patch.object(NetworkObjective, "population_size", lambda *_: 1):
            directory = run(make_study(tmp_path, trials=8), tmp_path / "runs")
        best_five = leaders(read_run(directory).history.values())[:5]
        assert states(directory) == {record.checkpoint for record in best_five}
        assert len(states(directory)) == 5

    def test_without_a_test_part_there_is_a_winner_without_a_score(self, tmp_path: Path) -> None:
        study = make_study(tmp_path)
        directory = run(replace(study, data=replace(study.data, test=0)), tmp_path / "runs")
        (assessed,) = journal(directory, "assess")
        assert "test" not in assessed
        assert best(directory)["test"] is None
        assert (directory / "models/model.npz").exists()
        assert not (directory / "models/confusion_test.csv").exists()

    def test_the_confusion_matrices_lie_beside_the_model(self, tmp_path: Path) -> None:
        directory, record = run_study(subject_of(make_study(tmp_path)), TEXTS, tmp_path / "runs", 1)
        (assessed,) = journal(directory, "assess")
        confusions = read_confusions(directory, record)
        assert list(confusions) == ["validation", "test"]
        for part, confusion in confusions.items():
            counts = np.array(confusion.counts)
            assert confusion.labels == ("0", "1", "2")
            assert counts.sum() == assessed[part]["rows"] == 18
            assert 1 - counts.trace() / 18 == pytest.approx(assessed[part]["error"], abs=1e-12)
        assert (directory / "models/confusion_test.csv").read_text().startswith("true\\predicted,0,1,2\n0,")

    def test_a_metric_that_is_better_when_higher_has_its_complement_as_value(self, tmp_path: Path) -> None:
        directory = run(replace(make_study(tmp_path), metric="validation_accuracy"), tmp_path / "runs")
        assert best(directory)["metric"] == "validation_accuracy"
        for row in table(directory):
            assert row["value"] == row["validation_error"]

    def test_a_column_that_is_better_when_higher_is_recorded_itself(self, tmp_path: Path) -> None:
        directory = run(replace(make_study(tmp_path), metric="validation_macro_f1"), tmp_path / "runs")
        scores = [float(row["validation_macro_f1"]) for row in table(directory)]
        assert [float(row["value"]) for row in table(directory)] == [1 - score for score in scores]
        assert best(directory)["value"] == 1 - max(scores)

    def test_a_metric_that_is_not_named_is_that_of_the_data(self, tmp_path: Path) -> None:
        directory = run(replace(make_study(tmp_path), metric=None), tmp_path / "runs")
        (start,) = journal(directory, "start")
        assert start["metric"] == "validation_error"
        assert start["identity"] == make_study(tmp_path).identity(start["data"]["sha256"])

    def test_a_metric_names_the_column_that_is_the_value(self, tmp_path: Path) -> None:
        directory = run(replace(make_study(tmp_path), metric="validation_loss"), tmp_path / "runs")
        losses = [float(row["validation_loss"]) for row in table(directory)]
        assert [float(row["value"]) for row in table(directory)] == losses
        assert best(directory)["value"] == min(losses)


class TestEvents:
    @pytest.mark.usefixtures("epoch_tasks")
    def test_a_listener_hears_the_start_every_block_and_the_end(self, tmp_path: Path) -> None:
        listener = Listener()
        directory = run(make_study(tmp_path), tmp_path / "runs", jobs=1, listen=listener)
        started, decided, *trained, finished = listener.events
        assert isinstance(decided, Decided)
        assert [record.number for record in decided.records] == [0, 1, 2, 3, 4, 5]
        assert isinstance(started, Started)
        assert (started.directory, started.plan, started.jobs) == (directory, Plan((6,), (3,)), 1)
        assert (started.metric.name, started.select) == ("validation_error", "last_epoch")
        assert started.parameters == ("learning_rate", "optimizer", "momentum", "hidden_layers")
        assert (started.averaging, started.history, started.work_done) == (("momentum",), {}, 0.0)
        heard = [(r.number, r.epochs_done) for event in trained if isinstance(event, Trained) for r in event.records]
        assert heard == [(trial, end) for trial, _, end in spans(directory)]
        shares = [event.work_done for event in trained if isinstance(event, Trained)]
        assert shares == sorted(shares)
        assert len(shares) == len(trained)
        assert 0 < shares[0] < shares[-1] == pytest.approx(1.0)
        assert isinstance(finished, Finished)
        record = read_run(directory)
        assert finished.history == record.history

    @pytest.mark.usefixtures("epoch_tasks")
    def test_a_run_that_goes_on_tells_what_there_was(self, tmp_path: Path) -> None:
        study, listener = make_study(tmp_path), Listener()
        before = read_run(interrupted(study, tmp_path / "runs", at=3)).history
        run(study, tmp_path / "runs", listen=listener)
        started = listener.events[0]
        assert isinstance(started, Started)
        assert started.history == before
        assert 0 < started.work_done < 1

    def test_there_are_no_more_jobs_than_trials(self, tmp_path: Path) -> None:
        listener = Listener()
        run(make_study(tmp_path, trials=1), tmp_path / "runs", jobs=8, listen=listener)
        assert isinstance(listener.events[0], Started)
        assert listener.events[0].jobs == 1
