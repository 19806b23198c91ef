# Loops over single numbers instead of whole arrays.
def relu(z):
    flat = [v if v > 0 else 0 for v in np.asarray(z).ravel()]
    return np.array(flat).reshape(np.shape(z))


def forward(X, W_h, b_h, W_o, b_o):
    hidden, output = [], []
    for row in X:
        a = []
        for unit in range(W_h.shape[1]):
            total = b_h[unit]
            for pixel in range(len(row)):
                total += row[pixel] * W_h[pixel, unit]
            a.append(max(total, 0.0))
        hidden.append(a)
        output.append([sigmoid(sum(a[j] * W_o[j, k] for j in range(len(a))) + b_o[k])
                       for k in range(W_o.shape[1])])
    return np.array(hidden), np.array(output)


def backward(X, y, a_h, a_o, W_o):
    n, K = a_o.shape
    d, h = X.shape[1], a_h.shape[1]
    dW_h, db_h, dW_o, db_o = np.zeros((d, h)), np.zeros(h), np.zeros((h, K)), np.zeros(K)
    for i in range(n):
        delta_o = np.zeros(K)
        for k in range(K):
            target = 1.0 if y[i] == k else 0.0
            delta_o[k] = 2 / n * (a_o[i, k] - target) * a_o[i, k] * (1 - a_o[i, k])
        for j in range(h):
            dW_o[j] += a_h[i, j] * delta_o
            if a_h[i, j] > 0:
                delta = (W_o[j] * delta_o).sum()
                db_h[j] += delta
                dW_h[:, j] += X[i] * delta
        db_o += delta_o
    return dW_h, db_h, dW_o, db_o


def update(parameters, gradients, learning_rate):
    new = []
    for i in range(len(parameters)):
        p = parameters[i].copy()
        p -= learning_rate * gradients[i]
        new.append(p)
    return tuple(new)


def batches(order, batch_size):
    result, current = [], []
    for row in order:
        current.append(row)
        if len(current) == batch_size:
            result.append(np.array(current))
            current = []
    if current:
        result.append(np.array(current))
    return result


def train_epoch(X, y, parameters, learning_rate, order, batch_size):
    for rows in batches(order, batch_size):
        xs = np.array([X[r] for r in rows])
        ys = np.array([y[r] for r in rows])
        h, o = forward(xs, *parameters)
        parameters = update(parameters, backward(xs, ys, h, o, parameters[2]), learning_rate)
    return parameters


def increase(y, before, after):
    count = 0
    for truth, old, new in zip(y, before, after):
        count += (new == truth) * 1 - (old == truth) * 1
    return count
