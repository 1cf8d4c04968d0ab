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
    sizes = [0, 999, 1000, 12_345, 999_499, 999_999, 67_000_000, 4_200_000_000, 64_000_000_000]
    told = ["0 bytes", "999 bytes", "1 kB", "12.3 kB", "999 kB", "1 MB", "67 MB", "4.2 GB", "64 GB"]
    assert list(map(prose.size_text, sizes)) == told


def test_an_estimated_size_has_fewer_digits() -> None:
    assert [prose.size_text(size, 2) for size in (214_000_000, 994_999, 996_000)] == ["210 MB", "990 kB", "1 MB"]


def test_counts_agree_with_their_noun() -> None:
    counts = (0, 1, 2, 1.0, 2.5)
    assert [prose.counted(n, "trial") for n in counts] == ["0 trials", "1 trial", "2 trials", "1 trial", "2.5 trials"]
    assert prose.counted(5000, "trial") == "5,000 trials"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("v", "v.yaml"),
        ("v.yml", "v.yaml"),
        ("digit.yaml", "digits.yaml"),
        ("runs/digits", "digits.yaml"),
        ("nonexist.yaml", None),
    ],
)
def test_a_file_is_meant_by_all_but_its_ending(name: str, meant: str | None) -> None:
    assert prose.nearest_file(name, ["digits.yaml", "t.yaml", "v.yaml"]) == meant


def test_lists_are_written_as_people_say_them() -> None:
    assert [prose.both(items) for items in ([17], [17, 4], "abc")] == ["17", "17 and 4", "a, b and c"]
    assert [prose.either(items) for items in ("a", "ab", [[8, 8], 16, "c"])] == ["a", "a or b", "[8, 8], 16 or c"]


def test_of_many_the_first_are_named_and_the_others_counted() -> None:
    assert [prose.first_of(range(count), 3) for count in (0, 2, 3, 4)] == ["", "0, 1", "0, 1, 2", "0, 1, 2 and 1 more"]
    assert prose.first_of(range(2000), 2, "; ") == "0; 1 and 1,998 more"


@pytest.mark.parametrize(
    ("word", "allowed", "meant"),
    [
        ("widht", ["length", "width"], "width"),
        ("AGE", ["age", "sex"], "age"),
        ("age", ["Age", "sex"], "Age"),
        ("Learning Rate", ["learning_rate"], "learning_rate"),
        ("coarse_to_fine", ["random", "coarse-to-fine"], "coarse-to-fine"),
        ("logarithmic", ["linear", "log"], "log"),
        ("error", ["validation_loss", "validation_error"], "validation_error"),
        ("sede", ["seed", "search"], "seed"),
        ("date", ["data", "name"], None),
        ("version", ["epsilon", "seed"], None),
        ("xyz", ["x", "age"], None),
        ("", ["x"], None),
        (3, ["x"], None),
    ],
)
def test_the_nearest_word_is_the_one_that_was_meant(word: object, allowed: list[str], meant: str | None) -> None:
    assert prose.nearest(word, allowed) == meant
