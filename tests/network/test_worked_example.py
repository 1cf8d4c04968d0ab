from __future__ import annotations

import doctest

import hpsearch.network


def test_the_worked_example_of_the_package_gives_what_it_says() -> None:
    results = doctest.testmod(hpsearch.network)
    assert results.attempted > 10
    assert results.failed == 0
