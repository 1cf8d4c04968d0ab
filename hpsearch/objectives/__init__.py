"""From trials and epochs to outcomes: what a search optimises, and what it never looks into.

An objective takes many trials at once and advances them to an epoch; one trial is a group of one. The search sees its
values only, the study sees its states as named arrays, and neither knows what is trained.

    objective.py           the contract
    metrics.py             the metrics a spec may name, and which way is better
    network_objective.py   batch-norm networks on a data set
    model.py               a trained network as plain data, and ready for new rows
    prediction.py          its answers for a table, their score, and what is unusual about the rows
    settings.py            which Python function is searched
    python_objective.py    somebody's function or generator
    loading.py             finding and importing it, and telling its versions apart
    carried.py             what one without a name carries with it, and the hash of that
    calling.py             from parameters to its arguments, from what it returns to numbers
    foreign_code.py        keeping what it prints, raises and changes of the process where it belongs
    functions.py           examples: the course's J(w), Branin, Hartmann6
"""
