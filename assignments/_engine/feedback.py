"""Reports packed as the learning platforms want them back."""

import zipfile
from pathlib import Path

from assignments._engine.run import Case, Run


def pack(run: Run, cases: list[Case], lms: str) -> Path:
    """One zip of reports.

    Moodle takes *Upload multiple feedback files in a zip*, with the folders of its own download;
    Canvas takes the files of its own download back under *Upload Submissions*.
    """
    path = run.out / f"feedback_{lms}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for case in cases:
            report = run.out / "reports" / f"{case.file}.html"
            if case.submission is None or not report.exists():
                continue
            archive.write(report, member(case, lms))
    return path


def member(case: Case, lms: str) -> str:
    """The name of one report in the zip."""
    label = case.submission.folder or case.file
    label = label.replace("/", "_").replace("\\", "_")
    if lms == "moodle":
        head, mark, _ = label.partition("_assignsubmission_file_")
        return f"{head}_assignsubmission_file_/feedback.html" if mark else (
            f"{label}/feedback.html")
    if lms == "canvas":
        return f"{label.rsplit('.', 1)[0]}.html"
    return f"{case.file}.html"
