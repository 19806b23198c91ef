"""Ask Lighthouse about the built pages, and print a table: `make lighthouse`.

    python -m tools.lighthouse [PAGES]      default: the start page and three chapters

The pages are served as GitHub Pages serves them (compressed).  Lighthouse comes from npm, into
`_build/lighthouse`, and drives the Chromium of this machine; where one of them is missing, that
is said and nothing is measured.  Bytes and layout shift are the page's own; the mark for speed
falls when the machine is busy with something else, so the load is printed, too.

The command fails where a page misses what `WANTED` says.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.chromium import find_browser
from tools.serve import served

REPOSITORY = Path(__file__).resolve().parent.parent
SITE = REPOSITORY / "_build" / "html"
PROGRAM = REPOSITORY / "_build" / "lighthouse"
VERSION = "12.8.2"
PAGES = ("index", "03_gates", "10_regularization", "11_hyperparameters")
FLAGS = "--headless=new --no-sandbox --disable-gpu"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
WANTED = {"mobile": (90, 95, 95, 95), "desktop": (95, 95, 95, 95)}
MOST_SHIFT = 0.02


def missing() -> str | None:
    """Say what this machine lacks, or return None."""
    if find_browser() is None:
        return "no Chromium or Chrome"
    if not shutil.which("npm"):
        return "no npm"
    return None


def install() -> Path:
    """Return Lighthouse's program, fetched if it is not there yet."""
    program = PROGRAM / "node_modules" / ".bin" / "lighthouse"
    if not program.exists():
        print("Installing Lighthouse into _build/lighthouse (once) ...", flush=True)
        options = ["--no-audit", "--no-fund", "--no-package-lock", "--prefix", str(PROGRAM)]
        command = ["npm", "install", "--silent", *options, f"lighthouse@{VERSION}"]
        subprocess.run(command, check=True)
    return program


def ask(program: Path, address: str, screen: str) -> dict:
    """Return Lighthouse's report on one page."""
    command = [str(program), address, "--output=json", "--quiet", f"--chrome-flags={FLAGS}"]
    if screen == "desktop":
        command.append("--preset=desktop")
    environment = {**os.environ, "CHROME_PATH": find_browser()}
    answer = subprocess.run(command, capture_output=True, text=True, env=environment)
    if answer.returncode:
        raise RuntimeError(f"Lighthouse failed on {address}:\n{answer.stderr[-2000:]}")
    return json.loads(answer.stdout)


def row(report: dict) -> dict:
    """Return the marks (0 to 100) and the measures that the table shows."""
    audits = report["audits"]
    marks = [round(100 * (report["categories"][name]["score"] or 0)) for name in CATEGORIES]
    return {
        "marks": marks,
        "kB": audits["total-byte-weight"]["numericValue"] / 1000,
        "shift": audits["cumulative-layout-shift"]["numericValue"],
        "paint": audits["largest-contentful-paint"]["numericValue"] / 1000,
        "blocked": audits["total-blocking-time"]["numericValue"],
        "failed": [
            name
            for name, audit in audits.items()
            if audit.get("score") == 0 and audit["scoreDisplayMode"] == "binary"
        ],
    }


def shortfalls(screen: str, result: dict) -> list[str]:
    """Tell where a page misses what is wanted of it."""
    found = [
        f"{name} {mark} < {wanted}"
        for name, mark, wanted in zip(CATEGORIES, result["marks"], WANTED[screen])
        if mark < wanted
    ]
    if result["shift"] >= MOST_SHIFT:
        found.append(f"layout shift {result['shift']:.3f}")
    return found


def main(pages: list[str]) -> int:
    lacking = missing()
    if lacking:
        print(f"Lighthouse is skipped: {lacking} on this machine.")
        return 0
    program = install()
    faults = []
    with served(SITE) as site:
        print("| page | screen | performance | accessibility | best practices | SEO | kB | shift "
              "| largest paint, s | blocked, ms | load |")  # fmt: skip
        print("|" + " --- |" * 11, flush=True)
        for page in pages or PAGES:
            for screen in WANTED:
                load = os.getloadavg()[0]
                result = row(ask(program, f"{site}/chapters/{page}.html", screen))
                print(f"| {page} | {screen} | {' | '.join(map(str, result['marks']))} | "
                      f"{result['kB']:.0f} | {result['shift']:.3f} | {result['paint']:.1f} | "
                      f"{result['blocked']:.0f} | {load:.1f} |", flush=True)  # fmt: skip
                short = shortfalls(screen, result)
                if short:
                    why = f" ({', '.join(result['failed'])})" if result["failed"] else ""
                    faults.append(f"{page}, {screen}: {'; '.join(short)}{why}")
    if faults:
        print("Below what is wanted:", *faults, sep="\n  ")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
