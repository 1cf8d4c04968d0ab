"""What a terminal shows; the two streams are in console.py.

plan.py, check.py   what a search is about to do
live.py             progress while it runs
tables.py           what it came to: the counts, the leaders, the result
confirmation.py     what training the leaders again says, in words
one_trial.py        a trial with its curves
importance.py       how much each parameter matters
confusion.py        which classes were taken for which
listing.py          the runs, one row each
refine_table.py     what `refine` proposes, and why
health.py           what a machine and a run were found to be, one line each
"""
