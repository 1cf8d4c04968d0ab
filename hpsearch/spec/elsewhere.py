"""What people bring from other tools: their names for keys and values, and their ways to write a range.

Only what a name or an entry is here is told; where it belongs is known from the declarations. Names are compared without
case, hyphens and underscores.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from hpsearch.spec.core_schema import plain_number
from hpsearch.spec.declared import ENTRY_KEYS

CALLED = {
    "learning_rate": "lr learning_rate_init initial_lr base_lr step_size eta eta0 alpha",
    "batch_size": "bs batch batchsize mini_batch mini_batch_size minibatch_size train_batch_size",
    "weight_decay": "wd decoupled_weight_decay",
    "l2": "l2_reg l2_penalty l2_regularization lambda lambd reg reg_lambda regularization alpha",
    "optimizer": "optim opt solver",
    "hidden_layers": "layers n_layers num_layers nb_layers n_hidden_layers num_hidden_layers depth",
    "hidden_units": "units n_units num_units hidden n_hidden hidden_size hidden_sizes hidden_dim hidden_dims "
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
    "start": "points_to_evaluate initial_points enqueue warm_start x0",
    "source": "path file filename csv dataset input train",
    "target": "label labels y output target_column label_column",
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
    "inputs": {"standardise": "standard zscore normalize", "scale": "minmax", "none": "off false"},
    "columns": {"number": "numerical continuous float int", "category": "nominal string text", "ignore": "drop skip id"},
    "task": {"classification": "classify classifier", "regression": "regress regressor"},
    "method": {"coarse-to-fine": "bayes bayesian tpe gp smac hyperband asha bohb halving", "random": "randomized"},
    "metric": {
        "validation_error": "error val_error",
        "validation_loss": "loss val_loss",
        "validation_accuracy": "acc val_acc val_accuracy",
        "validation_macro_f1": "f1 val_f1 f1_macro",
    },
}
"""The words of options, each with what other tools, or other kinds of values, say for it."""

_SAID = {
    "low": "min minimum lower low from min_value",
    "high": "max maximum upper high to max_value",
    "range": "bounds interval limits range",
    "choices": "values options categories items choices",
    "scale": "distribution dist type scale sampling prior",
    "log": "log log_scale",
    "step": "q quantum increment step",
    "when": "if condition conditions depends_on when",
    "value": "value",
}
"""What may be said of an entry, each with the keys that say it; `low`, `high`, `log` and `value` are no keys here."""

_DISTRIBUTIONS = {
    "log": "log loguniform log_uniform log_uniform_values q_log_uniform q_log_uniform_values log10 logarithmic",
    "linear": "uniform linear int_uniform uniform_int q_uniform randint",
    "1-beta": "1-beta reverse_log reverse_logarithmic",
    "": "int integer float double real range categorical choice constant",
}
"""The scales, each with the distributions that draw on it."""

_LISTED = ("categorical", "choice", "constant")

_CALL = re.compile(
    r"\s*(?:[A-Za-z]\w*\.)*([A-Za-z]\w*)?\s*[(\[]?"
    r"\s*([^\s,()\[\]]+?)\s*(?:,|\.\.|\bto\b)\s*([^\s,()\[\]]+)\s*[)\]]?\s*\Z"
)
"""`(1e-4, 1)`, `loguniform(1e-4, 1)`, `1e-4..1`, `1e-4 to 1`."""


def _simple(name: object) -> str:
    return "".join(letter for letter in str(name).lower() if letter not in "-_ ")


def _inverted(table: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return a table the other way round: a simple word, and everything that it stands for."""
    pairs = [(_simple(word), ours) for ours, words in table.items() for word in words.split()]
    return {word: tuple(ours for other, ours in pairs if other == word) for word, _ in pairs}


_NAMES = _inverted(CALLED)
_REASONS = {_simple(name): reason for names, reason in _EXPLAINED.items() for name in names.split()}
_KEYS = _inverted(_SAID)
_SCALES = _inverted(_DISTRIBUTIONS)
_WORDS = {name: _inverted(words) for name, words in _VALUES.items()}


def names_of(name: str) -> tuple[str, ...]:
    """Return the keys that another tool's name may stand for here, the likeliest first."""
    return _NAMES.get(_simple(name), ())


def reason_against(name: str) -> str:
    """Return what to do instead of a key that is nothing here by another name; empty if nothing is known of it."""
    return _REASONS.get(_simple(name), "")


