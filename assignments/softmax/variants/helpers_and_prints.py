# Helpers, prints, asserts, other names, and log-probabilities inside.
print("my solution")


def log_softmax(z):
    print("log_softmax of", z.shape)
    shifted = z - z.max(1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(1, keepdims=True))


def softmax(z):
    p = np.exp(log_softmax(z))
    assert np.allclose(p.sum(axis=1), 1)
    return p


def loss(y, p):
    mask = np.eye(p.shape[1], dtype=bool)[y]
    return -np.log(p[mask]).sum() / p.shape[0]


def hidden_layer(X, weights):
    return 0.5 * (1 + np.tanh((X.dot(weights["W1"]) + weights["b1"]) / 2))


def feed_forward(X, weights, verbose=False):
    return softmax(np.einsum("nh,hk->nk", hidden_layer(X, weights), weights["W2"])
                   + weights["b2"].reshape(1, -1))


def gradients(X, y, weights):
    h = hidden_layer(X, weights)
    upper = np.subtract(feed_forward(X, weights), one_hot(y, weights["b2"].size)) / X.shape[0]
    lower = np.einsum("nk,hk->nh", upper, weights["W2"]) * (h - h * h)
    answer = {}
    for layer, (source, delta) in enumerate([(X, lower), (h, upper)], start=1):
        answer[f"W{layer}"] = np.einsum("ni,nj->ij", source, delta)
        answer[f"b{layer}"] = np.einsum("nj->j", delta)
    return answer


def step(X, y, weights, eta):
    downhill = gradients(X, y, weights)
    return {name: np.add(weights[name], -eta * downhill[name]) for name in weights}


def network(X, y, weights, epochs, eta):
    if epochs == 0:
        return weights
    print("loss", loss(y, feed_forward(X, weights)))
    return network(X, y, step(X, y, weights, eta), epochs - 1, eta)


def network_sgd(X, y, weights, epochs, batch_size, eta, rng):
    for _ in range(epochs):
        order = np.arange(len(X))
        rng.shuffle(order)  # draws what rng.permutation(n) draws
        for s in range(0, len(X), batch_size):
            weights = step(X[order[s:s + batch_size]], y[order[s:s + batch_size]], weights, eta)
    return weights


def confusion(y, predicted, K):
    edges = np.arange(K + 1) - 0.5
    return np.histogram2d(y, predicted, bins=[edges, edges])[0].astype(int)


def increase(X, y, before, after):
    def number_right(weights):
        return np.trace(confusion(y, feed_forward(X, weights).argmax(axis=-1), len(weights["b2"])))

    return number_right(after) - number_right(before)
