"""From rows of texts to a network's inputs by the letter of model.json, with NumPy alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def encoded(rows: list[dict[str, str]], inputs: dict[str, Any]) -> NDArray[Any]:
    """Turn rows of texts into a network's inputs, as the `about` of a model says."""
    features = []
    for column in inputs["columns"]:
        texts = [row[column["column"]].strip() for row in rows]
        missing = np.array([text in inputs["missing_texts"] for text in texts])
        if column["kind"] == "number":
            x = np.array([column["fill"] if gone else float(text) for text, gone in zip(texts, missing, strict=True)])
            features.append((x - column["subtract"]) / column["divide"])
            features += [missing] if column["indicator"] else []
        else:
            hits = [np.array([text == level for text in texts]) & ~missing for level in column["levels"]]
            hits += [missing] if column["missing_level"] else []
            features += [*hits, ~np.any(hits, axis=0)]
    assert len(features) == len(inputs["features"])
    return np.stack(features, axis=1).astype(np.float32)
