"""The pages of the report on a patient: who it is, each lesion, pictures without a lesion, what is due, the models."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QPainter

from app.core.domain import times
from app.core.domain.patient import Patient
from app.core.model.card import Card
from app.ui.look.tokens import LIGHT
from app.ui.paper.flow import Block, Fact, Frame, fact_blocks, hairline_block, heading_block, text_blocks
from app.ui.paper.page import INNER, LEFT, Page, Style, Text, draw_beside
from app.ui.patient_report.answer_rows import row_blocks
from app.ui.patient_report.findings import Findings, models_of, not_comparable
from app.ui.patient_report.lesion_blocks import lesion_blocks
from app.ui.services.wording import accuracy_interval_text, date_text, pictures
from app.ui.widgets.patient_words import lesion_words, patient_words, place_words, risks_words

translate = QCoreApplication.translate


def patient_pages(findings: Findings, *, clinic: str, card: Card | None, now: dt.datetime) -> list[Page]:
    """The pages; `card` gives the figures of the model that it describes."""
    today = times.local(now).date()
    blocks = _patient(findings.patient, today)
    for history in findings.lesions:
        blocks += lesion_blocks(history, findings.pictures)
    if findings.loose:
        heading = translate("report", "Pictures without a lesion")
        blocks += [heading_block(heading, pictures(len(findings.loose)))]
        blocks += row_blocks(findings.loose, with_pictures=True)
    if not findings.entries and not findings.lesions:
        blocks += text_blocks(Text(translate("report", "There is no picture yet."), colour=LIGHT.text2), gap=12.0)
    blocks += [*_due(findings, today), *_models(findings, card)]
    return Frame(clinic, translate("report", "Patient report"), now, findings.patient.identifier).pages(blocks)


def _patient(patient: Patient, today: dt.date) -> list[Block]:
    """Identifier, and what is known of the patient, as far as it is."""
    identifier = Text(patient.identifier, Style.TITLE)
    known = Text(patient_words(patient, today), Style.BODY)
    if identifier.lines == 1 and identifier.width + 10 + known.width <= INNER:
        blocks = [Block(identifier.height, partial(_draw_patient, identifier, known), with_next=True)]
    else:
        blocks = [*text_blocks(identifier), *text_blocks(known)]
    facts = (
        Fact(translate("report", "Risk"), risks_words(patient)),
        Fact(translate("report", "Note"), patient.note),
    )
    return [*blocks, *fact_blocks(facts, Style.BODY, Style.BODY_STRONG)]


def _draw_patient(identifier: Text, known: Text, painter: QPainter, y: float) -> None:
    draw_beside(painter, LEFT, y, identifier, known, gap=10.0)


def _due(findings: Findings, today: dt.date) -> list[Block]:
    """The open follow-ups by their days, a row each."""
    lesions = {history.lesion.id: history.lesion for history in findings.lesions}
    facts = []
    for follow_up in sorted(findings.follow_ups, key=lambda each: (each.due_on, each.id)):
        if follow_up.done_on is not None:
            continue
        lesion = lesions.get(follow_up.lesion) if follow_up.lesion is not None else None
        what = translate("report", "All of the skin")
        if lesion is not None:
            where = (place_words(lesion.place),) if lesion.place is not None else ()
            what = ", ".join((lesion_words(lesion.number), *where))
        if follow_up.due_on < today:
            what = translate("report", "{0} (overdue)").format(what)
        words = translate("report", "{0}: {1}").format(what, follow_up.reason) if follow_up.reason else what
        facts.append(Fact(date_text(follow_up.due_on), words))
    if not facts:
        return []
    return [
        heading_block(translate("report", "To be seen again")),
        *fact_blocks(facts, Style.BODY, Style.BODY_STRONG),
    ]


def _models(findings: Findings, card: Card | None) -> list[Block]:
    """The models, and how accurate they are at the thresholds of these answers, as far as it is known."""
    entries = findings.entries
    found = (card.point_of(entry.screening) for entry in entries) if card is not None else ()
    points = {point.name: point for point in found if point is not None}
    facts = (
        Fact(
            translate("report", "Models"),
            "\n".join(filter(None, (", ".join(map(str, models_of(entries))), not_comparable(entries)))),
        ),
        Fact(translate("report", "Accuracy"), "\n".join(map(accuracy_interval_text, points.values()))),
    )
    blocks = fact_blocks(facts, Style.CAPTION, Style.CAPTION, colour=LIGHT.text2)
    if not blocks:
        return []
    return [hairline_block(gap=14.0), *(replace(block, with_next=True) for block in blocks[:-1]), blocks[-1]]
