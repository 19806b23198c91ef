"""Checks for the assignments' notebooks: needs NumPy alone, and contains no solution.

    import nncheck
    check = nncheck.load("relu")

    check("relu")      # one task: what is right, what is wrong, and why
    check()            # the whole sheet

In a terminal, ``python -m nncheck validate relu.ipynb`` runs what the grader will run.
"""

__all__ = ["load", "validate"]


def load(assignment: str):
    """The checks of an assignment, as a function to call in its notebook."""
    from nncheck.notebook import Checker

    return Checker(assignment)


def validate(path: str) -> None:
    """Say what of a saved notebook would be graded, and how its public checks come out."""
    from nncheck.validation import main

    main(path)
