"""Times in the history: kept in UTC, sorted and searched rightly over a clock change."""

from __future__ import annotations

import datetime as dt
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.domain.clinical import ClinicalRecord
from app.core.history.batches import BatchRepository
from app.core.history.query import Query
from app.core.history.repository import EntryRepository
from app.core.history.transfer import export_history, import_history
from app.ui.services.wording import day_text, time_text
from tests.factories import load_version, screening

SUMMER, WINTER = dt.timezone(dt.timedelta(hours=2)), dt.timezone(dt.timedelta(hours=1))
BEFORE_THE_CHANGE = dt.datetime(2026, 10, 25, 2, 30, tzinfo=SUMMER)
AFTER_IT = dt.datetime(2026, 10, 25, 2, 10, tzinfo=WINTER)
"""Forty minutes later, though the clock showed less."""


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine in Berlin."""
    if not hasattr(time, "tzset"):
        pytest.skip("the zone can't be changed within a process here")
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def history(tmp_path: Path) -> EntryRepository:
    return EntryRepository(tmp_path / "history.sqlite3")


def stored_times(history: EntryRepository) -> list[str]:
    with history.database.transaction() as connection:
        return [str(row[0]) for row in connection.execute("SELECT taken_at FROM screening ORDER BY id")]


def test_a_history_of_local_times_is_sorted_by_the_moment(history: EntryRepository) -> None:
    """Two hours of that night have the same names; a third entry came from another zone."""
    load_version(3, history.file)
    entries = history.entries()
    assert [entry.screening.path.name for entry in entries] == ["second.jpg", "other zone.jpg", "first.jpg"]
    assert [entry.screening.screened_at for entry in entries] == [
        dt.datetime(2026, 10, 25, 1, 10, tzinfo=dt.UTC),
        dt.datetime(2026, 10, 25, 1, 0, tzinfo=dt.UTC),
        dt.datetime(2026, 10, 25, 0, 30, 0, 123456, tzinfo=dt.UTC),
    ]
    assert stored_times(history)[0] == "2026-10-25T00:30:00.123456Z"


def test_nothing_else_of_an_older_history_changes(history: EntryRepository) -> None:
    load_version(3, history.file)
    first = history.entries()[-1]
    assert first.record == ClinicalRecord("P 7", "palms/soles", "watch")
    assert first.screening.captured_at == dt.datetime(2026, 10, 24, 12, 0)  # the camera's own clock
    assert first.screening.prediction is not None
    assert first.screening.prediction.consistency is not None
    assert (first.annotation.outline_by_hand, first.annotation.field_width) == (True, 12.5)
    (batch,) = BatchRepository(history.database).open()
    assert batch.begun_at.utcoffset() == dt.timedelta(0)
    history.update_record(first, ClinicalRecord(note="written after the migration"))
    assert history.entries()[-1].record.note == "written after the migration"


def test_the_day_of_a_version_before_is_the_same_moment(history: EntryRepository) -> None:
    load_version(2, history.file)
    assert set(stored_times(history)) == {"2026-11-20T08:30:00.000000Z"}


def test_an_export_from_before_adds_nothing_twice(history: EntryRepository, tmp_path: Path) -> None:
    load_version(3, history.file)
    history.entries()
    export_history(history, tmp_path / "now.zip")
    assert import_history(history, tmp_path / "now.zip") == 0
    assert history.count() == 3


def test_new_entries_are_sorted_and_paged_over_a_clock_change(history: EntryRepository) -> None:
    history.add(screening("before.jpg", sha256="b" * 64, screened_at=BEFORE_THE_CHANGE))
    history.add(screening("after.jpg", sha256="c" * 64, screened_at=AFTER_IT))
    (newest,) = history.entries(limit=1)
    (oldest,) = history.entries(limit=1, after=newest)
    assert (newest.screening.path.name, oldest.screening.path.name) == ("after.jpg", "before.jpg")


@pytest.mark.usefixtures("berlin")
def test_a_day_is_that_of_this_machine(history: EntryRepository) -> None:
    """Shortly after midnight in Berlin it is still the day before in UTC."""
    midnight = dt.datetime(2026, 7, 2, 0, 15, tzinfo=SUMMER)
    history.add(screening("late.jpg", sha256="b" * 64, screened_at=midnight - dt.timedelta(minutes=30)))
    history.add(screening("early.jpg", sha256="c" * 64, screened_at=midnight))
    first, second = dt.date(2026, 7, 1), dt.date(2026, 7, 2)
    assert [e.screening.path.name for e in history.entries(Query(since=second))] == ["early.jpg"]
    assert [e.screening.path.name for e in history.entries(Query(until=first))] == ["late.jpg"]
    assert history.count(Query(since=first, until=second)) == 2
    assert history.delete_before(second) == 1
    assert [e.screening.path.name for e in history.entries()] == ["early.jpg"]


@pytest.mark.usefixtures("berlin")
def test_times_are_shown_by_the_local_clock(history: EntryRepository) -> None:
    history.add(screening(screened_at=dt.datetime(2026, 7, 1, 22, 15, tzinfo=dt.UTC)))
    (entry,) = history.entries()
    assert time_text(entry.screening.screened_at) == "2 Jul 2026, 00:15"
    assert day_text(entry.screening.screened_at) == "2 Jul 2026"
    assert entry.screening.shown_at == dt.datetime(2026, 7, 2, 0, 15)


def test_a_time_that_is_none_is_kept_and_told(history: EntryRepository) -> None:
    load_version(3, history.file)
    with sqlite3.connect(history.file) as connection:
        connection.execute("UPDATE screening SET taken_at = 'yesterday' WHERE id = 2")
    connection.close()
    with pytest.raises(ValueError, match="yesterday"):
        history.entries()
    assert stored_times(history)[1] == "yesterday"
