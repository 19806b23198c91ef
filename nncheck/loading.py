"""Run what is to be run of a cell, statement by statement, in a namespace."""

import ast
import linecache

from nncheck import cells, steps


def fresh() -> dict:
    """A namespace as a notebook's is."""
    def nothing(*_, **__):
        """Stands for what a notebook has and the grader has not."""

    return {"__name__": "__main__", "__builtins__": __builtins__, "display": nothing,
            "check": nothing, "get_ipython": nothing}


def load_cell(entry: dict, namespace: dict, known: set) -> list[dict]:
    """Run one planned cell (see `cells.plan`); returns what went wrong, one entry each.

    A statement that fails is reported and the next one runs all the same.  A stub below an
    answer, as a second copy of a cell has it, does not replace the answer: ``known`` holds the
    names of answers so far.
    """
    where = f"<cell {entry['cell']}>"
    try:
        body = cells.statements(entry["source"], entry["whole"])
    except SyntaxError as error:
        return [{"error": "SyntaxError", "message": str(error.msg), "line": error.lineno,
                 "cell": where}]
    except (ValueError, RecursionError, MemoryError) as error:
        return [{"error": type(error).__name__, "message": str(error)[:200], "line": None,
                 "cell": where}]
    linecache.cache[where] = (len(entry["source"]), None, entry["source"].splitlines(True), where)
    problems = []
    for statement in body:
        if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
            if cells.stub(statement) and statement.name in known:
                continue
            if not cells.stub(statement):
                known.add(statement.name)
        try:
            exec(compile(ast.Module([statement], []), where, "exec"), namespace)
        except BaseException as error:
            problem = steps.failure(error)
            problem["line"] = problem["line"] or statement.lineno
            problems.append(problem | {"cell": where})
    return problems[:20]


def load(planned: list[dict], namespace: dict | None = None) -> tuple[dict, list[dict]]:
    """Run a whole plan in this process: for code that is trusted, or is one's own."""
    namespace = fresh() if namespace is None else namespace
    known, problems = set(), []
    for entry in planned:
        problems += load_cell(entry, namespace, known)
    return namespace, problems
