"""Specs: a YAML file becomes a `StudySpec`, or a list of its mistakes, each with its place.

The idea. The text is read once into plain data that remembers where every key and value stands; from there on every
check only says what is wrong with which key, and the place, the line and the caret come by themselves. All mistakes are
collected and shown together.

    slips.py          what YAML takes for text and is a mistake: `a = b`, a space that is none
    core_schema.py    what a scalar means by the rules of YAML 1.2, and how a text is written
    places.py         a line and a column in a text, and the excerpt to show
    loader.py         PyYAML's loader with these rules, limits, and an eye for slips
    syntax.py         text to YAML nodes, or one problem in plain words
    document.py       text to plain data with places, and plain data to text
    overrides.py      `--set a.b=value`, grafted onto a document with a place of its own
    faults.py         collects the problems of one document
    wording.py        how values, allowed values and near misses are named in messages
    declared.py       which keys there are, and the dataclasses that declare them
    elsewhere.py      what other tools call keys and values, and how they write a range
    hints.py          the line to write, and what to do about an unknown key
    exponents.py      exponents of ten where values were asked for
    settings.py       a section, or one value, checked against the dataclass that declares it (pydantic)
    sections.py       what a trial is: the sections of a network, or that of a Python function
    names.py          which names the space may hold: the network's options, or a function's arguments
    space.py          the `space` section: choices, and what may be said of an entry
    ranges.py         its ranges: bounds, scale and step
    conditions.py     `when` and `per: layer`
    agreement.py      what `network` and `space` must agree on
    effects.py        names that would be searched without an effect
    search.py         what the `search` section must agree on with the rest
    lint.py           what is allowed and yet wastes a search: each kind with its code; `run` tells some of them as notes
    lint_case.py      what the kinds of lint share: what is judged, and how a better entry is written
    lint_scales.py    lint of single entries: their scales, lists that look like bounds, whole numbers
    lint_search.py    lint of the trials, the grid, early stopping, and of what is to end the search
    lint_conditions.py  lint of `when` and `per: layer`
    lint_training.py  lint of mini-batches, warm-up, of what is searched first, and of the validation rows
    refined.py        the spec that `hpsearch refine` writes, with its reasons as comments
    starter.py        the spec that `hpsearch init` writes for a data file
    schema.py         the JSON Schema of a spec, for editors
    keys.py           every key, for completion
    load.py           the doors: `read_spec` and `load_spec`

What always holds:
- Whatever the text, the result is a spec or a SpecError whose problems name a line and a column; never a traceback.
- Options, their bounds and their defaults are declared in the parts that use them, not here.
- load(resolved) gives an equal StudySpec.
- PyYAML and pydantic are imported in this part only.
"""
