"""Copies of the images that were judged, in the user's data folder, where the user wants them kept."""

from __future__ import annotations

from pathlib import Path

from app.core.files import write_whole
from app.core.types import HistoryError


class KeptImages:
    """Files named by their content's SHA-256, so that the same content is kept once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, sha256: str, content: bytes) -> None:
        """Keep a copy. Raises `HistoryError`."""
        file = self._file(sha256)
        try:
            if not file.exists():
                write_whole(file, content)
        except OSError as error:
            raise HistoryError(f"The picture can't be kept in {self.folder}: {error.strerror}.") from error

    def content(self, sha256: str) -> bytes | None:
        """The copy's content; `None` where none was kept, or where it can't be read."""
        try:
            return self._file(sha256).read_bytes()
        except OSError:
            return None

    def forget(self, sha256: str) -> None:
        """Delete a copy, if there is one. Raises `HistoryError`."""
        try:
            self._file(sha256).unlink(missing_ok=True)
        except OSError as error:
            raise HistoryError(f"A picture kept in {self.folder} can't be deleted: {error.strerror}.") from error

    def _file(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256
