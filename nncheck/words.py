"""Text that others wrote, made fit to be shown: in a terminal, a table, a page."""


def shown(text, longest: int = 200) -> str:
    """A text of bounded length in which nothing acts: no control or direction characters.

    They are written as escapes (``\\x1b``), so that an exception's text can neither colour a
    teacher's terminal nor turn a line round.  What is not a text becomes a question mark.
    """
    if type(text) is not str:
        return "?"
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode()
                   for c in text[:longest])
