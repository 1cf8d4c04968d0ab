"""What a terminal shows; the two streams are in console.py.

plan.py, check.py   what a search is about to do
live.py             progress while it runs: picture.py with the leaders of board.py on a terminal, lines.py elsewhere
keys.py             the keys that are pressed meanwhile
standing.py         where a search stands, in words, and sparks.py curves and bars within a line
tables.py           what it came to: the counts, the leaders, the result
one_trial.py        a trial with its curves
trials.py           the trials, a row each
plots.py            curves, slices and the incumbent as plots, and workers.py what the workers did
importance.py       how much each parameter matters
confusion.py        which classes were taken for which
listing.py          the runs, one row each
comparison.py       runs side by side; verdict.py whether one is better by more than noise
refine_table.py     what `refine` proposes, and why
health.py           what a machine and a run were found to be, one line each
"""
