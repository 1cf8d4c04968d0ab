"""The model: K batch-norm networks trained side by side, and nothing of searching.

    x -> [ z = a W -> batch norm -> activation -> dropout ] x L -> softmax or a line -> cross-entropy or squared error

**One idea.** A population is K networks of one depth in one wide array: activations are (m, sum of widths). Matrix products
and sums over the mini-batch run network by network on column blocks, so a network's numbers have the same bits alone and in
company; everything else is one NumPy pass over all K, so the fixed price of a NumPy call is paid once. One network is a
population of one: there is no second implementation.

Files, from the formulas to the whole:

    settings.py      the options of one network
    initializers.py  He's initialisation, and the small one of the output layer
    activations.py   relu, leaky relu, tanh, sigmoid, in place, with their derivatives
    batchnorm.py     batch norm forward and backward, and what stands for its moments at test time
    losses.py        softmax with cross-entropy, the squared error, and the metrics that go with them
    schedules.py     how the learning rate grows and falls
    optimizers.py    gradient descent, momentum, Nesterov, RMSprop, Adam, AdamW as one update rule
    layout.py        where each network's numbers lie in the shared arrays
    workspace.py     where the activations live
    sections.py      batch norm before the activation, after it, or not at all
    layers.py        the hidden layers and the output layer of a population
    population.py    K networks: a training step, predictions, states in and out
    size.py          how many networks side by side, and what they take
    training.py      epochs and mini-batches: `advance`, the resumable function everything rests on

Shapes: m rows of a mini-batch, F features, K networks, S the sum of a layer's (padded) widths, P the length of the
parameter vector. Arrays are float32 in a search; float64 serves to check gradients.

The part can be used by itself. Three networks that learn whether two numbers have the same sign:

    >>> import numpy as np
    >>> from hpsearch.network.losses import SoftmaxCrossEntropy
    >>> from hpsearch.network.population import Population
    >>> from hpsearch.network.settings import NetworkSettings
    >>> from hpsearch.network.training import Examples, Member, Rows, advance, selected
    >>> from hpsearch.seeds import Streams
    >>> x = np.random.default_rng(0).standard_normal((1200, 2), dtype=np.float32)
    >>> y = (x[:, 0] * x[:, 1] > 0).astype(np.int64)
    >>> examples = Examples(Rows(x[:1000], y[:1000]), Rows(x[1000:], y[1000:]), SoftmaxCrossEntropy(classes=2))
    >>> rates = (0.0001, 0.01, 0.1)
    >>> networks = [NetworkSettings(hidden_units=16, hidden_layers=2, learning_rate=rate) for rate in rates]
    >>> members = [Member(settings, key) for key, settings in enumerate(networks)]
    >>> first = advance(members, examples, Streams(seed=0), until_epoch=10)
    >>> [progress.curves["validation_error"][-1] < 0.15 for progress in first]
    [False, True, True]

`advance` goes on from any state, in any company, and ends in the bits that one call would have given:

    >>> again = [Member(networks[1], 1, first[1].state)]
    >>> more = advance(again, examples, Streams(seed=0), until_epoch=20)
    >>> more[0].epochs_done, more[0].curves["validation_error"][-1] < 0.1
    (20, True)

A state is a mapping of plain arrays. Without those under `training/` it is the model, and predicts one row or many:

    >>> model = Population([networks[1]], features=2, loss=SoftmaxCrossEntropy(classes=2), rows=64)
    >>> model.restore([selected(more[0].state)])
    >>> model.predict(np.array([[1.5, 2.0], [1.5, -2.0]], np.float32))[0].argmax(axis=1).tolist()
    [1, 0]
"""
