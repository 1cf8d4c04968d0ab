"""Search spaces: order, conditions, parameters per layer, and both ways between points and params."""

from __future__ import annotations

import pickle
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.space.parameters import Choice, Domain, Real, Whole
from hpsearch.space.search_space import Entry, SearchSpace
from hpsearch.trial import Value

LEARNING_RATE = Entry(Real(1e-4, 1.0, "log"))
OPTIMIZER = Entry(Choice(["adam", "momentum"]))
MOMENTUM = Entry(Real(0.8, 0.99, "1-beta"), when={"optimizer": ("momentum",)})
WIDTHS = Entry(Whole(16, 256, "log"), layers=3)
DEPTH = Entry(Whole(1, 3))

SPACE = SearchSpace(
    {
        "learning_rate": LEARNING_RATE,
        "momentum": MOMENTUM,
        "optimizer": OPTIMIZER,
        "hidden_units": WIDTHS,
        "hidden_layers": DEPTH,
    }
)
POINTS = st.lists(st.floats(0.0, 1.0), min_size=SPACE.dimensions, max_size=SPACE.dimensions)


def coordinates(**given: float) -> list[float]:
    """Return a point that is 0.5 but for the given parameters."""
    return [given.get(name, 0.5) for name in SPACE.names]


def test_parameters_stand_in_the_order_of_the_entries_with_one_for_each_layer() -> None:
    names = ("learning_rate", "momentum", "optimizer", "hidden_units_1", "hidden_units_2", "hidden_units_3")
    assert SPACE.names == (*names, "hidden_layers")
    assert SPACE.dimensions == 7


def test_params_hold_what_is_active_in_the_order_of_the_space() -> None:
    params = SPACE.decode(coordinates(optimizer=0.9, hidden_layers=0.5))
    assert list(params) == [
        "learning_rate",
        "momentum",
        "optimizer",
        "hidden_units_1",
        "hidden_units_2",
        "hidden_layers",
    ]
    assert params["learning_rate"] == pytest.approx(1e-2)
    assert params["optimizer"] == "momentum"
    assert params["hidden_layers"] == 2


def test_a_condition_that_is_not_met_takes_the_parameter_out_and_shifts_no_other() -> None:
    with_momentum = SPACE.decode(coordinates(optimizer=0.9))
    without = SPACE.decode(coordinates(optimizer=0.1))
    assert "momentum" in with_momentum
    assert without == {name: with_momentum[name] for name in without} | {"optimizer": "adam"}
    assert "momentum" not in without


@pytest.mark.parametrize(("u", "layers"), [(0.1, 1), (0.5, 2), (0.9, 3)])
def test_there_is_a_width_for_each_layer_and_no_more(u: float, layers: int) -> None:
    params = SPACE.decode(coordinates(hidden_layers=u))
    widths = [name for name in params if name.startswith("hidden_units")]
    assert widths == [f"hidden_units_{layer}" for layer in range(1, layers + 1)]


def test_without_a_searched_depth_every_layer_has_its_width() -> None:
    space = SearchSpace({"hidden_units": Entry(Whole(16, 256, "log"), layers=2)})
    assert list(space.decode([0.1, 0.9])) == ["hidden_units_1", "hidden_units_2"]


@given(point=POINTS)
def test_params_come_back_from_their_point(point: list[float]) -> None:
    params = SPACE.decode(point)
    again = SPACE.decode(SPACE.encode(params))
    assert list(again) == list(params)
    for name, value in params.items():
        assert again[name] == (pytest.approx(value, rel=1e-9) if isinstance(value, float) else value)


def test_an_inactive_parameter_stands_in_the_middle() -> None:
    point = SPACE.encode(SPACE.decode(coordinates(momentum=0.9, optimizer=0.1, hidden_layers=0.1, hidden_units_3=0.9)))
    at = dict(zip(SPACE.names, point, strict=True))
    assert (at["momentum"], at["hidden_units_2"], at["hidden_units_3"]) == (0.5, 0.5, 0.5)
    assert at["optimizer"] == 0.25


def test_an_active_parameter_without_a_value_cannot_be_encoded() -> None:
    with pytest.raises(KeyError, match="momentum"):
        SPACE.encode({"learning_rate": 0.1, "optimizer": "momentum", "hidden_layers": 1, "hidden_units_1": 16})


def test_a_point_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        SPACE.decode([0.5])


def test_an_inactive_parent_makes_its_children_inactive() -> None:
    space = SearchSpace(
        {
            "grandchild": Entry(Real(0.0, 1.0), when={"child": (1, 2)}),
            "child": Entry(Choice([1, 2, 3]), when={"parent": ("on",)}),
            "parent": Entry(Choice(["on", "off"])),
        }
    )
    assert list(space.decode([0.5, 0.0, 0.0])) == ["grandchild", "child", "parent"]
    assert list(space.decode([0.5, 0.9, 0.0])) == ["child", "parent"]
    assert list(space.decode([0.5, 0.0, 0.9])) == ["parent"]


def test_all_conditions_must_be_met() -> None:
    both: dict[str, tuple[Value, ...]] = {"first": ("a",), "second": (1,)}
    entries = {"first": Entry(Choice(["a", "b"])), "second": Entry(Whole(1, 2)), "child": Entry(Real(0, 1), both)}
    space = SearchSpace(entries)
    assert "child" in space.decode([0.0, 0.0, 0.5])
    assert "child" not in space.decode([0.0, 1.0, 0.5])
    assert "child" not in space.decode([1.0, 0.0, 0.5])


