"""Copies of screened images in the user's data folder, if the user wants them kept."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from app.core.domain.errors import HistoryError
from app.core.domain.messages import Message
from app.core.domain.results import Screening
from app.core.system.files import write_atomically


class ImageStore:
    """Image files named by their content's SHA-256, each content once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, sha256: str, content: bytes) -> None:
        """Keep a copy. Raises `HistoryError`."""
        file = self._file(sha256)
        try:
            if not file.exists():
                write_atomically(file, content)
        except OSError as error:
            raise HistoryError(Message("picture-not-kept", folder=self.folder, cause=error.strerror)) from error

    def add_judged(self, screening: Screening, content: bytes) -> None:
        """Keep a copy of the image that a result was computed from. Raises `HistoryError`.

        What has no result is not kept: no entry would ever let the copy go.
        """
        if screening.prediction is not None and screening.sha256 is not None:
            self.add(screening.sha256, content)

    def content(self, sha256: str) -> bytes | None:
        """The copy's content; `None` where none was kept, or where it can't be read."""
        try:
            return self._file(sha256).read_bytes()
        except OSError:
            return None

    def remove(self, contents: Iterable[str]) -> None:
        """Delete copies, where there are some: all that can be. Raises `HistoryError` for the others."""
        failed: list[OSError] = []
        for sha256 in contents:
            try:
                self._file(sha256).unlink(missing_ok=True)
            except OSError as error:
                failed.append(error)
        if failed:
            count, cause = len(failed), failed[0].strerror
            raise HistoryError(
                Message("pictures-not-deleted", count=count, folder=self.folder, cause=cause)
            ) from failed[0]

    def _file(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256
