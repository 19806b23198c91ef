# Examples as columns inside.
def threshold(X, w, b):
    return np.where(np.dot(w, X.T) + b > 0, 1, 0)


def and_gate(X):
    return threshold(X, np.array([0.6, 0.6]), -1)


def or_gate(X):
    return threshold(X, np.array([1, 1]), -0.1)


def nand_gate(X):
    return 1 - and_gate(X)


def xor_gate(X):
    only_1, only_2 = np.array([1, -1]), np.array([-1, 1])
    hidden = np.vstack([threshold(X, only_1, -0.5), threshold(X, only_2, -0.5)])
    return or_gate(hidden.T)


def two_paths(x, t, w, u1, u2, v1, v2):
    u, v = np.array([[u1], [u2]]), np.array([[v1, v2]])
    h = sigmoid(w * x)
    g = sigmoid(u * h)
    o = sigmoid(v @ g)
    delta = 2 * (o - t) * (o - o**2)
    back = v.T * delta * (g - g**2)
    paths = (u * back * (h - h**2) * x).ravel()
    return paths[0], paths[1], paths.sum()


def nudge(f, theta, s):
    start = np.array(theta, dtype=float)
    columns = s * np.eye(start.size)
    differences = [f(start + c.reshape(start.shape)) - f(start - c.reshape(start.shape))
                   for c in columns]
    return np.reshape(differences, start.shape) / s / 2


def forward(X, W1, b1, W2, b2):
    hidden = sigmoid(W1.T @ X.T + b1[:, None])
    return hidden.T, sigmoid(W2.T @ hidden + b2[:, None]).T


def backward(X, t, a1, a2, W2):
    m = X.shape[0]
    d2 = (a2 - t).T * 2 / m * a2.T * (1 - a2.T)
    d1 = W2 @ d2 * (a1.T - a1.T**2)
    return (d1 @ X).T, d1.sum(axis=1), (d2 @ a1).T, d2.sum(axis=1)


def train(X, t, parameters, eta, steps):
    state = list(parameters)
    for _ in range(steps):
        a1, a2 = forward(X, *state)
        state = [np.subtract(p, eta * g) for p, g in zip(state, backward(X, t, a1, a2, state[2]))]
    return state


def count_solved(outputs, t):
    wrong = np.abs(outputs.T - t[:, None]) > 0.5
    return np.sum(wrong.sum(axis=0) == 0)
