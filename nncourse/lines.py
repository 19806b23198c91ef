"""The lines of a function that a chapter imports, folded, where the chapter uses it.

What is too long for a lesson stands in `nncourse.experiments`. It is to be one click away, on
the page as in the notebook, and never a copy that grows old: it is read from the function itself.
"""

from __future__ import annotations

import ast
import html
import inspect
import textwrap
from collections.abc import Callable

MOST = 45  # lines: what is longer is a module to be read, not a fold to be opened


def source(function: Callable) -> str:
    """The source of a function, of its docstring only the first paragraph.

    Raises
    ------
    ValueError
        If it has more than `MOST` lines.
    """
    function = inspect.unwrap(function)
    lines = textwrap.dedent(inspect.getsource(function)).rstrip().splitlines()
    body = ast.parse("\n".join(lines)).body[0].body
    text = inspect.getdoc(function)
    if text and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        first, last = body[0].lineno - 1, body[0].end_lineno
        words = text.split("\n\n")[0].splitlines()
        inside = "\n".join(['    """' + words[0], *("    " + line for line in words[1:])])
        lines[first:last] = (inside + '"""').splitlines()
    if len(lines) > MOST:
        raise ValueError(
            f"{function.__name__} has {len(lines)} lines; more than {MOST} are too many for a "
            "fold. Make the function shorter, or show it in a cell."
        )
    return "\n".join(lines)


def show_lines(*functions: Callable) -> None:
    """Display the lines of functions in one fold, closed at first.

    Parameters
    ----------
    functions : callables
        Functions of the course or of the library, in the order in which they are to be read.

    Raises
    ------
    ValueError
        If there are none, or if one is too long (see `source`).
    """
    from IPython.display import display

    if not functions:
        raise ValueError("show_lines needs at least one function, such as show_lines(data.reader)")
    names = [function.__name__ for function in functions]
    code = "\n\n\n".join(source(function) for function in functions)
    told = ", ".join(f"<code>{name}</code>" for name in names)
    fold = (
        f"<details class='nn-lines'><summary>The lines of {told}</summary>"
        f"<pre>{html.escape(code, quote=False)}</pre></details>"
    )
    data = {"text/html": fold, "text/plain": f"The lines of {', '.join(names)}:\n\n{code}"}
    display(data, metadata={"nnlib": {"typed": True}}, raw=True)  # it proves no number
