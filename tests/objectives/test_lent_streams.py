"""The standard streams while other people's code runs: whatever it does to them, they are there afterwards."""

from __future__ import annotations

import subprocess
import sys


def test_a_function_that_takes_the_standard_streams_apart_closes_nothing() -> None:
    program = """
import gc, io, sys
from hpsearch.objectives.foreign_code import called
for _ in range(2):
    with called():
        for line in io.TextIOWrapper(sys.stdin.detach(), encoding="utf-8"):
            print("read", line, end="")
        sys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8")
        print("not data")
        sys.stdout = None
        io.BufferedWriter(sys.stderr.detach()).close()
        sys.stderr.buffer.close()
    gc.collect()
print(sys.stdin.read() + "data")
print("the end", file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", program], input="line\n", capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("data\n", "read line\nnot data\nnot data\nthe end\n")
