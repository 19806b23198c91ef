"""One assignment as its author wrote it: source notebook, checks, mistakes, variants."""

import ast
import copy
import hashlib
import importlib.util
import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from nncheck import cells, loading

HOME = Path(__file__).resolve().parents[1]
RELEASED = HOME / "released"
DATA = HOME.parent / "nncheck" / "data"
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
STUB = "raise NotImplementedError"


def names() -> list[str]:
    """All assignments, in the order of their numbers."""
    found = [p.parent.name for p in HOME.glob("*/source.ipynb")]
    return sorted(found, key=lambda name: load_assignment(name).sheet.number)


def load_assignment(name: str) -> "Assignment":
    """An assignment by the name of its folder."""
    folder = HOME / name
    if not (folder / "source.ipynb").is_file():
        known = sorted(p.parent.name for p in HOME.glob("*/source.ipynb"))
        raise SystemExit(f"There is no assignment {name!r}. There are: {', '.join(known)}.")
    return Assignment(folder)


def _module(path: Path):
    spec = importlib.util.spec_from_file_location(f"assignment_{path.parent.name}_{path.stem}",
                                                  path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass
class Assignment:
    """The files of an assignment, and what follows from them."""

    folder: Path
    _names: dict = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.folder.name

    @cached_property
    def notebook(self) -> dict:
        """The source, with solutions."""
        return json.loads((self.folder / "source.ipynb").read_text(encoding="utf-8"))

    @cached_property
    def sheet(self):
        """Tasks and checks."""
        return _module(self.folder / "checks.py").sheet

    @cached_property
    def mistakes(self) -> dict:
        """Known mistakes by id."""
        return {m.id: m for m in self._mistakes.MISTAKES}

    @cached_property
    def survivors(self) -> dict:
        """Mutants that may live, with the reason."""
        return getattr(self._mistakes, "SURVIVORS", {})

    @cached_property
    def _mistakes(self):
        return _module(self.folder / "mistakes.py")

    @cached_property
    def variants(self) -> dict:
        """Right answers in other styles: file name to source."""
        return {p.stem: p.read_text(encoding="utf-8")
                for p in sorted((self.folder / "variants").glob("*.py"))}

    @cached_property
    def plan(self) -> list[dict]:
        """What is run of the source."""
        return cells.plan(self.notebook)

    def reference(self) -> dict:
        """A fresh namespace of the right version; it is trusted, and runs here."""
        namespace, problems = loading.load(self.plan)
        if problems:
            raise ValueError(f"{self.name}: the source does not run: {problems}")
        return namespace

    def changed(self, mistake) -> list[dict]:
        """The plan with a mistake built in."""
        planned = copy.deepcopy(self.plan)
        found = sum(e["source"].count(mistake.old) for e in planned if e["whole"])
        if found != mistake.count:
            raise ValueError(f"mistake {mistake.id}: {mistake.old!r} stands {found} times in the "
                             f"solutions, not {mistake.count}")
        for entry in planned:
            if entry["whole"]:
                entry["source"] = entry["source"].replace(mistake.old, mistake.new)
        return planned

    def variant(self, name: str) -> list[dict]:
        """The plan of a submission that answers as a variant does."""
        given = [e for e in self.plan if not e["whole"]]
        answer = {"cell": 99, "source": self.variants[name], "whole": True, "id": name}
        return [*given, answer]

    @cached_property
    def rubric(self) -> list[dict]:
        """Answers that a person reads: grade_id, points, the text as released.

        A guess is worth nothing by itself: it is read beside the result of the same task.
        """
        items, guesses = [], {}
        for cell in self.notebook["cells"]:
            marks = cells.metadata(cell)
            if marks.get("solution") and marks.get("grade"):
                text, id = released_source(cells.source(cell)), marks["grade_id"]
                if id.startswith("predict-"):
                    guesses[id.removeprefix("predict-")] = {"id": id, "released": text}
                else:
                    items.append({"id": id, "points": marks["points"], "released": text,
                                  "guess": guesses.get(id.removeprefix("result-"))})
        return items

    @cached_property
    def digest(self) -> str:
        """Of everything a grade depends on."""
        total = hashlib.sha256()
        engine = [*Path(__file__).parent.glob("*.py"), HOME / "authoring.py",
                  *(HOME.parent / "nncheck").glob("*.py")]
        for path in sorted(engine) + [self.folder / f for f in
                                      ("source.ipynb", "checks.py", "mistakes.py")]:
            total.update(path.read_bytes())
        return total.hexdigest()[:16]

    def solution_lines(self) -> list[str]:
        """Every line between the marks."""
        return [line for cell in self.notebook["cells"]
                for block in re.findall(rf"{BEGIN}\n(.*?){END}", cells.source(cell), re.S)
                for line in block.split("\n") if line.strip()]


def released_source(text: str) -> str:
    """A cell's text without its solution: each block becomes one line that raises."""
    lines, inside = [], False
    for line in text.split("\n"):
        if line.strip() == BEGIN:
            inside = True
            lines.append(line[: len(line) - len(line.lstrip())] + STUB)
        elif line.strip() == END:
            inside = False
        elif not inside:
            lines.append(line)
    if inside:
        raise ValueError(f"{BEGIN} without {END}")
    return "\n".join(lines)


def functions_of(text: str) -> list[str]:
    """Names of the functions and classes that a cell defines."""
    return [s.name for s in ast.parse(cells.plain(text)).body
            if isinstance(s, (ast.FunctionDef, ast.ClassDef))]
