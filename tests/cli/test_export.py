"""`export`: the results elsewhere."""

import json
import os
import shutil
import sys
from pathlib import Path

import optuna
import pytest
from commands import SPEC, Command, search_in
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

STAGED = ("--set", "search.method=coarse-to-fine", "--set", "search.trials=9")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run of nine trials in stages, some of them stopped early, and one of four."""
    folder = tmp_path_factory.mktemp("searched")
    (folder / "tiny.yaml").write_text(SPEC)
    search_in(folder, ["tiny.yaml", *STAGED], ["tiny.yaml", "--set", "name=other"])
    return folder


@pytest.fixture
def searched(hpsearch: Command, folder: Path) -> Command:
    """The program in a copy of that folder."""
    shutil.copytree(folder, ".", dirs_exist_ok=True)
    return hpsearch


def studies(path: str) -> dict[str, int]:
    storage = JournalStorage(JournalFileBackend(path))
    return {study.study_name: study.n_trials for study in optuna.get_all_study_summaries(storage)}


def test_csv_is_the_table_that_lies_in_the_run(searched: Command) -> None:
    table = Path("runs/tiny-001/trials.csv").read_text()
    ended = searched("export", "tiny", "--to", "csv")
    assert (ended.code, ended.out, ended.err) == (0, table, "")
    ended = searched("export", "tiny", "--to", "csv", "--out", "out.csv")
    assert (ended.code, ended.out, ended.err) == (0, "", "9 trials of runs/tiny-001 in out.csv\n")
    assert Path("out.csv").read_text() == table


def test_jsonl_has_all_that_is_known_of_each_trial_with_all_digits(searched: Command) -> None:
    lines = [json.loads(line) for line in searched("export", "tiny", "--to", "jsonl").out.splitlines()]
    assert [line["trial"] for line in lines] == list(range(9))
    curves = [json.loads(line) for line in Path("runs/tiny-001/curves.jsonl").read_text().splitlines()]
    own = [block["curves"]["train_loss"] for block in curves if block["trial"] == 0 and not block.get("repetition")]
    assert lines[0]["curves"]["train_loss"] == [loss for block in own for loss in block]
    assert lines[0]["metrics"]["train_loss"] == lines[0]["curves"]["train_loss"][lines[0]["epoch"] - 1]
    assert (lines[0]["run"], lines[0]["origin"]["kind"]) == ("tiny-001", "drawn")
    shown = json.loads(searched("show", "tiny", "8", "--json").out)
    assert all(lines[8][name] == shown[name] for name in ("params", "point", "value", "origin", "curves"))
    assert all(line["started_at"] <= line["finished_at"] for line in lines)


def test_a_failure_is_null_and_whatever_a_reason_holds_is_one_line_of_ascii(hpsearch: Command) -> None:
    Path("mine.py").write_text("def train(x):\n    raise ValueError('[red] </script> \\u2028 \\x1b[31m \\xe9')\n")
    Path("mine.yaml").write_text(
        "objective: {python: 'mine:train'}\nspace: {x: {range: [0.0, 1.0]}}\nsearch: {method: random, trials: 2}\n"
    )
    assert hpsearch("run", "mine.yaml", "-j1", "-q").code == 3
    text = hpsearch("export", "mine", "--to", "jsonl").out
    assert text.isascii()
    first, _ = map(json.loads, text.splitlines())
    assert first["value"] is first["metrics"]["value"] is None
    assert "ValueError: [red] </script> \u2028 \x1b[31m \xe9" in first["reason"]
    assert hpsearch("export", "mine", "--to", "optuna:study.journal").code == 0
    assert studies("study.journal") == {"mine-001": 2}


def test_exporting_again_renews_a_file_and_never_doubles(searched: Command) -> None:
    def export() -> list[bytes]:
        for where in (("csv", "--out", "out.csv"), ("jsonl", "--out", "out.jsonl"), ("optuna:study.journal",)):
            assert searched("export", "tiny", "--to", *where).code == 0
        return [Path(name).read_bytes() for name in ("out.csv", "out.jsonl", "study.journal")]

    first = export()
    assert export() == first
    assert searched("run", "tiny.yaml", "-j1", "-q", *STAGED[:2], "--set", "search.trials=12").code == 0
    assert [len(text.splitlines()) for text in export()[:2]] == [13, 12]
    assert studies("study.journal") == {"tiny-001": 12}


def test_a_file_for_optuna_takes_several_runs(searched: Command) -> None:
    searched("export", "tiny", "--to", "optuna:study.journal")
    told = searched("export", "other", "--to", "optuna:study.journal").err.splitlines()
    assert told[0] == "4 trials of runs/other-001 in study.journal"
    assert told[1].endswith("optuna-dashboard study.journal")
    assert studies("study.journal") == {"tiny-001": 9, "other-001": 4}


@pytest.mark.parametrize("where", [("csv", "--out", "there"), ("jsonl", "--out", "there"), ("optuna:there",)])
def test_an_export_is_the_same_however_the_run_was_named(where: tuple[str, ...], searched: Command) -> None:
    contents = set()
    for name in ("tiny", "runs/tiny-001", str(Path("runs/tiny-001").resolve())):
        assert searched("export", name, "--to", *where).code == 0
        contents.add(Path("there").read_bytes())
        Path("there").unlink()
    assert len(contents) == 1


@pytest.mark.parametrize("to", ["csv", "jsonl"])
def test_an_export_of_another_run_is_left_alone_though_it_has_the_same_columns(to: str, searched: Command) -> None:
    Path("elsewhere").mkdir()
    shutil.copytree("runs/other-001", "elsewhere/tiny-001")
    assert searched("export", "tiny", "--to", to, "--out", "there", "--runs-dir", "elsewhere").code == 0
    before = Path("there").read_bytes()
    ended = searched("export", "tiny", "--to", to, "--out", "there")
    told = f"error: there holds something else than an older {to} of tiny-001, and is left alone"
    assert (ended.code, ended.err) == (2, f"{told}; give another file, or delete it\n")
    assert Path("there").read_bytes() == before


def test_a_link_stays_one(searched: Command) -> None:
    Path("link.csv").symlink_to("out.csv")
    assert searched("export", "tiny", "--to", "csv", "--out", "link.csv").code == 0
    assert Path("link.csv").is_symlink()
    assert Path("out.csv").read_bytes() == Path("runs/tiny-001/trials.csv").read_bytes()


@pytest.mark.parametrize("to", ["csv", "jsonl", "optuna"])
@pytest.mark.parametrize("content", ["trial,other\n1,2\n", '{"run": "tiny-0010"}\n', "[1]\n", "\x00"])
def test_a_file_that_is_not_an_export_is_left_alone(to: str, content: str, searched: Command) -> None:
    path = Path("there")
    path.write_text(content)
    where = ("optuna:there",) if to == "optuna" else (to, "--out", "there")
    ended = searched("export", "tiny", "--to", *where)
    assert ended.code == 2
    what = {"optuna": "exports for Optuna"}.get(to, f"an older {to} of tiny-001")
    told = f"error: there holds something else than {what}, and is left alone; give another file, or delete it\n"
    assert ended.err == told
    assert path.read_text() == content


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--to", "xml"], "'xml' is no format to export to; give csv, jsonl, or optuna:FILE"),
        (["--to", "optuna"], "'optuna' is no format to export to; give csv, jsonl, or optuna:FILE"),
        (["--to", "optuna:"], "'optuna:' names no file: write optuna:study.journal, or another name"),
        (["--to", "optuna:sqlite:///a.db"], "names no file"),
        (["--to", "optuna:a", "--out", "b"], "--out is the file of csv and jsonl; optuna:a names its own"),
        (["--to", "csv", "--out", "no/where.csv"], "there is no directory no"),
        (["--to", "optuna:no/where"], "there is no directory no"),
        (["--to", "optuna:runs"], "Is a directory"),
        ([], "Missing option '--to'"),
    ],
)
def test_what_cannot_be_meant_is_wrong_usage(arguments: list[str], message: str, searched: Command) -> None:
    ended = searched("export", "tiny", *arguments)
    assert ended.code == 2
    assert message in ended.err


@pytest.mark.parametrize("name", ["nothing", "t", ""])
@pytest.mark.parametrize("where", [("csv", "--out", "new"), ("optuna:new",)])
def test_a_run_that_is_not_one_is_wrong_usage_and_makes_no_file(
    name: str, where: tuple[str, ...], searched: Command
) -> None:
    shutil.copytree("runs/tiny-001", "runs/tiny-002")
    ended = searched("export", name, "--to", *where)
    assert ended.code == 2
    assert "tiny-001, tiny-002" in ended.err
    assert not Path("new").exists()


def test_where_to_write_is_looked_at_before_the_run_is(searched: Command) -> None:
    for where in (("csv", "--out", "no/where"), ("optuna:no/where",)):
        assert "there is no directory no" in searched("export", "nothing", "--to", *where).err


@pytest.mark.parametrize("to", ["csv", "jsonl", "optuna"])
def test_a_write_protected_place_is_wrong_usage(to: str, searched: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def export(path: str) -> str:
        ended = searched("export", "tiny", "--to", *((f"optuna:{path}",) if to == "optuna" else (to, "--out", path)))
        assert ended.code == (2 if ended.err.startswith("error") else 0)
        return ended.err

    Path("kept").mkdir()
    export("kept/new")
    monkeypatch.setattr(os, "access", lambda path, _: str(path) != "kept/new")  # there is no such place for root
    assert export("kept/new") == "error: kept/new cannot be written: kept/new is write-protected\n"
    monkeypatch.setattr(os, "access", lambda path, _: str(path) != "kept")
    assert export("kept/other") == "error: kept/other cannot be written: kept is write-protected\n"
    assert [path.name for path in Path("kept").iterdir()] == ["new"]


@pytest.mark.parametrize("to", ["csv", "jsonl"])
def test_a_device_is_written_to_and_a_full_one_is_told_of(to: str, searched: Command) -> None:
    assert searched("export", "tiny", "--to", to, "--out", "/dev/null").code == 0
    ended = searched("export", "tiny", "--to", to, "--out", "/dev/full")
    assert (ended.code, ended.err) == (4, "error: /dev/full: cannot be written: No space left on device\n")


@pytest.mark.parametrize("command", ["export tiny --to csv", "export tiny --to jsonl", "predict tiny digits"])
def test_a_reader_that_leaves_stops_nothing_and_a_full_disk_is_told_of(
    command: str, searched: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, write = os.pipe()
    os.close(read)
    for stream, code, told in ((write, 0, ""), ("/dev/full", 4, "error: No space left on device\n")):
        with open(stream, "w") as output:  # noqa: PTH123  # one of them is a descriptor
            monkeypatch.setattr(sys, "stdout", output)
            ended = searched(*command.split())
        assert ended.code == code
        assert told in ended.err
        assert ("error" in ended.err) is bool(told)


def test_without_optuna_it_says_how_to_install_it(searched: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    monkeypatch.delitem(sys.modules, "hpsearch.views.optuna_export", raising=False)
    ended = searched("export", "tiny", "--to", "optuna:study.journal")
    assert (ended.code, ended.err) == (
        2,
        "error: the export for Optuna needs Optuna; install it with: pip install 'hpsearch[optuna]'\n",
    )
    assert searched("export", "tiny", "--to", "csv").code == 0
