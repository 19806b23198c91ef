"""Known mistakes of assignment 2, what each costs, and what is said about it."""

from assignments.authoring import Mistake

RELU = ("relu.any_shape", "relu.values")
FORWARD = ("forward.hidden", "forward.output", "forward.sizes")
TRAIN = ("train_epoch.many", "train_epoch.one_batch")
BACKWARD = ("backward.hidden", "backward.output", "backward.sizes")
DELTA = "delta_o = 2 * error / n * a_o * (1 - a_o)"
FACTOR = "(a_h > 0)"

MISTAKES = [
    Mistake(
        "relu-abs", "relu", "return np.maximum(0, z)", "return np.abs(z)", fails=RELU,
        message="You mirror negative numbers instead of cutting them off.",
        hint="What should come out for -2: 2, or 0?",
        symptom="Nothing is ever 0."),
    Mistake(
        "relu-builtin-max", "relu", "return np.maximum(0, z)", "return max(0, z)", fails=RELU,
        message="Python's `max` compares whole objects, not each element.",
        hint="NumPy has a function for the elementwise larger of two things.",
        symptom="ValueError: The truth value of an array is ambiguous."),
    Mistake(
        "relu-in-place", "relu", "return np.maximum(0, z)", "z[z < 0] = 0\n    return z",
        fails=RELU,
        message="Your values are right, but you write into the array that was handed to you.",
        hint="Whoever called `relu(z)` may need z again. Make a new array.",
        symptom="The input has changed after the call."),
    Mistake(
        "relu-leaky", "relu", "return np.maximum(0, z)", "return np.where(z > 0, z, 0.01 * z)",
        fails=RELU,
        message="That is the *leaky* ReLU: it lets a little of the negative numbers through.",
        hint="Plain ReLU gives exactly 0 there.",
        symptom="Small negative numbers come out."),
    Mistake(
        "relu-clipped", "relu", "return np.maximum(0, z)", "return np.clip(z, 0, 1)", fails=RELU,
        message="You cut off at 1 as well: ReLU has no upper limit.",
        hint="Not to be flat for large z is what ReLU has over the sigmoid.",
        symptom="Nothing is larger than 1."),
    Mistake(
        "relu-step", "relu", "return np.maximum(0, z)", "return (z > 0) * 1.0", fails=RELU,
        message="That is the *derivative* of ReLU (0 or 1), not ReLU.",
        hint="A positive number passes unchanged.",
        symptom="Only zeros and ones come out."),
    Mistake(
        "forward-sigmoid", "forward", "a_h = np.maximum(0, z_h)", "a_h = sigmoid(z_h)",
        fails=(*FORWARD, *TRAIN),
        message="The hidden layer is still a sigmoid.",
        hint="Which line computes a_h from z_h?",
        symptom="All hidden values lie between 0 and 1."),
    Mistake(
        "forward-relu-twice", "forward", "a_o = sigmoid(z_o)", "a_o = np.maximum(0, z_o)",
        fails=("forward.output", "forward.sizes", *TRAIN),
        message="ReLU is in the output layer too: there the sigmoid stays.",
        hint="Targets are 0 and 1. Which function keeps the outputs between them?",
        symptom="Outputs larger than 1."),
    Mistake(
        "forward-no-hidden-bias", "forward", "z_h = X @ W_h + b_h", "z_h = X @ W_h",
        fails=(*FORWARD, *TRAIN),
        message="The hidden layer has lost its bias.",
        hint="Compare your line for z_h with the formula, term by term.",
        symptom="The shapes fit, the values are off."),
    Mistake(
        "forward-no-output-bias", "forward", "z_o = a_h @ W_o + b_o", "z_o = a_h @ W_o",
        fails=("forward.output", "forward.sizes", *TRAIN),
        message="The output layer has lost its bias.",
        hint="Compare your line for z_o with the formula, term by term.",
        symptom="The hidden layer is right, the output is not."),
    Mistake(
        "forward-logits", "forward", "a_o = sigmoid(z_o)", "a_o = z_o",
        fails=("forward.output", "forward.sizes", *TRAIN),
        message="You return the weighted sums z_o of the output layer, not its values a_o.",
        hint="Which function is still to be applied?",
        symptom="Outputs below 0 and above 1."),
    Mistake(
        "forward-relu-of-inputs", "forward",
        "a_h = np.maximum(0, z_h)", "a_h = np.maximum(0, X) @ W_h + b_h",
        fails=("forward.hidden", "forward.output", "forward.sizes", *TRAIN),
        message="You apply ReLU to the inputs, before the weights.",
        hint="Which comes first in the formula of a_h: the weighted sum, or f?",
        symptom="Hidden values below 0."),
    Mistake(
        "backward-sigmoid-derivative", "backward", FACTOR, "a_h * (1 - a_h)",
        fails=("backward.hidden", "backward.sizes", *TRAIN),
        message="The derivative a (1 - a) is the sigmoid's; your hidden layer is ReLU.",
        hint="When the activation changes, its derivative changes with it. Draw ReLU: which two "
             "slopes does it have?",
        symptom="It trains, and badly; the output layer's gradients are right."),
    Mistake(
        "backward-no-derivative", "backward", "delta_h = delta_o @ W_o.T * (a_h > 0)",
        "delta_h = delta_o @ W_o.T", fails=("backward.hidden", "backward.sizes", *TRAIN),
        message="The derivative of the hidden activation is missing, or is 1 everywhere.",
        hint="A unit that gave 0 passes nothing back. Which of your units are these?",
        symptom="Gradients arrive at units that are off."),
    Mistake(
        "backward-relu-value", "backward", FACTOR, "a_h",
        fails=("backward.hidden", "backward.sizes", *TRAIN),
        message="You multiply by the value of ReLU where its derivative belongs.",
        hint="How fast does max(0, z) grow at z = 5? It is not 5.",
        symptom="Active units get gradients that grow with their values."),
    Mistake(
        "backward-derivative-of-error", "backward", "delta_o @ W_o.T", "error @ W_o.T",
        fails=("backward.hidden", "backward.sizes", *TRAIN),
        message="You send the plain error back, not delta_o.",
        hint="What comes back to a_h is the derivative of the cost with respect to z_o, times "
             "the weights.",
        symptom="The output layer is right, the hidden layer is far too large."),
    Mistake(
        "backward-no-mean", "backward", "2 * error / n", "2 * error", fails=(*BACKWARD, *TRAIN),
        message="You add up over the examples; this cost is their mean.",
        hint="With twice the rows the gradient should not be twice as large.",
        symptom="All gradients too large by the number of rows."),
    Mistake(
        "backward-no-output-derivative", "backward", DELTA, "delta_o = 2 * error / n",
        fails=(*BACKWARD, *TRAIN),
        message="The derivative of the output's sigmoid is missing in delta_o.",
        hint="The short form a - t belongs to cross-entropy. Here the cost is the squared error: "
             "use the chain rule.",
        symptom="All gradients are too large, by different factors."),
    Mistake(
        "backward-sign", "backward", "error = a_o - one_hot(y, K)",
        "error = one_hot(y, K) - a_o", fails=(*BACKWARD, *TRAIN),
        message="Your gradients have the opposite sign: you took t - a for a - t.",
        hint="Differentiate (a - t)² with respect to a.",
        symptom="The cost climbs."),
    Mistake(
        "backward-no-two", "backward", "2 * error / n", "error / n", fails=(*BACKWARD, *TRAIN),
        message="A factor of 2 is missing: this cost has no half in front.",
        hint="Differentiate (a - t)² with respect to a.",
        symptom="All gradients are half of what a finite difference gives."),
    Mistake(
        "backward-bias-mean", "backward", "sum(axis=0)", "mean(axis=0)", count=2,
        fails=("backward.hidden", "backward.output", "backward.sizes",
               *TRAIN),
        message="The gradients of the biases are divided by n twice.",
        hint="delta already holds the 1/n of the mean; the biases' gradients add it up.",
        symptom="Weights right, biases too small."),
    Mistake(
        "update-uphill", "update", "p - learning_rate * g", "p + learning_rate * g",
        fails=("update.any", "update.step", *TRAIN),
        message="You step uphill.",
        hint="The gradient points to where the cost grows.",
        symptom="The cost climbs from step to step."),
    Mistake(
        "update-in-place", "update",
        "return tuple(p - learning_rate * g for p, g in pairs)",
        "for p, g in pairs:\n        p -= learning_rate * g\n    return tuple(parameters)",
        fails=("update.any", "update.step", *TRAIN),
        message="The step is right, but you change the old parameters in place.",
        hint="`p -= ...` writes into the given array; `p = p - ...` makes a new one.",
        symptom="The network from before the training has changed too."),
    Mistake(
        "update-no-rate", "update", "p - learning_rate * g", "p - g",
        fails=("update.any", "update.step", *TRAIN),
        message="The learning rate is missing.",
        hint="How long is your step if learning_rate is 0?",
        symptom="Steps are far too long."),
    Mistake(
        "batches-drop-last", "batches", "range(0, len(order), batch_size)",
        "range(0, len(order) - batch_size + 1, batch_size)",
        fails=("batches.rest", "train_epoch.many"),
        message="The last batch is dropped when it is not full.",
        hint="Cut 11 rows into batches of 4 on paper. How many rows does yours show?",
        page="09_replay",
        symptom="Some rows are never shown."),
    Mistake(
        "batches-no-order", "batches", "starts = range(0, len(order), batch_size)",
        "order = np.arange(len(order))\n    starts = range(0, len(order), batch_size)",
        fails=("batches.full", "batches.rest", "train_epoch.many"),
        message="You cut 0, 1, 2, ... instead of the order that was given.",
        hint="Who shuffles, if not `order`?",
        symptom="Every epoch shows the same batches."),
    Mistake(
        "batches-overlap", "batches", "order[s : s + batch_size]", "order[s : s + batch_size + 1]",
        fails=("batches.full", "batches.rest", "train_epoch.many"),
        message="Neighbouring batches share a row.",
        hint="A slice a[i:j] ends before j.",
        symptom="Batches have one row too many."),
    Mistake(
        "train-restarts", "train_epoch",
        "for rows in batches(order, batch_size):\n        W_h, b_h, W_o, b_o = parameters",
        "W_h, b_h, W_o, b_o = parameters\n    for rows in batches(order, batch_size):",
        fails=("train_epoch.many",),
        message="Every batch works out its gradient at the parameters of the epoch's start.",
        hint="After a step the network is another one: unpack the parameters anew.",
        symptom="Large learning rates behave oddly; one batch alone is right."),
    Mistake(
        "train-labels", "train_epoch", "backward(X[rows], y[rows], ",
        "backward(X[rows], y[:len(rows)], ", fails=TRAIN,
        message="Pictures and labels do not belong together.",
        hint="Take the same rows of X and of y.",
        symptom="The accuracy stays at guessing."),
    Mistake(
        "train-one-step", "train_epoch", "    return parameters", "        return parameters",
        fails=("train_epoch.many",),
        message="You return after the first batch.",
        hint="Look at the indentation of `return`.",
        symptom="An epoch takes no time at all."),
    Mistake(
        "increase-share", "increase",
        "int((after == y).sum()) - int((before == y).sum())",
        "(after == y).mean() - (before == y).mean()", fails=("increase.fewer", "increase.more"),
        message="That is the increase of the *accuracy*, a share.",
        hint="The question is how many digits.",
        symptom="A fraction comes out."),
    Mistake(
        "increase-differences", "increase",
        "int((after == y).sum()) - int((before == y).sum())",
        "int((after != before).sum())", fails=("increase.fewer", "increase.more"),
        message="You count on how many pictures the two networks differ.",
        hint="Both can be wrong in different ways. Compare each with y.",
        symptom="The increase is too large, and never negative."),
    Mistake(
        "increase-sign", "increase",
        "int((after == y).sum()) - int((before == y).sum())",
        "int((before == y).sum()) - int((after == y).sum())",
        fails=("increase.fewer", "increase.more"),
        message="You subtract the wrong way round.",
        hint="More right ones after than before is a positive increase.",
        symptom="The sign is wrong."),
    Mistake(
        "increase-only-gains", "increase",
        "int((after == y).sum()) - int((before == y).sum())",
        "int(((after == y) & (before != y)).sum())", fails=("increase.fewer", "increase.more"),
        message="You count what was gained, and forget what was lost.",
        hint="Some pictures were right before and are wrong after.",
        symptom="The increase is a little too large."),
]

SURVIVORS = {
    "relu: `np.maximum(0, z)` -> `np.maximum(z, 0)`": "the larger of two, in either order",
    "forward: `np.maximum(0, z_h)` -> `np.maximum(z_h, 0)`": "the larger of two, in either order",
    "increase: `return int((after == y).sum()) - int((before == y).sum())` as whole numbers":
        "it is a whole number",
}
