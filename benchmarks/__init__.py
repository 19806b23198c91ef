"""Benchmarks: nnlib's speed as ratios against its peers, measured in one run.

``python -m benchmarks`` (or ``make bench``) measures and writes ``results.json``, a table and a
plot; ``tasks`` says what is compared, ``measure`` how, ``report`` how it is told.
"""
