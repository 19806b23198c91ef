"""A new student in JupyterLab, in a real browser: answers wrongly, reads, answers rightly.

    python -m tests.assignments.student gates softmax --shots _build/student

opens the released notebook, types each task's most usual mistake into the answer cell, runs
``check``, then the solution; runs the cells that show one's own result; at the end ``check()`` and
``nncheck validate``.  It prints what was said and how long a check took, and leaves pictures of
hints and table, light and dark.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from assignments._engine import source
from assignments._engine.source import RELEASED
from nncheck import cells
from tests.widgets import jupyter

CELL = "document.querySelectorAll('.jp-Notebook .jp-Cell')"
RUN = """async (place) => {
  const { content, context } = jupyterapp.shell.currentWidget;
  content.activeCellIndex = place;
  const start = performance.now();
  await jupyterapp.commands.execute("notebook:run-cell");
  return (performance.now() - start) / 1000;
}"""
WRITE = """([place, text]) => {
  jupyterapp.shell.currentWidget.content.widgets[place].model.sharedModel.setSource(text);
}"""
SAID = """(place) => jupyterapp.shell.currentWidget.content.widgets[place].model
  .outputs?.toJSON().map((o) => o.text ?? o.data?.["text/plain"] ?? o.evalue ?? "").flat()
  .join("\\n") ?? "" """


@dataclass
class Told:
    """What one task's check said."""

    task: str
    mistake: str
    wrong: str
    right: str
    seconds: list[float] = field(default_factory=list)
    result: str = ""


@contextmanager
def lab(folder: Path, names):
    """A JupyterLab with the released notebooks of some assignments in its folder; its address."""
    (folder / "work").mkdir(parents=True)
    for name in names:
        shutil.copy(RELEASED / name / f"{name}.ipynb", folder / "work")
    with jupyter.serve(folder) as address:
        yield address


