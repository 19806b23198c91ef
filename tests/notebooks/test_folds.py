"""The lines that a chapter shows of a function are today's, without running the chapter."""

import ast

import nbformat
import pytest

from nncourse import lines
from tools.notebooks import chapters


def shown(path):
    """Yield each fold of a chapter: its cell, what is stored, and the lines of today."""
    notebook = nbformat.read(path, as_version=4)
    space: dict = {}
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        if not cell.source.startswith("show_lines("):
            for node in ast.parse(cell.source).body if "nncourse" in cell.source else []:
                if isinstance(node, ast.ImportFrom) and node.module.startswith("nncourse.exper"):
                    exec(ast.unparse(node), space)
            continue
        call = ast.parse(cell.source).body[0].value
        functions = [eval(ast.unparse(argument), space) for argument in call.args]
        code = "\n\n\n".join(lines.source(function) for function in functions)
        yield index, cell.outputs[0]["data"]["text/plain"].split("\n\n", 1)[1], code


WITH_FOLDS = [path for path in chapters() if "show_lines(" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("path", WITH_FOLDS, ids=lambda path: path.stem)
def test_shown_lines_are_those_of_today(path):
    folds = list(shown(path))
    assert folds
    for index, stored, today in folds:
        assert stored == today, f"cell {index}: `make refresh NB=chapters/{path.name}`"
