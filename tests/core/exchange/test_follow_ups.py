"""Follow-ups as a table and as a calendar file, read back."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import subprocess
import sys
from dataclasses import replace

import pytest
from icalendar import Calendar, Component

from app.core.domain.patient import DoneBy, FollowUp
from app.core.exchange.follow_ups import COLUMNS, as_calendar, as_csv

DUE = dt.date(2026, 12, 31)
NOW = dt.datetime(2026, 12, 3, 15, 36, tzinfo=dt.timezone(dt.timedelta(hours=1)))
OF_LESION = FollowUp(7, "KD-20417", DUE, "after excision", lesion=30, made_on=dt.date(2026, 6, 30), lesion_number=3)
OF_PATIENT = FollowUp(8, "KD-20417", DUE, made_on=dt.date(2026, 6, 30))
DONE = replace(OF_PATIENT, id=9, done_on=dt.date(2026, 12, 1), done_by=DoneBy.HAND)


def events(written: bytes) -> list[Component]:
    return list(Calendar.from_ical(written).walk("VEVENT"))


def test_the_table_has_a_row_for_each() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv([OF_LESION, OF_PATIENT, DONE]).decode())))
    assert tuple(rows[0]) == COLUMNS
    assert [tuple(row.values()) for row in rows] == [
        ("KD-20417", "3", "2026-12-31", "after excision", "2026-06-30", ""),
        ("KD-20417", "", "2026-12-31", "", "2026-06-30", ""),
        ("KD-20417", "", "2026-12-31", "", "2026-06-30", "2026-12-01"),
    ]


def test_an_event_takes_the_whole_day() -> None:
    written = as_calendar([OF_LESION], NOW)
    (event,) = events(written)
    assert event["dtstart"].dt == DUE
    assert event["dtend"].dt == dt.date(2027, 1, 1)
    assert event["dtstamp"].dt == NOW
    assert event["summary"] == "Skin check: KD-20417, lesion 3"
    assert event["description"] == "after excision"
    assert {b"DTSTART;VALUE=DATE:20261231", b"DTSTAMP:20261203T143600Z"} <= set(written.split(b"\r\n"))
    assert written.startswith(b"BEGIN:VCALENDAR\r\n")
    assert {b"VERSION:2.0", b"PRODID:-//MelaScreen//MelaScreen//EN"} <= set(written.split(b"\r\n"))
    assert b"VALARM" not in written


def test_a_follow_up_of_the_whole_patient_names_no_lesion() -> None:
    (event,) = events(as_calendar([OF_PATIENT], NOW))
    assert event["summary"] == "Skin check: KD-20417"
    assert "description" not in event


def test_what_is_done_is_no_event() -> None:
    assert events(as_calendar([DONE], NOW)) == []


def test_the_identifier_stays_the_same_and_belongs_to_one_follow_up() -> None:
    def identifiers(*follow_ups: FollowUp) -> list[str]:
        return [str(event["uid"]) for event in events(as_calendar(follow_ups, NOW))]

    assert identifiers(OF_LESION, OF_PATIENT) == identifiers(OF_LESION, replace(OF_PATIENT, reason="later noted"))
    elsewhere = replace(OF_LESION, patient="another's in another history")
    assert len(set(identifiers(OF_LESION, OF_PATIENT, elsewhere))) == 3
    assert not any("KD" in each for each in identifiers(OF_LESION))


@pytest.mark.parametrize(
    "text",
    [
        "a, b; c: d",
        "first line\nsecond line",
        r"back\slash and \n that is none",
        'in "quotes"',
        "Überprüfung nach Exzision – مراجعة, проверка",
        "word " * 60 + "end",
        "皮膚" * 60,
        "BEGIN:VALARM\r\nEND:VCALENDAR",
    ],
)
def test_texts_come_back_as_they_were(text: str) -> None:
    written = as_calendar([replace(OF_LESION, patient=text, reason=text)], NOW)
    (event,) = events(written)
    whole = text.replace("\r\n", "\n")
    assert event["summary"] == f"Skin check: {whole}, lesion 3"
    assert event["description"] == whole
    assert max(map(len, written.split(b"\r\n"))) <= 75
    assert b"\n" not in written.replace(b"\r\n", b"")
    for line in written.split(b"\r\n"):
        line.decode()  # no letter is cut in two


def test_signs_with_a_meaning_are_escaped() -> None:
    written = as_calendar([replace(OF_LESION, reason="a, b; c\nd\\e")], NOW)
    assert rb"DESCRIPTION:a\, b\; c\nd\\e" in written.split(b"\r\n")


def test_no_table_of_time_zones_is_needed() -> None:
    code = """
import datetime as dt, sys
sys.modules["tzdata"] = None
from app.core.domain.patient import FollowUp
from app.core.exchange.follow_ups import as_calendar
day, now = dt.date(2026, 12, 31), dt.datetime(2026, 12, 3, 14, 36, tzinfo=dt.UTC)
assert b"DTSTAMP:20261203T143600Z" in as_calendar([FollowUp(1, "A", day)], now)
"""
    subprocess.run([sys.executable, "-c", code], env=os.environ | {"PYTHONTZPATH": ""}, check=True)


def test_the_library_is_loaded_with_the_first_calendar() -> None:
    code = "import sys, app.core.exchange.follow_ups; assert 'icalendar' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
