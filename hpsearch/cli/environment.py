"""Options from the environment: `--runs-dir` as `HPSEARCH_RUNS_DIR`, and so for every option of every command.

What is typed wins. Arguments are always typed, and so are options that do something else instead, such as `--version`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import click
from click.core import ParameterSource

from hpsearch.errors import Problem, SpecError

PREFIX = "HPSEARCH_"

HELP = (
    "Options can come from the environment too: --runs-dir DIR as HPSEARCH_RUNS_DIR=DIR, a switch such as --json as "
    "HPSEARCH_JSON=1; several values of one option are separated by `;` or stand on lines of their own."
)


class Program(click.Group):
    """A group of commands that take the options that are not typed from the environment."""

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Add a command, and to its help that options can come from the environment."""
        super().add_command(cmd, name)
        if any(map(is_setting, cmd.params)):
            cmd.epilog = f"{cmd.epilog}\n\n{HELP}" if cmd.epilog else HELP

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Return the context of the group, in which each command finds what the environment says of its options."""
        context = super().make_context(info_name, args, parent, **extra)
        context.default_map = {name: _given_to(command) for name, command in self.commands.items()}
        return context

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; a wrong value from the environment is told under the name of its variable."""
        try:
            return super().invoke(ctx)
        except click.BadParameter as error:
            if error.ctx and error.param and error.param.name:
                source = error.ctx.get_parameter_source(error.param.name)
                error.param_hint = variable_of(error.param) if source is ParameterSource.DEFAULT_MAP else error.param_hint
            raise
        except SpecError as error:
            given = (ctx.default_map or {}).get(ctx.invoked_subcommand or "", {}).get("overrides", ())
            raise SpecError([_under_its_variable(problem, given) for problem in error.problems]) from None


def _under_its_variable(problem: Problem, given: Sequence[str]) -> Problem:
    """Return a mistake in an override, under the name of the variable if it is one of those that the environment gave."""
    from hpsearch.spec.overrides import FILE

    return replace(problem, file=f"{PREFIX}SET") if problem.file == FILE and problem.excerpt in given else problem


def variable_of(option: click.Parameter) -> str:
    """Return the variable that stands for an option: its long name in capitals."""
    name = max(option.opts, key=len)
    return PREFIX + name.lstrip("-").replace("-", "_").upper()


def is_setting(parameter: click.Parameter) -> bool:
    """Whether a parameter may come from the environment."""
    return isinstance(parameter, click.Option) and not parameter.is_eager


def _given_to(command: click.Command) -> dict[str, str | list[str]]:
    """Return what the environment says of the options of a command, by the names of its parameters; not what is empty."""
    given: dict[str, str | list[str]] = {}
    for option in filter(is_setting, command.params):
        text = os.environ.get(variable_of(option))
        if text and option.name:
            several = [part.strip() for part in re.split(r"[;\n]", text) if part.strip()]
            given[option.name] = several if option.multiple else text
    return given
