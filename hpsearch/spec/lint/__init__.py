"""Lint: what a spec may say, and what yet wastes a part of its search or may not be as it was meant.

The idea. Each kind has a code and one function, which is given a case and yields problems: where, a number that is computed
from this very spec and its data, and a hint that can be pasted. `check` tells all of them, `run` a few as notes.

    case.py        what every kind gets, and how it says where something is and what to write instead
    scales.py      single entries: their scales, lists that look like bounds, whole numbers
    search.py      the trials, the grid, early stopping, and what is to end the search
    conditions.py  `when` and `per: layer`
    training.py    mini-batches, warm-up, what is searched first, memory, and the validation rows
    kinds.py       the table of all kinds, and the doors: `lint` and `notes`

What always holds:
- Nothing is trained or read, and the spec is right: it has loaded.
- Every kind has an example in the tests, and following its hint ends it.
"""
