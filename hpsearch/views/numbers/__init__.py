"""Numbers from a run's record, before any look: pure and frozen, with no terminal, no file and no clock.

summary.py      how trials ended, the leaders, what confirming them gave, the score on the test part
progress.py     the incumbent over trials, epochs and seconds
under_way.py    how far a search is, from the events that are told of it
slices.py       one parameter at a time, the regions of the stages, and the edges that the best trials crowd
importance.py   how much each parameter matters
looked.py       what a look at the data finds
trials.py       the trials as a table, of which conditions.py chooses rows; events.py what became of one of them
timeline.py     which worker trained what, and when
axis.py         an axis for scores, and ticks.py round numbers along one
comparison.py   runs side by side; spaces.py what they searched, chance.py which differences are more than noise
"""
