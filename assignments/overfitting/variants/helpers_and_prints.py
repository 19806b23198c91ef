# Helpers, prints, other names.
print("overfitting")


def three_parts(n, n_train, n_validation, rng):
    order = np.arange(n)
    rng.shuffle(order)  # draws what rng.permutation(n) draws
    train, rest = order[:n_train], order[n_train:]
    print(len(train), "to train")
    return train, rest[:n_validation], rest[n_validation:]


def is_weight(name):
    return name[:1].upper() == "W"


def penalty(weights, lam):
    return lam * 0.5 * sum(np.einsum("ij,ij->", w, w) for n, w in weights.items() if is_weight(n))


def add_penalty(gradients, weights, lam):
    new = {}
    for name, g in gradients.items():
        print("norm of", name, np.linalg.norm(weights[name]))
        new[name] = g + lam * weights[name] if is_weight(name) else g
    return new


def dropout(a, rate, rng, training):
    keep = 1.0 - rate
    if training is False:
        return a.copy(), np.full(a.shape, 1.0)
    kept = np.greater_equal(rng.random(size=a.shape), rate).astype(float)
    return a * kept / keep, kept / keep


def gradients(X, y, weights, mask):
    W1, b1, W2, b2 = (weights[k] for k in ("W1", "b1", "W2", "b2"))
    hidden = sigmoid(np.einsum("nd,dh->nh", X, W1) + b1)
    masked = hidden * mask
    scores = np.einsum("nh,hk->nk", masked, W2) + b2
    upper = (softmax(scores) - one_hot(y, b2.size)) / X.shape[0]
    lower = np.einsum("nk,hk->nh", upper, W2) * mask * hidden * (1 - hidden)
    answer = {"W2": np.einsum("nh,nk->hk", masked, upper), "W1": np.einsum("nd,nh->dh", X, lower)}
    answer["b2"], answer["b1"] = upper.sum(axis=0), lower.sum(axis=0)
    return answer


def stopping(losses, patience):
    best = 0
    epoch = 0
    while epoch < len(losses) - 1 and epoch - best < patience:
        epoch += 1
        best = epoch if losses[epoch] < losses[best] else best
        print("epoch", epoch, "best", best)
    return best, epoch


def snapshot(weights):
    return {name: np.array(w, copy=True) for name, w in weights.items()}


def network_val(train_epoch, losses, weights, epochs, patience, verbose=True):
    train_loss, val_loss, snapshots = [], [], []
    for epoch in range(epochs):
        weights = train_epoch(weights)
        one, two = losses(weights)
        train_loss.append(one)
        val_loss.append(two)
        snapshots.append(snapshot(weights))
        if verbose:
            print(epoch, one, two)
        if len(val_loss) - 1 - int(np.argmin(val_loss)) == patience:
            break
    return snapshots[int(np.argmin(val_loss))], np.column_stack([train_loss, val_loss])


def chosen(validation, test):
    pairs = sorted(zip(validation, range(len(test)), test))
    _, index, accuracy = pairs[-1]
    return index, accuracy
