"""Give every chapter the number of its place in _toc.yml, and mend all links to it.

    python -m tools.renumber [OLD=NEW ...]

A chapter is called ``NN_name``; ``OLD=NEW`` changes the name as well, for instance
``mnist=digits``. Files are moved with git, so commit or stash before.
"""

import re
import subprocess
import sys
from pathlib import Path

from tools.notebooks import REPOSITORY

CHAPTER = re.compile(r"chapters/(\d\d)_(\w+)\b")
TEXT = {".ipynb", ".md", ".yml", ".py", ".bib", ".js", ".toml", ".json", ".cff", ".sh", ""}


def new_names(toc: str, names: dict[str, str]) -> dict[str, str]:
    """Return old and new stem of each chapter in a table of contents, in its order."""
    found = CHAPTER.findall(toc)
    return {
        f"{number}_{name}": f"{place:02d}_{names.get(name, name)}"
        for place, (number, name) in enumerate(found, 1)
    }


def rewritten(text: str, stems: dict[str, str]) -> str:
    """Replace every old stem by the new one, all at once, so that none is replaced twice."""
    if not stems:
        return text
    either = "|".join(map(re.escape, sorted(stems, key=len, reverse=True)))
    return re.sub(rf"(?<![\w-])({either})(?![\w-])", lambda match: stems[match[1]], text)


def main(arguments: list[str]) -> int:
    names = dict(argument.split("=", 1) for argument in arguments)
    toc = REPOSITORY / "_toc.yml"
    every = new_names(toc.read_text(encoding="utf-8"), names)
    stems = {old: new for old, new in every.items() if old != new}
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, check=True
    ).stdout  # what git complains of is seen
    for name in filter(None, listed.split("\0")):
        path = REPOSITORY / name
        if path.suffix in TEXT and path.is_file():
            before = path.read_text(encoding="utf-8")
            after = rewritten(before, stems)
            if after != before:
                path.write_text(after, encoding="utf-8", newline="\n")
    # In two steps, for one chapter's new name may be another's old one.
    moves = [(old, f"moving_{new}") for old, new in stems.items()]
    moves += [(f"moving_{new}", new) for new in stems.values()]
    for old, new in moves:
        source, target = (Path("chapters", f"{stem}.ipynb") for stem in (old, new))
        subprocess.run(["git", "mv", source, target], cwd=REPOSITORY, check=True)
    for old, new in stems.items():
        print(f"{old} -> {new}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
