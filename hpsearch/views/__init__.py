"""What people see: numbers first, then looks that share them.

summary.py   numbers from a run's record: frozen, pure, tested by value
format.py    one way to write a value, a percentage, a beta with its window
console.py   the two streams: data on standard output, everything else on standard error
tables.py    tables and texts for the terminal
live.py      progress while a search runs
export.py    the same numbers as JSON
"""
