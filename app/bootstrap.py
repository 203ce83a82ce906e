"""The only place that wires the parts together."""

from __future__ import annotations

import gc
import logging
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

# LiteRT before Qt: on Windows the other order has broken similar programs (packaging/hooks/litert_first.py too).
from app.core.screening.service import ScreeningService  # isort: split

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QFileOpenEvent, QIcon
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from app.core.domain.patient import Patient
from app.core.history.image_store import ImageStore
from app.core.history.repository import EntryRepository
from app.core.model.library import ModelLibrary
from app.core.system import log, paths
from app.core.system.log import Event, Plain
from app.core.system.version import version
from app.ui.look.appearance import Appearance
from app.ui.services import error_dialog
from app.ui.services.settings_store import SettingsStore
from app.ui.services.workers import Workers
from app.ui.window.hand_over import Listener, Wanted, hand_over
from app.ui.window.main_window import MainWindow
from app.ui.window.wiring import Core

_log = logging.getLogger(__name__)

LOADING_TIME = 60_000
"""Milliseconds; on a slow machine the model takes some seconds."""
UNPAINTED_TIME = 500
"""Milliseconds that the threads wait for the window to be painted."""


def run_window(
    images: Sequence[Path], model: Path | None, *, patient: Patient | None = None, began: float | None = None
) -> int:
    """Open the window with a patient and images; returns the exit status when it is closed. `model` as in
    `make_window`.

    A window of the same user's that is open already does it instead; but one with a `model` of its own stands alone.
    `began` is when the program did, by `time.perf_counter`, where it was earlier than now.
    """
    began = time.perf_counter() if began is None else began
    data = paths.user_data()
    log.start(data.log)
    error_dialog.install()
    application = make_application()
    wanted = Wanted(patient, tuple(path.absolute() for path in images))
    if model is None and hand_over(wanted, data.window):
        return 0
    _log.info(Event.STARTED, Plain(version()))
    window = make_window(model, data)
    opener = _Opener(window)
    application.installEventFilter(opener)
    listener = Listener(data.window, window)
    listener.came.connect(opener.open_wanted)
    application.lastWindowClosed.connect(listener.close)
    show(window, wanted.images, began, patient=patient, then=listener.listen if model is None else None)
    if not window.settings.current.welcomed:
        window.program.show_welcome()  # before the images' answers, which come behind it
    status = application.exec()
    listener.close()
    _log.info(Event.ENDED, time.perf_counter() - began)
    return status


def show(
    window: MainWindow,
    images: Sequence[Path] = (),
    began: float | None = None,
    *,
    patient: Patient | None = None,
    then: Callable[[], None] | None = None,
) -> None:
    """Show the window; once it is painted, start what runs behind it, open the patient and the images, and do what
    comes `then`. `began` as in `run_window`.

    From then on garbage is collected (`app/__main__.py`), but not among what stays until the end.
    """

    def on_painted() -> None:
        if began is not None:
            _log.info(Event.WINDOW_SHOWN, time.perf_counter() - began)
        window.start()
        gc.freeze()
        gc.enable()
        if patient is not None:
            window.patient.open(patient)
        window.opening.open_paths(images)
        if then is not None:
            then()

    _FirstPaint(window.empty, on_painted)
    window.show()


def open_and_close(model: Path, data: paths.UserData) -> None:
    """Open the window, let it load the model and draw itself, and close it. Raises what went wrong in it."""
    application = make_application()
    mistakes: list[BaseException] = []
    hook, sys.excepthook = sys.excepthook, lambda _kind, error, _trace: mistakes.append(error)
    try:
        window = make_window(model, data)
        show(window)
        window.current_model.changed.connect(lambda: QTimer.singleShot(200, window, window.close))
        QTimer.singleShot(LOADING_TIME, window, window.close)
        application.exec()
    finally:
        sys.excepthook = hook
    if mistakes:
        raise mistakes[0]


def make_application() -> QApplication:
    """The one `QApplication`, with its look."""
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    application.setApplicationName("MelaScreen")
    application.setDesktopFileName("melascreen")
    application.setWindowIcon(QIcon(str(paths.resources() / "icons" / "melascreen.svg")))
    Appearance.of(application)
    return application


def make_window(model: Path | None, data: paths.UserData) -> MainWindow:
    """The window with its history and settings among the user's `data`. Without a `model` it uses the chosen one."""
    images = ImageStore(data.images)
    history = EntryRepository(data.history, images)
    settings = SettingsStore(data.settings)
    models = ModelLibrary(data.models, paths.bundled_model(), override=model)
    service = ScreeningService(models.path(settings.current.model), history, images)
    appearance = Appearance.of(make_application())
    return MainWindow(Core(service, history, images, models, data, settings, Workers(), appearance))


class _FirstPaint(QObject):
    """Calls a function once: after a widget was painted, or after some time where it is not, as in a hidden window."""

    def __init__(self, widget: QWidget, then: Callable[[], None]) -> None:
        super().__init__(widget)
        self._widget, self._then = widget, then
        self._timer = QTimer(self, singleShot=True, interval=UNPAINTED_TIME)
        self._timer.timeout.connect(self._call)
        self._timer.start()
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self._timer.start(0)
        return False

    def _call(self) -> None:
        self._widget.removeEventFilter(self)
        self._then()


class _Opener(QObject):
    """Opens what macOS, or another start of the program, hands to the running program."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent):
            self._window.opening.open_paths([Path(event.file())])
            return True
        return super().eventFilter(watched, event)

    def open_wanted(self, wanted: Wanted) -> None:
        """Open the patient, then the images, which are noted there; the window comes to the front."""
        self._window.come_to_front()
        for dialog in self._window.findChildren(QDialog):
            if dialog.isVisible():
                dialog.reject()  # what it asks about is no longer what is shown
        if wanted.patient is not None:
            self._window.open_patient(wanted.patient)
        self._window.opening.open_paths(wanted.images)
