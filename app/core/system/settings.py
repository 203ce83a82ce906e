"""The user's settings: a typed table with defaults, kept as JSON in the user's data folder."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from app.core.system.files import write_atomically
from app.core.system.log import Event

_log = logging.getLogger(__name__)

_NAMES_IN_THE_FILE = {
    "consistency": "stability",
    "batch_augmentation": "batch_stability",
    "melanoma_share": "clinic_melanoma_share",
}
"""Fields that the file calls otherwise. Files of earlier versions have a `melanoma_share` that nobody may have set."""


class Settings(Struct, frozen=True, rename=_NAMES_IN_THE_FILE):
    """The settings. A field missing in the file has its default.

    `window_geometry` and `batch_columns` are Qt's own, as base64. `scheme` is the window's colours, `touch`: it is
    larger, for fingers. `open_sections` are the parts of a result that are open. `heat_map`: it is shown as soon as
    an image is. `after_mark` is where a folder goes after a decision; `as_grid` and `grid_side` (pixels) are how it
    is shown. In `last_folder` the next dialog to open something begins. `clinic` heads reports. `subfolders`:
    folders are looked into as deep as they go. `keep_images`: the images that get a result are copied into the
    user's data folder; else they are only named. New pictures in `watched_folders` (paths) are assessed by themselves;
    `note_arriving`: their results are noted under the patient who is open when they arrive. `consistency`: turned and
    cropped copies of a single image are looked at too; `batch_augmentation`: of those in folders as well. Backups go to
    `backup_folder` (empty: none) daily at `backup_time` (HH:MM), and the last `backups_kept` stay. `model` is the
    folder's name of the installed model that is chosen (empty: the one that came with the program). `melanoma_share`
    and `other_cancer_share` are the clinic's shares of lesions, in percent; 0: not set.
    `welcomed`: what the program is was shown.
    """

    window_geometry: str = ""
    batch_columns: str = ""
    scheme: Literal["system", "light", "dark"] = "system"
    touch: bool = False
    open_sections: tuple[str, ...] = ()
    heat_map: bool = False
    after_mark: Literal["stay", "next", "next-undecided"] = "next-undecided"
    as_grid: bool = False
    grid_side: Annotated[int, Meta(ge=120, le=320)] = 142
    last_folder: str = ""
    clinic: str = ""
    subfolders: bool = True
    keep_images: bool = False
    watched_folders: tuple[str, ...] = ()
    note_arriving: bool = False
    consistency: bool = True
    batch_augmentation: bool = False
    backup_folder: str = ""
    backup_time: Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] = "18:00"
    backups_kept: Annotated[int, Meta(ge=1, le=999)] = 14
    model: str = ""
    melanoma_share: Annotated[float, Meta(ge=0.0, le=50.0)] = 0.0
    other_cancer_share: Annotated[float, Meta(ge=0.0, le=49.0)] = 0.0
    welcomed: bool = False


def load_settings(file: Path) -> Settings:
    """Read the settings; defaults without a readable file.

    A value that does not fit is replaced by its default, and the others stay; the file is then kept as `FILE.bad`.
    """
    try:
        content = file.read_bytes()
    except OSError:
        return Settings()
    try:
        return msgspec.json.decode(content, type=Settings)
    except (UnicodeDecodeError, msgspec.DecodeError):
        _log.warning(Event.SETTINGS_REPLACED)
        with contextlib.suppress(OSError):
            write_atomically(file.with_name(f"{file.name}.bad"), content)
    try:
        values = msgspec.json.decode(content, type=dict[str, Any])
    except (UnicodeDecodeError, msgspec.DecodeError):
        return Settings()
    return msgspec.convert({name: value for name, value in values.items() if _fits(name, value)}, Settings)


def _fits(name: str, value: object) -> bool:
    try:
        msgspec.convert({name: value}, Settings)
    except msgspec.ValidationError:
        return False
    return True


def save_settings(settings: Settings, file: Path) -> None:
    """Write the settings atomically. Raises `OSError`."""
    write_atomically(file, msgspec.json.format(msgspec.json.encode(settings)))
