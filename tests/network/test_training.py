from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from network_examples import (
    ACTIVATION_NAMES,
    BATCH_NORM_NAMES,
    DEVIATION,
    OPTIMIZER_NAMES,
    assert_same_progress,
    make_examples,
    start,
    trained,
)
from textbook import Averages, ByHand, cost, exact_moments, forward, metrics, numerical_gradient

from hpsearch.network.population import Population
from hpsearch.network.settings import CURVES, NetworkSettings, Optimizer
from hpsearch.network.training import Member, Progress, Rows, advance, mini_batches, selected
from hpsearch.seeds import Purpose, Streams

STREAMS = Streams(11)

CROWD = [
    NetworkSettings(
        hidden_units=[3 + k, 9 - k],
        optimizer=OPTIMIZER_NAMES[k % 6],
        activation=ACTIVATION_NAMES[(k + k // 4) % 4],
        batch_norm=BATCH_NORM_NAMES[k // 2 % 3],
        learning_rate=0.02,
        learning_rate_decay=0.1,
        l2=0.001 * (k % 3),
        batch_size=12,
    )
    for k in range(8)
]


def go_on(members: list[Member], progress: list[Progress]) -> list[Member]:
    return [replace(member, state=p.state) for member, p in zip(members, progress, strict=True)]


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


@pytest.mark.parametrize(
    ("classes", "weighted", "changes"),
    [
        *((3, False, {"optimizer": optimizer}) for optimizer in OPTIMIZER_NAMES),
        (3, True, {"batch_norm": "after"}),
        (0, False, {"batch_norm": "off"}),
        (0, True, {"batch_norm": "after", "optimizer": "nesterov"}),
        (3, False, {"batch_norm_statistics": "exact"}),
        (0, False, {"batch_norm_statistics": "exact", "batch_norm": "after", "dropout": 0.4}),
        (3, True, {"dropout": 0.5, "clip_norm": 0.2, "optimizer": "adamw"}),
        (3, False, {"learning_rate_schedule": "cosine", "warmup_epochs": 1, "epochs": 3}),
    ],
)
def test_training_follows_the_textbook_row_by_row(classes: int, weighted: bool, changes: dict[str, Any]) -> None:
    """Two epochs, mini-batch by mini-batch in the order of the stream (batches, epoch), and all that is reported of them."""
    examples = make_examples(7, train=26, validation=9, features=2, classes=classes, weighted=weighted)
    network = NetworkSettings(
        hidden_units=[3, 2],
        activation="tanh",
        learning_rate=0.05,
        learning_rate_decay=0.5,
        l2=0.1,
        epsilon=0.01,
        batch_size=10,
    )
    network = replace(network, **changes)
    progress = advance([Member(network, 6)], examples, STREAMS, 2)[0]
    population = Population([network], examples.features, examples.loss, rows=15)
    population.initialise(STREAMS, [6])
    hand = ByHand(network, trained(population.state(0)), steps_per_epoch=3)
    averages, moments = Averages(network), {}
    inputs, targets = examples.train.inputs.astype(np.float64), examples.train.targets
    weights = np.ones(26) if examples.train.weights is None else examples.train.weights
    for epoch in range(2):
        order, losses = STREAMS.generator(Purpose.BATCHES, epoch).permutation(26), []
        masks = [STREAMS.generator(Purpose.DROPOUT, 6, epoch, layer) for layer in range(2)]
        for rows in (order[:10], order[10:20], order[20:]):
            spared = [
                mask.random((len(rows), width), dtype=np.float32) >= network.dropout
                for mask, width in zip(masks, (3, 2), strict=True)
            ]

            def judge(params: dict[str, Any], rows: Any = rows, spared: Any = spared) -> float:
                outputs = forward(network, params, inputs[rows], kept=spared).outputs
                return cost(outputs, targets[rows], weights[rows])

            losses += [judge(hand.params)] * len(rows)
            averages.take(forward(network, hand.params, inputs[rows], kept=spared), len(rows))
            hand.step(numerical_gradient(judge, hand.params), epoch)
        if network.batch_norm != "off":
            is_exact = network.batch_norm_statistics == "exact"
            moments = exact_moments(network, hand.params, inputs) if is_exact else averages.values()
        outputs = forward(network, hand.params, examples.validation.inputs.astype(np.float64), moments).outputs
        expected = metrics(outputs, examples.validation.targets, DEVIATION)
        expected = {f"validation_{name}": value for name, value in expected.items()} | {"train_loss": float(np.mean(losses))}
        assert {name: curve[epoch] for name, curve in progress.curves.items()} == pytest.approx(expected, rel=1e-4)
    assert progress.state is not None
    for name, value in (hand.params | moments).items():
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
    streams, examples = Recording(3), make_examples(8)
    members = go_on(start(networks), advance(start(networks), examples, STREAMS, 4))
    advance(members, examples, streams, 7)
    orders = [key for key in streams.asked if key[0] == Purpose.BATCHES]
    assert orders == [(Purpose.BATCHES, 4), (Purpose.BATCHES, 5), (Purpose.BATCHES, 6)]
    assert not any(key[0] == Purpose.DROPOUT for key in streams.asked)


def test_dropout_asks_for_a_stream_per_key_epoch_and_layer_of_those_that_use_it() -> None:
    streams, dropping = Recording(3), replace(CROWD[2], dropout=0.5)
    members, examples = [Member(CROWD[0], 7), Member(dropping, 8), Member(dropping, 9)], make_examples(8)
    advance(go_on(members, advance(members, examples, STREAMS, 4)), examples, streams, 6)
    asked = [key for key in streams.asked if key[0] == Purpose.DROPOUT]
    expected = {(Purpose.DROPOUT, key, epoch, layer) for key in (8, 9) for epoch in (4, 5) for layer in (0, 1)}
    assert (set(asked), len(asked)) == (expected, 8)


def test_a_deadline_that_has_passed_still_gives_one_epoch() -> None:
    examples = make_examples(9)
    expected = advance(start(CROWD), examples, STREAMS, 1)
    for one, other in zip(advance(start(CROWD), examples, STREAMS, 5, deadline=lambda: True), expected, strict=True):
        assert one.epochs_done == 1
        assert_same_progress(one, other)


def test_the_deadline_is_asked_after_each_epoch_and_ends_the_call_between_epochs() -> None:
    answers, examples = iter([False, False, True]), make_examples(9)
    members = go_on(start(CROWD[:2]), advance(start(CROWD[:2]), examples, STREAMS, 2))
    progress = advance(members, examples, STREAMS, 20, deadline=lambda: next(answers))
    assert [p.epochs_done for p in progress] == [5, 5]
    assert [len(p.curves["train_loss"]) for p in progress] == [3, 3]


WILD = NetworkSettings(
    hidden_units=[5, 5], optimizer="sgd", activation="leaky_relu", learning_rate=1e20, batch_norm="off", batch_size=12
)


def test_a_diverging_network_is_reported_with_its_epoch_and_without_a_state() -> None:
    progress = advance(start([WILD]), make_examples(10), STREAMS, 6)[0]
    assert progress.diverged
    assert progress.state is None
    assert progress.epochs_done == 1
    assert [len(curve) for curve in progress.curves.values()] == [1] * 4
    assert not np.isfinite([progress.curves["train_loss"][-1], progress.curves["validation_loss"][-1]]).all()


def test_a_network_whose_only_step_went_too_far_has_a_training_loss_but_has_diverged() -> None:
    examples = make_examples(10, train=12)
    progress = advance(start([WILD]), examples, STREAMS, 6)[0]
    assert np.isfinite(progress.curves["train_loss"]).all()
    assert not np.isfinite(progress.curves["validation_loss"]).any()
    assert (progress.epochs_done, progress.diverged) == (1, True)


SLOW = replace(WILD, learning_rate=30.0, l2=0.4)
"""It takes some epochs to diverge."""


def test_a_network_that_diverges_later_keeps_the_epochs_before() -> None:
    progress = advance(start([CROWD[0], SLOW]), make_examples(10), STREAMS, 60)[1]
    assert progress.diverged
    assert 1 < progress.epochs_done < 60
    assert [len(curve) for curve in progress.curves.values()] == [progress.epochs_done] * 4
    assert np.isfinite([progress.curves["train_loss"][:-1], progress.curves["validation_loss"][:-1]]).all()


@pytest.mark.parametrize("place", [0, 3, 8])
def test_the_neighbours_of_a_diverging_network_notice_nothing(place: int) -> None:
    examples = make_examples(10)
    expected = advance(start(CROWD), examples, STREAMS, 4)
    members = start(CROWD)
    members.insert(place, Member(WILD, key=99))
    together = advance(members, examples, STREAMS, 4)
    assert together.pop(place).diverged
    for one, other in zip(together, expected, strict=True):
        assert_same_progress(one, other)


def test_networks_that_diverge_one_after_the_other_are_told_apart() -> None:
    examples = make_examples(10)
    members = start([CROWD[0], WILD, CROWD[1], SLOW, CROWD[2]])
    together = advance(members, examples, STREAMS, 60)
    assert [p.diverged for p in together] == [False, True, False, True, False]
    assert together[1].epochs_done < together[3].epochs_done < 60
    for member, progress in zip(members, together, strict=True):
        assert_same_progress(advance([member], examples, STREAMS, 60)[0], progress)


def test_a_call_in_which_all_diverge_ends_early() -> None:
    progress = advance([Member(WILD, 0), Member(replace(WILD, hidden_units=[3, 7]), 1)], make_examples(10), STREAMS, 6)
    assert [p.diverged for p in progress] == [True, True]
    assert all(p.epochs_done < 6 for p in progress)


def test_the_same_settings_with_other_keys_or_seeds_are_other_networks() -> None:
    examples = make_examples(12)
    network = CROWD[1]
    same, again, other = advance([Member(network, 4), Member(network, 4), Member(network, 5)], examples, STREAMS, 1)
    assert_same_progress(same, again)
    elsewhere = advance([Member(network, 4)], examples, Streams(12), 1)[0]
    for different in (other, elsewhere):
        assert same.state is not None
        assert different.state is not None
        assert not np.array_equal(same.state["weights_1"], different.state["weights_1"])
        assert same.curves["train_loss"] != different.curves["train_loss"]


def test_nothing_to_do_gives_back_the_state() -> None:
    examples = make_examples(12)
    before = advance(start(CROWD), examples, STREAMS, 2)
    members = go_on(start(CROWD), before)
    for member, progress in zip(members, advance(members, examples, STREAMS, 2), strict=True):
        assert_same_progress(progress, Progress(2, dict.fromkeys(CURVES["classification"], ()), member.state))


def test_members_of_different_ages_are_refused() -> None:
    examples = make_examples(12)
    young, old = (advance(start(CROWD[:1]), examples, STREAMS, epochs)[0].state for epochs in (1, 2))
    for states in ((None, old), (young, old)):
        members = [Member(CROWD[0], key, state) for key, state in enumerate(states)]
        with pytest.raises(ValueError, match="of one age"):
            advance(members, examples, STREAMS, 3)


def test_targets_that_a_loss_cannot_learn_are_refused() -> None:
    classes, quantities = make_examples(12, classes=3), make_examples(12, classes=0)
    for targets in (classes.train.targets + 1, classes.train.targets - 1, classes.train.targets.astype(float)):
        with pytest.raises(ValueError, match="whole numbers from 0 to 2"):
            advance(start(CROWD), replace(classes, train=replace(classes.train, targets=targets)), STREAMS, 1)
    for targets in (classes.validation.targets, np.full_like(quantities.validation.targets, np.nan)):
        with pytest.raises(ValueError, match="finite"):
            advance(
                start(CROWD), replace(quantities, validation=replace(quantities.validation, targets=targets)), STREAMS, 1
            )


def test_rows_come_with_as_many_targets_and_weights() -> None:
    inputs, targets = np.zeros((3, 2), np.float32), np.zeros(3, np.int64)
    for arrays in ((inputs, targets[:2]), (inputs, targets, np.ones(4)), (inputs[0], targets), (inputs[:0], targets[:0])):
        with pytest.raises(ValueError, match="n > 0 rows"):
            Rows(*arrays)


def test_a_state_that_only_predicts_or_belongs_to_another_network_is_refused() -> None:
    examples = make_examples(12)
    state = advance(start(CROWD[:1]), examples, STREAMS, 1)[0].state
    assert state is not None
    with pytest.raises(ValueError, match="can predict, not train on"):
        advance([Member(CROWD[0], 0, selected(state))], examples, STREAMS, 2)
    for other in (replace(CROWD[0], hidden_units=[1, 1]), replace(CROWD[0], optimizer="adam")):
        with pytest.raises(ValueError, match="its state should hold"):
            advance([Member(other, 0, state)], examples, STREAMS, 2)


def test_a_curve_to_select_by_that_is_not_recorded_is_refused() -> None:
    with pytest.raises(ValueError, match="not 'validation_rmse'"):
        advance(start(CROWD), make_examples(12), STREAMS, 1, select_by="validation_rmse")


ALPHA: dict[Optimizer, float] = {"sgd": 0.3, "momentum": 0.3, "nesterov": 0.3, "rmsprop": 0.01, "adam": 0.02, "adamw": 0.02}


@pytest.mark.parametrize("classes", [0, 3])
def test_networks_learn(classes: int) -> None:
    """Every kind of network beats guessing by far on easy examples."""
    examples = make_examples(13, train=300, validation=100, classes=classes)
    networks = [
        NetworkSettings(
            epochs=12,
            hidden_units=16,
            batch_size=12,
            optimizer=optimizer,
            batch_norm=norm,
            learning_rate=ALPHA[optimizer],
            learning_rate_schedule="cosine",
        )
        for optimizer in OPTIMIZER_NAMES
        for norm in BATCH_NORM_NAMES
    ]
    for network, progress in zip(networks, advance(start(networks), examples, STREAMS, 12), strict=True):
        last = {name: curve[-1] for name, curve in progress.curves.items()}
        if classes:
            assert last["train_loss"] < 0.5 * np.log(3), network
            assert last["validation_error"] < 0.25, network
            assert last["validation_macro_f1"] > 0.75, network
        else:
            assert last["validation_r2"] > 0.8, network
            assert last["validation_rmse"] < 0.45 * DEVIATION, network
