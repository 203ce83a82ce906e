"""The report on one image: a page, or more where a long note or many measures need them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QSizeF
from PySide6.QtGui import QImage, QPainter

from app.core.history.entries import storable
from app.core.model.card import Card
from app.ui.image.saliency_map import speaks_for
from app.ui.look.tokens import LIGHT
from app.ui.paper.flow import Block, Fact, Frame, fact_blocks, hairline_block
from app.ui.paper.images import HeatMap, Picture
from app.ui.paper.page import (
    COLUMN,
    INNER,
    LEFT,
    SECOND,
    Page,
    Style,
    Text,
)
from app.ui.report.answer_blocks import band_block, remark_blocks, scales_block
from app.ui.report.items import ReportItem
from app.ui.report.measures_blocks import measures_blocks
from app.ui.report.patient_blocks import patient_blocks, signature_block
from app.ui.report.reading_blocks import reading_blocks
from app.ui.report.warning_blocks import warning_blocks
from app.ui.services.wording import (
    accuracy_interval_text,
    diagnosis_words,
    saliency_map_text,
    time_text,
)

translate = QCoreApplication.translate


@dataclass(frozen=True)
class _Fit:
    """How much room pictures and explanations take: heights of a picture beside another and of one alone."""

    beside: float
    alone: float
    style: Style


FITS = (
    *(_Fit(height, 1.35 * height, Style.BODY) for height in (222.0, 206.0, 190.0, 175.0, 160.0)),
    *(_Fit(height, 1.35 * height, Style.CAPTION) for height in (190.0, 175.0, 160.0, 145.0, 130.0)),
)
"""From roomy to close; the first one that has room on a page is taken, and the roomiest where none has."""


def image_pages(
    item: ReportItem, image: QImage | None, *, clinic: str, card: Card | None, now: dt.datetime
) -> list[Page]:
    """The pages of the report on one image; without `image` its thumbnail is shown."""
    shown = QImage.fromData(item.thumbnail) if image is None or image.isNull() else image
    about = " · ".join(filter(None, (item.record.patient, storable(Path(item.screening.path.name)))))
    frame = Frame(clinic, translate("report", "Dermoscopy report"), now, about)
    tries = (frame.pages(_blocks(item, shown, card, fit), signature_block()) for fit in FITS)
    roomiest = next(tries)
    if len(roomiest) == 1:
        return roomiest
    return next((pages for pages in tries if len(pages) == 1), roomiest)


def _blocks(item: ReportItem, image: QImage, card: Card | None, fit: _Fit) -> list[Block]:
    """What the report says, from the top."""
    screening = item.screening
    blocks = [*patient_blocks(item), band_block(screening), *remark_blocks(screening)]
    if screening.answered is not None:
        blocks.append(scales_block(screening.answered))
    if not image.isNull():
        blocks.append(_pictures(item, image, fit))
    point = card.point_of(screening) if card is not None else None
    blocks += reading_blocks(item, accuracy_interval_text(point) if point else "", fit.style)
    return [*blocks, *measures_blocks(item), *_notes(item), *_source(item)]


def _pictures(item: ReportItem, image: QImage, fit: _Fit) -> Block:
    """The picture beside its heat map, or alone and wider; what they show stands below."""
    screening, explanation = item.screening, item.explanation
    heat = None
    under: list[Text] = []
    if explanation is not None:
        heat = HeatMap(image, QSizeF(COLUMN, fit.beside), explanation)
        said = saliency_map_text(screening, speaks_for(explanation.saliency_map))
        under.append(Text(said, Style.CAPTION, COLUMN, colour=LIGHT.text2))
    box = QSizeF(COLUMN, fit.beside) if heat else QSizeF(INNER, fit.alone)
    picture = Picture(image, box, item.lesion)
    outlined = item.lesion is not None and item.lesion.outline is not None
    parts = [translate("report", "Picture with the lesion's outline") if outlined else translate("report", "Picture")]
    if screening.captured_at is not None:
        parts.append(translate("report", "taken on {0}").format(time_text(screening.captured_at)))
    under.insert(0, Text(", ".join(parts), Style.CAPTION, COLUMN, colour=LIGHT.text2))

    def draw(painter: QPainter, y: float) -> None:
        picture.draw(painter, LEFT, y)
        if heat is not None:
            heat.draw(painter, SECOND, y)
        for x, text in zip((LEFT, SECOND), under, strict=False):
            text.draw(painter, x, y + picture.size.height() + 3)

    return Block(picture.size.height() + 3 + max(text.height for text in under), draw, 12.0)


def _notes(item: ReportItem) -> list[Block]:
    """Warnings, the confirmed diagnosis, and the note."""
    record = item.record
    confirmed = (diagnosis_words(record.diagnosis), record.confirmed_by, record.confirmed_on)
    facts = [
        Fact(translate("report", "Confirmed diagnosis"), ", ".join(filter(None, confirmed))),
        Fact(translate("report", "Note"), record.note),
    ]
    in_band = item.screening.forced  # its warnings are the reason there
    blocks = [] if in_band else warning_blocks(item.screening.warnings)
    blocks += fact_blocks(facts, Style.BODY, Style.BODY_STRONG)
    return [hairline_block(gap=12.0), *blocks] if blocks else []


def _source(item: ReportItem) -> list[Block]:
    """The file and the model, which stay together."""
    screening = item.screening
    model = translate("report", "{0}, assessed {1}").format(screening.model, time_text(screening.screened_at))
    facts = [
        Fact(translate("report", "File"), storable(Path(screening.path.name)), left_to_right=True),
        Fact(translate("report", "Folder"), storable(screening.path.parent), left_to_right=True),
        Fact("SHA-256", screening.sha256 or ""),
        Fact(translate("report", "Model"), model),
    ]
    rows = fact_blocks(facts, Style.CAPTION, Style.CAPTION, colour=LIGHT.text2)
    return [hairline_block(gap=10.0), *(replace(row, with_next=True) for row in rows)]
