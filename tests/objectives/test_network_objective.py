from __future__ import annotations

import pickle
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from digit_networks import DIGITS, FIXED, assert_same_bits, never, objective, trials
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.data.dataset import load_dataset
from hpsearch.data.settings import DataSettings
from hpsearch.errors import RecordError
from hpsearch.network.settings import CURVES, NetworkSettings
from hpsearch.objectives.network_objective import NetworkObjective, network_settings
from hpsearch.objectives.objective import Objective
from hpsearch.seeds import Streams
from hpsearch.trial import Status, Trial

ROWS = len(DIGITS.train.targets)
METRICS = CURVES["classification"]
MIXED: list[dict[str, Any]] = [
    {"learning_rate": 0.01, "optimizer": "adam"},
    {"learning_rate": 0.3, "optimizer": "momentum", "momentum": 0.95, "activation": "tanh"},
    {"learning_rate": 0.1, "optimizer": "sgd", "batch_norm": "off", "hidden_units": [5, 13]},
    {"learning_rate": 0.003, "optimizer": "rmsprop", "activation": "leaky_relu", "l2": 0.01},
    {"learning_rate": 0.02, "hidden_units_1": 1, "hidden_units_2": 6, "activation": "sigmoid"},
    {"learning_rate": 1e30, "optimizer": "sgd", "batch_norm": "off"},
]
"""Trials of one group that differ in all they may; the last one diverges."""


class TestMergingParamsIntoTheFixedSettings:
    def test_params_take_the_place_of_fixed_settings_and_nothing_else_changes(self) -> None:
        merged = network_settings(FIXED, {"learning_rate": 0.5, "optimizer": "sgd"})
        assert merged == NetworkSettings(
            epochs=3, learning_rate=0.5, hidden_units=8, hidden_layers=2, batch_size=128, optimizer="sgd"
        )

    @pytest.mark.parametrize(
        ("params", "widths"),
        [
            ({}, (8, 8)),
            ({"hidden_layers": 3}, (8, 8, 8)),
            ({"hidden_units": 5}, (5, 5)),
            ({"hidden_units": [9, 7, 5]}, (9, 7, 5)),
            ({"hidden_units": [9]}, (9,)),
            ({"hidden_layers": 3, "hidden_units_1": 4, "hidden_units_2": 2, "hidden_units_3": 6}, (4, 2, 6)),
            ({"hidden_units_1": 4}, (4,)),
        ],
    )
    def test_widths_come_from_a_number_a_list_or_one_parameter_per_layer(
        self, params: dict[str, Any], widths: tuple[int, ...]
    ) -> None:
        merged = network_settings(FIXED, params)
        assert merged.widths == widths
        assert merged.hidden_layers == len(widths)

    def test_a_fixed_list_of_widths_sets_the_number_of_layers(self) -> None:
        merged = network_settings(NetworkSettings(hidden_units=[9, 8, 7], hidden_layers=1), {"learning_rate": 1.0})
        assert merged.hidden_layers == 3

    def test_a_batch_size_above_the_rows_is_the_rows(self) -> None:
        assert objective().settings({"batch_size": 10**6}).batch_size == ROWS
        assert objective().settings({"batch_size": ROWS - 1}).batch_size == ROWS - 1


