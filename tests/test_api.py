"""`hpsearch.search`: the function that is also a part's name, and what searching from Python gives."""

from __future__ import annotations

import csv
import os
import pickle
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hpsearch
from hpsearch.errors import NoTrialCompleted, SpecError, UsageError
from hpsearch.objectives.functions import branin, cost, descent
from hpsearch.study.derived import TIMING_COLUMNS
from hpsearch.trial import Status

NUMBER: Any = 3
TEXT: Any = "2"
HALF: Any = 1.5
LIST: Any = ["w"]
LARGE = np.zeros(100_000)
W = {"w": (-10.0, 20.0)}
RATE = {"learning_rate": {"range": (1e-3, 10), "scale": "log"}}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty working directory, and afterwards the path of before, and no module of a test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HPSEARCH_RUNS_DIR", raising=False)
    path = list(sys.path)
    yield tmp_path
    sys.path[:] = path
    for name in [name for name, module in sys.modules.items() if str(tmp_path) in str(getattr(module, "__file__", ""))]:
        del sys.modules[name]


def table(result: hpsearch.SearchResult) -> list[dict[str, str]]:
    """Return trials.csv without the columns that may differ between two runs."""
    with (result.directory / "trials.csv").open(newline="") as file:
        return [{name: cell for name, cell in row.items() if name not in TIMING_COLUMNS} for row in csv.DictReader(file)]


def sloped(a: float, b: float = 1.0, kind: str = "plain", seed: int = 0) -> float:
    return a * b + seed / 2**40 + len(kind)


async def waiting(w: float) -> float:
    return w


