# Loops over rows and units, numbers one at a time.
import math


def threshold(X, w, b):
    answers = []
    for row in X:
        total = b
        for i in range(len(w)):
            total += row[i] * w[i]
        answers.append(1 if total > 0 else 0)
    return np.array(answers)


def and_gate(X):
    return threshold(X, [2, 2], -3)


def or_gate(X):
    return threshold(X, [3, 5], -1)


def nand_gate(X):
    return threshold(X, [-2, -3], 4)


def xor_gate(X):
    hidden = [[a, b] for a, b in zip(or_gate(X), nand_gate(X))]
    return and_gate(hidden)


def s(z):
    return 1 / (1 + math.exp(-z))


def two_paths(x, t, w, u1, u2, v1, v2):
    h = s(w * x)
    contributions = []
    g = [s(u * h) for u in (u1, u2)]
    o = s(v1 * g[0] + v2 * g[1])
    for u, v, value in zip((u1, u2), (v1, v2), g):
        product = 1.0
        for factor in (2 * (o - t), o * (1 - o), v, value * (1 - value), u, h * (1 - h), x):
            product *= factor
        contributions.append(product)
    return (*contributions, sum(contributions))


def nudge(f, theta, s):
    flat = [float(v) for v in theta.ravel()]
    slopes = []
    for i in range(len(flat)):
        found = []
        for sign in (1, -1):
            moved = list(flat)
            moved[i] += sign * s
            found.append(f(np.array(moved).reshape(theta.shape)))
        slopes.append((found[0] - found[1]) / (2 * s))
    return np.array(slopes).reshape(theta.shape)


def forward(X, W1, b1, W2, b2):
    hidden, output = [], []
    for x in X:
        a = [s(sum(x[i] * W1[i, j] for i in range(len(x))) + b1[j]) for j in range(len(b1))]
        hidden.append(a)
        output.append([s(sum(a[j] * W2[j, 0] for j in range(len(a))) + b2[0])])
    return np.array(hidden), np.array(output)


def backward(X, t, a1, a2, W2):
    n, d = X.shape
    h = a1.shape[1]
    dW1, db1, dW2, db2 = np.zeros((d, h)), np.zeros(h), np.zeros((h, 1)), np.zeros(1)
    for r in range(n):
        o = a2[r, 0]
        delta = 2 * (o - t[r, 0]) * o * (1 - o) / n
        db2[0] += delta
        for j in range(h):
            dW2[j, 0] += a1[r, j] * delta
            back = delta * W2[j, 0] * a1[r, j] * (1 - a1[r, j])
            db1[j] += back
            for i in range(d):
                dW1[i, j] += X[r, i] * back
    return dW1, db1, dW2, db2


def train(X, t, parameters, eta, steps):
    W1, b1, W2, b2 = (p.copy() for p in parameters)
    for _ in range(steps):
        a1, a2 = forward(X, W1, b1, W2, b2)
        dW1, db1, dW2, db2 = backward(X, t, a1, a2, W2)
        W1 -= eta * dW1
        b1 -= eta * db1
        W2 -= eta * dW2
        b2 -= eta * db2
    return W1, b1, W2, b2


def count_solved(outputs, t):
    count = 0
    for row in outputs:
        if all(round(value) == target for value, target in zip(row, t)):
            count += 1
    return count
