"""Specs: a YAML file becomes a `StudySpec`, or a list of its mistakes, each with its place.

The idea. The text is read once into plain data that remembers where every key and value stands; from there on every
check only says what is wrong with which key, and the place, the line and the caret come by themselves. All mistakes are
collected and shown together.

    slips.py          what YAML takes for text and is a mistake: `a = b`, a space that is none
    core_schema.py    what a scalar means by the rules of YAML 1.2, and how a text is written
    places.py         a line and a column in a text, and the excerpt to show
    loader.py         PyYAML's loader with these rules, limits, and an eye for slips
    torn.py           texts that a comma within braces tears in two
    syntax.py         text to YAML nodes, or one problem in plain words
    document.py       text to plain data with places, and plain data to text
    overrides.py      `--set a.b=value`, grafted onto a document with a place of its own
    faults.py         collects the problems of one document
    wording.py        how values and what is allowed are named in messages, and how a value is written
    declared.py       which keys there are, and the dataclasses that declare them
    elsewhere.py      what other tools call keys and values
    calls.py          function calls in a text, by Python's grammar
    entries.py        how other tools write a range or a list of choices
    amounts.py        numbers in other writing: `2h`, `50%`, `10^-4`
    comparisons.py    conditions that compare: `!= adam`, `>1`
    renamed.py        sections under another name, and keys with dots
    values.py         whether an option takes a value, as it stands or as what it means in other tools (pydantic)
    hints.py          the line to write, and what to do about an unknown key
    exponents.py      exponents of ten where values were asked for
    settings.py       a section, or one value, checked against the dataclass that declares it
    sections.py       what a trial is: the sections of a network, or that of a Python function
    names.py          which names the space may hold: the network's options, or a function's arguments
    space.py          the `space` section: choices, and what may be said of an entry
    ranges.py         its ranges: bounds, scale and step
    conditions.py     `when` and `per: layer`
    agreement.py      what `network` and `space` must agree on
    effects.py        names that would be searched without an effect
    search.py         what the `search` section must agree on with the rest
    lint/             what is allowed and yet wastes a search: each kind with its code; it has a page of its own
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
