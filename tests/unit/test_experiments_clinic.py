"""The clinic's figures and tables: do they say what the doctor's examination stored?"""

import copy

import matplotlib.pyplot as plt
import numpy as np
import pytest

from benchmarks.doctor import BLOCK, FINDS, HELD_OUT
from benchmarks.folk import RULES as FOLK
from nncourse.experiments import clinic
from nnlib.findings import LIMITS

RECORD = clinic.examination()
HALF = RECORD["held out"]


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_the_record_was_made_with_these_thresholds_and_rules():
    assert {name: tuple(limit) for name, limit in RECORD["limits"].items()} == LIMITS
    assert {name: tuple(about) for name, about in RECORD["rules"].items()} == FOLK
    assert set(HALF["measured"]) == set(FINDS)


def test_the_half_held_out_is_whole_and_apart():
    assert HALF["seeds"] == list(HELD_OUT)
    assert set(RECORD["chosen on"]["seeds"]) <= set(BLOCK) - set(HELD_OUT)
    assert HALF["healthy runs"] >= 200
    assert len(HALF["which"]) == HALF["runs with a false alarm"]


def test_totals_are_the_sums_of_the_rows():
    rows = [c for strengths in HALF["faults"].values() for c in strengths.values()]
    for name, total in HALF["all faults"].items():
        assert total == sum(c[name] for c in rows)
    assert all(c["named"] <= c["seen"] <= c["runs"] >= 4 for c in rows)


@pytest.mark.parametrize("rule", FOLK)
def test_alarms_of_the_rules_follow_from_their_values(rule):
    for place, group in enumerate(("healthy", "ill")):
        values = clinic.values_of(RECORD, rule, group)
        about = HALF["rules"][rule][group]
        assert len(values) == about["n"] and (np.diff(values) >= 0).all()
        share = clinic.rates(RECORD, rule, FOLK[rule][1])[place]
        # The stored values are rounded to three digits, so one may have moved onto the limit.
        assert share == pytest.approx(100 * about["alarms"] / about["n"], abs=1.5)


def test_faults_come_worst_first():
    shares = [c["named"] / c["runs"] for _, _, c in clinic.every_fault(RECORD)]
    assert shares == sorted(shares) and len(shares) > 80


def test_right_of_the_line_is_an_alarm_on_either_side():
    np.testing.assert_allclose(clinic._place([10, 1, 0.1, 0], ">", 1.0), [1, 0, -1, -3])
    np.testing.assert_allclose(clinic._place([10, 1, 0.1, 0], "<", 1.0), [-1, 0, 1, 3])


def test_the_plot_of_thresholds_has_a_row_for_each_that_met_both_kinds():
    figure = clinic.thresholds_figure(RECORD)
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    met = [n for n, one in HALF["measured"].items() if one["healthy"]["n"] and one["ill"]["n"]]
    assert names == [clinic.NAMES.get(name, name) for name in met] and len(names) > 15
    assert len(set(names)) == len(names) and set(clinic.NAMES) <= set(HALF["measured"])


@pytest.mark.parametrize("rule", clinic.RULES)
def test_a_laxer_limit_accuses_fewer(rule):
    name, limits = clinic.RULES[rule]
    found = np.array([clinic.rates(RECORD, name, limit) for limit in limits])
    assert (np.diff(found, axis=0) <= 0).all() and found[0, 0] > found[-1, 0]
    figure, words = clinic.rule_figure(rule, 4, RECORD)
    assert f"{found[3, 0]:.0f} per cent of the healthy" in words


def test_wrong_settings_are_named():
    with pytest.raises(ValueError, match="rule"):
        clinic.rule_figure("horoscope", 4, RECORD)
    with pytest.raises(ValueError, match="from 1 to 7"):
        clinic.rule_figure("first loss", 8, RECORD)


def test_the_doctor_is_where_its_counts_put_it():
    half = copy.deepcopy(HALF) | {"runs with a false alarm": 11, "healthy runs": 220}
    half["all faults"] = {"seen": 3, "runs": 4}
    assert clinic.doctor_rates(half) == (5.0, 75.0)


def test_a_missing_record_says_how_to_make_it(tmp_path, monkeypatch):
    monkeypatch.setattr(clinic, "RECORD", clinic.Path("nowhere", "doctor.json"))
    with pytest.raises(FileNotFoundError, match="python -m benchmarks.doctor"):
        clinic.examination(tmp_path)


def test_the_programs_are_counted_with_their_twins():
    rows = dict(clinic.programs())
    assert len(rows) == 4
    for name, counts in rows.items():
        assert counts["named"] <= counts["seen"] <= counts["runs"], name
        assert counts["twins accused"] <= counts["runs"], name
    assert rows["mended, programs only counted"]["runs"] >= 50


def test_answers_and_curves_are_drawn():
    labels = np.array([0, 1, 2, 1])
    figure = clinic.answers_figure({"a": labels + 0.1, "b": labels * 0.0}, labels)
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["a", "b"]
    x = np.linspace(0, 1, 5)
    figure = clinic.waves_figure(x, x, {"one": np.ones((3, 5))})
    assert len(figure.axes[0].lines) == 4