class Student:
    """One notebook, open in a page."""

    def __init__(self, page, address: str, name: str, shots: Path | None = None):
        self.page, self.name, self.shots = page, name, shots
        self.assignment = source.load_assignment(name)
        page.set_default_timeout(120_000)
        jupyter.go_to(page, f"{address}lab/tree/{name}.ipynb?reset")
        released = source.json.loads((RELEASED / name / f"{name}.ipynb").read_text("utf-8"))
        self.places = {cells.metadata(c).get("grade_id"): i
                       for i, c in enumerate(released["cells"])}
        self.cells = released["cells"]

    def run(self, place: int) -> float:
        return self.page.evaluate(RUN, place)

    def said(self, place: int) -> str:
        return self.page.evaluate(SAID, place)

    def write(self, place: int, text: str, by_hand: bool = False) -> None:
        """Into a cell: by keys, or at once."""
        self.page.evaluate(WRITE, [place, "" if by_hand else text])
        if by_hand:
            cell = self.page.locator(".jp-Notebook .jp-Cell").nth(place)
            cell.locator(".cm-content").click()
            self.page.keyboard.insert_text(text)

    def answers(self, mistake=None) -> dict[str, str]:
        """The answer cells, with a mistake built in or without."""
        plan = self.assignment.changed(mistake) if mistake else self.assignment.plan
        return {e["id"]: e["source"] for e in plan if e["whole"]}

    def picture(self, label: str, place: int) -> None:
        """Of one cell, light and dark."""
        if self.shots is None:
            return
        self.shots.mkdir(parents=True, exist_ok=True)
        for theme in ("Light", "Dark"):
            self.page.evaluate(
                "t => jupyterapp.commands.execute('apputils:change-theme', {theme: t})",
                f"JupyterLab {theme}")
            self.page.wait_for_timeout(300)
            cell = self.page.locator(".jp-Notebook .jp-Cell").nth(place)
            cell.scroll_into_view_if_needed()
            cell.screenshot(path=self.shots / f"{self.name}_{label}_{theme.lower()}.png")

    def begin(self) -> None:
        """Run all that stands before the first task."""
        first = min(self.places[f"check-{t}"] for t in self.assignment.sheet.tasks)
        for place in range(first):
            if self.cells[place]["cell_type"] == "code" and not cells.metadata(
                    self.cells[place]).get("solution"):
                self.run(place)

    def public_mistake(self, task: str):
        """The task's first mistake that the notebook can see."""
        public = {c.id for c in self.assignment.sheet.checks.values() if c.public}
        return next((m for m in self.assignment.mistakes.values()
                     if m.task == task and set(m.fails) & public), None)

    def solve(self, task: str, by_hand: bool = False) -> Told:
        """Wrong, then right, then one's own result."""
        check = self.places[f"check-{task}"]
        self.run(check)  # too early
        assert "or not run?" in self.said(check) and "Called with" not in self.said(check)
        mistake = self.public_mistake(task)
        places = [p for i, p in self.places.items() if i in self.answers()]
        mine = max(p for p in places if p < check)
        grade_id = next(i for i, p in self.places.items() if p == mine)
        told = Told(task, mistake.id if mistake else "", "", "")
        for given in (place for place in range(mine + 1) if self._given(place, task)):
            self.run(given)
        self.run(mine)
        told.seconds.append(self.run(check))
        assert "not attempted yet" in self.said(check), (task, self.said(check))
        if mistake:
            self.write(mine, self.answers(mistake)[grade_id], by_hand)
            self.run(mine)
            told.seconds.append(self.run(check))
            told.wrong = self.said(check)
            self.picture(task, check)
        self.write(mine, self.answers()[grade_id])
        self.run(mine)
        told.seconds.append(self.run(check))
        told.right = self.said(check)
        shown = self.places[f"result-{task}"] - 1
        self.run(shown)
        told.result = self.said(shown)
        return told

    def _given(self, place, task):
        """Code that was handed out between the task before and this one."""
        before = max([0, *(p for i, p in self.places.items() if str(i).startswith("result-")
                           and p < self.places[f"check-{task}"])])
        return place > before and self.cells[place]["cell_type"] == "code" and (
            cells.metadata(self.cells[place]).get("locked"))

    def end(self, work: Path) -> tuple[str, str]:
        """The sheet, and what `validate` says of the saved notebook."""
        sheet = self.places["sheet"]
        self.run(sheet)
        self.picture("sheet", sheet)
        self.page.evaluate("jupyterapp.commands.execute('docmanager:save')")
        done = subprocess.run(
            [sys.executable, "-m", "nncheck", "validate", f"{self.name}.ipynb"], cwd=work,
            env=os.environ | {"PYTHONPATH": str(jupyter.REPOSITORY)}, capture_output=True,
            text=True, timeout=300)
        return self.said(sheet), done.stdout + done.stderr


def main() -> None:
    from playwright.sync_api import sync_playwright

    from tools.chromium import FLAGS, find_browser

    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=[])
    parser.add_argument("--shots", type=Path)
    options = parser.parse_args()
    names = options.names or source.names()
    with (
        tempfile.TemporaryDirectory() as folder,
        lab(Path(folder), names) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=find_browser(), args=list(FLAGS))
        try:
            for name in names:
                page = browser.new_page(viewport={"width": 1100, "height": 1000})
                student = Student(page, address, name, options.shots)
                student.begin()
                for number, task in enumerate(student.assignment.sheet.tasks):
                    told = student.solve(task, by_hand=number == 0)
                    print(f"\n== {name}: {task} ({told.mistake}), "
                          f"{', '.join(f'{s:.2f}' for s in told.seconds)} s")
                    print(told.wrong)
                    print("-- right:", re.sub(r"\s+", " ", told.right))
                    print("-- result:", told.result, flush=True)
                sheet, validated = student.end(Path(folder) / "work")
                print(f"\n== {name}: check()\n{sheet}\n-- validate\n{validated}", flush=True)
                page.close()
        finally:
            browser.close()


if __name__ == "__main__":
    main()