def value_of(option: str, value: object) -> Any:
    """Return the value of an option that another tool's stands for; None if nothing is known of it."""
    if isinstance(value, (str, bool)) and (found := _WORDS.get(option, {}).get(_simple(value))):
        return found[0]
    if option == "confirm" and (value is False or _simple(value) in ("off", "none")):
        return {"leaders": 0}
    if option == "early_stopping" and _simple(value) in _NAMES:
        return {}
    if option == "early_stopping" and isinstance(value, dict):
        named = {name: number for key, number in value.items() for name in (key, *names_of(key))}
        return {name: named[name] for name in ("reduction_factor", "min_epochs") if name in named}
    if option == "metric" and isinstance(value, dict) and isinstance(value.get("name"), str):
        return value_of(option, value["name"]) or value["name"]
    return None


def foreign_keys(plain: Mapping[str, Any], known: Iterable[str] = tuple(ENTRY_KEYS)) -> list[str]:
    """Return the keys of an entry that mean nothing here."""
    return [key for key in plain if key not in known]


def entry_of(plain: Any) -> Any:
    """Return an entry of the space in the words used here; None if it has no others, or ones that nobody knows.

    The result is a mapping, a list of choices, or a single value.
    """
    if isinstance(plain, str):
        return _from_text(plain)
    if not isinstance(plain, dict):
        return None
    if torn := _torn(plain):
        return {key: torn if key == "range" else value for key, value in plain.items() if not key.endswith(")")}
    foreign = foreign_keys(plain)
    if len(foreign) == 1 and _simple(foreign[0]) in _SCALES and isinstance(plain[foreign[0]], list):
        (name,) = foreign
        others = {key: value for key, value in plain.items() if key != name}
        return _from_words({"scale": name, "range" if _simple(name) not in _LISTED else "choices": plain[name], **others})
    if not foreign or not all(_simple(key) in _KEYS for key in foreign):
        return None
    return _from_words({_KEYS.get(_simple(key), (key,))[0]: value for key, value in plain.items()})


def _from_text(text: str) -> Any:
    found = _CALL.match(text)
    bounds = [plain_number(bound) for bound in found.groups()[1:]] if found else [None]
    scales = _SCALES.get(_simple(found[1]), ()) if found and found[1] else ("",)
    if None in bounds or not scales:
        return None
    return {"range": bounds} | ({"scale": scales[0]} if scales[0] else {})


def _torn(plain: Mapping[str, Any]) -> list[Any] | None:
    """Return the bounds of `range: (1, 2)` within braces, where YAML reads `(1` and a key `2)`."""
    low = plain.get("range")
    high = next((key for key, value in plain.items() if key.endswith(")") and value is None), "")
    if not isinstance(low, str) or not low.startswith("(") or not high:
        return None
    bounds = [plain_number(low[1:].strip()), plain_number(high[:-1].strip())]
    return None if None in bounds else bounds


def _from_words(said: dict[str, Any]) -> Any:
    """Return an entry from what was said of it; None if that makes no sense."""
    scales = _SCALES.get(_simple(said["scale"])) if "scale" in said else ("",)
    bounds, listed = said.get("range"), said.get("choices")
    if isinstance(said.get("value"), list):
        is_listed = _simple(said.get("scale", "choice")) in _LISTED
        bounds, listed = (None, said["value"]) if is_listed else (said["value"], None)
    elif "value" in said:
        return said["value"]
    if "low" in said and "high" in said:
        bounds = _values(said["low"], said["high"], said.get("scale"))
    if not scales or (bounds is None) == (listed is None):
        return None
    scale = "log" if said.get("log") is True else scales[0]
    rest = {key: said[key] for key in ("step", "when", "per") if key in said}
    if listed is not None:
        return {"choices": listed, **rest} if rest else listed
    return {"range": bounds} | ({"scale": scale} if scale else {}) | rest


def _values(low: Any, high: Any, distribution: Any) -> list[Any]:
    """Return two bounds; those of `log_uniform` that are below 0 are exponents of e."""
    if _simple(distribution) == "loguniform" and all(isinstance(bound, (int, float)) for bound in (low, high)) and low < 0:
        return [float(f"{math.exp(min(bound, 99)):.3g}") for bound in (low, high)]
    return [low, high]
