"""Known mistakes of assignment 1, what each costs, and what is said about it."""

from assignments.authoring import Mistake

THRESHOLD = ("threshold.sizes", "threshold.sums")
XOR = ("xor_gate.table",)
TRAIN = ("train.many", "train.one")
PATHS = ("two_paths.derivative", "two_paths.paths")
NUDGE = ("nudge.central", "nudge.whole")
FORWARD = ("forward.sizes", "forward.values")
BACKWARD = ("backward.hidden", "backward.output", "backward.sizes")
HIDDEN = ("backward.hidden", "backward.sizes")
COUNT = ("count_solved.all", "count_solved.none")
STEP = "parameters = tuple(p - eta * d for p, d in zip(parameters, g))"
SHARED = "shared = 2 * (o - t) * o * (1 - o)"
DELTA1 = "delta1 = delta2 @ W2.T * a1 * (1 - a1)"
DELTA2 = "2 / n * error * a2 * (1 - a2)"
BIASES = "return X.T @ delta1, delta1.sum(axis=0), a1.T @ delta2, delta2.sum(axis=0)"

MISTAKES = [
    Mistake(
        "threshold-from-zero", "threshold", "X @ w + b > 0", "X @ w + b >= 0",
        fails=THRESHOLD,
        message="Your unit says 1 for a sum of exactly 0.",
        hint="Above 0, the task says.",
        symptom="Right but for sums of exactly 0."),
    Mistake(
        "threshold-no-bias", "threshold", "X @ w + b > 0", "X @ w > 0",
        fails=(*THRESHOLD, *XOR, "gates.and", "gates.nand"),
        message="The bias is missing.",
        hint="Without it every line goes through the origin. Which gates could you still draw?",
        symptom="(0, 0) always gives 0."),
    Mistake(
        "threshold-minus-bias", "threshold", "X @ w + b > 0", "X @ w > b",
        fails=(*THRESHOLD, *XOR, "gates.and", "gates.nand", "gates.or"),
        message="You compare with b; here the bias is added, and the sum compared with 0.",
        hint="A threshold of 5 is a bias of -5.",
        symptom="Right only where the bias is 0."),
    Mistake(
        "threshold-signs", "threshold", "return (X @ w + b > 0).astype(int)",
        "return np.sign(X @ w + b)",
        fails=(*THRESHOLD, *XOR, "gates.and", "gates.nand", "gates.or"),
        message="You answer -1, 0 and 1; 0 and 1 are asked for.",
        hint="Compare with 0 instead of taking the sign.",
        symptom="Answers of -1."),
    Mistake(
        "threshold-sum", "threshold", "return (X @ w + b > 0).astype(int)",
        "return X @ w + b",
        fails=(*THRESHOLD, *XOR, "gates.and", "gates.nand", "gates.or"),
        message="That is the weighted sum itself; the unit has yet to say yes or no.",
        hint="Is the sum above 0?",
        symptom="Numbers other than 0 and 1."),
    Mistake(
        "and-is-or", "gates", "threshold(X, np.ones(2), -1.5)", "threshold(X, np.ones(2), -0.5)",
        fails=(*XOR, "gates.and"),
        message="Your AND is an OR: one input alone is enough for it.",
        hint="What is your sum for (0, 1)? It must not be above 0.",
        symptom="AND says 1 for (0, 1)."),
    Mistake(
        "and-never", "gates", "threshold(X, np.ones(2), -1.5)", "threshold(X, np.ones(2), -2)",
        fails=(*XOR, "gates.and"),
        message="Your AND never says 1: for (1, 1) its sum is exactly 0, or less.",
        hint="The sum must be *above* 0 for (1, 1).",
        symptom="AND is always 0."),
    Mistake(
        "or-always", "gates", "threshold(X, np.ones(2), -0.5)", "threshold(X, np.ones(2), 0.5)",
        fails=(*XOR, "gates.or"),
        message="Your OR says 1 for (0, 0), too.",
        hint="There the sum is the bias alone.",
        symptom="OR is always 1."),
    Mistake(
        "or-is-xor", "gates", "return threshold(X, np.ones(2), -0.5)",
        "return (X.sum(axis=1) == 1).astype(int)",
        fails=("gates.or",),
        message="Your OR says 0 for (1, 1): that is XOR.",
        hint="OR means at least one, and both is at least one.",
        symptom="OR says 0 for (1, 1)."),
    Mistake(
        "nand-is-nor", "gates", "threshold(X, -np.ones(2), 1.5)", "threshold(X, -np.ones(2), 0.5)",
        fails=(*XOR, "gates.nand"),
        message="Your NAND is a NOR: it says 1 for (0, 0) only.",
        hint="With one input at 1 the sum must still be above 0.",
        symptom="NAND says 0 for (0, 1)."),
    Mistake(
        "nand-is-and", "gates", "threshold(X, -np.ones(2), 1.5)", "threshold(X, np.ones(2), -1.5)",
        fails=(*XOR, "gates.nand"),
        message="Your NAND is an AND. NAND is the opposite of it everywhere.",
        hint="Turn the sign of all three numbers.",
        symptom="NAND says 1 for (1, 1) only."),
    Mistake(
        "xor-or", "xor_gate", "return and_gate(hidden)", "return or_gate(hidden)",
        fails=XOR,
        message="Your gate on top says 1 whenever one of the two halves holds.",
        hint="At least one, *but not* both: both halves must hold.",
        symptom="XOR is always 1."),
    Mistake(
        "xor-and", "xor_gate", "[or_gate(X), nand_gate(X)]", "[or_gate(X), and_gate(X)]",
        fails=XOR,
        message="That is AND again: where both are 1, both of your hidden units say yes.",
        hint="The second half of the sentence is 'but not both'. Which gate says that?",
        symptom="XOR says 1 for (1, 1) only."),
    Mistake(
        "xor-nand", "xor_gate", "return and_gate(hidden)", "return nand_gate(hidden)",
        fails=XOR,
        message="Your XOR is upside down: it says 1 where the two inputs are equal.",
        hint="Look at the gate on top.",
        symptom="XOR says 1 for (0, 0) and (1, 1)."),
    Mistake(
        "paths-no-two", "two_paths", SHARED, "shared = (o - t) * o * (1 - o)",
        fails=PATHS,
        message="A factor of 2 is missing: this cost has no half in front.",
        hint="Differentiate (o - t)² with respect to o.",
        symptom="Everything is half of what nudging gives."),
    Mistake(
        "paths-sign", "two_paths", SHARED, "shared = 2 * (t - o) * o * (1 - o)",
        fails=PATHS,
        message="The sign is turned: you took t - o for o - t.",
        hint="Differentiate (o - t)² with respect to o.",
        symptom="Everything has the opposite sign."),
    Mistake(
        "paths-no-output-derivative", "two_paths", SHARED, "shared = 2 * (o - t)",
        fails=PATHS,
        message="The derivative of the output's sigmoid is missing.",
        hint="Between the weighted sum of the output and o stands a sigmoid. Each arrow gives "
             "one factor.",
        symptom="Both paths are too large by the same factor."),
    Mistake(
        "paths-sigmoid-twice", "two_paths", "last = h * (1 - h) * x",
        "last = sigmoid(h) * (1 - sigmoid(h)) * x",
        fails=PATHS,
        message="You take the derivative at a value that has been through the sigmoid already.",
        hint="h is sigma(w x). Which expression in h is the derivative at w x?",
        symptom="Close, but not right."),
    Mistake(
        "paths-no-x", "two_paths", "last = h * (1 - h) * x", "last = h * (1 - h)",
        fails=PATHS,
        message="The last factor is missing: how fast does w x grow with w?",
        hint="Walk to the very end of the path.",
        symptom="Right only for x = 1."),
    Mistake(
        "paths-no-hidden-derivative", "two_paths", "last = h * (1 - h) * x", "last = x",
        fails=PATHS,
        message="The derivative of the first sigmoid, h, is missing.",
        hint="Between w x and h stands a sigmoid. Each arrow gives one factor.",
        symptom="Both paths are too large by the same factor."),
    Mistake(
        "paths-value", "two_paths", "u1 * last", "h * last",
        fails=PATHS,
        message="The first path has the wrong factor between g1 and h: that is the derivative with "
                "respect to the weight u1, not with respect to h.",
        hint="How fast does u1 h grow with h?",
        symptom="The second path is right."),
    Mistake(
        "paths-product", "two_paths", "through_g1 + through_g2", "through_g1 * through_g2",
        fails=("two_paths.derivative",),
        message="You multiply the two paths.",
        hint="Multiply along a path; where paths meet, you do something else.",
        symptom="Both paths are right, the derivative is not."),
    Mistake(
        "paths-one", "two_paths", "through_g1, through_g2, through_g1 + through_g2",
        "through_g1, through_g2, through_g1",
        fails=("two_paths.derivative",),
        message="Your derivative has forgotten the second path.",
        hint="Both paths lead from w to C.",
        symptom="Both paths are right, the derivative is too small."),
    Mistake(
        "nudge-one-sided", "nudge", "(f(up) - f(down)) / (2 * s)", "(f(up) - f(theta)) / s",
        fails=NUDGE,
        message="That is a one-sided difference.",
        hint="Nudge up and down, and compare these two.",
        symptom="Close, and closer with smaller steps."),
    Mistake(
        "nudge-no-two", "nudge", "/ (2 * s)", "/ s",
        fails=NUDGE,
        message="From up to down it is two steps, and you divide by one.",
        hint="How far apart are the two points?",
        symptom="All slopes are twice as large."),
    Mistake(
        "nudge-precedence", "nudge", "/ (2 * s)", "/ 2 * s",
        fails=NUDGE,
        message="You divide by 2 and *multiply* by the step: `/ 2 * s` is read from left to right.",
        hint="Put brackets around what stands below the line.",
        symptom="Slopes that vanish with the step."),
    Mistake(
        "nudge-all", "nudge", "up[i] += s\n        down[i] -= s", "up += s\n        down -= s",
        fails=NUDGE,
        message="You nudge all numbers at once.",
        hint="A partial derivative holds all others fixed.",
        symptom="All slopes are equal."),
    Mistake(
        "nudge-not-back", "nudge",
        "    for i in np.ndindex(theta.shape):\n"
        "        up, down = theta.astype(float), theta.astype(float)\n",
        "    up, down = theta.astype(float), theta.astype(float)\n"
        "    for i in np.ndindex(theta.shape):\n",
        fails=NUDGE,
        message="Only your first slope is right: the nudges before it are still there.",
        hint="Begin each nudge at theta itself.",
        symptom="Each slope is worse than the one before."),
    Mistake(
        "nudge-whole-numbers", "nudge", "theta.astype(float), theta.astype(float)",
        "theta.copy(), theta.copy()",
        fails=("nudge.whole",),
        message="In an array of whole numbers a nudge of a half is lost.",
        hint="A copy has the type of its original. Which type should it have?",
        symptom="An error, or 0, for arrays of whole numbers."),
    Mistake(
        "forward-no-bias", "forward", "sigmoid(X @ W1 + b1)", "sigmoid(X @ W1)",
        fails=(*TRAIN, *FORWARD),
        message="The hidden layer has lost its bias.",
        hint="Compare your line with the formula, term by term.",
        symptom="The shapes fit, the values are off."),
    Mistake(
        "forward-no-output-bias", "forward", "sigmoid(a1 @ W2 + b2)", "sigmoid(a1 @ W2)",
        fails=(*TRAIN, *FORWARD),
        message="The output layer has lost its bias.",
        hint="Compare your line with the formula, term by term.",
        symptom="The hidden layer is right, the output is not."),
    Mistake(
        "forward-linear-hidden", "forward", "a1 = sigmoid(X @ W1 + b1)", "a1 = X @ W1 + b1",
        fails=(*TRAIN, *FORWARD),
        message="The hidden layer has no sigmoid: then two layers are one, and one cannot do XOR.",
        hint="Which function leads from the sums to a_1?",
        page="03_gates",
        symptom="Hidden values above 1."),
    Mistake(
        "forward-linear-output", "forward", "a2 = sigmoid(a1 @ W2 + b2)", "a2 = a1 @ W2 + b2",
        fails=(*TRAIN, *FORWARD),
        message="You return the weighted sums of the output layer, not its values.",
        hint="Which function is still to be applied?",
        symptom="Outputs below 0 or above 1."),
    Mistake(
        "backward-sign", "backward", "error = a2 - t", "error = t - a2",
        fails=(*BACKWARD, *TRAIN),
        message="Your gradients have the opposite sign: you took t - a for a - t.",
        hint="Differentiate (a - t)² with respect to a.",
        symptom="The cost climbs."),
    Mistake(
        "backward-no-mean", "backward", "2 / n * error", "2 * error",
        fails=(*BACKWARD, *TRAIN),
        message="You add up over the rows; this cost is their mean.",
        hint="With twice the rows the gradient should not be twice as large.",
        symptom="All gradients too large by the number of rows."),
    Mistake(
        "backward-no-two", "backward", "2 / n * error", "1 / n * error",
        fails=(*BACKWARD, *TRAIN),
        message="A factor of 2 is missing: this cost has no half in front.",
        hint="Differentiate (a - t)² with respect to a.",
        symptom="All gradients are half of what nudging gives."),
    Mistake(
        "backward-no-output-derivative", "backward", DELTA2, "2 / n * error",
        fails=(*BACKWARD, *TRAIN),
        message="The derivative of the output's sigmoid is missing in delta_2.",
        hint="delta_2 is the derivative with respect to z_2, the sum *before* the sigmoid.",
        symptom="All gradients are too large, by different factors."),
    Mistake(
        "backward-outer", "backward", DELTA2, "2 / n * error @ (a2.T @ (1 - a2))",
        fails=(*BACKWARD, *TRAIN),
        message="A matrix product stands where element by element was meant.",
        hint="Each row's derivative belongs to its own row: which sign multiplies elements?",
        symptom="The shapes fit, and all rows are multiplied by the same number."),
    Mistake(
        "backward-forgotten", "backward", DELTA1, "delta1 = delta2 @ W2.T",
        fails=(*TRAIN, *HIDDEN),
        message="The derivative of the hidden sigmoid is missing.",
        hint="What comes back through W_2 is the derivative with respect to a_1. What leads on to "
             "z_1?",
        symptom="The output layer is right, the hidden layer is too large."),
    Mistake(
        "backward-sigmoid-twice", "backward", "* a1 * (1 - a1)",
        "* sigmoid(a1) * (1 - sigmoid(a1))",
        fails=(*TRAIN, *HIDDEN),
        message="You take the derivative of the sigmoid at a_1, which has been through it already.",
        hint="Which expression in a_1 is the derivative at z_1?",
        symptom="The output layer is right, the hidden layer is off; it still learns."),
    Mistake(
        "backward-plain-error", "backward", "delta1 = delta2 @ W2.T", "delta1 = error @ W2.T",
        fails=(*TRAIN, *HIDDEN),
        message="You send the plain error back, not delta_2.",
        hint="What comes back to a_1 is the derivative with respect to z_2, times the weights.",
        symptom="The output layer is right, the hidden layer is far too large."),
    Mistake(
        "backward-bias-last-row", "backward", BIASES,
        "return X.T @ delta1, delta1[-1], a1.T @ delta2, delta2[-1]",
        fails=(*BACKWARD, *TRAIN),
        message="The gradients of the biases hold one row only, the last: overwritten, not added "
                "up.",
        hint="A loop over rows needs += for the biases as for the weights.",
        symptom="Weights right, biases wrong, and right for one row."),
    Mistake(
        "backward-bias-mean", "backward", BIASES, BIASES.replace("sum", "mean"),
        fails=(*BACKWARD, *TRAIN),
        message="The gradients of the biases are divided by n twice.",
        hint="delta already holds the 1/n of the mean; the biases' gradients add it up.",
        symptom="Weights right, biases too small, and right for one row."),
    Mistake(
        "train-uphill", "train", "p - eta * d", "p + eta * d",
        fails=TRAIN,
        message="You step uphill.",
        hint="The gradient points to where the cost grows.",
        symptom="The cost climbs from step to step."),
    Mistake(
        "train-in-place", "train", STEP,
        "for p, d in zip(parameters, g):\n            p -= eta * d",
        fails=TRAIN,
        message="The steps are right, but you change the arrays that were handed in.",
        hint="`p -= ...` writes into the given array; `p = p - ...` makes a new one.",
        symptom="The start has changed after the training."),
    Mistake(
        "train-staggered", "train", STEP,
        "W2 = W2 - eta * g[2]\n        h = backward(X, t, a1, a2, W2)\n"
        "        parameters = (W1 - eta * h[0], b1 - eta * h[1], W2, b2 - eta * g[3])",
        fails=TRAIN,
        message="You send the error back through a W_2 that this step has already changed.",
        hint="Work out all gradients first, then change all arrays.",
        symptom="W_2 is right after one step, W_1 is a little off."),
    Mistake(
        "train-once", "train",
        "    for _ in range(steps):\n        W1, b1, W2, b2 = parameters\n"
        "        a1, a2 = forward(X, W1, b1, W2, b2)\n        g = backward(X, t, a1, a2, W2)\n",
        "    W1, b1, W2, b2 = parameters\n    a1, a2 = forward(X, W1, b1, W2, b2)\n"
        "    g = backward(X, t, a1, a2, W2)\n    for _ in range(steps):\n",
        fails=("train.many",),
        message="Every step uses the gradient of the first one.",
        hint="After a step the network is another one: forward and backward anew.",
        symptom="One step is right, many are a straight line."),
    Mistake(
        "train-no-biases", "train", STEP,
        "parameters = (W1 - eta * g[0], b1, W2 - eta * g[2], b2)",
        fails=TRAIN,
        message="The biases do not learn.",
        hint="How many arrays has your step changed? There are four.",
        symptom="Biases stay at their start."),
    Mistake(
        "count-rows", "count_solved", "right.all(axis=1).sum()", "right.sum()",
        fails=COUNT,
        message="You count right rows, not networks that have all rows right.",
        hint="First ask each network whether all of its rows are right, then count.",
        symptom="The number is larger than there are networks."),
    Mistake(
        "count-any", "count_solved", "right.all(axis=1)", "right.any(axis=1)",
        fails=COUNT,
        message="You count networks that have at least one row right.",
        hint="All rows, the task says. One right row is no XOR.",
        symptom="Almost every network counts."),
    Mistake(
        "count-share", "count_solved", "int(right.all(axis=1).sum())", "right.all(axis=1).mean()",
        fails=COUNT,
        message="That is a share; a number of networks is asked for.",
        hint="How many, not which part of them.",
        symptom="A fraction comes out."),
    Mistake(
        "count-exact", "count_solved", "(outputs > 0.5) == (t > 0.5)", "outputs == t",
        fails=COUNT,
        message="You ask for outputs of exactly 0 or 1, which a sigmoid never gives.",
        hint="On which side of one half is the output?",
        symptom="No network counts."),
]

WHOLE = "they are whole numbers"
SURVIVORS = {
    "threshold: `return (X @ w + b > 0).astype(int)` as whole numbers": WHOLE,
    "and_gate: `return threshold(X, np.ones(2), -1.5)` as whole numbers": WHOLE,
    "or_gate: `return threshold(X, np.ones(2), -0.5)` as whole numbers": WHOLE,
    "nand_gate: `return threshold(X, -np.ones(2), 1.5)` as whole numbers": WHOLE,
    "xor_gate: `return and_gate(hidden)` as whole numbers": WHOLE,
    "count_solved: `return int(right.all(axis=1).sum())` as whole numbers": WHOLE,
    "nudge: `np.zeros` -> `np.ones`": "every element is overwritten",
    "count_solved: `outputs > 0.5` -> `outputs >= 0.5`":
        "the outputs asked are never exactly one half: rounding would decide",
    "count_solved: `t > 0.5` -> `t >= 0.5`": "targets are 0 or 1",
}
