import math

import click
import pytest

from hpsearch.cli.assertion import METRICS, Assertion, check_measured, read_assertions
from hpsearch.errors import UsageError

CONTEXT, PARAMETER = click.Context(click.Command("run")), click.Option(["--assert"])


def test_an_assertion_is_read_with_or_without_spaces() -> None:
    assert read_assertions(CONTEXT, PARAMETER, ["validation_error<=0.1", " test_loss  >  1e-3 "]) == (
        Assertion("validation_error", "<=", 0.1),
        Assertion("test_loss", ">", 1e-3),
    )


@pytest.mark.parametrize(("comparison", "held"), [("<=", True), ("<", False), (">=", True), (">", False), ("==", True)])
def test_a_comparison_at_its_limit(comparison: str, held: bool) -> None:
    assert Assertion("test_error", comparison, 0.5).holds({"test_error": 0.5}) is held


@pytest.mark.parametrize(
    ("claim", "value", "told"),
    [
        (Assertion("test_error", "<=", 0.1), 36 / 359, "test_error <= 0.1 does not hold: it is 0.10027855153203342"),
        (Assertion("test_error", "<", 0.1), 0.1, "test_error < 0.1 does not hold: it is 0.1"),
        (Assertion("test_error", "<=", 0.1), 0.2345678, "test_error <= 0.1 does not hold: it is 0.235"),
        (Assertion("test_rmse", "<=", 3.0), 3.00004, "test_rmse <= 3 does not hold: it is 3.00004"),
        (Assertion("test_loss", ">=", 0.12345678), math.nan, "test_loss >= 0.12345678 does not hold: it is nan"),
        (Assertion("test_error", "==", 1e-05), 1.0000001e-5, "test_error == 1e-05 does not hold: it is 1.0000001e-05"),
    ],
)
def test_what_came_instead_never_looks_as_if_the_claim_held(claim: Assertion, value: float, told: str) -> None:
    assert claim.told({claim.metric: value}) == told


def test_a_metric_that_was_not_measured_is_told() -> None:
    assert Assertion("test_error", "<=", 1).told({}) == "test_error <= 1 does not hold: it was not measured"


def test_a_metric_that_is_nan_or_was_not_measured_fulfils_no_claim() -> None:
    assert not Assertion("test_error", "<=", 1).holds({"test_error": math.nan})
    assert not Assertion("test_error", ">=", 0).holds({})


def test_what_can_be_claimed_are_the_columns_the_same_of_the_test_part_and_accuracies() -> None:
    assert METRICS == (
        "validation_error",
        "validation_loss",
        "validation_macro_f1",
        "train_loss",
        "test_error",
        "test_loss",
        "test_macro_f1",
        "validation_accuracy",
        "test_accuracy",
        "validation_rmse",
        "validation_r2",
        "test_rmse",
        "test_r2",
    )


def test_a_claim_is_about_the_task_of_the_data() -> None:
    claims = [Assertion("test_loss", "<=", 1), Assertion("validation_r2", ">", 0.5)]
    check_measured(claims, "regression")
    with pytest.raises(
        UsageError, match=r"the claim 'validation_r2 > 0\.5': validation_r2 is not measured in classification"
    ):
        check_measured(claims, "classification")
