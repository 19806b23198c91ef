# Classes behind the functions.
from dataclasses import dataclass, field


def three_parts(n, n_train, n_validation, rng):
    order = rng.permutation(n)
    ends = np.cumsum([n_train, n_validation])
    return order[: ends[0]], order[ends[0] : ends[1]], order[ends[1] :]


class L2:
    def __init__(self, lam):
        self.lam = lam

    def applies(self, name):
        return not name.startswith("b")

    def value(self, weights):
        return self.lam * sum(np.square(w).sum() for n, w in weights.items() if self.applies(n)) / 2

    def gradient(self, name, weight):
        return self.lam * weight if self.applies(name) else np.zeros_like(weight)


def penalty(weights, lam):
    return float(L2(lam).value(weights))


def add_penalty(gradients, weights, lam):
    rule = L2(lam)
    return {n: np.add(gradients[n], rule.gradient(n, weights[n])) for n in weights}


class Dropout:
    def __init__(self, rate, rng):
        self.keep, self.rate, self.rng = 1 - rate, rate, rng

    def __call__(self, a, training):
        self.mask = np.ones(a.shape)
        if training:
            self.mask = ~(self.rng.random(a.shape) < self.rate) * (1 / self.keep)
        return a * self.mask


def dropout(a, rate, rng, training):
    layer = Dropout(rate, rng)
    return layer(a, training), layer.mask


class Net:
    def __init__(self, weights, mask):
        self.w, self.mask = weights, mask

    def forward(self, X):
        self.X, self.a = X, sigmoid(X.dot(self.w["W1"]) + self.w["b1"])
        self.passed = self.mask * self.a
        return softmax(self.passed.dot(self.w["W2"]) + self.w["b2"])

    def backward(self, delta):
        below = delta.dot(self.w["W2"].T)
        below *= self.mask
        below *= self.a * (1 - self.a)
        return dict(zip(("W1", "b1", "W2", "b2"), (
            self.X.T.dot(below), below.sum(0), self.passed.T.dot(delta), delta.sum(0))))


def gradients(X, y, weights, mask):
    net = Net(weights, mask)
    p = net.forward(X)
    p[np.arange(y.size), y] -= 1
    return net.backward(p / y.size)


@dataclass
class Stopper:
    patience: int
    lowest: float = float("inf")
    best: int = -1
    epoch: int = -1
    seen: list = field(default_factory=list)

    def tell(self, value):
        """Is it time to stop?"""
        self.epoch += 1
        self.seen.append(value)
        if value < self.lowest:
            self.lowest, self.best = value, self.epoch
        return self.epoch - self.best >= self.patience


def stopping(losses, patience):
    stopper = Stopper(patience)
    for value in losses:
        if stopper.tell(value):
            break
    return [stopper.best, stopper.epoch]


def network_val(train_epoch, losses, weights, epochs, patience):
    stopper, history, best = Stopper(patience), [], {}
    for _ in range(epochs):
        weights = train_epoch(weights)
        history.append(losses(weights))
        stop = stopper.tell(history[-1][-1])
        if stopper.best == stopper.epoch:
            best = {name: w + 0 for name, w in weights.items()}
        if stop:
            break
    return best, np.stack(history)


def chosen(validation, test):
    best = max(range(len(validation)), key=validation.__getitem__)
    return best, test[best]
