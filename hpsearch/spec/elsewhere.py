"""What people bring from other tools: their names for keys, and for values.

Only what a name or a value is here is told; where it belongs is known from the declarations. Names are compared without
case, hyphens and underscores. Entries of the space are in `entries.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from hpsearch.spec.calls import expression_in

CALLED = {
    "learning_rate": "lr learning_rate_init initial_lr base_lr step_size eta eta0 alpha",
    "batch_size": "bs batch batchsize mini_batch mini_batch_size minibatch_size train_batch_size",
    "weight_decay": "wd decoupled_weight_decay",
    "l2": "l2_reg l2_penalty l2_regularization lambda lambd reg reg_lambda regularization alpha",
    "optimizer": "optim opt solver",
    "hidden_layers": "layers n_layers num_layers nb_layers n_hidden_layers num_hidden_layers depth",
    "hidden_units": "layers units n_units num_units hidden n_hidden hidden_size hidden_sizes hidden_dim hidden_dims "
    "hidden_layer_sizes layer_sizes width widths neurons n_neurons",
    "dropout": "dropout_rate drop_rate p_drop dropout_p",
    "activation": "act activation_function activation_fn nonlinearity",
    "batch_norm": "bn use_bn batchnorm use_batch_norm batch_normalization",
    "batch_norm_momentum": "bn_momentum",
    "batch_norm_epsilon": "bn_eps bn_epsilon",
    "beta1": "beta_1 adam_beta1",
    "beta2": "beta_2 adam_beta2 rho",
    "epsilon": "eps adam_epsilon",
    "clip_norm": "clip clipnorm grad_clip grad_norm gradient_clip gradient_clipping gradient_clip_val max_grad_norm",
    "learning_rate_schedule": "lr_schedule lr_scheduler lr_policy schedule scheduler annealing",
    "learning_rate_decay": "lr_decay decay decay_rate gamma",
    "warmup_epochs": "warmup",
    "epochs": "n_epochs num_epochs nb_epoch max_epochs max_epoch max_iter",
    "space": "parameters params param_space param_grid param_distributions search_space searchspace hyperparameters hparams",
    "search": "study tune tuning hpo sweep",
    "network": "model net architecture fixed train training",
    "data": "dataset",
    "seed": "random_state random_seed rng",
    "split_seed": "random_state random_seed seed",
    "name": "study_name experiment experiment_name run_name",
    "method": "sampler strategy algorithm algo search_alg search_algorithm tuner",
    "trials": "n_trials num_trials max_trials num_samples n_samples n_iter n_iters iterations run_cap max_evals n_calls "
    "evaluations budget count",
    "early_stopping": "pruner pruning early_terminate early_stop scheduler hyperband asha successive_halving",
    "reduction_factor": "eta factor",
    "min_epochs": "min_iter min_resource grace_period min_budget",
    "hours": "budget",
    "top": "leaders",
    "start": "points_to_evaluate initial_points enqueue warm_start x0",
    "source": "path file filename csv dataset input train",
    "target": "label labels y target_column label_column",
    "validation": "val valid val_split val_size val_fraction validation_split validation_size validation_fraction",
    "test": "test_split test_size test_fraction holdout",
    "inputs": "normalize normalise normalization standardize scaling scaler",
    "missing": "na_values nan_values",
    "class_weights": "class_weight",
    "group": "groups group_column",
    "task": "problem problem_type",
    "python": "function fn module callable",
    "metrics": "returns",
}
"""The names of keys here, each with what other tools call it."""

_EXPLAINED = {
    "direction directions goal mode maximize minimize": "take it away: the metric itself says whether more is better",
    "keep_prob": "here it is `dropout`, the share that is set to 0: 1 - keep_prob",
    "timeout max_time time_budget time_limit walltime": "write `hours` under `search`: the whole search ends after so many",
    "patience": "`plateau` under `search` ends it after so many trials without a better one; trials have `early_stopping`",
    "workers n_jobs num_workers jobs parallel": "take it away: `--jobs` of `hpsearch run` says how many trials run at once",
}
"""Names of keys that are nothing by another name, each with what to do instead."""

_VALUES: Mapping[str, Mapping[str, Any]] = {
    "scale": {"log": "log_uniform loguniform log_uniform_values log10 ln", "linear": "uniform lin", "1-beta": "reverse_log"},
    "optimizer": {"momentum": "sgd_momentum sgdm"},
    "activation": {"sigmoid": "logistic"},
    "batch_norm": {"off": "false none no", "before": "true on yes"},
    "early_stopping": {"off": "false none no"},
    "learning_rate_schedule": {"none": "constant false off", "inverse_time": "invscaling", "exponential": "exp"},
    "inputs": {"standardise": "standard standardize zscore normalize true", "scale": "minmax", "none": "off false"},
    "columns": {"number": "numerical continuous float int", "category": "nominal string text", "ignore": "drop skip id"},
    "task": {"classification": "classify classifier", "regression": "regress regressor"},
    "method": {
        "coarse-to-fine": "bayes bayesian bayesopt tpe gp smac hyperband asha bohb halving",
        "random": "randomized random_search randomized_search",
        "grid": "grid_search",
        "sobol": "qmc quasi_random",
    },
    "metric": {
        "validation_error": "error val_error error_rate",
        "validation_loss": "loss val_loss",
        "validation_accuracy": "accuracy acc val_acc val_accuracy",
        "validation_macro_f1": "f1 val_f1 f1_macro macro_f1 f1_score",
        "validation_rmse": "rmse val_rmse mse val_mse mean_squared_error",
        "validation_r2": "r2 val_r2 r2_score",
    },
}
"""The words of options, each with what other tools, or other kinds of values, say for it."""

_OFF = ("dropout", "l2", "weight_decay", "clip_norm", "learning_rate_decay", "warmup_epochs")
"""The options that 0 turns off."""

_LAYER = re.compile(r"[a-z_]*layer_?\d+\Z", re.IGNORECASE)


def simple(name: object) -> str:
    """Return a name without what does not count in comparing it."""
    return "".join(letter for letter in str(name).lower() if letter not in "-_ ")


def inverted(table: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return a table the other way round: a simple word, and everything that it stands for."""
    found: dict[str, dict[str, None]] = {}
    for ours, words in table.items():
        for word in words.split():
            found.setdefault(simple(word), {})[ours] = None
    return {word: tuple(all_of_ours) for word, all_of_ours in found.items()}


