"""What only the data, a function or another run can show is told like every mistake of a spec: at its place, all at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest

from hpsearch.errors import DataError, SettingError, SpecError
from hpsearch.spec.load import load_spec
from hpsearch.study.first_points import first_points
from hpsearch.study.lineage import inherited
from hpsearch.study.subject import subject_of

SPACE = "space: {learning_rate: {range: [1e-4, 1], scale: log}}\n"
NAMES = "`age`, `city`, `person`, `label`"

Tell = Callable[..., str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working directory, with rows of two classes and rows of a quantity."""
    monkeypatch.chdir(tmp_path)
    rows = [f"{number % 7},{'uvw'[number % 3]},p{number % 12}" for number in range(60)]
    write("rows.csv", "age,city,person,label", [f"{row},{('no', 'yes')[n % 2]}" for n, row in enumerate(rows)])
    write("homes.csv", "age,city,person,label", [f"{row},{n + 0.5}" for n, row in enumerate(rows)])
    return tmp_path


def write(name: str, header: str, rows: list[str]) -> None:
    Path(name).write_text("\n".join([header, *rows, ""]), encoding="utf-8")


@pytest.fixture
def told(folder: Path) -> Tell:
    """Return what tells the mistakes of a spec, without the directory of its files."""

    def tell(text: str, *overrides: str) -> str:
        spec = load_spec(dedent(text) + SPACE, "spec.yaml", overrides, Path())
        with pytest.raises(SpecError) as caught, spec.placing():
            subject_of(spec.study)
        return f"{caught.value}\n".replace(f"{folder}/", "").replace(str(folder), "here")

    return tell


DATA = """\
data:
  source: rows.csv
  target: label
"""

