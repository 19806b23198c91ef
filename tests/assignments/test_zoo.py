"""Hostile and clumsy submissions: no crash, no undeserved point, and a sentence that says why."""

import json
import time

import pytest

from assignments._engine import grading, source
from nncheck import examine
from tests.assignments import zoo

ANIMALS = zoo.zoo(source.load_assignment("relu"))
LIMITS = examine.Limits(call=2.0, total=6.0)


@pytest.mark.parametrize("animal", ANIMALS, ids=lambda a: a.name)
def test_animal(animal, questions, walls):
    start = time.monotonic()
    result = grading.grade(questions, animal.data, walls, 1, LIMITS)
    took = time.monotonic() - start
    json.dumps(result)  # can be stored
    said = json.dumps(result, ensure_ascii=False)
    if animal.points is None:
        assert 0 <= result["points"] <= zoo.FULL
    else:
        problems = [v["problem"] for v in result["checks"].values() if v["problem"]]
        assert result["points"] == animal.points, (problems, result["notes"])
    for sentence in animal.says:
        assert json.dumps(sentence, ensure_ascii=False)[1:-1] in said
    named = {m for t in result["tasks"].values() for m in t["mistakes"]}
    if animal.mistakes:
        assert named == animal.mistakes
    # time limits, and what starting workers costs on a busy machine
    assert took < LIMITS.total + 40
    if result["points"] < zoo.FULL and animal.points is not None:
        assert all(v["problem"] for v in result["checks"].values() if not v["passed"])
