"""Find the submissions in what Moodle, Canvas or a teacher's own folder gives.

Nothing is unpacked to disk: notebooks are read from zips in memory, with limits, so that no
path in an archive, no link and no bomb can do harm.  A submission is read when its turn comes.
"""

import io
import os
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

MOST_BYTES = 25_000_000  # of one notebook
MOST_MEMBERS = 2_000  # of one student's zip
MOST_OF_CLASS = 200_000  # of the zip that the learning platform gives
MOST_ARCHIVE = 250_000_000  # of all that a student's zips and notebooks unpack to

# Moodle: "Ada Lovelace_1234567_assignsubmission_file_" + "/a.ipynb" or "a.ipynb"
MOODLE = re.compile(
    r"^(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<file>.*)$")
# Canvas: "lovelaceada_LATE_12345_67890_a-1.ipynb"
CANVAS = re.compile(
    r"^(?P<name>[^_]+)_(?P<late>LATE_)?(?P<id>\d+)_(?P<submission>\d+)_(?P<file>.+)$")
AGAIN = re.compile(r"(?:-(\d+)| ?\((\d+)\))$")


@dataclass
class Source:
    """Where the bytes of one file are: a file on disk, or a member of (nested) zips."""

    path: Path
    members: tuple[str, ...] = ()
    problem: str | None = None

    @property
    def name(self) -> str:
        return Path(self.members[-1]).name if self.members else self.path.name

    def read(self, most: int = MOST_BYTES) -> bytes:
        """The bytes; raises `Unusable` with a sentence."""
        if self.problem:
            raise Unusable(self.problem)
        try:
            if not self.members:
                size = self.path.stat().st_size
                if size > most:
                    raise Unusable(_too_large(size, most))
                return self.path.read_bytes()
            return _member(self.path, self.members, most)
        except OSError as error:
            raise Unusable(f"The file cannot be read: {error.strerror or error}.") from None


class Unusable(ValueError):
    """A file that cannot be graded; the message is a sentence."""


def _too_large(size, most):
    return (f"The file has {size / 1e6:.0f} MB; at most {most / 1e6:.0f} MB are read. Clear the "
            "outputs and hand it in again.")


def _member(path, members, most, opened=None) -> bytes:
    """A member of a zip in a zip; ``opened``: the zip that holds it, if it is in memory."""
    data = path
    if opened is not None:
        data, members = opened, members[-1:]
    for depth, member in enumerate(members):
        last = depth == len(members) - 1
        try:
            with zipfile.ZipFile(data) as archive, archive.open(member) as stream:
                limit = most if last else MOST_ARCHIVE
                content = stream.read(limit + 1)
                if len(content) > limit:
                    raise Unusable(_too_large(archive.getinfo(member).file_size, most))
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, KeyError, EOFError,
                ValueError) as error:
            if isinstance(error, Unusable):
                raise
            raise Unusable("The zip is damaged or locked with a password.") from None
        data = io.BytesIO(content)
    return content


@dataclass
class Submission:
    """All that one student has handed in for one assignment."""

    key: str  # what the learning platform or the folder calls the student
    name: str = ""
    late: bool = False
    folder: str = ""  # name to give feedback back under
    files: list[Source] = field(default_factory=list)
    others: list[str] = field(default_factory=list)  # names of files that are no notebooks
    notes: list[str] = field(default_factory=list)


def collect(place: Path) -> dict[str, Submission]:
    """Submissions by key, from a folder or a zip."""
    if not place.exists():
        raise SystemExit(f"There is no folder or zip {str(place)!r}.")
    found: dict[str, Submission] = {}
    if place.is_file():
        for source, parts in _archive(place, (), place.name, left={}):
            _add(found, parts, source)
        return found
    root = place.resolve()
    for path in sorted(_walk(place)):
        parts = path.relative_to(place).parts
        if _hidden(parts):
            continue
        if not Path(os.path.realpath(path)).is_relative_to(root):
            _add(found, parts, Source(path, problem="The file is a link that leads out of the "
                                      "folder of submissions; it was not followed."))
        elif not path.exists():
            _add(found, parts, Source(path, problem="The file is a link that leads nowhere."))
        elif not path.is_file():
            _add(found, parts, Source(path, problem="This is not an ordinary file."))
        elif path.suffix.lower() == ".zip":
            for source, inner in _archive(path, (), "/".join(parts), left={"": MOST_ARCHIVE}):
                _add(found, (*parts, *inner), source)
        else:
            _add(found, parts, Source(path))
    for folder in sorted(p for p in place.iterdir() if p.is_dir() and not p.is_symlink()):
        if not _hidden((folder.name,)):
            _student(found, folder.name, nested=True)
    return found


