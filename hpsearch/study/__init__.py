"""One study from start to finish: the loop, the dispatch to workers, and the record.

The record is the state. The loop reads the history, asks the strategy, writes the decision down, has the waiting trials
trained, writes down what they gave, and asks again; a search that was cut off anywhere goes on by doing the same.

    study_spec.py    all that defines a study
    subject.py       what it searches: the objective, and the facts about it that a run records
    parent.py        the run that a run was refined from, as far as it counts
    session.py       one command at work on a run: which run, opening or beginning it, why it stopped
    loop.py          ask, record, train, record
    dispatch.py      cutting trials into tasks, and running one
    workers.py       the processes that run tasks, and what becomes of their work when one dies
    resources.py     the processors and the memory that may be used
    sending.py       whether a function can be sent to workers
    checkpoint.py    states on disk, written by workers
    line_file.py     append-only files of JSON lines that survive a crash
    record.py        all that is on record of a run, and what follows from it
    replay.py        folding the lines of a journal into the record
    entries.py       trials, curves and scores as plain data, written and read back
    confirmation.py  what retraining the leaders with fresh seeds says of them
    work.py          how much of a run's work is done
    runs.py          the directories of runs: finding, reading, numbering, locking
    run_dir.py       the directory of a run: writing down what happens
    confusion.py     confusion matrices as CSV, written and read
    saved_model.py   the winner's files, read back
    derived.py       trials.csv and best.json, made from the history
    environment.py   what the bits depend on besides the spec
    events.py        what the loop tells whoever watches
    follow.py        the same events from the record of a run that another process works on
    signals.py       Ctrl-C and SIGTERM as one exception
    lineage.py       what a run takes from earlier ones as evidence
    first_points.py  the leaders of another run that a search begins with
    going_on.py      which run a search goes on with
    differences.py   what makes a new run another search than an earlier one
    outlook.py       what a search means now: on which run, and with what plan
    preview.py       what a new search is about to do: its draws, its groups, what it takes
    histograms.py    where draws lie in their ranges
    estimate.py      the time and the disk of a plan, from a short measured training
    verify.py        training a trial again and comparing bits
    machine.py       what a search would find on this machine
    health.py        whether a run's record is whole, and what the next command would do about what is not
"""
