"""The program: its commands, and the one place where errors become messages and exit codes."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

import click

from hpsearch.cli.list import list_command
from hpsearch.cli.predict import predict_command
from hpsearch.cli.run import run_command
from hpsearch.cli.show import show_command
from hpsearch.cli.verify import verify_command
from hpsearch.errors import HpsearchError, Interrupted


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, epilog="Start with: hpsearch run configs/digits.yaml")
@click.version_option(package_name="hpsearch", message="%(prog)s %(version)s")
def hpsearch() -> None:
    """Find good hyperparameters from one YAML file.

    Random points on the right scales, batch-norm networks in NumPy trained for all of them in parallel, and everything on
    record in plain files.
    """


for _command in (run_command, list_command, show_command, verify_command, predict_command):
    hpsearch.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program and exit with its code."""
    sys.exit(_exit_code(arguments))


def _exit_code(arguments: Sequence[str] | None) -> int:
    try:
        hpsearch.main(args=arguments, prog_name="hpsearch", standalone_mode=False)
    except click.ClickException as error:
        error.show(sys.stderr)
        return error.exit_code
    except HpsearchError as error:
        _say(f"error: {error}")
        return error.exit_code
    except click.Abort as error:  # click's name for a KeyboardInterrupt, which it keeps as the cause
        return error.__cause__.exit_code if isinstance(error.__cause__, Interrupted) else 128 + signal.SIGINT
    except Exception as error:
        if os.environ.get("HPSEARCH_DEBUG"):
            raise
        _say(f"error: {type(error).__name__}: {error}\nThis is a bug in hpsearch; HPSEARCH_DEBUG=1 shows where it broke.")
        return HpsearchError.exit_code
    return 0


def _say(text: str) -> None:
    from hpsearch.views.format import printable

    print(printable(text), file=sys.stderr)
