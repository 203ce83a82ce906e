"""Pages as PDF, with vector text in embedded fonts, or as images for the screen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QBuffer, QMarginsF
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter, QPdfWriter

from app.ui.look.tokens import PAPER
from app.ui.paper.page import HEIGHT, WIDTH, Page, writable

RESOLUTION = 1200
"""Dots in an inch: fine enough for places that are rounded to them."""


def as_pdf(pages: Sequence[Page], *, title: str) -> bytes:
    """Pages as the bytes of a PDF."""
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(RESOLUTION)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0), QPageLayout.Unit.Millimeter)
    writer.setTitle(writable(title))
    writer.setCreator("MelaScreen")
    painter = QPainter(writer)
    for number, page in enumerate(pages):
        if number:
            writer.newPage()
        _draw(painter, page, RESOLUTION / 96)
    painter.end()
    return bytes(buffer.data().data())


def as_image(page: Page, *, scale: float = 1.0) -> QImage:
    """A page as an image with `scale` pixels for each of its own."""
    image = QImage(round(WIDTH * scale), round(HEIGHT * scale), QImage.Format.Format_RGB32)
    image.fill(PAPER)
    painter = QPainter(image)
    _draw(painter, page, scale)
    painter.end()
    return image


def _draw(painter: QPainter, page: Page, scale: float) -> None:
    painter.save()
    painter.scale(scale, scale)
    page(painter)
    painter.restore()
