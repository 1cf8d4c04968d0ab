"""Files that commands write where they are told to: never over something that is not their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


def renew(path: Path, content: Callable[[], bytes], begin: bytes = b"") -> None:
    """Write a file whole, unless it holds that already.

    Raises UsageError where there is one that does not begin so, or none can be.
    """
    from hpsearch.errors import UsageError, reason_of
    from hpsearch.study.files import open_regular, write_whole

    before = None
    try:
        with open_regular(path) as file:
            before = file.read()
    except FileNotFoundError as error:
        if not path.parent.is_dir():
            raise UsageError(f"{path} cannot be written: there is no directory {path.parent}") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {reason_of(error)}") from error
    if before and not before.startswith(begin):
        raise UsageError(f"{path} holds something else, and is left alone; give another file, or delete it")
    if (after := content()) != before:
        write_whole(path, after)
