"""Judges what arrived, one picture after the other, whenever nobody waits for another one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.core.domain.errors import MelaScreenError
from app.core.history.arrivals import Arrival, ArrivalRepository
from app.core.screening.arriving import Judged, Outcome, judge
from app.core.screening.service import ScreeningService
from app.ui.services.current_model import CurrentModel
from app.ui.services.current_patient import CurrentPatient
from app.ui.services.notices import Notices
from app.ui.services.settings_store import SettingsStore
from app.ui.services.wording import program_error
from app.ui.services.workers import Priority, Workers


@dataclass(frozen=True)
class Pace:
    """How often it is looked and tried, in seconds."""

    interval: float = 3.0
    settle: float = 1.0
    """How long a file stands still before it is taken for whole."""
    raw_patience: float = 15.0
    hint: float = 0.1
    """From the system's word of a change to the look."""
    refresh: float = 0.15
    rest: float = 5.0
    """How many times as long as a look took its folder rests: shares that answer slowly hold up the others."""
    longest_rest: float = 60.0
    again: float = 30.0
    """Until it is tried again where the history or the model could not be used."""


class Judging(QObject):
    """The arrivals that wait. One at a time is given to the worker, so that a picture that was dropped goes first."""

    judged = Signal()

    def __init__(
        self,
        service: ScreeningService,
        repository: ArrivalRepository,
        settings: SettingsStore,
        patient: CurrentPatient,
        current: CurrentModel,
        workers: Workers,
        notices: Notices,
        pace: Pace,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._service, self._repository, self._settings = service, repository, settings
        self._patient, self._current = patient, current
        self._workers, self._notices = workers, notices
        self._waiting: dict[bytes, Arrival] = {}
        self._later: dict[bytes, Arrival] = {}
        self._at_work: Arrival | None = None
        self._noting: set[int] = set()
        self._is_held = False
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(round(1000 * pace.again))
        self._again.timeout.connect(self._resume)
        current.changed.connect(self._resume)
        patient.noted.connect(self._on_noted)

    def start(self) -> None:
        """Take up what waited when the program ended."""
        self._waiting.clear()
        self._later.clear()
        self._workers.run(self._repository.waiting, on_result=self.add, on_error=self._notices.warn)
        self._workers.run(self._repository.to_note, on_result=self._note, on_error=self._notices.warn)

    def add(self, arrivals: Sequence[Arrival]) -> None:
        """Judge arrivals, after those that wait."""
        for arrival in arrivals:
            self._later.pop(arrival.key, None)
            self._waiting[arrival.key] = arrival
        self._judge_next()

    def drop(self, folder: Path) -> None:
        """Judge nothing more of a folder."""
        for arrivals in (self._waiting, self._later):
            for key in [key for key, arrival in arrivals.items() if arrival.folder == folder]:
                del arrivals[key]

    def go_on(self, folder: Path) -> None:
        """Try again what could not be read, now that its folder is there."""
        for key, arrival in list(self._later.items()):
            if arrival.folder == folder or folder in arrival.path.parents:
                del self._later[key]
                self._waiting.setdefault(key, arrival)
        self._judge_next()

    def _resume(self) -> None:
        self._is_held = False
        self._judge_next()

    def _judge_next(self) -> None:
        if self._at_work is not None or not self._waiting or self._is_held or self._current.card is None:
            return
        arrival = self._at_work = self._waiting.pop(next(iter(self._waiting)))
        options = self._settings.screening_options()
        self._workers.run(
            partial(judge, arrival, self._service, self._repository, options),
            on_result=self._on_judged,
            on_error=partial(self._on_error, arrival),
            on_crash=partial(self._on_crash, arrival),
            priority=Priority.LOW,
        )

    def _on_judged(self, judged: Judged) -> None:
        self._at_work = None
        if judged.outcome is Outcome.LATER:
            if judged.arrival.key not in self._waiting:
                self._later[judged.arrival.key] = judged.arrival
        else:
            self._note([judged.arrival])
            self.judged.emit()
        self._judge_next()

    def _on_error(self, arrival: Arrival, error: MelaScreenError) -> None:
        """There is no model, or no history to write to: all wait."""
        self._at_work = None
        self._waiting = {arrival.key: arrival, **self._waiting}
        self._is_held = True
        self._again.start()
        self._notices.warn(error)

    def _on_crash(self, arrival: Arrival) -> None:
        self._at_work = None
        self._workers.run(
            partial(self._repository.finish, arrival, failure=program_error()),
            on_result=lambda _: self.judged.emit(),
            on_error=self._notices.warn,
        )
        self._judge_next()

    def _note(self, arrivals: Sequence[Arrival]) -> None:
        """Note results under the patients who were open when the pictures arrived."""
        for arrival in arrivals:
            if arrival.entry is not None and arrival.patient:
                self._noting.add(arrival.entry.id)
                self._patient.note(arrival.entry, arrival.patient)

    def _on_noted(self, entry_id: int) -> None:
        if entry_id in self._noting:
            self._noting.remove(entry_id)
            self._workers.run(partial(self._repository.noted, entry_id), on_error=self._notices.warn)
