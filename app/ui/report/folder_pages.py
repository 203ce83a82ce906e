"""The report on a folder: counts and the suspected pictures first, then the others, then those not assessed."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from app.core.domain.advice import Advice, advice_of, suspicion
from app.core.history.entries import storable
from app.core.model.card import Card
from app.ui.look.tokens import LIGHT
from app.ui.paper.flow import Block, Fact, Frame, fact_blocks, hairline_block, heading_block, text_blocks
from app.ui.paper.page import Page, Style, Text
from app.ui.report.folder_counts import counts_blocks
from app.ui.report.items import ReportItem
from app.ui.report.legend import legend_blocks
from app.ui.report.refused_list import refused_blocks
from app.ui.report.thumbnail_grid import IN_ROW, grid_blocks
from app.ui.services.wording import accuracy_interval_text, percent, pictures

translate = QCoreApplication.translate
PER_PAGE = 4 * IN_ROW
"""Pictures on each page of those that are not suspected."""


def folder_pages(
    items: Sequence[ReportItem], *, title: str, clinic: str, card: Card | None, now: dt.datetime
) -> list[Page]:
    """The pages of the report on many pictures, the most suspicious first; `title` says what was opened."""
    ranked = sorted(items, key=lambda item: suspicion(item.screening), reverse=True)
    of = {advice: [item for item in ranked if advice_of(item.screening) is advice] for advice in Advice}
    refer = [*of[Advice.REFER_MELANOMA], *of[Advice.REFER_OTHER_CANCER]]
    named = _names(items)
    blocks = [*_title(title, items), *counts_blocks(items)]
    first_note = translate("report", "{0}, the most suspicious first").format(pictures(len(refer)))
    blocks += _grid(translate("report", "To be referred"), first_note, refer, named)
    again = of[Advice.BORDERLINE]
    blocks += _grid(translate("report", "Look again"), pictures(len(again)), again, named)
    blocks += legend_blocks(items)
    blocks += _about(items, card)
    blocks += _others(of[Advice.BELOW_THRESHOLD], named)
    if refused := of[Advice.NOT_ASSESSED]:
        blocks.append(heading_block(translate("report", "Can't be assessed"), pictures(len(refused))))
        blocks += refused_blocks(refused, named)
    return Frame(clinic, translate("report", "Folder report"), now, title).pages(blocks)


def _grid(heading: str, note: str, items: Sequence[ReportItem], named: Callable[[ReportItem], str]) -> list[Block]:
    """Thumbnails under a heading; nothing for none."""
    return [heading_block(heading, note), *grid_blocks(items, named)] if items else []


def _others(items: Sequence[ReportItem], named: Callable[[ReportItem], str]) -> list[Block]:
    """Thumbnails of the pictures below the threshold, so many a page; those of a page stay together."""
    blocks = []
    for start in range(0, len(items), PER_PAGE):
        shown = items[start : start + PER_PAGE]
        note = translate("report", "{0} to {1} of {2}").format(start + 1, start + len(shown), len(items))
        part = _grid(translate("report", "Below the threshold"), note, shown, named)
        part[0] = replace(part[0], new_page=start > 0)
        blocks += [*(replace(block, with_next=True) for block in part[:-1]), part[-1]]
    return blocks


def _names(items: Sequence[ReportItem]) -> Callable[[ReportItem], str]:
    """What pictures go by: their files, with the folder below the one that they all lie in."""
    common = _common_folder(items)

    def named(item: ReportItem) -> str:
        path = item.screening.path
        return storable(path.relative_to(common) if common is not None else path)

    return named


def _common_folder(items: Sequence[ReportItem]) -> Path | None:
    """The folder that all pictures lie in, perhaps deeper; `None` where there is none."""
    try:
        return Path(os.path.commonpath([item.screening.path.parent for item in items]))
    except ValueError:  # several drives, or nothing
        return None


def _title(title: str, items: Sequence[ReportItem]) -> list[Block]:
    """What was opened, and the thresholds that results were held against."""
    blocks = text_blocks(Text(title, Style.TITLE, left_to_right=True)) if title else []
    predictions = [found for item in items if (found := item.screening.answered) is not None]
    melanoma = _percents(each.threshold for each in predictions)
    other = _percents(limit for each in predictions if (limit := each.other_cancer_threshold) is not None)
    parts = []
    if melanoma:
        parts.append(translate("report", "threshold for melanoma {0}").format(melanoma))
    if other:
        parts.append(translate("report", "for other skin cancer {0}").format(other))
    return [*blocks, *(text_blocks(Text(", ".join(parts), colour=LIGHT.text2)) if parts else [])]


def _about(items: Sequence[ReportItem], card: Card | None) -> list[Block]:
    """The folder, the models, and how accurate they are at the thresholds of these results."""
    screenings = [item.screening for item in items]
    found = (card.point_of(screening) for screening in screenings) if card is not None else ()
    points = {point.name: point for point in found if point is not None}
    common = _common_folder(items)
    facts = (
        Fact(translate("report", "Folder"), storable(common) if common is not None else "", left_to_right=True),
        Fact(translate("report", "Model"), ", ".join(sorted({str(screening.model) for screening in screenings}))),
        Fact(translate("report", "Accuracy"), "\n".join(map(accuracy_interval_text, points.values()))),
    )
    blocks = fact_blocks(facts, Style.CAPTION, Style.CAPTION, colour=LIGHT.text2)
    blocks = [hairline_block(gap=12.0), *blocks] if blocks else []
    return [*(replace(block, with_next=True) for block in blocks[:-1]), *blocks[-1:]]


def _percents(values: Iterable[float]) -> str:
    """Probabilities, each once, the lowest first."""
    return ", ".join(dict.fromkeys(percent(value) for value in sorted(values)))
