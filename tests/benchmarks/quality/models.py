"""The trained objectives one by one: space, model and data of each.

Where scikit-learn's own data sets are used, they are cut to a few hundred rows; inputs are standardised over all rows unless
how to scale them is a parameter. All but `boosting diabetes` and `kernel ridge friedman` tell classes.
"""

from __future__ import annotations

import warnings
from functools import partial
from typing import Any

import numpy as np

from hpsearch.space.parameters import Choice, Real, Whole
from hpsearch.space.search_space import Entry
from hpsearch.trial import Params
from quality.objectives import Array
from quality.trained import Data, TrainedModel


def standardised(inputs: Array) -> Array:
    """Return inputs (n, F) with mean 0 and deviation 1; a column that is always the same becomes 0."""
    deviation = inputs.std(axis=0)
    found: Array = (inputs - inputs.mean(axis=0)) / np.where(deviation > 0, deviation, 1)
    return found


def bundled(name: str, trained: int, judged: int, *, raw: bool = False) -> Data:
    """Return one of the data sets that scikit-learn comes with: its classes, or its numbers standardised."""
    from sklearn import datasets

    inputs, targets = getattr(datasets, f"load_{name}")(return_X_y=True)
    numbers = standardised(targets[:, None])[:, 0] if name == "diabetes" else targets.astype(int)
    return Data(inputs if raw else standardised(inputs), numbers, trained, judged)


def friedman() -> Data:
    """Return 600 rows of Friedman's first function (1991): five inputs of eight matter."""
    from sklearn.datasets import make_friedman1

    inputs, targets = make_friedman1(600, n_features=8, noise=1.0, random_state=31)
    return Data(standardised(inputs), standardised(targets[:, None])[:, 0], 120, 200)


def moons() -> Data:
    """Return 600 rows of two moons in noise, beside four inputs of pure noise."""
    from sklearn.datasets import make_moons

    inputs, targets = make_moons(600, noise=0.25, random_state=32)
    inert = np.random.default_rng(33).normal(size=(600, 4))
    return Data(standardised(np.hstack([inputs, inert])), targets.astype(int), 150, 250)


def support_vectors(params: Params, _: int) -> Any:
    """Return a support vector classifier."""
    from sklearn.svm import SVC

    return SVC(**params)


def boosting(params: Params, seed: int) -> Any:
    """Return boosted trees that tell numbers."""
    from sklearn.ensemble import GradientBoostingRegressor

    return GradientBoostingRegressor(**params, random_state=seed)


def extra_trees(params: Params, seed: int) -> Any:
    """Return extremely randomised trees; the rows that each sees are drawn only where `bootstrap` says so."""
    from sklearn.ensemble import ExtraTreesClassifier

    rows = {"bootstrap": params["bootstrap"] == "yes", "max_samples": params.get("max_samples")}
    return ExtraTreesClassifier(**{**params, **rows}, random_state=seed)


def kernel_ridge(params: Params, _: int) -> Any:
    """Return ridge regression with a kernel; what it cannot solve well it solves by least squares, without a warning."""
    from sklearn.kernel_ridge import KernelRidge

    return Quiet(KernelRidge(**params))


def neighbours(params: Params, _: int) -> Any:
    """Return scaling, principal components, and a vote of the nearest."""
    from sklearn.decomposition import PCA
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

    scaling = {"none": None, "standard": StandardScaler(), "range": MinMaxScaler(), "robust": RobustScaler()}
    metric: dict[str, Any] = {"metric": params["metric"]}
    if params["metric"] == "minkowski":
        metric["p"] = params["p"]
    vote = KNeighborsClassifier(params["neighbours"], weights=params["weights"], algorithm="brute", **metric)
    return make_pipeline(scaling[str(params["scaling"])], PCA(params["components"]), vote)


def logistic(params: Params, seed: int) -> Any:
    """Return logistic regression by stochastic gradient descent."""
    from sklearn.linear_model import SGDClassifier

    chosen = dict(params) | {"average": params["average"] == "yes"}
    return Quiet(SGDClassifier(loss="log_loss", tol=None, **chosen, random_state=seed))


def network(params: Params, seed: int) -> Any:
    """Return a network of one or two hidden layers."""
    from sklearn.neural_network import MLPClassifier

    chosen: dict[str, Any] = dict(params)
    sizes = (chosen.pop("units"),) * chosen.pop("hidden_layers")
    return Quiet(MLPClassifier(hidden_layer_sizes=sizes, **chosen, random_state=seed))


