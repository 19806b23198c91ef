"""Grade a folder of submissions: in parallel, from where an interrupted run stopped."""

import hashlib
import json
import os
import queue
import re
import secrets
import threading
import unicodedata
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from assignments._engine import battery as batteries
from assignments._engine import choose, collect, grading
from assignments._engine.policy import Policy
from assignments._engine.roster import Roster, Student
from assignments._engine.sandbox import Sandbox
from assignments._engine.source import Assignment
from nncheck import examine

ACTING = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def readable(name: str) -> str:
    """A name without characters that act: on a terminal, on the direction of the line."""
    return ACTING.sub("\ufffd", name)[:200]


@dataclass
class Case:
    """One row of the class: a student of the roster, a submission, or both."""

    id: str
    name: str
    submission: collect.Submission | None
    student: Student | None

    @property
    def file(self) -> str:
        """A file name for results and reports: readable, safe, and one for each."""
        plain = unicodedata.normalize("NFKD", f"{self.name}_{self.id}")
        plain = plain.encode("ascii", "ignore").decode()
        plain = re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_")[:60]
        return f"{plain}_{hashlib.sha256(self.id.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


@dataclass
class Run:
    """All that one run of the grader needs."""

    assignment: Assignment
    out: Path
    sandbox: Sandbox
    seed: str = ""
    policy: Policy = field(default_factory=Policy)
    limits: examine.Limits = field(default_factory=examine.Limits)
    most_bytes: int = collect.MOST_BYTES
    jobs: int = 2

    def __post_init__(self):
        (self.out / "results").mkdir(parents=True, exist_ok=True)
        self.seed = self.seed or seed_of(self.out)

    def result_path(self, case: Case) -> Path:
        return self.out / "results" / f"{case.file}.json"

    def results(self, cases: list[Case]):
        """Stored results one by one, so that memory does not grow with the class."""
        for case in cases:
            yield case, json.loads(self.result_path(case).read_text(encoding="utf-8"))


def seed_of(out: Path) -> str:
    """The secret seed of a run: drawn once, then kept with its results."""
    path = out / "seed.txt"
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(16))
    return path.read_text().strip()


def cases_of(submissions: dict, roster: Roster | None) -> list[Case]:
    """Everybody of the roster, in its order, then submissions of nobody in it."""
    cases, taken = [], {}
    if roster is None:
        return [Case(k, readable(s.name), s, None) for k, s in sorted(submissions.items())]
    unknown = []
    for key, submission in sorted(submissions.items()):
        student = roster.find(key, submission.name)
        if student is None:
            unknown.append(Case(key, readable(submission.name), submission, None))
        elif student.id in taken:
            first = taken[student.id]
            first.files += submission.files
            first.others += submission.others
            first.late = first.late or submission.late
        else:
            taken[student.id] = submission
    for student in roster.students:
        cases.append(Case(student.id, readable(student.name), taken.get(student.id), student))
    return cases + unknown


def grade_all(run: Run, cases: list[Case], progress=lambda done: None) -> dict:
    """Grade what is not graded yet; returns how many were, and how many stood already."""
    battery = batteries.make(run.assignment, run.seed)
    lock = threading.Lock()  # known mistakes are replayed by one thread at a time
    slots = queue.Queue()
    for slot in range(1, run.jobs + 1):
        slots.put(slot)
    count = {"graded": 0, "kept": 0}

    def work(case):
        slot = slots.get()
        try:
            return grade_case(run, battery, case, slot, lock)
        finally:
            slots.put(slot)

    with ThreadPoolExecutor(run.jobs) as pool:
        waiting = set()
        try:
            for case in cases:
                waiting.add(pool.submit(work, case))
                if len(waiting) >= 4 * run.jobs:
                    done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                    _count(count, done, progress)
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                _count(count, done, progress)
        except BaseException:
            for future in waiting:
                future.cancel()
            raise
    return count


def _count(count, done, progress):
    for future in done:
        count[future.result()] += 1
    progress(len(done))


def grade_case(run: Run, battery, case: Case, slot: int, lock) -> str:
    """Grade one student and store the result, unless the same is stored already."""
    path, data, notes, reason = run.result_path(case), b"", [], None
    if case.submission is None:
        reason = "Nothing was handed in."
    else:
        try:
            data, notes = choose.choose(case.submission, run.assignment, run.most_bytes)
        except collect.Unusable as error:
            reason = str(error)
    print_ = fingerprint(run, case, data, reason)
    if path.exists():
        try:
            if json.loads(path.read_text(encoding="utf-8")).get("fingerprint") == print_:
                return "kept"
        except (ValueError, AttributeError):
            pass  # half written by an interrupted run
    if reason is not None:
        result = grading.nothing(battery, reason, submitted=case.submission is not None)
    else:
        try:
            result = grading.grade(battery, data, run.sandbox, slot, run.limits, lock)
        except Exception as error:  # a fault of ours must not stop the others' grades
            result = grading.nothing(battery, "The grader itself failed on this submission "
                                     f"({type(error).__name__}: {error}). Grade it by hand.")
            result["grader_failed"] = True
    lost, sentence = run.policy.share_lost(
        case.student.submitted if case.student and case.submission else None,
        bool(case.submission and case.submission.late))
    result["notes"] = notes + ([sentence] if sentence else []) + result["notes"]
    result["lost"] = round(result["points"] * lost, 2)
    result |= {"id": case.id, "name": case.name, "fingerprint": print_,
               "in_roster": case.student is not None, "assignment": run.assignment.name}
    store(path, json.dumps(result, ensure_ascii=False, indent=1))
    return "graded"


def store(path: Path, text: str) -> None:
    """Write whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(path.suffix + ".tmp")
    temporary.write_text(text, encoding="utf-8", errors="replace")
    temporary.replace(path)


def fingerprint(run: Run, case: Case, data: bytes, reason) -> str:
    """Of all that a result depends on."""
    submitted = case.student.submitted if case.student else None
    parts = [run.assignment.digest, run.seed, run.policy, run.limits, submitted, case.name,
             bool(case.submission and case.submission.late), reason, run.sandbox.name]
    head = hashlib.sha256(repr(parts).encode("utf-8", "replace"))
    head.update(data)
    return head.hexdigest()[:32]
