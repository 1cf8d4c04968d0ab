"""The JSON Schema of a spec, for editors: draft 7, which every version of VS Code's YAML extension understands.

It is made from the declarations that the loader reads: the options with their types, bounds, descriptions and defaults.
What concerns several values at once (the order of bounds, conditions, what sections must agree on) is left to the loader.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import MISSING, is_dataclass
from functools import reduce
from inspect import getdoc
from keyword import kwlist
from operator import or_
from typing import Annotated, Any, TypeAlias, get_args

from pydantic import TypeAdapter

from hpsearch.network.settings import NetworkSettings
from hpsearch.options import Option, ScaleName, defaults_of, kinds_of, options_of
from hpsearch.space.search_space import DEPTH
from hpsearch.spec.declared import ENTRY_KEYS, OBJECTIVE, OF_A_NETWORK, SEARCHABLE, SECTIONS, Heading, required_options
from hpsearch.spec.names import ARGUMENT, TAKEN
from hpsearch.spec.wording import ANYTHING, declaration_of, parts_of, words_of
from hpsearch.study.derived import RESERVED
from hpsearch.study.study_spec import NAME

Schema: TypeAlias = dict[str, Any]

DRAFT = "http://json-schema.org/draft-07/schema#"

_WORD = r"[^\s\d!-/:-@\[-^`{-~][^\s!-/:-@\[-^`{-~]*"
"""A word of letters, digits and `_` in any script: JavaScript's own class for them knows ASCII only."""

_END = r"(?![\s\S])"
"""The end of a text: `$` stands before a last line end too where patterns are not JavaScript's."""


def schema_text() -> str:
    """Return the schema of a whole spec as a text."""
    return json.dumps(json_schema(), indent=2) + "\n"


def json_schema() -> Schema:
    """Return the schema of a whole spec: one with an `objective`, or one with `data` and `network`."""
    heading = _mapping(Heading)
    heading["properties"]["name"]["pattern"] = f"^{NAME.pattern}".replace(r"\Z", _END)
    metric = heading["properties"].pop("metric")
    of_function = {"metric": {"type": ["string", "null"]}, "space": _space_of_function()}
    of_network = {"metric": metric, "space": _space_of_network()}
    return {
        "$schema": DRAFT,
        "title": "The spec of an hpsearch search",
        **_closed(
            {
                **heading["properties"],
                "metric": {"description": metric.pop("description")},
                **{name: _section(name) for name in SECTIONS},
                OBJECTIVE: _objective(),
                "space": {"description": "What is searched: each parameter with its range or its choices."},
            },
            ["space"],
        ),
        "if": {"required": [OBJECTIVE]},
        "then": {"properties": {**of_function, **{name: {"type": "null"} for name in OF_A_NETWORK}}},
        "else": {"properties": of_network},
        "definitions": {
            "when": _condition(_closed({name: _when(_plain_value(NetworkSettings, name)) for name in SEARCHABLE})),
            "when_of_a_function": _condition({"type": "object", "additionalProperties": _when(_either(ANYTHING, ARGUMENT))}),
        },
    }


def _section(name: str) -> Schema:
    """Return the schema of a section, which may be left empty unless something in it has no default."""
    schema = _mapping(SECTIONS[name])
    return schema if "required" in schema else {**schema, "type": ["object", "null"]}


def _objective() -> Schema:
    """Return the schema of the section of a function, with the form of its texts."""
    schema = _section(OBJECTIVE)
    schema["properties"]["python"]["pattern"] = rf"^(?!.*\.py:){_WORD}(\.{_WORD})*:{_WORD}(\.{_WORD})*{_END}"
    (names,) = (part for part in schema["properties"]["metrics"]["anyOf"] if part["type"] == "array")
    column = {"type": "string", "pattern": f"^{_WORD}{_END}", "not": {"enum": sorted(RESERVED)}}
    names.update(items=column, minItems=1, uniqueItems=True)
    return schema


def _mapping(declaration: type) -> Schema:
    """Return the schema of the mapping that sets the options of a dataclass."""
    described = (getdoc(declaration) or "").partition("\n\n")[0].replace("\n", " ")
    properties = {name: _option(declaration, name) for name in options_of(declaration)}
    return {"description": described, **_closed(properties, required_options(declaration))}


def _closed(properties: Schema, required: Collection[str] = ()) -> Schema:
    """Return the schema of a mapping with these keys and no others."""
    needed = {"required": [*required]} if required else {}
    return {"type": "object", "properties": properties, "additionalProperties": False, **needed}


