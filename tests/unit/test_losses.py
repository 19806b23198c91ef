"""Losses: values and gradients that stay right for any logits, and targets that must fit."""

from decimal import Decimal, localcontext

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nnlib import losses
from nnlib.losses import LOSSES, binary_cross_entropy, cross_entropy, mse

pytestmark = pytest.mark.filterwarnings("error")

BOTH = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def exact_cross_entropy(logits, labels):
    """Value and gradient with four hundred digits, by the definition: -log of the label's share."""
    with localcontext() as context:
        context.prec, context.Emin, context.Emax = 400, -(10**9), 10**9
        value, gradient = Decimal(0), []
        for row, label in zip(np.asarray(logits, float), labels, strict=True):
            e = [Decimal(float(z)).exp() for z in row]
            p = [x / sum(e) for x in e]
            value -= p[label].ln()
            gradient.append([float((q - (k == label)) / len(labels)) for k, q in enumerate(p)])
        return float(value / len(labels)), gradient


def exact_binary(logits, targets):
    """As above for sigmoid and binary cross-entropy."""
    with localcontext() as context:
        context.prec, context.Emin, context.Emax = 400, -(10**9), 10**9
        value, gradient = Decimal(0), []
        for z, t in zip(np.asarray(logits, float).ravel(), targets, strict=True):
            p = 1 / (1 + (-Decimal(float(z))).exp())
            q = 1 / (1 + Decimal(float(z)).exp())  # 1 - p, without losing its digits
            value -= p.ln() if t else q.ln()
            gradient.append([float((p - t) / len(targets))])
        return float(value / len(targets)), gradient


ROWS = [
    ([1e4, -1e4, 0], 0), ([1e4, -1e4, 0], 1), ([-1e4, -1e4, -1e4], 2), ([1e4, 1e4, 1e4], 1),
    ([1e4, 9999, 9998], 2), ([0.5, -0.25, 2], 1), ([88, -88, 0], 1), ([710, -750, 0], 0),
    ([1, 100, 30], 1), ([0, 0, 0], 0),
]  # fmt: skip


@BOTH
@pytest.mark.parametrize("logits, label", ROWS)
def test_cross_entropy_of_one_row_against_four_hundred_digits(logits, label, dtype):
    value, gradient = cross_entropy(np.array([logits], dtype), [label])
    expected, expected_gradient = exact_cross_entropy([logits], [label])
    digits = 4 * float(np.finfo(dtype).eps)
    assert value == pytest.approx(expected, rel=digits, abs=digits)
    np.testing.assert_allclose(gradient, expected_gradient, rtol=digits, atol=digits)
    assert gradient.dtype == value.dtype == dtype


@BOTH
def test_cross_entropy_of_many_rows_against_four_hundred_digits(dtype):
    logits, labels = zip(*ROWS, strict=True)
    value, gradient = cross_entropy(np.array(logits, dtype), labels)
    expected, expected_gradient = exact_cross_entropy(logits, labels)
    digits = 8 * float(np.finfo(dtype).eps)
    assert value == pytest.approx(expected, rel=digits)
    np.testing.assert_allclose(gradient, expected_gradient, rtol=digits, atol=digits)


@BOTH
@pytest.mark.parametrize("target", [0, 1])
@pytest.mark.parametrize("logit", [-1e4, -750, -100, -20, -1, 0, 1, 20, 40, 100, 750, 1e4])
def test_binary_cross_entropy_of_one_row_against_four_hundred_digits(logit, target, dtype):
    value, gradient = binary_cross_entropy(np.array([[logit]], dtype), [target])
    expected, expected_gradient = exact_binary([logit], [target])
    digits = 4 * float(np.finfo(dtype).eps)
    assert value == pytest.approx(expected, rel=digits, abs=float(np.finfo(dtype).tiny))
    np.testing.assert_allclose(gradient, expected_gradient, rtol=digits, atol=digits)
    assert gradient.dtype == value.dtype == dtype


@BOTH
def test_binary_cross_entropy_of_many_rows_against_four_hundred_digits(dtype):
    logits = np.array([[-1e4], [1e4], [1e4], [-1e4], [3], [-0.5]], dtype)
    targets = [0, 1, 0, 1, 0, 1]
    value, gradient = binary_cross_entropy(logits, targets)
    expected, expected_gradient = exact_binary(logits, targets)
    assert value == pytest.approx(expected, rel=1e-6)
    np.testing.assert_allclose(gradient, expected_gradient, atol=1e-7)


def test_no_loss_warns_at_extremes():
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        for dtype in (np.float32, np.float64):
            logits = np.array([[1e4, -1e4], [-1e4, 1e4]], dtype)
            for loss in LOSSES.values():
                value, gradient = loss(logits, [[0, 1], [1, 0]])
                assert np.isfinite(value) and np.isfinite(gradient).all()