_NAMES = inverted(CALLED)
_REASONS = {simple(name): reason for names, reason in _EXPLAINED.items() for name in names.split()}
_WORDS = {name: inverted(words) for name, words in _VALUES.items()}


def names_of(name: str) -> tuple[str, ...]:
    """Return the keys that another tool's name may stand for here, the likeliest first."""
    return _NAMES.get(simple(name), ())


def reason_against(name: str) -> str:
    """Return what to do instead of a key that is nothing here by another name; empty if nothing is known of it."""
    return _REASONS.get(simple(name), "")


def value_of(option: str, value: object) -> Any:
    """Return the value of an option that another tool's stands for; None if nothing is known of it."""
    if isinstance(value, (str, bool)) and (found := _WORDS.get(option, {}).get(simple(value))):
        return found[0]
    is_off = value is False or (isinstance(value, str) and simple(value) in ("off", "none"))
    if is_off and option == "confirm":
        return {"leaders": 0}
    if option in _OFF and (is_off or (option == "clip_norm" and value == -1)):
        return 0
    if option in ("early_stopping", "confirm") and value is True:
        return {}
    if option == "early_stopping" and simple(value) in _NAMES:
        return {}
    if option == "hidden_units" and (widths := _widths(value)):
        return widths
    if option == "start" and isinstance(value, dict) and value:
        return _points(value)
    if option in ("missing", "metrics") and isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return _unwrapped(option, value)
    return _single_item(option, value) if isinstance(value, list) else None


def _unwrapped(option: str, value: Mapping[str, Any]) -> Any:
    """Return the value in `{name: adam}` or `{value: 3}`; None if more is said there than of a metric its direction."""
    if option == "early_stopping":
        named = {name: number for key, number in value.items() for name in (key, *names_of(key))}
        return {name: named[name] for name in ("reduction_factor", "min_epochs") if name in named}
    inner = next((value[key] for key in ("value", "name", "type", "default") if key in value), None)
    if len(value) != 1 and not (option == "metric" and isinstance(inner, str)):
        return None
    known = value_of(option, inner)
    return inner if known is None else known


def _single_item(option: str, value: Sequence[Any]) -> Any:
    """Return what a list of one item holds, or one of equal words; lists of numbers in the place of a depth are widths."""
    is_repeated = len(value) > 1 and isinstance(value[0], str) and all(item == value[0] for item in value)
    return value[0] if is_repeated or (len(value) == 1 and option != "hidden_layers") else None


def _widths(value: object) -> list[Any]:
    """Return the widths in `{layer1: 64, layer2: 32}`, `[{type: dense, units: 64}]` or round brackets; none in all else."""
    if isinstance(value, str) and isinstance(read := expression_in(value), tuple):
        return list(read)
    if isinstance(value, dict) and all(_LAYER.match(key) for key in value):
        return list(value.values())
    items = value if isinstance(value, list) and all(isinstance(item, dict) for item in value) else []
    named = [[width for key, width in item.items() if "hidden_units" in names_of(key)] for item in items]
    return [widths[0] for widths in named] if all(len(widths) == 1 for widths in named) else []


def _points(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the start points in a mapping: one, or several where each name has as many values."""
    counts = {len(listed) if isinstance(listed, list) else 0 for listed in value.values()}
    if len(counts) != 1 or counts == {0}:
        return [dict(value)]
    return [{name: listed[index] for name, listed in value.items()} for index in range(counts.pop())]
