"""Decisions on entries: written, told, and undone by the notice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core.domain.entry import Mark
from app.core.domain.errors import HistoryError
from app.core.history.repository import EntryRepository
from app.ui.services.marks import UNDO_KEY, Marks, toggled
from app.ui.services.notices import Level, Notice, Notices
from app.ui.services.workers import Workers
from tests.factories import screening

Told = list[tuple[list[int], Mark | None]]


@pytest.fixture
def history(tmp_path: Path) -> EntryRepository:
    """With three results, on two of which somebody decided."""
    made = EntryRepository(tmp_path / "history.sqlite3")
    for name in "abc":
        made.add(screening(f"{name}.jpg"))
    made.set_mark([1], Mark.REFER)
    made.set_mark([3], Mark.SEEN)
    return made


@pytest.fixture
def posted() -> list[Notice]:
    return []


@pytest.fixture
def marks(history: EntryRepository, posted: list[Notice], qapp: object) -> Iterator[Marks]:
    notices, workers = Notices(), Workers()
    notices.posted.connect(posted.append)
    yield Marks(history, workers, notices, notices)
    workers.close()


@pytest.fixture
def told(marks: Marks) -> Told:
    """What the pages are told."""
    made: Told = []
    marks.changed.connect(lambda ids, mark: made.append((ids, mark)))
    return made


def stored(history: EntryRepository) -> dict[int, Mark | None]:
    return {entry.id: entry.mark for entry in history.entries()}


def test_a_decision_is_written_and_told(
    marks: Marks, history: EntryRepository, posted: list[Notice], told: Told, qtbot: QtBot
) -> None:
    marks.set({2: None}, Mark.WATCH, "b.jpg")
    qtbot.waitUntil(lambda: bool(posted))
    assert stored(history) == {1: Mark.REFER, 2: Mark.WATCH, 3: Mark.SEEN}
    assert told == [([2], Mark.WATCH)]
    (notice,) = posted
    assert (notice.text, notice.level) == ("b.jpg: Watch noted", Level.INFO)
    assert notice.action is not None
    assert (notice.action.text, notice.action.key) == ("Undo", UNDO_KEY)


def test_undoing_a_decision_brings_the_one_before_back(
    marks: Marks, history: EntryRepository, posted: list[Notice], told: Told, qtbot: QtBot
) -> None:
    marks.set({1: Mark.REFER}, None, "a.jpg")
    qtbot.waitUntil(lambda: bool(posted))
    assert posted[0].text == "a.jpg: decision removed"
    assert posted[0].action is not None
    posted[0].action.call()
    qtbot.waitUntil(lambda: len(told) == 2)
    assert stored(history) == {1: Mark.REFER, 2: None, 3: Mark.SEEN}
    assert told[1] == ([1], Mark.REFER)
    assert len(posted) == 1  # undoing is not told again


def test_undoing_several_brings_each_its_own_back(
    marks: Marks, history: EntryRepository, posted: list[Notice], told: Told, qtbot: QtBot
) -> None:
    before = stored(history)
    marks.set(before, Mark.CLEAR, "3 results")
    qtbot.waitUntil(lambda: bool(posted))
    assert set(stored(history).values()) == {Mark.CLEAR}
    assert posted[0].text == "3 results: Clear noted"
    assert posted[0].action is not None
    posted[0].action.call()
    qtbot.waitUntil(lambda: len(told) == 4)  # one for each of the decisions before
    assert stored(history) == before
    assert {entry_id: mark for ids, mark in told[1:] for entry_id in ids} == before


def test_a_decision_that_cannot_be_written_is_not_told_as_one(
    marks: Marks,
    history: EntryRepository,
    posted: list[Notice],
    told: Told,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise HistoryError("The disk is full.")

    monkeypatch.setattr(history, "set_mark", fail)
    marks.set({2: None}, Mark.WATCH, "b.jpg")
    qtbot.waitUntil(lambda: bool(posted))
    assert posted == [Notice("The disk is full.", Level.WARNING)]
    assert told == []


def test_the_same_decision_again_takes_it_back() -> None:
    assert toggled(None, Mark.REFER) is Mark.REFER
    assert toggled(Mark.WATCH, Mark.REFER) is Mark.REFER
    assert toggled(Mark.REFER, Mark.REFER) is None
