"""The doctor's examination: are its cases, rules and counts what they say?"""

import numpy as np
import pytest

from benchmarks import doctor, folk
from benchmarks.cases import NAMES, base, build, healthy
from benchmarks.faults import faults

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def test_healthy_cases_are_many_kinds_in_both_types():
    cases = [case for seed in (1000, 1001, 1002) for case in healthy(seed)]
    assert {case["name"] for case in cases} == set(NAMES)
    assert {case["dtype"] for case in cases} == {np.float32, np.float64}
    assert any(case["validate"] for case in cases) and not all(c["validate"] for c in cases)


def test_each_fault_has_several_cases_and_names_known_codes():
    from nnlib.findings import ILLNESSES

    kinds = {}
    for fault, strength, codes, case in faults(1000):
        kinds.setdefault(fault, []).append(strength)
        assert set(codes.split()) <= set(ILLNESSES) and case["seed"] == 1000
    assert len(kinds) > 35 and sum(map(len, kinds.values())) > 100


def test_a_sick_and_a_healthy_case_are_examined():
    well = doctor.examine(base("blobs", 1000))
    assert not doctor.alarms(well) and well["score"] > 0.8 and well["measured"]["after"]
    rows = {strength: (codes, case) for fault, strength, codes, case in faults(1000)
            if fault == "sigmoid twice"}  # fmt: skip
    ((codes, case),) = rows.values()
    ill = {"codes": codes, **doctor.examine(case, spoilt=True)}
    assert doctor.alarms(ill) and doctor.named(ill) and "during" not in ill


def test_what_training_refuses_is_no_crash_of_a_fault_and_one_of_a_healthy_case():
    case = base("iris", 1000)
    case["y"] = case["y"] + 1
    assert doctor.examine(case, spoilt=True)["score"] is None
    with pytest.raises(ValueError):
        doctor.examine(case)


def row(**changes):
    told = {"fault": "", "strength": "s", "codes": "", "seed": 101, "score": 0.9, "seconds": 0.01,
            "rules": {}, "before": [], "measured": {"after": {"learnt": 1.0}}}  # fmt: skip
    return told | changes


def test_counts():
    found = doctor.table([
        row(), row(after=["D312"]), row(fault="f", codes="D302", before=["D302", "D208"]),
        row(fault="f", codes="D302", before=["D208", "D302"]),
        row(fault="f", codes="D302", measured={"after": {"learnt": 0.1}}),
    ])  # fmt: skip
    assert found["healthy runs"] == 2 and found["runs with a false alarm"] == 1
    assert found["of these learned"] == 1
    assert found["all faults"] == {"runs": 3, "seen": 2, "named": 1, "learnt": 2}


@pytest.mark.parametrize(
    "value, loud", [(1.0, False), (1.01, True), (np.nan, True), (np.inf, True)]
)
def test_rules_are_loud_above_their_limit_and_for_what_is_no_number(value, loud):
    assert folk.alarm("update", value) is loud


def test_twenty_rows_are_learned_by_a_network_that_can_and_not_by_one_that_cannot():
    case = base("blobs", 1000)
    assert folk.twenty_rows(build(case), case) == 0
    case = base("circles", 1000, hidden=[])
    assert folk.twenty_rows(build(case), case) > 0


def test_the_first_loss_is_compared_with_that_of_equal_probabilities():
    case = base("blobs", 1000)
    network = build(case)
    network.theta[...] = 0
    assert folk.first_loss(network, case) == pytest.approx(0, abs=1e-6)
    assert folk.first_loss(network, base("sine", 1000)) is None


def test_quiet_units():
    case = base("blobs", 1000)
    network = build(case)
    network.layers[0].b[:16] = -100  # 16 of 32 units
    assert folk.quiet_units(network, case["X"]) >= 0.5


def test_spread_compares_the_runs_with_that_fault_only():
    rows = [row(measured={"before": {"rms of X": 1.0}}),
            row(fault="a", codes="D103", measured={"before": {"rms of X": 1e-4}}),
            row(fault="b", codes="D102", measured={"before": {"rms of X": 50.0}})]  # fmt: skip
    one = doctor.spread(rows)["rms of X"]
    assert (one["healthy"]["n"], one["ill"]["n"], one["ill"]["over"]) == (1, 1, 1)
