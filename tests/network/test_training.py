from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from network_examples import (
    ACTIVATION_NAMES,
    BATCH_NORM_NAMES,
    OPTIMIZER_NAMES,
    assert_same_progress,
    crowds,
    make_examples,
    trained,
)
from textbook import Averages, ByHand, cross_entropy, forward, loss, numerical_gradient

from hpsearch.network.population import Population
from hpsearch.network.settings import NetworkSettings, Optimizer
from hpsearch.network.training import METRICS, Arrays, Examples, Member, Progress, advance, mini_batches
from hpsearch.seeds import Purpose, Streams

STREAMS = Streams(11)

CROWD = [
    NetworkSettings(
        hidden_units=[3 + k, 9 - k],
        optimizer=OPTIMIZER_NAMES[k % 4],
        activation=ACTIVATION_NAMES[(k + k // 4) % 4],
        batch_norm=BATCH_NORM_NAMES[k // 2 % 2],
        learning_rate=0.02,
        learning_rate_decay=0.1,
        l2=0.001 * (k % 3),
        batch_size=12,
    )
    for k in range(8)
]


def start(networks: list[NetworkSettings]) -> list[Member]:
    return [Member(network, key) for key, network in enumerate(networks)]


def go_on(members: list[Member], progress: list[Progress]) -> list[Member]:
    return [replace(member, state=p.state) for member, p in zip(members, progress, strict=True)]


def joined(blocks: list[Progress]) -> Progress:
    """Put the blocks of one network together into what a single call would have given."""
    curves = {metric: tuple(v for block in blocks for v in block.curves[metric]) for metric in METRICS}
    return replace(blocks[-1], curves=curves)


@given(st.integers(1, 500), st.integers(2, 200))
def test_mini_batches_cut_the_rows_in_order_and_the_last_is_neither_small_nor_large(rows: int, batch_size: int) -> None:
    batches = mini_batches(rows, batch_size)
    assert [row for batch in batches for row in range(rows)[batch]] == list(range(rows))
    *full, last = (batch.stop - batch.start for batch in batches)
    assert all(size == batch_size for size in full)
    assert last <= 1.5 * batch_size
    if full:
        assert last >= batch_size / 2


@pytest.mark.parametrize(
    ("rows", "batch_size", "sizes"),
    [
        (100, 32, [32, 32, 36]),  # 4 rows join
        (112, 32, [32, 32, 32, 16]),  # 16 stand alone
        (111, 32, [32, 32, 47]),
        (96, 32, [32, 32, 32]),
        (20, 32, [20]),
        (3, 32, [3]),
        (33, 32, [33]),
    ],
)
def test_a_last_mini_batch_below_half_joins_the_one_before(rows: int, batch_size: int, sizes: list[int]) -> None:
    assert [batch.stop - batch.start for batch in mini_batches(rows, batch_size)] == sizes


@settings(max_examples=150)
@given(crowds(), st.data())
def test_a_network_alone_has_the_bits_it_has_in_company(
    crowd: tuple[list[NetworkSettings], Examples], data: st.DataObject
) -> None:
    networks, examples = crowd
    together = advance(start(networks), examples, STREAMS, 0, 2)
    k = data.draw(st.integers(0, len(networks) - 1))
    assert_same_progress(advance([Member(networks[k], k)], examples, STREAMS, 0, 2)[0], together[k])


def test_every_network_of_a_mixed_crowd_has_the_bits_it_has_alone() -> None:
    examples = make_examples(5)
    together = advance(start(CROWD), examples, STREAMS, 0, 4)
    for key, network in enumerate(CROWD):
        assert_same_progress(advance([Member(network, key)], examples, STREAMS, 0, 4)[0], together[key])


def through_a_file(state: Arrays | None) -> Arrays:
    assert state is not None
    file = io.BytesIO()
    np.savez(file, **state)  # type: ignore[arg-type]  # the stub lets a name stand for allow_pickle
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        return dict(arrays)


def test_thirty_epochs_at_once_are_three_times_ten() -> None:
    examples = make_examples(6)
    whole = advance(start(CROWD), examples, STREAMS, 0, 30)
    members, blocks = start(CROWD), []
    for done in (0, 10, 20):
        blocks.append(advance(members, examples, STREAMS, done, done + 10))
        members = [replace(m, state=through_a_file(p.state)) for m, p in zip(members, blocks[-1], strict=True)]
    for k, expected in enumerate(whole):
        assert len(expected.curves["train_loss"]) == expected.epochs_done == 30
        assert_same_progress(joined([block[k] for block in blocks]), expected)


@settings(max_examples=20)
@given(crowds(), st.integers(1, 3), st.data())
def test_a_call_can_be_cut_anywhere_and_go_on_in_other_company(
    crowd: tuple[list[NetworkSettings], Examples], cut: int, data: st.DataObject
) -> None:
    networks, examples = crowd
    members = start(networks)
    whole = advance(members, examples, STREAMS, 0, 4)
    first = advance(members, examples, STREAMS, 0, cut)
    alive = [k for k in range(len(members)) if not first[k].diverged]
    rest = data.draw(st.permutations(alive))
    later = advance([go_on(members, first)[k] for k in rest], examples, STREAMS, cut, 4) if rest else []
    for k, second in zip(rest, later, strict=True):
        assert_same_progress(joined([first[k], second]), whole[k])


@pytest.mark.parametrize("optimizer", OPTIMIZER_NAMES)
def test_training_follows_the_textbook_row_by_row(optimizer: Optimizer) -> None:
    """Two epochs, mini-batch by mini-batch in the order of the stream (batches, epoch), and all that is reported of them."""
    examples = make_examples(7, train=26, validation=9, features=2, classes=3)
    network = NetworkSettings(
        hidden_units=[3, 2],
        activation="tanh",
        optimizer=optimizer,
        learning_rate=0.05,
        learning_rate_decay=0.5,
        l2=0.1,
        epsilon=0.01,
        batch_size=10,
    )
    progress = advance(start([network]), examples, STREAMS, 0, 2)[0]
    population = Population([network], examples.features, examples.classes, rows=15)
    population.initialise(STREAMS, [0])
    hand = ByHand(network, trained(population.state(0)))
    averages = Averages(network)
    inputs, targets = examples.train.inputs.astype(np.float64), examples.train.targets
    for epoch in range(2):
        order, losses = STREAMS.generator(Purpose.BATCHES, epoch).permutation(26), []
        for rows in (order[:10], order[10:20], order[20:]):
            x, y = inputs[rows], targets[rows]
            losses += [loss(network, x, y, hand.params)] * len(rows)
            averages.take(forward(network, hand.params, x), len(rows))
            hand.step(numerical_gradient(partial(loss, network, x, y), hand.params), epoch)
        logits = forward(network, hand.params, examples.validation.inputs.astype(np.float64), averages.values()).logits
        wrong = logits.argmax(axis=1) != examples.validation.targets
        reported = [progress.curves[metric][epoch] for metric in METRICS]
        expected = [wrong.mean(), cross_entropy(logits, examples.validation.targets), np.mean(losses)]
        np.testing.assert_allclose(reported, expected, rtol=1e-4)
    assert progress.state is not None
    for name, value in (hand.params | averages.values()).items():
        # In float32 a weight of 0.999 is 0.99900001, so that 1 - 0.999 is off by a part in 80,000.
        np.testing.assert_allclose(progress.state[name], value, atol=1e-4, err_msg=name)


@dataclass(frozen=True)
class Recording(Streams):
    """Streams that note down what they are asked for."""

    asked: list[tuple[int, ...]] = field(default_factory=list)

    def generator(self, purpose: Purpose, *key: int) -> np.random.Generator:
        self.asked.append((purpose, *key))
        return super().generator(purpose, *key)


@pytest.mark.parametrize("networks", [CROWD[:1], CROWD])
def test_one_order_per_epoch_serves_all_networks_whatever_their_number(networks: list[NetworkSettings]) -> None:
    streams = Recording(3)
    advance(start(networks), make_examples(8), streams, 4, 7)
    orders = [key for key in streams.asked if key[0] == Purpose.BATCHES]
    assert orders == [(Purpose.BATCHES, 4), (Purpose.BATCHES, 5), (Purpose.BATCHES, 6)]


def test_a_deadline_that_has_passed_still_gives_one_epoch() -> None:
    examples = make_examples(9)
    expected = advance(start(CROWD), examples, STREAMS, 0, 1)
    for one, other in zip(advance(start(CROWD), examples, STREAMS, 0, 5, deadline=lambda: True), expected, strict=True):
        assert one.epochs_done == 1
        assert_same_progress(one, other)


def test_the_deadline_is_asked_after_each_epoch_and_ends_the_call_between_epochs() -> None:
    answers = iter([False, False, True])
    progress = advance(start(CROWD[:2]), make_examples(9), STREAMS, 2, 20, deadline=lambda: next(answers))
    assert [p.epochs_done for p in progress] == [5, 5]
    assert [len(p.curves["train_loss"]) for p in progress] == [3, 3]


WILD = NetworkSettings(
    hidden_units=[5, 5], optimizer="sgd", activation="leaky_relu", learning_rate=1e20, batch_norm="off", batch_size=12
)


def test_a_diverging_network_is_reported_with_its_epoch_and_without_a_state() -> None:
    progress = advance(start([WILD]), make_examples(10), STREAMS, 0, 6)[0]
    assert progress.diverged
    assert progress.state is None
    assert progress.epochs_done == 1
    assert [len(curve) for curve in progress.curves.values()] == [1, 1, 1]
    assert not np.isfinite([progress.curves["train_loss"][-1], progress.curves["validation_loss"][-1]]).all()


def test_a_network_whose_only_step_went_too_far_has_a_training_loss_but_has_diverged() -> None:
    examples = make_examples(10, train=12)
    progress = advance(start([WILD]), examples, STREAMS, 0, 6)[0]
    assert np.isfinite(progress.curves["train_loss"]).all()
    assert not np.isfinite(progress.curves["validation_loss"]).any()
    assert (progress.epochs_done, progress.diverged) == (1, True)


SLOW = replace(WILD, learning_rate=30.0, l2=0.4)
"""It takes some epochs to diverge."""


def test_a_network_that_diverges_later_keeps_the_epochs_before() -> None:
    progress = advance(start([CROWD[0], SLOW]), make_examples(10), STREAMS, 0, 60)[1]
    assert progress.diverged
    assert 1 < progress.epochs_done < 60
    assert [len(curve) for curve in progress.curves.values()] == [progress.epochs_done] * 3
    assert np.isfinite([progress.curves["train_loss"][:-1], progress.curves["validation_loss"][:-1]]).all()


@pytest.mark.parametrize("place", [0, 3, 8])
def test_the_neighbours_of_a_diverging_network_notice_nothing(place: int) -> None:
    examples = make_examples(10)
    expected = advance(start(CROWD), examples, STREAMS, 0, 4)
    members = start(CROWD)
    members.insert(place, Member(WILD, key=99))
    together = advance(members, examples, STREAMS, 0, 4)
    assert together.pop(place).diverged
    for one, other in zip(together, expected, strict=True):
        assert_same_progress(one, other)


def test_networks_that_diverge_one_after_the_other_are_told_apart() -> None:
    examples = make_examples(10)
    members = start([CROWD[0], WILD, CROWD[1], SLOW, CROWD[2]])
    together = advance(members, examples, STREAMS, 0, 60)
    assert [p.diverged for p in together] == [False, True, False, True, False]
    assert together[1].epochs_done < together[3].epochs_done < 60
    for member, progress in zip(members, together, strict=True):
        assert_same_progress(advance([member], examples, STREAMS, 0, 60)[0], progress)


def test_a_call_in_which_all_diverge_ends_early() -> None:
    progress = advance([Member(WILD, 0), Member(replace(WILD, hidden_units=[3, 7]), 1)], make_examples(10), STREAMS, 0, 6)
    assert [p.diverged for p in progress] == [True, True]
    assert all(p.epochs_done < 6 for p in progress)


def test_the_same_settings_with_other_keys_or_seeds_are_other_networks() -> None:
    examples = make_examples(12)
    network = CROWD[1]
    same, again, other = advance([Member(network, 4), Member(network, 4), Member(network, 5)], examples, STREAMS, 0, 1)
    assert_same_progress(same, again)
    elsewhere = advance([Member(network, 4)], examples, Streams(12), 0, 1)[0]
    for different in (other, elsewhere):
        assert same.state is not None
        assert different.state is not None
        assert not np.array_equal(same.state["weights_1"], different.state["weights_1"])
        assert same.curves["train_loss"] != different.curves["train_loss"]


def test_nothing_to_do_gives_back_the_state() -> None:
    examples = make_examples(12)
    members = go_on(start(CROWD), advance(start(CROWD), examples, STREAMS, 0, 2))
    for member, progress in zip(members, advance(members, examples, STREAMS, 2, 2), strict=True):
        assert_same_progress(progress, Progress(2, dict.fromkeys(METRICS, ()), member.state))


@pytest.mark.parametrize("k", range(8))
def test_networks_learn(k: int) -> None:
    """Every kind of network of the crowd beats guessing by far on easy examples."""
    examples = make_examples(13, train=300, validation=100)
    progress = advance([Member(replace(CROWD[k], hidden_units=[16, 16], learning_rate=0.05), 0)], examples, STREAMS, 0, 12)[
        0
    ]
    assert progress.curves["train_loss"][-1] < 0.5 * np.log(3)
    assert progress.curves["validation_error"][-1] < 0.25
