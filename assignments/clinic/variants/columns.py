# Examples as columns inside, and NumPy's own functions.
def relative_error(g, measured):
    return np.linalg.norm(g - measured) / (np.linalg.norm(g) + np.linalg.norm(measured))


def first_loss(p, y):
    P = p.T
    return -np.mean(np.log(P[y, np.arange(P.shape[1])])) / np.log(P.shape[0])


def dead_units(a):
    return np.count_nonzero(a.T.max(axis=1) == 0)


def scale(pixels):
    return np.interp(pixels, [0, 255], [-1, 1])


def shuffle(X, y, rng):
    order = rng.permutation(y.size)
    return np.take(X, order, axis=0), np.take(y, order)


def output_delta(z, y):
    P = softmax(z).T
    P[y, np.arange(y.size)] -= 1
    return P.T / y.size


def hidden_delta(delta2, W2, a1):
    return ((W2 @ delta2.T) * (a1.T - np.square(a1.T))).T


def sums(X, delta):
    D = delta.T
    return (D @ X).T, D.sum(axis=1)


def accuracy(predicted, y, batch_size):
    cuts = range(batch_size, len(y), batch_size)
    pairs = zip(np.split(predicted, cuts), np.split(y, cuts))
    return sum(np.count_nonzero(p == t) for p, t in pairs) / y.size


def start(d, h, rng):
    return rng.normal(0.0, (2 / d) ** 0.5, size=(d, h)), np.zeros((h,))
