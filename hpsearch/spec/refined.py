"""The spec that `refine` writes: what the parent's spec said, another space, and a comment for each parameter that says why.

What is as it would be by itself, and nobody wrote down, is left out. Paths are relative where the files lie below the new
spec, else absolute. What the comments say is for the caller to know.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

from hpsearch.data.settings import DataSettings
from hpsearch.errors import SpecError, UsageError
from hpsearch.network.settings import CURVES, NetworkSettings
from hpsearch.objectives.settings import PythonSettings
from hpsearch.search.refinement import Refinement
from hpsearch.search.settings import SearchSettings, is_staged
from hpsearch.space.parameters import Whole, identity
from hpsearch.space.search_space import DEPTH, SearchSpace
from hpsearch.spec.document import dump, parse
from hpsearch.spec.load import load_spec
from hpsearch.spec.overrides import override
from hpsearch.study.lineage import PastRun, placed_params, trials_sha256
from hpsearch.study.study_spec import StudySpec
from hpsearch.trial import Value

Plain: TypeAlias = dict[str, Any]
Comments: TypeAlias = Mapping[str, Sequence[str]]
"""Lines by the name of the parameter that they are about."""

UNITS = "hidden_units"
WIDTH = 100
FILE = "the refined spec"
"""What stands in messages in the place of a file's name."""

OF_THE_PARENT = ("start", "prior", "target")
"""What a search says of where it begins and ends: a refined one begins elsewhere, and where its parent ended."""


def refined_spec(
    parent: PastRun, called: str, refinement: Refinement, overrides: Sequence[str] = (), around: int | None = None
) -> tuple[Plain, tuple[str, ...]]:
    """Return the spec that searches where the trials of a run say, as plain data, and notes on what it is not.

    `called` is what the spec calls that run, `overrides` are `a.b=value` arguments, and `around` is the trial that the new
    ranges are put round, if one was named: it is trained again beside the best. Raises SpecError for overrides that are
    wrong, UsageError where they leave nothing to search.
    """
    file = parent.directory / "spec.yaml"
    given = given_in(file.read_text(encoding="utf-8", errors="replace")) if file.is_file() else {}
    study, notes = _learning(parent.study, "early_stopping" in (given.get("search") or {}))
    plain = making_room(refined_plain(study, given, refinement.space, refinement.fixed, Path()), overrides)
    load_spec(dump(plain), FILE, overrides)  # so that mistakes are shown in the arguments
    plain = overridden(plain, overrides)
    now = load_spec(dump(plain), FILE).study
    if is_staged(now.search.method):
        plain["search"].setdefault("prior", {"run": called, "trials_sha256": trials_sha256(parent.run)})
    points, passed_over = _first_points(parent, now, around)
    if points:
        plain["search"].setdefault("start", points)
    plain["search"] = {key: value for key, value in plain["search"].items() if value is not None}
    return plain, (*notes, *passed_over)


def _learning(study: StudySpec, is_stopping_given: bool) -> tuple[StudySpec, list[str]]:
    """Return a study whose search can learn from earlier trials, and a note where that is another one."""
    method = study.search.method
    if is_staged(method):
        return study, []
    stopping = study.search.early_stopping if is_stopping_given else None
    learning = replace(study, search=replace(study.search, method="coarse-to-fine", early_stopping=stopping))
    return learning, [f"a {method} search learns nothing from earlier trials: the refined one is coarse-to-fine"]


def _first_points(parent: PastRun, now: StudySpec, around: int | None) -> tuple[list[Plain], list[str]]:
    """Return the params to begin with, and notes on those that the new study has no place for.

    They are those of the parent's best, so that it may win, and of the trial that the box is round.
    """
    best = parent.run.winner
    records = [best] if best is not None else []
    if around is not None and (best is None or best.number != around):
        records.append(parent.run.history[around])
    domains = {parameter.name: parameter.domain for parameter in now.space.parameters}
    points, notes = [], []
    for record in records:
        params = placed_params(record.trial.params, parent.study, now)
        if params is not None and all(domains[name].admits(value) for name, value in params.items()):
            points.append(params)
        else:
            why = "has other settings than the new spec" if params is None else "lies outside of the new space"
            notes.append(f"trial {record.number} of {parent.run.name} {why}: it is not trained again there")
    return points, notes


def given_in(text: str) -> Plain:
    """Return what a spec's text says, so that what was given may be kept; nothing of a text that cannot be read."""
    try:
        plain: Plain = parse(text, "").plain
    except SpecError:
        return {}
    return plain


def refined_plain(study: StudySpec, given: Plain, space: SearchSpace, fixed: Mapping[str, Value], directory: Path) -> Plain:
    """Return the spec of a study as plain data with another space, to be written into a directory.

    `given` is what the study's own spec says; `fixed` holds the parameters that are searched no longer.
    """
    resolved, defaults = study.resolved(), _defaults(study).resolved()
    plain: Plain = {}
    for section in ("seed", "data", "objective", "network", "space", "search", "metric", "select"):
        if section == "space":
            plain["space"] = described(space, of_function=study.objective is not None)
        elif isinstance(content := resolved.get(section), Mapping):
            said = given.get(section)
            plain[section] = _told(content, defaults[section], said if isinstance(said, Mapping) else {})
        elif section in resolved and (section in given or not _goes_without_saying(section, content, defaults)):
            plain[section] = content
    if fixed:
        plain["network"] = {**plain.get("network", {}), **fixed}
    plain["search"] = {name: value for name, value in plain["search"].items() if name not in OF_THE_PARENT}
    _relocate(plain, directory.absolute())
    return {section: content for section, content in plain.items() if content not in ({}, None)}


