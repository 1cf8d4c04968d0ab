from __future__ import annotations

import json
import os
import platform
from importlib.metadata import version

import numpy as np

from hpsearch.study.environment import environment


def test_the_environment_names_what_bits_depend_on() -> None:
    found = environment()
    assert found["numpy"] == np.__version__
    assert found["python"] == platform.python_version()
    assert found["hpsearch"] == version("hpsearch")
    assert found["cores"] == os.cpu_count()
    assert found["threads_per_worker"] == 1
    assert all(pool.keys() == {"internal_api", "version", "architecture"} for pool in found["blas"])


def test_the_environment_comes_back_from_json_as_it_went() -> None:
    found = environment()
    assert json.loads(json.dumps(found, allow_nan=False)) == found == environment()
