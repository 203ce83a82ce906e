"""The user's settings: a typed table with defaults, kept as JSON in the user's data folder."""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct

from app.core.files import write_whole


class Settings(Struct, frozen=True):
    """What the program remembers. A field that the file does not have keeps its default.

    `window_geometry` and `splitter_state` are Qt's own, as base64.
    """

    window_geometry: str = ""
    splitter_state: str = ""


def load_settings(file: Path) -> Settings:
    """Read the settings; the defaults where there is no file or none that can be understood."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Settings)
    except (OSError, UnicodeDecodeError, msgspec.DecodeError):
        return Settings()


def save_settings(settings: Settings, file: Path) -> None:
    """Write the settings, whole or not at all. Raises `OSError`."""
    write_whole(file, msgspec.json.format(msgspec.json.encode(settings)))