def test_mse_is_the_mean_over_rows_and_outputs():
    value, gradient = mse([[1.0, 2.0], [3.0, 5.0]], [[0.0, 2.0], [3.0, 1.0]])
    assert value == (1 + 0 + 0 + 16) / 4
    np.testing.assert_array_equal(gradient, [[0.5, 0], [0, 2]])


def test_mse_writes_labels_as_one_hot_rows_and_keeps_a_single_output():
    assert mse([[1.0, 0.0], [0.0, 1.0]], [0, 1])[0] == 0
    assert mse([[2.0], [4.0]], [2, 3])[0] == 0.5


def by_definition(name, output, targets):
    """The losses as autograd can differentiate them."""
    if name == "mse":
        return anp.mean((output - targets) ** 2)
    if name == "cross_entropy":
        e = anp.exp(output)
        return -anp.mean(anp.sum(targets * anp.log(e / anp.sum(e, 1, keepdims=True)), 1))
    if name != "binary_cross_entropy":
        pytest.fail(f"the loss {name!r} is new: add its formula to by_definition, in this file")
    p = 1 / (1 + anp.exp(-output))
    return -anp.mean(anp.sum(targets * anp.log(p) + (1 - targets) * anp.log(1 - p), 1))


@pytest.mark.parametrize("name", list(LOSSES))
@given(data=st.data(), n=st.integers(1, 6), width=st.integers(2, 5))
def test_every_loss_agrees_with_automatic_differentiation(name, data, n, width):
    output = data.draw(arrays(float, (n, width), elements=st.floats(-5, 5)))
    labels = data.draw(arrays(int, n, elements=st.integers(0, width - 1)))
    targets = np.eye(width)[labels]
    value, gradient = LOSSES[name](output, targets)
    assert value == pytest.approx(by_definition(name, output, targets), rel=1e-10, abs=1e-12)
    expected = grad(lambda z: by_definition(name, z, targets))(output)
    np.testing.assert_allclose(gradient, expected, rtol=1e-10, atol=1e-11)
    if name != "binary_cross_entropy":  # there labels are not classes
        assert LOSSES[name](output, labels)[0] == value


@pytest.mark.parametrize("name", list(LOSSES))
def test_a_loss_of_several_networks_is_each_ones_own(name, rng):
    output, labels = rng.normal(size=(3, 7, 4)), np.eye(4)[rng.integers(0, 4, 7)]
    values, gradients = LOSSES[name](output, labels)
    assert values.shape == (3,) and gradients.shape == output.shape
    for k in range(3):
        value, gradient = LOSSES[name](output[k], labels)
        assert values[k] == pytest.approx(value, rel=1e-14)
        np.testing.assert_allclose(gradients[k], gradient, rtol=1e-13, atol=1e-16)


@pytest.mark.parametrize("name", list(LOSSES))
def test_weights_count_rows_as_if_they_were_repeated(name, rng):
    output, targets = rng.normal(size=(3, 2)), np.eye(2)[[0, 1, 1]]
    value, gradient = LOSSES[name](output, targets, weights=[2, 0, 1])
    repeated, rows = LOSSES[name](output[[0, 0, 2]], targets[[0, 0, 2]])
    assert value == pytest.approx(repeated)
    np.testing.assert_allclose(gradient, [rows[0] + rows[1], [0, 0], rows[2]], atol=1e-16)


@pytest.mark.parametrize("name", list(LOSSES))
def test_weights_of_rows_hold_for_each_of_several_networks(name, rng):
    output, targets = rng.normal(size=(3, 5, 4)), np.eye(4)[[0, 1, 2, 3, 1]]
    weights = [1, 0, 2, 1, 3]
    values, gradients = LOSSES[name](output, targets, weights)
    assert values.shape == (3,)
    for k in range(3):
        value, gradient = LOSSES[name](output[k], targets, weights)
        assert values[k] == pytest.approx(value, rel=1e-14)
        np.testing.assert_allclose(gradients[k], gradient, rtol=1e-13, atol=1e-16)


@pytest.mark.parametrize("name", list(LOSSES))
def test_a_loss_leaves_its_arguments_alone(name, rng):
    output, targets = rng.normal(size=(4, 6))[:, ::2], np.eye(3)[[0, 1, 1, 2]]
    kept = output.copy()
    output.flags.writeable = targets.flags.writeable = False
    LOSSES[name](output, targets)
    np.testing.assert_array_equal(output, kept)


def test_cross_entropy_takes_rows_of_probabilities_and_columns_of_labels():
    soft = cross_entropy([[0.0, 0.0]], [[0.3, 0.7]])
    assert soft[0] == pytest.approx(np.log(2))
    np.testing.assert_allclose(soft[1], [[0.2, -0.2]])
    assert cross_entropy([[1.0, 2]], [[1]])[0] == cross_entropy([[1.0, 2]], [1])[0]


def test_a_class_that_is_missing_from_the_batch_still_has_a_gradient():
    _, gradient = cross_entropy(np.zeros((2, 3)), [0, 0])
    np.testing.assert_allclose(gradient[:, 2], 1 / 6)


