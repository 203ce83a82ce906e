"""Where things lie: the program's own files, and the user's data. Nothing else asks the system for that."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import platformdirs

DATA_VARIABLE = "MELASCREEN_DATA"
"""An environment variable that names another folder for the user's data."""


def resources() -> Path:
    """The folder with the model and the icons: beside `app/`, or inside a frozen program."""
    frozen = getattr(sys, "_MEIPASS", None)  # PyInstaller's
    root = Path(frozen) if frozen else Path(__file__).resolve().parents[2]
    return root / "resources"


def bundled_model() -> Path:
    """The model that came with the program."""
    return resources() / "model"


@dataclass(frozen=True)
class UserData:
    """The files of a user, in one folder that may not exist yet."""

    folder: Path

    @property
    def history(self) -> Path:
        return self.folder / "history.sqlite3"

    @property
    def images(self) -> Path:
        """Copies of images, where the user wants them kept."""
        return self.folder / "images"

    @property
    def settings(self) -> Path:
        return self.folder / "settings.json"

    @property
    def log(self) -> Path:
        return self.folder / "melascreen.log"


def user_data() -> UserData:
    """The user's own files, where the system keeps such, or where `DATA_VARIABLE` says."""
    named = os.environ.get(DATA_VARIABLE)
    return UserData(Path(named) if named else Path(platformdirs.user_data_dir("MelaScreen", appauthor=False)))
