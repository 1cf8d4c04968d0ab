import math
from pathlib import Path

import pytest

from hpsearch.trial import Value
from hpsearch.views import format as write


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0064919, "0.00649"),
        (1.2345e-5, "1.23e-05"),
        (0.5, "0.5"),
        (359, "359"),
        (1437, "1437"),
        (1080.4, "1080"),
        (-123_456.0, "-123000"),
        (999_999.0, "1e+06"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
    ],
)
def test_a_number_has_three_significant_digits_and_a_whole_number_all_of_them(value: float, text: str) -> None:
    assert write.number(value) == text


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ((1.0001, 1.0002), ["1.0001", "1.0002"]),
        ((0.1 + 0.2, 0.3), ["0.30000000000000004", "0.3"]),
        ((1234.51, 1234.52, 1.0), ["1234.51", "1234.52", "1"]),
        ((0.5, 0.5), ["0.5", "0.5"]),
        ((1, 1.0), ["1", "1"]),
        ((["a"], ["b"]), ["a", "b"]),
        ((0.001, True, "True"), ["0.001", "True", "True"]),
    ],
)
def test_values_that_differ_read_differently(values: tuple[Value, ...], texts: list[str]) -> None:
    assert write.value_texts(values, is_beta=False) == texts


def test_betas_and_bounds_that_differ_read_differently() -> None:
    assert write.value_texts((0.95, 0.95001), is_beta=True) == ["0.95000 (20)", "0.95001 (20)"]
    assert write.domain_text({"range": [10.0001, 10.0002]}, is_beta=False) == "10.0001 to 10.0002"
    assert write.metric_values("rmse", [123.41, 123.42]) == ["123.41", "123.42"]


@pytest.mark.parametrize(
    ("part", "error", "text"),
    [(0.1234, 0.0412, "12 % ± 4"), (0.9716, 0.0034, "97.2 % ± 0.3"), (0.00021, 1e-7, "0.0 % ± 0.1"), (0.5, 0.0, "50 % ± 0")],
)
def test_a_share_is_told_in_per_cent_as_fine_as_its_error_allows(part: float, error: float, text: str) -> None:
    assert write.share(part, error) == text


@pytest.mark.parametrize(
    ("beta", "text"),
    [(0.9, "0.90 (10)"), (0.99, "0.990 (100)"), (0.999, "0.9990 (1000)"), (0.99872, "0.9987 (781)"), (0.0, "0.00 (1)")],
)
def test_a_beta_stands_beside_its_window(beta: float, text: str) -> None:
    assert write.beta(beta) == text


def test_parameters_are_written_in_one_line() -> None:
    params: dict[str, Value] = {
        "learning_rate": 0.0012345,
        "momentum": 0.95,
        "optimizer": "adam",
        "hidden_units": [64, 32],
        "flag": True,
    }
    assert write.parameters(params, ["momentum"]) == (
        "learning_rate 0.00123, momentum 0.950 (20), optimizer adam, hidden_units 64 x 32, flag True"
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0123, "12 ms"), (0.84, "0.8 s"), (41.6, "42 s"), (185, "3 min 05 s"), (7800, "2 h 10 min"), (59.7, "1 min 00 s")],
)
def test_a_duration_reads_as_people_say_it(seconds: float, text: str) -> None:
    assert write.duration(seconds) == text


def test_control_characters_are_shown_not_sent() -> None:
    assert write.printable("a\x1b[31mb\x07\u202e\nc") == "a\\x1b[31mb\\x07\\u202e\nc"


def test_a_run_is_named_as_it_is_typed() -> None:
    assert write.run_argument(Path("runs/digits-001")) == "digits-001"
    assert write.run_argument(Path("my runs/digits-001")) == "'my runs/digits-001'"


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("validation_rmse", 3.14159, "3.142"),
        ("test_rmse", 3.1, "3.1"),
        ("rmse", 48231.4, "48230"),
        ("rmse", 9999.6, "10000"),
        ("rmse", 1234567890.0, "1235000000"),
        ("rmse", 1.2345e20, "1.234e+20"),
        ("rmse", 0.00012345, "0.0001234"),
        ("rmse", math.nan, "nan"),
        ("rmse", math.inf, "inf"),
        ("validation_loss", 3.14159, "3.14"),
        ("validation_r2", 0.87654, "0.877"),
    ],
)
def test_a_metrics_value_has_three_digits_and_an_rmse_four(name: str, value: float, text: str) -> None:
    assert write.metric_value(name, value) == text


@pytest.mark.parametrize(
    ("mean", "error", "text"),
    [
        (0.0764, 0.0021, "0.076 ± 0.002"),
        (0.0764, 0.00096, "0.076 ± 0.001"),
        (48231.4, 312.3, "48200 ± 300"),
        (-0.0004, 0.002, "0.000 ± 0.002"),
        (1.234e-8, 2e-9, "1.23e-08 ± 2e-09"),
        (0.08, 0.0, "0.08 ± 0"),
        (0.08123, math.nan, "0.0812"),
        (math.inf, math.nan, "inf"),
    ],
)
def test_a_mean_has_as_many_digits_as_its_error_allows(mean: float, error: float, text: str) -> None:
    assert write.measured(mean, error) == text


def test_places_are_written_as_people_say_them() -> None:
    assert [write.ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 102)] == [
        *("1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd"),
    ]