class Quiet:
    """A model that does not warn: a search meets many that do not converge, or overflow."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def fit(self, inputs: Array, targets: Array) -> Quiet:
        """Train."""
        with warnings.catch_warnings(action="ignore"):
            self._model.fit(inputs, targets)
        return self

    def predict(self, inputs: Array) -> Array:
        """Return the targets told (n,)."""
        with warnings.catch_warnings(action="ignore"):
            told: Array = self._model.predict(inputs)
        return told


SUPPORT_VECTORS = {
    "C": Entry(Real(1e-2, 1e4, "log")),
    "kernel": Entry(Choice(["linear", "poly", "rbf", "sigmoid"])),
    "gamma": Entry(Real(1e-6, 1, "log"), when={"kernel": ("poly", "rbf", "sigmoid")}),
    "degree": Entry(Whole(2, 5), when={"kernel": ("poly",)}),
    "coef0": Entry(Real(0, 3), when={"kernel": ("poly", "sigmoid")}),
    "shrinking": Entry(Choice([True, False])),
}
BOOSTING = {
    "learning_rate": Entry(Real(0.005, 1, "log")),
    "n_estimators": Entry(Whole(3, 30, "log")),
    "max_depth": Entry(Whole(1, 5)),
    "subsample": Entry(Real(0.2, 1)),
    "min_samples_leaf": Entry(Whole(1, 30, "log")),
    "max_features": Entry(Real(0.1, 1)),
    "loss": Entry(Choice(["squared_error", "huber"])),
}
EXTRA_TREES = {
    "n_estimators": Entry(Whole(2, 16, "log")),
    "max_features": Entry(Real(0.02, 1, "log")),
    "max_depth": Entry(Whole(2, 20, "log")),
    "min_samples_leaf": Entry(Whole(1, 12, "log")),
    "criterion": Entry(Choice(["gini", "entropy"])),
    "bootstrap": Entry(Choice(["no", "yes"])),
    "max_samples": Entry(Real(0.2, 1), when={"bootstrap": ("yes",)}),
}
KERNEL_RIDGE = {
    "alpha": Entry(Real(1e-5, 10, "log")),
    "kernel": Entry(Choice(["rbf", "laplacian", "polynomial"])),
    "gamma": Entry(Real(1e-4, 3, "log")),
    "degree": Entry(Whole(1, 5), when={"kernel": ("polynomial",)}),
    "coef0": Entry(Real(0, 4), when={"kernel": ("polynomial",)}),
}
NEIGHBOURS = {
    "neighbours": Entry(Whole(1, 40, "log")),
    "scaling": Entry(Choice(["none", "standard", "range", "robust"])),
    "components": Entry(Whole(1, 13)),
    "weights": Entry(Choice(["uniform", "distance"])),
    "metric": Entry(Choice(["minkowski", "cosine", "chebyshev"])),
    "p": Entry(Real(1, 4), when={"metric": ("minkowski",)}),
}
LOGISTIC = {
    "penalty": Entry(Choice(["l2", "l1", "elasticnet"])),
    "l1_ratio": Entry(Real(0, 1), when={"penalty": ("elasticnet",)}),
    "alpha": Entry(Real(1e-6, 1, "log")),
    "learning_rate": Entry(Choice(["optimal", "constant", "invscaling", "adaptive"])),
    "eta0": Entry(Real(1e-4, 10, "log"), when={"learning_rate": ("constant", "invscaling", "adaptive")}),
    "power_t": Entry(Real(0.1, 1), when={"learning_rate": ("invscaling",)}),
    "max_iter": Entry(Whole(1, 20, "log")),
    "average": Entry(Choice(["no", "yes"])),
}
NETWORK = {
    "solver": Entry(Choice(["sgd", "adam"])),
    "learning_rate_init": Entry(Real(1e-4, 1, "log")),
    "momentum": Entry(Real(0.5, 0.99, "1-beta"), when={"solver": ("sgd",)}),
    "alpha": Entry(Real(1e-6, 1, "log")),
    "activation": Entry(Choice(["relu", "tanh", "logistic"])),
    "units": Entry(Whole(2, 64, "log")),
    "hidden_layers": Entry(Whole(1, 2)),
    "batch_size": Entry(Whole(15, 75, "log")),
    "max_iter": Entry(Whole(2, 12, "log")),
}


def trained_models() -> tuple[TrainedModel, ...]:
    """Return them all; none is trained before it is asked for a value."""
    digits = partial(bundled, "digits", 150, 250)
    tumours = partial(bundled, "breast_cancer", 100, 300)
    wine = partial(bundled, "wine", 60, 118, raw=True)
    diabetes = partial(bundled, "diabetes", 150, 250)
    return (
        TrainedModel("svc digits", SUPPORT_VECTORS, support_vectors, partial(bundled, "digits", 100, 200), 0.5 / 200),
        TrainedModel("extra trees digits", EXTRA_TREES, extra_trees, digits, 0.5 / 250),
        TrainedModel("boosting diabetes", BOOSTING, boosting, diabetes, 0.0),
        TrainedModel("kernel ridge friedman", KERNEL_RIDGE, kernel_ridge, friedman, 0.0),
        TrainedModel("neighbours wine", NEIGHBOURS, neighbours, wine, 0.5 / 118),
        TrainedModel("logistic breast cancer", LOGISTIC, logistic, tumours, 0.5 / 300),
        TrainedModel("network moons", NETWORK, network, moons, 0.5 / 250),
    )
