"""Watched folders without a window: the presenter, a folder that is looked at often, and the history beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.core.domain.entry import Entry
from app.core.domain.patient import Patient
from app.core.history.arrivals import ArrivalRepository
from app.core.history.repository import EntryRepository
from app.core.imaging.watch import Look
from app.core.screening.arriving import FolderArrivals
from app.core.screening.service import ScreeningService
from app.core.system.paths import UserData
from app.ui.arrivals.judging import Pace
from app.ui.arrivals.watched_folders import WatchedFolders
from app.ui.services.current_model import CurrentModel
from app.ui.services.current_patient import CurrentPatient
from app.ui.services.notices import Notice, Notices
from app.ui.services.settings_store import SettingsStore
from app.ui.services.workers import Workers

QUICK = Pace(interval=0.05, settle=0.03, raw_patience=0.1, hint=0.01, refresh=0.01, again=0.2)


@dataclass
class Watching:
    """A program that watches folders, from its start to its end."""

    folder: Path
    user_data: UserData
    model: Path
    qtbot: QtBot
    pace: Pace = QUICK
    notices: list[str] = field(default_factory=list)
    made: list[Path] = field(default_factory=list)
    """The looks that were made."""

    def start(self, *, with_model: bool = True, own: Path | None = None) -> None:
        self.parent = QObject()
        self.history = EntryRepository(self.user_data.history)
        self.service = ScreeningService(self.model, self.history)
        self.settings = SettingsStore(self.user_data.settings, self.parent)
        self.workers = Workers(self.parent)
        self.current = CurrentModel(self.parent)
        self.posted = Notices(self.parent)
        self.posted.posted.connect(self._on_posted)
        self.patient = CurrentPatient(self.history, self.workers, self.posted, self.parent)
        self.watched = WatchedFolders(
            self.service,
            self.history,
            self.settings,
            self.patient,
            self.current,
            self.workers,
            self.posted,
            self.parent,
            own=own,
            pace=self.pace,
        )
        self.opened: list[list[str]] = []
        self.watched.opened.connect(lambda arrivals: self.opened.append([each.path.name for each in arrivals]))
        self.watched.start()
        if with_model:
            self.load_model()

    def load_model(self) -> None:
        self.current.set_card(self.service.card())

    def end(self) -> None:
        self.workers.close()
        self.parent.deleteLater()

    def _on_posted(self, notice: Notice) -> None:
        self.notices.append(notice.text)

    def watch(self) -> None:
        """Watch the folder, and wait until what lies in it is known."""
        self.watched.add(self.folder)
        self.qtbot.waitUntil(lambda: self.folder in self.repository.folders())

    @property
    def repository(self) -> ArrivalRepository:
        return ArrivalRepository(self.history.database)

    def look_twice(self) -> None:
        """Wait for two looks that begin from now on."""
        before = len(self.made)
        self.qtbot.waitUntil(lambda: len(self.made) > before + 2)

    def new(self) -> list[str]:
        return sorted(arrival.path.name for arrival in self.watched.newest)

    def wait_for(self, *names: str) -> None:
        self.qtbot.waitUntil(lambda: self.new() == sorted(names))

    def wait_for_counts(self, new: int, waiting: int = 0) -> None:
        self.qtbot.waitUntil(lambda: (self.watched.new_count(), self.watched.waiting_count()) == (new, waiting))

    def open_patient(self, identifier: str) -> None:
        self.patient.open(Patient(identifier))

    def entries(self) -> list[Entry]:
        return sorted(self.history.entries(), key=lambda entry: entry.id)


@pytest.fixture
def watching(
    qtbot: QtBot, qapp: object, user_data: UserData, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Watching]:
    """The program has begun, with a model, and watches nothing yet."""
    folder = tmp_path / "Dermatoscope"
    folder.mkdir()
    made = Watching(folder, user_data, model, qtbot)
    look = FolderArrivals.look

    def noted(self: FolderArrivals) -> Look:
        found = look(self)
        made.made.append(self.folder)
        return found

    monkeypatch.setattr(FolderArrivals, "look", noted)
    made.start()
    yield made
    made.end()
