"""The settings in use: read from their file at the start, saved at each change."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QObject, Signal

from app.core.domain.prevalence import IN_SCREENING, Shares
from app.core.screening.options import ScreeningOptions
from app.core.system.settings import load_settings, save_settings


class SettingsStore(QObject):
    """The one owner of the settings; whoever needs them reads `current`. Belongs to the GUI thread."""

    changed = Signal(frozenset)
    """The names of the fields that have another value now."""

    def __init__(self, file: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._file = file
        self.current = load_settings(file)
        """Frozen: a job on another thread may keep it."""

    def screening_options(self) -> ScreeningOptions:
        """For an image by itself."""
        return ScreeningOptions(keep_images=self.current.keep_images, consistency=self.current.consistency)

    def batch_options(self) -> ScreeningOptions:
        """For the images of a folder."""
        return ScreeningOptions(keep_images=self.current.keep_images, consistency=self.current.batch_augmentation)

    def clinic_shares(self) -> Shares:
        """What the clinic's lesions are, as far as it is set."""
        melanoma, other = self.current.melanoma_share / 100, self.current.other_cancer_share / 100
        return Shares(melanoma or IN_SCREENING, other or None, assumed=not melanoma)

    def update(self, **fields: Any) -> None:
        """Give fields of `Settings` other values and save them. A file that can't be written is no error."""
        before = self.current
        self.current = msgspec.structs.replace(before, **fields)
        names = frozenset(name for name in fields if getattr(before, name) != getattr(self.current, name))
        if names:
            with contextlib.suppress(OSError):  # the settings hold until the program ends
                save_settings(self.current, self._file)
            self.changed.emit(names)
