from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.seeds import Purpose, Streams

keys = st.lists(st.integers(0, 2**31), max_size=3).map(tuple)


def first_draw(streams: Streams, purpose: Purpose, *key: int) -> int:
    return int(streams.generator(purpose, *key).bit_generator.random_raw())


def test_the_purposes_keep_their_numbers() -> None:
    """They are part of every result: a name may be added, a number never changed."""
    names = ("SPLIT", "POINTS", "EXPLORE", "BATCHES", "WEIGHTS", "DROPOUT", "CONFIRM", "CANDIDATES", "OBJECTIVE")
    pinned = {name: number for number, name in enumerate(names)}
    assert pinned.items() <= {purpose.name: purpose.value for purpose in Purpose}.items()


@pytest.mark.parametrize(
    ("streams", "purpose", "key", "pinned"),
    [
        (Streams(0), Purpose.SPLIT, (), 17394127715520444142),
        (Streams(0), Purpose.POINTS, (0, 17), 12107311049215590556),
        (Streams(1), Purpose.BATCHES, (3,), 606003179581927897),
        (Streams(1, prefix=(6, 2)), Purpose.WEIGHTS, (0, 1), 7405295877819888855),
    ],
)
def test_a_stream_begins_with_the_number_it_always_began_with(
    streams: Streams, purpose: Purpose, key: tuple[int, ...], pinned: int
) -> None:
    assert first_draw(streams, purpose, *key) == pinned


@given(st.integers(0, 2**64), st.sampled_from(Purpose), keys)
def test_a_stream_does_not_know_how_often_or_when_it_was_asked(seed: int, purpose: Purpose, key: tuple[int, ...]) -> None:
    streams = Streams(seed)
    first = streams.generator(purpose, *key).random(4)
    for other in Purpose:
        streams.generator(other, 1).random(3)
    assert np.array_equal(streams.generator(purpose, *key).random(4), first)
    assert np.array_equal(Streams(seed).generator(purpose, *key).random(4), first)


@given(st.integers(0, 2**64), st.sampled_from(Purpose), keys)
def test_a_stream_is_numpys_with_the_purpose_and_key_as_spawn_key(seed: int, purpose: Purpose, key: tuple[int, ...]) -> None:
    expected = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(int(purpose), *key)))
    assert first_draw(Streams(seed), purpose, *key) == int(expected.bit_generator.random_raw())


def test_seeds_prefixes_purposes_and_keys_set_streams_apart() -> None:
    draws = [
        first_draw(Streams(seed, prefix), purpose, *key)
        for seed in range(3)
        for prefix in ((), (Purpose.CONFIRM, 0), (Purpose.CONFIRM, 1))
        for purpose in Purpose
        for key in ((), (0,), (1,), (0, 0), (0, 1), (1, 0))
        if (prefix, purpose) != ((), Purpose.CONFIRM)  # the numbers of a prefix, not a stream of its own
    ]
    assert len(set(draws)) == len(draws)


def test_a_repetition_has_streams_of_its_own_and_number_0_is_none() -> None:
    streams = Streams(5)
    assert streams.repetition(0) == streams
    assert streams.repetition(2) == Streams(5, prefix=(6, 2))
    assert streams.repetition(2).repetition(3) == Streams(5, prefix=(6, 3))
    draws = {first_draw(streams.repetition(number), Purpose.WEIGHTS, 0, 1) for number in range(5)}
    assert len(draws) == 5


def test_one_stream_tells_nothing_of_the_next() -> None:
    first, second = (Streams(0).generator(Purpose.WEIGHTS, trial).standard_normal(10_000) for trial in (0, 1))
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.03
