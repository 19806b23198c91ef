"""Which parts of a notebook are run when it is graded.

- A cell that was given to be filled in (``solution`` in its metadata) runs whole.
- Of every other code cell only imports, functions, classes and constants are taken, so that
  no plot, no training and no ``sys.exit()`` in a scratch cell can hurt.
- Functions are found by *name*: moved, copied and renamed cells, and lost metadata, are fine.
"""

import ast
import json
import re

FOREIGN_CELLS = ("bash", "sh", "html", "javascript", "js", "writefile", "latex", "markdown",
                 "svg", "perl", "ruby", "R", "script", "cmd", "file")


MOST_PARTS = 2_000_000  # lists and dictionaries: each takes many times the room of its brackets
LONGEST_LINE = 500


class NotANotebook(ValueError):
    """What was handed in cannot be read as a notebook; the message is a sentence."""


def read(data: bytes) -> tuple[dict, list[str]]:
    """A notebook from bytes, and what had to be forgiven."""
    notes = []
    if not data.strip():
        raise NotANotebook("The file is empty.")
    try:
        text = data.decode(json.detect_encoding(data))
        if data[:3] == b"\xef\xbb\xbf":
            notes.append("The file begins with a byte-order mark, which was skipped.")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
        notes.append("The file is not UTF-8; it was read as Windows text.")
    if text.count("[") + text.count("{") > MOST_PARTS:
        raise NotANotebook("The file consists of more than two million parts: that is not a "
                           "notebook of this course. Clear its outputs and hand it in again.")
    try:
        notebook = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise NotANotebook(f"Unreadable notebook: the file is not valid JSON{where}.") from None
    if type(notebook) is dict and "cells" not in notebook and "worksheets" in notebook:
        raise NotANotebook("A notebook of an old format (before 4): open it once and save it.")
    if type(notebook) is not dict or type(notebook.get("cells")) is not list:
        raise NotANotebook("The file is JSON, but not a notebook: it has no list of cells.")
    language = _at(_at(notebook, "metadata"), "kernelspec").get("language")
    if type(language) is str and language.lower() != "python":
        notes.append(f"The notebook's kernel is for {language[:30]}, not Python.")
    return notebook, notes


def _at(mapping, key) -> dict:
    value = mapping.get(key) if type(mapping) is dict else None
    return value if type(value) is dict else {}


def source(cell) -> str:
    """The text of a cell, whatever form it is stored in."""
    text = cell.get("source", "") if type(cell) is dict else ""
    if type(text) is list:
        text = "".join(part for part in text if type(part) is str)
    return text if type(text) is str else ""


def metadata(cell) -> dict:
    """nbgrader's metadata of a cell, or nothing."""
    return _at(_at(cell, "metadata"), "nbgrader") if type(cell) is dict else {}


def plan(notebook: dict) -> list[dict]:
    """The code cells as ``{"cell": number, "source": ..., "whole": bool, "id": ...}``.

    Numbers count all cells from 1, as a reader does.
    """
    planned = []
    for number, cell in enumerate(notebook["cells"], start=1):
        if type(cell) is not dict or cell.get("cell_type") != "code":
            continue
        marks = metadata(cell)
        text = source(cell)
        if text.strip():
            planned.append({"cell": number, "source": text,
                            "whole": marks.get("solution") is True,
                            "id": str(marks.get("grade_id", ""))[:80]})
    return planned


def plain(text: str) -> str:
    """Python without IPython's lines: magics, shell lines and questions become nothing."""
    first = text.lstrip().split("\n", 1)[0]
    if first.startswith("%%"):
        if first[2:].split(" ")[0].strip() in FOREIGN_CELLS:
            return ""
        text = text.lstrip().partition("\n")[2]
    try:
        ast.parse(text)
        return text
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pass
    lines = []
    for line in text.split("\n"):
        bare = line.strip()
        indent = line[: len(line) - len(line.lstrip())]
        assigned = re.match(r"^(\s*[\w, ]+=\s*)[%!]\S", line)
        if assigned:
            line = assigned.group(1) + "None"
        elif bare.startswith(("%", "!", "?")) or (bare.endswith("?") and "#" not in bare):
            line = indent + "pass"
        lines.append(line)
    return "\n".join(lines)


def statements(text: str, whole: bool) -> list[ast.stmt]:
    """What runs of a cell.  Raises SyntaxError if it is not Python."""
    body = ast.parse(plain(text)).body
    return body if whole else [s for s in body if harmless(s)]


def harmless(statement: ast.stmt) -> bool:
    """An import, a definition, or a constant."""
    if isinstance(statement, (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef,
                              ast.AsyncFunctionDef)):
        return True
    if isinstance(statement, ast.Assign):
        names = all(isinstance(t, (ast.Name, ast.Tuple)) for t in statement.targets)
        return names and constant(statement.value)
    if isinstance(statement, ast.AnnAssign):
        return statement.value is not None and constant(statement.value)
    return False


def constant(node: ast.expr) -> bool:
    """Literals, arithmetic of literals, names, attributes (``np.pi``) and lambdas."""
    if isinstance(node, (ast.Constant, ast.Lambda, ast.Name)):
        return True
    if isinstance(node, ast.Attribute):
        return constant(node.value)
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        return all(constant(e) for e in node.elts)
    if isinstance(node, ast.Dict):
        return all(k is not None and constant(k) and constant(v)
                   for k, v in zip(node.keys, node.values))
    if isinstance(node, ast.UnaryOp):
        return constant(node.operand)
    if isinstance(node, ast.BinOp) and not isinstance(node.op, (ast.Pow, ast.LShift, ast.Mult)):
        return constant(node.left) and constant(node.right)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        # 2 * 784 is a constant, [0] * 10**12 is a bomb
        return all(isinstance(n, ast.Constant) and isinstance(n.value, (int, float))
                   for n in (node.left, node.right))
    return False


def stub(statement: ast.stmt) -> bool:
    """A function that only raises NotImplementedError: not attempted."""
    if not isinstance(statement, ast.FunctionDef):
        return False
    body = [s for s in statement.body
            if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    if len(body) != 1 or not isinstance(body[0], ast.Raise) or body[0].exc is None:
        return False
    raised = body[0].exc.func if isinstance(body[0].exc, ast.Call) else body[0].exc
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


def made_elsewhere(planned: list[dict], name: str) -> int | None:
    """The number of a cell that assigns a name but is not run whole: a frequent trap.

    By the look of the text: the grader's own process does not even parse a student's code.
    Long lines are left out, since the time of the search grows with the square of their length.
    """
    if not name.isidentifier():
        return None
    assigned = re.compile(rf"[ \t]*(?:[\w \t,()]*,)?[ \t(]*{name}\b[\w \t,()]*=[^=]")
    for entry in planned:
        if not entry["whole"] and name in entry["source"] and any(
                len(line) <= LONGEST_LINE and name in line and assigned.match(line)
                for line in entry["source"][:100_000].split("\n")):
            return entry["cell"]
    return None