def described(space: SearchSpace, *, of_function: bool) -> Plain:
    """Return the `space` section; of a function's whole numbers it says that they are meant."""
    plain = space.describe()
    for name, entry in space.entries.items():
        if of_function and isinstance(entry.domain, Whole):
            plain[name]["step"] = entry.domain.step
    return plain


def making_room(plain: Plain, arguments: Sequence[str]) -> Plain:
    """Return plain data without what `a.b=value` arguments settle in another way.

    A setting of the network that they fix is searched no longer, one that they search is fixed no longer; a list of widths
    says how many hidden layers there are. Raises SpecError for an argument that cannot be read, UsageError where nothing is
    left to search.
    """
    space, network = dict(plain["space"]), dict(plain.get("network", {}))
    for argument in arguments:
        section, _, name = argument.partition("=")[0].partition(".")
        if section == "network" and name in (*space, UNITS):
            value = override(parse("network: {}", FILE), argument).plain["network"][name]
            space = _settled(space, name, value)
            if name == UNITS and isinstance(value, list):
                space = _settled(space, DEPTH, len(value))
                network.pop(DEPTH, None)
        elif section == "space":
            network.pop(name.partition(".")[0], None)
    if not space:
        raise UsageError("every parameter is settled: there is nothing left to search")
    left = {**plain, "space": space, "network": network}
    return {section: left[section] for section in plain if left[section] != {}}


def _settled(space: Plain, name: str, *value: Any) -> Plain:
    """Return a space without a parameter, which has that value, or none at all.

    Conditions on it that hold go, and so do the parameters for which they don't.
    """
    left = {other: entry for other, entry in space.items() if other != name}
    for other, entry in space.items():
        when = dict(entry.get("when", {})) if isinstance(entry, dict) else {}
        if other not in left or name not in when:
            continue
        values = when.pop(name)
        known = [identity(item) for item in (values if isinstance(values, list) else [values])]
        if any(identity(fixed) in known for fixed in value):
            left[other] = {**entry, "when": when} if when else {key: entry[key] for key in entry if key != "when"}
        else:
            left = _settled(left, other)
    return left


def overridden(plain: Plain, arguments: Sequence[str]) -> Plain:
    """Return plain data with `a.b=value` arguments set; SpecError for one that cannot be read.

    A parameter of real numbers whose range is given as whole ones stays real, and the other way round.
    """
    document = parse(dump(plain), FILE)
    for argument in arguments:
        document = override(document, argument)
    if document.problems:
        raise SpecError(document.problems)
    result: Plain = document.plain
    for name, entry in plain["space"].items():
        now = result["space"].get(name)
        if "range" in entry and now != entry and isinstance(now, dict) and isinstance(now.get("range"), list):
            now["range"] = _alike(now["range"], entry["range"])
    return result


def _alike(bounds: Sequence[Any], before: Sequence[Any]) -> list[Any]:
    """Return whole bounds in the kind of those before: of a function's argument they alone tell what it is."""
    kind = float if any(isinstance(bound, float) for bound in before) else int
    return [kind(bound) if type(bound) in (int, float) and bound == bound // 1 else bound for bound in bounds]


def written(plain: Plain, head: Sequence[str], comments: Comments) -> str:
    """Return the text of a spec, with a head and with comments above the parameters that they are about.

    What is said of parameters that stand nowhere is said at the top of the space.
    """
    parts = [_commented(head, "")]
    for section, content in plain.items():
        if not isinstance(content, dict) or section not in ("network", "space"):
            parts.append(dump({section: content}))
            continue
        parts.append(f"{section}:\n")
        if section == "space":
            absent = [name for name in comments if not any(name in plain.get(part, {}) for part in ("network", "space"))]
            parts += [_commented(comments[name], "  ") for name in absent]
        for name, value in content.items():
            parts.append(_commented(comments.get(name, ()), "  "))
            parts.append(dump({section: {name: value}}).partition("\n")[2])
    return "".join(parts)


def _defaults(study: StudySpec) -> StudySpec:
    """Return the study that has the same space, and all else as it is by itself."""
    function = study.objective and PythonSettings(study.objective.python)
    return replace(
        study,
        seed=0,
        data=DataSettings(),
        network=NetworkSettings(),
        search=SearchSettings(method=study.search.method),
        objective=function,
        metric=None,
        select="last_epoch",
    )


def _told(content: Mapping[str, Any], default: Mapping[str, Any], given: Mapping[str, Any]) -> Plain:
    """Return what a section has to say: what differs from the default, or was given."""
    return {name: value for name, value in content.items() if name in given or name not in default or value != default[name]}


def _goes_without_saying(section: str, content: object, defaults: Mapping[str, Any]) -> bool:
    if section == "metric" and "metric" not in defaults:  # that of the data's task, which no other task has
        return content in {columns[0] for columns in CURVES.values()}
    return bool(content == defaults.get(section))


def _relocate(plain: Plain, directory: Path) -> None:
    """Write paths as they are seen from a directory, where they lie below it."""
    data = plain.get("data", {})
    for key in ("source", "validation", "test"):
        if isinstance(path := data.get(key), str) and Path(path).is_absolute() and Path(path).is_relative_to(directory):
            relative = Path(path).relative_to(directory)
            data[key] = str(relative) if relative.suffix else f"./{relative}"
    function = plain.get("objective", {})
    if function.get("path") and Path(function["path"]) == directory:
        del function["path"]  # the directory of the spec is where functions are looked for


def _commented(lines: Sequence[str], indent: str) -> str:
    wrapped = [part for line in lines for part in textwrap.wrap(line, WIDTH - len(indent) - 2)]
    return "".join(f"{indent}# {line}\n" for line in wrapped)
