# Loops, numbers one at a time.
import math


def length(a):
    return math.sqrt(sum(v * v for v in a.ravel()))


def relative_error(g, measured):
    return length(g - measured) / (length(g) + length(measured))


def first_loss(p, y):
    total = 0.0
    for row, label in zip(p, y):
        total -= math.log(row[label]) / math.log(len(row))
    return total / len(y)


def dead_units(a):
    count = 0
    for j in range(a.shape[1]):
        if not any(a[:, j] > 0):
            count += 1
    return count


def scale(pixels):
    out = np.zeros(pixels.shape)
    for i in np.ndindex(pixels.shape):
        out[i] = float(pixels[i]) / 127.5 - 1
    return out


def shuffle(X, y, rng):
    rows, labels = [], []
    for i in rng.permutation(len(X)):
        rows.append(X[i])
        labels.append(y[i])
    return np.array(rows), np.array(labels)


def output_delta(z, y):
    out = np.zeros(z.shape)
    for i, row in enumerate(z):
        powers = [math.exp(v - max(row)) for v in row]
        for k, power in enumerate(powers):
            out[i, k] = (power / sum(powers) - (1 if k == y[i] else 0)) / len(z)
    return out


def hidden_delta(delta2, W2, a1):
    out = np.zeros(a1.shape)
    for i, j in np.ndindex(a1.shape):
        for k in range(W2.shape[1]):
            out[i, j] += delta2[i, k] * W2[j, k] * a1[i, j] * (1 - a1[i, j])
    return out


def sums(X, delta):
    dW, db = np.zeros((X.shape[1], delta.shape[1])), np.zeros(delta.shape[1])
    for x, d in zip(X, delta):
        dW += np.outer(x, d)
        db += d
    return dW, db


def accuracy(predicted, y, batch_size):
    right, seen = 0, 0
    while seen < len(y):
        for i in range(seen, min(seen + batch_size, len(y))):
            right += predicted[i] == y[i]
        seen += batch_size
    return right / len(y)


def start(d, h, rng):
    return rng.normal(scale=math.sqrt(2 / d), size=(d, h)), np.array([0.0] * h)
