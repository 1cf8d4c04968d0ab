"""Specs: a YAML file becomes a `StudySpec`, or a list of its mistakes, each with its place.

The idea. The text is read once into plain data that remembers where every key and value stands; from there on every
check only says what is wrong with which key, and the place, the line and the caret come by themselves. All mistakes are
collected and shown together.

    core_schema.py    what a scalar means: the rules of YAML 1.2 on PyYAML's scanner; the loader and dumper classes
    places.py         a line and a column in a text, and the excerpt to show
    syntax.py         text to YAML nodes, or one problem in plain words
    document.py       text to plain data with places, and plain data to text
    overrides.py      `--set a.b=value`, grafted onto a document with a place of its own
    faults.py         collects the problems of one document
    wording.py        how values, allowed values and near misses are named in messages
    settings.py       a section, or one value, checked against the dataclass that declares it (pydantic)
    sections.py       what a trial is: the sections of a network, or that of a Python function
    names.py          which names the space may hold: the network's options, or a function's arguments
    space.py          the `space` section: choices, and what may be said of an entry
    ranges.py         its ranges: bounds, scale and step
    conditions.py     `when` and `per: layer`
    agreement.py      what `network` and `space` must agree on
    effects.py        names that would be searched without an effect
    search.py         what the `search` section must agree on with the rest
    notes.py          what is no mistake and yet worth a word
    lint.py           what is allowed and yet wastes a search, each kind with a code and a number
    remarks.py        what the kinds of lint share: what is judged, and how a better entry is written
    draws.py          which share of the draws has a value
    lint_scales.py    lint of single ranges: their scales
    lint_search.py    lint of the plan and of the conditions
    lint_training.py  lint of mini-batches, of what is searched first, and of the validation rows
    refined.py        the spec that `hpsearch refine` writes, with its reasons as comments
    first_look.py     what a data file shows: target, task, columns to leave out, each with its reason
    starter.py        the spec that `hpsearch init` writes for it
    schema.py         the JSON Schema of a spec, for editors
    reference.py      every key with what it is, for the README and for completion
    load.py           the doors: `read_spec` and `load_spec`

What always holds:
- Whatever the text, the result is a spec or a SpecError whose problems name a line and a column; never a traceback.
- Options, their bounds and their defaults are declared in the parts that use them, not here.
- load(resolved) gives an equal StudySpec.
- PyYAML and pydantic are imported in this part only.
"""
