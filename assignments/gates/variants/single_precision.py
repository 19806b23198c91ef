# Everything in float32, as for a graphics card.
def f32(values):
    return np.asarray(values, dtype=np.float32)


def threshold(X, w, b):
    return np.heaviside(f32(X) @ f32(w) + np.float32(b), np.float32(0))


def and_gate(X):
    return threshold(X, [10, 10], -15)


def or_gate(X):
    return threshold(X, [10, 10], -5)


def nand_gate(X):
    return threshold(X, [-10, -10], 15)


def xor_gate(X):
    return threshold(np.stack([or_gate(X), and_gate(X)], axis=1), [1, -2], -0.5)


def two_paths(x, t, w, u1, u2, v1, v2):
    x, t, w, u1, u2, v1, v2 = (np.float32(v) for v in (x, t, w, u1, u2, v1, v2))
    h = sigmoid(w * x)
    g1, g2 = sigmoid(u1 * h), sigmoid(u2 * h)
    o = sigmoid(v1 * g1 + v2 * g2)
    first = np.float32(2) * (o - t) * o * (1 - o) * v1 * g1 * (1 - g1) * u1 * h * (1 - h) * x
    second = np.float32(2) * (o - t) * o * (1 - o) * v2 * g2 * (1 - g2) * u2 * h * (1 - h) * x
    return first, second, first + second


def nudge(f, theta, s):
    theta, slopes = f32(theta), np.zeros(theta.shape, dtype=np.float32)
    for i in np.ndindex(*theta.shape):
        step = np.zeros(theta.shape, dtype=np.float32)
        step[i] = s
        slopes[i] = (f(theta + step) - f(theta - step)) / (2 * s)
    return slopes


def forward(X, W1, b1, W2, b2):
    a1 = sigmoid(f32(X) @ f32(W1) + f32(b1))
    return a1, sigmoid(a1 @ f32(W2) + f32(b2))


def backward(X, t, a1, a2, W2):
    X, t, a1, a2, W2 = (f32(v) for v in (X, t, a1, a2, W2))
    d2 = a2 * (1 - a2) * (a2 - t) * np.float32(2 / len(t))
    d1 = a1 * (1 - a1) * (d2 @ W2.T)
    return X.T @ d1, np.sum(d1, 0), a1.T @ d2, np.sum(d2, 0)


def train(X, t, parameters, eta, steps):
    theta = tuple(f32(p) for p in parameters)
    while steps:
        g = backward(X, t, *forward(X, *theta), theta[2])
        theta = tuple(p - np.float32(eta) * d for p, d in zip(theta, g))
        steps -= 1
    return theta


def count_solved(outputs, t):
    return np.float32(np.all(np.round(f32(outputs)) == f32(t), axis=1).sum())
