"""The doctor examined: sensitivity on injected faults, false alarms on healthy runs.

    python -m benchmarks.doctor            # some ten minutes; writes benchmarks/doctor.json

Even seeds of the block choose the thresholds (`nnlib.findings.LIMITS`) and may be looked at; odd
seeds are only ever reported.  The block was drawn after the thresholds: no run of it was seen
while they were set (seeds 0 to 9 served then, and 100 to 119 judged the doctor before it was
mended).  The rows of the even half that are stored are those that were looked at: some mends came
after them.  Each case is diagnosed before its run, a third of
the way (healthy runs only), at its end, and once more with the history alone.  The rules of thumb
look at the same runs.

A fault counts as *named* if at the first moment with a finding (before, else after) the gravest is
the cause that was injected; as *seen* if there was any finding at all.

Not here: the thresholds themselves (``nnlib.findings``), the cases (``cases``, ``faults``), the
rules of thumb (``folk``).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np

import nnlib
from benchmarks import folk
from benchmarks.cases import build, healthy, make_optimizer
from benchmarks.faults import faults
from nnlib.findings import LIMITS

BLOCK = range(120, 140)
FAULT_SEEDS = (120, 122, 124, 121, 123, 125, 127)  # four of the half that is reported
HELD_OUT = BLOCK[1::2]
RESULT = Path(__file__).with_name("doctor.json")
MOMENTS = ("before", "during", "after", "blind")
BEYOND = 1e9  # stands for what has left the range of numbers
SHARES = (0, 1, 5, 25, 50, 75, 95, 99, 100)

# What each threshold is there to find, so that its plot compares the right runs.
FINDS = {
    "largest rms of a column": ("before", "D102"), "rms of X": ("before", "D103"),
    "largest rms of a target": ("before", "D105"), "scale of validation": ("before", "D110"),
    "z of neighbours and line": ("before", "D107"),
    "validation score over chance": ("after", "D111"),
    "saturated at start": ("before", "D208"),
    "first loss above chance, for inputs of size 1": ("before", "D208"),
    "weights over Glorot's, deep": ("before", "D209"), "gradient off by": ("before", "D210"),
    "dropout rate": ("before", "D211"), "trial: loss after over before": ("before", "D302"),
    "trial: long step over weights": ("before", "D302"),
    "trial: step over weights": ("before", "D303"), "fall of the loss": ("after", "D303"),
    "gain without clipping": ("after", "D303"), "batches of one class": ("before", "D113"),
    "share of a column that the target explains": ("before", "D112"),
    "dead": ("after", "D305"), "first over last gradient": ("after", "D306"),
    "penalty over loss": ("after", "D309"), "fall in the last fifth": ("after", "D310"),
    "units of the narrowest layer": ("after", "D311"),
    "train minus validation score": ("after", "D312"),
    "validation loss, with a gap": ("after", "D312"), "learnt": ("after", ""),
}  # fmt: skip


def examine(case: dict, spoilt: bool = False) -> dict:
    """Diagnose before, during and after; the codes, the measurements, the rules, the time."""
    network = build(case)
    if "offset" in case:
        network.layers[0].b[...] = case["offset"]
    optimizer = make_optimizer(*case["optimizer"])
    told = {"loss": case["loss"], "optimizer": optimizer, "batch_size": case["batch"],
            "validation": case["held"] if case["validate"] else None,
            "regularizer": nnlib.L2(case["l2"]) if "l2" in case else None,
            "clip_norm": case.get("clip"), "shuffle": case.get("shuffle", True)}  # fmt: skip
    clock = time.process_time()
    before = nnlib.diagnose(network, case["X"], case["y"], trained=False, **told)
    cost = time.process_time() - clock
    found, score, rules, updates = {"before": before}, None, {}, []
    try:
        rules["first loss"] = folk.first_loss(network, case)
        rules["20 rows"] = folk.twenty_rows(network.copy(), case)
        steps = nnlib.train(network, case["X"], case["y"], epochs=case["epochs"],
                            allow=folk.ALLOW, **told)  # fmt: skip
        old = network.theta.copy()
        for step in steps:
            if step.epoch == 1:
                updates.append(np.linalg.norm(network.theta - old) / np.linalg.norm(old))
                old = network.theta.copy()
            third = step.epoch_end and step.epoch == max(case["epochs"] // 3, 1)
            if third and not spoilt:
                found["during"] = nnlib.diagnose(steps)
        found["after"] = nnlib.diagnose(steps)
        history = steps.history.copy()
        history.stopped_because = steps.stopped_because
        found["blind"] = nnlib.diagnose(  # nothing told but the history
            network, case["X"], case["y"], history, trained=True)  # fmt: skip
        score = network.score(case["X"], case["y"])
        rules |= folk.after_run(network, case, history, updates)
    except ValueError:
        if not spoilt:
            raise
        # Training refuses such labels or values: its message is its own diagnosis.
    return {"score": score, "seconds": cost, "rules": rules,
            **{when: [f.code for f in d] for when, d in found.items()},
            "measured": {when: d.measured for when, d in found.items()}}  # fmt: skip


def run(seeds, what: str = "both", file: str | None = None) -> list[dict]:
    """Examine every case; ``file`` holds what is done so far."""
    rows = []
    warnings.simplefilter("ignore")
    for seed in seeds:
        cases = []
        if what != "faults":
            for case in healthy(seed):
                about = [str(case[n]) for n in ("name", "hidden", "f", "optimizer", "extra")]
                cases.append(("", " ".join(about), "", case))
        if what != "healthy" and seed in FAULT_SEEDS:
            cases += faults(seed)
        for fault, strength, codes, case in cases:
            about = {"fault": fault, "strength": str(strength), "codes": codes, "seed": seed}
            began = time.process_time()
            rows.append(about | examine(case, spoilt=bool(fault)))
            rows[-1]["whole"] = time.process_time() - began
        print(f"seed {seed}: {len(rows)} runs", file=sys.stderr, flush=True)
        if file:
            Path(file).write_text(json.dumps(rows, default=float))
    return rows


def alarms(row: dict) -> bool:
    """Whether the doctor said anything at any moment."""
    return any(row.get(when) for when in MOMENTS)


def named(row: dict) -> bool:
    """Whether the first word of the doctor is the cause that was injected."""
    head = {when: (row.get(when) or [""])[0] for when in MOMENTS}
    return (head["before"] or head["after"]) in row["codes"].split()


def learnt(row: dict) -> float | None:
    """Which part of what is surely within reach was learnt (`nnlib.patient`)."""
    return row["measured"].get("after", {}).get("learnt")


def table(rows: list[dict]) -> dict:
    """Counts on some runs: healthy ones, each fault at each strength, the rules of thumb."""
    well = [row for row in rows if not row["fault"]]
    ill = [row for row in rows if row["fault"]]
    result = {
        "seeds": sorted({row["seed"] for row in rows}),
        "healthy runs": len(well),
        "runs with a false alarm": sum(map(alarms, well)),
        # A set-up that should be well may still fail from its start: then the alarm is right.
        "of these learned": sum(alarms(r) and (learnt(r) or 0) > 0.9 for r in well),
        "healthy set-ups that learned": sum((learnt(r) or 0) > 0.9 for r in well),
        "false alarms by moment": {w: sum(bool(r.get(w)) for r in well) for w in MOMENTS},
        "which": [
            {"run": r["strength"], "seed": r["seed"], "score": round(r["score"], 3),
             "learnt": round(learnt(r), 2),
             **{w: r[w] for w in MOMENTS if r.get(w)}}
            for r in well if alarms(r)
        ],
        "milliseconds before training, mean": round(1000 * np.mean([r["seconds"] for r in rows])),
        "faults": {},
    }  # fmt: skip
    for row in ill:
        strengths = result["faults"].setdefault(row["fault"], {})
        empty = dict.fromkeys(["runs", "seen", "named", "before", "after", "blind", "learnt"], 0)
        counts = strengths.setdefault(row["strength"], empty)
        right = row["codes"].split()
        counts["runs"] += 1
        counts["seen"] += alarms(row)
        counts["named"] += named(row)
        for when in ("before", "after", "blind"):
            counts[when] += (row.get(when) or [""])[0] in right
        counts["learnt"] += (learnt(row) or 0) > 0.9
    each = [c for strengths in result["faults"].values() for c in strengths.values()]
    names = ("runs", "seen", "named", "learnt")
    result["all faults"] = {name: sum(c[name] for c in each) for name in names}
    result["rules"] = {name: rule(name, well, ill) for name in folk.RULES}
    return result


def rule(name: str, well: list[dict], ill: list[dict]) -> dict:
    """One rule of thumb on healthy and on sick runs: its counts, and all it measured, sorted."""
    result = {}
    for group, rows in (("healthy", well), ("ill", ill)):
        values = [r["rules"][name] for r in rows if r["rules"].get(name) is not None]
        values = np.nan_to_num(np.array(values, float), nan=BEYOND, posinf=BEYOND)
        result[group] = {
            "n": len(values),
            "alarms": int(sum(folk.alarm(name, v) for v in values)),
            "values": " ".join(f"{v:.3g}" for v in np.sort(np.minimum(values, BEYOND))),
        }
    return result


def spread(rows: list[dict]) -> dict:
    """For each threshold: what it compared in healthy runs, and in those it is there to find."""
    result = {}
    for name, (when, code) in FINDS.items():
        groups = {"healthy": [], "ill": []}
        for row in rows:
            value = row["measured"].get(when, {}).get(name)
            meant = code in row["codes"].split() if code else True
            if value is None or (row["fault"] and not meant):
                continue
            groups["ill" if row["fault"] else "healthy"].append(value)
        side, limit = LIMITS[name]
        result[name] = {"when": when, "code": code, "side": side, "limit": limit}
        for group, values in groups.items():
            values = np.nan_to_num(np.array(values, float), posinf=BEYOND, neginf=-BEYOND)
            result[name][group] = {
                "n": len(values),
                "quantiles": [float(f"{v:.3g}") for v in np.percentile(values, SHARES)]
                if len(values) else [],
                "over": int((values > limit).sum() if side == ">" else (values < limit).sum()),
            }  # fmt: skip
    return result


def report(rows: list[dict]) -> dict:
    """Everything `doctor.json` holds."""
    halves = {name: [r for r in rows if r["seed"] % 2 == odd]
              for name, odd in (("chosen on", 0), ("held out", 1))}  # fmt: skip
    return {
        "limits": {name: list(limit) for name, limit in LIMITS.items()},
        "percentiles": list(SHARES),
        "rules": {name: list(about) for name, about in folk.RULES.items()},
        **{name: table(half) | {"measured": spread(half)} for name, half in halves.items()},
    }


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--seeds", type=int, nargs="*", default=list(BLOCK))
    arguments.add_argument("--what", choices=["both", "healthy", "faults"], default="both")
    arguments.add_argument("--rows", help="also write every run, with its measurements, to a file")
    arguments.add_argument("--read", nargs="*", help="make the table from such files, run nothing")
    told = arguments.parse_args()
    if told.read:
        rows = [row for file in told.read for row in json.loads(Path(file).read_text())]
    else:
        rows = run(told.seeds, told.what, told.rows)
    if set(HELD_OUT) <= {row["seed"] for row in rows} and told.what == "both":
        RESULT.write_text(json.dumps(report(rows), indent=1, default=float) + "\n")
    for name, odd in (("even", 0), ("odd", 1)):
        half = [row for row in rows if row["seed"] % 2 == odd]
        if half:
            print(name, json.dumps(table(half), indent=1, default=float))
