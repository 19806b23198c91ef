"""Are numbers that are drawn in few steps of colour far enough from the borders?

Where training is chaotic, a number is another on every processor, and only sometimes
does it fall on the other side of a border: a test that compares colours finds that in
one run of fifty. `nncourse.figures.show` stores the numbers themselves beside the
picture. How far a wiggled run moves a number says how far it will move elsewhere.
"""

FARTHER = 1.5  # another processor may move a number so many times as far as this wiggle


def steps(outputs) -> list[dict]:
    """Return the numbers and borders of all pictures among a cell's outputs."""
    found = []
    for output in outputs:
        found += output.get("metadata", {}).get("nnlib", {}).get("steps", [])
    return found


def compare(committed, redrawn) -> list[str]:
    """Compare the numbers behind the colours of two lists of outputs; return the faults."""
    old, new = steps(committed), steps(redrawn)
    shapes = [[(len(one["values"]), one["borders"]) for one in all_] for all_ in (old, new)]
    if shapes[0] != shapes[1]:
        return ["the steps of colour have changed: run `make refresh`"]
    return [fault for a, b in zip(old, new, strict=True) for fault in differences(a, b)]


def differences(old: dict, new: dict) -> list[str]:
    """Say which numbers of one mesh are too near to a border."""
    faults = []
    for place, (a, b) in enumerate(zip(old["values"], new["values"], strict=True)):
        if (a is None) != (b is None):
            faults.append(f"number {place} is {a} in the file and {b} now (None: not drawn)")
        if a is None or b is None:
            continue
        move = FARTHER * abs(b - a)
        for border in old["borders"]:
            if min(abs(a - border), abs(b - border)) < move:
                faults.append(
                    f"number {place} is {a:g} in the file and {b:g} now: rounding moves it "
                    f"so far that the border of its colour, {border:g}, is too near"
                )
    return faults
