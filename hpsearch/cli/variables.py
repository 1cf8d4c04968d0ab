"""Options from the environment: `--runs-dir` as `HPSEARCH_RUNS_DIR`, and so for every option of every command.

The work is click's; here are the names of the variables, what several values of one option look like in one of them, and
that a mistake is told under the name of the variable it came from. What is typed wins. Arguments are always typed, and so
are options that do something else instead, such as `--version`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import click
from click.core import ParameterSource

from hpsearch.errors import SpecError

PREFIX = "HPSEARCH_"

HELP = (
    "Options can come from the environment too: --runs-dir DIR as HPSEARCH_RUNS_DIR=DIR, a switch such as --json as "
    "HPSEARCH_JSON=1; several values of one option are separated by `;` or stand on lines of their own."
)


class Several(click.Option):
    """An option that may be given several times; in its variable, values are separated by `;` or line ends."""

    def __init__(self, param_decls: Sequence[str] | None = None, **attributes: Any) -> None:
        super().__init__(param_decls, multiple=True, **attributes)

    def value_from_envvar(self, ctx: click.Context) -> list[str] | None:
        """Return the values in the variable; None where it is not set, or empty."""
        text = self.resolve_envvar_value(ctx)
        return None if text is None else [part.strip() for part in re.split(r"[;\n]", text) if part.strip()]

    def consume_value(self, ctx: click.Context, opts: Any) -> tuple[Any, ParameterSource]:
        """Return the values and where they come from; note the variable if that is it, for mistakes found later."""
        value, source = super().consume_value(ctx, opts)
        if source is ParameterSource.ENVIRONMENT:
            ctx.meta[self.opts[0]] = self.envvar
        return value, source


class Program(click.Group):
    """A group of commands each of whose options has its variable."""

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Add a command, name the variables of its options, and tell of them in its help."""
        super().add_command(cmd, name)
        settings = [option for option in cmd.params if isinstance(option, click.Option) and not option.is_eager]
        for option in settings:
            option.envvar = PREFIX + max(option.opts, key=len).lstrip("-").replace("-", "_").upper()
        if settings:
            cmd.epilog = f"{cmd.epilog}\n\n{HELP}" if cmd.epilog else HELP

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; a mistake in what a variable says is told under its name."""
        try:
            return super().invoke(ctx)
        except click.BadParameter as error:
            if error.ctx and error.param and _is_from_its_variable(error.ctx, error.param):
                error.param_hint = str(error.param.envvar)
            raise
        except SpecError as error:
            told = [replace(problem, file=ctx.meta.get(problem.file, problem.file)) for problem in error.problems]
            raise SpecError(told) from None


def _is_from_its_variable(context: click.Context, parameter: click.Parameter) -> bool:
    return context.get_parameter_source(parameter.name or "") is ParameterSource.ENVIRONMENT
