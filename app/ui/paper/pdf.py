"""Pages as PDF, with vector text in embedded fonts, or as images for the screen."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from PySide6.QtCore import QBuffer, QMarginsF, QUuid
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter, QPdfWriter

from app.ui.look.tokens import PAPER
from app.ui.paper.page import HEIGHT, WIDTH, Page, writable

RESOLUTION = 1200
"""Dots in an inch: fine enough for places that are rounded to them."""


_DATES = re.compile(rb"(?<=Date \(D:)\d{14}Z")
_XMP_DATES = re.compile(rb'(?<=Date=")[-0-9]{10}T[:0-9]{8}\+00:00')


def as_pdf(pages: Sequence[Page], *, title: str, made_at: dt.datetime | None = None) -> bytes:
    """Pages as the bytes of a PDF. With `made_at`, the moment in UTC that it states, the same pages are always the same
    bytes."""
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(RESOLUTION)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0), QPageLayout.Unit.Millimeter)
    writer.setTitle(writable(title))
    writer.setCreator("MelaScreen")
    if made_at is not None:
        writer.setDocumentId(QUuid.createUuidV5(QUuid(), f"{title} {made_at.isoformat()}".encode()))
    painter = QPainter(writer)
    for number, page in enumerate(pages):
        if number:
            writer.newPage()
        _draw(painter, page, RESOLUTION / 96)
    painter.end()
    content = bytes(buffer.data().data())
    if made_at is not None:  # Qt writes the present moment; texts of the same length leave the table of places as it is
        content = _DATES.sub(f"{made_at:%Y%m%d%H%M%S}Z".encode(), content)
        content = _XMP_DATES.sub(f"{made_at:%Y-%m-%dT%H:%M:%S}+00:00".encode(), content)
    return content


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