def _option(declaration: type, name: str) -> Schema:
    """Return the schema of an option with its description, and its default where that is a plain value."""
    schema = {"description": options_of(declaration)[name].explained, **_value(declaration, name)}
    default = defaults_of(declaration)[name]
    return schema if default in (MISSING, None) or is_dataclass(default) else {**schema, "default": default}


def _value(declaration: type, name: str) -> Schema:
    """Return the schema of an option's values, without a description."""
    kind, option = kinds_of(declaration)[name], options_of(declaration)[name]
    nested = declaration_of(kind)
    if nested is None:
        return _plain_value(declaration, name)
    if nested is kind:
        return {key: part for key, part in _mapping(nested).items() if key != "description"}
    others = reduce(or_, (part for part in get_args(kind) if part is not nested))
    return {"anyOf": [_mapping(nested), _either(others, option)]}


def _plain_value(declaration: type, name: str) -> Schema:
    """Return the schema of values that are no mapping of options."""
    option = options_of(declaration)[name]
    schema = _either(kinds_of(declaration)[name], option)
    if option.per_layer:
        depth = options_of(NetworkSettings)[DEPTH]
        for listed in (part for part in schema["anyOf"] if part["type"] == "array"):
            listed.update(minItems=depth.at_least, maxItems=depth.at_most)
    return schema


def _either(kind: Any, option: Option) -> Schema:
    """Return pydantic's schema of a type within the bounds of an option."""
    schema = TypeAdapter(Annotated[kind, option]).json_schema()
    schema.pop("description", None)
    return schema


def _space_of_network() -> Schema:
    when = {"$ref": "#/definitions/when"}
    options = options_of(NetworkSettings)
    kinds = kinds_of(NetworkSettings)
    properties = {name: _entry(kinds[name], options[name], _plain_value(NetworkSettings, name), when) for name in SEARCHABLE}
    return {**_closed(properties), "minProperties": 1}


def _space_of_function() -> Schema:
    when = {"$ref": "#/definitions/when_of_a_function"}
    return {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": f"^{_WORD}{_END}", "not": {"enum": sorted({*kwlist, *TAKEN})}},
        "additionalProperties": _entry(float, ARGUMENT, _either(ANYTHING, ARGUMENT), when),
    }


def _entry(kind: Any, option: Option, value: Schema, when: Schema) -> Schema:
    """Return the schema of what the space says of a name: a list of choices, or a mapping with these or with a range."""
    choices = {"type": "array", "items": value, "minItems": 2, "uniqueItems": True, "description": ENTRY_KEYS["choices"]}
    shared: Schema = {"when": when}
    if option.per_layer:
        shared["per"] = {"const": "layer", "description": ENTRY_KEYS["per"]}
    ways = [choices, _closed({"choices": choices, **shared}, ["choices"])]
    if not words_of(kind):
        ways.insert(0, {**_closed({**_range(kind, option), **shared}, ["range"]), "allOf": _on_its_scale(option)})
    return {"description": option.explained, "anyOf": ways}


def _range(kind: Any, option: Option) -> Schema:
    number = next(part for part in parts_of(kind) if part in (int, float))
    bounds = {"type": "array", "items": _either(number, option), "minItems": 2, "maxItems": 2}
    scale = {"enum": [*get_args(ScaleName)], "default": option.scale}
    step = {"type": "integer" if number is int else "number", "exclusiveMinimum": 0}
    named: dict[str, Schema] = {"range": bounds, "scale": scale, "step": step}
    return {key: {**schema, "description": ENTRY_KEYS[key]} for key, schema in named.items()}


def _on_its_scale(option: Option) -> list[Schema]:
    """Return what a scale asks of the bounds, also where it is the option's own and not written."""
    limits = {"log": {"exclusiveMinimum": 0}, "1-beta": {"exclusiveMaximum": 1}}
    return [
        {
            "if": {"properties": {"scale": {"const": scale}}, "required": [] if scale == option.scale else ["scale"]},
            "then": {"properties": {"range": {"items": limit}}},
        }
        for scale, limit in limits.items()
    ]


def _condition(named: Schema) -> Schema:
    return {**named, "minProperties": 1, "description": ENTRY_KEYS["when"]}


def _when(value: Schema) -> Schema:
    """Return the schema of what `when` says of one name: a value, or a list of them."""
    return {"anyOf": [value, {"type": "array", "items": value, "minItems": 1}]}
