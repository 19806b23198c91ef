# Loops over examples and classes, numbers one at a time.
import math


def softmax(z):
    rows = []
    for row in z:
        top = max(row)
        powers = [math.exp(v - top) for v in row]
        total = sum(powers)
        rows.append([v / total for v in powers])
    return np.array(rows)


def loss(y, p):
    total = 0.0
    for i in range(len(y)):
        total -= math.log(p[i][y[i]])
    return total / len(y)


def feed_forward(X, weights):
    scores = []
    for x in X:
        hidden = [1 / (1 + math.exp(-(x @ weights["W1"][:, j] + weights["b1"][j])))
                  for j in range(len(weights["b1"]))]
        scores.append([sum(a * w for a, w in zip(hidden, weights["W2"][:, k])) + weights["b2"][k]
                       for k in range(len(weights["b2"]))])
    return softmax(np.array(scores))


def gradients(X, y, weights):
    total = {k: np.zeros_like(v) for k, v in weights.items()}
    for x, label, p in zip(X, y, feed_forward(X, weights)):
        a = sigmoid(x @ weights["W1"] + weights["b1"])
        error = np.array(p)
        error[label] -= 1
        back = weights["W2"] @ error * a * (1 - a)
        total["W2"] += np.outer(a, error)
        total["b2"] += error
        total["W1"] += np.outer(x, back)
        total["b1"] += back
    for k in total:
        total[k] /= len(y)
    return total


def network(X, y, weights, epochs, eta):
    w = {k: v.copy() for k, v in weights.items()}
    for _ in range(epochs):
        slope = gradients(X, y, w)
        for k in w:
            w[k] -= eta * slope[k]
    return w


def network_sgd(X, y, weights, epochs, batch_size, eta, rng):
    w = {k: v.copy() for k, v in weights.items()}
    for _ in range(epochs):
        order = list(rng.permutation(len(y)))
        while order:
            rows, order = order[:batch_size], order[batch_size:]
            w = network(X[rows], y[rows], w, 1, eta)
    return w


def confusion(y, predicted, K):
    table = [[0] * K for _ in range(K)]
    for truth, guess in zip(y, predicted):
        table[truth][guess] += 1
    return np.array(table)


def increase(X, y, before, after):
    count = 0
    for truth, p, q in zip(y, feed_forward(X, before), feed_forward(X, after)):
        count += int(np.argmax(q) == truth) - int(np.argmax(p) == truth)
    return count
