"""The commands; their help is meant to be read."""

import argparse
import contextlib
import os
import sys
from datetime import datetime
from pathlib import Path

ABOUT = """\
Write, prove and grade assignments.

  for teachers   grade       grade what Moodle, Canvas or a folder of notebooks holds
                 feedback    pack the reports so that they can be uploaded
                 kit         one zip for students who do not have the repository
  for authors    release     make what students get from source.ipynb
                 prove       prove that the checks grade as they claim
                 matrix      which known mistake fails which check, as Markdown
                 mutate      how many automatic mutations of the solution are caught
  for both       validate    what of one notebook would be graded
                 leaks       look for solutions in a built site

Begin with:   python -m assignments grade --help
"""

GRADE = """\
Grade submissions.

  python -m assignments grade submissions.zip --assignment relu --roster roster.csv

FOLDER is what the platform gives you, zipped or not:
  Moodle    View all submissions > Download all submissions   (folders or not)
  Canvas    Download Submissions
  else      a folder with a folder or a notebook for each student, named by id
The roster decides who is in the class, and gives those who handed in nothing a row:
  Moodle    Download grading worksheet   (it also knows when work was handed in)
  Canvas    Grades > Export
  else      a CSV with the columns id, name (and submitted, as 2026-11-28 18:30)

Into --out (default: graded/ASSIGNMENT) go
  grades.csv    a row for each student, a column for each check
  reports/      a report for each student;   class.html   what to teach again
  rubric.csv    written answers: fill in the column "points", grade again, it is added
  moodle.csv or canvas.csv   grades to upload
  seed.txt      the secret seed of this run: keep it, and the same work gets the same grade
An interrupted run goes on where it stopped. Late work: --due and --late-per-day.
Several attempts of one student: the last one counts.

Student code runs behind walls (bubblewrap, else unshare): no network, no files but its own.
Without either (macOS, Windows) use a Linux container, or --unsafe if you trust the class.
"""


def main(arguments: list[str] | None = None) -> int:
    """Run one command."""
    options = parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):  # a name must not end the run of a whole class
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        return options.run(options) or 0
    except KeyboardInterrupt:
        print("\nInterrupted. The same command goes on where it stopped.", file=sys.stderr)
        return 130


def parser() -> argparse.ArgumentParser:
    """All commands."""
    raw = argparse.RawDescriptionHelpFormatter
    top = argparse.ArgumentParser("python -m assignments", description=ABOUT,
                                  formatter_class=raw)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name, run, help, text=None):
        command = commands.add_parser(name, help=help, description=text or help,
                                      formatter_class=raw)
        command.set_defaults(run=run)
        return command

    p = add("grade", grade, "grade submissions", GRADE)
    p.add_argument("folder", type=Path)
    p.add_argument("--assignment", help="its name; needed if there are several")
    p.add_argument("--roster", type=Path)
    p.add_argument("--out", type=Path)
    p.add_argument("--lms", choices=("moodle", "canvas"), help="grade file to write "
                   "(default: as the roster)")
    p.add_argument("--column", help="Canvas: the assignment's column, as in the export")
    p.add_argument("--book", help="address of the published book, for links in reports")
    p.add_argument("--due", type=datetime.fromisoformat, help="2026-11-28T23:59")
    p.add_argument("--late-per-day", type=float, default=0, metavar="PERCENT")
    p.add_argument("--late-most", type=float, default=100, metavar="PERCENT")
    p.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    p.add_argument("--seed", default="", help="instead of the one in seed.txt")
    p.add_argument("--most-mb", type=float, default=25, help="largest notebook that is read")
    _walls(p)

    p = add("feedback", feedback, "pack the reports of a graded folder for upload")
    p.add_argument("folder", type=Path, help="the submissions, as for grade")
    p.add_argument("--assignment")
    p.add_argument("--roster", type=Path)
    p.add_argument("--out", type=Path, help="where grade has put its results")
    p.add_argument("--lms", choices=("moodle", "canvas", "plain"), default="plain")

    p = add("release", release, "make what students get from the sources")
    p.add_argument("names", nargs="*", help="default: all")

    p = add("kit", kit, "one zip for students: notebook, nncheck and its data")
    p.add_argument("name")
    p.add_argument("zip", type=Path)

    p = add("prove", prove, "prove an assignment", (
        "For each seed: the solution gets all points, the untouched release none, every right\n"
        "variant all, every known mistake fails exactly its checks and is named, alone; every\n"
        "check catches a mistake; the release is up to date and leaks nothing."))
    p.add_argument("names", nargs="*", help="default: all")
    p.add_argument("--seeds", nargs="+", default=["1", "2", "3"])
    _walls(p)

    p = add("mutate", mutate, "mutate the solutions and see which mutants the checks catch")
    p.add_argument("names", nargs="*")
    p.add_argument("--seeds", nargs="+", default=["1"])
    _walls(p)

    p = add("matrix", matrix, "the table of known mistakes and checks")
    p.add_argument("names", nargs="*")

    p = add("leaks", leaks_command, "look for solutions in a built site or any folder")
    p.add_argument("folder", type=Path)

    p = add("validate", validate, "what of one notebook would be graded")
    p.add_argument("notebook")
    return top


