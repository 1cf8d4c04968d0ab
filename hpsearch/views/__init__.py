"""What people see: numbers first, then looks that share them.

numbers/    what a run's record says: frozen, pure, tested by value
terminal/   the numbers as tables, lines and pictures, and progress while a search runs
export.py   the numbers as plain data, for other programs; ahead_export.py what is ahead of a search,
            trials_export.py its trials as JSON lines, optuna_export.py a run as a study of Optuna
page/       the numbers as one HTML file
words.py    what is to be said of a run, and confirmation.py of its leaders trained again, in sentences
why.py      the sentence about where a trial's point came from
format.py   one way to write a value, a score, a beta with its window
"""
