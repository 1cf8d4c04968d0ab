"""Specs that are right: what they become, defaults, data paths, overrides, and the resolved text."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.data.settings import DataSettings
from hpsearch.errors import SpecError, UsageError
from hpsearch.network.settings import NetworkSettings
from hpsearch.objectives.settings import PythonSettings
from hpsearch.options import Option, options_of
from hpsearch.search.settings import Confirm, EarlyStopping, Leaders, Prior, SearchSettings
from hpsearch.space.parameters import Choice, Domain, Real, Whole
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.spec.declared import Declared
from hpsearch.spec.load import LoadedSpec, load_spec, read_spec
from hpsearch.spec.ranges import example
from hpsearch.study.study_spec import StudySpec

CONFIGS = Path(__file__).parents[2] / "configs"
LEARNING_RATE = "space:\n  learning_rate: {range: [1e-4, 1]}\n"

DOMAINS: dict[str, Domain] = {
    "learning_rate: {range: [1e-4, 1]}": Real(1e-4, 1.0, "log"),
    "learning_rate: {range: [1e-4, 1], scale: linear}": Real(1e-4, 1.0),
    "learning_rate: [0.1, 1]": Choice([0.1, 1.0]),
    "beta1: {range: [0.9, 0.999]}": Real(0.9, 0.999, "1-beta"),
    "l2: {range: [0, 0.5], scale: linear, step: 0.1}": Real(0.0, 0.5, "linear", 0.1),
    "hidden_units: {range: [16, 256.0]}": Whole(16, 256, "log"),
    "hidden_units: {range: [16, 256], scale: linear, step: 16}": Whole(16, 256, "linear", 16),
    "hidden_units: [[64, 32], [128]]": Choice([[64, 32], [128]]),
    "hidden_layers: {range: [1, 3]}": Whole(1, 3),
    "batch_size: [32, 64]": Choice([32, 64]),
    "batch_size: {choices: [32, 64]}": Choice([32, 64]),
    "batch_norm: [before, off]": Choice(["before", "off"]),
    "learning_rate_schedule: [none, exponential]": Choice(["none", "exponential"]),
}

GOOD = {
    "conditions": "space:\n  optimizer: [adam, momentum]\n  beta1: {range: [0.8, 0.99], when: {optimizer: adam}}\n",
    "condition before its parent": (
        "space:\n  l2: {range: [1e-4, 1], when: {batch_size: [32, 64]}}\n  batch_size: [32, 64, 128]\n"
    ),
    "condition on widths": (
        "space:\n  hidden_units: [[64, 32], [128]]\n  l2: {range: [1e-4, 1], when: {hidden_units: [64, 32]}}\n"
    ),
    "widths per layer": "space:\n  hidden_layers: {range: [1, 3]}\n  hidden_units: {range: [16, 64], per: layer}\n",
    "widths per layer of a fixed number": (
        "network: {hidden_layers: 3}\nspace:\n  hidden_units: {choices: [16, 64], per: layer}\n"
    ),
    "lists of widths of one length": "network: {hidden_layers: 1}\nspace:\n  hidden_units: [[64], [128]]\n",
    "fixed widths": f"network: {{hidden_units: [64, 32, 16]}}\n{LEARNING_RATE}",
    "data files": f"data:\n  source: ../a.csv\n  target: y\n  validation: b.csv\n  missing: ['-999']\n{LEARNING_RATE}",
    "columns": f"data:\n  source: a.csv\n  columns: {{no: category, '1': ignore, 2e3: number}}\n{LEARNING_RATE}",
    "no schedule and no decay": f"network: {{learning_rate_schedule: none, learning_rate_decay: 0}}\n{LEARNING_RATE}",
    "anchors": (
        "space:\n  beta1: &beta {range: [0.8, 0.99]}\n  batch_norm_momentum: {<<: *beta}\n"
        "  beta2: {<<: *beta, scale: linear}\n"
    ),
    "empty sections": f"data:\nnetwork:\nsearch:\n{LEARNING_RATE}",
    "accuracy": f"metric: validation_accuracy\n{LEARNING_RATE}",
    "best epoch": f"metric: validation_r2\nselect: best_epoch\n{LEARNING_RATE}",
    "a search with everything": (
        "search:\n  early_stopping: {reduction_factor: 4}\n  stages: 3\n  start: [{learning_rate: 1, l2: 0.0}, {l2: 1e-3}]\n"
        "  prior: {run: digits-001, trials_sha256: '00'}\n  target: 0.05\n  plateau: 20\n  hours: 0.5\n"
        f"  confirm: {{leaders: 0, seeds: 5}}\n{LEARNING_RATE}  l2: {{range: [0, 1], scale: linear}}\n"
    ),
    "a search with nothing": f"search: {{early_stopping: null, start: null, prior: null, target: null}}\n{LEARNING_RATE}",
    "start from the leaders of a run": f"search: {{start: {{run: digits-001}}, early_stopping: off}}\n{LEARNING_RATE}",
    "start with widths": ("space:\n  hidden_units: [[64, 32], [128, 64]]\nsearch: {start: [{hidden_units: [64, 32]}]}\n"),
    "a function": "objective: {python: 'mine:train'}\nspace: {x: {range: [-5, 10]}, y: {range: [-5.0, 10]}}\n",
    "a function with everything": (
        "objective: {python: 'a.b:c', epochs: 9, metrics: [loss, size], path: ../code}\nmetric: size\nselect: best_epoch\n"
        "space:\n  kind: [a, 1, 2.0, 0.5, true, [3, 4]]\n"
        "  rate: {range: [1e-4, 1], scale: log, when: {kind: [a, true]}}\n  beta: {range: [0.9, 0.999], scale: 1-beta}\n"
        "  step: {range: [0, 1], step: 0.25}\n  even: {range: [0, 8], step: 2}\n"
        "search: {start: [{kind: [3, 4], even: 4}]}\n"
    ),
}


USED = {
    "a fixed parent": "network: {optimizer: nesterov}\nspace:\n  momentum: [0.8, 0.9]\n",
    "all choices of the parent": "space:\n  optimizer: [momentum, nesterov]\n  momentum: [0.8, 0.9]\n",
    "a condition": ("space:\n  optimizer: [adam, momentum]\n  momentum: {range: [0.8, 0.9], when: {optimizer: momentum}}\n"),
    "a condition on a parent with a condition": (
        "space:\n  optimizer: [adam, momentum]\n  batch_size: {choices: [8, 16], when: {optimizer: momentum}}\n"
        "  momentum: {range: [0.8, 0.9], when: {batch_size: 8}}\n"
    ),
    "the condition of the parent": (
        "space:\n  batch_norm: [before, off]\n"
        "  optimizer: {choices: [momentum, nesterov], when: {batch_norm: off}}\n"
        "  momentum: {range: [0.8, 0.9], when: {batch_norm: off}}\n"
    ),
    "a parent that is active where both count": (
        "space:\n  batch_norm: [before, off]\n"
        "  batch_norm_statistics: {choices: [averages, exact], when: {batch_norm: before}}\n"
        "  batch_norm_momentum: {range: [0.8, 0.9], when: {batch_norm_statistics: averages}}\n"
    ),
}
"""Names that are searched under conditions that make sure that they have an effect."""


def loaded(text: str, *overrides: str) -> LoadedSpec:
    """Load a text as if it stood in /specs/study.yaml."""
    return load_spec(text, "/specs/study.yaml", overrides, Path("/specs"))


def study(text: str, *overrides: str) -> StudySpec:
    """Return the study of a text."""
    return loaded(text, *overrides).study


def entry(line: str) -> Entry:
    """Return the one entry of a space."""
    (only,) = study(f"space:\n  {line}\n").space.entries.values()
    return only


@pytest.mark.parametrize(("line", "domain"), DOMAINS.items())
def test_a_line_of_the_space_becomes_a_domain(line: str, domain: Domain) -> None:
    assert entry(line) == Entry(domain)


def test_everything_but_the_space_has_a_default() -> None:
    assert study(LEARNING_RATE) == StudySpec(
        name="study",
        seed=0,
        data=DataSettings(),
        network=NetworkSettings(),
        space=SearchSpace({"learning_rate": Entry(Real(1e-4, 1.0, "log"))}),
        search=SearchSettings().settled(),
        metric=None,
        select="last_epoch",
    )


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_the_resolved_text_is_an_equal_study(text: str) -> None:
    first = loaded(text)
    again = load_spec(first.resolved, "elsewhere/resolved.yaml", (), Path("/elsewhere"))
    assert again.study == first.study
    assert again.resolved == first.resolved
    assert again.study.identity("0" * 64) == first.study.identity("0" * 64)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "seed": st.integers(0, 2**64),
            "network.learning_rate": st.floats(1e-300, 1e300),
            "network.l2": st.floats(0, 1e300),
            "network.momentum": st.floats(0, 1, exclude_max=True),
            "network.hidden_units": st.one_of(st.integers(1, 4096), st.lists(st.integers(1, 99), min_size=1, max_size=9)),
            "data.validation": st.floats(0, 0.75, exclude_min=True),
            "search.trials": st.integers(1, 10**6),
            "search.target": st.floats(allow_nan=False, allow_infinity=False),
            "search.early_stopping.min_epochs": st.integers(1, 20),
            "search.confirm.leaders": st.one_of(st.just("null"), st.integers(0, 1000)),
        },
    )
)
def test_any_values_survive_the_resolved_text(values: dict[str, object]) -> None:
    text = "space:\n  batch_size: [32, 64]\n"
    first = loaded(text, *(f"{key}={value}" for key, value in values.items()))
    assert load_spec(first.resolved, "study.yaml").study == first.study


def test_the_given_text_is_kept_as_it_is() -> None:
    text = f"# mine\r\n{LEARNING_RATE}"
    assert loaded(text).given == text


def test_conditions_are_kept_in_the_space() -> None:
    assert study(GOOD["conditions"]).space.entries["beta1"].when == {"optimizer": ("adam",)}
    assert study(GOOD["condition before its parent"]).space.entries["l2"].when == {"batch_size": (32, 64)}
    assert study(GOOD["condition on widths"]).space.entries["l2"].when == {"hidden_units": ([64, 32],)}


def test_there_are_as_many_widths_per_layer_as_there_can_be_layers() -> None:
    assert study(GOOD["widths per layer"]).space.entries["hidden_units"].layers == 3
    assert study(GOOD["widths per layer of a fixed number"]).space.names == tuple(f"hidden_units_{i}" for i in (1, 2, 3))
    assert study("space:\n  hidden_units: {range: [16, 64], per: layer}\n").space.dimensions == 2


def test_a_list_of_widths_says_how_many_layers_there_are() -> None:
    assert study(GOOD["fixed widths"]).network.hidden_layers == 3
    assert study("space:\n  hidden_units: [[64], [128]]\n").network.hidden_layers == 1
    assert "hidden_layers" not in loaded("space:\n  hidden_units: [[64, 32], [128]]\n").resolved


@pytest.mark.parametrize("text", USED.values(), ids=USED)
def test_a_name_may_be_searched_wherever_its_conditions_say_that_it_is_used(text: str) -> None:
    assert study(text).space.dimensions >= 1


@pytest.mark.parametrize(("name", "option"), options_of(NetworkSettings).items())
def test_a_name_is_searched_under_the_values_that_it_is_used_with_and_no_others(name: str, option: Option) -> None:
    for other, useful in option.used_with.items():
        for value in get_args(get_type_hints(NetworkSettings)[other]):
            text = f"network: {{{other}: {value}}}\nspace:\n  {name}: {example(Declared.by(NetworkSettings, name))}\n"
            if value in useful:
                assert list(study(text).space.entries) == [name]
            else:
                with pytest.raises(SpecError, match=f"`{name}` does nothing while `{other}` is {value}"):
                    study(text)


@pytest.mark.parametrize(
    "space",
    [
        "optimizer: [adam, 7]\n  momentum: {range: [0.8, 0.9]}",
        "optimizer: [adam, momentum]\n  momentum: {range: [0.8, 0.9], when: {optimiser: momentum}}",
        "optimizer: [adam, momentum]\n  momentum: {range: [0.8, 0.9], when: {optimizer: momentom}}",
        "optimizer: [adam, momentum]\n  momentum: {range: [0.8, 0.9], when: momentum}",
    ],
)
def test_a_mistake_in_what_decides_about_a_name_is_told_alone(space: str) -> None:
    with pytest.raises(SpecError) as caught:
        study(f"space:\n  {space}\n")
    assert len(caught.value.problems) == 1
    assert "does nothing" not in str(caught.value)


def test_a_wrong_fixed_value_is_told_without_its_consequences() -> None:
    with pytest.raises(SpecError) as caught:
        study("network: {optimizer: momentom}\nspace:\n  momentum: {range: [0.8, 0.9]}\n")
    assert [problem.hint for problem in caught.value.problems] == ["did you mean momentum?"]


class TestTheSearch:
    def test_becomes_its_settings_with_nested_ones(self) -> None:
        assert study(GOOD["a search with everything"]).search == SearchSettings(
            early_stopping=EarlyStopping(4, 1),
            stages=3,
            start=({"learning_rate": 1, "l2": 0.0}, {"l2": 1e-3}),
            prior=Prior("digits-001", "00"),
            target=0.05,
            plateau=20,
            hours=0.5,
            confirm=Confirm(0, 5),
        )

    def test_is_settled_by_its_method(self) -> None:
        assert study(GOOD["a search with nothing"]).search == SearchSettings(early_stopping=EarlyStopping())
        assert study(LEARNING_RATE, "search.method=random").search == SearchSettings("random", early_stopping="off")

    def test_can_be_set_key_by_key(self) -> None:
        text = GOOD["a search with everything"]
        assert study(text, "search.prior=null", "search.early_stopping.min_epochs=2").search.prior is None
        assert study(text, "search.early_stopping.min_epochs=2").search.early_stopping == EarlyStopping(4, 2)

    def test_may_start_from_the_leaders_of_a_run(self) -> None:
        assert study(GOOD["start from the leaders of a run"]).search.start == Leaders("digits-001", 5)

    def test_keeps_start_values_of_inactive_parameters_and_of_layers(self) -> None:
        text = f"{GOOD['conditions']}  hidden_units: {{range: [16, 64], per: layer}}\n"
        point = {"optimizer": "momentum", "beta1": 0.9, "hidden_units_2": 32}
        assert study(text, f"search.start=[{point}]").search.start == (point,)

    def test_tells_all_its_mistakes_at_once(self) -> None:
        mistakes = ("search.start=[{l2: 1, learning_rate: 2}]", "search.trials=x", "search.confirm={seed: 0}")
        with pytest.raises(SpecError) as caught:
            study(LEARNING_RATE, *mistakes)
        assert [problem.column for problem in caught.value.problems] == [15, 16, 17, 38]

    def test_is_not_blamed_for_consequences_of_another_mistake(self) -> None:
        with pytest.raises(SpecError) as caught:
            study(
                "network: {epochs: x}\nsearch: {method: gird, stages: 3, early_stopping: {min_epochs: 99}}\n" + LEARNING_RATE
            )
        assert [problem.message.split()[0] for problem in caught.value.problems] == ["`epochs`", "`method`"]

    def test_is_not_blamed_for_a_start_in_a_space_with_a_mistake(self) -> None:
        with pytest.raises(SpecError) as caught:
            study(
                "space: {learning_rate: {range: [1, 1e-4]}, l2: [0, 0.1]}\nsearch: {start: [{learning_rate: 0.1, l2: 0}]}\n"
            )
        assert ["swapped" in problem.message for problem in caught.value.problems] == [True]


class TestAFunction:
    def test_stands_in_the_place_of_data_and_network(self) -> None:
        spec = study(GOOD["a function"])
        assert spec.objective == PythonSettings("mine:train", path="/specs")
        assert (spec.data, spec.network, spec.metric) == (DataSettings(), NetworkSettings(), "value")

    def test_is_looked_for_where_the_spec_says_seen_from_the_spec(self) -> None:
        spec = study(GOOD["a function with everything"])
        assert spec.objective == PythonSettings("a.b:c", 9, ("loss", "size"), "/code")
        assert (spec.metric, spec.epochs) == ("size", 9)

    def test_takes_arguments_of_any_name_and_kind(self) -> None:
        domains = {name: entry.domain for name, entry in study(GOOD["a function with everything"]).space.entries.items()}
        assert domains == {
            "kind": Choice(["a", 1, 2.0, 0.5, True, [3, 4]]),
            "rate": Real(1e-4, 1.0, "log"),
            "beta": Real(0.9, 0.999, "1-beta"),
            "step": Real(0.0, 1.0, "linear", 0.25),
            "even": Whole(0, 8, "linear", 2),
        }

    def test_has_whole_arguments_where_both_bounds_are_whole_numbers(self) -> None:
        entries = study(GOOD["a function"]).space.entries
        assert (entries["x"].domain, entries["y"].domain) == (Whole(-5, 10), Real(-5.0, 10.0))

    def test_keeps_the_scale_linear_whatever_the_argument_is_called(self) -> None:
        space = study("objective: {python: 'a:b'}\nspace: {learning_rate: {range: [1e-4, 1]}}\n").space
        assert space.entries["learning_rate"].domain == Real(1e-4, 1.0)

    def test_has_its_metric_whatever_the_task(self) -> None:
        spec = loaded(GOOD["a function with everything"])
        assert spec.study.for_task("regression") == spec.study


def test_data_paths_are_seen_from_the_spec() -> None:
    data = study(GOOD["data files"]).data
    assert (data.source, data.validation, data.test) == ("/a.csv", "/specs/b.csv", 0.2)
    assert study(f"data: {{source: digits}}\n{LEARNING_RATE}").data.source == "digits"
    assert study(f"data: {{validation: digits, test: digits}}\n{LEARNING_RATE}").data.validation == "digits"
    assert study(f"data: {{source: ./digits}}\n{LEARNING_RATE}").data.source == "/specs/digits"


@pytest.mark.parametrize(
    ("file", "name"),
    [("digits.yaml", "digits"), ("a b (c).yml", "a-b-c"), (".yaml", "yaml"), ("日本.yaml", "study"), ("stdin", "stdin")],
)
def test_the_name_is_that_of_the_file_made_safe(file: str, name: str) -> None:
    assert load_spec(LEARNING_RATE, file).study.name == name
    assert load_spec(f"name: mine.2\n{LEARNING_RATE}", file).study.name == "mine.2"


class TestTheTaskOfTheData:
    def test_names_the_metric_in_the_study_and_in_the_resolved_text(self) -> None:
        spec = loaded(LEARNING_RATE)
        assert "metric" not in spec.resolved
        named = replace(spec, study=spec.study.for_task("regression"))
        assert named.study == replace(spec.study, metric="validation_rmse")
        assert "metric: validation_rmse\nselect: last_epoch\n" in named.resolved

    @pytest.mark.parametrize(
        ("text", "overrides", "place"),
        [
            (f"metric: validation_r2\n{LEARNING_RATE}", (), ("/specs/study.yaml", 1, 9)),
            (LEARNING_RATE, ("metric=validation_r2",), ("--set", 1, 8)),
        ],
    )
    def test_a_metric_of_another_task_is_told_at_its_place(
        self, text: str, overrides: tuple[str, ...], place: tuple[str, int, int]
    ) -> None:
        spec = loaded(text, *overrides)
        with pytest.raises(SpecError) as caught, spec.placing():
            spec.study.for_task("classification")
        (problem,) = caught.value.problems
        assert (problem.file, problem.line, problem.column) == place
        assert problem.message == "the target calls for classification, and validation_r2 is no metric of that"
        assert problem.hint == "allowed: validation_error, validation_loss, validation_accuracy, validation_macro_f1"


class TestOverrides:
    def test_replace_a_value(self) -> None:
        assert study(f"seed: 1\n{LEARNING_RATE}", "seed=2").seed == 2

    def test_make_the_section_that_is_missing(self) -> None:
        assert study(LEARNING_RATE, "search.trials=7", "network.epochs=1e1").search.trials == 7

    def test_follow_the_rules_of_the_file(self) -> None:
        space = study(LEARNING_RATE, "space.learning_rate.range=[1e-3, 0.1]", "space.optimizer=[adam, sgd]").space
        assert space.entries["learning_rate"].domain == Real(1e-3, 0.1, "log")
        assert space.entries["optimizer"].domain == Choice(["adam", "sgd"])

    def test_come_one_after_the_other(self) -> None:
        assert study(LEARNING_RATE, "seed=1", "seed=2").seed == 2
        assert study(LEARNING_RATE, "network={epochs: 3, l2: 1}", "network.epochs=4").network.epochs == 4

    def test_a_value_may_hold_an_equals_sign(self) -> None:
        assert study(LEARNING_RATE, "data.source=a=b.csv").data.source == "/specs/a=b.csv"

    def test_lead_no_deeper_than_a_spec_can_be(self) -> None:
        with pytest.raises(SpecError, match="nested deeper than 20 levels"):
            study(LEARNING_RATE, f"{'.'.join('a' * 3000)}=1")

    def test_leave_the_given_text_and_show_in_the_resolved_one(self) -> None:
        spec = loaded(LEARNING_RATE, "seed=5")
        assert spec.given == LEARNING_RATE
        assert "seed: 5\n" in spec.resolved

    def test_mistakes_are_told_together_with_those_of_the_file_and_after_them(self) -> None:
        with pytest.raises(SpecError) as caught:
            study(f"sede: 1\n{LEARNING_RATE}", "seed=-1", "trials", "search.trails=1")
        assert [(problem.file, problem.column) for problem in caught.value.problems] == [
            ("/specs/study.yaml", 1),
            ("--set", 1),
            ("--set", 6),
            ("--set", 8),
        ]


class TestReadSpec:
    @pytest.mark.parametrize("config", sorted(CONFIGS.glob("*.yaml")), ids=lambda path: path.stem)
    def test_reads_every_config_that_comes_with_it(self, config: Path) -> None:
        spec = read_spec(config)
        assert spec.study.name == config.stem
        assert spec.given.encode() == config.read_bytes()

    def test_sees_data_from_the_folder_of_the_file(self, tmp_path: Path) -> None:
        (tmp_path / "s.yaml").write_text(f"data: {{source: d.csv}}\n{LEARNING_RATE}")
        assert read_spec(str(tmp_path / "s.yaml")).study.data.source == str(tmp_path / "d.csv")

    def test_reads_standard_input(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        text = f"data: {{source: d.csv}}\n{LEARNING_RATE}"
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        spec = read_spec("-", ["seed=4"])
        assert (spec.study.name, spec.study.seed, spec.study.data.source) == ("stdin", 4, str(tmp_path / "d.csv"))

    def test_names_the_spec_that_was_meant_if_there_is_one(self, tmp_path: Path) -> None:
        (tmp_path / "v.yaml").write_text(LEARNING_RATE)
        with pytest.raises(UsageError, match=r"did you mean .*v\.yaml\?$"):
            read_spec(tmp_path / "v")
        with pytest.raises(UsageError, match=r"nonexist\.yaml cannot be read: No such file or directory$"):
            read_spec(tmp_path / "nonexist.yaml")

    def test_says_why_a_file_cannot_be_read(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match=r"no\.yaml cannot be read: No such file"):
            read_spec(tmp_path / "no.yaml")
        with pytest.raises(UsageError, match="cannot be read: Is a directory"):
            read_spec(tmp_path)
