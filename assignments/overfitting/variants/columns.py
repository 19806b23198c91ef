# Examples as columns inside, and NumPy's own ways of cutting.
import copy


def three_parts(n, n_train, n_validation, rng):
    return np.split(rng.permutation(n), [n_train, n_train + n_validation])


def matrices(weights):
    return [name for name in weights if weights[name].ndim == 2]


def penalty(weights, lam):
    return 0.5 * lam * np.sum([np.linalg.norm(weights[name]) ** 2 for name in matrices(weights)])


def add_penalty(gradients, weights, lam):
    penalised = dict(gradients)
    for name in matrices(weights):
        penalised[name] = penalised[name] + lam * weights[name]
    return penalised


def dropout(a, rate, rng, training):
    if training:
        mask = np.where(rng.random(a.shape) < rate, 0, 1 / (1 - rate))
    else:
        mask = np.ones_like(a)
    return np.multiply(a, mask), mask


def gradients(X, y, weights, mask):
    A1 = sigmoid(weights["W1"].T @ X.T + weights["b1"][:, None])
    M = mask.T
    E = softmax((weights["W2"].T @ (A1 * M) + weights["b2"][:, None]).T).T
    E[y, range(len(y))] -= 1
    E = E / X.shape[0]
    D = (weights["W2"] @ E) * M * (A1 - A1**2)
    return {"b2": E.sum(axis=1), "W2": ((A1 * M) @ E.T), "b1": D.sum(axis=1), "W1": (D @ X).T}


def stopping(losses, patience):
    for end in range(len(losses)):
        best = int(np.argmin(losses[: end + 1]))  # the first of equal ones
        if end - best >= patience:
            break
    return best, end


def network_val(train_epoch, losses, weights, epochs, patience):
    history, kept = [], []
    while len(history) < epochs:
        weights = train_epoch(weights)
        history.append(losses(weights))
        kept.append(copy.deepcopy(weights))
        best, stopped = stopping([v for _, v in history], patience)
        if stopped - best >= patience:
            break
    return kept[best], np.asarray(history)


def chosen(validation, test):
    order = np.argsort(validation)
    return order[-1], test[order[-1]]
