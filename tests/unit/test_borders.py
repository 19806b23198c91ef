"""Decisions that rounding can move are found in one wiggled run."""

import pytest

from nncourse.borders import NotFirmError, firm
from nncourse.experiments.hyperparameters import chaotic_rates, is_erratic

CALM, JUMPY = [1.0] * 10 + [0.9, 0.8, 0.7], [1.0] * 10 + [0.9, 0.1, 0.9]
NEARLY = [1.0] * 10 + [0.9, 0.8, 0.86]  # rises by 0.06, where 0.08 is a jump


def test_for_a_reader_a_border_is_where_it_is(monkeypatch):
    monkeypatch.delenv("NNLIB_WIGGLE", raising=False)
    assert firm(lambda by: 1.1 > by, "size") is True
    assert is_erratic(NEARLY) is False


@pytest.mark.parametrize(
    ("value", "is_firm"), [(0.4, True), (0.6, False), (1.9, False), (2.1, True)]
)
@pytest.mark.parametrize("seed", ["", "7"])
def test_a_tested_run_moves_the_border_both_ways(monkeypatch, value, is_firm, seed):
    monkeypatch.setenv("NNLIB_WIGGLE", seed)
    if is_firm:
        assert firm(lambda by: value > by, "size") is (value > 1)
    else:
        with pytest.raises(NotFirmError, match="size is decided as"):
            firm(lambda by: value > by, "size")


def test_one_run_that_nearly_jumps_may_not_decide_and_most_runs_of_a_rate_may(monkeypatch):
    monkeypatch.setenv("NNLIB_WIGGLE", "1")
    assert is_erratic(JUMPY) and not is_erratic(CALM)
    with pytest.raises(NotFirmError, match="erratic"):
        is_erratic(NEARLY)
    found = chaotic_rates([0.1] * 3 + [1.0] * 3, [CALM, CALM, NEARLY, JUMPY, JUMPY, NEARLY])
    assert found.tolist() == [False] * 3 + [True] * 3
    with pytest.raises(NotFirmError, match="rate 10 jump"):
        chaotic_rates([10.0] * 3, [CALM, NEARLY, JUMPY])
