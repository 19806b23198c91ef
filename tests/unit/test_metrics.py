"""Metrics: values by hand, and arguments that cannot be."""

import numpy as np
import pytest

from nnlib import metrics

pytestmark = pytest.mark.filterwarnings("error")


def test_accuracy():
    assert metrics.accuracy([0, 1, 2, 1], [0, 1, 1, 1]) == 0.75
    for labels, predictions in [([0, 1], [0]), ([], []), ([[0], [1]], [0, 1])]:
        with pytest.raises(ValueError, match=r"one shape, got .*network.predict\(X\)"):
            metrics.accuracy(labels, predictions)


def test_margin():
    np.testing.assert_allclose(metrics.margin([[0.1, 0.7, 0.2], [0.5, 0.5, 0]]), [0.5, 0])
    for wrong in ([0.1, 0.9], [[1.0], [1.0]]):
        with pytest.raises(ValueError, match=r"must have shape \(n, K\) with K >= 2, got"):
            metrics.margin(wrong)
    with pytest.raises(ValueError, match="probabilities holds nan"):
        metrics.margin([[np.nan, 1]])


def test_saturation():
    assert metrics.saturation([[0.001, 0.5], [0.995, 0.02]]) == 0.5
    assert metrics.saturation([0.3, 0.96], edge=0.05) == 0.5
    with pytest.raises(ValueError, match="activations holds inf"):
        metrics.saturation([np.inf])


def test_angle():
    assert metrics.angle([1, 0], [0, 2]) == pytest.approx(90)
    assert metrics.angle([1, 1], [-3, -3]) == pytest.approx(180)
    assert metrics.angle([[1.0, 0]], [[1.0, 1]]) == pytest.approx(45)
    assert metrics.angle([0.1, 0.2, 0.3], [0.1, 0.2, 0.3]) == pytest.approx(0, abs=1e-5)
    for a in np.random.default_rng(0).normal(size=(200, 3)):  # cosines of some round to above 1
        assert metrics.angle(a, 3 * a) == pytest.approx(0, abs=1e-5)
        assert metrics.angle(a, -3 * a) == pytest.approx(180, abs=1e-5)
    with pytest.raises(ValueError, match="same number of entries, got 2 and 1"):
        metrics.angle([1, 2], [1])
    with pytest.raises(ValueError, match="no direction"):
        metrics.angle([0, 0], [1, 0])


def test_relative_error():
    assert metrics.relative_error([1, 2], [1, 2]) == 0
    assert metrics.relative_error([1, 2], [-1, -2]) == pytest.approx(1)
    assert metrics.relative_error([0, 0], [0, 0]) == 0
    assert metrics.relative_error([3, 0], [1, 0]) == 0.5


def test_margin_of_two_classes():
    np.testing.assert_allclose(metrics.margin([[0.9, 0.1], [0.5, 0.5]]), [0.8, 0])
