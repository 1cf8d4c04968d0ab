"""What the bits of a result depend on besides the spec and the data; recorded with every run."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import numpy as np
from threadpoolctl import threadpool_info

BITS_DEPEND_ON = ("hpsearch", "numpy", "blas", "simd", "threads_per_worker")
"""What must be the same for the same bits; the rest is told for whoever reads the record."""


def environment() -> dict[str, Any]:
    """Return versions, the BLAS library with its kernel family, and NumPy's SIMD level, fit for JSON."""
    blas = [
        {key: pool.get(key) for key in ("internal_api", "version", "architecture")}
        for pool in threadpool_info()
        if pool.get("user_api") == "blas"
    ]
    config: dict[str, Any] = np.show_config(mode="dicts")  # type: ignore[assignment]  # typed as None for the default mode
    return {
        "hpsearch": version("hpsearch"),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "blas": blas,
        "simd": config.get("SIMD Extensions", {}).get("found", []),
        "platform": platform.platform(),
        "cores": os.cpu_count(),
        "threads_per_worker": 1,
    }


def changed_since(before: Mapping[str, Any]) -> tuple[str, ...]:
    """Return which of the things that bits depend on are not what they were in an environment on record."""
    now = environment()
    return tuple(f"{key}: {before.get(key)} then, {now[key]} now" for key in BITS_DEPEND_ON if before.get(key) != now[key])
