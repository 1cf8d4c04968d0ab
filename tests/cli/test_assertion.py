import math

import click
import pytest

from hpsearch.cli.assertion import Assertion, read_assertions

CONTEXT, PARAMETER = click.Context(click.Command("run")), click.Option(["--assert"])


def test_an_assertion_is_read_with_or_without_spaces() -> None:
    assert read_assertions(CONTEXT, PARAMETER, ["validation_error<=0.1", " test_loss  >  1e-3 "]) == (
        Assertion("validation_error", "<=", 0.1),
        Assertion("test_loss", ">", 1e-3),
    )


@pytest.mark.parametrize(("comparison", "held"), [("<=", True), ("<", False), (">=", True), (">", False), ("==", True)])
def test_a_comparison_at_its_limit(comparison: str, held: bool) -> None:
    assert Assertion("test_error", comparison, 0.5).holds({"test_error": 0.5}) is held


def test_a_metric_that_is_nan_or_was_not_measured_fulfils_no_claim() -> None:
    assert not Assertion("test_error", "<=", 1).holds({"test_error": math.nan})
    assert not Assertion("test_error", ">=", 0).holds({})
