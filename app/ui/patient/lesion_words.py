"""Lesions, views of the body map and follow-ups in words."""

from __future__ import annotations

import datetime as dt

from PySide6.QtCore import QCoreApplication

from app.core.domain.body import View
from app.core.domain.patient import FollowUp, Lesion
from app.ui.services.wording import date_text
from app.ui.widgets.patient_words import place_words

translate = QCoreApplication.translate


def view_words(view: View) -> str:
    """The name of a drawing of the body map."""
    return {
        View.FRONT: translate("patient", "Front"),
        View.BACK: translate("patient", "Back"),
        View.LEFT: translate("patient", "Left side"),
        View.RIGHT: translate("patient", "Right side"),
        View.FACE: translate("patient", "Face"),
        View.HEAD_BACK: translate("patient", "Back of the head"),
        View.HEAD_LEFT: translate("patient", "Head, left"),
        View.HEAD_RIGHT: translate("patient", "Head, right"),
        View.LEFT_PALM: translate("patient", "Left palm"),
        View.RIGHT_PALM: translate("patient", "Right palm"),
        View.LEFT_HAND: translate("patient", "Left hand"),
        View.RIGHT_HAND: translate("patient", "Right hand"),
        View.LEFT_SOLE: translate("patient", "Left sole"),
        View.RIGHT_SOLE: translate("patient", "Right sole"),
        View.LEFT_FOOT: translate("patient", "Left foot"),
        View.RIGHT_FOOT: translate("patient", "Right foot"),
    }[view]


def where_words(lesion: Lesion) -> str:
    """Where a lesion is: *upper back, left*, or that it is not noted."""
    return place_words(lesion.place) if lesion.place is not None else translate("patient", "place not noted")


def lesion_words(lesion: Lesion) -> str:
    """A lesion's number and place: *Lesion 3 · upper back, left*."""
    number = translate("patient", "Lesion {0}").format(lesion.number)
    return f"{number} · {place_words(lesion.place)}" if lesion.place is not None else number


def due_words(due_on: dt.date, today: dt.date) -> str:
    """The day of a follow-up: *today*, or the date, with *overdue* where it has passed."""
    if due_on == today:
        return translate("patient", "today")
    day = date_text(due_on)
    return translate("patient", "{0}, overdue").format(day) if due_on < today else day


def state_words(follow_up: FollowUp, today: dt.date) -> str:
    """What became of a follow-up, or when it is due."""
    if follow_up.done_on is None:
        return due_words(follow_up.due_on, today)
    return translate("patient", "done {0}").format(date_text(follow_up.done_on))
