"""`hpsearch completion SHELL`: what a shell runs to complete commands, options, specs, keys of a spec and runs.

The work is click's; here is what it cannot know: which runs, files and keys there are. Completion imports no NumPy, and
says nothing where it cannot look.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
)

from hpsearch.study.runs import JOURNAL, run_directories, runs_directory

Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]

_BREAKS = ("=", ":")
"""Words of their own in bash."""

_HELP = """Print the completion of SHELL: bash (from 4.4 on), zsh or fish. To have it in every new shell:

\b
    bash    echo 'eval "$(hpsearch completion bash)"' >> ~/.bashrc
    zsh     echo 'eval "$(hpsearch completion zsh)"' >> ~/.zshrc     (after compinit)
    fish    hpsearch completion fish > ~/.config/fish/completions/hpsearch.fish

It completes commands, options, spec files, the keys of --set, and the runs in --runs-dir.
"""


@add_completion_class
class _Bash(BashComplete):
    """click's, but with quotes where a name needs them, and without a space after a key that ends in `=`.

    For bash `=` and `:` stand between words, so that `--set=seed=1` is five of them; here they are one again.
    """

    def source(self) -> str:
        """Return the script."""
        added = """COMPREPLY+=("$(printf '%q' "$value")")"""
        nospace = '[[ "$value" == *= ]] && compopt -o nospace'
        return _replaced(super().source(), "COMPREPLY+=($value)", f"{added}\n            {nospace}")

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the one that is completed, and that one."""
        args, incomplete = super().get_completion_args()
        words: list[str] = []
        for word in (*args, incomplete):
            if word and words and (word[0] in _BREAKS or words[-1][-1:] in _BREAKS):
                words[-1] += word
            else:
                words.append(word)
        return words[:-1], words[-1]


class _Zsh(ZshComplete):
    """click's, but without a space after a key that ends in `=`."""

    def source(self) -> str:
        """Return the script."""
        added = "compadd -U -V unsorted -a completions"
        keys = "compadd -U -V unsorted -S '' -- ${(M)completions:#*=}"
        return _replaced(super().source(), added, f"{keys}\n        completions=(${{completions:#*=}})\n        {added}")


_SHELLS: dict[str, type[ShellComplete]] = {"bash": _Bash, "zsh": _Zsh, "fish": FishComplete}


def _replaced(script: str, old: str, new: str) -> str:
    """Return click's script with one part of it replaced; RuntimeError if click writes that part no more."""
    if script.count(old) != 1:
        raise RuntimeError(f"the completion script of this version of click does not hold {old!r} once")
    return script.replace(old, new)


@click.command("completion", help=_HELP, short_help="Print the completion of a shell.")
@click.argument("shell", type=click.Choice(list(_SHELLS)), metavar="SHELL")
@click.pass_context
def completion_command(context: click.Context, shell: str) -> None:
    """Print the script that a shell sources."""
    click.echo(_SHELLS[shell](context.find_root().command, {}, "hpsearch", "_HPSEARCH_COMPLETE").source())


def complete_runs(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the runs by name, the newest first, and `latest`; of a path the directories."""
    if "/" in incomplete or incomplete in (".", ".."):
        return [CompletionItem(incomplete, type="dir")]
    names: list[str] = []
    with suppress(OSError):
        directories = run_directories(runs_directory(context.params.get("runs_dir")))
        newest = sorted(directories, key=lambda path: (path / JOURNAL).stat().st_mtime_ns, reverse=True)
        names = [*(path.name for path in newest), *(["latest"] if newest else [])]
    return _items(names, incomplete)


def complete_keys(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the keys that `--set` takes; what may be said of a parameter only once its name is there."""
    from hpsearch.spec.keys import declared_keys, space_keys

    of_space = [key for key in space_keys() if key.count(".") == 1 or incomplete.count(".") >= 2]
    return _items([f"{key}=" for key in (*declared_keys(), *of_space)], incomplete)


def files_ending(*suffixes: str) -> Completer:
    """Return a completer for files with these ends, here and one level down; where there are none, for any file."""

    def complete(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        begun = incomplete[: incomplete.rfind("/") + 1]
        with suppress(OSError, RuntimeError):
            names = [begun + name for name in _files(Path(begun or ".").expanduser(), suffixes)]
            if items := _items(names, incomplete):
                return items
        return [CompletionItem(incomplete, type="file")]

    return complete


def _files(directory: Path, suffixes: Sequence[str]) -> Iterator[str]:
    """Yield the names of visible files with these ends: those in a directory, then those in the directories in it."""
    for pattern in ("*", "*/*"):
        for path in sorted(directory.glob(pattern)):
            name = str(path.relative_to(directory))
            if name.lower().endswith(tuple(suffixes)) and not re.search(r"(^|/)\.", name) and path.is_file():
                yield name


def _items(names: Sequence[str], incomplete: str) -> list[CompletionItem]:
    """Return those that begin so; a shell's script would lose line ends and backslashes."""
    return [CompletionItem(it) for it in names if it.startswith(incomplete) and it.isprintable() and "\\" not in it]
