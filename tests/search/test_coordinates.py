from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from played import FINITE, MIXED, cube

from hpsearch.search.coordinates import FINEST, Coordinates
from hpsearch.space.parameters import Choice, Real, Whole
from hpsearch.space.search_space import Entry, SearchSpace

EVERY_KIND = SearchSpace(
    {
        "rate": Entry(Real(1e-4, 1, "log")),
        "kind": Entry(Choice(["a", "b", "c"])),
        "memory": Entry(Real(0.8, 0.99, "1-beta", step=0.01), when={"kind": ("b", "c")}),
        "hidden_layers": Entry(Whole(1, 3), when={"kind": ("a", "b")}),
        "hidden_units": Entry(Whole(10, 100, "log", step=10), layers=3),
        "switch": Entry(Choice([True, False])),
    }
)
SPACES = [EVERY_KIND, MIXED, FINITE, cube(2)]


@pytest.mark.parametrize("space", SPACES)
@settings(max_examples=30)
@given(data=st.data())
def test_model_coordinates_are_what_encoding_the_params_gives(space: SearchSpace, data: st.DataObject) -> None:
    coordinate = st.integers(0, 996).map(lambda k: (k + 0.5) / 997)  # never on an edge between two levels
    points = data.draw(st.lists(st.lists(coordinate, min_size=space.dimensions, max_size=space.dimensions), max_size=3))
    model = Coordinates(space).model(np.array(points).reshape(len(points), space.dimensions))
    encoded = np.array([space.encode(space.decode(point)) for point in points]).reshape(model.shape)
    np.testing.assert_allclose(model, encoded, atol=1e-9)


def test_every_level_has_its_own_part() -> None:
    points = (np.arange(1000)[:, None] + 0.5) / 1000
    for domain in (
        Whole(1, 7),
        Whole(1, 7, "log"),
        Whole(-3, 30, step=4),
        Real(0.5, 0.9, "1-beta", step=0.1),
        Choice("abc"),
    ):
        space = SearchSpace({"x": Entry(domain)})
        model = Coordinates(space).model(points)[:, 0]
        values = [domain.decode(float(u)) for u in points[:, 0]]
        np.testing.assert_allclose(model, [domain.encode(value) for value in values], atol=1e-12)
        assert len(set(model.tolist())) == domain.levels


def test_levels_too_fine_to_matter_are_left_alone() -> None:
    space = SearchSpace({"x": Entry(Whole(1, FINEST + 1)), "y": Entry(Whole(1, FINEST))})
    model = Coordinates(space).model(np.array([[0.12345, 0.12345]]))
    assert model[0, 0] == 0.12345
    assert model[0, 1] == pytest.approx(0.1235)


def test_a_number_beyond_the_cube_stays_there_and_a_choice_does_not() -> None:
    space = SearchSpace({"x": Entry(Real(0, 1)), "n": Entry(Whole(1, 4)), "kind": Entry(Choice(["a", "b"]))})
    model = Coordinates(space).model(np.array([[1.2, -0.125, 1.0], [-0.2, 1.125, 0.0]]))
    assert model.tolist() == [[1.2, -0.125, 0.75], [-0.2, 1.125, 0.25]]


def test_the_points_themselves_are_not_changed() -> None:
    points = np.full((2, EVERY_KIND.dimensions), 0.3)
    Coordinates(EVERY_KIND).model(points)
    assert (points == 0.3).all()


def test_what_does_not_count_is_told_point_by_point() -> None:
    middle = dict.fromkeys(MIXED.names, 0.5)
    points = [list((middle | {"optimizer": u}).values()) for u in (0.1, 0.9)]
    assert Coordinates(MIXED).active(np.array(points)).tolist() == [[True, True, False, True], [True, True, True, True]]
    assert Coordinates(cube(3)).active(np.full((2, 3), 0.5)).all()
    assert Coordinates(MIXED).active(np.empty((0, 4))).shape == (0, 4)


def test_a_number_has_one_column_and_a_choice_one_for_each_option() -> None:
    coordinates = Coordinates(EVERY_KIND)
    widths = [columns.stop - columns.start for columns in coordinates.columns]
    assert widths == [1, 3, 1, 1, 1, 1, 1, 2]
    features = coordinates.features(np.full((1, 8), 0.5))
    assert features.shape == (1, 11)
    kind, switch = coordinates.columns[1], coordinates.columns[7]
    assert features[0, kind].tolist() == [0, 0.5, 0]
    assert features[0, switch].tolist() == [0, 0.5]


def test_two_options_are_the_root_of_a_half_apart_and_the_ends_of_a_range_1() -> None:
    space = SearchSpace({"x": Entry(Real(0, 1)), "kind": Entry(Choice(["a", "b", "c", "d"]))})
    coordinates = Coordinates(space)
    features = coordinates.features(np.array([[0, 0.1], [0, 0.4], [0, 0.9], [1, 0.9]]))
    distances = np.linalg.norm(features[:, None] - features, axis=2)
    assert distances[0, 1] == distances[0, 2] == pytest.approx(np.sqrt(0.5))
    assert distances[2, 3] == 1


def test_no_points_have_features_too() -> None:
    coordinates = Coordinates(EVERY_KIND)
    assert coordinates.features(np.empty((0, 8))).shape == (0, 11)
