# Helpers, prints, other names.
print("the doctor is in")


def size(array):
    return np.sqrt(np.sum(np.abs(array) ** 2))


def relative_error(g, measured, verbose=True):
    error = size(np.subtract(g, measured)) / (size(g) + size(measured))
    if verbose:
        print("relative error", error)
    return error


def first_loss(p, y):
    truth = one_hot(y, p.shape[1])
    return -np.sum(truth * np.log(p)) / len(p) / np.log(p.shape[1])


def dead_units(a):
    dead = [j for j, column in enumerate(a.T) if np.all(column == 0)]
    print("dead:", dead)
    return len(dead)


def scale(pixels):
    between_0_and_1 = pixels / 255.0
    return 2 * between_0_and_1 - 1


def shuffle(X, y, rng):
    places = np.arange(len(X))
    rng.shuffle(places)  # draws what rng.permutation(n) draws
    assert sorted(places) == list(range(len(X)))
    return X[places, :], y[places]


def output_delta(z, y):
    p = softmax(z)
    p[range(z.shape[0]), y] = p[range(z.shape[0]), y] - 1.0
    return np.divide(p, z.shape[0])


def hidden_delta(delta2, W2, a1):
    back = np.einsum("nk,hk->nh", delta2, W2)
    slope = np.multiply(a1, np.subtract(1, a1))
    print(back.shape, slope.shape)
    return np.multiply(back, slope)


def sums(X, delta):
    with_ones = np.column_stack([X, np.ones(len(X))])
    both = with_ones.T @ delta
    return both[:-1], both[-1]


def accuracy(predicted, y, batch_size):
    results = []
    for begin in range(0, len(y), batch_size):
        results.extend(predicted[begin:begin + batch_size] == y[begin:begin + batch_size])
    return sum(results) / len(results)


def start(d, h, rng, verbose=False):
    weights = rng.normal(loc=0, scale=np.sqrt(2.0 / d), size=(d, h))
    if verbose:
        print("standard deviation", weights.std())
    return weights, np.zeros(h)
