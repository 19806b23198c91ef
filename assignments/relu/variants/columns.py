# Examples as columns inside, as the source of the assignment has its weights.
def relu(z):
    return np.where(z > 0, z, 0)


def forward(X, W_h, b_h, W_o, b_o):
    hidden = relu(np.dot(W_h.T, X.T) + b_h.reshape(-1, 1))
    output = sigmoid(np.dot(W_o.T, hidden) + b_o.reshape(-1, 1))
    return hidden.T, output.T


def backward(X, y, a_h, a_o, W_o):
    n = len(y)
    targets = np.zeros((W_o.shape[1], n))
    targets[y, np.arange(n)] = 1
    out, hid = a_o.T, a_h.T
    d_out = (2.0 / n) * (out - targets) * (out - out**2)
    d_hid = np.dot(W_o, d_out) * np.where(hid > 0, 1, 0)
    return (np.dot(d_hid, X).T, d_hid.sum(axis=1), np.dot(d_out, a_h).T, d_out.sum(axis=1))


def update(parameters, gradients, learning_rate):
    return [np.subtract(p, np.multiply(learning_rate, g)) for p, g in zip(parameters, gradients)]


def batches(order, batch_size):
    full = len(order) // batch_size
    cut = np.split(order[: full * batch_size], full) if full else []
    rest = order[full * batch_size :]
    return list(cut) + ([rest] if len(rest) else [])


def train_epoch(X, y, parameters, learning_rate, order, batch_size):
    W_h, b_h, W_o, b_o = parameters
    for rows in batches(order, batch_size):
        a_h, a_o = forward(X[rows, :], W_h, b_h, W_o, b_o)
        g = backward(X[rows, :], y[rows], a_h, a_o, W_o)
        W_h, b_h, W_o, b_o = update((W_h, b_h, W_o, b_o), g, learning_rate)
    return W_h, b_h, W_o, b_o


def increase(y, before, after):
    return np.count_nonzero(after == y) - np.count_nonzero(before == y)
