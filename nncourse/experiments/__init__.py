"""Experiments that are too long for a cell: one module for each chapter that has some."""
