"""Options from the environment: `--runs-dir` as `HPSEARCH_RUNS_DIR`.

The work is click's; here is what several values of one option look like in a variable, and that a mistake is told under the
name of the variable it came from. What is typed wins. An option has a variable where it means the same in every command, and
does not say which file, run or trial a command works on: that is always typed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import click
from click.core import ParameterSource

from hpsearch.errors import SpecError
from hpsearch.prose import nearest

PREFIX = "HPSEARCH_"

_QUOTED = r"""(?<=[=:,\[{ ])(?:"(?:\\.|[^"\\])*"|'[^']*')"""
_VALUE = re.compile(rf"(?:{_QUOTED}|[^;\n])+")
"""One of several values: what is quoted within it, as YAML is, may hold what separates them."""


class Several(click.Option):
    """An option that may be given several times; in its variable, values are separated by `;` or line ends."""

    def __init__(self, param_decls: Sequence[str] | None = None, **attributes: Any) -> None:
        super().__init__(param_decls, multiple=True, **attributes)

    def value_from_envvar(self, ctx: click.Context) -> list[str] | None:
        """Return the values in the variable; None where it is not set, or empty."""
        text = self.resolve_envvar_value(ctx)
        return None if text is None else [part.strip() for part in _VALUE.findall(text) if part.strip()]

    def consume_value(self, ctx: click.Context, opts: Any) -> tuple[Any, ParameterSource]:
        """Return the values and where they come from; note the variable if that is it, for mistakes found later."""
        value, source = super().consume_value(ctx, opts)
        if source is ParameterSource.ENVIRONMENT:
            ctx.meta[self.opts[0]] = self.envvar
        return value, source


class Program(click.Group):
    """A group of commands that tell under which variable a mistake was made."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; a mistake in what a variable says is told under its name, and a note warns of one in the name."""
        self._note_misspelt()
        try:
            return super().invoke(ctx)
        except click.BadParameter as error:
            if error.ctx and isinstance(error.param, click.Option):
                error.param_hint = _came_by(error.ctx, error.param)
            raise
        except SpecError as error:
            told = [replace(problem, file=ctx.meta.get(problem.file, problem.file)) for problem in error.problems]
            raise SpecError(told, error.are_all) from None

    def _note_misspelt(self) -> None:
        """Tell which variables nothing reads, though their names are nearly those of others."""
        options = [option for command in self.commands.values() for option in command.params]
        known = {str(option.envvar).removeprefix(PREFIX) for option in options if option.envvar} | {"DEBUG"}
        given = {name.removeprefix(PREFIX) for name in os.environ if name.startswith(PREFIX)}
        for name in sorted(given - known):
            if near := nearest(name, sorted(known)):
                from hpsearch.views.terminal.console import note

                note(f"nothing reads the variable {PREFIX}{name}; did you mean {PREFIX}{near}?")


def _came_by(context: click.Context, option: click.Option) -> str:
    """Return the variable or the option by which a value came; an option's own hint would name both."""
    if context.get_parameter_source(option.name or "") is ParameterSource.ENVIRONMENT:
        return str(option.envvar)
    return click.Parameter.get_error_hint(option, context)
