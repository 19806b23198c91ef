"""Does anything that students get contain a solution?  Compared without tags and whitespace."""

import html
import re
import zipfile
from pathlib import Path

from assignments._engine import release
from assignments._engine.source import BEGIN, Assignment
from nncheck import cells

SHORTEST = 16  # characters of a line that says anything
TEXT = {".html", ".ipynb", ".md", ".txt", ".js", ".json", ".py", ".xml", ".map"}


def bare(text: str) -> str:
    """Text without tags, entities, escapes and whitespace: highlighting splits tokens."""
    text = html.unescape(re.sub(r"<[^<>]*>", "", text))
    text = text.replace("\\n", "").replace('\\"', '"').replace("\\u0027", "'")
    return re.sub(r'[\s"]+', "", text)


def secrets(assignment: Assignment) -> list[str]:
    """Solution lines that stand nowhere in what is given to students."""
    given = bare("\n".join(release.released_source(cells.source(c))
                           for c in assignment.notebook["cells"]))
    lines = {bare(line.split("#")[0] if "canary" not in line else line)
             for line in assignment.solution_lines()}
    return sorted(s for s in lines if len(s) >= SHORTEST and s not in given)


def blocks(assignment: Assignment) -> list[str]:
    """Whole solutions, and their canaries: what may stand nowhere on the site."""
    found = []
    for cell in assignment.notebook["cells"]:
        for block in re.findall(rf"{BEGIN}\n(.*?)### END", cells.source(cell), re.S):
            if len(bare(block)) >= 60:
                found.append(bare(block))
    return found + [bare(line) for line in assignment.solution_lines() if "canary" in line]


def hits(texts: dict[str, str], needles: list[str]) -> list[str]:
    """``file: needle`` for everything found."""
    return [f"{name}: {needle[:60]}" for name, text in texts.items()
            for stripped in [bare(text)] for needle in needles if needle in stripped]


def scan_release(assignment: Assignment) -> list[str]:
    """The released files, and whether the scan would have found a solution in them."""
    needles = secrets(assignment)
    texts = {p.name: release.as_text(c) for p, c in release.files(assignment).items()}
    faults = ["leak in " + h for h in hits(texts, needles)]
    control = hits({"source": (assignment.folder / "source.ipynb").read_text("utf-8")}, needles)
    if not needles or len(control) < len(needles):
        faults.append(f"the leak scan finds only {len(control)} of {len(needles)} secret lines "
                      "in the source itself")
    return faults


def scan_folder(folder: Path, assignments: list[Assignment]) -> list[str]:
    """A built site: pages, sources, search index, downloads (also inside zips)."""
    needles = [b for a in assignments for b in blocks(a)]
    found = []
    for path in sorted(folder.rglob("*")):
        if any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue
        if path.suffix in TEXT and path.is_file():
            found += hits({str(path): path.read_text("utf-8", errors="replace")}, needles)
        elif path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                found += hits({f"{path}:{n}": archive.read(n).decode("utf-8", "replace")
                               for n in archive.namelist()}, needles)
    return found
