from __future__ import annotations

from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.data.class_weights import row_weights, unfit_weights
from hpsearch.data.csv_reader import read_csv
from hpsearch.data.table import MISSING_TEXTS, Table
from hpsearch.data.target import find_labels
from hpsearch.errors import SpecError
from hpsearch.spec.load import load_spec


def weights_of(targets: list[str], wanted: Any) -> list[float]:
    table = table_of(targets)
    weights = row_weights(wanted, table, "y", find_labels(table, "y"))
    assert weights is not None
    assert weights.dtype == np.float32
    return [float(weight) for weight in weights]


def table_of(targets: list[str]) -> Table:
    return read_csv("\n".join(["a,y", *(f"1,{target}" for target in targets)]).encode(), "data.csv", "hash", MISSING_TEXTS)


def mistakes_in(targets: list[str], wanted: Any) -> list[str]:
    return list(map(str, unfit_weights(wanted, find_labels(table_of(targets), "y"))))


def declared(text: str) -> Any:
    """Return the class weights of a spec."""
    spec = f"data: {{class_weights: {text}}}\nspace:\n  learning_rate: {{range: [1e-4, 1]}}\n"
    return load_spec(spec, "spec.yaml", (), Path("/specs")).study.data.class_weights


def test_without_weights_there_are_none() -> None:
    table = table_of(["a", "b"])
    assert row_weights("none", table, "y", ("a", "b")) is None
    assert row_weights("none", table, "y", ()) is None


def test_balanced_weights_are_those_worked_by_hand() -> None:
    # n = 6, C = 3: 6 / (3 * 3) = 2/3, 6 / (3 * 2) = 1, 6 / (3 * 1) = 2
    expected = [2 / 3, 2 / 3, 1, 2, 1, 2 / 3]
    assert weights_of(["a", "a", "b", "c", "b", "a"], "balanced") == pytest.approx(expected, rel=1e-7)


def test_declared_weights_are_divided_by_their_mean_over_the_rows() -> None:
    assert weights_of(["no", "no", "no", "yes"], {"yes": 5, "no": 1}) == [0.5, 0.5, 0.5, 2.5]


@given(st.lists(st.sampled_from("abcd"), min_size=2, max_size=40).filter(lambda targets: len(set(targets)) > 1))
def test_balanced_classes_weigh_the_same_together_and_1_on_average(targets: list[str]) -> None:
    counts = Counter(targets)
    expected = [float(Fraction(len(targets), len(counts) * counts[target])) for target in targets]
    weights = weights_of(targets, "balanced")
    assert weights == pytest.approx(expected, rel=1e-6)
    assert np.mean(weights) == pytest.approx(1, rel=1e-6)


@given(st.lists(st.floats(1e-300, 1e300), min_size=3, max_size=3))
def test_any_weights_are_1_on_average_and_keep_their_ratios(of_class: list[float]) -> None:
    a, b, c = map(Fraction, of_class)
    expected = [float(4 * weight / (a + b + b + c)) for weight in (a, b, b, c)]
    weights = weights_of(["a", "b", "b", "c"], dict(zip("abc", of_class, strict=True)))
    assert weights == pytest.approx(expected, rel=1e-6, abs=1e-37)


def test_numbers_and_booleans_may_be_written_plainly_in_a_spec() -> None:
    assert weights_of(["0", "1", "1"], declared("{0: 4, 1: 1}")) == [2, 0.5, 0.5]
    assert weights_of(["0", "1", "1"], declared("{1.0: 1, 0: 4.0}")) == [2, 0.5, 0.5]
    assert weights_of(["true", "false", "false"], declared("{true: 4, false: 1}")) == [2, 0.5, 0.5]
    assert weights_of(["no", "yes", "yes"], declared("{no: 4, yes: 1}")) == [2, 0.5, 0.5]


def test_a_python_caller_may_use_numbers_as_labels() -> None:
    assert weights_of(["0", "1", "1"], {0: 4, 1: 1}) == [2, 0.5, 0.5]


def test_a_label_without_a_weight_is_an_error() -> None:
    message = "`class_weights` has no weight for 'b', 'c\\x1b'\n      every class needs one, a number above 0"
    assert mistakes_in(["a", "b", "c\x1b"], {"a": 1.0}) == [f"data.class_weights: {message}"]
    (many,) = mistakes_in([f"c{number:02}" for number in range(14)], {"c00": 1})
    assert many.splitlines()[0].endswith("'c10' and 3 more")


def test_a_weight_without_a_label_is_an_error_with_the_nearest() -> None:
    message = "data.class_weights.ja: 'ja' is no class\n      there are: `no`, `yes`"
    assert mistakes_in(["no", "yes"], {"no": 1, "ja": 2}) == [message]
    assert "did you mean `false`?" in mistakes_in(["true", "false"], {"true": 1, "False": 2})[0]


def test_one_label_with_two_weights_is_an_error() -> None:
    message = "data.class_weights.1.0: the class '1' is given two weights\n      take one away"
    assert mistakes_in(["0", "1"], {"0": 1, "1": 2, "1.0": 3}) == [message]


@pytest.mark.parametrize("wanted", ["balanced", {"1": 2.0}])
def test_class_weights_with_regression_are_an_error(wanted: Any) -> None:
    (mistake,) = unfit_weights(wanted, ())
    assert mistake.message == "`class_weights` are for classes, and a target of regression has none"


def test_a_spec_takes_a_word_or_a_mapping() -> None:
    assert declared("none") == "none"
    assert declared("balanced") == "balanced"
    assert declared("{a: 1, 2: 0.5}") == {"a": 1, "2": 0.5}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("balance", "none or balanced, or a mapping to a number above 0, not the text 'balance'"),
        ("{a: 1, b: 0}", "`class_weights` must be a number above 0, not 0"),
        ("{a: heavy}", "`class_weights` must be a number above 0, not the text 'heavy'"),
        ("{a: .inf}", "`class_weights` must be a number above 0, not inf"),
        ("3", "none or balanced, or a mapping to a number above 0, not 3"),
    ],
)
def test_a_spec_with_other_weights_is_an_error(text: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        declared(text)
    assert len(caught.value.problems) == 1
    assert message in str(caught.value)


def test_the_resolved_spec_reads_as_the_same_weights() -> None:
    spec = "data: {class_weights: {0: 1, 'yes': 2.5}}\nspace:\n  learning_rate: {range: [1e-4, 1]}\n"
    loaded = load_spec(spec, "spec.yaml", (), Path("/specs"))
    assert load_spec(loaded.resolved, "spec.yaml", (), Path("/specs")).study == loaded.study