class TestItsName:
    @pytest.mark.parametrize(
        "before",
        [
            "",
            "import hpsearch.cli.main, hpsearch.search.zoom; from hpsearch import search; search.zoom.Zoom",
            pytest.param("import hpsearch.search.strategy as strategy; strategy.Plan", marks=pytest.mark.slow),
            pytest.param("import importlib, hpsearch.search; importlib.reload(hpsearch.search)", marks=pytest.mark.slow),
        ],
    )
    def test_it_is_the_function_and_the_part_whatever_was_imported_before(self, before: str) -> None:
        program = (
            f"{before}\nimport hpsearch\nprint(hpsearch.search(lambda w: w * w, {{'w': (0.0, 1.0)}}, trials=2, jobs=1).best)"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        assert done.stdout.startswith("{'w': "), done.stderr

    def test_it_is_imported_from_the_package_like_the_rest(self) -> None:
        from hpsearch import search

        assert search(cost, W, trials=2, jobs=1).run.name == "cost-001"

    def test_it_can_be_pickled_and_so_be_used_in_a_function_that_goes_to_workers(self) -> None:
        assert pickle.loads(pickle.dumps(hpsearch.search)) is hpsearch.search
        program = """
from hpsearch import search
from hpsearch.objectives.functions import cost
def outer(w):
    return search(cost, {"w": (w, w + 1.0)}, trials=2, jobs=1, runs_dir="inner").value
print(len(search(outer, {"w": (0.0, 9.0)}, trials=2, jobs=2).trials))
"""
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        assert done.stdout == "2\n", done.stderr


class TestWhatIsFound:
    def test_the_result_is_the_winner_and_the_record_of_all(self, folder: Path) -> None:
        result = hpsearch.search(cost, W, trials=30, jobs=1)
        values = [record.value for record in result.trials]
        assert len(values) == 30
        assert result.value == min(values) == cost(**result.best) < 0.1
        assert result.trial == values.index(result.value)
        assert result.directory == Path("runs/cost-001")
        assert (folder / "runs/cost-001/best.json").is_file()
        assert repr(result).startswith("SearchResult(best={'w': ")
        assert "history" not in repr(result)

    def test_the_same_trials_with_one_process_and_with_two(self) -> None:
        space = {"a": (0.0, 1.0), "b": {"range": (0.0, 1.0), "when": {"kind": "bent"}}, "kind": ["plain", "bent"]}
        one, two = (hpsearch.search(sloped, space, trials=14, jobs=jobs, new=True) for jobs in (1, 2))
        assert one.directory != two.directory
        assert table(one) == table(two)
        assert one.best == two.best

    def test_the_same_call_again_gives_what_was_found_at_once(self) -> None:
        first, again = (hpsearch.search(lambda w: abs(w - 3), W, trials=4, jobs=1) for _ in range(2))
        assert (again.directory, again.best, again.trials) == (first.directory, first.best, first.trials)

    def test_a_function_that_only_this_program_has_goes_to_workers_with_its_code(self) -> None:
        shift = 3.0
        one, two = (hpsearch.search(lambda w: abs(w - shift), W, trials=8, jobs=jobs, new=True) for jobs in (1, 2))
        assert table(one) == table(two)
        assert {record.worker for record in two.trials}.isdisjoint({str(os.getpid())})

    def test_another_seed_gives_other_trials_and_the_seed_of_a_trial_is_its_own(self) -> None:
        def draws(seed: int) -> list[float]:
            result = hpsearch.search(lambda seed, w: seed + 0 * w, W, trials=5, seed=seed, jobs=1, new=True)
            return [record.value for record in result.trials]

        assert draws(0) == draws(0) != draws(1)
        assert len(set(draws(0))) == 5

    def test_a_function_may_be_named(self, folder: Path) -> None:
        (folder / "mine.py").write_text("def bowl(x, y): return {'loss': (x - 1) ** 2 + y, 'x': x}")
        space = {"x": (0.0, 2.0), "y": [0, 1]}
        result = hpsearch.search("mine:bowl", space, trials=12, jobs=1, metric="loss", metrics=["loss", "x"])
        assert result.run.name == "bowl-001"
        assert result.run.columns == ["loss", "x"]
        assert f"path: {folder}\n" in (result.directory / "spec.yaml").read_text()
        assert all(record.selected("x") == record.trial.params["x"] for record in result.trials)

    def test_a_function_may_stand_in_a_class(self, folder: Path) -> None:
        (folder / "mine.py").write_text("class Net:\n    @staticmethod\n    def train(w): return w")
        assert hpsearch.search("mine:Net.train", W, trials=2, jobs=1).run.name == "train-001"

    def test_the_values_of_a_space_may_be_numpys(self) -> None:
        space = {"x": {"range": (np.float64(0.5), np.float32(2)), "scale": "log"}, "y": [np.int64(3), np.str_("4")]}
        result = hpsearch.search(lambda x, y: x + float(y), space, trials=4, jobs=1, name="numbers", runs_dir="elsewhere")
        assert result.directory == Path("elsewhere/numbers-001")
        assert {type(value) for record in result.trials for value in record.trial.params.values()} <= {float, int, str}


class TestGenerators:
    def test_poor_ones_are_stopped_and_the_rest_go_on_from_their_first_epoch(self) -> None:
        one, two = (hpsearch.search(descent, RATE, trials=12, jobs=jobs, epochs=9, new=True) for jobs in (1, 2))
        assert table(one) == table(two)
        statuses = {record.status for record in one.trials}
        assert statuses == {Status.COMPLETE, Status.STOPPED}
        assert {record.epochs_done for record in one.trials} == {1, 3, 9}
        whole = descent(**one.best)
        assert one.run.history[one.trial].curves["value"] == tuple(next(whole) for _ in range(9))

    def test_one_that_diverges_is_a_result_and_does_not_win(self) -> None:
        space = {"learning_rate": [0.1, 1e200]}
        result = hpsearch.search(descent, space, trials=6, jobs=1, epochs=3, early_stopping="off", method="random")
        assert result.best == {"learning_rate": 0.1}
        assert {record.status for record in result.trials} == {Status.COMPLETE, Status.DIVERGED}

    def test_one_that_gives_something_else_when_run_again_is_not_reproducible(self) -> None:
        def drifting(x: float) -> Iterator[float]:
            while True:
                yield x + int.from_bytes(os.urandom(4)) / 2**40

        with pytest.raises(NoTrialCompleted, match=r"not reproducible: run again it gave .* in epoch 1, on record is"):
            hpsearch.search(drifting, {"x": (0.0, 1.0)}, trials=6, jobs=1, epochs=3)


class TestFaults:
    @pytest.mark.parametrize("jobs", [1, 2])
    def test_what_a_function_does_wrong_ends_its_trial_alone(self, jobs: int) -> None:
        def faulty(kind: str) -> Any:
            if kind == "exits":
                sys.exit(1)
            if kind == "raises":
                raise ValueError(kind)
            if kind == "interrupts":
                raise KeyboardInterrupt
            if kind == "closes":
                sys.stdout.close()
                sys.stderr.close()
            return {"returns": None, "closes": 2.0, "works": 1.0}[kind]

        space = {"kind": ["closes", "exits", "interrupts", "raises", "returns", "works"]}
        result = hpsearch.search(faulty, space, trials=6, jobs=jobs, method="grid")
        assert result.best == {"kind": "works"}
        reasons = {record.trial.params["kind"]: record.reason.splitlines()[-1:] for record in result.trials}
        none = "it gave None, neither a number nor a mapping with `value`"
        assert reasons == {
            "closes": [],
            "exits": ["SystemExit: 1"],
            "interrupts": ["KeyboardInterrupt"],
            "raises": ["ValueError: raises"],
            "returns": [none],
            "works": [],
        }

    def test_what_it_prints_stays_out_of_the_data(self) -> None:
        program = """
import hpsearch
function = lambda w: print("noise") or w
print([hpsearch.search(function, {"w": (0.0, 1.0)}, trials=2, jobs=jobs, new=True).trial for jobs in (1, 2)])
"""
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert done.stdout in ("[0, 0]\n", "[1, 1]\n")
        assert done.stderr.count("noise\n") == 4

    def test_what_it_does_to_the_process_reaches_neither_the_search_nor_the_next_trial(self) -> None:
        def plain(w: float) -> float:
            return (w - 3.0) ** 2

        def rough(w: float) -> float:
            places.append((Path.cwd(), "TESTED" in os.environ, np.geterr()["under"]))
            os.chdir("/")
            os.environ["TESTED"] = "1"
            np.seterr(all="raise")
            warnings.simplefilter("ignore")
            return plain(w)

        places: list[tuple[Path, bool, str]] = []
        one, other = (hpsearch.search(function, W, trials=20, jobs=1) for function in (rough, plain))
        assert table(one) == table(other)
        assert one.directory.resolve().parent == other.directory.resolve().parent
        assert len(places) == 20
        assert len(set(places)) == 1

    def test_what_cannot_go_to_workers_is_refused_before_anything_is_started(self, folder: Path) -> None:
        lock = threading.Lock()

        def guarded(w: float) -> float:
            with lock:
                return w

        with pytest.raises(
            UsageError, match=r"cannot be sent to worker processes because of `lock`, of the type _thread\.lock"
        ):
            hpsearch.search(guarded, W, trials=2, jobs=2)
        assert list(folder.iterdir()) == []
        assert len(hpsearch.search(guarded, W, trials=2, jobs=1).trials) == 2
        assert len(hpsearch.search(guarded, W, trials=1, jobs=2, new=True).trials) == 1

    def test_the_same_call_in_another_process_goes_on(self, folder: Path) -> None:
        program = """
import os, threading
from pathlib import Path
import hpsearch
lock = threading.Lock()
def make(lock):
    def train(w):
        with lock, open("calls", "a") as calls:
            calls.write("x")
        if Path("calls").read_text() == "xxx":
            os._exit(9)
        return w
    return train
print(hpsearch.search(make(lock), {"w": (0.0, 1.0)}, trials=5, jobs=1, method="random").directory)
"""
        (folder / "program.py").write_text(program)
        first, second = (
            subprocess.run([sys.executable, "program.py"], capture_output=True, text=True, check=False) for _ in range(2)
        )
        assert first.returncode == 9
        assert second.stdout == "runs/train-001\n", second.stderr
        assert (folder / "calls").read_text() == "x" * 6

    def test_where_all_fail_the_first_reason_is_told(self) -> None:
        with pytest.raises(NoTrialCompleted, match=r"(?s)no trial of runs/function-001 completed.*ZeroDivisionError"):
            hpsearch.search(lambda w: 1 / (w - w), W, trials=3, jobs=1)

    def test_where_the_time_is_over_before_any_trial_that_is_told(self) -> None:
        with pytest.raises(NoTrialCompleted, match=r"no trial of runs/cost-001 completed; \S"):
            hpsearch.search(cost, W, trials=3, jobs=1, hours=1e-12)

    def test_arrays_that_a_function_uses_go_to_workers_with_it(self) -> None:
        table = np.arange(100_000.0)
        result = hpsearch.search(lambda w: abs(w) + table[3] + LARGE[-1], W, trials=4, jobs=2)
        assert result.value == abs(result.best["w"]) + 3.0

    def test_workers_import_from_where_the_program_does_even_if_that_has_changed(self, folder: Path) -> None:
        program = """
import sys, types
import hpsearch
from hpsearch.errors import WorkerDied
space = {"w": (0.0, 1.0)}
hpsearch.search(lambda w: w, space, trials=4, jobs=2)
sys.path.insert(0, "lib")
from lately_found import g
print(hpsearch.search(lambda w: g(w), space, trials=4, jobs=2).value)
made = sys.modules["made"] = types.ModuleType("made")
exec("def h(w): return w", made.__dict__)
h = made.h
try:
    hpsearch.search(lambda w: h(w), space, trials=4, jobs=2)
except WorkerDied as error:
    print(error)
"""
        (folder / "lib").mkdir()
        (folder / "lib/lately_found.py").write_text("def g(w): return 7.0")
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        value, told, *_, last = done.stdout.splitlines()
        assert (value, told) == ("7.0", "a worker process could not load what it was sent")
        assert last == "ModuleNotFoundError: No module named 'made'"

    @pytest.mark.parametrize("jobs", [1, 2])
    def test_a_signal_interrupts_and_another_version_of_the_function_does_not_go_on(self, jobs: int, folder: Path) -> None:
        program = """
import os, sys, time
from pathlib import Path
import hpsearch
scale = float(sys.argv[1])
def f(w):
    with open("calls", "a") as calls:
        calls.write("x")
    if scale == 1.0 and len(Path("calls").read_text()) > 3:
        os.write(2, b"waits\\n")  # whole, whatever the other worker writes
        time.sleep(60)
    return w * scale
print(hpsearch.search(f, {"w": (0.0, 1.0)}, trials=8, jobs=int(sys.argv[2]), method="random").directory)
"""
        (folder / "program.py").write_text(program)
        command = [sys.executable, "program.py", "1.0", str(jobs)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
            assert running.stderr is not None
            first = running.stderr.readline()
            running.send_signal(signal.SIGINT)
            assert first == "waits\n"
            assert "Interrupted" in running.stderr.read()
        assert running.returncode != 0
        command[2:] = "1000.0", "1"
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.stdout == "runs/f-002\n", done.stderr

    def test_an_interruption_is_raised_and_the_same_call_goes_on(self) -> None:
        def sometimes(w: float) -> float:
            calls = Path("calls")
            calls.write_text((calls.read_text() if calls.exists() else "") + "x")
            if calls.read_text() == "xxx":
                signal.raise_signal(signal.SIGINT)
            return w

        with pytest.raises(KeyboardInterrupt):
            hpsearch.search(sometimes, W, trials=5, jobs=1, method="random")
        result = hpsearch.search(sometimes, W, trials=5, jobs=1, method="random")
        assert result.directory.name == "sometimes-001"
        assert len(result.trials) == 5
        assert len(Path("calls").read_text()) == 6

    @pytest.mark.parametrize("jobs", [1, 2])
    def test_a_changed_file_is_searched_as_it_is_now(self, jobs: int, folder: Path) -> None:
        values = []
        for number in (1, 2, 3):
            (folder / "changing.py").write_text(f"def f(w): return {number}")
            values.append(hpsearch.search("changing:f", W, trials=2, jobs=jobs).value)
        assert values == [1.0, 2.0, 3.0]


class TestMistakes:
    @pytest.mark.parametrize(
        ("call", "told"),
        [
            (lambda: hpsearch.search(cost, {"w": (0, 1, 2)}), r"hpsearch\.search\(\):.*`range` must be two bounds"),
            (lambda: hpsearch.search(cost, {}), "the section `space` must say what is searched"),
            (lambda: hpsearch.search(cost, W, trails=3), "unknown key `trails` in `search`"),
            (lambda: hpsearch.search(cost, W, trials=0), "`trials` must be"),
            (lambda: hpsearch.search(cost, W, seed=-1), "`seed` must be"),
            (lambda: hpsearch.search(cost, W, name="a/b"), "`name` must be a name for a directory"),
        ],
    )
    def test_what_a_spec_would_refuse_is_told_as_there(self, call: Callable[[], object], told: str) -> None:
        with pytest.raises(SpecError, match=told):
            call()

    @pytest.mark.parametrize(
        ("call", "told"),
        [
            (lambda: hpsearch.search(NUMBER, W), "the objective must be a function or its name, not of the type int"),
            (lambda: hpsearch.search(cost, {"w": [object]}), "a spec holds numbers, texts, lists and mappings, not <class"),
            (lambda: hpsearch.search(cost, W, jobs=0), "`jobs` must be at least 1, not 0"),
            (lambda: hpsearch.search(cost, W, jobs=TEXT), "`jobs` must be a whole number, not '2'"),
            (lambda: hpsearch.search(cost, W, jobs=HALF), "`jobs` must be a whole number, not 1.5"),
            (
                lambda: hpsearch.search(cost, LIST),
                r"`space` must be a mapping with an entry for each parameter, not \['w'\]",
            ),
            (lambda: hpsearch.search(waiting, W), r"`waiting` is async.*\n.*asyncio\.run\(waiting"),
            (lambda: hpsearch.search("no_such_module:f", W), "there is no module `no_such_module`"),
            (lambda: hpsearch.search(branin, {"x1": (0.0, 1.0)}), r"branin\(\) needs `x2`"),
            (lambda: hpsearch.search(cost, {**W, "v": (0.0, 1.0)}), r"cost\(\) takes no `v`"),
        ],
    )
    def test_what_cannot_be_begun_is_a_usage_error(self, call: Callable[[], object], told: str) -> None:
        with pytest.raises(UsageError, match=told):
            call()
        assert not Path("runs").exists()


@pytest.mark.parametrize(
    "options", [{"start": {"run": "other-001", "top": 2}}, {"prior": {"run": "o", "trials_sha256": "0"}}]
)
def test_what_only_a_spec_can_begin_from_is_refused(options: dict[str, Any], folder: Path) -> None:
    with pytest.raises(UsageError, match="in a spec, with `hpsearch run`"):
        hpsearch.search(cost, W, trials=2, jobs=1, **options)
    assert list(folder.iterdir()) == []


def test_what_is_none_is_not_given_and_false_is_off() -> None:
    result = hpsearch.search(descent, RATE, trials=4, jobs=1, epochs=3, prior=None, start=None, early_stopping=False)
    assert {record.epochs_done for record in result.trials} == {3}


def nested(w: float) -> float:
    return hpsearch.search(cost, {"w": (w, w + 1.0)}, trials=2, jobs=1, runs_dir="inner").value


def test_a_function_may_search_itself() -> None:
    assert hpsearch.search(nested, {"w": (4.0, 5.0)}, trials=2, jobs=1).value < 1
