"""Whose picture a report is on, where it is from, what the reader decided, and the line to sign on."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QPainter

from app.ui.look.tokens import INK, LIGHT
from app.ui.paper.flow import Block
from app.ui.paper.page import COLUMN, LEFT, SECOND, Style, Text, baseline, draw_hairline, draw_mark
from app.ui.report.items import ReportItem

translate = QCoreApplication.translate
SIGNATURE = 36 + 4 + Style.CAPTION.line + 14
"""Room to sign, the line, its name, and the distance to the foot."""


def patient_blocks(item: ReportItem) -> list[Block]:
    """Patient, site, and the reader's decision, as far as they are noted."""
    record = item.record
    patient = Text(record.patient, Style.TITLE, COLUMN) if record.patient else None
    site = Text(record.site, Style.STRONG, COLUMN) if record.site else None
    height = (site.height + 2 if site else 0.0) + (24.0 if item.mark else 0.0)
    height = max(height, patient.height if patient else 0.0)
    if not height:
        return []

    def draw(painter: QPainter, y: float) -> None:
        if patient is not None:
            patient.draw(painter, LEFT, y)
        x = SECOND if patient is not None else LEFT
        if site is not None:
            beside = baseline(Style.TITLE) - baseline(Style.STRONG) if patient is not None else 0.0
            site.draw(painter, x, y + beside)
            y += site.height + beside
        if item.mark is not None:
            decision = Text(translate("report", "Reader's decision"), colour=LIGHT.text2)
            decision.draw(painter, x, y + 2)
            draw_mark(painter, item.mark, x + decision.width + 8, y + 2)

    return [Block(height, draw)]


def signature_block() -> Block:
    """The line for date and signature, at the foot of a page."""
    return Block(SIGNATURE, _draw_signature, 8.0)


def _draw_signature(painter: QPainter, y: float) -> None:
    draw_hairline(painter, y + 36, colour=INK, width=COLUMN)
    Text(translate("report", "Date, signature"), Style.CAPTION, colour=LIGHT.text2).draw(painter, LEFT, y + 40)
