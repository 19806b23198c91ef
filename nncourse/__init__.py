"""nncourse: what belongs to this course alone and stands beside the library.

``figures`` draws with the course's look, ``experiments`` holds the longer experiments of the
chapters, ``widgets`` the interactives and the quiz.  It imports `nnlib`; `nnlib` never imports
it, and a test sees to that.
"""
