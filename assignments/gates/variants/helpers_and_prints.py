# Helpers, prints, other names, a lookup table for the gates.
print("gates, by hand")


def threshold(X, w, b):
    sums = np.einsum("ni,i->n", X, w) + b
    print("sums:", sums)
    answer = np.zeros(len(X), dtype=int)
    answer[sums > 0] = 1
    return answer


def looked_up(X, table):
    return np.array([table[int(a), int(b)] for a, b in X])


def and_gate(X):
    return threshold(X, (1, 1), -1)


def or_gate(X):
    return looked_up(X, {(0, 0): 0, (0, 1): 1, (1, 0): 1, (1, 1): 1})


def nand_gate(X):
    return np.logical_not(and_gate(X)).astype(int)


def xor_gate(X):
    return or_gate(X) * nand_gate(X)


def derivative(a):
    return a - a**2


def two_paths(x, t, w, u1, u2, v1, v2, verbose=True):
    """By the chain rule, from the back."""
    h = sigmoid(w * x)
    dh_dw = derivative(h) * x
    dg1_dw = derivative(sigmoid(u1 * h)) * u1 * dh_dw
    dg2_dw = derivative(sigmoid(u2 * h)) * u2 * dh_dw
    o = sigmoid(v1 * sigmoid(u1 * h) + v2 * sigmoid(u2 * h))
    dC_dsum = 2 * (o - t) * derivative(o)
    if verbose:
        print("o =", o)
    return dC_dsum * v1 * dg1_dw, dC_dsum * v2 * dg2_dw, dC_dsum * (v1 * dg1_dw + v2 * dg2_dw)


def nudge(f, theta, s):
    theta = np.asarray(theta, dtype=float)

    def one(i):
        step = np.zeros(theta.size)
        step[i] = s
        step = step.reshape(theta.shape)
        return (f(theta + step) - f(theta - step)) / (s + s)

    return np.array([one(i) for i in range(theta.size)]).reshape(theta.shape)


def layer(a, W, b):
    return 0.5 * (1 + np.tanh((np.matmul(a, W) + b) / 2))


def forward(X, W1, b1, W2, b2):
    first = layer(X, W1, b1)
    return first, layer(first, W2, b2)


def backward(X, t, a1, a2, W2):
    error_term = np.multiply(np.multiply(2.0, a2 - t) / np.size(t), derivative(a2))
    hidden_term = np.matmul(error_term, np.transpose(W2)) * derivative(a1)
    ones = np.ones((1, len(X)))
    return (np.transpose(X) @ hidden_term, (ones @ hidden_term)[0],
            np.transpose(a1) @ error_term, (ones @ error_term)[0])


def train(X, t, parameters, eta, steps):
    if steps == 0:
        return parameters
    a1, a2 = forward(X, *parameters)
    print("cost", np.mean((a2 - t) ** 2))
    g = backward(X, t, a1, a2, parameters[2])
    return train(X, t, tuple(p - eta * d for p, d in zip(parameters, g)), eta, steps - 1)


def count_solved(outputs, t):
    predicted = np.rint(outputs).astype(int)
    number_right = np.count_nonzero(predicted == t, axis=1)
    return np.count_nonzero(number_right == len(t))
