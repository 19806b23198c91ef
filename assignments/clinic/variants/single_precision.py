# Everything in float32, as for a graphics card.
def f32(values):
    return np.asarray(values, dtype=np.float32)


def relative_error(g, measured):
    g, m = f32(g).ravel(), f32(measured).ravel()
    return np.sqrt((g - m) @ (g - m)) / (np.sqrt(g @ g) + np.sqrt(m @ m))


def first_loss(p, y):
    return -np.log(f32(p)[range(len(y)), y]).mean() / np.log(np.float32(p.shape[1]))


def dead_units(a):
    return np.sum(f32(a).sum(axis=0) == 0)


def scale(pixels):
    return f32(pixels) / np.float32(127.5) - np.float32(1)


def shuffle(X, y, rng):
    order = rng.permutation(len(y))
    return f32(X[order]), y[order].astype(np.int32)


def output_delta(z, y):
    return (softmax(f32(z)) - f32(one_hot(y, z.shape[1]))) * np.float32(1 / len(y))


def hidden_delta(delta2, W2, a1):
    a1 = f32(a1)
    return (f32(delta2) @ f32(W2).T) * (a1 * (1 - a1))


def sums(X, delta):
    return f32(X).T @ f32(delta), np.ones(len(X), dtype=np.float32) @ f32(delta)


def accuracy(predicted, y, batch_size):
    return np.mean(f32(predicted == y), dtype=np.float32)


def start(d, h, rng):
    return f32(rng.normal(0, np.sqrt(2 / d), (d, h))), np.zeros(h, dtype=np.float32)
