"""What is dropped on the window, pasted, or chosen in a dialog: images, folders, ZIPs of images or of a model."""

from __future__ import annotations

import datetime as dt
import os.path
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, QObject, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from app.core.history.entries import storable
from app.core.imaging import archive
from app.core.imaging.archive import is_archive
from app.core.imaging.find import SUFFIXES
from app.core.model.library import holds_bundle
from app.ui.folder.batch_session import BatchSession
from app.ui.screen.session import OpenedImagesModel
from app.ui.services.notices import Notices
from app.ui.services.settings_store import SettingsStore
from app.ui.services.workers import Workers
from app.ui.settings.model_switch import ModelPresenter

SUFFIXES_TAKEN = SUFFIXES | {archive.SUFFIX}
"""Of the files that may be dropped."""
MANY = 24
"""More files than this at once are a batch: a filmstrip is for a few."""
NAMED = 3
"""Files that a notice names."""


class Opening(QObject):
    """Hands what is opened to the session, the batch session or the models."""

    batch_opened = Signal()
    """A batch is about to begin."""

    def __init__(
        self,
        session: OpenedImagesModel,
        batch_session: BatchSession,
        models: ModelPresenter,
        settings: SettingsStore,
        workers: Workers,
        notices: Notices,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._session = session
        self._batch_session = batch_session
        self._models = models
        self._settings = settings
        self._workers = workers
        self._notices = notices
        self._window = window

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open images, one by one or, where there are folders, ZIPs or many, as a batch; install ZIPs with a model."""
        bundles = [path for path in paths if holds_bundle(path)]
        for bundle in bundles:
            self._models.install(bundle)
        paths = [path for path in paths if path not in bundles]
        if not paths:
            return
        if len(paths) > MANY or any(os.path.isdir(path) or is_archive(path) for path in paths):
            self.batch_opened.emit()
            self._batch_session.open_paths(paths, subfolders=self._settings.current.subfolders)
        else:
            self._session.open_files(paths)

    def open_dropped(self, mime: QMimeData) -> None:
        """Open what was dropped, and say what of it can't be opened."""
        self.tell_refused(mime)
        self.open_paths(openable(mime))

    def tell_refused(self, mime: QMimeData) -> None:
        """Say which of the files that are dragged or dropped can't be opened."""
        taken = openable(mime)
        refused = [path.name for path in _local_files(mime) if path not in taken]
        if refused:
            names = ", ".join(refused[:NAMED]) + (" …" if len(refused) > NAMED else "")
            text = self.tr(
                "Can't be opened: {0}. Drop pictures (JPEG, PNG, TIFF, BMP, WebP, HEIC, DICOM), folders or ZIPs."
            )
            self._notices.warn(text.format(names))

    def ask_for_files(self) -> None:
        endings = " ".join(f"*{suffix}" for suffix in sorted(SUFFIXES))
        filters = ";;".join((self.tr("Pictures ({0})").format(endings), self.tr("All files (*)")))
        folder = self._settings.current.last_folder
        files, _ = QFileDialog.getOpenFileNames(self._window, self.tr("Open pictures"), folder, filters)
        self._open_chosen([Path(file) for file in files])

    def ask_for_folder(self) -> None:
        title, last = self.tr("Open a folder of pictures"), self._settings.current.last_folder
        folder = QFileDialog.getExistingDirectory(self._window, title, last)
        self._open_chosen([Path(folder)] if folder else [])

    def paste(self) -> None:
        """Open what is on the clipboard: copied files, or an image."""
        mime = QGuiApplication.clipboard().mimeData()
        files = openable(mime)
        if files:
            self.open_paths(files)
        elif mime.hasImage():
            image = QImage(mime.imageData())
            name = self.tr("Pasted {0}.png").format(f"{dt.datetime.now():%Y-%m-%d %H.%M.%S}")
            open_content = self._session.open_content
            self._workers.run(partial(_as_png, image), on_result=lambda content: open_content(content, name))
        else:
            self._notices.warn(self.tr("Nothing to paste: there is no picture and no picture file on the clipboard."))

    def _open_chosen(self, paths: list[Path]) -> None:
        """Open what was chosen; the next dialog begins beside it."""
        if paths:
            self._settings.update(last_folder=storable(paths[0].parent))
        self.open_paths(paths)


def openable(mime: QMimeData) -> list[Path]:
    """Local folders, ZIPs, and files that may be images by their ending or have none."""
    paths = _local_files(mime)
    return [path for path in paths if os.path.isdir(path) or path.suffix.lower() in SUFFIXES_TAKEN or not path.suffix]


def _local_files(mime: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]


def _as_png(image: QImage) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(data.data())
