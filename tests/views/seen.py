"""What the program shows on a terminal of a given width, or to a pipe, in a given environment; or one that is typed into.

A process that has imported all there is forks for each command: starting a new one each time would take most of the time.
"""

from __future__ import annotations

import fcntl
import gc
import json
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping
from contextlib import suppress
from io import BufferedReader, BufferedWriter, FileIO, TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn


class Program:
    """The program, ready to be run."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONUTF8": "0", "OPENBLAS_NUM_THREADS": "1"}
        pipe, command = subprocess.PIPE, [sys.executable, __file__]
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, encoding="utf-8", env=environment)

    def seen(self, *arguments: str, columns: int = 0, cwd: Path, **environment: str) -> tuple[int, str]:
        """Return the exit code, and all that was written: on a terminal of so many columns, or to a pipe for 0."""
        code, text = self._asked({"arguments": arguments, "columns": columns, "cwd": str(cwd), "environment": environment})
        return code, text.replace("\r\n", "\n")

    def begun(self, *arguments: str, terminal: str, in_shell: bool, cwd: Path, **environment: str) -> int:
        """Begin a session on a terminal with a command, or with a shell of few words that has it; return its process."""
        job = {
            "arguments": arguments,
            "terminal": terminal,
            "in_shell": in_shell,
            "cwd": str(cwd),
            "environment": environment,
        }
        process: int = self._asked(job)
        return process

    def code(self, process: int) -> int | None:
        """Return the exit code of a session, None while it goes on; it is told once."""
        code: int | None = self._asked({"process": process})
        return code

    def _asked(self, job: Mapping[str, Any]) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def __enter__(self) -> Program:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._process:  # closes what it reads, and waits for its end
            pass


def _serve() -> None:
    from importlib import import_module
    from pkgutil import walk_packages

    import hpsearch

    for module in walk_packages(hpsearch.__path__, "hpsearch."):
        if module.name not in ("hpsearch.__main__", "hpsearch.views.optuna_export"):  # Optuna takes long
            import_module(module.name)
    gc.disable()  # which would have each fork copy all that was imported
    gc.freeze()
    for line in sys.stdin:
        job = json.loads(line)
        act = _begin if "terminal" in job else _code if "process" in job else _run
        print(json.dumps(act(job)), flush=True)


def _code(job: Mapping[str, Any]) -> int | None:
    process, status = os.waitpid(job["process"], os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if process else None


def _begin(job: Mapping[str, Any]) -> int:
    if not (process := os.fork()):
        _open_session(job)
    return process


def _open_session(job: Mapping[str, Any]) -> NoReturn:
    os.setsid()
    terminal = os.open(job["terminal"], os.O_RDWR)  # which becomes that of the session
    if job["in_shell"] and (command := os.fork()):
        _wait_for(command, terminal)
    os.setpgid(0, 0) if job["in_shell"] else os.tcsetpgrp(terminal, os.getpgrp())
    _become({**job, "columns": 1}, terminal)


def _wait_for(command: int, terminal: int) -> NoReturn:
    """Do what a shell does with its only job: when that stops, take the terminal, and give it back after a line."""
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    status = None
    while status is None or os.WIFSTOPPED(status):
        if status is not None:
            os.write(terminal, b"$ ")
            os.read(terminal, 100)
        with suppress(PermissionError):  # it has done so itself
            os.setpgid(command, command)
        os.tcsetpgrp(terminal, command)
        os.killpg(command, signal.SIGCONT)
        _, status = os.waitpid(command, os.WUNTRACED)
        os.tcsetpgrp(terminal, os.getpgrp())
    os._exit(os.waitstatus_to_exitcode(status))


def _run(job: Mapping[str, Any]) -> tuple[int, str]:
    if job["columns"]:
        parent, child = pty.openpty()
        fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 40, job["columns"], 0, 0))
    else:
        parent, child = os.pipe()
    if not (process := os.fork()):
        os.close(parent)
        _become(job, child)
    os.close(child)
    written = b""
    with suppress(OSError):  # the end of a terminal
        while block := os.read(parent, 1 << 16):
            written += block
    os.close(parent)
    _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status), written.decode()


def _become(job: Mapping[str, Any], stream: int) -> NoReturn:
    """Be the program, with these streams and in this environment and no other."""
    from hpsearch.cli.main import main

    code = 1
    try:
        os.chdir(job["cwd"])
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        os.environ.clear()
        os.environ.update({"TERM": "xterm-256color", **kept, **job["environment"]})
        if job["columns"]:
            os.dup2(stream, 0)
        os.dup2(stream, 1)
        os.dup2(stream, 2)
        encoding = job["environment"].get("PYTHONIOENCODING", "utf-8")
        sys.stdin = TextIOWrapper(BufferedReader(FileIO(0)), encoding=encoding)
        sys.stdout = TextIOWrapper(BufferedWriter(FileIO(1, "w")), encoding=encoding)
        sys.stderr = TextIOWrapper(BufferedWriter(FileIO(2, "w")), encoding=encoding, errors="backslashreplace")
        sys.argv = ["hpsearch", *job["arguments"]]
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        os._exit(code)


if __name__ == "__main__":
    _serve()
