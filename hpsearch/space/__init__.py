"""The search space: which values each hyperparameter can take, and how they lie in the unit cube.

The idea. A search draws, compares and zooms in the unit cube, where every coordinate is alike; a network wants values.
This part is the way between the two. A coordinate u in [0, 1] goes through the parameter's scale, so that equal steps of
u are steps that matter equally: factors for a learning rate, factors of 1 - beta for a momentum.

    scales.py         linear, log and 1-beta: warp a value to [0, 1], unwarp it back
    levels.py         equally spaced values and the part of the unit interval that each owns
    parameters.py     the domains: real numbers, whole numbers, choices
    evenly.py         some values of a domain, evenly, as a grid takes them
    box.py            a domain with other bounds, narrower or wider
    search_space.py   the parameters of a study by name: which are active, and the two ways decode and encode
    combinations.py   every combination of values: told, counted, drawn
    conditions.py     what conditions come to: what they say of others, and how often a parameter counts

What always holds:
- decode(encode(value)) gives the value: exactly for whole numbers, steps and choices; up to rounding for real numbers.
- The parts of [0, 1] that the values of a whole number, a step or a choice own fill it without gaps.
- An inactive parameter is absent from the params, and its coordinate does not shift any other.
- Only the standard library's arithmetic is used, so no result depends on the vector units of the machine.
"""
