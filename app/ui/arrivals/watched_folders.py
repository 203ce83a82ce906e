"""Watched folders in the window: looks at them, judges what came, and tells what is new."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from app.core.domain.errors import MelaScreenError
from app.core.history.arrivals import Arrival, ArrivalRepository, FolderCounts
from app.core.history.repository import EntryRepository
from app.core.imaging.watch import FolderWatch, Look
from app.core.screening.arriving import FolderArrivals, around, forget_others
from app.core.screening.service import ScreeningService
from app.ui.arrivals.judging import Judging, Pace
from app.ui.arrivals.volumes import is_on_network
from app.ui.services.current_model import CurrentModel
from app.ui.services.current_patient import CurrentPatient
from app.ui.services.notices import Notices
from app.ui.services.settings_store import SettingsStore
from app.ui.services.workers import Lane, Priority, Workers

LISTED = 6
"""Arrivals that are kept for the list."""
HINTED = 64
"""Folders of a watched one whose changes the system is asked to tell, at most."""
ALL = -1


@dataclass(frozen=True)
class WatchedFolder:
    """A watched folder as it is shown: how many arrivals nobody has seen, how many wait, why it can't be looked at."""

    path: Path
    new: int = 0
    waiting: int = 0
    problem: str = ""
    on_network: bool = False


@dataclass(eq=False)
class _Folder:
    """A watched folder at work. `sighted_at` is the change of patient after which the last whole look began."""

    arrivals: FolderArrivals
    is_busy: bool = False
    rests_until: float = 0.0
    sighted_at: int | None = None
    patients: dict[bytes, str] = field(default_factory=dict)
    problem: str = ""
    on_network: bool | None = None

    @property
    def path(self) -> Path:
        return self.arrivals.folder

    @property
    def lane(self) -> Lane:
        """A share that does not answer does not hold up local folders."""
        return Lane.WATCH if self.on_network is False else Lane.NETWORK


