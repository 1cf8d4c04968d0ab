"""What people see: numbers first, then looks that share them.

summary.py        numbers from a run's record: frozen, pure, tested by value
format.py         one way to write a value, a percentage, a beta with its window
console.py        the two streams: data on standard output, everything else on standard error
plan.py           what a search is about to do
tables.py         what it came to: the counts, the leaders, the result
confirmation.py   what training the leaders again says, in words
one_trial.py      a trial, and why.py the sentence about where its point came from
importance.py     how much each parameter matters
listing.py        the runs, one row each
confusion.py      which classes were taken for which
refine_table.py   what `refine` proposes, and why
live.py           progress while a search runs
health.py         what a machine and a run were found to be, one line each
export.py         the same numbers as JSON
"""
