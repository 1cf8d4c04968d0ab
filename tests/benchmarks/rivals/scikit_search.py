"""Random search in scikit-learn: RandomizedSearchCV over MLPClassifier, two jobs, the split given.

    python scikit_search.py digits.npz TRIALS EPOCHS

Its network has no batch norm, and it is judged once, after the last epoch: less work than the others do.
"""

from __future__ import annotations

import sys
import warnings

import numpy as np
from scipy.stats import loguniform
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import PredefinedSplit, RandomizedSearchCV
from sklearn.neural_network import MLPClassifier

file, trials, epochs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
warnings.simplefilter("ignore", ConvergenceWarning)
with np.load(file) as data:
    x, y = np.vstack([data["x"], data["x_validation"]]), np.concatenate([data["y"], data["y_validation"]])
    split = PredefinedSplit([-1] * len(data["y"]) + [0] * len(data["y_validation"]))
search = RandomizedSearchCV(
    MLPClassifier((64, 64), batch_size=64, max_iter=epochs, n_iter_no_change=epochs + 1),
    {"learning_rate_init": loguniform(1e-4, 1e-1)},
    n_iter=trials,
    cv=split,
    n_jobs=2,
    refit=False,
    random_state=0,
)
search.fit(x, y)
scores = search.cv_results_["mean_test_score"]
print(f"{len(scores)} trials, best validation error {1 - scores.max():.4f}")
