"""The command line: one file per command, errors to exit codes in one place.

Commands import what they need inside their functions, so that `hpsearch --help` answers without NumPy.
"""
