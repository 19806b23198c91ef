"""Known mistakes of assignment 5, what each costs, and what is said about it."""

from assignments.authoring import Mistake

ERROR = ("relative_error.matrix", "relative_error.others")
APART = "apart = np.sqrt(((g - measured) ** 2).sum())"
BOTH = "(np.sqrt((g**2).sum()) + np.sqrt((measured**2).sum()))"
FIRST = "-np.log(p[np.arange(n), y]).mean() / np.log(K)"
DEAD = "int((a == 0).all(axis=0).sum())"
SCALE = "(pixels - 127.5) / 127.5"
SHUFFLE = "return X[order], y[order]"
OUTPUT = "(softmax(z) - one_hot(y, z.shape[1])) / len(y)"
HIDDEN = "return delta2 @ W2.T * a1 * (1 - a1)"
SUMS = "return X.T @ delta, delta.sum(axis=0)"
LOOP = "for start in range(0, len(y), batch_size):"
START = "rng.normal(0, np.sqrt(2 / d), (d, h)), np.zeros(h)"

MISTAKES = [
    Mistake(
        "error-spectral", "relative_error", f"{APART}\n    return apart / {BOTH}",
        "n = [np.linalg.norm(v, 2) for v in (g - measured, g, measured)]\n"
        "    return n[0] / (n[1] + n[2])",
        fails=("relative_error.matrix",),
        message="For a matrix you take its largest singular value, not the length of all its "
                "elements.",
        hint="`norm(g, 2)` and `norm(g)` are two different things for a matrix.",
        symptom="Right for a row of numbers, too small or too large for a matrix."),
    Mistake(
        "error-not-relative", "relative_error", f"return apart / {BOTH}", "return apart",
        fails=ERROR,
        message="That is the plain distance; it depends on how large the gradients are.",
        hint="Divide by the two lengths.",
        symptom="Numbers above 1."),
    Mistake(
        "error-one-length", "relative_error", BOTH, "np.sqrt((measured**2).sum())",
        fails=ERROR,
        message="You divide by one length; the measure takes the sum of both.",
        hint="Opposite arrays should give 1.",
        symptom="Opposite arrays give 2."),
    Mistake(
        "error-max", "relative_error", f"{APART}\n    return apart / {BOTH}",
        "return np.max(abs(g - measured) / (abs(g) + abs(measured)))",
        fails=ERROR,
        message="You take the largest error of a single element.",
        hint="Lengths of all elements together; a tiny element may be off without harm.",
        symptom="Alarms that are false, where one element is near 0."),
    Mistake(
        "error-root-forgotten", "relative_error",
        f"{APART}\n    return apart / {BOTH}",
        "apart = ((g - measured) ** 2).sum()\n"
        "    return apart / ((g**2).sum() + (measured**2).sum())",
        fails=ERROR,
        message="You compare squares: the roots are missing.",
        hint="A length is the root of a sum of squares.",
        symptom="Errors that look smaller than they are; opposite arrays give 2."),
    Mistake(
        "first-sum", "first_loss", ".mean() / np.log(K)", ".sum() / np.log(K)",
        fails=("first_loss.sizes", "first_loss.value"),
        message="You add up over the examples; take their mean.",
        hint="A fresh network should give about 1, whatever n is.",
        symptom="It grows with the number of examples."),
    Mistake(
        "first-not-divided", "first_loss", FIRST, "-np.log(p[np.arange(n), y]).mean()",
        fails=("first_loss.sizes", "first_loss.value"),
        message="That is the cross-entropy itself; divide it by that of pure guessing.",
        hint="Of K equally likely classes each has 1 / K.",
        symptom="2.3 for ten classes instead of 1."),
    Mistake(
        "first-ten", "first_loss", "/ np.log(K)", "/ np.log(10)",
        fails=("first_loss.sizes", "first_loss.value"),
        message="You divide by ln 10 whatever the number of classes.",
        hint="How many columns has p?",
        symptom="Right for ten classes only."),
    Mistake(
        "first-largest", "first_loss", "p[np.arange(n), y]", "p.max(axis=1)",
        fails=("first_loss.sizes", "first_loss.value"),
        message="You take the largest probability, not that of the true class.",
        hint="Where do the labels come in?",
        symptom="Never above 1, however wrong the network is."),
    Mistake(
        "dead-zeros", "dead_units", DEAD, "int((a == 0).sum())",
        fails=("dead_units.count", "dead_units.sizes"),
        message="You count zeros, not units.",
        hint="A unit may rest for some examples. Dead is who rests for all.",
        symptom="More dead units than units."),
    Mistake(
        "dead-any", "dead_units", ".all(axis=0)", ".any(axis=0)",
        fails=("dead_units.count", "dead_units.sizes"),
        message="You count units that are 0 for *some* example.",
        hint="For all examples, the definition says.",
        symptom="Almost all units seem dead."),
    Mistake(
        "dead-rows", "dead_units", ".all(axis=0)", ".all(axis=1)",
        fails=("dead_units.count", "dead_units.sizes"),
        message="You count examples for which all units are 0.",
        hint="Rows are examples; a unit is a column.",
        symptom="The number can be larger than there are units."),
    Mistake(
        "dead-share", "dead_units", DEAD, "(a == 0).all(axis=0).mean()",
        fails=("dead_units.count", "dead_units.sizes"),
        message="That is a share; a number of units is asked for.",
        hint="How many, not which part.",
        symptom="A fraction comes out."),
    Mistake(
        "scale-sick", "scale", SCALE, "pixels - 127.5 / 127.5",
        fails=("scale.bytes", "scale.range"),
        message="The patient is not mended: division comes before subtraction.",
        hint="Put brackets around what is done first.",
        symptom="255 becomes 254."),
    Mistake(
        "scale-to-one", "scale", SCALE, "pixels / 255",
        fails=("scale.bytes", "scale.range"),
        message="Your numbers go from 0 to 1.",
        hint="What should 0 become?",
        symptom="No negative numbers."),
    Mistake(
        "scale-no-shift", "scale", SCALE, "pixels / 127.5",
        fails=("scale.bytes", "scale.range"),
        message="Your numbers go from 0 to 2.",
        hint="What should 0 become?",
        symptom="No negative numbers, some up to 2."),
    Mistake(
        "scale-by-batch", "scale", SCALE, "pixels / pixels.max() * 2 - 1",
        fails=("scale.bytes", "scale.range"),
        message="You scale by the largest pixel that happens to be there.",
        hint="The same pixel should become the same number in every batch.",
        symptom="Training and test pictures are scaled differently."),
    Mistake(
        "scale-standardised", "scale", SCALE, "(pixels - pixels.mean()) / pixels.std()",
        fails=("scale.bytes", "scale.range"),
        message="You standardise to mean 0 and standard deviation 1; a range is asked for.",
        hint="0 should become -1, and 255 should become 1, in every batch.",
        symptom="Numbers below -1 or above 1."),
    Mistake(
        "scale-wraps", "scale", SCALE, "(2 * pixels - 255) / 255",
        fails=("scale.bytes",),
        message="Whole numbers of one byte wrap round: 2 times 200 is 144 there.",
        hint="Let floats in before the first arithmetic.",
        symptom="Right for ordinary whole numbers, wrong for pixels as they are stored."),
    Mistake(
        "shuffle-sick", "shuffle", f"order = rng.permutation(len(y))\n    {SHUFFLE}",
        "return rng.permutation(X), rng.permutation(y)",
        fails=("shuffle.sizes", "shuffle.together"),
        message="The patient is not mended: rows and labels are shuffled apart.",
        hint="One order for both.",
        symptom="The accuracy stays at guessing."),
    Mistake(
        "shuffle-labels-left", "shuffle", SHUFFLE, "return X[order], y",
        fails=("shuffle.sizes", "shuffle.together"),
        message="The labels have stayed where they were.",
        hint="The same order for both.",
        symptom="The accuracy stays at guessing."),
    Mistake(
        "shuffle-not", "shuffle", SHUFFLE, "return X.copy(), y.copy()",
        fails=("shuffle.sizes", "shuffle.together"),
        message="Nothing is shuffled: they belong together, in the old order.",
        hint="What is `rng` for?",
        symptom="Batches of one class only, if the data come sorted."),
    Mistake(
        "shuffle-in-place", "shuffle", SHUFFLE,
        "X[:], y[:] = X[order], y[order]\n    return X, y",
        fails=("shuffle.sizes", "shuffle.together"),
        message="Your rows are right, but you shuffle the arrays that were handed to you.",
        hint="Return new arrays.",
        symptom="The input has changed after the call."),
    Mistake(
        "shuffle-inverse", "shuffle", SHUFFLE,
        "back = np.argsort(order)\n    return X[back], y[back]",
        fails=("shuffle.sizes", "shuffle.together"),
        message="You send row 0 to place order[0], instead of putting row order[0] first.",
        hint="An index list says which row comes from where.",
        symptom="They belong together, in another order than asked for."),
    Mistake(
        "output-sick", "output_delta", OUTPUT,
        "(softmax(z) - one_hot(y, z.shape[1])) * softmax(z) * (1 - softmax(z))",
        fails=("output_delta.sizes", "output_delta.values"),
        message="The patient is not mended: the derivative of the softmax stands on top of p - t, "
                "which already contains it.",
        hint="p - t is the gradient with respect to z, not to p. What is left to multiply?",
        symptom="It learns slowest where it is sure and wrong."),
    Mistake(
        "output-half-mended", "output_delta", OUTPUT,
        "(softmax(z) - one_hot(y, z.shape[1])) * softmax(z) * (1 - softmax(z)) / len(y)",
        fails=("output_delta.sizes", "output_delta.values"),
        message="The mean is there now, but the derivative of the softmax still stands on top of "
                "p - t.",
        hint="p - t is the gradient with respect to z, not to p. What is left to multiply?",
        symptom="It learns slowest where it is sure and wrong."),
    Mistake(
        "output-no-mean", "output_delta", OUTPUT, "softmax(z) - one_hot(y, z.shape[1])",
        fails=("output_delta.sizes", "output_delta.values"),
        message="One of two illnesses is mended. The other: the cost is a *mean* over examples.",
        hint="With twice the rows each should count half.",
        symptom="Right for one example, too large for more."),
    Mistake(
        "output-sign", "output_delta", OUTPUT, "(one_hot(y, z.shape[1]) - softmax(z)) / len(y)",
        fails=("output_delta.sizes", "output_delta.values"),
        message="The sign is turned: t - p for p - t.",
        hint="More z for the true class means less cost. Which sign has its derivative?",
        symptom="The cost climbs."),
    Mistake(
        "output-mean-over-classes", "output_delta", OUTPUT,
        "(softmax(z) - one_hot(y, z.shape[1])) / z.size",
        fails=("output_delta.sizes", "output_delta.values"),
        message="You divide by the number of classes as well.",
        hint="The mean is over the examples only.",
        symptom="Too small by a factor of K."),
    Mistake(
        "hidden-sick", "hidden_delta", HIDDEN,
        "return delta2 @ W2.T * sigmoid(a1) * (1 - sigmoid(a1))",
        fails=("hidden_delta.sizes", "hidden_delta.values"),
        message="The patient is not mended: a1 has been through the sigmoid already.",
        hint="Which expression in a_1 is the derivative at z_1?",
        symptom="Close, but not right."),
    Mistake(
        "hidden-forgotten", "hidden_delta", HIDDEN, "return delta2 @ W2.T",
        fails=("hidden_delta.sizes", "hidden_delta.values"),
        message="The derivative is gone altogether.",
        hint="It was taken at the wrong place; it is not superfluous.",
        symptom="Far too large."),
    Mistake(
        "hidden-once", "hidden_delta", HIDDEN, "return delta2 @ W2.T * (1 - a1)",
        fails=("hidden_delta.sizes", "hidden_delta.values"),
        message="A factor is missing: that is 1 - a, and the derivative has two factors.",
        hint="Differentiate 1 / (1 + exp(-z)) on paper.",
        symptom="Too large where a1 is small."),
    Mistake(
        "hidden-tanh", "hidden_delta", HIDDEN, "return delta2 @ W2.T * (1 - a1**2)",
        fails=("hidden_delta.sizes", "hidden_delta.values"),
        message="1 - a² is the derivative of tanh; this layer has sigmoids.",
        hint="Each activation has its own derivative.",
        symptom="Too large everywhere."),
    Mistake(
        "sums-sick", "sums", SUMS, "return X.T @ delta, delta[-1]",
        fails=("sums.sizes", "sums.values"),
        message="The patient is not mended: the biases hold the last example only.",
        hint="What is set in a loop is overwritten.",
        symptom="Biases right for one example only."),
    Mistake(
        "sums-view", "sums", SUMS,
        "dW, db = X.T @ delta, delta[0]\n    for d in delta[1:]:\n        db += d\n"
        "    return dW, db",
        fails=("sums.sizes", "sums.values"),
        message="Your sums are right, but you add them up in the first row of `delta` itself.",
        hint="`db = delta[0]` is no copy. Begin with zeros.",
        symptom="The input has changed after the call."),
    Mistake(
        "sums-mean", "sums", SUMS, "return X.T @ delta, delta.mean(axis=0)",
        fails=("sums.sizes", "sums.values"),
        message="The biases are averaged; they are to be added up, like the weights.",
        hint="delta has the 1/n of the cost in it already.",
        symptom="Biases too small."),
    Mistake(
        "sums-all", "sums", SUMS, "return X.T @ delta, delta.sum() * np.ones(delta.shape[1])",
        fails=("sums.sizes", "sums.values"),
        message="All units get the same sum.",
        hint="Add up over the examples only. Which axis is that?",
        symptom="All biases learn alike."),
    Mistake(
        "sums-column", "sums", SUMS, "return X.T @ delta, delta.sum(axis=0, keepdims=True)",
        fails=("sums.sizes", "sums.values"),
        message="The gradient of the biases has shape (1, h); the biases have (h,).",
        hint="A gradient has the shape of what it is the gradient of.",
        symptom="Biases change their shape after the first step."),
    Mistake(
        "accuracy-sick", "accuracy",
        f"right = 0\n    {LOOP}\n        rows = slice(start, start + batch_size)\n"
        "        right += (predicted[rows] == y[rows]).sum()\n"
        "    return right / len(y)",
        "shares = []\n    for i in range(len(y) // batch_size):\n"
        "        rows = slice(i * batch_size, (i + 1) * batch_size)\n"
        "        shares.append((predicted[rows] == y[rows]).mean())\n    return np.mean(shares)",
        fails=("accuracy.batches", "accuracy.rest"),
        message="The patient is not mended: the last batch does not count if it is not full.",
        hint="Cut 11 examples into batches of 4 on paper.",
        symptom="It changes with the batch size, and is nan for large batches."),
    Mistake(
        "accuracy-mean-of-means", "accuracy",
        f"right = 0\n    {LOOP}\n        rows = slice(start, start + batch_size)\n"
        "        right += (predicted[rows] == y[rows]).sum()\n"
        "    return right / len(y)",
        f"shares = []\n    {LOOP}\n        rows = slice(start, start + batch_size)\n"
        "        shares.append((predicted[rows] == y[rows]).mean())\n    return np.mean(shares)",
        fails=("accuracy.batches", "accuracy.rest"),
        message="A mean of means: the examples of a short batch count more than others.",
        hint="Count the right ones, and divide once.",
        symptom="Every example is seen, and it still changes with the batch size."),
    Mistake(
        "accuracy-dropped", "accuracy", LOOP,
        "for start in range(0, len(y) - batch_size + 1, batch_size):",
        fails=("accuracy.batches", "accuracy.rest"),
        message="You divide by all examples, but have not counted the last ones.",
        hint="Every example counts once, above and below the line.",
        symptom="Too low, and 0 for large batches."),
    Mistake(
        "start-sick", "start", START, "np.full((d, h), 0.01), np.zeros(h)",
        fails=("start.sizes", "start.values"),
        message="The patient is not mended: all units begin alike, and stay alike.",
        hint="What makes two units different from the first step on?",
        symptom="All columns of the weights are equal, for ever."),
    Mistake(
        "start-variance", "start", "np.sqrt(2 / d)", "2 / d",
        fails=("start.sizes", "start.values"),
        message="2 / d is the variance; `rng.normal` takes the standard deviation.",
        hint="How are the two related?",
        symptom="The signal dies from layer to layer."),
    Mistake(
        "start-outputs", "start", "np.sqrt(2 / d)", "np.sqrt(2 / h)",
        fails=("start.sizes", "start.values"),
        message="You divide by the number of units; it is the inputs that each unit adds up.",
        hint="Over how many terms does a weighted sum run?",
        symptom="Right for square layers only."),
    Mistake(
        "start-unit", "start", "np.sqrt(2 / d)", "1",
        fails=("start.sizes", "start.values"),
        message="The standard deviation is 1: sums over many inputs are far too large.",
        hint="A sum of d such terms has a standard deviation of sqrt(d) times theirs.",
        symptom="The first loss is far above ln K."),
    Mistake(
        "start-uniform", "start", "rng.normal(0, np.sqrt(2 / d), (d, h))",
        "rng.random((d, h)) * np.sqrt(2 / d)",
        fails=("start.sizes", "start.values"),
        message="Your weights are all positive: uniform from 0, not normal around 0.",
        hint="Which function of `rng` does the task name?",
        symptom="All units answer much the same."),
]

SURVIVORS = {
    "relative_error: `g - measured` -> `measured - g`": "the sign is squared away",
    "dead_units: `return int((a == 0).all(axis=0).sum())` as whole numbers":
        "it is a whole number",
}
