"""What was edited, until it is in the history."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core.domain.clinical import ClinicalRecord
from app.core.domain.entry import Annotation, Entry
from app.core.domain.errors import HistoryError
from app.core.history.repository import EntryRepository
from app.ui.services import autosave as module
from app.ui.services.autosave import Autosave
from app.ui.services.notices import Notices
from app.ui.services.workers import Workers
from tests.factories import screening

NOTE = ClinicalRecord(note="seen")
SCALED = Annotation(field_width=12.0)


class Repository(EntryRepository):
    """A history whose disk may be full for records."""

    is_full = False

    def update_record(
        self, entry: Entry, record: ClinicalRecord, *, base: ClinicalRecord | None = None
    ) -> tuple[ClinicalRecord, tuple[str, ...]]:
        if self.is_full:
            raise HistoryError("The disk is full.")
        return super().update_record(entry, record, base=base)


@pytest.fixture
def history(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "history.sqlite3")


@pytest.fixture
def notices(qapp: object) -> Notices:
    return Notices()


@pytest.fixture
def autosave(history: Repository, notices: Notices) -> Iterator[Autosave]:
    workers = Workers()
    yield Autosave(history, notices, workers)
    workers.close()


def stored(history: EntryRepository, entry: Entry) -> Entry:
    return history.by_id([entry.id])[entry.id]


def test_edits_are_told_at_once_and_saved_soon(autosave: Autosave, history: Repository, qtbot: QtBot) -> None:
    entry, other = history.add(screening("a.jpg")), history.add(screening("b.jpg"))
    told: list[tuple[int, object, object]] = []
    autosave.entry_changed.connect(lambda number: told.append(
        (number, autosave.record(number), autosave.annotation(number))))  # fmt: skip
    autosave.set_record(entry, ClinicalRecord(note="se"))
    autosave.set_record(entry, NOTE)
    autosave.set_annotation(other, SCALED)
    assert told == [
        (entry.id, ClinicalRecord(note="se"), None),
        (entry.id, NOTE, None),
        (other.id, None, SCALED),
    ]
    qtbot.waitUntil(lambda: autosave.record(entry.id) is None and autosave.annotation(other.id) is None)
    assert (stored(history, entry).record, stored(history, other).annotation) == (NOTE, SCALED)


def test_what_can_not_be_saved_is_told_and_tried_again(
    autosave: Autosave, notices: Notices, history: Repository, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = history.add(screening("a.jpg"))
    history.is_full = True
    with qtbot.waitSignal(notices.posted) as told:
        autosave.set_record(entry, NOTE)
    assert "disk is full" in told.args[0].text
    assert autosave.record(entry.id) == NOTE
    history.is_full = False
    autosave.save()
    qtbot.waitUntil(lambda: autosave.record(entry.id) is None)
    assert stored(history, entry).record == NOTE


def test_at_the_end_all_that_can_be_saved_is(autosave: Autosave, history: Repository) -> None:
    entry = history.add(screening("a.jpg"))
    autosave.saving_now.connect(lambda: autosave.set_annotation(entry, SCALED))  # an unfinished one, handed over
    autosave.set_record(entry, NOTE)
    history.is_full = True
    with pytest.raises(HistoryError, match="disk is full"):
        autosave.save_now()
    assert stored(history, entry).annotation == SCALED
    assert autosave.annotation(entry.id) is None
    history.is_full = False
    autosave.save_now()
    assert stored(history, entry).record == NOTE


def test_an_entry_of_another_history_is_left_alone(autosave: Autosave, history: Repository, tmp_path: Path) -> None:
    elsewhere = EntryRepository(tmp_path / "other.sqlite3").add(screening("other.jpg", sha256="cd" * 32))
    entry = history.add(screening("a.jpg"))
    assert entry.id == elsewhere.id
    autosave.set_record(elsewhere, NOTE)
    autosave.save_now()
    assert stored(history, entry).record == ClinicalRecord()


def test_an_annotation_that_is_written_already_replaces_an_unsaved_one(autosave: Autosave, history: Repository) -> None:
    entry = history.add(screening("a.jpg"))
    told: list[object] = []
    autosave.entry_changed.connect(lambda number: told.append(autosave.annotation(number)))
    autosave.tell_written(entry, SCALED)
    assert told == [SCALED]
    assert autosave.annotation(entry.id) is None
    assert stored(history, entry).annotation == Annotation()
    assert module.SAVE_AFTER < module.TRY_AGAIN


class TestTwoWindows:
    """Another window writes to an entry that is being edited here."""

    @pytest.fixture
    def entry(self, history: Repository) -> Entry:
        """An entry as this window has read it."""
        return history.add(screening(), ClinicalRecord(patient="7", note="before"))

    def edit(self, autosave: Autosave, qtbot: QtBot, entry: Entry, record: ClinicalRecord) -> None:
        autosave.set_record(entry, record)
        autosave.save()
        qtbot.waitUntil(lambda: autosave.record(entry.id) is None)

    def test_fields_that_were_not_edited_here_stay_as_they_are_there(
        self, autosave: Autosave, history: Repository, notices: Notices, entry: Entry, qtbot: QtBot
    ) -> None:
        posted: list[object] = []
        notices.posted.connect(posted.append)
        history.update_record(entry, ClinicalRecord(patient="7", note="from there", site="head/neck"))
        self.edit(autosave, qtbot, entry, ClinicalRecord(patient="8", note="before"))
        expected = ClinicalRecord(patient="8", note="from there", site="head/neck")
        assert stored(history, entry).record == expected
        assert posted == []

    def test_of_two_notes_both_are_kept_and_it_is_told(
        self, autosave: Autosave, history: Repository, notices: Notices, entry: Entry, qtbot: QtBot
    ) -> None:
        posted: list[str] = []
        notices.posted.connect(lambda notice: posted.append(notice.text))
        shown: list[object] = []
        autosave.record_stored.connect(lambda _, record: shown.append(record))
        history.update_record(entry, ClinicalRecord(patient="9", note="from there"))
        self.edit(autosave, qtbot, entry, ClinicalRecord(patient="8", note="from here"))
        kept = stored(history, entry).record
        assert kept == ClinicalRecord(patient="8", note="from here\n(patient: 9)\nfrom there")
        assert shown[-1] == kept  # the form shows it too
        assert len(posted) == 1
        assert "changed in another window" in posted[0]

    def test_ones_own_edits_one_after_the_other_are_no_conflict(
        self, autosave: Autosave, history: Repository, notices: Notices, entry: Entry, qtbot: QtBot
    ) -> None:
        posted: list[object] = []
        notices.posted.connect(posted.append)
        base = entry.record
        for note in ("one", "two", "before", ""):
            record = ClinicalRecord(patient="7", note=note)
            autosave.set_record(entry, record, base=base)
            autosave.save()
            qtbot.waitUntil(lambda: autosave.record(entry.id) is None)
            assert stored(history, entry).record.note == note
            base = record
        assert posted == []

    def test_an_edit_while_the_one_before_is_written_undoes_nothing(
        self, autosave: Autosave, history: Repository, entry: Entry, qtbot: QtBot
    ) -> None:
        """The form shows what was typed here until it is written, and not yet what the other window changed."""
        history.update_record(entry, ClinicalRecord(patient="7", note="from there", site="head/neck"))
        autosave.set_record(entry, ClinicalRecord(patient="8", note="before"))
        autosave.save()
        autosave.save()  # the timer's, say: the edit is under way
        autosave.set_record(entry, ClinicalRecord(patient="89", note="before"), base=entry.record)
        qtbot.waitUntil(lambda: autosave.record(entry.id) is None)
        expected = ClinicalRecord(patient="89", note="from there", site="head/neck")
        assert stored(history, entry).record == expected
