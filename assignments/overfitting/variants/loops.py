# Loops over examples and weights, numbers one at a time.
import math


def three_parts(n, n_train, n_validation, rng):
    parts = [], [], []
    for place, row in enumerate(rng.permutation(n)):
        parts[(place >= n_train) + (place >= n_train + n_validation)].append(row)
    return tuple(np.array(p, dtype=int) for p in parts)


def penalty(weights, lam):
    total = 0.0
    for name in weights:
        if "W" in name:
            for row in weights[name]:
                for w in row:
                    total += lam * w * w / 2
    return total


def add_penalty(gradients, weights, lam):
    result = {}
    for name in gradients:
        g = gradients[name].copy()
        if name[0] == "W":
            for i in np.ndindex(g.shape):
                g[i] += lam * weights[name][i]
        result[name] = g
    return result


def dropout(a, rate, rng, training):
    drawn = rng.random(a.shape) if training else None
    out, mask = np.zeros(a.shape), np.ones(a.shape)
    for i in np.ndindex(a.shape):
        if training:
            mask[i] = 1 / (1 - rate) if drawn[i] >= rate else 0
        out[i] = a[i] * mask[i]
    return out, mask


def gradients(X, y, weights, mask):
    total = {name: np.zeros(w.shape) for name, w in weights.items()}
    for x, label, m in zip(X, y, mask):
        a = sigmoid(x @ weights["W1"] + weights["b1"])
        z = (a * m) @ weights["W2"] + weights["b2"]
        powers = [math.exp(v - max(z)) for v in z]
        error = np.array([v / sum(powers) for v in powers])
        error[label] -= 1
        back = (weights["W2"] @ error) * m * a * (1 - a)
        total["W1"] += np.outer(x, back) / len(y)
        total["b1"] += back / len(y)
        total["W2"] += np.outer(a * m, error) / len(y)
        total["b2"] += error / len(y)
    return total


def stopping(losses, patience):
    lowest, best, waited = losses[0], 0, 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < lowest:
            lowest, best, waited = losses[epoch], epoch, 0
        else:
            waited += 1
            if waited >= patience:
                return best, epoch
    return best, len(losses) - 1


def network_val(train_epoch, losses, weights, epochs, patience):
    rows, best, best_epoch = [], None, 0
    for epoch in range(epochs):
        weights = train_epoch(weights)
        rows.append(list(losses(weights)))
        if best is None or rows[epoch][1] < rows[best_epoch][1]:
            best, best_epoch = {}, epoch
            for name in weights:
                best[name] = np.array(weights[name])
        elif epoch - best_epoch >= patience:
            break
    return best, np.array(rows)


def chosen(validation, test):
    best = 0
    for i in range(len(validation)):
        if validation[i] > validation[best]:
            best = i
    return best, test[best]
