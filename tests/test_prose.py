from __future__ import annotations

import pytest

from hpsearch import prose


@pytest.mark.parametrize(
    ("number", "digits", "text"), [(2.5, 3, "2.5"), (123456.0, 2, "120000"), (0.012345, 3, "0.0123"), (3.0, 3, "3")]
)
def test_a_number_has_so_many_digits_and_no_power_of_ten(number: float, digits: int, text: str) -> None:
    assert prose.short(number, digits) == text


@pytest.mark.parametrize(
    ("share", "digits", "text"),
    [
        (0.013927, 3, "1.39 %"),
        (0.013927, 2, "1.4 %"),
        (0.996, 2, "100 %"),
        (0.994, 2, "99 %"),
        (1.0, 2, "100 %"),
        (0.0, 2, "0 %"),
        (2e-5, 2, "0.002 %"),
    ],
)
def test_shares_are_percentages(share: float, digits: int, text: str) -> None:
    assert prose.percent(share, digits) == text


def test_sizes_are_told_in_the_largest_fitting_unit() -> None:
    sizes = [0, 999, 1000, 12_345, 1_649_999, 4_200_000_000]
    assert list(map(prose.size_text, sizes)) == ["0 bytes", "999 bytes", "1 kB", "12 kB", "1.6 MB", "4.2 GB"]


def test_counts_agree_with_their_noun() -> None:
    counts = (0, 1, 2, 1.0, 2.5)
    assert [prose.counted(n, "trial") for n in counts] == ["0 trials", "1 trial", "2 trials", "1 trial", "2.5 trials"]


def test_lists_are_written_as_people_say_them() -> None:
    assert [prose.both(items) for items in ([17], [17, 4], "abc")] == ["17", "17 and 4", "a, b and c"]
    assert [prose.either(items) for items in ("a", "ab", [[8, 8], 16, "c"])] == ["a", "a or b", "[8, 8], 16 or c"]


def test_of_many_the_first_are_named_and_the_others_counted() -> None:
    assert [prose.first_of(range(count), 3) for count in (0, 2, 3, 4)] == ["", "0, 1", "0, 1, 2", "0, 1, 2 and 1 more"]
    assert prose.first_of(range(2000), 2, "; ") == "0; 1 and 1,998 more"
