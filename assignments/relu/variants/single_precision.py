# Everything in float32, as for a graphics card.
def relu(z):
    return np.maximum(z, 0).astype(np.float32)


def forward(X, W_h, b_h, W_o, b_o):
    X, W_h, b_h, W_o, b_o = (np.asarray(v, dtype=np.float32) for v in (X, W_h, b_h, W_o, b_o))
    a_h = relu(X @ W_h + b_h)
    return a_h, sigmoid(a_h @ W_o + b_o)


def backward(X, y, a_h, a_o, W_o):
    X, a_h, a_o, W_o = (np.asarray(v, dtype=np.float32) for v in (X, a_h, a_o, W_o))
    delta = 2 * (a_o - one_hot(y, a_o.shape[1]).astype(np.float32)) * a_o * (1 - a_o) / len(X)
    back = delta @ W_o.T
    back[a_h == 0] = 0
    return X.T @ back, np.sum(back, 0), a_h.T @ delta, np.sum(delta, 0)


def update(parameters, gradients, learning_rate):
    return tuple((p - np.float32(learning_rate) * g).astype(np.float32)
                 for p, g in zip(parameters, gradients))


def batches(order, batch_size):
    return np.array_split(order, range(batch_size, len(order), batch_size))


def train_epoch(X, y, parameters, learning_rate, order, batch_size):
    theta = tuple(np.asarray(p, dtype=np.float32) for p in parameters)
    for rows in batches(order, batch_size):
        theta = update(theta, backward(X[rows], y[rows], *forward(X[rows], *theta), theta[2]),
                       learning_rate)
    return theta


def increase(y, before, after):
    return np.sum((after == y).astype(np.int32) - (before == y).astype(np.int32))
