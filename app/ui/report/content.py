"""Writes the PDF reports: on one image, or on the images of a folder.

Nothing here needs the GUI thread; an application has to exist for the fonts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtGui import QImage

from app.core.history.entries import storable
from app.core.model.card import Card
from app.core.system.files import write_atomically
from app.ui.paper.pdf import as_pdf
from app.ui.report.folder_pages import folder_pages
from app.ui.report.image_pages import image_pages
from app.ui.report.items import ReportItem

__all__ = ["ReportItem", "write_batch_report", "write_image_report"]


def write_image_report(
    target: Path, item: ReportItem, image: QImage | None, *, clinic: str, card: Card | None, now: dt.datetime
) -> None:
    """Write the report on one image: a page, or more where a long note needs them.

    Without `image` its thumbnail is shown; `card` gives the figures of the model that it describes. The file is
    there whole or not at all. Raises `OSError` where it can't be written.
    """
    pages = image_pages(item, image, clinic=clinic, card=card, now=now)
    write_atomically(target, as_pdf(pages, title=storable(Path(item.screening.path.name))))


def write_batch_report(
    target: Path, items: Sequence[ReportItem], *, title: str, clinic: str, card: Card | None, now: dt.datetime
) -> None:
    """Write the report on many images, the most suspicious first; `title` says what was opened.

    `card` gives the figures of the model that it describes. The file is there whole or not at all. Raises `OSError`
    where it can't be written.
    """
    pages = folder_pages(items, title=title, clinic=clinic, card=card, now=now)
    write_atomically(target, as_pdf(pages, title=title))
