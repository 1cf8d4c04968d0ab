"""Every key of a spec, from the declarations: for the table in the README, and for the completion of `--set`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from typing import Any

from hpsearch.network.settings import NetworkSettings
from hpsearch.options import options_of
from hpsearch.spec.load import Heading
from hpsearch.spec.names import ENTRY_KEYS, SEARCHABLE
from hpsearch.spec.settings import SECTIONS, Declared
from hpsearch.spec.wording import declaration_of, expected, words_of, written

_COLUMNS = ("key", "what it is", "values", "unless given", "scale")


@dataclass(frozen=True)
class Key:
    """A key that a declaration names: the section it stands in, its own name with dots, and its default.

    The section of the keys at the top level is empty; the default is MISSING where there is none, None for nothing.
    """

    section: str
    name: str
    declared: Declared
    default: Any

    @property
    def dotted(self) -> str:
        """The key as `--set` takes it."""
        return f"{self.section}.{self.name}" if self.section else self.name


def declared_keys() -> Iterator[Key]:
    """Yield every key but those of `space`, section by section, in the order of the declarations."""
    yield from _keys("", Heading)
    for section, declaration in SECTIONS.items():
        yield from _keys(section, declaration)


def space_keys() -> dict[str, str]:
    """Return the dotted keys of the space of a network with what they are: each parameter, and what may be said of it."""
    options = options_of(NetworkSettings)
    described = {f"space.{name}": options[name].explained for name in SEARCHABLE}
    for name in SEARCHABLE:
        said = [key for key in ENTRY_KEYS if key != "per" or options[name].per_layer]
        described |= {f"space.{name}.{key}": ENTRY_KEYS[key] for key in said}
    return described


def option_table() -> str:
    """Return all keys as tables in Markdown: those of the top level, of each section, and of a name of the space.

    The scale is the one that a name is drawn on unless the spec says otherwise; only where names can be searched.
    """
    by_section: dict[str, list[tuple[str, ...]]] = {}
    for key in declared_keys():
        by_section.setdefault(key.section, []).append(_row(key))
    tables = [_table(f"`{section}:`" if section else "At the top", rows) for section, rows in by_section.items()]
    said = [(f"`{key}`", meaning) for key, meaning in ENTRY_KEYS.items()]
    return "\n".join([*tables, _table("A name in `space:`", said)])


def _table(title: str, rows: Sequence[Sequence[str]]) -> str:
    """Return a table under a title, without columns in which nothing stands at the end of every row."""
    width = max(number for row in rows for number, cell in enumerate(row, 1) if cell)
    lines = [_COLUMNS, ["---"] * width, *rows]
    return f"**{title}**\n\n" + "".join(f"| {' | '.join(line[:width])} |\n" for line in lines)


def _keys(section: str, declaration: Any, outer: str = "") -> Iterator[Key]:
    for field in fields(declaration):
        declared = Declared.by(declaration, field.name)
        default = field.default if field.default_factory is MISSING else field.default_factory()
        name = f"{outer}{field.name}"
        yield Key(section, name, declared, default)
        if (nested := declaration_of(declared.kind)) is not None:
            yield from _keys(section, nested, f"{name}.")


def _row(key: Key) -> tuple[str, ...]:
    option, kind = key.declared.option, key.declared.kind
    scale = option.scale if option.searchable and not words_of(kind) else ""
    return f"`{key.name}`", option.explained, expected(kind, option.allowed), _default(key.default), scale


def _default(default: Any) -> str:
    if default is MISSING:
        return "must be given"
    return "" if default in (None, "", [], {}) or is_dataclass(default) else f"`{written(default)}`"
