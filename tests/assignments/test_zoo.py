"""Hostile and clumsy submissions: no crash, no undeserved point, and a sentence that says why."""

import json
import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from assignments._engine import grading, source
from nncheck import examine
from tests.assignments import wild, zoo

RELU = source.load_assignment("relu")
ANIMALS = [*zoo.zoo(RELU), *wild.zoo(RELU)]
LIMITS = examine.Limits(call=2.0, total=6.0)
LONGEST = 300_000  # of a stored result, however long what was handed in


@pytest.fixture(scope="module")
def graded(request, questions, walls):
    """All chosen animals, two at a time as a class is; their results when asked for."""
    chosen = [item.callspec.params["animal"] for item in request.session.items
              if getattr(item, "module", None) is request.module and hasattr(item, "callspec")]
    slots, lock = queue.Queue(), threading.Lock()
    for slot in (1, 2):
        slots.put(slot)

    def grade(animal):
        slot = slots.get()
        start = time.monotonic()
        try:
            return grading.grade(questions, animal.data, walls, slot, LIMITS, lock), (
                time.monotonic() - start)
        finally:
            slots.put(slot)

    with ThreadPoolExecutor(2) as pool:
        yield {animal.name: pool.submit(grade, animal) for animal in chosen}
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("animal", ANIMALS, ids=lambda a: a.name)
def test_animal(animal, graded):
    result, took = graded[animal.name].result()
    json.dumps(result)  # can be stored
    said = json.dumps(result, ensure_ascii=False)
    assert len(said) < LONGEST
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


def test_names_are_not_given_twice():
    assert len({animal.name for animal in ANIMALS}) == len(ANIMALS)
