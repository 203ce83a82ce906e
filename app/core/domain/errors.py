"""Errors with a message for the user."""

from __future__ import annotations

from enum import StrEnum

from app.core.domain.messages import PLAIN, Message


class MelaScreenError(Exception):
    """An error for the user: `message` says what is wrong, with a code; `str(error)` is its English text.

    A text without a code gets the code `PLAIN`: the window's own sentences, which are in its language already.
    """

    def __init__(self, message: Message | str) -> None:
        self.message = message if isinstance(message, Message) else Message(PLAIN, text=message)
        super().__init__(self.message)


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
    """A file that can't be read or decoded. `problem` is the kind, `message` the reason."""

    def __init__(self, problem: ImageProblem, message: Message | str) -> None:
        super().__init__(message)
        self.problem = problem

    def __reduce__(self) -> tuple[type[ImageError], tuple[ImageProblem, Message]]:
        """For other processes."""
        return type(self), (self.problem, self.message)


class ScaleError(MelaScreenError, ValueError):
    """A scale or a line by which no image of a lesion can be measured."""


class BundleError(MelaScreenError):
    """A model bundle that is missing, damaged or not understood."""


class HistoryError(MelaScreenError):
    """The history can't be opened, read or written."""
