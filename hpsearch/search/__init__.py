"""Which trial next: pure functions of what is on record, and nothing of networks.

**The idea.** A search sees values and statuses, never an objective, a clock, a disk or a process. `ask` is called with the
records of all trials and answers with one decision: start a stage, promote some of it, wait, or be done. Asked again with
the same records it gives the same answer, and that is resuming. All points live in the unit cube, where a step is a step on
the parameter's own scale.

*Coarse to fine.* A fifth of the trials is drawn at random from the whole space. Then stages: rank all finished trials, take
the best 8 % (at least 3) as elites, draw candidates near them, ten for each trial of the stage and at least 200; a Gaussian
process fitted to the trials so far picks those with the highest expected improvement; one trial in ten is drawn from the
whole space. With early stopping a stage is
one bracket of successive halving: all its trials train for a few epochs, and from rung to rung the best third goes on.

    settings.py          the options
    coordinates.py       points as a model sees them: levels at their middles, choices as columns
    evidence.py          the trials, with losses that make finished, stopped and broken ones comparable, as models take them
    gaussian_process.py  what to expect of a point, and how little is known there
    region.py            the elites, candidates near them, and the box round the best
    halving.py           the rungs, and who goes on
    samplers.py          points that depend on no result: random, grid, Sobol, and the user's own
    coarse_to_fine.py    the stages of the search
    zoom.py              the lecture's box round the best point, for contrast
    plan.py              what a search means to do, and the decisions as data
    strategy.py          who decides: the plan, a sampler that fills it, and what ends a search early
    importance.py        which parameters mattered
    advice.py            what becomes of one parameter of a space, judged by where the good trials lie
    refinement.py        from the trials of a run to a narrower space, and why

What always holds:
- A stage is a function of the space, the seed and the ended trials before it, in order of their number. The number of
  workers, interruptions, and the order in which trials end make no difference.
- A random or Sobol trial is a function of the space, the seed and its number: 50 trials and then 50 more are the 100. In a
  space without continuous parameters both skip what was tried.
- The plan is recorded, and changes by a decision only: more trials are further stages, of fewer its first stages are left,
  and where early epochs do not tell, stages train fewer trials in full.
- Every trial counts: one that diverged is as bad as the model can tell, and takes nobody's place in its bracket. A stopped
  trial is never ranked before the best finished one.
- In a space without continuous parameters coarse to fine tries no combination twice while another is untried, and ends
  when all have been.
- Trials of earlier runs are evidence: they cost nothing, win nothing, and are elites only inside of the space.
"""
