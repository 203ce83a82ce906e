"""Follow-ups for other programs: a table as CSV, and a calendar file (iCalendar, RFC 5545)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from app.core.domain.messages import Message
from app.core.domain.patient import FollowUp
from app.core.exchange.table import csv_bytes

COLUMNS = ("patient", "lesion", "due", "reason", "made", "done")
"""Days are ISO 8601; `lesion` is the number within the patient, empty where the whole patient is to be seen."""
_SPACE = uuid.UUID("6f0c1f5e-3a55-5c3c-9a0e-0b9f3f6a2d71")
"""Of the names that the events' identifiers are computed from."""


def as_csv(follow_ups: Iterable[FollowUp]) -> bytes:
    """Follow-ups as CSV, one row each, UTF-8."""
    return csv_bytes(COLUMNS, map(_row, follow_ups))


def _row(follow_up: FollowUp) -> dict[str, object]:
    return {
        "patient": follow_up.patient,
        "lesion": follow_up.lesion_number,
        "due": follow_up.due_on.isoformat(),
        "reason": follow_up.reason,
        "made": follow_up.made_on and follow_up.made_on.isoformat(),
        "done": follow_up.done_on and follow_up.done_on.isoformat(),
    }


def as_calendar(follow_ups: Iterable[FollowUp], now: dt.datetime) -> bytes:
    """The open follow-ups as a calendar file, an event each that takes the whole day.

    It names the patients. The same follow-up has the same identifier (UID) in every file, so that a calendar that
    takes a later file replaces the event.
    """
    from icalendar import Calendar, Event, vDatetime  # here: it takes 0.15 s

    calendar, made = Calendar(), now.astimezone(dt.UTC)
    calendar.add("prodid", "-//MelaScreen//MelaScreen//EN")
    calendar.add("version", "2.0")
    for follow_up in follow_ups:
        if follow_up.done_on is not None:
            continue
        event = Event()
        event.add("uid", str(_identifier(follow_up)))
        event.add("dtstamp", vDatetime(made))  # as a datetime it would need a table of time zones, which may be missing
        event.add("dtstart", follow_up.due_on)
        event.add("dtend", follow_up.due_on + dt.timedelta(days=1))
        event.add("summary", str(_title(follow_up)))
        if follow_up.reason:
            event.add("description", follow_up.reason)
        event.add("transp", "TRANSPARENT")  # the day is not taken
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _title(follow_up: FollowUp) -> Message:
    if follow_up.lesion_number is None:
        return Message("follow-up-of-patient", patient=follow_up.patient)
    return Message("follow-up-of-lesion", patient=follow_up.patient, number=follow_up.lesion_number)


def _identifier(follow_up: FollowUp) -> uuid.UUID:
    """Of the event. The number alone is another follow-up's in another history."""
    return uuid.uuid5(_SPACE, f"{follow_up.id}\n{follow_up.made_on}\n{follow_up.patient}")