ONE_MISTAKE = {
    "unknown target": (
        "data:\n  source: rows.csv\n  target: labl\n",
        "spec.yaml:3:11: there is no column `labl` for the target in rows.csv\n"
        "    3 |   target: labl\n"
        "      |           ^\n"
        f"      did you mean `label`? there are: {NAMES}\n",
    ),
    "no target": (
        "data:\n  source: rows.csv\n",
        "spec.yaml:1:1: which column of rows.csv is to be predicted?\n"
        "    1 | data:\n"
        "      | ^\n"
        f"      write `target:` with its name under `data:`; there are: {NAMES}\n",
    ),
    "unknown column": (
        f"{DATA}  columns: {{city: category, agee: number}}\n",
        "spec.yaml:4:29: there is no column `agee` in rows.csv\n"
        "    4 |   columns: {city: category, agee: number}\n"
        "      |                             ^\n"
        f"      did you mean `age`? there are: {NAMES}\n",
    ),
    "target among the columns": (
        f"{DATA}  columns:\n    label: category\n",
        "spec.yaml:5:5: `label` is the target or the group and no input: it has no place in `columns`\n"
        "    5 |     label: category\n"
        "      |     ^\n"
        "      whether a target is classes or a quantity is said by `task`\n",
    ),
    "no column left": (
        f"{DATA}  columns: {{age: ignore, city: ignore, person: ignore}}\n",
        "spec.yaml:4:12: no column is left to predict from\n"
        "    4 |   columns: {age: ignore, city: ignore, person: ignore}\n"
        "      |            ^\n"
        "      all others are set to ignore\n",
    ),
    "unknown group": (
        f"{DATA}  group: persn\n",
        "spec.yaml:4:10: there is no column `persn` for the group in rows.csv\n"
        "    4 |   group: persn\n"
        "      |          ^\n"
        f"      did you mean `person`? there are: {NAMES}\n",
    ),
    "group that is the target": (
        f"{DATA}  group: label\n",
        "spec.yaml:4:10: `label` cannot be both the target and the group\n"
        "    4 |   group: label\n"
        "      |          ^\n"
        "      group by another column, or by none\n",
    ),
    "too few groups": (
        f"{DATA}  group: age\n  columns: {{person: ignore}}\n  validation: 0.5\n  test: 0.49\n".replace("rows", "few"),
        "spec.yaml:4:10: 2 groups cannot fill 3 parts\n"
        "    4 |   group: age\n"
        "      |          ^\n"
        "      leave out the rarest classes or `group`, or give files for `validation` and `test`\n",
    ),
    "weight of an unknown class": (
        f"{DATA}  class_weights: {{yes: 2, nope: 1}}\n",
        "spec.yaml:4:27: 'nope' is no class\n"
        "    4 |   class_weights: {yes: 2, nope: 1}\n"
        "      |                           ^\n"
        "      did you mean `no`? there are: `no`, `yes`\n",
    ),
    "class without a weight": (
        f"{DATA}  class_weights: {{yes: 2}}\n",
        "spec.yaml:4:18: `class_weights` has no weight for 'no'\n"
        "    4 |   class_weights: {yes: 2}\n"
        "      |                  ^\n"
        "      every class needs one, a number above 0\n",
    ),
    "weights in regression": (
        f"{DATA}  class_weights: balanced\n".replace("rows", "homes"),
        "spec.yaml:4:3: `class_weights` are for classes, and a target of regression has none\n"
        "    4 |   class_weights: balanced\n"
        "      |   ^\n"
        "      take the key away\n",
    ),
    "missing source": (
        "data:\n  source: measurement.csv\n  target: label\n",
        "spec.yaml:2:11: measurement.csv: there is no such file\n"
        "    2 |   source: measurement.csv\n"
        "      |           ^\n"
        "      did you mean measurements.csv?\n",
    ),
    "share in per cent": (
        f"{DATA}  validation: 20%\n",
        "spec.yaml:4:15: 20%: there is no such file\n"
        "    4 |   validation: 20%\n"
        "      |               ^\n"
        "      for a share write 0.2\n",
    ),
    "file without the target": (
        f"{DATA}  test: ages.csv\n",
        "spec.yaml:4:9: there is no column `label` for the target in ages.csv\n"
        "    4 |   test: ages.csv\n"
        "      |         ^\n"
        "      there are: `age`, `city`, `person`\n",
    ),
    "file without an input": (
        f"{DATA}  test: short.csv\n",
        "spec.yaml:4:9: columns of rows.csv are not in short.csv: `person`\n"
        "    4 |   test: short.csv\n"
        "      |         ^\n"
        "      there are: `age`, `city`, `label`\n",
    ),
    "file of the same rows": (
        f"{DATA}  validation: rows.csv\n",
        "spec.yaml:4:15: the validation part has the same rows as rows.csv, which holds the train part\n"
        "    4 |   validation: rows.csv\n"
        "      |               ^\n"
        "      give a file of other rows, or a share\n",
    ),
    "share without a row": (
        f"{DATA}  test: 0.001\n",
        "spec.yaml:4:9: 60 rows are too few: a share of 0.001 leaves none for the test part\n"
        "    4 |   test: 0.001\n"
        "      |         ^\n"
        "      take more rows, or hold out another share of them\n",
    ),
    "metric of another task": (
        f"{DATA}metric: validation_r2\n",
        "spec.yaml:4:9: the target calls for classification, and validation_r2 is no metric of that\n"
        "    4 | metric: validation_r2\n"
        "      |         ^\n"
        "      allowed: validation_error, validation_loss, validation_accuracy, validation_macro_f1\n",
    ),
    "target in doubt": (
        "data:\n  source: doubt.csv\n  target: label\n",
        "spec.yaml:1:1: are the 30 whole numbers in `label` classes, or quantities?\n"
        "    1 | data:\n"
        "      | ^\n"
        "      if they are classes, write `task: classification` under `data:`; "
        "if they are quantities, `task: regression`\n",
    ),
    "class for every row": (
        f"{DATA}  task: classification\n".replace("rows", "doubt"),
        "spec.yaml:3:11: too few rows to train on: 18 for 30 classes\n"
        "    3 |   target: label\n"
        "      |           ^\n"
        "      every class needs a row to train on\n",
    ),
    "target that is one class": (
        f"{DATA}".replace("rows", "same"),
        "spec.yaml:3:11: all rows have the same target: `label` is 'yes'\n"
        "    3 |   target: label\n"
        "      |           ^\n"
        "      predict another column\n",
    ),
    "text that is said to be a number": (
        f"{DATA}  columns: {{city: number}}\n",
        "spec.yaml:4:19: rows.csv:2: 'u' is no number, and `city` is a column of numbers\n"
        "    4 |   columns: {city: number}\n"
        "      |                   ^\n"
        "      mend the file, or write one of these under `data:`\n"
        "        columns: {city: category}\n"
        "        missing: [u]\n",
    ),
    "classes that are said to be quantities": (
        f"{DATA}  task: regression\n",
        "spec.yaml:4:9: rows.csv:2: the target 'no' is no number\n"
        "    4 |   task: regression\n"
        "      |         ^\n"
        "      regression needs numbers: mend or remove such rows; if they are classes, write `task: classification`\n",
    ),
    "function that is not there": (
        "objective:\n  python: nowhere:train\n",
        "spec.yaml:2:11: `nowhere:train`: there is no module `nowhere`; "
        "it was looked for in here and then where Python looks\n"
        "    2 |   python: nowhere:train\n"
        "      |           ^\n",
    ),
}


@pytest.mark.parametrize("case", ONE_MISTAKE)
def test_what_does_not_fit_is_told_at_its_place(case: str, told: Tell) -> None:
    write("few.csv", "age,city,person,label", [f"{n % 2},u,p,{n % 3}" for n in range(60)])
    write("ages.csv", "age,city,person", ["1,u,p77"])
    write("measurements.csv", "age,label", ["1,no"])
    write("short.csv", "age,city,label", ["1,u,yes"])
    write("doubt.csv", "age,label", [f"{n % 7},{n}" for n in range(30)])
    write("same.csv", "age,label", [f"{n % 7},yes" for n in range(30)])
    text, message = ONE_MISTAKE[case]
    assert told(text).splitlines() == message.splitlines()