class WatchedFolders(QObject):
    """Looks at the folders of the settings every few seconds, and sooner where the system tells of a change.

    A result is noted under a patient only where that patient was open from the look before the picture was first seen,
    so that no picture of the patient before, or of a folder that was away, is noted under the wrong one.
    """

    changed = Signal()
    """The folders, what is new in them, or why one can't be looked at."""
    opened = Signal(object)
    """Arrivals that are to be shown, the latest first; they are seen by that."""
    assign_asked = Signal(object)
    """Arrivals that are to be assigned to a patient, the latest first."""

    def __init__(
        self,
        service: ScreeningService,
        history: EntryRepository,
        settings: SettingsStore,
        patient: CurrentPatient,
        current: CurrentModel,
        workers: Workers,
        notices: Notices,
        parent: QObject | None = None,
        *,
        own: Path | None = None,
        pace: Pace | None = None,
    ) -> None:
        """`own` is the program's own folder, in which nothing arrives."""
        super().__init__(parent)
        self._own = own
        self._repository = ArrivalRepository(history.database)
        self._settings, self._patient = settings, patient
        self._workers, self._notices = workers, notices
        self._pace = pace or Pace()
        self._folders: dict[Path, _Folder] = {}
        self._counts: dict[Path, FolderCounts] = {}
        self.newest: list[Arrival] = []
        """The latest arrivals that nobody has seen, at most `LISTED`."""
        self._identifier = patient.patient.identifier if patient.patient is not None else ""
        self._patient_changes = 0
        self.judging = Judging(
            service, self._repository, settings, patient, current, workers, notices, self._pace, self
        )
        self.judging.judged.connect(self._refresh_soon)
        self._timer = self._make_timer(self._pace.interval, self.look, repeats=True)
        self._soon = self._make_timer(self._pace.settle * 1.1, self.look)
        self._hinted = self._make_timer(self._pace.hint, self.look)
        self._refreshing = self._make_timer(self._pace.refresh, self.refresh)
        self._hints = QFileSystemWatcher(self)
        self._hints.directoryChanged.connect(lambda _: self._hinted.start())
        settings.changed.connect(self._on_settings_changed)
        patient.changed.connect(self._on_patient_changed)

    def start(self) -> None:
        """Watch from now on, and go on with what waited when the program ended. Again: the history was replaced."""
        self._folders.clear()
        self.judging.start()
        self._forget(partial(forget_others, self._repository, self._paths()))
        self._timer.start()
        self._follow_settings()
        self.refresh()

    def folders(self) -> list[WatchedFolder]:
        """The watched folders, in order."""
        found = []
        for path, folder in self._folders.items():
            counts = self._counts.get(path, FolderCounts())
            found.append(WatchedFolder(path, counts.new, counts.waiting, folder.problem, bool(folder.on_network)))
        return found

    def new_count(self) -> int:
        """How many arrivals nobody has seen."""
        return sum(counts.new for counts in self._counts.values())

    def waiting_count(self) -> int:
        """How many are still to be judged."""
        return sum(counts.waiting for counts in self._counts.values())

    def add(self, path: Path) -> None:
        """Watch a folder from now on."""
        path = path.absolute()
        if path not in self._paths():
            self._settings.update(watched_folders=(*self._settings.current.watched_folders, str(path)))

    def remove(self, path: Path) -> None:
        """Watch a folder no longer. Its results stay in the history."""
        left = tuple(each for each in self._settings.current.watched_folders if Path(each) != path)
        self._settings.update(watched_folders=left)

    def look(self) -> None:
        """Look at all folders now, but at those that rest after a look that took long."""
        now = time.monotonic()
        for folder in self._folders.values():
            if not folder.is_busy and now >= folder.rests_until:
                self._look(folder)

    def open_all(self, folder: Path | None = None) -> None:
        """Show what nobody has seen, of all folders or of one."""
        self._workers.run(
            partial(self._repository.newest, ALL, folder),
            on_result=self._open,
            on_error=self._notices.warn,
            priority=Priority.HIGH,
        )

    def open_one(self, arrival: Arrival) -> None:
        """Show an arrival."""
        self._open([arrival])

    def ask_to_assign(self) -> None:
        """Ask for a patient for all that nobody has seen."""
        self._workers.run(
            partial(self._repository.newest, ALL),
            on_result=self.assign_asked.emit,
            on_error=self._notices.warn,
            priority=Priority.HIGH,
        )

    def _open(self, arrivals: list[Arrival]) -> None:
        if arrivals:
            self.opened.emit(arrivals)
            self._workers.run(
                partial(self._repository.mark_seen, arrivals),
                on_result=lambda _: self.refresh(),
                on_error=self._notices.warn,
                priority=Priority.HIGH,
            )

    def _paths(self) -> list[Path]:
        return [Path(path) for path in dict.fromkeys(self._settings.current.watched_folders)]

    def _on_settings_changed(self, names: frozenset[str]) -> None:
        if "watched_folders" in names and self._timer.isActive():
            self._follow_settings()

    def _follow_settings(self) -> None:
        """Begin with folders that were added and end with those that were removed."""
        paths = self._paths()
        for path in self._folders.keys() - set(paths):
            outer = around(path, paths)
            self._forget(partial(self._repository.forget, path, within=outer))
            if outer is None:
                self.judging.drop(path)
            self._drop_hints(path)
        before, self._folders = self._folders, {}
        for path in paths:
            made = _Folder(self._arrivals_of(path, paths))
            kept = before.get(path)
            self._folders[path] = kept if kept and kept.arrivals.apart == made.arrivals.apart else made
        self.look()
        self._refresh_soon()
        self.changed.emit()

    def _forget(self, work: Callable[[], None]) -> None:
        """On the lane of a folder's first look, so that one that is added again is not forgotten after it."""
        self._workers.run(work, lane=Lane.NETWORK, on_result=lambda _: self.refresh(), on_error=self._notices.warn)

    def _arrivals_of(self, path: Path, paths: Iterable[Path]) -> FolderArrivals:
        own = [self._own] if self._own is not None else []
        apart = [other for other in (*paths, *own) if path in other.parents]
        make = partial(FolderWatch, settle=self._pace.settle, raw_patience=self._pace.raw_patience)
        return FolderArrivals(path, self._repository, apart=apart, watch=make)

    def _on_patient_changed(self) -> None:
        patient = self._patient.patient
        identifier = patient.identifier if patient is not None else ""
        if identifier != self._identifier:
            self._identifier = identifier
            self._patient_changes += 1
            self.look()  # what has come by now was taken before

    def _look(self, folder: _Folder) -> None:
        folder.is_busy = True
        arrivals, on_network = folder.arrivals, folder.on_network

        def work() -> tuple[Look, bool]:
            return arrivals.look(), is_on_network(arrivals.folder) if on_network is None else on_network

        self._workers.run(
            work,
            lane=folder.lane,
            on_result=partial(self._on_looked, folder, self._patient_changes),
            on_error=partial(self._on_error, folder),
            on_crash=partial(self._on_failed, folder),
        )

    def _on_looked(self, folder: _Folder, changes: int, found: tuple[Look, bool]) -> None:
        if self._folders.get(folder.path) is not folder:
            return
        look, on_network = found
        is_steady = folder.sighted_at == self._patient_changes
        patient = self._identifier if is_steady and self._settings.current.note_arriving else ""
        folder.sighted_at = changes if look.problem is None else None
        folder.on_network = on_network if look.problem is None else folder.on_network
        still = {file.key for file in look.still}
        folder.patients = {key: folder.patients.get(key, patient) for key in look.unsettled | still}
        if not look.still and not look.passed:
            self._rest(folder, look)
            return
        files = [(file, folder.patients.get(file.key, "")) for file in look.still]
        self._workers.run(
            partial(folder.arrivals.write, files, look.passed),
            lane=folder.lane,
            on_result=partial(self._on_written, folder, look),
            on_error=partial(self._on_error, folder),
            on_crash=partial(self._on_failed, folder),
        )

    def _on_written(self, folder: _Folder, look: Look, added: list[Arrival]) -> None:
        if folder.path in self._folders:
            self.judging.add(added)
            self._refresh_soon()
            self._rest(folder, look)

    def _rest(self, folder: _Folder, look: Look) -> None:
        """A look is done: tell a problem, look again where a file may still be written, go on with what waits."""
        folder.is_busy = False
        folder.rests_until = time.monotonic() + min(self._pace.longest_rest, self._pace.rest * look.seconds)
        if look.unsettled or (folder.sighted_at is not None and folder.sighted_at != self._patient_changes):
            self._soon.start()
        if look.problem is None:
            self.judging.go_on(folder.path)
            if not folder.on_network:
                self._ask_for_hints(look)
        problem = str(look.problem or "")
        if problem != folder.problem:
            if problem and folder.on_network is not None:  # it was there before
                self._notices.warn(problem)
            folder.problem = problem
            self.changed.emit()

    def _on_error(self, folder: _Folder, error: MelaScreenError) -> None:
        """The history can't be used."""
        self._on_failed(folder)
        self._notices.warn(error)

    def _on_failed(self, folder: _Folder) -> None:
        """It is looked again later."""
        folder.is_busy = False
        folder.rests_until = time.monotonic() + self._pace.longest_rest
        folder.sighted_at = None

    def _ask_for_hints(self, look: Look) -> None:
        asked = set(self._hints.directories())
        missing = [str(path) for path in look.folders[:HINTED] if str(path) not in asked]
        if missing:
            self._hints.addPaths(missing)

    def _drop_hints(self, path: Path) -> None:
        gone = [each for each in self._hints.directories() if path == Path(each) or path in Path(each).parents]
        if gone:
            self._hints.removePaths(gone)

    def _refresh_soon(self) -> None:
        if not self._refreshing.isActive():
            self._refreshing.start()

    def refresh(self) -> None:
        """Read what is new from the history."""

        def read() -> tuple[list[Arrival], dict[Path, FolderCounts]]:
            return self._repository.newest(LISTED), self._repository.counts()

        self._workers.run(read, on_result=self._on_read, on_error=self._notices.warn, priority=Priority.HIGH)

    def _on_read(self, found: tuple[list[Arrival], dict[Path, FolderCounts]]) -> None:
        """Show what was read, but of folders that were removed meanwhile."""
        newest = [arrival for arrival in found[0] if arrival.folder in self._folders]
        counts = {path: count for path, count in found[1].items() if path in self._folders}
        if (newest, counts) != (self.newest, self._counts):
            self.newest, self._counts = newest, counts
            self.changed.emit()

    def _make_timer(self, seconds: float, then: object, *, repeats: bool = False) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(not repeats)
        timer.setInterval(round(1000 * seconds))
        timer.timeout.connect(then)
        return timer
