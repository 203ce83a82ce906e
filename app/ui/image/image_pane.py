"""The image of an item, loaded off the GUI thread; only the content that the result is about is shown."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.core.domain.errors import MelaScreenError
from app.core.history.image_store import ImageStore
from app.ui.image.image_view import ImageView, to_qimage
from app.ui.look.style import label
from app.ui.look.tokens import EDGE, GRID
from app.ui.services.item import Item, Preview, load_preview, shows_result_of
from app.ui.services.wording import warning_text
from app.ui.services.workers import Job, Priority, Workers

PREVIEW_SIDE = 1600
"""Pixels that a JPEG's shorter side keeps at least in the window: enough to zoom in on structures."""


class ImagePane(QWidget):
    """Shows the current item's image, with a notice below where only a thumbnail is left."""

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
        column.setSpacing(0)
        self.notice.setContentsMargins(EDGE, GRID, EDGE, GRID)
        column.addWidget(self.view, stretch=1)
        column.addWidget(self.notice)

    def show_item(self, item: Item | None) -> None:
        """Show an item's image as soon as it is loaded; the one before is removed at once."""
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
        """Load the image again where the file changed after it was shown: it must be the content that was judged."""
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
        self.view.show_image(to_qimage(preview.image.rgb))
        self.check()

    def _on_no_preview(self, item: Item, error: MelaScreenError) -> None:
        """Show the history's thumbnail with the reason, or, without one, the reason alone."""
        if item.screening is not None and item.screening.thumbnail:
            self.view.show_image(QImage.fromData(item.screening.thumbnail))
            text = self.tr("This is the thumbnail of the picture that was assessed. {0}").format(error)
            self.notice.setText(warning_text(text))
            self.notice.show()
        else:
            self.view.set_hint(str(error))
