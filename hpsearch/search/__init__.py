"""Which trial next: strategies as pure functions of the history.

A strategy sees values and statuses, never an objective, a clock, a disk or a process. `ask` is called with all that is on
record and answers with one decision; asking again with the same record gives the same answer, and that is resuming.

    settings.py    the options
    samplers.py    points of the unit cube, each from its own stream
    strategy.py    the decisions, and random search
"""
