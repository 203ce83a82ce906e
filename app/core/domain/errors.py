"""Errors with a text for the user."""

from __future__ import annotations

from enum import StrEnum


class MelaScreenError(Exception):
    """Base of all errors that are shown to the user; its text says what is wrong."""


class ImageProblem(StrEnum):
    """Kinds of reasons why a file can't be decoded."""

    NOT_FOUND = "not found"
    NOT_A_FILE = "not a file"
    NOT_READABLE = "not readable"
    EMPTY = "empty"
    NOT_AN_IMAGE = "not an image"
    DAMAGED = "damaged"
    UNSUPPORTED = "unsupported"
    TOO_SMALL = "too small"
    TOO_LARGE = "too large"
    SEVERAL_FRAMES = "several frames"


class ImageError(MelaScreenError):
    """A file that can't be read or decoded. `problem` is the kind, `str(error)` the reason."""

    def __init__(self, problem: ImageProblem, reason: str) -> None:
        super().__init__(reason)
        self.problem = problem


class BundleError(MelaScreenError):
    """A model bundle that is missing, damaged or not understood."""


class HistoryError(MelaScreenError):
    """The history can't be opened, read or written."""