def _walls(command) -> None:
    command.add_argument("--sandbox", choices=("bubblewrap", "unshare"), help="only this one")
    command.add_argument("--unsafe", action="store_true", help="also where there are no walls")


def _sandbox(options):
    from assignments._engine import sandbox

    try:
        return sandbox.choose(options.unsafe, options.sandbox)
    except sandbox.NoSandbox as error:
        raise SystemExit(str(error)) from None


def _all(given):
    from assignments._engine import source

    return [source.load_assignment(n) for n in given or source.names()]


def _one(options):
    from assignments._engine import source

    known = source.names()
    if options.assignment is None and len(known) != 1:
        raise SystemExit(f"Which one? --assignment {' | '.join(known)}")
    return source.load_assignment(options.assignment or known[0])


def _cases(options):
    from assignments._engine import collect, roster, run

    table = roster.read(options.roster) if options.roster else None
    return run.cases_of(collect.collect(options.folder), table), table


@contextlib.contextmanager
def _bar(total):
    """tqdm where it is installed."""
    try:
        from tqdm import tqdm
    except ImportError:
        yield lambda done: None
        return
    with tqdm(total=total, unit=" notebooks") as bar:
        yield bar.update


def grade(options) -> int:
    """Grade, then write all tables and reports."""
    from datetime import timedelta

    from assignments._engine import gradefiles, policy, reports, run

    assignment = _one(options)
    cases, table = _cases(options)
    late = policy.Policy(options.due, options.late_per_day, options.late_most,
                         timedelta(minutes=10))
    job = run.Run(assignment, options.out or Path("graded") / assignment.name, _sandbox(options),
                  options.seed, late, most_bytes=int(options.most_mb * 1e6),
                  jobs=max(1, options.jobs))
    with _bar(len(cases)) as progress:
        count = run.grade_all(job, cases, progress)
    written = [gradefiles.by_check(job, cases), gradefiles.rubric(job, cases),
               reports.write_students(job, cases, options.book),
               reports.write_class(job, cases, options.book)]
    lms = options.lms or (table.kind if table and table.kind != "plain" else None)
    if lms and table is None:
        raise SystemExit(f"A grade file for {lms} needs --roster.")
    if lms == "moodle":
        written.append(gradefiles.moodle(job, cases, table))
    elif lms == "canvas":
        written.append(gradefiles.canvas(job, cases, table, options.column))
    print(f"{count['graded']} graded, {count['kept']} unchanged since the last run.")
    strangers = [c.name for c in cases if c.student is None and table is not None]
    if strangers:
        print(f"Not in the roster, graded all the same: {'; '.join(strangers)}")
    for path in written:
        print(path)
    return 0


def feedback(options) -> int:
    """Pack reports."""
    from assignments._engine import feedback as packing
    from assignments._engine import run, sandbox

    assignment = _one(options)
    cases, _ = _cases(options)
    out = options.out or Path("graded") / assignment.name
    if not (out / "reports").is_dir():
        raise SystemExit(f"There are no reports in {str(out)!r}: grade first.")
    print(packing.pack(run.Run(assignment, out, sandbox.Sandbox("none")), cases, options.lms))
    return 0


def release(options) -> int:
    """Write what has changed."""
    from assignments._engine import marking
    from assignments._engine import matrix as tables
    from assignments._engine import release as releasing

    for assignment in _all(options.names):
        written = [p.name for p in releasing.release(assignment)]
        written += ["marking.md"] if marking.write(assignment) else []
        print(f"{assignment.name}: " + (", ".join(written) or "up to date"))
    if tables.write():
        print(tables.PAGE.name)
    return 0


def kit(options) -> int:
    """Write a zip."""
    from assignments._engine import release as releasing
    from assignments._engine import source

    releasing.kit(source.load_assignment(options.name), options.zip)
    print(options.zip)
    return 0


def prove(options) -> int:
    """Prove; 1 if anything is at fault."""
    from assignments._engine import prove as proving

    faults = []
    for assignment in _all(options.names):
        proof = proving.prove(assignment, options.seeds, _sandbox(options))
        print("\n".join(proof.facts + ["FAULT: " + f for f in proof.faults]))
        faults += proof.faults
    print("proved" if not faults else f"{len(faults)} faults")
    return 1 if faults else 0


def mutate(options) -> int:
    """Mutation score; 1 if below 95 %."""
    from assignments._engine import mutate as mutating

    good = True
    for assignment in _all(options.names):
        score = mutating.score(assignment, options.seeds, _sandbox(options))
        print(score.text())
        good = good and score.good
    return 0 if good else 1


def matrix(options) -> int:
    """Print tables."""
    from assignments._engine import matrix as tables

    print("\n\n".join(tables.markdown(a) for a in _all(options.names)))
    return 0


def leaks_command(options) -> int:
    """Scan a folder."""
    from assignments._engine import leaks

    found = leaks.scan_folder(options.folder, _all([]))
    print("\n".join(found) or "no solution found")
    return 1 if found else 0


def validate(options) -> int:
    """As `python -m nncheck validate`."""
    from nncheck.validation import main as check

    return check(options.notebook)
