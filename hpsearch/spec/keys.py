"""The dotted keys that `--set` takes, from the declarations: for completion."""

from __future__ import annotations

from collections.abc import Iterator

from hpsearch.network.settings import NetworkSettings
from hpsearch.options import kinds_of, options_of
from hpsearch.spec.declared import ENTRY_KEYS, SEARCHABLE, SECTIONS, Heading
from hpsearch.spec.wording import declaration_of


def declared_keys() -> Iterator[str]:
    """Yield every key but those of `space`, section by section, in the order of the declarations."""
    yield from _keys("", Heading)
    for section, declaration in SECTIONS.items():
        yield from _keys(f"{section}.", declaration)


def space_keys() -> Iterator[str]:
    """Yield the keys of the space of a network: each parameter, then what may be said of each."""
    yield from (f"space.{name}" for name in SEARCHABLE)
    for name in SEARCHABLE:
        of_layers = options_of(NetworkSettings)[name].per_layer
        yield from (f"space.{name}.{key}" for key in ENTRY_KEYS if key != "per" or of_layers)


def _keys(outer: str, declaration: type) -> Iterator[str]:
    for name, kind in kinds_of(declaration).items():
        yield f"{outer}{name}"
        if (nested := declaration_of(kind)) is not None:
            yield from _keys(f"{outer}{name}.", nested)