def _walk(folder):
    """Files and links; linked folders are not entered."""
    for base, folders, names in os.walk(folder, followlinks=False):
        for name in names + [f for f in folders if os.path.islink(os.path.join(base, f))]:
            yield Path(base) / name


def _hidden(parts) -> bool:
    return any(p.startswith((".", "__MACOSX")) for p in parts)


def _archive(path, members, shown, data=None, depth=0, left=None):
    """Members of a zip as sources; zips within it are opened too, two deep.

    ``left`` holds what each student's zips may still unpack to: one for all under "", if the
    zip is one student's, else by the first part of the name.
    """
    most = MOST_OF_CLASS if depth == 0 and "" not in left else MOST_MEMBERS
    broken = Source(path, members, problem=f"The zip {Path(shown).name!r} cannot be read.")
    try:
        with zipfile.ZipFile(data or path) as archive:
            infos = archive.infolist()
            if len(infos) > most:
                broken.problem = f"The zip holds {len(infos)} files; that is not a submission."
                yield broken, (Path(shown).name,)
                return
            for info in infos:
                parts = tuple(p for p in re.split(r"[/\\]", info.filename)
                              if p not in ("", ".", ".."))
                if info.is_dir() or not parts or _hidden(parts):
                    continue
                if parts[-1].lower().endswith(".zip") and depth < 2:
                    key = "" if "" in left else parts[0]
                    more = left.setdefault(key, MOST_ARCHIVE)
                    try:
                        if info.file_size > more:
                            raise Unusable(_too_large(info.file_size, more))
                        inner = io.BytesIO(_member(path, (*members, info.filename), more,
                                                   data))
                    except Unusable as error:
                        yield Source(path, (*members, info.filename), problem=str(error)), parts
                        continue
                    left[key] -= len(inner.getbuffer())
                    for source, deeper in _archive(
                            path, (*members, info.filename), info.filename, inner, depth + 1,
                            {"": left[key]}):
                        yield source, (*parts, *deeper)
                else:
                    yield Source(path, (*members, info.filename)), parts
    except (zipfile.BadZipFile, Unusable, OSError, NotImplementedError, ValueError):
        yield broken, (Path(shown).name,)


def _student(found, label, nested):
    """The submission that a folder's or file's name belongs to, and the file's own name."""
    label = re.sub(r"\.zip$", "", label, flags=re.I) if nested else label
    rest, late = label, False
    if match := MOODLE.match(label):
        key, name, rest = match["id"], match["name"], match["file"] or label
    elif match := CANVAS.match(label):
        key, name, late, rest = match["id"], match["name"], bool(match["late"]), match["file"]
    else:
        key = name = label if nested else AGAIN.sub("", Path(label).stem)
    entry = found.setdefault(key, Submission(key, name, folder=label))
    entry.late = entry.late or late
    return entry, rest


def _add(found, parts, source):
    """Put a file to its student: by the folder it is in, else by its own name."""
    while len(parts) > 2 and not (MOODLE.match(parts[0]) or CANVAS.match(parts[0])) and (
            MOODLE.match(parts[1]) or CANVAS.match(parts[1])):
        parts = parts[1:]
    entry, _ = _student(found, parts[0], nested=len(parts) > 1)
    # "relu.ipynb.txt" is what browsers and systems that hide endings make of a notebook.
    if source.problem or ".ipynb" in source.name.lower() or len(parts) == 1 or (
            source.name.lower().endswith((".json", ".zip"))):
        entry.files.append(source)
    elif len(entry.others) < 5:
        entry.others.append(source.name[:60])


def attempt(source: Source) -> int:
    """Which attempt a file name tells of: a-2.ipynb and a (2).ipynb are the third."""
    match = AGAIN.search(Path(source.name).stem)
    return int(next(filter(None, match.groups()))) if match else 0