def test_active_needs_only_the_parents() -> None:
    assert SPACE.active({"optimizer": "adam", "hidden_layers": 1}) == (
        "learning_rate",
        "optimizer",
        "hidden_units_1",
        "hidden_layers",
    )


def test_parameters_come_after_all_their_parents_and_otherwise_in_their_order() -> None:
    when: dict[str, tuple[Value, ...]] = {"c": (1,), "a": (1,), "b": (1,)}
    flags = {name: Entry(Whole(1, 2)) for name in "abcd"}
    space = SearchSpace({"all": Entry(Real(0, 1), when), **flags, "of_a": Entry(Real(0, 1), {"a": (1,)})})
    assert [parameter.name for parameter in space.parents_first] == ["a", "of_a", "b", "c", "all", "d"]


def test_a_condition_on_true_is_none_on_1() -> None:
    space = SearchSpace({"a": Entry(Choice([1, True])), "b": Entry(Real(0, 1), when={"a": (True,)})})
    assert [list(space.decode((u, 0.5))) for u in (0.2, 0.8)] == [["a"], ["a", "b"]]


def test_a_space_describes_itself_as_one_would_write_it() -> None:
    several = Entry(Real(0, 1), when={"optimizer": ("adam", "momentum")})
    assert SearchSpace({**SPACE.entries, "l2": several}).describe() == {
        "learning_rate": {"range": [1e-4, 1.0], "scale": "log"},
        "momentum": {"range": [0.8, 0.99], "scale": "1-beta", "when": {"optimizer": "momentum"}},
        "optimizer": ["adam", "momentum"],
        "hidden_units": {"range": [16, 256], "scale": "log", "per": "layer"},
        "hidden_layers": {"range": [1, 3], "scale": "linear"},
        "l2": {"range": [0.0, 1.0], "scale": "linear", "when": {"optimizer": ["adam", "momentum"]}},
    }


def test_a_condition_on_one_list_of_widths_is_written_as_a_list_of_lists() -> None:
    widths = Entry(Choice([[64, 32], [128]]))
    space = SearchSpace({"hidden_units": widths, "l2": Entry(Real(0, 1), when={"hidden_units": ([64, 32],)})})
    assert space.describe()["l2"]["when"] == {"hidden_units": [[64, 32]]}


def test_spaces_that_differ_in_order_differ() -> None:
    one = SearchSpace({"optimizer": OPTIMIZER, "learning_rate": LEARNING_RATE})
    other = SearchSpace({"learning_rate": LEARNING_RATE, "optimizer": OPTIMIZER})
    assert one != other
    assert one == SearchSpace({"optimizer": OPTIMIZER, "learning_rate": LEARNING_RATE})


def test_a_space_survives_pickling() -> None:
    assert pickle.loads(pickle.dumps(SPACE)) == SPACE


def choice(*options: int, when: Mapping[str, tuple[int, ...]] | None = None) -> Entry:
    domain: Domain = Choice(list(options))
    return Entry(domain, when or {})


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ({}, "at least one parameter"),
        ({"a": choice(1, 2, when={"b": (1,)})}, "`b` is not a parameter"),
        ({"a": choice(1, 2, when={"a": (1,)})}, "condition of itself"),
        ({"a": choice(1, 2, when={"b": (3,)}), "b": choice(1, 2)}, "`b` is never 3"),
        ({"a": choice(1, 2, when={"b": ()}), "b": choice(1, 2)}, "no value of `b`"),
        ({"a": choice(1, 2, when={"b": (1,)}), "b": Entry(Real(0, 1))}, "continuous range"),
        ({"a": choice(1, 2, when={"b": (1,)}), "b": Entry(Whole(1, 2), layers=2)}, "a value for each layer"),
        ({"a": choice(1, 2, when={"b": (1,)}), "b": choice(1, 2, when={"a": (1,)})}, "in a circle"),
        ({"hidden_layers": DEPTH, "hidden_units": Entry(Whole(1, 2), layers=2)}, "more hidden layers, 3, than 2"),
    ],
)
def test_a_space_whose_conditions_cannot_work_is_refused(entries: Mapping[str, Entry], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        SearchSpace(entries)


def test_params_of_another_space_are_located_outside_of_the_cube_and_reached_again() -> None:
    space = SearchSpace(
        {
            "rate": Entry(Real(0.1, 1, "log")),
            "optimizer": Entry(Choice(["adam", "momentum"])),
            "momentum": Entry(Real(0.9, 0.99, "1-beta"), when={"optimizer": ("momentum",)}),
        }
    )
    params: dict[str, Value] = {"rate": 10.0, "optimizer": "momentum", "momentum": 0.0}
    assert space.locate(params) == pytest.approx((2.0, 0.75, -1.0))
    assert space.reach(space.locate(params)) == pytest.approx(params)
    assert space.locate({"rate": 0.1, "optimizer": "adam"}) == (0.0, 0.25, 0.5)
    with pytest.raises(KeyError):
        space.locate({"rate": 0.1, "optimizer": "momentum"})


def test_a_parameter_knows_its_entry() -> None:
    space = SearchSpace({"width_1": Entry(Real(0, 1)), "units": Entry(Whole(1, 9), layers=2)})
    assert [parameter.entry for parameter in space.parameters] == ["width_1", "units", "units"]
