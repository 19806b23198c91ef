# Own helper functions, other names for the arguments' parts, prints and asserts left in.
import sys

print("loading my solution", file=sys.stderr)
FACTOR = 2


def positive_part(v):
    return (v + np.abs(v)) / 2


def relu(z):
    print("relu called with", z.shape)
    return positive_part(z)


def layer(a, W, b, f):
    """One layer."""
    print("z has shape", (a @ W).shape)
    return f(np.einsum("ij,jk->ik", a, W) + b)


def forward(X, W_h, b_h, W_o, b_o):
    first = layer(X, W_h, b_h, positive_part)
    return [first, layer(first, W_o, b_o, sigmoid)]


def heaviside(v):
    return np.heaviside(v, 0.0)


def backward(X, y, a_h, a_o, W_o):
    assert len(X) == len(y)
    t = np.zeros_like(a_o)
    for i, label in enumerate(y):
        t[i, label] = 1
    slope = np.multiply(a_o, 1 - a_o)
    d2 = FACTOR * np.multiply(a_o - t, slope) / X.shape[0]
    d1 = np.matmul(d2, np.transpose(W_o)) * heaviside(a_h)
    ones = np.ones(X.shape[0])
    return np.matmul(X.T, d1), ones @ d1, np.matmul(a_h.T, d2), ones @ d2


def update(parameters, gradients, learning_rate):
    step = lambda p, g: p + (-learning_rate) * g  # noqa: E731
    return tuple(map(step, parameters, gradients))


def batches(order, batch_size):
    result, start = [], 0
    while start < len(order):
        stop = min(start + batch_size, len(order))
        result.append(order[start:stop].copy())
        start = stop
    return result


def train_epoch(X, y, parameters, learning_rate, order, batch_size):
    W1, c1, W2, c2 = (p.copy() for p in parameters)
    for number, rows in enumerate(batches(order, batch_size)):
        hid, out = forward(X[rows], W1, c1, W2, c2)
        gW1, gc1, gW2, gc2 = backward(X[rows], y[rows], hid, out, W2)
        W1 -= learning_rate * gW1
        c1 -= learning_rate * gc1
        W2 -= learning_rate * gW2
        c2 -= learning_rate * gc2
        print("batch", number, "done")
    return W1, c1, W2, c2


def increase(y, before, after):
    right = {"before": 0, "after": 0}
    for name, guess in (("before", before), ("after", after)):
        right[name] = sum(int(a) == int(b) for a, b in zip(guess, y))
    print(right)
    return float(right["after"] - right["before"])
