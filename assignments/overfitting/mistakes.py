"""Known mistakes of assignment 4, what each costs, and what is said about it."""

from assignments.authoring import Mistake

PARTS = ("three_parts.parts", "three_parts.sizes")
PENALTY = ("penalty.layers", "penalty.value")
ADD = ("add_penalty.layers", "add_penalty.value")
TRAINING = ("dropout.rates", "dropout.training")
GRADIENTS = ("gradients.mask", "gradients.sizes")
STOPPING = ("stopping.ends", "stopping.stops", "stopping.ties")
VAL = ("network_val.best", "network_val.ends", "network_val.history")
CHOSEN = ("chosen.choice", "chosen.others")
SQUARES = 'squares = [(w**2).sum() for name, w in weights.items() if name.startswith("W")]'
DECAY = "gradients[name] + decay[name] * weights[name]"
ONLY_W = 'lam if name.startswith("W") else 0'
MASK = "mask = (rng.random(a.shape) >= rate) / (1 - rate)"
BACK = '@ weights["W2"].T * mask * a1 * (1 - a1)'
KEEP = "best = {name: w.copy() for name, w in weights.items()}"
LOWER = "if value < losses[best]:"

MISTAKES = [
    Mistake(
        "parts-overlap", "three_parts", "order[n_train:end], order[end:]",
        "order[n_train:end], order[n_train:]",
        fails=PARTS,
        message="Your test part contains the validation part.",
        hint="Add up the three lengths. Where does the test part begin?",
        symptom="Some row numbers are in two parts."),
    Mistake(
        "parts-sorted", "three_parts", "order = rng.permutation(n)", "order = np.arange(n)",
        fails=PARTS,
        message="You do not shuffle.",
        hint="These digits come sorted by class. What would the test part hold?",
        symptom="The test part has classes that the training part has not."),
    Mistake(
        "parts-drawn-apart", "three_parts",
        "return order[:n_train], order[n_train:end], order[end:]",
        "return (order[:n_train], rng.permutation(n)[n_train:end], rng.permutation(n)[end:])",
        fails=PARTS,
        message="Each part is cut from an order of its own, so an example can be in two of them.",
        hint="Shuffle once, then cut.",
        symptom="Test results that are too good."),
    Mistake(
        "parts-absolute-end", "three_parts", "order[n_train:end], order[end:]",
        "order[n_train:n_validation], order[end:]",
        fails=PARTS,
        message="Your validation part ends at n_validation, counted from the start of the order.",
        hint="A slice's second number is a place, not a length.",
        symptom="The validation part is empty or too short."),
    Mistake(
        "penalty-biases", "penalty", SQUARES, "squares = [(w**2).sum() for w in weights.values()]",
        fails=PENALTY,
        message="You penalise the biases, too.",
        hint="A bias shifts a unit; it does not make the network wigglier. Which names count?",
        symptom="Too large, and more so with large biases."),
    Mistake(
        "penalty-no-half", "penalty", "return lam / 2 * sum", "return lam * sum",
        fails=PENALTY,
        message="The half is missing.",
        hint="In this course P is lambda / 2 times the sum, so that the derivative has no 2.",
        symptom="Twice too large."),
    Mistake(
        "penalty-absolute", "penalty", SQUARES, SQUARES.replace("(w**2)", "abs(w)"),
        fails=PENALTY,
        message="That is L1: absolute values instead of squares.",
        hint="L2 squares each weight.",
        symptom="Too large for small weights, too small for large ones."),
    Mistake(
        "penalty-square-of-sum", "penalty", SQUARES,
        SQUARES.replace("(w**2).sum()", "w.sum() ** 2"),
        fails=PENALTY,
        message="You square the sum; positive and negative weights cancel.",
        hint="Square each weight first, then add up.",
        symptom="Too small, at times 0."),
    Mistake(
        "penalty-mean", "penalty", SQUARES, SQUARES.replace(".sum()", ".mean()"),
        fails=PENALTY,
        message="You average over the weights; the penalty adds them up.",
        hint="The formula has a sum over all weights, with nothing divided by their number.",
        symptom="Far too small, so that lambda seems to do nothing."),
    Mistake(
        "penalty-norm", "penalty", "return lam / 2 * sum(squares)",
        "return lam / 2 * np.sqrt(sum(squares))",
        fails=PENALTY,
        message="You take the root: that is the length, not its square.",
        hint="The penalty is quadratic: doubling all weights makes it four times as large.",
        symptom="Twice, not four times as large for doubled weights."),
    Mistake(
        "decay-of-gradient", "add_penalty", DECAY,
        "gradients[name] + decay[name] * gradients[name]",
        fails=ADD,
        message="You add lambda times the *gradient*. That only makes the learning rate larger.",
        hint="Differentiate lambda / 2 times w squared with respect to w. What stands there?",
        symptom="The weights do not shrink, however large lambda is."),
    Mistake(
        "decay-biases", "add_penalty", ONLY_W, "lam",
        fails=ADD,
        message="The biases are pulled to 0 as well.",
        hint="The penalty has no biases in it. What is its derivative with respect to a bias?",
        symptom="Weights right, biases wrong."),
    Mistake(
        "decay-twice", "add_penalty", ONLY_W, '2 * lam if name.startswith("W") else 0',
        fails=ADD,
        message="Twice too much: the half in the penalty cancels the 2 of the derivative.",
        hint="Differentiate lambda / 2 times w squared.",
        symptom="The check with nudges says that the gradient is off by lambda w."),
    Mistake(
        "decay-sign", "add_penalty", DECAY, "gradients[name] - decay[name] * weights[name]",
        fails=ADD,
        message="The sign is turned: your weights grow.",
        hint="A term that is added to the cost adds its derivative to the gradient.",
        symptom="Weights grow without limit."),
    Mistake(
        "decay-signs", "add_penalty", DECAY,
        "gradients[name] + decay[name] * np.sign(weights[name])",
        fails=ADD,
        message="That is the gradient of L1: it pulls all weights equally.",
        hint="L2 pulls large weights more.",
        symptom="Small weights become exactly 0."),
    Mistake(
        "decay-in-place", "add_penalty",
        f"return {{name: {DECAY} for name in gradients}}",
        "for name in gradients:\n        gradients[name] += decay[name] * weights[name]\n"
        "    return gradients",
        fails=ADD,
        message="Your values are right, but you write into the arrays that were handed to you.",
        hint="`g += ...` reaches the caller's array; `g + ...` makes a new one.",
        symptom="The gradients of the loss alone are lost."),
    Mistake(
        "dropout-not-scaled", "dropout", MASK, "mask = (rng.random(a.shape) >= rate) * 1.0",
        fails=TRAINING,
        message="What is kept is not made larger, so in use the next layer gets sums that it has "
                "never seen.",
        hint="If a quarter is kept, what must it be multiplied by for the same expected sum?",
        symptom="Worse in use than in training."),
    Mistake(
        "dropout-kept-share", "dropout", MASK, "mask = (rng.random(a.shape) < rate) / rate",
        fails=TRAINING,
        message="You keep the share `rate`; it is the share that is dropped.",
        hint="With rate 0 nothing is dropped.",
        symptom="Rate 0.1 hurts more than rate 0.9."),
    Mistake(
        "dropout-scaled-by-rate", "dropout", "/ (1 - rate)", "/ rate",
        fails=TRAINING,
        message="You divide by the share that is dropped; divide by the share that is kept.",
        hint="With rate 0 everything is kept and nothing should change.",
        symptom="Right only for a rate of one half."),
    Mistake(
        "dropout-scaled-down", "dropout", "/ (1 - rate)", "* (1 - rate)",
        fails=TRAINING,
        message="What is kept becomes smaller; it should become larger.",
        hint="Fewer units speak in training. Each must speak louder for the same sum.",
        symptom="The next layer gets far too little in training."),
    Mistake(
        "dropout-in-use", "dropout",
        "    if not training:\n        return a, np.ones(a.shape)\n", "",
        fails=("dropout.use",),
        message="You drop in use, too: predictions then depend on chance.",
        hint="What is `training` for?",
        symptom="The same picture gets another answer each time."),
    Mistake(
        "dropout-scaled-in-use", "dropout", "return a, np.ones(a.shape)",
        "return a * (1 - rate), np.full(a.shape, 1 - rate)",
        fails=("dropout.use",),
        message="You scale in use as well; inverted dropout has done that in training.",
        hint="Scale in one of the two places, not in both.",
        symptom="Unsure predictions: all sums are too small in use."),
    Mistake(
        "dropout-whole-units", "dropout", "rng.random(a.shape) >= rate",
        "rng.random((1, a.shape[1])).repeat(a.shape[0], axis=0) >= rate",
        fails=TRAINING,
        message="You drop the same units for all examples.",
        hint="Each example draws a mask of its own: look at the shape of what you draw.",
        symptom="Whole columns are 0."),
    Mistake(
        "gradients-mask-forgotten", "gradients", BACK, BACK.replace(" * mask", ""),
        fails=GRADIENTS,
        message="The mask is missing in the way back: dropped units get a gradient.",
        hint="What comes out is a_1 times the mask. How fast does that grow with a_1?",
        symptom="The output layer is right, the hidden layer is not."),
    Mistake(
        "gradients-mask-not-scaled", "gradients", BACK, BACK.replace("* mask", "* (mask > 0)"),
        fails=GRADIENTS,
        message="In the way back the mask has lost its scale.",
        hint="Forward you multiply by 0 or by 1 / (1 - rate). The derivative is that same number.",
        symptom="The hidden layer's gradients are too small by 1 - rate."),
    Mistake(
        "gradients-derivative-of-dropped", "gradients", BACK,
        '@ weights["W2"].T * mask * dropped * (1 - dropped)',
        fails=GRADIENTS,
        message="You take the sigmoid's derivative from the values after the mask.",
        hint="a (1 - a) is right for a value that comes from the sigmoid, not for one that was "
             "made larger.",
        symptom="Right without dropout, wrong with it."),
    Mistake(
        "gradients-undropped-input", "gradients", "dropped.T @ delta2", "a1.T @ delta2",
        fails=GRADIENTS,
        message="The gradient of W_2 uses the hidden values before the mask.",
        hint="What has come in to the second layer?",
        symptom="Only the gradient of W_2 is wrong."),
    Mistake(
        "gradients-forward-undropped", "gradients", 'softmax(dropped @ weights["W2"]',
        'softmax(a1 @ weights["W2"]',
        fails=GRADIENTS,
        message="The forward pass has forgotten the mask.",
        hint="What does the hidden layer pass on in training?",
        symptom="All gradients are off, most of all with many units dropped."),
    Mistake(
        "gradients-no-mean", "gradients", "(p - one_hot(y, K)) / n", "p - one_hot(y, K)",
        fails=GRADIENTS,
        message="You add up over the examples; the cost is their mean.",
        hint="With twice the rows the gradient should not be twice as large.",
        symptom="All gradients too large by the number of rows; lambda seems too weak."),
    Mistake(
        "stopping-previous", "stopping", "best = 0\n    for epoch, value in enumerate(losses):\n"
        "        if value < losses[best]:",
        "best = 0\n    for epoch, value in enumerate(losses):\n"
        "        if epoch and value < losses[epoch - 1]:",
        fails=("stopping.stops", "stopping.ties"),
        message="You compare with the epoch before, not with the lowest so far.",
        hint="A loss that falls from a bump need not be a new lowest.",
        symptom="It goes on for too long, and takes a wrong epoch."),
    Mistake(
        "stopping-ties", "stopping", LOWER, "if value <= losses[best]:",
        fails=("stopping.ties",),
        message="You take a loss that only equals the lowest for an improvement.",
        hint="A *new* lowest value is below the old one.",
        symptom="On a plateau it never stops."),
    Mistake(
        "stopping-peeks", "stopping", "return best, epoch  # canary-overfitting-6",
        "return int(np.argmin(losses)), epoch",
        fails=("stopping.stops", "stopping.ties"),
        message="You take an epoch that comes after the stop: that has not happened yet.",
        hint="Which losses are known when it stops?",
        symptom="The best epoch is later than the last one."),
    Mistake(
        "stopping-takes-last", "stopping", "return best, epoch  # canary-overfitting-6",
        "return epoch, epoch",
        fails=STOPPING,
        message="You take the epoch it stops after, not the best one.",
        hint="When patience has run out, the lowest value is `patience` epochs old.",
        symptom="The loss at the chosen epoch is not the lowest."),
    Mistake(
        "stopping-one-late", "stopping", "epoch - best == patience", "epoch - best > patience",
        fails=STOPPING,
        message="You wait one epoch too long.",
        hint="Count the epochs after the lowest: it stops when there are `patience` of them.",
        symptom="The stop comes one epoch late."),
    Mistake(
        "stopping-total", "stopping",
        "best = 0\n    for epoch, value in enumerate(losses):\n"
        "        if value < losses[best]:\n            best = epoch\n"
        "        if epoch - best == patience:",
        "best, bad = 0, 0\n    for epoch, value in enumerate(losses):\n"
        "        if value < losses[best]:\n            best = epoch\n"
        "        elif epoch:\n            bad += 1\n        if bad == patience:",
        fails=("stopping.ends", "stopping.stops"),
        message="You count all epochs without a new lowest; the count begins anew at each lowest.",
        hint="What happens to the count when there is an improvement?",
        symptom="It stops too early when the curve is bumpy."),
    Mistake(
        "val-not-copied", "network_val", KEEP, "best = weights",
        fails=("network_val.best", "network_val.ends"),
        message="You return the weights of the end: either the last ones, or the best, kept "
                "without a copy and trained on.",
        hint="An assignment copies nothing. What is in those arrays after the next epoch?",
        symptom="The best weights are those of the end."),
    Mistake(
        "val-training-loss", "network_val",
        "if history[-1][1] < lowest:\n            lowest, waited = history[-1][1], 0",
        "if history[-1][0] < lowest:\n            lowest, waited = history[-1][0], 0",
        fails=VAL,
        message="The training loss decides in your loop; it hardly ever climbs.",
        hint="Which of the two losses tells about new data?",
        symptom="It never stops."),
    Mistake(
        "val-never-stops", "network_val",
        "        if waited == patience:\n            break\n", "",
        fails=("network_val.ends", "network_val.history"),
        message="Your loop runs to the end whatever happens.",
        hint="What is `patience` for?",
        symptom="The history is as long as epochs allow."),
    Mistake(
        "val-no-reset", "network_val", "lowest, waited = history[-1][1], 0",
        "lowest = history[-1][1]",
        fails=VAL,
        message="You do not begin to count anew when there is an improvement.",
        hint="Patience is for epochs in a row.",
        symptom="It stops after `patience` epochs, always."),
    Mistake(
        "val-measures-before", "network_val",
        "weights = train_epoch(weights)\n        history.append(losses(weights))",
        "history.append(losses(weights))\n        weights = train_epoch(weights)",
        fails=VAL,
        message="You measure before the epoch; the weights you keep are one epoch further.",
        hint="Losses and weights that belong together are from the same moment.",
        symptom="The history is late by one epoch."),
    Mistake(
        "val-swapped", "network_val", "np.array(history)", "np.array(history)[:, ::-1]",
        fails=("network_val.ends", "network_val.history"),
        message="The two columns of the history are swapped.",
        hint="Training loss first.",
        symptom="The training curve lies above the validation curve."),
    Mistake(
        "chosen-by-test", "chosen", "np.argmax(validation)", "np.argmax(test)",
        fails=CHOSEN,
        message="You choose by the test data; then nothing is left to judge by.",
        hint="Test data are looked at once, after the choice.",
        symptom="The reported accuracy is too good."),
    Mistake(
        "chosen-reports-validation", "chosen", "float(test[best])", "float(validation[best])",
        fails=CHOSEN,
        message="You report the validation accuracy, by which you have chosen: the largest of many "
                "is lucky as well as good.",
        hint="Which data have had no part in the choice?",
        symptom="The reported accuracy is too good."),
    Mistake(
        "chosen-best-of-both", "chosen", "float(test[best])", "float(max(test))",
        fails=CHOSEN,
        message="You report the best test accuracy of all settings, not that of the one you took.",
        hint="The accuracy belongs to the setting.",
        symptom="Index and accuracy do not belong together."),
    Mistake(
        "chosen-lowest", "chosen", "np.argmax(validation)", "np.argmin(validation)",
        fails=CHOSEN,
        message="You take the worst setting: these are accuracies, not losses.",
        hint="Is larger better, or smaller?",
        symptom="The worst setting is taken."),
]

SURVIVORS = {
    "dropout: `rng.random(a.shape) >= rate` -> `rng.random(a.shape) > rate`":
        "a random number is never exactly the rate",
    "network_val: `0` -> `1`": "the first epoch is always an improvement, and resets the count",
    "network_val: `0` -> `-1`": "the first epoch is always an improvement, and resets the count",
}
