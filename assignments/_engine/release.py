"""What students get: the notebook without solutions, and the data of the public checks."""

import copy
import io
import json
import math
import zipfile
from pathlib import Path

from assignments._engine import battery as batteries
from assignments._engine.source import DATA, HOME, RELEASED, Assignment, released_source
from nncheck import cells, codec

PUBLIC_SEED = "public"


def student_notebook(assignment: Assignment) -> dict:
    """The source without solutions and outputs."""
    notebook = copy.deepcopy(assignment.notebook)
    kept = []
    for number, cell in enumerate(notebook["cells"]):
        if "instructor" in cell.get("metadata", {}).get("tags", []):
            continue
        cell["source"] = released_source(cells.source(cell)).splitlines(keepends=True)
        cell["id"] = cells.metadata(cell).get("grade_id") or f"{assignment.name}-{number}"
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
        kept.append(cell)
    notebook["cells"] = kept
    notebook["metadata"] = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        # A stub raises: the book must not run it.
        "mystnb": {"execution_mode": "off"},
        "nncheck": {"assignment": assignment.name},
    }
    notebook["nbformat"], notebook["nbformat_minor"] = 4, 5
    return notebook


def public_battery(assignment: Assignment) -> batteries.Battery:
    """The public checks for the seed that everybody may know."""
    battery = batteries.make(assignment, PUBLIC_SEED)
    for check in assignment.sheet.checks.values():
        if not check.public:
            del battery.asked[check.id]
        elif battery.asked[check.id].judges:
            raise ValueError(f"{check.id}: a public check cannot have a judge of its own")
    return battery


def public_data(assignment: Assignment) -> dict:
    """Questions, right answers and the answers of known mistakes: numbers, no code."""
    battery, sheet = public_battery(assignment), assignment.sheet
    checks, hints, namespace = [], {}, assignment.reference()
    for check in sheet.checks.values():
        entry = {"id": check.id, "task": check.task, "title": check.title,
                 "points": check.points, "public": check.public}
        if check.public:
            asked = battery.asked[check.id]
            wrong = {n: battery.of_mistake(n)[check.id]
                     for n, m in assignment.mistakes.items() if m.task == check.task}
            wrong = {n: o for n, o in wrong.items()
                     if any(batteries.judge.judge(s, e, f)
                            for s, e, f in zip(asked.steps, asked.expected, o))}
            entry |= {"steps": [_step(s, namespace) for s in asked.steps],
                      "expected": [_outcome(o) for o in asked.expected],
                      "wrong": {n: [_outcome(o) for o in found] for n, found in wrong.items()}}
            hints |= {n: assignment.mistakes[n] for n in wrong}
        checks.append(entry)
    return {
        "assignment": assignment.name, "number": sheet.number, "title": sheet.title,
        "tasks": [{"id": t.id, "title": t.title, "functions": list(t.functions),
                   "page": t.page, "needs": list(t.needs)} for t in sheet.tasks.values()],
        "checks": checks,
        "mistakes": {n: {"message": m.message, "hint": m.hint,
                         "page": m.page or sheet.tasks[m.task].page} for n, m in hints.items()},
        "written": [{"id": r["id"], "released": r["released"]} for item in assignment.rubric
                    for r in (item["guess"], item) if r],
    }


def _step(step, namespace):
    step = dict(step)
    code = getattr(namespace.get(step["name"]), "__code__", None)
    if step["do"] == "call" and "of" not in step and code is not None:
        step["names"] = list(code.co_varnames[: len(step["args"])])
    if "args" in step:
        step["args"] = [_text(a) for a in step["args"]]
    if "kwargs" in step:
        step["kwargs"] = {k: _text(v) for k, v in step["kwargs"].items()}
    return step


def _outcome(outcome):
    if "value" in outcome:
        return {"value": _text(outcome["value"])} | (
            {"changed": {k: _text(v) for k, v in outcome["changed"].items()}}
            if "changed" in outcome else {})
    return {k: outcome[k] for k in ("error", "missing") if k in outcome}


def _text(coded):
    """The same value with decimals instead of bytes."""
    kind = coded["t"]
    if kind == "array":
        return codec.encode(codec.decode(coded), text=True)
    if kind in ("list", "tuple"):
        return {"t": kind, "v": [_text(v) for v in coded["v"]]}
    if kind == "dict":
        return {"t": kind, "v": [[k, _text(v)] for k, v in coded["v"]]}
    if kind == "plain" and type(coded["v"]) is float:
        return codec.encode(coded["v"], text=True)
    return coded


def files(assignment: Assignment) -> dict[Path, object]:
    """Every generated file and what should be in it."""
    return {
        RELEASED / assignment.name / f"{assignment.name}.ipynb": student_notebook(assignment),
        DATA / f"{assignment.name}.json": public_data(assignment),
    }


def as_text(content) -> str:
    """JSON as it is written: arrays of numbers in one line."""
    text = json.dumps(content, indent=1, ensure_ascii=False)
    if "cells" in content:
        return text + "\n"
    compact = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return compact.replace('},{"id"', '},\n{"id"').replace(',"wrong"', ',\n"wrong"') + "\n"


def release(assignment: Assignment) -> list[Path]:
    """Write what has changed by more than another processor's last bits."""
    written = []
    for path, content in files(assignment).items():
        if path.exists() and same(json.loads(path.read_text(encoding="utf-8")), content):
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(as_text(content), encoding="utf-8")
        written.append(path)
    return written


def differences(assignment: Assignment) -> list[str]:
    """What is committed and is not what would be released now."""
    faults = []
    for path, content in files(assignment).items():
        if not path.exists() or not same(json.loads(path.read_text(encoding="utf-8")), content):
            faults.append(f"{path.relative_to(HOME.parent)} is out of date: "
                          f"python -m assignments release {assignment.name}")
    return faults


def same(one, other) -> bool:
    """Equal, numbers up to rounding."""
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(same(one[k], other[k]) for k in one)
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) or isinstance(other, float):
        both = isinstance(one, (int, float)) and isinstance(other, (int, float))
        return both and (one == other or math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-9)
                         or (math.isnan(one) and math.isnan(other)))
    return type(one) is type(other) and one == other


def kit(assignment: Assignment, path: Path) -> None:
    """One zip for students without the repository: notebook, nncheck, its data."""
    package = DATA.parent
    members = {f"{assignment.name}.ipynb": (
        RELEASED / assignment.name / f"{assignment.name}.ipynb").read_bytes()}
    for file in sorted(package.glob("*.py")):
        members[f"nncheck/{file.name}"] = file.read_bytes()
    members[f"nncheck/data/{assignment.name}.json"] = (
        DATA / f"{assignment.name}.json").read_bytes()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data,
                             zipfile.ZIP_DEFLATED)
    path.write_bytes(buffer.getvalue())
