"""The picture of an item, loaded off the GUI thread; it never shows one that is not the item's."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.core.domain.errors import MelaScreenError
from app.core.history.image_store import ImageStore
from app.ui.image.image_view import ImageView, to_qimage
from app.ui.services.item import Item, Preview, load_preview, shows_result_of
from app.ui.services.workers import Job, Priority, Workers
from app.ui.widgets.style import label

PREVIEW_SIDE = 1600
"""Pixels that a JPEG's shorter side keeps at least in the window: enough to zoom in on structures."""


class ImagePane(QWidget):
    """Shows what `show_item` was last called with, and a notice below where it is only a thumbnail."""

    def __init__(self, hint: str, workers: Workers, images: ImageStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workers = workers
        self._images = images
        self._item: Item | None = None
        self._loading: Job | None = None
        self._shown_sha256: str | None = None
        self._hint = hint
        self.view = ImageView(hint)
        self.notice = label()
        self.notice.hide()
        self.setFocusProxy(self.view)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view, stretch=1)
        column.addWidget(self.notice)

    def show_item(self, item: Item | None) -> None:
        """Show an item's picture as soon as it is there; the one before is gone at once."""
        if self._loading is not None:
            self._loading.cancel()
        self._item = item
        self._shown_sha256 = None
        self.view.show_image(None)
        self.view.set_hint("" if item is not None else self._hint)
        self.notice.hide()
        if item is not None:
            self._load(item)

    def check(self) -> None:
        """A file that changed between the picture and the answer: what is shown must be what was judged."""
        if self._item is not None and self._shown_sha256 and not shows_result_of(self._item, self._shown_sha256):
            self.view.show_image(None)
            self._load(self._item)

    def _load(self, item: Item) -> None:
        self._shown_sha256 = None
        self._loading = self._workers.run(
            partial(load_preview, item, self._images, at_least=PREVIEW_SIDE),
            on_result=self._on_preview,
            on_error=partial(self._on_no_preview, item),
            priority=Priority.HIGH,
        )

    def _on_preview(self, preview: Preview) -> None:
        self._shown_sha256 = preview.sha256
        self.view.show_image(to_qimage(preview.picture.rgb))
        self.check()

    def _on_no_preview(self, item: Item, error: MelaScreenError) -> None:
        """No picture: what there is of it in the history, and the reason where the answer does not say it."""
        if item.screening is not None and item.screening.thumbnail:
            self.view.show_image(QImage.fromData(item.screening.thumbnail))
            self.notice.setText(self.tr("⚠ This is the thumbnail of the picture that was judged. {0}").format(error))
            self.notice.show()
        else:
            self.view.set_hint(str(error))
