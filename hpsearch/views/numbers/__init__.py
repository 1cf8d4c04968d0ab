"""Numbers from a run's record, before any look: pure and frozen, with no terminal, no file and no clock.

summary.py      how trials ended, the leaders, what confirming them gave, the score on the test part
progress.py     the incumbent over trials, epochs and seconds
slices.py       one parameter at a time, the regions of the stages, and the edges that the best trials crowd
importance.py   how much each parameter matters
"""
