"""The command line: one file per command, errors to exit codes in one place.

What several commands share: `options` (their options), `variables` (those from the environment), `recorded` (the run that
they are about), `searching` (a search from its spec to its end), `assertion`, `completion` and `dry_run`.

Commands import what they need inside their functions, so that `hpsearch --help` answers without NumPy.
"""
