"""The report of a case for other programs: as PDF, and its first page as a picture."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from app.core.domain import times
from app.core.exchange.case import Case, Rendered
from app.core.model.card import Card
from app.core.screening.service import ScreeningService
from app.ui.look.tokens import LIGHT, PRINT, font_of
from app.ui.paper.page import HEIGHT, WIDTH, Page
from app.ui.paper.pdf import as_image, as_pdf
from app.ui.report.image_pages import image_pages
from app.ui.report.items import ReportItem, explained

CAPTURE_SCALE = 1.5
"""Pixels of a captured page for each of its own: 144 in an inch."""
BANNER = 28.0
"""Height of the warning across a captured page, in the page's pixels."""


def draw(case: Case, *, service: ScreeningService, card: Card | None, clinic: str) -> Rendered:
    """The report of a case, on a worker thread. It states the moment of the answer, not this one, so that drawn again
    it is the same. Raises `ImageError`."""
    screening = case.screening
    item = ReportItem(screening, case.record, screening.thumbnail, mark=case.mark)
    item, image = explained(item, case.content, case.annotation, service=service, card=card)
    made_at = screening.screened_at
    pages = image_pages(item, image, clinic=clinic, card=card, now=times.local(made_at))
    return Rendered(as_pdf(pages, title=case.name, made_at=made_at), _captured(pages[0]))


def _captured(page: Page) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """A page as pixels, (height, width, 3), with the words across it that it is no diagnosis."""

    def with_banner(painter: QPainter) -> None:
        page(painter)
        band = QRectF(0, HEIGHT - BANNER, WIDTH, BANNER)
        painter.fillRect(band, LIGHT.text)
        painter.setPen(LIGHT.surface)
        painter.setFont(font_of(PRINT, 600))
        words = QCoreApplication.translate("export", "Not for diagnosis: computed by MelaScreen to support a decision")
        painter.drawText(band, Qt.AlignmentFlag.AlignCenter, words)

    image = as_image(with_banner, scale=CAPTURE_SCALE).convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()
