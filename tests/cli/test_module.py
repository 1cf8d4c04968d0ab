"""The command line without its script: `python -m hpsearch`."""

from __future__ import annotations

import subprocess
import sys


def test_the_package_can_be_run_as_a_module() -> None:
    for arguments, code in ((["--help"], 0), (["run", "absent.yaml"], 2)):
        done = subprocess.run([sys.executable, "-m", "hpsearch", *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == code
        assert "hpsearch" in done.stdout or "absent.yaml" in done.stderr
