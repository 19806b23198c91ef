# A class behind the functions, as the published code has one.
class MLP:
    def __init__(self, W_h, b_h, W_o, b_o):
        self.parameters = (W_h, b_h, W_o, b_o)

    @staticmethod
    def activate(z):
        out = np.array(z, copy=True)
        out[out < 0] = 0
        return out

    def forward(self, X):
        W_h, b_h, W_o, b_o = self.parameters
        self.X, self.a_h = X, self.activate(np.add(X.dot(W_h), b_h))
        self.a_o = sigmoid(self.a_h.dot(W_o) + b_o)
        return self.a_h, self.a_o

    @staticmethod
    def gradients(X, y, a_h, a_o, W_o):
        d_loss__d_a_out = 2.0 * (a_o - one_hot(y, a_o.shape[1])) / y.shape[0]
        delta_out = d_loss__d_a_out * (a_o * (1.0 - a_o))
        d_a_h__d_z_h = np.zeros(a_h.shape)
        d_a_h__d_z_h[a_h > 0] = 1
        delta_h = delta_out.dot(W_o.T) * d_a_h__d_z_h
        return (delta_h.T.dot(X).T, np.sum(delta_h, axis=0), delta_out.T.dot(a_h).T,
                np.sum(delta_out, axis=0))

    def fit(self, X, y, eta, order, size):
        for rows in batches(order, size):
            a_h, a_o = self.forward(X[rows])
            g = self.gradients(X[rows], y[rows], a_h, a_o, self.parameters[2])
            self.parameters = update(self.parameters, g, eta)
        return self.parameters


def relu(z):
    return MLP.activate(z)


def forward(X, W_h, b_h, W_o, b_o):
    return MLP(W_h, b_h, W_o, b_o).forward(X)


def backward(X, y, a_h, a_o, W_o):
    return MLP.gradients(X, y, a_h, a_o, W_o)


def update(parameters, gradients, learning_rate):
    new = ()
    for p, g in zip(parameters, gradients):
        new += (p - g * learning_rate,)
    return new


def batches(order, batch_size):
    return tuple(order[i * batch_size : (i + 1) * batch_size]
                 for i in range(-(-len(order) // batch_size)))


def train_epoch(X, y, parameters, learning_rate, order, batch_size):
    return MLP(*parameters).fit(X, y, learning_rate, order, batch_size)


def increase(y, before, after):
    return len(y[after == y]) - len(y[before == y])
