"""Folders and files of the program and of the user."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import platformdirs

from app.core.domain.messages import Message

DATA_VARIABLE = "MELASCREEN_DATA"
"""An environment variable that names another folder for the user's data."""
PORTABLE_MARKER = "portable.txt"
"""A file beside the program, of any content: the user's data lie beside it too (a USB stick)."""
PORTABLE_FOLDER = "MelaScreen data"


def resources() -> Path:
    """The folder with the model and the icons: beside `app/`, or inside a frozen program."""
    frozen = getattr(sys, "_MEIPASS", None)  # PyInstaller's
    root = Path(frozen) if frozen else _checkout()
    return root / "resources"


def bundled_model() -> Path:
    """The model that came with the program."""
    return resources() / "model"


def beside_program() -> Path:
    """Folder that holds the program as the user sees it: the executable's, or the checkout's root.

    Of a macOS application it is the folder that `MelaScreen.app` lies in, of an AppImage the one of its single file.
    """
    if not getattr(sys, "frozen", False):
        return _checkout()
    program = Path(os.path.realpath(sys.executable))
    mounted, image = os.environ.get("APPDIR"), os.environ.get("APPIMAGE")
    if mounted and image and Path(os.path.realpath(mounted)) in program.parents:  # else they are another AppImage's
        return Path(image).parent
    for parent in program.parents:
        if parent.suffix == ".app" and parent / "Contents" / "MacOS" in program.parents:
            return parent.parent
    return program.parent


@dataclass(frozen=True)
class UserData:
    """The files of a user, in one folder that may not exist yet. `portable`: it lies beside the program."""

    folder: Path
    portable: bool = False

    @property
    def history(self) -> Path:
        return self.folder / "history.sqlite3"

    @property
    def images(self) -> Path:
        """Copies of images, where the user wants them kept."""
        return self.folder / "images"

    @property
    def models(self) -> Path:
        """The models that the user installed, a folder each."""
        return self.folder / "models"

    @property
    def export_key(self) -> Path:
        """The secret that pseudonyms and identifiers in exports are made with."""
        return self.folder / "export.key"

    @property
    def settings(self) -> Path:
        return self.folder / "settings.json"

    @property
    def log(self) -> Path:
        return self.folder / "melascreen.log"

    @property
    def window(self) -> Path:
        """Where the window that is open says how other starts of the program reach it."""
        return self.folder / "window.txt"

    def problem(self) -> str:
        """Why the folder can't be created or written to; empty where it can. Leaves no file."""
        there = self.folder
        while not os.path.lexists(there) and there != there.parent:
            there = there.parent
        try:
            with tempfile.TemporaryFile(dir=there):
                pass
        except OSError as error:
            cause = error.strerror or error
            if self.portable:
                return Message(
                    "data-folder-not-writable-portable", folder=self.folder, cause=cause, marker=PORTABLE_MARKER
                )
            return Message("data-folder-not-writable", folder=self.folder, cause=cause)
        return ""


def user_data() -> UserData:
    """The user's own files: where `DATA_VARIABLE` says, else beside a portable program, else where the system keeps
    such."""
    named = os.environ.get(DATA_VARIABLE)
    if named:
        return UserData(Path(named))
    beside = beside_program()
    if os.path.isfile(beside / PORTABLE_MARKER):
        return UserData(beside / PORTABLE_FOLDER, portable=True)
    return UserData(Path(platformdirs.user_data_dir("MelaScreen", appauthor=False)))


@cache
def _checkout() -> Path:
    return Path(__file__).resolve().parents[3]
