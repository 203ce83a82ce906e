"""Hands what a start was asked to open over to a window of the same user that is open already.

The open window listens on a local socket: a pipe of the operating system's, which is no network and which only the
same user can open. Its name is drawn by chance and stands in a file in the user's data folder (`UserData.window`), so
that two users, or two data folders, don't mix. Without that file a start loads nothing of Qt's network module.

The window greets whoever connects, and only then does the other side send its message, a line of JSON: a window that
hangs is sent nothing that it might do later. The window answers, and the other start ends.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import re
import secrets
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.core.domain.patient import EARLIEST_BIRTH, Patient, Sex
from app.core.system.log import Event

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalSocket

_log = logging.getLogger(__name__)

VERSION = 1
"""Of the messages; a window understands its own only."""
PATIENCE = 2.0
"""Seconds that the open window has to answer, and that another start has to send its message."""
MOST_BYTES = 8 << 20
"""Of a message: more than any system takes on a command line."""
GREETING = b"MelaScreen %d\n" % VERSION
UNDERSTOOD = b"understood\n"
_NAME = re.compile(r"melascreen-[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a start was asked to open: a patient, and images or folders by their whole paths."""

    patient: Patient | None = None
    images: tuple[Path, ...] = ()


def as_message(wanted: Wanted) -> bytes:
    """The line that is sent."""
    patient = wanted.patient
    known = patient and {"identifier": patient.identifier, "birth_year": patient.birth_year, "sex": patient.sex}
    message = {"version": VERSION, "patient": known, "images": [str(path) for path in wanted.images]}
    return json.dumps(message).encode("ascii") + b"\n"


def from_message(line: bytes) -> Wanted:
    """What a line asks for. Raises `ValueError` where it can't be understood."""
    try:
        message = json.loads(line)
        known, images = message["patient"], message["images"]
        patient = None if known is None else _patient(**known)
        paths = tuple(map(Path, images))
        version = message["version"]
    except (TypeError, KeyError, RecursionError) as error:
        raise ValueError from error
    whole = all(path.is_absolute() and "\0" not in str(path) for path in paths)
    if version != VERSION or not whole:
        raise ValueError
    return Wanted(patient, paths)


def _patient(*, identifier: str, birth_year: int | None, sex: str | None) -> Patient:
    """A patient from what was sent. Raises `TypeError` and `ValueError`."""
    if not str.strip(identifier):
        raise ValueError
    if birth_year is not None and not EARLIEST_BIRTH <= birth_year <= dt.MAXYEAR:
        raise ValueError
    return Patient(identifier, birth_year, None if sex is None else Sex(sex))


def hand_over(wanted: Wanted, place: Path) -> bool:
    """Have the window whose name stands in the file `place` open something, and come to the front.

    False where no window is open, or where it did not answer in time. An application has to exist.
    """
    name = _name_in(place)
    if not name:
        return False
    try:
        from PySide6.QtNetwork import QLocalSocket  # here: it takes 10 ms, and mostly there is no window
    except ImportError as error:  # a system without a library that it needs
        _log.warning(Event.NO_HANDING_OVER, error)
        return False
    began = time.monotonic()
    socket = QLocalSocket()
    socket.connectToServer(name)
    if not _is_told(socket, as_message(wanted), began + PATIENCE):
        socket.abort()
        _log.info(Event.NOT_HANDED_OVER, time.monotonic() - began)
        return False
    _log.info(Event.HANDED_OVER, time.monotonic() - began)
    return True


def _is_told(socket: QLocalSocket, message: bytes, end: float) -> bool:
    """Whether the other side greets, takes the message and answers until `end` (`time.monotonic`)."""
    if not socket.waitForConnected(_milliseconds(end)) or _line(socket, end) != GREETING:
        return False
    if sys.platform == "win32":  # only a program that is in front may give that to another
        import ctypes

        ctypes.windll.user32.AllowSetForegroundWindow(-1)  # to any
    socket.write(message)
    while socket.bytesToWrite():
        if not socket.waitForBytesWritten(_milliseconds(end)):
            return False
    return _line(socket, end) == UNDERSTOOD


def _line(socket: QLocalSocket, end: float) -> bytes:
    """The other side's next line; what came of it where it is not whole in time."""
    while not socket.canReadLine() and socket.waitForReadyRead(_milliseconds(end)):
        pass
    return bytes(socket.readLine(len(GREETING) + len(UNDERSTOOD)).data())


def _milliseconds(end: float) -> int:
    return max(1, round(1000 * (end - time.monotonic())))


def _name_in(place: Path) -> str:
    """The socket's name in a file; empty where there is no such file, or something else in it."""
    try:
        name = place.read_text(encoding="ascii")
    except (OSError, ValueError):
        return ""
    return name if _NAME.fullmatch(name) else ""


class Listener(QObject):
    """Takes over what other starts of the program are asked to open, from when it listens until it is closed."""

    came = Signal(object)
    """With a `Wanted`."""

    def __init__(self, place: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._place = place
        self._name = ""

    def listen(self) -> None:
        """Begin to listen, and take the place of a window that did so and is gone or does not answer."""
        try:
            from PySide6.QtNetwork import QLocalServer
        except ImportError as error:
            _log.warning(Event.NO_HANDING_OVER, error)
            return
        if left := _name_in(self._place):
            QLocalServer.removeServer(left)  # the file of a window that was killed
        name = f"melascreen-{secrets.token_hex(16)}"
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connected)
        if not self._server.listen(name):
            _log.warning(Event.NO_HANDING_OVER, self._server.serverError())
            return
        try:
            self._place.parent.mkdir(parents=True, exist_ok=True)
            self._place.write_text(name, encoding="ascii")
        except OSError as error:  # the user's folder can't be written to, which the window says elsewhere
            _log.warning(Event.NO_HANDING_OVER, error)
            self._server.close()
            return
        self._name = name

    def close(self) -> None:
        """Listen no longer."""
        if not self._name:
            return
        if _name_in(self._place) == self._name:  # else a later window listens
            self._place.unlink(missing_ok=True)
        self._server.close()
        self._name = ""

    def _on_connected(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.setReadBufferSize(MOST_BYTES + 1)
            socket.readyRead.connect(partial(self._read, socket))
            socket.disconnected.connect(socket.deleteLater)
            QTimer.singleShot(round(1000 * PATIENCE), socket, socket.abort)
            socket.write(GREETING)
            socket.flush()

    def _read(self, socket: QLocalSocket) -> None:
        if not self._name:  # the window was closed meanwhile
            socket.abort()
            return
        if not socket.canReadLine():
            if socket.bytesAvailable() > MOST_BYTES:
                self._refuse(socket, ValueError())
            return
        try:
            wanted = from_message(bytes(socket.readLine().data()))
        except ValueError as error:
            self._refuse(socket, error)
            return
        socket.write(UNDERSTOOD)
        socket.flush()
        socket.disconnectFromServer()
        _log.info(Event.TAKEN_OVER, len(wanted.images), int(wanted.patient is not None))
        self.came.emit(wanted)

    def _refuse(self, socket: QLocalSocket, error: Exception) -> None:
        _log.warning(Event.NOT_UNDERSTOOD, error)
        socket.abort()
