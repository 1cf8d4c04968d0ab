"""The JSON Schema for editors: schema and loader give the same verdicts on the same specs."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from hpsearch.errors import SpecError
from hpsearch.options import options_of
from hpsearch.spec.declared import SEARCHABLE, SECTIONS, Heading
from hpsearch.spec.document import dump, parse
from hpsearch.spec.load import load_spec
from hpsearch.spec.overrides import override
from hpsearch.spec.schema import json_schema

SCHEMA = json_schema()
VALIDATOR = Draft7Validator(SCHEMA)
PROJECT = Path(__file__).parents[2]

GOLDEN = {path.stem: path for path in sorted((Path(__file__).parent / "golden").glob("*.txt"))}

NO_YAML = [
    *("bad_indentation", "brace_not_closed", "bracket_not_closed", "missing_comma", "missing_space_after_colon"),
    *("missing_colon", "missing_colon_of_a_section", "missing_space_before_a_brace", "leading_space", "equals_sign"),
    *("comment_of_another_language", "no_break_space", "quote_not_closed", "percent_sign", "star_in_a_name"),
    *("backslash_in_double_quotes", "text_with_a_colon"),
    *("only_a_comment", "recursive_alias", "set_below_a_value", "set_no_yaml", "set_with_empty_key", "set_without_value"),
    "set_a_bound_by_its_number",
    *("tab", "top_level_list", "two_documents", "unknown_alias"),
]
"""What is no mapping at all: there is nothing to judge."""

FOR_THE_LOADER = {
    "order of the bounds": """
        argument_with_equal_bounds bounds_equal bounds_swapped set_wrong_value step_is_too_large
        step_needs_room_on_a_log_scale
    """,
    "no number of JSON": "nan_as_a_bound infinity_as_a_bound",
    "a mistake of YAML": "key_twice merge_twice merge_without_a_star missing_space_in_braces",
    "another key counts": """
        batch_norm_epsilon_without_batch_norm batch_norm_momentum_with_exact_statistics
        batch_norm_statistics_without_batch_norm beta2_with_a_condition_too_wide decay_with_cosine decay_without_schedule
        epsilon_for_none_of_the_optimizers momentum_choices_for_some_optimizers momentum_for_some_optimizers
        momentum_where_the_optimizer_may_be_the_default momentum_without_its_optimizer searched_decay_without_schedule
        weight_decay_without_adamw early_stopping_after_the_last_epoch early_stopping_of_one_epoch
        metric_misspelt_of_a_function metric_that_a_function_does_not_name more_leaders_than_trials
        more_start_points_than_trials prior_in_a_random_search stages_in_a_random_search
    """,
    "agreement of the shares": "shares_leave_nothing",
    "agreement of sections": """
        elsewhere_start_with_lr searched_and_fixed set_what_is_searched searched_widths_and_layers
        searched_widths_and_searched_layers widths_and_layers widths_and_searched_layers
        start_of_an_argument_out_of_range start_of_an_unknown_argument start_outside_the_range
        start_set_outside_the_range start_with_a_fixed_name start_with_a_name_per_layer
        start_with_a_text_for_a_number start_with_an_unknown_name start_with_no_choice
    """,
    "agreement of choices": "per_layer_of_lists widths_and_numbers",
    "conditions": """
        argument_when_another_is_unknown when_in_a_circle when_itself when_number_is_impossible when_parent_is_continuous
        when_parent_is_fixed when_value_is_impossible
    """,
}
"""Wrong specs that pass the schema, by the reason why only the loader can judge them."""

PASSING = {name for names in FOR_THE_LOADER.values() for name in names.split()}


def plain_of(golden: Path) -> Any:
    """Return what a golden file's spec says, with its overrides; SpecError if that is no YAML."""
    spec, overrides = golden.read_text(encoding="utf-8").partition("\n----------\n")[0] + "\n", []
    if spec.startswith("$ "):
        command, spec = spec.split("\n", 1)
        overrides = [word for word in shlex.split(command[2:]) if word != "--set"]
    document = parse(spec, "spec.yaml")
    for argument in overrides:
        document = override(document, argument)
    return document.plain


