"""A network has the same bits alone and in company, in one call and in several; `advance` rests on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from network_examples import (
    ACTIVATION_NAMES,
    BATCH_NORM_NAMES,
    OPTIMIZER_NAMES,
    STATISTICS_NAMES,
    assert_same_progress,
    crowds,
    joined,
    make_examples,
    start,
    through_a_file,
)

from hpsearch.network.settings import NetworkSettings
from hpsearch.network.training import Examples, Member, Progress, advance
from hpsearch.seeds import Streams

STREAMS = Streams(12)

CROWD = [
    NetworkSettings(
        epochs=30,
        hidden_units=[[5, 9], [6, 10], [1, 3], [17, 2]][k % 4],
        optimizer=OPTIMIZER_NAMES[k % 6],
        activation=ACTIVATION_NAMES[k // 2 % 4],
        batch_norm=BATCH_NORM_NAMES[k // 6],
        batch_norm_statistics=STATISTICS_NAMES[k % 5 % 2],
        learning_rate=0.02,
        learning_rate_schedule=("inverse_time", "cosine", "exponential")[k % 7 % 3],
        learning_rate_decay=0.1,
        warmup_epochs=(0, 12)[k % 9 % 2],
        dropout=(0.0, 0.2, 0.5)[k % 3],
        clip_norm=(0.0, 0.1)[k % 11 % 2],
        l2=0.001 * (k % 4 % 3),
        batch_size=12,
    )
    for k in range(18)
]

curves = st.sampled_from([None, "validation_loss", "train_loss"])


@settings(max_examples=60)
@given(crowds(), curves)
def test_each_network_alone_has_the_bits_it_has_in_company(
    crowd: tuple[list[NetworkSettings], Examples], select_by: str | None
) -> None:
    networks, examples = crowd
    together = advance(start(networks), examples, STREAMS, 2, select_by=select_by)
    for member, progress in zip(start(networks), together, strict=True):
        assert_same_progress(advance([member], examples, STREAMS, 2, select_by=select_by)[0], progress)


def test_every_network_of_a_mixed_crowd_has_the_bits_it_has_alone() -> None:
    for examples in (make_examples(5), make_examples(5, classes=0, weighted=True)):
        together = advance(start(CROWD), examples, STREAMS, 4)
        for member, progress in zip(start(CROWD), together, strict=True):
            assert_same_progress(advance([member], examples, STREAMS, 4)[0], progress)


def test_a_gradient_whose_norm_overflows_is_nothing_to_a_neighbour_that_is_clipped() -> None:
    plain = make_examples(3, classes=0)
    far = replace(plain.train, inputs=plain.train.inputs * np.float32(3e10))
    examples = replace(plain, train=far, validation=far)
    steady = NetworkSettings(hidden_units=4, batch_norm="off", optimizer="sgd", learning_rate=1e-36, batch_size=12)
    together = advance(start([steady, replace(steady, clip_norm=1.0)]), examples, STREAMS, 3)
    assert [progress.diverged for progress in together] == [False, False]
    assert_same_progress(advance(start([steady]), examples, STREAMS, 3)[0], together[0])


def in_blocks(
    networks: Sequence[NetworkSettings], examples: Examples, ends: Sequence[int], file: bool, select_by: str | None = None
) -> list[Progress]:
    """Train in several calls; the states pass through a file in between, or not. Those that diverge stay behind."""
    members, found = dict(enumerate(start(networks))), [list[Progress]() for _ in networks]
    for until in ends:
        together = advance(list(members.values()), examples, STREAMS, until, select_by=select_by) if members else []
        for (k, member), progress in zip(list(members.items()), together, strict=True):
            found[k].append(progress)
            if progress.diverged:
                del members[k]
            else:
                members[k] = replace(member, state=through_a_file(progress.state) if file else progress.state)
    return [joined(blocks) for blocks in found]


@settings(max_examples=6)
@given(crowds(), curves)
def test_thirty_epochs_at_once_are_three_times_ten_also_through_files(
    crowd: tuple[list[NetworkSettings], Examples], select_by: str | None
) -> None:
    networks, examples = crowd
    whole = advance(start(networks), examples, STREAMS, 30, select_by=select_by)
    for file in (False, True):
        for one, other in zip(in_blocks(networks, examples, (10, 20, 30), file, select_by), whole, strict=True):
            assert_same_progress(one, other)


def test_thirty_epochs_of_every_kind_of_network_are_three_times_ten() -> None:
    for examples in (make_examples(6), make_examples(6, classes=0)):
        whole = advance(start(CROWD), examples, STREAMS, 30)
        assert [p.epochs_done for p in whole] == [30] * len(CROWD)
        for one, other in zip(in_blocks(CROWD, examples, (10, 20, 30), file=True), whole, strict=True):
            assert_same_progress(one, other)


@settings(max_examples=15)
@given(crowds(), st.integers(1, 3), st.data())
def test_a_call_can_be_cut_anywhere_and_go_on_in_other_company(
    crowd: tuple[list[NetworkSettings], Examples], cut: int, data: st.DataObject
) -> None:
    networks, examples = crowd
    whole = advance(start(networks), examples, STREAMS, 4)
    first = advance(start(networks), examples, STREAMS, cut)
    alive = [k for k, progress in enumerate(first) if not progress.diverged]
    order = data.draw(st.permutations(alive))
    split = data.draw(st.integers(0, len(order)))
    for rest in (order[:split], order[split:]):
        members = [Member(networks[k], k, first[k].state) for k in rest]
        later = advance(members, examples, STREAMS, 4) if rest else []
        for k, second in zip(rest, later, strict=True):
            assert_same_progress(joined([first[k], second]), whole[k])
