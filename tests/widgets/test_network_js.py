"""The network that trains in the page is nnlib's, to rounding."""

import numpy as np
import pytest

import nnlib
from nncourse.widgets import problems

DIGITS, XOR = "digits", "noisy_xor"

TRAIN = """
import { measureLoss, startWeights } from "./network.js";
import { PageTraining, rowOrder } from "./training.js";
const { plan, X, y, recipe, steps } = given;
const data = { X: Float64Array.from(X), y };
const training = new PageTraining(plan, data, recipe);
const output = training.network.forward(data.X, y.length);
const { value, slope, accuracy } = measureLoss(plan.loss, output, y);
training.network.backward(slope, y.length);
const result = {
  start: [...training.network.theta], order: [...rowOrder(y.length, recipe.seed, 3)],
  output: [...output], loss: value, accuracy, gradient: [...training.network.grad],
};
const costs = [];
for (let k = 0; k < steps; k++) costs.push(training.step().cost);
console.log(JSON.stringify({ ...result, costs, theta: [...training.network.theta] }));
"""


def close(found, expected, tolerance=1e-6):
    found, expected = np.ravel(found), np.ravel(expected)
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() <= tolerance * max(1, np.abs(expected).max())


def sigmoid_problem():
    problem = problems.PROBLEMS[XOR]()
    return problems.Problem(problem.train, problem.validation, ((5, "sigmoid"),))


@pytest.mark.parametrize("recipe", [
    {"rate": 0.3, "momentum": 0, "l2": 0, "batch": 20, "seed": 1},
    {"rate": 0.05, "momentum": 0.9, "l2": 0.01, "batch": 7, "seed": 4},
])  # fmt: skip
@pytest.mark.parametrize("name", [XOR, DIGITS, "xor", "sigmoid"])
def test_forward_gradients_and_a_hundred_steps_agree(node, name, recipe):
    problem = sigmoid_problem() if name == "sigmoid" else problems.PROBLEMS[name]()
    X, y = problem.train
    recipe = recipe | {"batch": min(recipe["batch"], len(y))}
    page = node(
        TRAIN,
        {"plan": problem.plan, "X": X.ravel().tolist(), "y": y.tolist(),
         "recipe": recipe, "steps": 100},
    )  # fmt: skip

    network = problems.start_network(problem.plan, recipe["seed"])
    assert page["start"] == network.theta.tolist()  # the same bits
    assert page["order"] == problems.row_order(len(y), recipe["seed"], 3).tolist()
    output = network.forward(X)
    loss, slope = nnlib.losses.get(problem.loss)(output, y)
    network.backward(slope)
    close(page["output"], output)
    close(page["loss"], loss)
    close(page["gradient"], network.grad)
    assert page["accuracy"] == pytest.approx((network.predict(X) == y).mean())

    run = nnlib.train(
        network, X, y, loss=problem.loss, epochs=1000,
        optimizer=nnlib.SGD(recipe["rate"], momentum=recipe["momentum"]),
        regularizer=nnlib.L2(recipe["l2"]) if recipe["l2"] else None,
        batches=problems.batches(len(y), recipe["batch"], recipe["seed"]),
    )  # fmt: skip
    costs = [step.cost for _, step in zip(range(100), run, strict=False)]
    close(page["costs"], costs)
    close(page["theta"], network.theta)


def test_logits_beyond_all_bounds_stay_finite(node):
    script = """
    import { measureLoss } from "./network.js";
    const one = measureLoss("binary_cross_entropy", Float64Array.from([1e4, -1e4]), [0, 1]);
    const many = measureLoss("cross_entropy", Float64Array.from([1e4, -1e4, 0]), [1]);
    console.log(JSON.stringify([one.value, ...one.slope, many.value, ...many.slope]));
    """
    assert node(script) == [1e4, 0.5, -0.5, 2e4, 1, -1, 0]


def test_stepping_back_and_continuing_is_bit_for_bit_never_stopping(node):
    problem = problems.PROBLEMS[XOR]()
    X, y = problem.train
    script = """
    import { PageTraining } from "./training.js";
    const { plan, X, y, recipe } = given;
    const training = new PageTraining(plan, { X: Float64Array.from(X), y }, recipe);
    const on = (steps) => { for (let k = 0; k < steps; k++) training.step(); };
    on(10);
    const saved = training.snapshot();
    on(47);
    const straight = [...training.network.theta];
    on(13);
    training.restore(saved);
    on(47);
    console.log(JSON.stringify([straight, [...training.network.theta]]));
    """
    recipe = {"rate": 0.1, "momentum": 0.9, "l2": 0.001, "batch": 40, "seed": 2}
    straight, again = node(
        script,
        {"plan": problem.plan, "X": X.ravel().tolist(), "y": y.tolist(), "recipe": recipe},
    )
    assert straight == again


def test_the_page_shuffles_every_row_once():
    for epoch in range(1, 6):
        order = problems.row_order(150, seed=1, epoch=epoch)
        assert sorted(order) == list(range(150))
    assert (problems.row_order(150, 1, 1) != problems.row_order(150, 1, 2)).any()
    assert (problems.row_order(150, 1, 1) != problems.row_order(150, 2, 1)).any()


def test_best_epoch_and_early_stopping_are_counted_as_nnlib_counts(node):
    problem = problems.PROBLEMS[XOR]()
    history = nnlib.fit(
        problems.start_network(problem.plan, 1), *problem.train, loss=problem.loss,
        optimizer=nnlib.SGD(0.1, momentum=0.9), epochs=200, progress=False,
        batches=problems.batches(150, 50, 1), validation=problem.validation,
        early_stopping=nnlib.EarlyStopping(patience=10),
    )  # fmt: skip
    records = [{"epoch": 0, "validation": 0.1}]  # epoch 0 does not count
    records += [
        {"epoch": epoch, "validation": value}
        for epoch, value in enumerate(history["validation_loss"].tolist(), start=1)
    ]
    script = """
    import { bestOf, stopEpoch } from "./runs.js";
    const best = bestOf(given.slice(1)) + 1;
    console.log(JSON.stringify([best, stopEpoch(given, 10), stopEpoch(given, 0)]));
    """
    best, stop, never = node(script, records)
    assert (best, stop, never) == (history.best("validation_loss"), history.epochs, None)
