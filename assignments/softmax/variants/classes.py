# A class behind the functions.
class Net:
    keys = ("W1", "b1", "W2", "b2")

    def __init__(self, weights):
        for key in self.keys:
            setattr(self, key, np.array(weights[key], copy=True))

    def __call__(self, X):
        self.X, self.hidden = X, sigmoid(np.dot(X, self.W1) + self.b1)
        z = np.dot(self.hidden, self.W2) + self.b2
        self.p = np.exp(z - np.log(np.exp(z - z.max()).sum(axis=1, keepdims=True)) - z.max())
        return self.p

    def backward(self, y):
        error = self.p.copy()
        error[np.arange(y.size), y] -= 1.0
        error = error / y.size
        back = np.dot(error, self.W2.T) * self.hidden * (1.0 - self.hidden)
        return dict(zip(self.keys, (np.dot(self.X.T, back), back.sum(0),
                                    np.dot(self.hidden.T, error), error.sum(0))))

    def step(self, X, y, eta):
        self(X)
        for key, slope in self.backward(y).items():
            setattr(self, key, getattr(self, key) - eta * slope)

    def weights(self):
        return {key: getattr(self, key) for key in self.keys}


def softmax(z):
    shifted = z - np.max(z, axis=1)[:, np.newaxis]
    return np.exp(shifted) / np.exp(shifted).sum(axis=1)[:, np.newaxis]


def loss(y, p):
    return float(np.average([-np.log(row[k]) for row, k in zip(p, y)]))


def feed_forward(X, weights):
    return Net(weights)(X)


def gradients(X, y, weights):
    net = Net(weights)
    net(X)
    return net.backward(y)


def network(X, y, weights, epochs, eta):
    net = Net(weights)
    for _ in range(epochs):
        net.step(X, y, eta)
    return net.weights()


def network_sgd(X, y, weights, epochs, batch_size, eta, rng):
    net, n = Net(weights), X.shape[0]
    for _ in range(epochs):
        order = rng.permutation(n)
        start = 0
        while start < n:
            rows = order[start : start + batch_size]
            net.step(X[rows], y[rows], eta)
            start += batch_size
    return net.weights()


def confusion(y, predicted, K):
    return np.array([[np.count_nonzero((y == i) & (predicted == j)) for j in range(K)]
                     for i in range(K)])


def increase(X, y, before, after):
    return int(sum(Net(after)(X).argmax(1) == y) - sum(Net(before)(X).argmax(1) == y))
