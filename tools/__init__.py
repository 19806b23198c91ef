"""Chores around the course: build, serve, refresh. No part of `nnlib`."""
