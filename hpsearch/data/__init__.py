"""From a file to arrays: read, tell what the columns are, split, prepare.

    readers.py          a path to a table; csv_reader.py and npz_reader.py know the formats
    table.py            columns of raw values, and the line each row came from
    columns.py          what a column is: a number, a category, or left out
    target.py           classes or a quantity; the class of each row
    quantities.py       the numbers of a target of regression, and their scale
    lookup.py           what the settings name, looked up in the files: all that is not there is told at once
    class_weights.py    what each training row weighs in the loss
    split.py            which rows train, validate and test
    group_split.py      the same where rows of one group must stay together
    preprocessing.py    from columns to features, learnt from the training part alone
    in_memory.py        rows that are in memory already to a table, for prediction
    dataset.py          the door: `load_dataset(settings)` gives the parts, ready and read-only
    first_look.py       what a file shows before anybody has said a word: target, task, columns to leave out, with reasons
    profile.py          what the columns and classes look like to a person
    messages.py         how names and values from a file are shown
    settings.py         the options

Invariants. The split depends on `split_seed`, the shares, the targets and the groups, on nothing else. The validation
and test rows have no say in the preprocessing, in the scale of a quantity or in the class weights. Nothing is dropped
without a note, and a file that can be understood in two ways is an error that names the ways. Inputs never hold NaN or
infinity.

A mistake in the data is a DataError that points at file and line. A setting that does not go with the data is a SettingError
that names it.
"""