class TestWhatDispatchAsks:
    def test_trials_share_a_group_that_share_depth_and_batch_size(self) -> None:
        key = objective().group_key
        assert {key(params) for params in MIXED} == {(2, 128)}
        assert key({"hidden_layers": 3}) == key({"hidden_units": [4, 5, 6]}) == (3, 128)
        assert key({"batch_size": 64}) == (2, 64)
        assert key({"batch_size": ROWS}) == key({"batch_size": ROWS + 1}) == (2, ROWS)

    @pytest.mark.parametrize(
        ("params", "size"),
        [
            ({"hidden_units": 64, "batch_size": 64}, 16),
            ({"hidden_units": [64, 16], "batch_size": 64}, 16),
            ({"hidden_units": 32, "batch_size": 64}, 32),
            ({"hidden_units": 4, "batch_size": 8}, 64),
            ({"hidden_units": 2000, "batch_size": 64}, 1),
        ],
    )
    def test_as_many_train_side_by_side_as_fit_the_cache(self, params: dict[str, Any], size: int) -> None:
        assert objective().population_size(params) == size

    def test_the_cost_of_an_epoch_is_its_multiplications_and_a_price_for_each_batch_and_layer(self) -> None:
        parameters = 64 * 8 + 8 * 8 + 8 * 10 + 2 * (8 + 8) + 10
        assert objective().cost({}) == pytest.approx(3 * ROWS * parameters + 2e5 * ROWS / 128 * 2)

    @given(units=st.integers(1, 300), layers=st.integers(1, 6), batch=st.integers(2, ROWS - 1), rate=st.floats(1e-5, 1.0))
    def test_the_cost_grows_with_the_work_and_with_nothing_else(
        self, units: int, layers: int, batch: int, rate: float
    ) -> None:
        def cost(**changes: Any) -> float:
            return objective().cost({"hidden_units": units, "hidden_layers": layers, "batch_size": batch, **changes})

        assert cost(learning_rate=rate) == cost()
        assert cost(hidden_units=units + 1) > cost()
        assert cost(hidden_layers=layers + 1) > cost()
        assert cost(batch_size=batch + 1) < cost()

    @pytest.mark.parametrize(
        ("params", "count", "rows"),
        [
            ({"hidden_units": 64}, 16, 0),
            ({"hidden_units": 256, "hidden_layers": 3}, 4, 0),
            ({"hidden_units": 512, "hidden_layers": 4, "optimizer": "adam"}, 1, 0),
            ({"hidden_units": 32, "batch_size": 256}, 16, 0),
            ({"hidden_units": 16, "batch_size": 32}, 64, 16000),
        ],
    )
    def test_the_predicted_memory_is_what_is_allocated_within_a_factor_of_one_and_a_half(
        self, params: dict[str, Any], count: int, rows: int, tmp_path: Path
    ) -> None:
        data = blobs(tmp_path / "blobs.npz", rows) if rows else None
        tested = objective(data=data)
        crowd = trials(*[params] * count)
        tested.advance(crowd[:1], [None], 1, never)
        tracemalloc.start()
        tested.advance(crowd, [None] * count, 1, never)
        allocated = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert allocated / 1.5 < tested.memory(crowd) < allocated * 1.5


class TestAdvance:
    def test_several_trials_at_once_give_each_the_bits_it_has_alone(self) -> None:
        crowd = trials(*MIXED)
        together = objective().advance(crowd, [None] * len(crowd), 3, never)
        for trial, outcome in zip(crowd, together, strict=True):
            (alone,) = objective().advance([trial], [None], 3, never)
            assert_same_bits(outcome, alone)

    def test_resumed_from_its_state_a_trial_has_the_bits_of_one_that_went_straight_through(self) -> None:
        crowd = trials(*MIXED[:5])
        straight = objective().advance(crowd, [None] * 5, 3, never)
        first = objective().advance(crowd, [None] * 5, 1, never)
        assert [outcome.status for outcome in first] == [Status.WAITING] * 5
        rest = objective().advance(crowd, [pickle.loads(pickle.dumps(outcome.state)) for outcome in first], 3, never)
        for whole, begin, end in zip(straight, first, rest, strict=True):
            curves = {metric: begin.curves[metric] + end.curves[metric] for metric in METRICS}
            assert_same_bits(replace(end, curves=curves), whole)

    def test_the_curves_of_a_call_cover_its_own_epochs(self) -> None:
        (first,) = objective().advance(trials({}), [None], 1, never)
        (second,) = objective().advance(trials({}), [first.state], 3, never)
        assert tuple(first.curves) == METRICS
        assert [len(first.curves[metric]) for metric in METRICS] == [1, 1, 1, 1]
        assert [len(second.curves[metric]) for metric in METRICS] == [2, 2, 2, 2]
        assert (first.epochs_done, second.epochs_done) == (1, 3)

    def test_the_deadline_is_asked_after_each_epoch_and_ends_the_call(self) -> None:
        asked: list[bool] = []

        def deadline() -> bool:
            asked.append(len(asked) == 1)
            return asked[-1]

        (outcome,) = objective().advance(trials({}), [None], 3, deadline)
        assert asked == [False, True]
        assert (outcome.epochs_done, outcome.status) == (2, Status.WAITING)
        (straight,) = objective().advance(trials({}), [None], 2, never)
        assert_same_bits(outcome, straight)

    def test_a_trial_is_complete_at_the_last_fixed_epoch_only(self) -> None:
        assert [objective().advance(trials({}), [None], until, never)[0].status for until in (1, 2, 3)] == [
            Status.WAITING,
            Status.WAITING,
            Status.COMPLETE,
        ]

    def test_a_diverged_trial_says_in_which_epoch_and_keeps_no_state(self) -> None:
        (outcome,) = objective().advance(trials(MIXED[5]), [None], 3, never)
        assert (outcome.status, outcome.state) == (Status.DIVERGED, None)
        assert outcome.epochs_done == len(outcome.curves["train_loss"])
        assert outcome.reason == f"the loss was no longer a finite number in epoch {outcome.epochs_done}"
        assert not np.isfinite([outcome.curves[metric][-1] for metric in METRICS[1:]]).all()

    def test_outcomes_are_in_the_order_of_the_trials_and_weights_belong_to_the_number(self) -> None:
        seventh, third = Trial(7, 0, (), {}), Trial(3, 0, (), {})
        outcomes = objective().advance([seventh, third], [None, None], 1, never)
        assert [outcome.trial for outcome in outcomes] == [7, 3]
        assert outcomes[0].curves != outcomes[1].curves

    def test_the_size_is_the_number_of_trained_parameters(self) -> None:
        for outcome in objective().advance(trials(*MIXED[:5]), [None] * 5, 1, never):
            assert outcome.state is not None
            trained = [a for name, a in outcome.state.items() if name.startswith(("weights_", "gamma_", "beta_", "bias_"))]
            assert outcome.size == sum(array.size for array in trained)

    def test_training_learns_the_digits(self) -> None:
        (outcome,) = objective(epochs=8, hidden_units=32).advance(trials({}), [None], 8, never)
        assert outcome.curves["validation_error"][-1] < 0.08
        assert outcome.curves["train_loss"][-1] < 0.2 < outcome.curves["train_loss"][0]


