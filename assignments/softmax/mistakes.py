"""Known mistakes of assignment 3, what each costs, and what is said about it."""

from assignments.authoring import Mistake

SOFTMAX = ("softmax.large", "softmax.sizes", "softmax.values")
LOSS = ("loss.mean", "loss.sizes", "loss.zeros")
SGD = ("network_sgd.epochs", "network_sgd.even")
NETWORK = ("network.one", "network.three", *SGD)
GRADIENTS = ("gradients.sizes", "gradients.values", *NETWORK)
FORWARD = ("feed_forward.sizes", "feed_forward.values", *GRADIENTS)
CONFUSION = ("confusion.absent", "confusion.counts")
INCREASE = ("increase.fewer", "increase.more")
SHIFT = "z - z.max(axis=1, keepdims=True)"
SUM = "e / e.sum(axis=1, keepdims=True)"
PICK = "-np.log(p[np.arange(len(y)), y]).mean()"
DELTA = "delta2 = (p - one_hot(y, K)) / n"
STEP = "weights = {key: weights[key] - eta * g[key] for key in weights}"
COUNT = "int(right_after.sum()) - int(right_before.sum())"

MISTAKES = [
    Mistake(
        "softmax-whole-matrix", "softmax", SUM, "e / e.sum()",
        fails=(*FORWARD, *SOFTMAX),
        message="Your whole matrix adds up to 1; each row should.",
        hint="What does a sum without an axis add up?",
        symptom="Probabilities shrink when there are more rows."),
    Mistake(
        "softmax-columns", "softmax",
        f"e = np.exp({SHIFT})  # canary-softmax-1\n    return {SUM}",
        "e = np.exp(z - z.max(axis=0))\n    return e / e.sum(axis=0)",
        fails=(*FORWARD, *SOFTMAX, *INCREASE),
        message="Your columns add up to 1. Rows are examples here.",
        hint="The published sheet keeps examples in columns; this one does not. Which axis runs "
             "over the classes?",
        symptom="Each class's probabilities add up to 1 over the examples."),
    Mistake(
        "softmax-overflow", "softmax", f"np.exp({SHIFT})", "np.exp(z)",
        fails=("softmax.large",),
        message="The exponential overflows: exp(1000) is infinite, and inf / inf is nan.",
        hint="Adding one number to all of a row changes nothing. Which number makes the largest "
             "exponent harmless?",
        symptom="nan for numbers above 709 or below -745."),
    Mistake(
        "softmax-one-shift", "softmax", f"np.exp({SHIFT})", "np.exp(z - z.max())",
        fails=("softmax.large",),
        message="You shift the whole matrix by its largest number: rows far below it become 0 / 0.",
        hint="Each row needs a shift of its own.",
        symptom="nan in some rows only, when rows differ by more than 745."),
    Mistake(
        "softmax-sigmoid", "softmax", f"return {SUM}", "return 1 / (1 + np.exp(-z))",
        fails=(*FORWARD, *SOFTMAX),
        message="That is the sigmoid of each number: the classes do not compete.",
        hint="Add up one of your rows.",
        symptom="Each number is between 0 and 1, and rows do not add up to 1."),
    Mistake(
        "softmax-in-place", "softmax",
        f"e = np.exp({SHIFT})", "z -= z.max(axis=1, keepdims=True)\n    e = np.exp(z)",
        fails=SOFTMAX,
        message="Your values are right, but you write into the array that was handed to you.",
        hint="`z -= ...` reaches the caller's array; `z = z - ...` makes a new one.",
        symptom="The input has changed after the call."),
    Mistake(
        "loss-sum", "loss", PICK, "-np.log(p[np.arange(len(y)), y]).sum()",
        fails=LOSS,
        message="You add up over the examples; the cost is their mean.",
        hint="With twice the rows it should not be twice as large.",
        symptom="The loss grows with the number of rows."),
    Mistake(
        "loss-mean-over-classes", "loss", PICK,
        "-np.log(p[np.arange(len(y)), y]).sum() / p.size",
        fails=LOSS,
        message="You divide by the number of classes, too.",
        hint="Of n times K numbers only n are picked. Divide by how many examples there are.",
        symptom="Too small by a factor of K: 0.23 before training where ln 10 = 2.3 belongs."),
    Mistake(
        "loss-largest", "loss", PICK, "-np.log(p.max(axis=1)).mean()",
        fails=LOSS,
        message="You take the largest probability, not that of the true class.",
        hint="A network that is sure and wrong should pay most. Does yours?",
        symptom="The loss does not depend on the labels."),
    Mistake(
        "loss-no-minus", "loss", PICK, PICK[1:],
        fails=LOSS,
        message="The minus sign is missing: the logarithm of a probability is negative.",
        hint="A loss gets smaller as the network gets better, and is never below 0.",
        symptom="Negative losses."),
    Mistake(
        "loss-log-of-mean", "loss", PICK, "-np.log(p[np.arange(len(y)), y].mean())",
        fails=LOSS,
        message="You take the logarithm of the mean; the cost is the mean of the logarithms.",
        hint="The likelihood is a product over the examples, so the logarithm belongs to each.",
        symptom="The loss is too small, and one very wrong example hardly counts."),
    Mistake(
        "loss-zero-times-log", "loss", PICK,
        "-(one_hot(y, p.shape[1]) * np.log(p)).sum() / len(y)",
        fails=("loss.zeros",),
        message="0 times ln 0 gives nan: your sum visits the wrong classes, too.",
        hint="Pick the probability of the true class first, then take the logarithm.",
        symptom="nan as soon as one probability is exactly 0."),
    Mistake(
        "loss-both-terms", "loss", PICK,
        "-np.where(one_hot(y, p.shape[1]) > 0, np.log(p), np.log(1 - p)).sum() / len(y)",
        fails=LOSS,
        message="The term (1 - t) ln(1 - p) belongs to K separate yes-or-no questions, not to "
                "a softmax.",
        hint="The published sheet writes two different formulas with an equals sign between them. "
             "Which one follows from the likelihood of one class out of K?",
        symptom="The loss is too large: 3.25 instead of 2.3 before training."),
    Mistake(
        "forward-no-sigmoid", "feed_forward",
        'a1 = sigmoid(X @ weights["W1"] + weights["b1"])\n    return softmax',
        'a1 = X @ weights["W1"] + weights["b1"]\n    return softmax',
        fails=(*FORWARD, *INCREASE),
        message="The hidden layer has no activation: two layers then are one.",
        hint="Which function is applied to z_1?",
        symptom="A hidden layer that does not help."),
    Mistake(
        "forward-no-hidden-bias", "feed_forward",
        'a1 = sigmoid(X @ weights["W1"] + weights["b1"])\n    return softmax',
        'a1 = sigmoid(X @ weights["W1"])\n    return softmax',
        fails=(*FORWARD, *INCREASE),
        message="The hidden layer has lost its bias.",
        hint="Compare your line for z_1 with the formula, term by term.",
        symptom="The shapes fit, the values are off."),
    Mistake(
        "forward-no-output-bias", "feed_forward", 'softmax(a1 @ weights["W2"] + weights["b2"])',
        'softmax(a1 @ weights["W2"])',
        fails=(*FORWARD, *INCREASE),
        message="The output layer has lost its bias.",
        hint="Compare your line for z_2 with the formula, term by term.",
        symptom="The shapes fit, the values are off."),
    Mistake(
        "forward-softmax-twice", "feed_forward", 'softmax(a1 @ weights["W2"] + weights["b2"])',
        'softmax(softmax(a1 @ weights["W2"] + weights["b2"]))',
        fails=FORWARD,
        message="Softmax is taken twice: probabilities are not scores.",
        hint="Can your network ever be 99 % sure? Softmax of (0, 1) is (0.27, 0.73).",
        symptom="All probabilities are almost equal; the loss has a floor far above 0."),
    Mistake(
        "forward-sigmoid-output", "feed_forward", 'softmax(a1 @ weights["W2"] + weights["b2"])',
        'sigmoid(a1 @ weights["W2"] + weights["b2"])',
        fails=FORWARD,
        message="The output layer is a sigmoid; softmax makes the classes compete.",
        hint="Add up one row of your answer.",
        symptom="Rows do not add up to 1."),
    Mistake(
        "gradients-jacobian-again", "gradients", DELTA,
        "delta2 = (p - one_hot(y, K)) * p * (1 - p) / n",
        fails=GRADIENTS,
        message="The derivative of the softmax stands on top of p - t, which already contains it.",
        hint="p - t is the gradient with respect to z_2, not to p. What is left to multiply?",
        symptom="It learns slowly, and slowest where it is sure and wrong."),
    Mistake(
        "gradients-no-mean", "gradients", DELTA, "delta2 = p - one_hot(y, K)",
        fails=GRADIENTS,
        message="You add up over the examples; the cost is their mean.",
        hint="With twice the rows the gradient should not be twice as large.",
        symptom="The useful learning rate depends on the batch size."),
    Mistake(
        "gradients-sign", "gradients", DELTA, "delta2 = (one_hot(y, K) - p) / n",
        fails=GRADIENTS,
        message="Your gradients have the opposite sign: t - p instead of p - t.",
        hint="If the true class gets too little, its score should go up against the gradient.",
        symptom="The loss climbs."),
    Mistake(
        "gradients-sigmoid-twice", "gradients", "* a1 * (1 - a1)",
        "* sigmoid(a1) * (1 - sigmoid(a1))",
        fails=GRADIENTS,
        message="You take the derivative at a value that has been through the sigmoid already.",
        hint="a_1 is sigma(z_1). Which expression in a_1 is the derivative at z_1?",
        page="06_backpropagation",
        symptom="The output layer is right, the hidden layer is off; it still learns."),
    Mistake(
        "gradients-no-derivative", "gradients", ' * a1 * (1 - a1)', "",
        fails=GRADIENTS,
        message="The derivative of the hidden sigmoid is missing.",
        hint="What comes back through W_2 is the gradient with respect to a_1. Which step leads "
             "to z_1?",
        page="06_backpropagation",
        symptom="The output layer is right, the hidden layer is far too large."),
    Mistake(
        "gradients-bias-mean", "gradients", ".sum(axis=0)", ".mean(axis=0)", count=2,
        fails=GRADIENTS,
        message="The gradients of the biases are divided by n twice.",
        hint="delta already holds the 1/n; the biases' gradients add it up.",
        symptom="Weights right, biases too small."),
    Mistake(
        "network-uphill", "network", "weights[key] - eta", "weights[key] + eta",
        fails=NETWORK,
        message="You step uphill.",
        hint="The gradient points to where the cost grows.",
        symptom="The loss climbs from step to step."),
    Mistake(
        "network-in-place", "network", STEP,
        'for key in weights:\n            weights[key] -= eta * g[key]',
        fails=NETWORK,
        message="The steps are right, but the weights that were handed in are changed, too.",
        hint="`dict(weights)` copies the dictionary, not the arrays; `-=` writes into an array.",
        symptom="The network from before the training has changed as well."),
    Mistake(
        "network-staggered", "network", STEP,
        'weights = dict(weights)\n        for key in ("b2", "W2", "b1", "W1"):\n'
        '            weights[key] = weights[key] - eta * gradients(X, y, weights)[key]',
        fails=NETWORK,
        message="The four arrays of one step use gradients at different weights.",
        hint="Work out all gradients first, then change all arrays.",
        symptom="The first array is right, the others are a little off."),
    Mistake(
        "network-gradient-once", "network",
        "for _ in range(epochs):\n        g = gradients(X, y, weights)\n",
        "g = gradients(X, y, weights)\n    for _ in range(epochs):\n",
        fails=("network.three",),
        message="Every step uses the gradient of the first one.",
        hint="After a step the network is another one. So is its gradient.",
        symptom="One step is right, three are a straight line."),
    Mistake(
        "network-one-short", "network",
        "for _ in range(epochs):\n        g = ", "for _ in range(1, epochs):\n        g = ",
        fails=NETWORK,
        message="One step is missing.",
        hint="Count what your loop does for epochs = 1.",
        symptom="With one epoch nothing changes."),
    Mistake(
        "sgd-last-dropped", "network_sgd", "range(0, n, batch_size)",
        "range(0, n - batch_size + 1, batch_size)",
        fails=("network_sgd.epochs",),
        message="The last batch is dropped when it is not full.",
        hint="Cut 7 rows into batches of 3 on paper. How many rows does yours show?",
        symptom="Right when the batches come out even, wrong otherwise."),
    Mistake(
        "sgd-last-example", "network_sgd", "order[start : start + batch_size]",
        "order[start : min(start + batch_size, n - 1)]",
        fails=SGD,
        message="The last example of every epoch is never shown, as in the published sheet.",
        hint="A slice ends *before* its second number.",
        symptom="Batches come out even, and the last one is short by one row."),
    Mistake(
        "sgd-shuffled-once", "network_sgd",
        "for _ in range(epochs):\n        order = rng.permutation(n)\n",
        "order = rng.permutation(n)\n    for _ in range(epochs):\n",
        fails=("network_sgd.epochs",),
        message="You shuffle once; every epoch shows the same batches.",
        hint="Where in the loop is the order drawn?",
        symptom="One epoch is right, two are not."),
    Mistake(
        "sgd-not-shuffled", "network_sgd", "order = rng.permutation(n)", "order = np.arange(n)",
        fails=SGD,
        message="The examples are not shuffled.",
        hint="What is `rng` for?",
        symptom="The result does not depend on the seed."),
    Mistake(
        "sgd-apart", "network_sgd", "network(X[rows], y[rows], ",
        "network(X[rows], y[start : start + batch_size], ",
        fails=SGD,
        message="Pictures and labels do not belong together any more.",
        hint="One order for both: the same rows of X and of y.",
        symptom="The accuracy stays at guessing."),
    Mistake(
        "sgd-restarts", "network_sgd",
        "weights = network(X[rows], y[rows], weights, 1, eta)  # canary-softmax-6\n"
        "    return weights",
        "new = network(X[rows], y[rows], weights, 1, eta)\n    return new",
        fails=SGD,
        message="Every batch starts from the weights of the beginning; only the last batch counts.",
        hint="What does the second batch start from?",
        symptom="It learns as if there were one step in all."),
    Mistake(
        "confusion-swapped", "confusion", "(y, predicted), 1", "(predicted, y), 1",
        fails=CONFUSION,
        message="Rows and columns are swapped: the true class gives the row.",
        hint="The published sheet hands over predictions first; here rows are the truth.",
        symptom="It lies on its side."),
    Mistake(
        "confusion-once", "confusion", "np.add.at(table, (y, predicted), 1)",
        "table[y, predicted] += 1",
        fails=CONFUSION,
        message="A pair that comes often is counted once.",
        hint="An index that comes twice is written to once. What should all entries add up to?",
        symptom="Only zeros and ones."),
    Mistake(
        "confusion-shares", "confusion", "return table", "return table / len(y)",
        fails=CONFUSION,
        message="These are shares; counts are asked for.",
        hint="Do not divide.",
        symptom="All entries add up to 1."),
    Mistake(
        "confusion-small", "confusion", "np.zeros((K, K), dtype=int)",
        "np.zeros((max(y.max(), predicted.max()) + 1,) * 2, dtype=int)",
        fails=("confusion.absent",),
        message="Classes that never occur have lost their rows and columns.",
        hint="K is given; do not count the classes in the data.",
        symptom="The shape is right by luck, if all classes occur."),
    Mistake(
        "increase-share", "increase", COUNT, "right_after.mean() - right_before.mean()",
        fails=INCREASE,
        message="That is the increase of the *accuracy*, a share.",
        hint="The question is how many digits.",
        symptom="A fraction comes out."),
    Mistake(
        "increase-differences", "increase", COUNT, "int((right_after != right_before).sum())",
        fails=INCREASE,
        message="You count on how many examples the two networks differ.",
        hint="What was right before and is wrong now counts against the second network.",
        symptom="The increase is too large, and never negative."),
    Mistake(
        "increase-sign", "increase", COUNT, "int(right_before.sum()) - int(right_after.sum())",
        fails=INCREASE,
        message="You subtract the wrong way round.",
        hint="More right ones after than before is a positive increase.",
        symptom="The sign is wrong."),
    Mistake(
        "increase-only-gains", "increase", COUNT, "int((right_after & ~right_before).sum())",
        fails=INCREASE,
        message="You count what was gained, and forget what was lost.",
        hint="Some examples were right before and are wrong after.",
        symptom="The increase is a little too large."),
]

SURVIVORS = {
    "confusion: `np.zeros((K, K), dtype=int)` -> `np.zeros((K, K))`":
        "whole floats do for whole numbers",
    "confusion: `return table` as whole numbers": "they are whole numbers",
    "increase: `return int(right_after.sum()) - int(right_before.sum())` as whole numbers":
        "it is a whole number",
}
