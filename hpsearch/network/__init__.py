"""The model: K batch-norm networks trained side by side, and nothing of searching.

    x -> [ z = a W -> batch norm -> activation ] x L -> softmax -> cross-entropy

**One idea.** A population is K networks of one depth in one wide array: activations are (m, sum of widths). Matrix products
and sums over the mini-batch run network by network on column blocks, so a network's numbers have the same bits alone and in
company; everything else is one NumPy pass over all K, so the fixed price of a NumPy call is paid once. One network is a
population of one: there is no second implementation.

Files, from the formulas to the whole:

    settings.py      the options of one network
    initializers.py  He's initialisation, and the small one of the output layer
    activations.py   relu, leaky relu, tanh, sigmoid, in place, with their derivatives
    batchnorm.py     batch norm forward and backward, and the averages used at test time
    losses.py        softmax with cross-entropy
    schedules.py     how the learning rate falls
    optimizers.py    gradient descent, momentum, RMSprop, Adam as one update rule
    layout.py        where each network's numbers lie in the shared arrays
    layers.py        the hidden layers and the output layer of a population
    population.py    K networks: a training step, predictions, states in and out
    training.py      epochs and mini-batches: `advance`, the resumable function everything rests on

Shapes: m rows of a mini-batch, F features, C classes, K networks, S the sum of a layer's (padded) widths, P the length of
the parameter vector. Arrays are float32 in a search; float64 serves to check gradients.
"""