def test_link_reads_the_output_as_the_loss_does():
    assert cross_entropy.output_activation.name == "softmax"
    assert binary_cross_entropy.output_activation.name == "sigmoid"
    assert mse.output_activation.name == "identity"


def test_losses_are_found_by_name():
    for name, loss in LOSSES.items():
        assert losses.get(name) is losses.get(loss) is loss
        assert repr(loss) == f"<loss {name}>"
        assert "Targets" in loss.__doc__
    with pytest.raises(ValueError, match="unknown loss 'cross-entropy'. Did you mean"):
        losses.get("cross-entropy")


Z = [[1.0, 2, 3], [3, 2, 1]]


@pytest.mark.parametrize(
    "loss, output, targets, error, message",
    [
        (cross_entropy, Z, [0, 3], ValueError, "between 0 and 2 .*got 0 to 3. Number the classes"),
        (cross_entropy, Z, [0, -1], ValueError, "between 0 and 2 .*got -1 to 0"),
        (cross_entropy, Z, [0, 0.5], ValueError, "whole numbers, got 0.5.*use the loss 'mse'"),
        (cross_entropy, Z, ["a", "b"], TypeError, "must hold numbers, got the text 'a'"),
        (cross_entropy, Z, [0, np.nan], ValueError, r"holds nan at index \(1,\)"),
        (cross_entropy, Z, [0], ValueError, "same number of rows, got 2 and 1"),
        (cross_entropy, Z, [], ValueError, "empty"),
        (cross_entropy, Z, [[0.5, 0.5]] * 2, ValueError, "2 columns, but the network has 3"),
        (cross_entropy, Z, [[0.5, 0.4, 0.0]] * 2, ValueError, "sum to 1, got .*in row 0"),
        (cross_entropy, Z, [[1, 0, 0], [2, -1, 0]], ValueError, "sum to 1, got .*in row 1"),
        (cross_entropy, [[1.0], [2]], [0, 1], ValueError, "use 'binary_cross_entropy'"),
        (cross_entropy, [1.0, 2], [0, 1], ValueError, r"have shape \(n, outputs\), got \(2,\)"),
        (cross_entropy, [["x", "y"]], [0], TypeError, "output must hold numbers, got the text 'x'"),
        (cross_entropy, [[np.nan, 1]], [0], ValueError, r"output holds nan at index \(0, 0\)"),
        (binary_cross_entropy, [[1.0], [2]], [0, 2], ValueError, "between 0 and 1, got 0 to 2"),
        (binary_cross_entropy, [[1.0], [2]], [-1, 1], ValueError, "got -1 to 1. Map the two"),
        (binary_cross_entropy, Z, [0, 1], ValueError, "1 columns, but the network has 3 outputs"),
        (mse, Z, [0.5, 1.5], ValueError, r"shape \(2,\), but .* 3 outputs. Give numbers \(n, 3\)"),
        (mse, Z, [[1, 2]] * 2, ValueError, "2 columns, but the network has 3 outputs"),
        (mse, Z, np.zeros((2, 3, 1)), ValueError, r"one or two axes, got shape \(2, 3, 1\)"),
        (mse, [[1.0]], [[1j]], TypeError, "must hold real numbers, got dtype complex128"),
    ],
)
def test_targets_that_do_not_fit(loss, output, targets, error, message):
    with pytest.raises(error, match=message):
        loss(output, targets)


@pytest.mark.parametrize("weights", [[1, 2, 3], [-1, 1], [-1, 3], [0, 0], [[1], [1]]])
def test_weights_that_do_not_fit(weights):
    with pytest.raises(ValueError, match="weights must be 2 numbers of at least 0"):
        cross_entropy(Z, [0, 1], weights)


def test_one_hot_takes_a_column_but_not_a_table():
    np.testing.assert_array_equal(losses.one_hot([[1], [0]], 2), [[0, 1], [1, 0]])
    with pytest.raises(ValueError, match=r"labels must have shape \(n,\), got \(2, 2\)"):
        losses.one_hot([[0, 1], [1, 0]], 2)


@pytest.mark.parametrize("wrong", [0.5, 0.95, 1.05, 1.95, 1 + 1e-9])
def test_labels_near_a_whole_number_are_none(wrong):
    with pytest.raises(ValueError, match="labels must be whole numbers"):
        losses.one_hot([0, wrong], 3)


@pytest.mark.parametrize(
    "targets, kind",
    [
        ([[0], [1], [1]], "yes_no"),
        ([[1, 1], [0, 0]], "yes_no"),
        ([[0, 1], [1, 0]], "classes"),
        ([[0], [0]], "numbers"),  # one value alone is no question
        ([[1], [1]], "numbers"),
        ([[0], [0.5], [1]], "numbers"),
        ([[0], [1], [2]], "numbers"),
    ],
)
def test_mse_reads_its_outputs_by_the_targets_it_was_trained_on(targets, kind):
    assert mse.reading(np.array(targets, float)).kind == kind