@pytest.mark.parametrize("name", [name for name in GOLDEN if name not in NO_YAML])
def test_a_wrong_spec_passes_the_schema_only_for_a_reason_on_the_list(name: str) -> None:
    assert VALIDATOR.is_valid(plain_of(GOLDEN[name])) is (name in PASSING)


@pytest.mark.parametrize("name", NO_YAML)
def test_a_text_that_is_no_mapping_reaches_no_schema(name: str) -> None:
    with pytest.raises(SpecError):
        plain_of(GOLDEN[name])


def test_the_lists_name_files_that_are_there() -> None:
    assert PASSING | set(NO_YAML) <= set(GOLDEN)


README = re.findall(r"^```yaml\n(.*?)^```$", (PROJECT / "README.md").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
CONFIGS = [path.read_text(encoding="utf-8") for path in sorted((PROJECT / "configs").glob("*.yaml"))]
OTHERS = [
    "space: {hidden_units: {choices: [32, 64], per: layer}, batch_size: {range: [16, 64], step: 16}}",
    "{seed: 7, data: , space: {hidden_units: [[64, 32], [32]], dropout: {range: [0, 0.5]}}, metric: ~}",
    "space: {l2: {range: [.000001, 1e-2]}, clip_norm: {range: [0, 5], scale: linear}}\nsearch: {target: 0x10, plateau: 9.0}",
    "space: {optimizer: [adam, sgd], beta1: {range: [0.8, 0.9], when: {optimizer: [adam]}}}\n"
    "search: {early_stopping: off, start: [{optimizer: sgd}, {beta1: 0.85, optimizer: adam}], confirm: {leaders: 0}}",
    "objective: {python: 'a.b:c', metrics: [loss, size], epochs: 3}\nmetric: size\n"
    "space: {größe: [1, two, true, [3, 4]], x: {range: [1, 9], step: 2, when: {größe: [two]}}}",
    "data: {source: a.csv, class_weights: {no: 1, yes: 5}, columns: {zip: category}, missing: ['?'], test: test.csv}\n"
    "space: {learning_rate: {choices: [1e-3, 1e-2]}}\nsearch: {start: {run: digits-001}, trials: 10}",
]


@pytest.mark.parametrize("text", [*README, *CONFIGS, *OTHERS])
def test_a_good_spec_passes_both(text: str) -> None:
    load_spec(text, "spec.yaml", (), Path("/specs"))
    assert [error.message for error in VALIDATOR.iter_errors(parse(text, "spec.yaml").plain)] == []


NETWORK = {"space": {"learning_rate": {"range": [1e-4, 1]}}}
FUNCTION = {"objective": {"python": "mine:train"}, "space": {"x": {"range": [0, 1]}}}
VALUES = [
    *(0, 1, -1, 2, 0.5, 20.0, 1e7, 3_000_000, "x", "off", "balanced", True, None),
    *("mine.py:f", "a.b:c", "a b:c", "off:1", ["a", "b"], ["trial"], ["a b"]),
    *([], [3], [0], ["a", "a"], {}, {"a": 1}, {"min_epochs": 2}, {"run": "x"}, {"leaders": None}),
]
WITH_A_LINE_END: list[dict[str, Any]] = [
    {**NETWORK, "name": "digits\n"},
    {**FUNCTION, "objective": {"python": "mine:train\n"}},
    {**FUNCTION, "objective": {"python": "mine:train", "metrics": ["loss\n"]}},
    {**FUNCTION, "space": {"x\n": [1, 2]}},
]


@pytest.mark.parametrize("plain", WITH_A_LINE_END)
def test_a_name_that_ends_a_line_is_none(plain: dict[str, Any]) -> None:
    assert compared(plain) == (False, False)


CONDITIONS: list[Any] = [{}, None, {"optimizer": "adam"}, {"optimizer": []}]
ENTRIES: list[Any] = [
    *({"range": bounds} for bounds in ([0, 1], [1, 2], [0.5, 0.75], [0.5, 2.5], [1], ["1", "2"], None)),
    *({"range": [1, 3], "step": step} for step in (1, 0.5, 0, True, None)),
    *({"range": [0, 0.5], "scale": scale} for scale in ("linear", "log", "1-beta", "lag", None)),
    *({"range": [1, 2], "scale": scale} for scale in ("linear", "log", "1-beta")),
    *({"range": [1, 3], "per": per} for per in ("layer", "unit", None)),
    *({"range": [1, 3], "when": when} for when in CONDITIONS),
    *({"choices": choices} for choices in ([1, 2], [0.1, 0.2], [], 3)),
    *({"choices": [1, 2], key: 1} for key in ("scale", "step", "per", "range")),
    *({}, None, 3, [1, 2], [1, 1.0], [1, True], [1], [], ["adam", "sgd"], ["relu", "tanh"], [[3], [4]], [[3], []]),
]
OF_SEVERAL_VALUES = re.compile(
    "does nothing while|stands both in|hidden layers|`metric` must be|but a trial has|no value of"
)
"""What the loader says of keys that are right by themselves."""


def compared(plain: dict[str, Any]) -> tuple[bool, bool]:
    """Return the verdicts of the loader and of the schema; the schema's twice where only the loader can judge."""
    schema = VALIDATOR.is_valid(plain)
    try:
        load_spec(dump(plain), "spec.yaml", (), Path("/specs"))
    except SpecError as error:
        told = [problem.message for problem in error.problems]
        return schema and all(OF_SEVERAL_VALUES.search(message) for message in told), schema
    return True, schema


@pytest.mark.parametrize("base", [NETWORK, FUNCTION], ids=["network", "function"])
@pytest.mark.parametrize("key", [*options_of(Heading), *SECTIONS, "space", "nothing"])
def test_a_key_at_the_top_takes_the_same_values(base: dict[str, Any], key: str) -> None:
    for value in VALUES:
        loader, schema = compared({**base, key: value})
        assert loader == schema, value


@pytest.mark.parametrize(
    ("section", "key"), [(section, key) for section in SECTIONS for key in [*options_of(SECTIONS[section]), "nothing"]]
)
def test_a_key_in_a_section_takes_the_same_values(section: str, key: str) -> None:
    base: dict[str, Any] = FUNCTION if section == "objective" else NETWORK
    for value in VALUES:
        loader, schema = compared({**base, section: {**base.get(section, {}), key: value}})
        assert loader == schema, value


@pytest.mark.parametrize("name", [*SEARCHABLE, "epochs", "nothing"])
def test_a_parameter_of_a_network_takes_the_same_entries(name: str) -> None:
    for entry in ENTRIES:
        loader, schema = compared({"space": {"optimizer": ["adam", "sgd"], name: entry}})
        assert loader == schema, entry


@pytest.mark.parametrize("name", ["x", "größe", "value", "for", "a b", "1a", "trial"])
def test_an_argument_of_a_function_takes_the_same_entries(name: str) -> None:
    for entry in ENTRIES:
        loader, schema = compared({**FUNCTION, "space": {"optimizer": ["adam", "sgd"], name: entry}})
        assert loader == schema, entry


def test_it_is_a_schema_with_descriptions_defaults_and_words() -> None:
    Draft7Validator.check_schema(SCHEMA)
    search = SCHEMA["properties"]["search"]["properties"]
    assert search["method"]["default"] == "coarse-to-fine"
    assert search["method"]["enum"] == ["coarse-to-fine", "random", "grid", "sobol", "zoom"]
    assert search["trials"]["description"] == "trials started, a total"
    rate = SCHEMA["else"]["properties"]["space"]["properties"]["learning_rate"]
    assert rate["description"] == "step size alpha of the first epoch"
    assert rate["anyOf"][0]["properties"]["scale"]["default"] == "log"
    assert rate["anyOf"][0]["properties"]["range"]["items"] == {"type": "number", "exclusiveMinimum": 0}


def test_every_key_has_a_description() -> None:
    def undescribed(schema: Any, path: str) -> list[str]:
        keys = schema.get("properties", {}) if isinstance(schema, dict) else {}
        return [f"{path}.{key}" for key, inner in keys.items() if "description" not in inner and "$ref" not in inner] + [
            found for key, inner in keys.items() for found in undescribed(inner, f"{path}.{key}")
        ]

    assert undescribed(SCHEMA, "") == []


def test_the_command_prints_the_schema_without_numpy() -> None:
    program = (
        "import sys; from hpsearch.cli.main import main\n"
        "try: main(['check', '--schema'])\nexcept SystemExit: sys.exit('numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert parse(done.stdout, "schema").plain == SCHEMA
