# Everything in float32, as for a graphics card.
def f32(values):
    return np.asarray(values, dtype=np.float32)


def softmax(z):
    # Shift before the precision is lost.
    e = np.exp(f32(z - np.max(z, axis=-1, keepdims=True)))
    return e / np.sum(e, axis=-1, keepdims=True)


def loss(y, p):
    return np.float32(-np.sum(np.log(f32(p)[range(len(y)), y])) / np.float32(len(y)))


def feed_forward(X, weights):
    w = {k: f32(v) for k, v in weights.items()}
    return softmax(sigmoid(f32(X) @ w["W1"] + w["b1"]) @ w["W2"] + w["b2"])


def gradients(X, y, weights):
    w, X = {k: f32(v) for k, v in weights.items()}, f32(X)
    a = sigmoid(X @ w["W1"] + w["b1"])
    d = (feed_forward(X, w) - f32(one_hot(y, w["W2"].shape[1]))) / np.float32(len(y))
    back = (d @ w["W2"].T) * (a * (1 - a))
    ones = np.ones(len(y), dtype=np.float32)
    return {"W1": X.T @ back, "b1": ones @ back, "W2": a.T @ d, "b2": ones @ d}


def network(X, y, weights, epochs, eta):
    w = {k: f32(v) for k, v in weights.items()}
    while epochs > 0:
        g, epochs = gradients(X, y, w), epochs - 1
        w = {k: w[k] - np.float32(eta) * g[k] for k in w}
    return w


def network_sgd(X, y, weights, epochs, batch_size, eta, rng):
    for _ in range(epochs):
        order = rng.permutation(len(y))
        for rows in np.array_split(order, range(batch_size, len(order), batch_size)):
            weights = network(X[rows], y[rows], weights, 1, eta)
    return weights


def confusion(y, predicted, K):
    return f32(one_hot(y, K).T @ one_hot(predicted, K))


def increase(X, y, before, after):
    right = [np.sum(np.argmax(feed_forward(X, w), axis=1) == y) for w in (before, after)]
    return np.int32(right[1] - right[0])
