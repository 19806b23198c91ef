# Classes behind the functions.
class Unit:
    def __init__(self, w, b):
        self.w, self.b = np.asarray(w), b

    def __call__(self, X):
        return np.array([int(self.w.dot(x) + self.b > 0) for x in np.asarray(X)])


def threshold(X, w, b):
    return Unit(w, b)(X)


AND, OR, NAND = Unit((1, 1), -1.5), Unit((1, 1), -0.5), Unit((-1, -1), 1.5)


def and_gate(X):
    return AND(X)


def or_gate(X):
    return OR(X)


def nand_gate(X):
    return NAND(X)


def xor_gate(X):
    not_both, either = NAND(X), OR(X)
    return AND(np.array([not_both, either]).T)


class Sigmoid:
    def __init__(self, z):
        self.value = 1 / (1 + np.exp(-z))
        self.slope = self.value * (1 - self.value)


def two_paths(x, t, w, u1, u2, v1, v2):
    h = Sigmoid(w * x)
    g = [Sigmoid(u1 * h.value), Sigmoid(u2 * h.value)]
    o = Sigmoid(v1 * g[0].value + v2 * g[1].value)
    start = -2 * (t - o.value) * o.slope
    one, two = (start * v * unit.slope * u * h.slope * x
                for u, v, unit in ((u1, v1, g[0]), (u2, v2, g[1])))
    return [one, two, one + two]


def nudge(f, theta, s):
    theta = theta * 1.0
    it = np.nditer(theta, flags=["multi_index"])
    out = np.empty(theta.shape)
    for _ in it:
        old = theta[it.multi_index]
        theta[it.multi_index] = old + s
        above = f(theta)
        theta[it.multi_index] = old - s
        below = f(theta)
        theta[it.multi_index] = old
        out[it.multi_index] = 0.5 * (above - below) / s
    return out


class Net:
    def __init__(self, W1, b1, W2, b2):
        self.theta = [np.array(p, copy=True) for p in (W1, b1, W2, b2)]

    def __call__(self, X):
        W1, b1, W2, b2 = self.theta
        self.a1 = Sigmoid(X.dot(W1) + b1).value
        self.a2 = Sigmoid(self.a1.dot(W2) + b2).value
        return self.a1, self.a2

    def step(self, X, t, eta):
        a1, a2 = self(X)
        for p, g in zip(self.theta, backward(X, t, a1, a2, self.theta[2])):
            p -= eta * g


def forward(X, W1, b1, W2, b2):
    return Net(W1, b1, W2, b2)(X)


def backward(X, t, a1, a2, W2):
    delta = (2 * (a2 - t) * a2 * (1 - a2)) / t.shape[0]
    hidden = np.outer(delta, W2) * (a1 * (1 - a1))
    return (np.dot(hidden.T, X).T, np.sum(hidden, axis=0), np.dot(delta.T, a1).T,
            np.sum(delta, axis=0))


def train(X, t, parameters, eta, steps):
    net = Net(*parameters)
    for _ in range(steps):
        net.step(X, t, eta)
    return tuple(net.theta)


def count_solved(outputs, t):
    return sum(bool(((row > 0.5) == t.astype(bool)).all()) for row in outputs)