def places_of(text: str) -> list[str]:
    return [line.partition(": ")[0] for line in text.splitlines() if line.startswith(("spec.yaml:", "--set:"))]


def test_all_that_does_not_fit_is_told_at_once(told: Tell) -> None:
    text = """\
        data:
          source: rows.csv
          target: labl
          task: classification
          columns: {agee: number}
          group: persn
          validation: none.csv
        metric: validation_r2
        """
    assert places_of(told(text)) == [f"spec.yaml:{place}" for place in ("3:11", "5:13", "6:10", "7:15", "8:9")]


def test_a_task_that_nobody_said_is_found_beside_other_mistakes(told: Tell) -> None:
    text = f"{DATA}  columns: {{agee: number}}\n  class_weights: {{yes: 1, noo: 2}}\nmetric: validation_r2\n"
    assert places_of(told(text)) == ["spec.yaml:4:13", "spec.yaml:5:27", "spec.yaml:6:9"]


def test_what_was_set_is_told_there_and_last(told: Tell) -> None:
    message = told(f"{DATA}metric: validation_r2\n", "data.group=persn", "data.target=labl", "data.task=classification")
    assert places_of(message) == ["spec.yaml:4:9", "--set:1:12", "--set:1:13"]
    assert "    1 | data.group=persn\n      |            ^\n      did you mean `person`?" in message


def test_where_the_section_is_a_default_the_spec_is_blamed(told: Tell) -> None:
    assert places_of(told("data: {group: persn}\nmetric: validation_r2\n")) == ["spec.yaml:1:15", "spec.yaml:2:9"]


def test_a_mistake_in_the_file_keeps_its_own_line(folder: Path) -> None:
    write("odd.csv", "age,label", [*(f"{n},{n % 2}" for n in range(40)), "many,1"])
    spec = load_spec(f"data: {{source: odd.csv, target: label}}\n{SPACE}", "spec.yaml")
    with pytest.raises(DataError) as caught, spec.placing():
        subject_of(spec.study)
    assert str(caught.value).startswith(f"{folder}/odd.csv:42: 'many' is no number")


def test_the_settings_come_before_the_lines_of_the_file(told: Tell) -> None:
    write("gaps.csv", "age,label", ["1,yes", "2,"])
    assert places_of(told("data: {source: gaps.csv, target: label, group: grp}\n")) == ["spec.yaml:1:48"]


@pytest.mark.parametrize(
    ("data", "overrides", "place"),
    [
        ("{validation: 0.6, test: 0.4}", (), "spec.yaml:1:20"),
        ("{test: 0.8}", (), "spec.yaml:1:14"),
        ("{validation: 0.3}", ("data.test=0.7",), "--set:1:11"),
    ],
)
def test_shares_of_everything_are_a_mistake_without_any_data(data: str, overrides: tuple[str, ...], place: str) -> None:
    with pytest.raises(SpecError) as caught:
        load_spec(f"data: {data}\n{SPACE}", "spec.yaml", overrides)
    assert places_of(str(caught.value)) == [place]
    assert "leave nothing to train on" in str(caught.value)
    assert caught.value.problems[0].hint == "their sum must be below 1"


def test_runs_that_are_not_there_are_told_where_they_are_named(folder: Path) -> None:
    search = "search:\n  start: {run: gone-001, top: 2}\n  prior: {run: lost-001, trials_sha256: abc}\n"
    spec = load_spec(f"{search}{SPACE}", "spec.yaml")
    with pytest.raises(SpecError) as caught, spec.placing():
        first_points(spec.study, folder / "runs")
    assert places_of(str(caught.value)) == ["spec.yaml:2:16"]
    with pytest.raises(SpecError) as caught, spec.placing():
        inherited(subject_of(spec.study), folder / "runs", lambda *_: spec.study)
    assert places_of(str(caught.value)) == ["spec.yaml:3:16"]
    assert caught.value.problems[0].hint == "to search without its trials: --set search.prior=null"


def test_without_a_text_the_key_is_named(folder: Path) -> None:
    np.savez(folder / "rows.npz", x=np.ones((5, 3)), z=np.ones(5))
    study = load_spec(f"data: {{source: rows.npz, group: w}}\n{SPACE}", "spec.yaml").study
    with pytest.raises(SettingError) as caught:
        subject_of(study)
    assert str(caught.value).splitlines() == [
        "data.target: there is no column `y` for the target in rows.npz",
        "      there are: `x[0..2]`, `z`",
        "data.group: there is no column `w` for the group in rows.npz",
        "      there are: `x[0..2]`, `z`",
    ]
