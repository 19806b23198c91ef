"""``python -m nncheck validate relu.ipynb``: what will be graded, and how it looks now."""

import argparse
import sys

from nncheck.validation import main

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m nncheck", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    validate = commands.add_parser("validate", help="run what the grader will run")
    validate.add_argument("notebook", help="your notebook, saved")
    validate.add_argument("--assignment", help="its assignment, if it does not say so itself")
    options = parser.parse_args()
    sys.exit(main(options.notebook, options.assignment))
