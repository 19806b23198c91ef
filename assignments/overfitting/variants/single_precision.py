# Everything in float32, as for a graphics card.
def f32(values):
    return np.asarray(values, dtype=np.float32)


def three_parts(n, n_train, n_validation, rng):
    order = rng.permutation(n).astype(np.int32)
    return order[:n_train], order[n_train:][:n_validation], order[n_train:][n_validation:]


def penalty(weights, lam):
    flat = np.concatenate([f32(w).ravel() for name, w in weights.items() if name[0] == "W"])
    return np.float32(lam) * (flat @ flat) / 2


def add_penalty(gradients, weights, lam):
    return {name: f32(g) + np.float32(lam * (name[0] == "W")) * f32(weights[name])
            for name, g in gradients.items()}


def dropout(a, rate, rng, training):
    mask = np.ones(a.shape, dtype=np.float32)
    if training:
        mask[rng.random(a.shape) < rate] = 0
        mask /= np.float32(1 - rate)
    return f32(a) * mask, mask


def gradients(X, y, weights, mask):
    w, X, m = {k: f32(v) for k, v in weights.items()}, f32(X), f32(mask)
    a = sigmoid(X @ w["W1"] + w["b1"])
    d2 = softmax((a * m) @ w["W2"] + w["b2"]) - f32(one_hot(y, w["W2"].shape[1]))
    d2 = d2 / np.float32(len(y))
    d1 = (d2 @ w["W2"].T) * m * a * (1 - a)
    return {"W1": X.T @ d1, "b1": d1.sum(0), "W2": (a * m).T @ d2, "b2": d2.sum(0)}


def stopping(losses, patience):
    best, waited = np.int32(0), 0
    for epoch, value in enumerate(losses):
        waited = 0 if value < losses[best] or epoch == 0 else waited + 1
        best = best if waited else np.int32(epoch)
        if waited == patience:
            return best, np.int32(epoch)
    return best, np.int32(len(losses) - 1)


def network_val(train_epoch, losses, weights, epochs, patience):
    best, lowest, since, history = {}, None, 0, np.empty((0, 2), dtype=np.float32)
    for _ in range(epochs):
        weights = train_epoch(weights)
        both = f32(losses(weights))
        history = np.vstack([history, both])
        since += 1
        if lowest is None or both[1] < lowest:
            best, lowest, since = {k: np.copy(v) for k, v in weights.items()}, both[1], 0
        if since >= patience:
            return best, history
    return best, history


def chosen(validation, test):
    best = np.argmax(f32(validation))
    return np.int32(best), np.float32(test[best])