class TestData:
    def test_data_that_is_not_the_runs_is_an_error_and_no_other_result(self, tmp_path: Path) -> None:
        settings = blobs(tmp_path / "data.npz", 60)
        before = load_dataset(settings).fingerprint
        blobs(tmp_path / "data.npz", 66)
        changed = NetworkObjective(settings, before, FIXED, Streams(0))
        with pytest.raises(RecordError, match=r"data\.npz: the data has changed since the run began"):
            changed.advance(trials({}), [None], 1, never)

    def test_a_process_reads_the_data_once(self, tmp_path: Path) -> None:
        tested = objective(data=blobs(tmp_path / "data.npz", 60))
        (tmp_path / "data.npz").unlink()
        assert tested.advance(trials({}), [None], 1, never)[0].epochs_done == 1

    def test_a_process_keeps_the_two_data_sets_that_it_read_last(self, tmp_path: Path) -> None:
        first, second, third = (
            objective(data=blobs(tmp_path / f"{rows}.npz", rows), batch_size=16) for rows in (60, 66, 72)
        )
        for path in tmp_path.iterdir():
            path.unlink()
        for kept in (second, third):
            assert kept.group_key({}) == (2, 16)
        with pytest.raises(RecordError, match=r"the data of the run cannot be read again: .*60\.npz"):
            first.group_key({})

    def test_the_same_rows_with_other_class_weights_train_another_network(self, tmp_path: Path) -> None:
        plain = blobs(tmp_path / "data.npz", 60)
        weighted = replace(plain, class_weights={"0": 9.0, "1": 1.0, "2": 1.0})
        curves = [objective(data=data).advance(trials({}), [None], 1, never)[0].curves for data in (plain, weighted, plain)]
        assert curves[0] == curves[2] != curves[1]

    def test_an_objective_travels_without_its_data(self) -> None:
        tested = objective()
        pickled = pickle.dumps(tested)
        assert len(pickled) < 10_000
        assert pickle.loads(pickled) == tested

    def test_it_keeps_the_contract_of_an_objective(self) -> None:
        tested: Objective = objective()
        assert tested.metrics == METRICS
        assert tested.is_seeded


def blobs(path: Path, rows: int) -> DataSettings:
    """Write three clouds of points, and return the settings that read them."""
    rng = np.random.default_rng(rows)
    y = np.arange(rows) % 3
    np.savez(path, x=rng.standard_normal((rows, 4)) + y[:, None], y=y)
    return DataSettings(source=str(path))
