"""Options: their bounds, in numbers, in words and for pydantic, and the declarations of every part."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass, fields
from typing import Annotated, Any, get_args, get_type_hints

import pytest
from pydantic import TypeAdapter, ValidationError

from hpsearch.data.settings import DataSettings
from hpsearch.network.settings import NetworkSettings
from hpsearch.options import Option, options_of
from hpsearch.search.settings import SearchSettings
from hpsearch.spec.declared import Heading

DECLARATIONS: list[type] = [DataSettings, NetworkSettings, SearchSettings, Heading]


@dataclass(frozen=True)
class Settings:
    """A declaration with one option of each kind, and a field that is none."""

    share: Annotated[float, Option("a share", at_least=0, below=1)] = 0.5
    widths: Annotated[int | list[int], Option("widths", above=0, at_most=9, per_layer=True)] = 1
    limit: Annotated[float | None, Option("a limit", above=0)] = None
    note: str = ""


def accepts(name: str, value: Any) -> bool:
    """Whether pydantic takes a value for a field of Settings."""
    try:
        TypeAdapter(get_type_hints(Settings, include_extras=True)[name]).validate_python(value, strict=True)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(("value", "admitted"), [(-0.1, False), (0.0, True), (0.999, True), (1.0, False)])
def test_a_half_open_interval_admits_its_closed_end(value: float, admitted: bool) -> None:
    assert options_of(Settings)["share"].admits(value) is admitted
    assert accepts("share", value) is admitted


@pytest.mark.parametrize(("value", "admitted"), [(0, False), (1, True), (9, True), (10, False)])
def test_the_bounds_hold_for_every_number_in_a_union_and_in_a_list(value: int, admitted: bool) -> None:
    assert options_of(Settings)["widths"].admits(value) is admitted
    assert accepts("widths", value) is admitted
    assert accepts("widths", [5, value]) is admitted


def test_the_bounds_hold_beside_none() -> None:
    assert accepts("limit", None)
    assert accepts("limit", 0.5)
    assert not accepts("limit", 0.0)


def test_the_bounds_are_told_in_words() -> None:
    told = {name: option.allowed for name, option in options_of(Settings).items()}
    assert told == {"share": "at least 0 and below 1", "widths": "above 0 and at most 9", "limit": "above 0"}
    assert Option("anything").allowed == ""
    assert Option("a share", at_least=0.5, at_most=2_000_000).allowed == "from 0.5 to 2,000,000"


def test_options_are_listed_in_order_without_other_fields() -> None:
    assert list(options_of(Settings)) == ["share", "widths", "limit"]


def test_the_description_stands_in_the_json_schema() -> None:
    schema = TypeAdapter(Settings).json_schema()["properties"]["share"]
    assert (schema["description"], schema["minimum"], schema["exclusiveMaximum"]) == ("a share", 0, 1)


def test_what_an_option_is_used_with_is_told_beside_its_description() -> None:
    option = Option("a weight", used_with={"rule": ("a", "b"), "form": ("c",)})
    assert option.explained == "a weight (`rule`: a, b; `form`: c)"
    assert Option("a weight").explained == "a weight"


@pytest.mark.parametrize("declaration", DECLARATIONS)
class TestEveryDeclaration:
    def test_declares_each_field_as_an_option_with_a_description(self, declaration: type) -> None:
        options = options_of(declaration)
        assert list(options) == [field.name for field in fields(declaration)]
        assert all(option.description for option in options.values())

    def test_has_defaults_that_it_allows_itself(self, declaration: type) -> None:
        settings = declaration()
        for name, hint in get_type_hints(declaration, include_extras=True).items():
            TypeAdapter(hint).validate_python(getattr(settings, name), strict=True)

    def test_is_frozen(self, declaration: type) -> None:
        settings = declaration()
        with pytest.raises(FrozenInstanceError):
            setattr(settings, fields(declaration)[0].name, None)


def test_what_is_searched_on_a_log_or_one_minus_beta_scale_has_bounds_that_allow_it() -> None:
    for name, option in options_of(NetworkSettings).items():
        if option.scale == "log":
            assert not option.admits(-1.0), name
        if option.scale == "1-beta":
            assert not option.admits(1.0), name


def test_an_option_is_used_with_values_that_another_one_has() -> None:
    hints = get_type_hints(NetworkSettings)
    for option in options_of(NetworkSettings).values():
        assert all(set(useful) < set(get_args(hints[other])) for other, useful in option.used_with.items())


def test_whole_numbers_but_seeds_have_an_upper_bound() -> None:
    for declaration in DECLARATIONS:
        hints = get_type_hints(declaration)
        for name, option in options_of(declaration).items():
            if int in (hints[name], *get_args(hints[name])) and not name.endswith("seed"):
                assert option.at_most is not None, name


def test_only_options_that_can_be_lists_are_per_layer() -> None:
    hints = get_type_hints(NetworkSettings)
    per_layer = [name for name, option in options_of(NetworkSettings).items() if option.per_layer]
    assert all(list[int] in get_args(hints[name]) for name in per_layer)
