"""The door: the one place where errors become messages and exit codes.

The program is imported only once an interruption is understood and all three standard streams are there.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress

from hpsearch.study.signals import ending_at_once
from hpsearch.views.terminal.keys import restore

SHOW_CURSOR = b"\x1b[?25h"
"""What the live view hid, as terminals know it."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program and exit with its code."""
    try:
        _open_streams()
        with ending_at_once(_end_at_once):
            code = _exit_code(arguments)
            _flush_streams()
    except KeyboardInterrupt:
        code = 128 + signal.SIGINT
    if arguments is None:  # all that is left is Python's own end, where Ctrl-C would give a traceback
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(code)


def _end_at_once(number: int) -> None:
    """End this process as it is, with the terminal as it was: the record is whole at any time, workers die by themselves."""
    restore()
    with suppress(OSError):
        if os.isatty(2):
            os.write(2, SHOW_CURSOR + b"\n")
    os._exit(128 + number)


def _open_streams() -> None:
    """Put nowhere in the place of standard streams that the caller closed; a file of ours would take their number."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nowhere = open(os.devnull, mode, encoding="utf-8")  # noqa: PTH123, SIM115  # open for good
            os.set_inheritable(nowhere.fileno(), True)  # the lowest free number: the stream's own
            setattr(sys, name, nowhere)


def _flush_streams() -> None:
    """Write out what is said; Python would change the exit code for a stream that can't be written."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            from hpsearch.views.terminal.console import mute

            mute(stream)


def _exit_code(arguments: Sequence[str] | None) -> int:
    import click

    from hpsearch.cli.program import hpsearch
    from hpsearch.errors import HpsearchError, Interrupted

    try:
        hpsearch.main(args=arguments, prog_name="hpsearch", standalone_mode=False)
    except click.ClickException as error:
        text = io.StringIO()
        error.show(text)
        _say(text.getvalue().rstrip())
        return error.exit_code
    except HpsearchError as error:
        _say(f"error: {error}")
        return error.exit_code
    except click.Abort as error:  # click's name for a KeyboardInterrupt, which it keeps as the cause
        return error.__cause__.exit_code if isinstance(error.__cause__, Interrupted) else 128 + signal.SIGINT
    except Exception as error:
        if os.environ.get("HPSEARCH_DEBUG"):
            raise
        _say(f"error: {_reason(error)}")
        return HpsearchError.exit_code
    return 0


def _reason(error: Exception) -> str:
    """Return what happened; an error of the operating system is nobody's bug."""
    if isinstance(error, OSError):
        from hpsearch.errors import reason_of

        place = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
        return f"{place}{reason_of(error)}"
    return f"{type(error).__name__}: {error}\nThis is a bug in hpsearch; HPSEARCH_DEBUG=1 shows where it broke."


def _say(text: str) -> None:
    from hpsearch.views.format import printable

    with suppress(OSError):  # there is nowhere left to say it
        print(printable(text), file=sys.stderr)
